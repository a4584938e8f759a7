"""One suite on both databases: `database` is the URL of a fresh one with tables, `store` and `home` what is built upon it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from storage import migration
from storage.key import Keyring
from storage.store import Store, open_store
from tests.plugins.postgresql import PostgresqlServer
from tests.support.channel import SettableClock
from tests.support.house import KEYS, Home

DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
OpenStore = Callable[..., Store]


@pytest.fixture(autouse=True)
def quiet_log() -> Iterator[list[Any]]:
    """What was logged. Captured, because drawing a traceback for the terminal takes longer than the test."""
    with capture_logs() as entries:
        yield entries


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with empty tables, to be copied."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    migration.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_template(request: pytest.FixtureRequest) -> Iterator[str]:
    """A PostgreSQL database with empty tables, to be copied."""
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    name = server.create()
    migration.upgrade(server.url(name))
    try:
        yield name
    finally:
        server.drop(name)


@pytest.fixture(params=DATABASES)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgresql_database")
        return url
    return f"sqlite:///{tmp_path}/quietline.sqlite3"


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with empty tables."""
    if request.param == "sqlite":
        path = tmp_path / "quietline.sqlite3"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    name = server.create(request.getfixturevalue("postgresql_template"))
    try:
        yield server.url(name)
    finally:
        server.drop(name)


@pytest.fixture
def open_another(database: str) -> Iterator[OpenStore]:
    """Opens one more store on the same database, as another process would; all are closed afterwards."""
    opened: list[Store] = []

    def open_one(keys: Keyring = KEYS) -> Store:
        opened.append(open_store(database, keys))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def store(open_another: OpenStore) -> Store:
    """A store with empty tables."""
    return open_another()


@pytest.fixture
def clock() -> SettableClock:
    """The clock of the house."""
    return SettableClock()


@pytest.fixture
def home(store: Store, database: str, clock: SettableClock) -> Home:
    """A house with a Viber and a WeChat account whose platforms are fakes."""
    return Home(store, database, clock)
