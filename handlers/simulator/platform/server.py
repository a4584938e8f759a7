"""The stand-in's HTTP server on loopback: both platforms behind one port."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any, Self

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from handlers.clock import Clock, system_clock
from handlers.simulator.platform.bubble import Listener
from handlers.simulator.platform.callback import Poster, post
from handlers.simulator.platform.fault import Faults
from handlers.simulator.platform.viber import ViberPlatform
from handlers.simulator.platform.wechat import WeChatPlatform

POLL_SECONDS = 0.02
"""How long `stop` may have to wait for the server to notice."""


class _QuietHandler(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's own signature
        """Say nothing: the addresses of the requests hold access tokens."""


class Platform:
    """Both platforms. `with Platform() as platform:` serves; accounts then use `viber_api_url` and `wechat_api_url` as `api_url`."""

    def __init__(self, clock: Clock = system_clock, poster: Poster = post, port: int = 0) -> None:
        self.faults = Faults()
        self.viber = ViberPlatform(clock, self.faults, poster)
        self.wechat = WeChatPlatform(clock, self.faults, poster)
        self._port = port
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    def on_message(self, listener: Listener) -> None:
        """Call `listener` with every new bubble on any phone, from the thread in which it appears."""
        self.viber.transcript.on_message(listener)
        self.wechat.transcript.on_message(listener)

    def app(self) -> Flask:
        """The platforms as a WSGI application."""
        app = Flask("handlers.simulator.platform")
        app.register_blueprint(self.viber.routes(), url_prefix="/viber/pa")
        app.register_blueprint(self.wechat.routes(), url_prefix="/wechat/cgi-bin")
        return app

    def start(self) -> Self:
        """Listen on 127.0.0.1, on a free port unless one was asked for."""
        self._server = make_server("127.0.0.1", self._port, self.app(), threaded=True, request_handler=_QuietHandler)
        self._server.daemon_threads = True  # type: ignore[attr-defined]
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(POLL_SECONDS,), name="stand-in platform", daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening, and let go of everybody who was kept waiting."""
        self.faults.stop()
        if self._server and self._thread:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The server's address."""
        if self._server is None:
            raise RuntimeError("the stand-in platform is not started")
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def viber_api_url(self) -> str:
        """For a Viber account's `api_url`."""
        return f"{self.url}/viber/pa"

    @property
    def wechat_api_url(self) -> str:
        """For a WeChat account's `api_url`."""
        return f"{self.url}/wechat"
