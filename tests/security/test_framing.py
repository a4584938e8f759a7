"""The frame of a request: two lengths, lengths without end, chunks of one byte. Unsigned bytes must cost little."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import flask
import pytest

from handlers.server import FRAMING_BYTES, Server, bind

HEAD = b"POST /echo HTTP/1.1\r\nHost: localhost\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n"
NEXT = b"GET /secret HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@contextmanager
def serving() -> Iterator[int]:
    """The port of a server that says how long a body was."""
    app = flask.Flask("echo")
    app.add_url_rule("/echo", "echo", lambda: f"got {len(flask.request.get_data())}", methods=["POST"])
    app.add_url_rule("/secret", "secret", lambda: "smuggled")
    one = Server(app, bind("127.0.0.1", 0), threads=2, trusted_proxy=None)
    thread = threading.Thread(target=one.run)
    thread.start()
    try:
        yield one.port
    finally:
        one.stop()
        thread.join(20)


def answered(request: bytes) -> bytes:
    """Everything that came back until the server closed the connection."""
    with serving() as port, socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(request)
        answer = b""
        while part := client.recv(65_536):
            answer += part
        return answer


def body(size: int, count: int) -> bytes:
    """A chunked body without its end."""
    return b"%x\r\n%s\r\n" % (size, b"a" * size) * count


def test_a_length_beside_chunks_is_refused_and_nothing_after_it_is_read() -> None:
    answer = answered(CHUNKED + b"Content-Length: 4\r\n\r\n0\r\n\r\n" + NEXT)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"smuggled" not in answer


@pytest.mark.parametrize("digits", [5000, 15_000])
def test_a_length_of_thousands_of_digits_is_answered_with_400(digits: int) -> None:
    assert answered(HEAD + b"Content-Length: " + b"9" * digits + b"\r\n\r\n" + NEXT).startswith(b"HTTP/1.1 400 ")


LONG = 2 * FRAMING_BYTES
END = b"0\r\n\r\n"


@pytest.mark.parametrize(
    "framing",
    [
        pytest.param(body(1, LONG // 5) + END, id="chunks of one byte"),
        pytest.param(b"0" * LONG + body(5, 1) + END, id="the digits of a length"),
        pytest.param(b"5;" + b"a" * LONG + b"\r\nhello\r\n" + END, id="an extension of a chunk"),
        pytest.param(body(5, 1) + b"0\r\n" + b"a: b\r\n" * (LONG // 6) + b"\r\n", id="a trailer"),
    ],
)
def test_a_body_that_is_mostly_frame_is_cut_off(framing: bytes) -> None:
    answer = answered_or_reset(CHUNKED + b"Connection: close\r\n\r\n" + framing)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")


def answered_or_reset(request: bytes) -> bytes:
    """What came back; nothing when the server hung up on bytes that were still on their way."""
    try:
        return answered(request)
    except ConnectionError:
        return b""


def test_a_body_in_ordinary_chunks_is_read() -> None:
    close = CHUNKED + b"Connection: close\r\n\r\n"
    assert answered(close + body(1024, 1500) + b"0\r\n\r\n").endswith(b"got %d" % (1024 * 1500))


def test_two_chunked_requests_on_one_connection_are_both_answered() -> None:
    first = CHUNKED + b"\r\n" + body(5, 3) + b"0\r\nTrailer: x\r\n\r\n"
    last = CHUNKED + b"Connection: close\r\n\r\n" + body(7, 2) + b"0\r\n\r\n"
    answer = answered(first + last)
    assert (answer.count(b"got 15"), answer.count(b"got 14")) == (1, 1)
