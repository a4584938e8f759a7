"""What is wired together: settings -> house -> web application, delivery and worker."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pyexpat import EXPAT_VERSION

import structlog
from flask import Flask, Response, g, jsonify

from handlers import api, errors, webhooks
from handlers.clock import Clock, system_clock
from handlers.delivery import Delivery
from handlers.deps import House
from handlers.metrics import Metrics
from handlers.services.inbound import InboundService
from handlers.settings import Settings
from handlers.worker import Worker
from intents.builtin import builtin_recogniser
from intents.recogniser import Recogniser
from storage import schema_version
from storage.key import load_keys
from storage.store import Sql, open_store
from storage.token import DatabaseVault

MAX_BODY = 65_536
MAX_API_BODY = 2 * 1_048_576 + 65_536

log = structlog.get_logger("quietline")


@dataclass(slots=True)
class Service:
    """The running parts. `start` begins background work, `stop` ends it and lets go of the database."""

    house: House
    inbound: InboundService
    delivery: Delivery
    worker: Worker
    app: Flask

    def start(self) -> None:
        """Recover what a killed worker left, then deliver and work in the background."""
        self.delivery.recover(alone=self.house.settings.database.url.startswith("sqlite"))
        self.delivery.start()
        self.worker.start()

    def stop(self) -> None:
        """Finish what is under way."""
        self.worker.stop()
        self.delivery.stop()
        self.house.store.close()


def build_house(
    settings: Settings, clock: Clock = system_clock, recogniser: Callable[[], Recogniser] = builtin_recogniser
) -> House:
    """Open the database (creating its tables if it is empty) and the keys, and make each account's client.

    Raises what a start must stop at, each with one clear sentence: `storage.StorageError` and its kin.
    """
    recogniser()  # a broken phrase file stops the start, and the first message does not wait for the loading
    keys = load_keys(settings.keys_dir, may_create=not schema_version.holds_data(settings.database.url))
    schema_version.ensure(settings.database.url)
    store = open_store(settings.database.url, keys, settings.database.journal_mode)
    vault = DatabaseVault(store, clock)
    clients = {one.name: webhooks.make_client(one, vault, clock) for one in settings.accounts}
    return House(settings, store, recogniser, clients, clock)


def build(house: House) -> Service:
    """The service over a house: web application, delivery, worker."""
    inbound, delivery = InboundService(house), Delivery(house)
    house.wake = delivery.wake
    worker = Worker(house, inbound, delivery)
    return Service(house, inbound, delivery, worker, create_app(house, inbound))


def create_app(house: House, inbound: InboundService) -> Flask:
    """The web application: webhooks, API, health and metrics."""
    app = Flask("quietline", static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_API_BODY, MAX_FORM_MEMORY_SIZE=262_144, MAX_FORM_PARTS=100, TRUSTED_HOSTS=None
    )
    app.json.ensure_ascii = True  # type: ignore[attr-defined]
    app.url_map.merge_slashes = False  # a redirect to the tidied path would be built from the caller's Host header
    app.before_request(_name_request)
    errors.install(app)
    for blueprint in webhooks.blueprints(house.settings.accounts, inbound, house.clock):
        app.register_blueprint(blueprint)
    app.register_blueprint(api.blueprint(house))
    metrics = Metrics(app, house)
    _health(app, house, metrics)
    return app


def _name_request() -> None:
    g.request_id = secrets.token_hex(8)


def _health(app: Flask, house: House, metrics: Metrics) -> None:
    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify({"status": "ok"})

    @app.get("/readyz")
    def readyz() -> Response:
        house.store.read(lambda tx: tx.one(Sql("SELECT seq FROM ledger_head")))
        return jsonify({"status": "ready", "accounts": len(house.settings.accounts)})

    @app.get("/metrics")
    def metrics_page() -> Response:
        return Response(metrics.page(), content_type="text/plain; version=0.0.4; charset=utf-8")


def versions() -> dict[str, str]:
    """What the start prints of the libraries that matter for safety."""
    from ssl import OPENSSL_VERSION  # noqa: PLC0415

    return {"sqlite": sqlite3.sqlite_version, "expat": EXPAT_VERSION.removeprefix("expat_"), "openssl": OPENSSL_VERSION}
