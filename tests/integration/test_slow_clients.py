"""The server holds slow and half-open clients without making healthy ones wait, and starts and stops cleanly."""

from __future__ import annotations

import errno
import http.client
import json
import resource
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from types import MappingProxyType, SimpleNamespace
from typing import Self
from wsgiref.simple_server import WSGIRequestHandler, make_server

import flask
import pytest

from handlers import server
from handlers.server import PortBusyError, Server, bind

HOST = "127.0.0.1"
PATIENCE = 4.0  # seconds: WeChat gives up after 5
HEAD = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
BEGINNINGS = {
    "half a head": HEAD,
    "half a body": HEAD + b"Content-Length: 1000\r\n\r\n0123456789",
    "silence": b"",
}
KINDS = [*BEGINNINGS, "all of them"]


def echo_app() -> flask.Flask:
    app = flask.Flask("echo")

    @app.post("/echo")
    def echo() -> dict[str, object]:
        request = flask.request
        return {"length": len(request.get_data()), "from": request.remote_addr, "scheme": request.scheme}

    return app


@contextmanager
def serving(app: flask.Flask, *, trusted_proxy: str | None = None) -> Iterator[Server]:
    """A server of two worker threads on a free port: fewer threads than slow clients of any kind."""
    one = Server(app, bind(HOST, 0), threads=2, trusted_proxy=trusted_proxy)
    thread = threading.Thread(target=one.run, name="server")
    thread.start()
    try:
        yield one
    finally:
        one.stop()
        thread.join(20)
        assert not thread.is_alive()


class SlowClients:
    """Clients that begin, never finish, and on each `trickle` send one more byte, as a slow line would."""

    def __init__(self, port: int, kind: str, count: int) -> None:
        names = [kind] if kind in BEGINNINGS else list(BEGINNINGS)
        self._stack = ExitStack()
        self.sockets = []
        self._kinds = []
        for number in range(count):
            name = names[number % len(names)]
            sock = self._stack.enter_context(socket.create_connection((HOST, port), timeout=PATIENCE))
            sock.sendall(BEGINNINGS[name])
            self.sockets.append(sock)
            self._kinds.append(name)

    def trickle(self) -> None:
        for name, sock in zip(self._kinds, self.sockets, strict=True):
            if name != "silence":
                sock.sendall(b"x")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()


Answer = tuple[int, dict[str, str], bytes]


def ask(
    port: int,
    method: str = "POST",
    path: str = "/echo",
    body: bytes = b"healthy",
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Answer:
    """One healthy request on a connection of its own. The kernel hands connections over in order: when this one is
    answered, every connection opened before it has been accepted."""
    connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE)
    try:
        connection.request(method, path, body, dict(headers))
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


def healthy_length(port: int) -> int:
    status, _, body = ask(port)
    assert status == 200
    length: int = json.loads(body)["length"]
    return length


def all_healthy_while_slow(port: int, kind: str, count: int) -> None:
    with SlowClients(port, kind, count) as slow:
        for _ in range(3):
            assert healthy_length(port) == 7
            slow.trickle()
        assert healthy_length(port) == 7


@pytest.mark.parametrize("kind", KINDS)
def test_a_healthy_request_is_answered_beside_150_slow_clients(kind: str) -> None:
    with serving(echo_app()) as one:
        all_healthy_while_slow(one.port, kind, 150)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_healthy_request_is_answered_beside_900_slow_clients(kind: str) -> None:
    with serving(echo_app()) as one:
        if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 3000:
            pytest.skip("900 clients and their server in one process need `ulimit -Hn` of 3000 or more")
        all_healthy_while_slow(one.port, kind, 900)


@pytest.mark.parametrize("kind", KINDS)
def test_control_the_same_clients_shut_out_healthy_ones_when_connections_are_few(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CONNECTIONS", 100)  # what waitress allows unless told otherwise
    monkeypatch.setattr(f"{__name__}.PATIENCE", 0.5)
    with serving(echo_app()) as one, pytest.raises(TimeoutError):
        all_healthy_while_slow(one.port, kind, 150)


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        return


@pytest.mark.parametrize("kind", BEGINNINGS)
def test_control_one_slow_client_of_each_kind_stops_a_server_that_reads_in_its_worker(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{__name__}.PATIENCE", 0.5)
    with make_server(HOST, 0, echo_app(), handler_class=_Silent) as plain:
        thread = threading.Thread(target=plain.serve_forever)
        thread.start()
        try:
            with pytest.raises(TimeoutError):
                all_healthy_while_slow(plain.server_port, kind, 1)
        finally:
            plain.shutdown()
            thread.join(20)


def test_a_request_that_trickles_past_its_deadline_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "SILENCE_SECONDS", 3600)
    with serving(echo_app()) as one, SlowClients(one.port, "half a body", 1) as slow:
        slow.trickle()
        healthy_length(one.port)  # so that the slow one has been accepted
        _clean_up(one, at=time.monotonic() + server.ARRIVAL_SECONDS + 1)
        assert slow.sockets[0].recv(1) == b""


def test_a_request_that_is_slow_but_in_time_is_answered() -> None:
    with serving(echo_app()) as one, SlowClients(one.port, "half a body", 1) as slow:
        healthy_length(one.port)
        _clean_up(one, at=time.monotonic() + server.SILENCE_SECONDS - 5)
        slow.sockets[0].sendall(b"x" * 990)
        assert slow.sockets[0].recv(12) == b"HTTP/1.1 200"


@pytest.mark.parametrize("kind", BEGINNINGS)
def test_a_connection_that_fell_silent_is_closed(kind: str) -> None:
    with serving(echo_app()) as one, SlowClients(one.port, kind, 1) as slow:
        healthy_length(one.port)
        _clean_up(one, at=time.monotonic() + server.SILENCE_SECONDS + 1)
        assert slow.sockets[0].recv(1) == b""


def test_silence_is_noticed_though_the_wall_clock_was_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "SILENCE_SECONDS", 1)
    monkeypatch.setattr(server, "CLEANUP_SECONDS", 0)
    with serving(echo_app()) as one, SlowClients(one.port, "half a head", 1) as slow:
        for module in ("waitress.server.time", "waitress.channel.time"):
            monkeypatch.setattr(module, SimpleNamespace(time=lambda: 0.0))
        assert slow.sockets[0].recv(1) == b""


def _clean_up(one: Server, at: float) -> None:
    """Has the server do, in its own thread, what it does every few seconds, as of the monotonic time `at`."""
    listener = one._listener
    assert listener is not None
    is_done = threading.Event()

    def maintain() -> None:
        listener.maintenance(at)
        is_done.set()

    listener.trigger.pull_trigger(maintain)
    assert is_done.wait(PATIENCE)


def test_a_long_answer_arrives_whole_though_the_client_reads_late() -> None:
    app = echo_app()
    piece, pieces = b"0123456789abcdef" * 65536, 24  # 24 MiB: more than waitress keeps before the worker must wait

    @app.get("/long")
    def long() -> flask.Response:
        return flask.Response((piece for _ in range(pieces)), mimetype="text/plain")

    with serving(app) as one:
        status, _, body = ask(one.port, "GET", "/long")
    assert (status, len(body)) == (200, len(piece) * pieces)


def test_trace_is_refused_on_every_path() -> None:
    with serving(echo_app()) as one:
        for path in ("/echo", "/nowhere"):
            status, headers, body = ask(one.port, "TRACE", path, b"")
            assert (status, body) == (405, b"")
            assert "TRACE" not in headers["Allow"]


def test_no_answer_names_the_server() -> None:
    with serving(echo_app()) as one:
        for answer in (
            ask(one.port),
            ask(one.port, "GET", "/nowhere"),
            ask(one.port, body=b"", headers={"Padding": "x" * 20_000}),
        ):
            status, headers, body = answer
            assert "Server" not in headers
            assert "Via" not in headers
            assert b"waitress" not in body.lower(), status


def test_heads_and_bodies_that_are_too_long_are_refused_and_long_audiences_are_not() -> None:
    with serving(echo_app()) as one:
        assert ask(one.port, headers={"Padding": "x" * 20_000})[0] == 431
        assert ask(one.port, body=b"", headers={"Content-Length": str(server.BODY_BYTES)})[0] == 413
        status, _, body = ask(one.port, body=b"x" * 2**21)
        assert (status, json.loads(body)["length"]) == (200, 2**21)


def test_forwarded_headers_are_believed_only_from_the_named_proxy() -> None:
    forwarded = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https"}
    for proxy, seen in (
        (HOST, ("192.0.2.7", "https")),
        ("192.0.2.99", (HOST, "http")),
        (None, (HOST, "http")),
    ):
        with serving(echo_app(), trusted_proxy=proxy) as one:
            answer = json.loads(ask(one.port, headers=forwarded)[2])
        assert (answer["from"], answer["scheme"]) == seen


def test_a_proxy_that_is_no_single_address_is_refused() -> None:
    with bind(HOST, 0) as sock, pytest.raises(ValueError, match=r"\*"):
        Server(echo_app(), sock, threads=1, trusted_proxy="*")


def test_a_busy_port_is_named_in_one_sentence() -> None:
    with bind(HOST, 0) as sock:
        port = sock.getsockname()[1]
        with pytest.raises(PortBusyError, match=rf"127\.0\.0\.1:{port} is in use .* --port"):
            bind(HOST, port)


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        (OSError(errno.EADDRNOTAVAIL, "Cannot assign"), r"\[2001:db8::1\]:80 is no address of this machine: .* --host"),
        (socket.gaierror(socket.EAI_NONAME, "unknown"), r"\[2001:db8::1\]:80 is no address of this machine: .* --host"),
        (OSError(errno.EACCES, "Permission denied"), r"\[2001:db8::1\]:80 is not ours to listen on: .* --port"),
        (OSError(errno.ENOBUFS, "No room"), r"\[2001:db8::1\]:80 cannot be listened on \(No room\)"),
    ],
)
def test_an_address_that_cannot_be_listened_on_is_named_with_what_to_do(
    reason: OSError, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise reason

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with pytest.raises(PortBusyError, match=sentence):
        bind("2001:db8::1", 80)


def test_a_port_can_be_used_again_at_once_after_a_stop() -> None:
    with serving(echo_app()) as one:
        healthy_length(one.port)
        with SlowClients(one.port, "silence", 1):
            healthy_length(one.port)
            one.stop()
    bind(HOST, one.port).close()


class LongRequest:
    """A request that is being answered, in a thread of its own, until it `may_end`."""

    def __init__(self, app: flask.Flask) -> None:
        self.has_begun, self.may_end = threading.Event(), threading.Event()
        self.outcome: object = None
        app.add_url_rule("/long", view_func=self._view)

    def _view(self) -> str:
        self.has_begun.set()
        assert self.may_end.wait(60)
        return "done"

    def start(self, port: int) -> None:
        self._thread = threading.Thread(target=self._ask, args=(port,))
        self._thread.start()
        assert self.has_begun.wait(PATIENCE)

    def _ask(self, port: int) -> None:
        try:
            self.outcome = ask(port, "GET", "/long")[2]
        except (OSError, http.client.HTTPException) as error:
            self.outcome = error

    def end(self) -> object:
        self.may_end.set()
        self._thread.join(20)
        return self.outcome


def assert_soon_refused(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            socket.create_connection((HOST, port), timeout=PATIENCE).close()
        except ConnectionRefusedError:
            return
        except ConnectionResetError:
            continue
    pytest.fail("the server still takes connections")


def test_a_running_request_finishes_after_stop_and_later_ones_are_refused() -> None:
    app = echo_app()
    request = LongRequest(app)
    with serving(app) as one, SlowClients(one.port, "all of them", 6):
        request.start(one.port)
        one.stop()
        assert_soon_refused(one.port)
        assert request.end() == b"done"


def test_a_request_that_does_not_finish_cannot_hold_up_a_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "STOP_SECONDS", 0.0)
    app = echo_app()
    request = LongRequest(app)
    with serving(app) as one:
        request.start(one.port)
    assert isinstance(request.end(), OSError | http.client.HTTPException)


def test_a_stopped_server_leaves_no_thread_and_no_socket() -> None:
    before = set(threading.enumerate())
    sock = bind(HOST, 0)
    one = Server(echo_app(), sock, threads=4, trusted_proxy=None)
    thread = threading.Thread(target=one.run)
    thread.start()
    healthy_length(one.port)
    one.stop()
    one.stop()
    thread.join(20)
    assert set(threading.enumerate()) <= before
    assert sock.fileno() == -1


def test_a_stop_before_the_start_ends_the_run_at_once() -> None:
    one = Server(echo_app(), bind(HOST, 0), threads=1, trusted_proxy=None)
    one.stop()
    one.run()
    with pytest.raises(ConnectionRefusedError):
        ask(one.port)
