"""Logs: one JSON object a line, only what is on the list, and never a reason for a request to fail."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from handlers import logs
from handlers.setting_table import Secret

CANARY = "canary-4711"


class Book(io.StringIO):
    """Where the lines go."""

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Each line, read as what it must be."""
        return [json.loads(line) for line in self.getvalue().splitlines()]

    @property
    def last(self) -> dict[str, Any]:
        """The last line."""
        return self.lines[-1]


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> Iterator[Book]:
    """Logs as the service writes them; afterwards as before."""
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    written = Book()
    logs.configure(written)
    yield written
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def test_a_line_says_when_in_utc_and_how_bad(book: Book) -> None:
    structlog.get_logger("quietline").warning("event_ignored", account="acme", reason="sticker")
    assert {key: book.last[key] for key in ("event", "level", "account", "reason")} == {
        "event": "event_ignored",
        "level": "warning",
        "account": "acme",
        "reason": "sticker",
    }
    assert book.last["timestamp"].endswith("Z")


def test_fields_that_are_not_on_the_list_are_left_out(book: Book) -> None:
    structlog.get_logger().info(
        "x", text=CANARY, body=CANARY, user_id=CANARY, token=CANARY, cookie=CANARY, query=CANARY
    )
    assert set(book.last) == {"event", "level", "timestamp"}


def test_a_line_is_one_line_of_ascii_whatever_it_holds(book: Book) -> None:
    structlog.get_logger().info("x", detail="退订\r\n{}\u2028\x1b[31m", reason=object())
    assert book.getvalue().isascii()
    assert book.getvalue().count("\n") == 1
    assert book.last["detail"] == "退订\r\n{}\u2028\x1b[31m"


def test_a_secret_hides_itself_in_every_field(book: Book) -> None:
    structlog.get_logger().error("x", detail=Secret(CANARY))
    assert CANARY not in book.getvalue()


def fail() -> None:
    """Raise what a library might, with a secret in its words."""
    raise ValueError(f"https://platform.example/send?access_token={CANARY}")


def test_an_exception_is_named_with_its_place_and_without_its_words(book: Book) -> None:
    try:
        fail()
    except ValueError:
        structlog.get_logger().exception("defect")
    assert book.last["exception"].startswith("ValueError at test_logs.py:")
    assert CANARY not in book.getvalue()


def test_an_exception_that_is_handed_over_is_named_too(book: Book) -> None:
    try:
        fail()
    except ValueError as error:
        kept = error
    structlog.get_logger().error("x", exc_info=kept)
    assert book.last["exception"].startswith("ValueError at test_logs.py:")
    structlog.get_logger().error("x", exc_info=True)
    assert book.last["exception"] == "unknown at ?"


def test_a_library_is_heard_without_what_it_filled_in(book: Book) -> None:
    logging.getLogger("some.library").warning("cannot reach %s", f"https://x/?secret={CANARY}")
    assert book.last["detail"] == "cannot reach %s"
    assert (book.last["name"], book.last["level"]) == ("some.library", "warning")
    logging.getLogger("some.library").error(f"cannot reach {CANARY}")  # noqa: G004 - as libraries do
    assert book.last["detail"] == ""
    assert book.last["path"].startswith("test_logs.py:")
    assert CANARY not in book.getvalue()


def test_a_library_does_not_chatter(book: Book) -> None:
    logging.getLogger("some.library").info("hello")
    for name in logs.NOISY:
        logging.getLogger(name).error("hello")
    assert book.lines == []


def test_our_own_modules_are_heard_in_full(book: Book) -> None:
    logging.getLogger("handlers.server").warning("only %d connections", 40)
    assert book.last["detail"] == "only 40 connections"


def test_configuring_twice_does_not_say_everything_twice(book: Book) -> None:
    logs.configure(book)
    logging.getLogger("some.library").warning("once")
    assert len(book.lines) == 1


def test_a_warning_of_python_is_a_line_like_any_other(book: Book) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn(CANARY, stacklevel=1)
    assert book.last["name"] == "py.warnings"
    assert CANARY not in book.getvalue()


def test_a_thread_that_dies_leaves_a_line_and_no_words(book: Book) -> None:
    thread = threading.Thread(target=fail, name="delivery")
    thread.start()
    thread.join()
    assert (book.last["event"], book.last["level"], book.last["name"]) == ("thread_died", "critical", "delivery")
    assert book.last["exception"].startswith("ValueError at test_logs.py:")
    assert CANARY not in book.getvalue()


def test_a_full_disk_loses_the_line_and_not_the_request(book: Book) -> None:
    class Full(io.StringIO):
        def write(self, _line: str) -> int:
            raise OSError(28, "No space left on device")

        def flush(self) -> None:
            raise ValueError("I/O operation on closed file")

    logs.configure(Full())
    structlog.get_logger().info("x")
    logs.configure(book)
    structlog.get_logger().info("y")
    assert [line["event"] for line in book.lines] == ["y"]


def test_lines_go_to_standard_error_unless_told_otherwise(book: Book, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    structlog.get_logger().info("x")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert json.loads(captured.err)["event"] == "x"
    assert sys.stderr is not None


def test_details_are_for_those_who_ask(book: Book) -> None:
    structlog.get_logger().debug("x")
    logs.configure(book, debug=True)
    structlog.get_logger().debug("y")
    assert [line["event"] for line in book.lines] == ["y"]
