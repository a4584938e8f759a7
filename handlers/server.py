"""The HTTP server: waitress, set up so that a slow client costs a socket and never a thread.

Why waitress, with the figures: docs/decisions/0002-wsgi-server.md.
"""

from __future__ import annotations

import errno
import ipaddress
import logging
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from waitress import wasyncore  # type: ignore[import-untyped]
from waitress.adjustments import Adjustments  # type: ignore[import-untyped]
from waitress.channel import HTTPChannel  # type: ignore[import-untyped]
from waitress.parser import HTTPRequestParser, ParsingError  # type: ignore[import-untyped]
from waitress.receiver import ChunkedReceiver  # type: ignore[import-untyped]
from waitress.server import TcpWSGIServer  # type: ignore[import-untyped]
from waitress.task import ThreadedTaskDispatcher  # type: ignore[import-untyped]
from waitress.utilities import BadRequest  # type: ignore[import-untyped]

from handlers.errors import HEADERS
from handlers.refusal import StartError

CONNECTIONS = 2000  # open at once: 900 slow ones must leave room for healthy ones

BACKLOG = (
    CONNECTIONS  # what the kernel keeps for us until we accept it; when it is full, clients wait a second and more
)
OTHER_FILES = 512  # database, logs, outgoing calls: files that connections must not use up
SILENCE_SECONDS = 10  # a connection on which nothing moves is closed
ARRIVAL_SECONDS = 30  # a request must be here as a whole; a byte now and then buys no more time
CLEANUP_SECONDS = 5
STOP_SECONDS = 5.0  # what running requests get to finish
HEAD_BYTES = 16 * 1024
BODY_BYTES = 2 * 1024 * 1024 + 64 * 1024  # an audience check of 10,000 recipients, and its surroundings
MEMORY_BYTES = 64 * 1024  # a longer body waits in a temporary file
FRAMING_BYTES = (
    32 * 1024
)  # of a chunked body, beside its content: chunks of one byte cost the main loop 100 times a block
FIRST_FRAMING_BYTES = 2 * 1024  # … and before content comes; then a quarter of it, as with chunks of about 20 bytes
SLICE_BYTES = 1024  # of a chunked body are looked at in one go
ALLOWED = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"


class PortBusyError(StartError):
    """The address cannot be listened on. The message names it and says what to do."""


def bind(host: str, port: int) -> socket.socket:
    """Listen on `host:port` (port 0: any free one); connections wait in the kernel until `Server.run` takes them.

    Listening here and not later is what finds a busy port: two sockets with SO_REUSEADDR may share an address for as
    long
    as neither listens. SO_REUSEADDR itself lets a restart use a port whose old connections still linger (TIME_WAIT).
    Raises `PortBusyError`.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise PortBusyError(_refusal(host, port, error)) from None
    family, kind, protocol, _, address = found[0]
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        raise PortBusyError(_refusal(host, port, error)) from None
    return sock


def _refusal(host: str, port: int, error: OSError) -> str:
    where = f"{host}:{port}" if ":" not in host else f"[{host}]:{port}"
    if error.errno == errno.EADDRINUSE:
        return f"{where} is in use by another program: stop that one, or choose another port with --port or server.port"
    if error.errno == errno.EACCES:
        return f"{where} is not ours to listen on: choose a port from 1024 with --port or server.port"
    if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return f"{where} is no address of this machine: choose another with --host or server.host, such as 127.0.0.1"
    return f"{where} cannot be listened on ({error.strerror}): choose another with --host and --port"


class Server:
    """Serves one WSGI application on one listening socket with `threads` worker threads, until it is stopped.

    Owns `sock` from the first `run` on. `trusted_proxy` is the one IP address whose X-Forwarded-For and -Proto are
    believed (None: nobody's); anything else raises `ValueError`.
    """

    def __init__(self, app: WSGIApplication, sock: socket.socket, threads: int, trusted_proxy: str | None) -> None:
        self.port: int = sock.getsockname()[1]
        self._app = refuse_trace(app)
        self._sock = sock
        self._thread_count = threads
        self._settings = _adjustments(trusted_proxy)
        self._listener: _Listener | None = None
        self._stopping = False
        self._lock = threading.RLock()  # re-entrant: a signal handler may call stop() in the thread that holds it

    def run(self) -> None:
        """Serve until `stop`; then let running requests finish within 5 s, and close every socket and thread."""
        threads = _Threads()
        connections: dict[int, Any] = {}
        listener = self._listener = _listen(self._app, self._sock, connections, threads, self._settings)
        try:
            threads.set_thread_count(self._thread_count)
            while not self._stopping:
                wasyncore.poll2(timeout=1.0, map=connections)
            _drain(listener, connections, time.monotonic() + STOP_SECONDS)
        finally:
            with self._lock:
                self._listener = None
            threads.shutdown(timeout=1)
            wasyncore.close_all(connections)
            self._sock.close()
            threads.join(1.0)

    def stop(self) -> None:
        """Ask `run` to end; returns at once. For any thread, for signal handlers, and as often as one likes."""
        self._stopping = True
        with self._lock:
            if self._listener is not None:
                self._listener.pull_trigger()


def refuse_trace(app: WSGIApplication) -> WSGIApplication:
    """The application, but TRACE is answered 405 on every path: it would mirror cookies and keys back."""

    def wrapped(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "TRACE":
            return app(environ, start_response)
        start_response("405 Method Not Allowed", [("Allow", ALLOWED), ("Content-Length", "0"), *_BARE_HEADERS])
        return [b""]

    return wrapped


_BARE_HEADERS = tuple(HEADERS.items())


def _adjustments(trusted_proxy: str | None) -> Any:
    proxy: dict[str, Any] = {}
    if trusted_proxy is not None:
        ipaddress.ip_address(trusted_proxy)
        proxy = {"trusted_proxy": trusted_proxy, "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"}}
    return Adjustments(
        backlog=BACKLOG,
        connection_limit=_room_for(CONNECTIONS),
        channel_timeout=SILENCE_SECONDS,
        cleanup_interval=CLEANUP_SECONDS,
        max_request_header_size=HEAD_BYTES,
        max_request_body_size=BODY_BYTES,
        inbuf_overflow=MEMORY_BYTES,
        asyncore_use_poll=True,
        ident="",
        expose_tracebacks=False,
        **proxy,
    )


def _room_for(connections: int) -> int:
    """How many connections the limit of open files allows, after raising it as far as we may. Each may need two files.

    Without this, a shell's usual 1,024 runs out before `connections` does, and accept() then fails in a hot loop.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * connections + OTHER_FILES
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return connections
    soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    room = max(16, min(connections, (soft - OTHER_FILES) // 2))
    if room < connections:
        logging.getLogger(__name__).warning("only %d connections: the limit of open files is %d", room, soft)
    return room


def _listen(
    app: WSGIApplication, sock: socket.socket, connections: dict[int, Any], threads: _Threads, settings: Any
) -> _Listener:
    where = (sock.family, sock.type, sock.proto, sock.getsockname())
    return _Listener(
        app, map=connections, _sock=sock, dispatcher=threads, adj=settings, sockinfo=where, bind_socket=False
    )


def _drain(listener: _Listener, connections: dict[int, Any], deadline: float) -> None:
    """Take no more connections, drop those that wait for a request, and write out the answers still under way."""
    wasyncore.dispatcher.close(listener)  # the listening socket only: workers still need the trigger
    while (left := deadline - time.monotonic()) > 0:
        channels = list(listener.active_channels.values())
        busy = [channel for channel in channels if channel.requests or channel.total_outbufs_len]
        for channel in channels:
            if channel not in busy:
                channel.handle_close()
        if not busy:
            return
        wasyncore.poll2(timeout=min(left, 1.0), map=connections)


class _Threads(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Worker threads that can be joined, and no log line for each request that waits for one."""

    queue_logger = logging.Logger("waitress.queue", logging.ERROR)  # noqa: LOG001 - nobody shall configure this one

    def __init__(self) -> None:
        super().__init__()
        self._started: list[threading.Thread] = []

    def start_new_thread(self, target: Callable[[int], None], thread_no: int) -> None:
        thread = threading.Thread(target=target, name=f"web-{thread_no}", args=(thread_no,), daemon=True)
        self._started.append(thread)
        thread.start()

    def join(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        for thread in self._started:
            thread.join(max(0.0, deadline - time.monotonic()))


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    """One request, refused where two readers could see its end in two places, or where it is frames and no content."""

    completed: bool
    error: Any

    def parse_header(self, header_plus: bytes) -> None:
        try:
            super().parse_header(header_plus)
        except ValueError:  # more digits than Python turns into a number
            raise ParsingError("Content-Length is invalid") from None
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("Content-Length beside Transfer-Encoding")

    def received(self, data: bytes) -> int:
        if not isinstance(self.body_rcv, ChunkedReceiver):
            return int(super().received(data))
        consumed = int(super().received(data[:SLICE_BYTES]))  # the receiver copies all that follows for every chunk
        content = len(self.body_rcv)
        framing = self.body_bytes_received - content
        if not self.completed and framing > min(FRAMING_BYTES, FIRST_FRAMING_BYTES + content // 4):
            self.error, self.completed = BadRequest("chunks too small"), True
        return len(data) if self.error else consumed


class _Channel(HTTPChannel):  # type: ignore[misc]
    """One connection. Its clock is monotonic, and the main loop keeps off an answer that a worker is writing."""

    parser_class = _Parser

    def __init__(self, *args: Any, **named: Any) -> None:
        self.waiting_since = time.monotonic()
        super().__init__(*args, **named)

    @property
    def last_activity(self) -> float:
        return self._active_at

    @last_activity.setter
    def last_activity(self, _wall_clock: float) -> None:
        self._active_at = time.monotonic()  # waitress sets time.time(), which an operator may set back by years

    def service(self) -> None:
        super().service()
        self.waiting_since = time.monotonic()

    def writable(self) -> bool:
        """Not while a worker holds the output: waitress would spin on it and starve that very worker of the GIL."""
        if not super().writable():
            return False
        if not self.requests:
            return True
        is_free: bool = self.outbuf_lock.acquire(blocking=False)
        if is_free:
            self.outbuf_lock.release()
        return is_free

    def write_soon(self, data: Any) -> int:
        written: int = super().write_soon(data)
        if self.total_outbufs_len:
            self.server.pull_trigger()  # the lock is free only now: let the main loop look again
        return written


class _Listener(TcpWSGIServer):  # type: ignore[misc]
    """The listening socket; closes connections that are silent, or that never finish their request."""

    channel_class = _Channel
    next_channel_cleanup = float("inf")  # waitress would clean up by the wall clock
    _cleanup_at = 0.0

    def readable(self) -> bool:
        now = time.monotonic()
        if now >= self._cleanup_at:
            self._cleanup_at = now + CLEANUP_SECONDS
            self.maintenance(now)
        is_open: bool = super().readable()
        return is_open

    def maintenance(self, now: float) -> None:
        super().maintenance(now)
        for channel in self.active_channels.values():
            is_waiting = not channel.requests and not channel.total_outbufs_len
            if is_waiting and channel.waiting_since < now - ARRIVAL_SECONDS:
                channel.will_close = True
