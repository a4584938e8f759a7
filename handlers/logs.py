"""One JSON object a line, ASCII, UTC, and only fields on the list: no bodies, tokens, query strings, names or words
of contacts.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

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


def configure(stream: TextIO | None = None, *, debug: bool = False) -> None:
    """Send every log of the process to `stream` (standard error by default) in our form.

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
        logger_factory=structlog.WriteLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _exception_name(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The exception's type and place, never its text: messages of libraries hold addresses with secrets."""
    info = event.pop("exc_info", None)
    if info:
        kind, _value, trace = sys.exc_info()
        while trace and trace.tb_next:
            trace = trace.tb_next
        place = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else "?"
        event["exception"] = f"{kind.__name__ if kind else 'unknown'} at {place}"
    return event


def _only_allowed(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: value for key, value in event.items() if key in ALLOWED}
