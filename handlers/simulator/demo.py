"""`quietline demo`: the service with invented accounts, a stand-in for both platforms, sample history, and two phones in the browser."""

from __future__ import annotations

import contextlib
import logging
import shutil
import signal
import tempfile
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self
from urllib.parse import urlsplit

import structlog

from handlers import logs
from handlers.app import Service, build, build_house
from handlers.refusal import StartError
from handlers.server import Server, bind
from handlers.simulator import brand, gate, sample
from handlers.simulator.act import Acts
from handlers.simulator.feed import Feeds
from handlers.simulator.overhear import Readings
from handlers.simulator.page import LOOPBACK, Page
from handlers.simulator.platform import Platform
from handlers.simulator.platform.callback import Answer, post
from handlers.simulator.shift import ShiftedClock
from handlers.simulator.view import View

DATABASE = "quietline.sqlite3"


class FolderUsedError(StartError):
    """The folder already holds a service's data. The message says what to do."""


class Demo:
    """One running demo. `open` makes it ready, `serve` answers until `stop`, `close` lets go of everything.

    Raises `PortBusyError`, `FolderUsedError`, and what stops every start of the service.
    """

    def __init__(self, host: str, port: int, folder: Path | None = None) -> None:
        self._host, self._port, self._folder = host, port, folder
        self._closing = ExitStack()
        self._clock = ShiftedClock()
        self._through = post
        self._server: Server | None = None
        self.is_serving = False
        self.feeds, self.readings = Feeds(), Readings()

    def __enter__(self) -> Self:
        try:
            self._open()
        except BaseException:
            self._closing.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    def _open(self) -> None:
        sock = bind(self._host, self._port)
        self._closing.callback(sock.close)
        self._port = sock.getsockname()[1]
        folder = self._prepare_folder()
        platform = self._closing.enter_context(Platform(self._clock, self._post))
        settings = brand.settings(folder, platform, brand.invent_secrets(), self.url)
        brand.open_accounts(platform, settings, self.url)
        house = build_house(settings, self._clock)
        house.recogniser = self.readings.listen(house.recogniser)
        service = build(house)
        self._closing.callback(service.stop)
        self._furnish(platform, service)
        service.start()
        self._server = Server(service.app, sock, settings.server.threads, None)

    def _furnish(self, platform: Platform, service: Service) -> None:
        """The phones, what can be done with them, their page and their past."""
        house = service.house
        for side in (platform.viber, platform.wechat):
            side.transcript.on_message(self.feeds.show)
        acts = Acts(house, platform, self.feeds)
        view = View(house, self.feeds, self.readings)
        page = Page(house.settings.accounts, view, acts, self.feeds, is_private=self._host in LOOPBACK)
        self._closing.callback(page.queue.stop)
        service.app.register_blueprint(page.blueprint())
        self._play_sample(service, acts)
        if gate.has_api(service.app):
            acts.gate = gate.through_api(house, self.url)

    def _prepare_folder(self) -> Path:
        if self._folder is None:
            folder = Path(tempfile.mkdtemp(prefix="quietline-demo-"))
            self._closing.callback(shutil.rmtree, folder, ignore_errors=True)
            return folder
        if (self._folder / DATABASE).exists():
            raise FolderUsedError(f"{self._folder} already holds a service's data: choose an empty folder for the demo")
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder

    @property
    def url(self) -> str:
        """The address of the page's server, as this machine reaches it."""
        everywhere = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - looked up, not bound
        host = everywhere.get(self._host, self._host)
        return f"http://[{host}]:{self._port}" if ":" in host else f"http://{host}:{self._port}"

    def _post(self, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        return self._through(url, body, headers)

    def _play_sample(self, service: Service, acts: Acts) -> None:
        """Nothing listens yet, so the callbacks go straight into the application: same routes, same signatures, no sockets."""
        client = service.app.test_client()

        def through(url: str, body: bytes, headers: dict[str, str]) -> Answer:
            parts = urlsplit(url)
            answer = client.post(f"{parts.path}?{parts.query}", data=body, headers=headers)
            return Answer(answer.status_code, answer.content_type or "", answer.data)

        def settle() -> None:
            service.worker.fire_timers()
            while service.delivery.run_due():
                pass

        self._through = through
        sample.play(acts, self._clock, settle)
        self._through = post

    def serve(self) -> None:
        """Answer requests until `stop`."""
        if self._server is not None:
            self.is_serving = True
            self._server.run()

    def stop(self) -> None:
        """Ask `serve` to end; from any thread or signal handler."""
        if self._server is not None:
            self._server.stop()


def run(
    host: str, port: int, folder: Path | None, open_browser: bool = False, say: Callable[[str], None] = print
) -> None:
    """Run the demo until Ctrl-C or SIGTERM. Files go to a temporary folder that is removed at the end, or stay in `folder`.

    `say` gets the lines for the terminal. Raises what `Demo` raises, each with one clear sentence.
    """
    logs.configure()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    demo = Demo(host, port, folder)
    with _ending_by_signal(demo), contextlib.suppress(KeyboardInterrupt):
        say("Getting the demo ready …")
        with demo:
            say(f"Quietline demo: {demo.url}/demo")
            say("Two phones, real callbacks, and nothing leaves this machine. Ctrl-C ends it.")
            if open_browser:
                webbrowser.open(f"{demo.url}/demo")
            demo.serve()
    left = "nothing is left behind" if folder is None else f"its files are in {folder}"
    say(f"The demo has ended; {left}.")


@contextlib.contextmanager
def _ending_by_signal(demo: Demo) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the serving; before that they break off the preparations, which clear up after themselves."""

    def end(_number: int, _frame: FrameType | None) -> None:
        if demo.is_serving:
            demo.stop()
        else:
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may listen to signals
        return
    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
