"""`quietline serve` and `quietline demo`."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click
import structlog

from handlers import app as app_module
from handlers import settings as settings_module
from handlers.cli.option import check_database, config_option
from handlers.server import Server, bind

log = structlog.get_logger("quietline")


@click.command()
@config_option
@click.option("--host", help="Address to listen on; overrides [server] host.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; overrides [server] port.")
def serve(config: Path, host: str | None, port: int | None) -> None:
    """Run the service: webhooks, API, delivery and clocks in one process.

    Ready when GET /readyz answers 200. Ends on SIGTERM or Ctrl-C after what is under way (a few seconds). Logs go to
    standard error, one JSON object a line.

    \b
    Examples:
      quietline serve --config quietline.toml
      quietline serve --host 0.0.0.0 --port 8080
    """
    settings = settings_module.load(config)
    sock = bind(host or settings.server.host, settings.server.port if port is None else port)
    try:
        check_database(settings)
        house = app_module.build_house(settings)
    except BaseException:
        sock.close()
        raise
    service = app_module.build(house)
    server = Server(service.app, sock, settings.server.threads, settings.server.trusted_proxy)
    _stop_on_signals(server)
    if settings.phrases_dir:
        log.warning("setting_has_no_effect_yet", name="phrases.dir", detail="the shipped phrase files are read")
    log.info("starting", versions=app_module.versions(), port=server.port, host=host or settings.server.host)
    service.start()
    try:
        server.run()
    finally:
        service.stop()
        log.info("stopped")


def _stop_on_signals(server: Server) -> None:
    def stop(_signal: int, _frame: object) -> None:
        threading.Thread(target=server.stop, name="stopper").start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="Port to listen on.")
@click.option("--browser/--no-browser", default=False, help="Open the page in your browser.")
def demo(host: str, port: int, browser: bool) -> None:
    """Two phones in your browser: write as a contact and watch what is understood, decided and recorded.

    Needs no credentials: it invents two accounts and stands in for both platforms. What you type travels as real signed
    (Viber) and encrypted (WeChat) callbacks. Everything is thrown away at the end (Ctrl-C).

    \b
    Examples:
      quietline demo --browser
      quietline demo --port 0
    """
    from handlers.simulator import demo as demo_module  # noqa: PLC0415 - only the demo needs the simulator

    demo_module.run(host, port, None, open_browser=browser, say=click.echo)
