"""One JSON object a line, ASCII, UTC, and only fields on the list: no bodies, tokens, query strings, names or words
of contacts.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, TextIO

import structlog

from handlers.setting_table import Secret

ALLOWED = frozenset(
    {
        "account",
        "actor",
        "attempts",
        "bytes",
        "channel",
        "code",
        "count",
        "detail",
        "event",
        "exception",
        "host",
        "inbox_id",
        "level",
    }
    | {
        "method",
        "name",
        "outbox_id",
        "path",
        "port",
        "problem",
        "reason",
        "request_id",
        "route",
        "seconds",
        "status",
        "timer",
    }
    | {"timestamp", "url", "version", "versions"}
)
NOISY = ("viber.bot.api", "viberbot", "wechatpy", "urllib3", "requests", "waitress.queue")
OURS = ("handlers.", "storage.", "quietline.")


def configure(stream: TextIO | None = None, *, debug: bool = False) -> None:
    """Send every log of the process to `stream` (standard error by default) in our form: ours, those of libraries,
    Python's warnings, and threads that die.

    The SDKs' own loggers write tokens and message texts at DEBUG: they are cut off above that level whatever is asked.
    """
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _exception_name,
            _only_allowed,
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if debug else logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(_Sink(stream)),  # type: ignore[arg-type]
        cache_logger_on_first_use=False,
    )
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if not isinstance(one, _Bridge)] + [_Bridge(logging.WARNING)]
    logging.captureWarnings(capture=True)
    threading.excepthook = _thread_died


class _Sink:
    """Where lines go. A full disk or a closed pipe loses the line, never the request that wanted to write it."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def write(self, line: str) -> int:
        """Write a line, or lose it."""
        try:
            return (self._stream or sys.stderr).write(line)
        except (OSError, ValueError):
            return 0

    def flush(self) -> None:
        """Hand over what was written, or lose it."""
        try:
            (self._stream or sys.stderr).flush()
        except (OSError, ValueError):
            return


class _Bridge(logging.Handler):
    """What libraries log, in our form. Their sentences may hold addresses and bodies: only a sentence that was written
    in their source (a template, without its arguments) is kept.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        is_ours = record.name.startswith(OURS)
        said = record.getMessage() if is_ours else str(record.msg) if record.args else ""
        structlog.get_logger().log(
            record.levelno,
            "library_log",
            name=record.name,
            detail=said,
            path=f"{record.filename}:{record.lineno}",
            exc_info=record.exc_info,
        )


def _thread_died(arguments: threading.ExceptHookArgs) -> None:
    where = arguments.thread.name if arguments.thread else "?"
    found = (arguments.exc_type, arguments.exc_value, arguments.exc_traceback)
    structlog.get_logger().critical("thread_died", name=where, exc_info=found)


def _exception_name(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The exception's type and place, never its text: messages of libraries hold addresses with secrets."""
    info = event.pop("exc_info", None)
    if info:
        kind, trace = _kind_and_trace(info)
        while trace and trace.tb_next:
            trace = trace.tb_next
        place = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else "?"
        event["exception"] = f"{kind.__name__ if kind else 'unknown'} at {place}"
    return event


def _kind_and_trace(info: Any) -> tuple[type[BaseException] | None, TracebackType | None]:
    if isinstance(info, BaseException):
        return type(info), info.__traceback__
    kind, _value, trace = info if isinstance(info, tuple) else sys.exc_info()
    return kind, trace


def _only_allowed(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: repr(value) if isinstance(value, Secret) else value for key, value in event.items() if key in ALLOWED}
