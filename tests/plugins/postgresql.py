"""A real PostgreSQL server for the tests: one throw-away cluster for a whole run, shared by its workers, a fresh database for each test."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.plugins import cluster
from tests.plugins.requirement import refuse

OLDEST = 15  # the first version that the design promises to serve
FOLDER = "QUIETLINE_TEST_FOLDER"  # environment: where the workers of one run meet
GUARDIAN = "QUIETLINE_TEST_GUARDIAN"  # environment: process id of the run as a whole


@dataclass(frozen=True, slots=True)
class PostgresqlServer:
    """A running server on loopback whose user `quietline` may do anything without a password."""

    port: int

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of one of its databases."""
        return f"postgresql+psycopg://quietline@127.0.0.1:{self.port}/{database}"

    def create(self, template: str = "template1") -> str:
        """Create a database with a name of its own, as a copy of `template` (which nobody may be connected to); returns the name."""
        name = f"test_{uuid.uuid4().hex}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop(self, database: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self._run(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        place = f"postgresql://quietline@127.0.0.1:{self.port}/postgres"
        with psycopg.connect(place, autocommit=True) as connection:
            connection.execute(statement.encode())


def find_binaries() -> Path | None:
    """The folder of the newest installed server that is new enough, or None."""
    folders = set(Path("/usr/lib/postgresql").glob("*/bin")) | set(Path("/usr").glob("pgsql-*/bin"))
    in_path = shutil.which("postgres")
    if in_path is not None:
        folders.add(Path(in_path).resolve().parent)
    versions = [(version(folder), folder) for folder in folders]
    known = [(major, folder) for major, folder in versions if major >= OLDEST]
    return max(known)[1] if known else None


def version(binaries: Path) -> int:
    """The major version of the server in a folder; 0 when there is no complete server."""
    if not all((binaries / program).exists() for program in ("postgres", "initdb", "pg_isready")):
        return 0
    said = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    number = re.search(r"(\d+)", said)
    return int(number[1]) if number else 0


def pytest_configure(config: pytest.Config) -> None:
    """In the process that leads the run, make the folder where its workers meet; the workers inherit the environment."""
    if hasattr(config, "workerinput"):
        return
    folder = Path(tempfile.mkdtemp(prefix="quietline-tests-"))
    folder.chmod(0o755)  # PostgreSQL may have to run as somebody else
    os.environ[FOLDER] = str(folder)
    os.environ[GUARDIAN] = str(os.getpid())


def pytest_unconfigure(config: pytest.Config) -> None:
    """In the process that leads the run, end the cluster and remove the folder."""
    if hasattr(config, "workerinput"):
        return
    folder = Path(os.environ.pop(FOLDER))
    note = folder / "keeper"
    if note.exists():
        end_keeper(int(note.read_text()), folder / "cluster")
    shutil.rmtree(folder, ignore_errors=True)


def end_keeper(keeper: int, data: Path) -> None:
    """Tell the keeper to end its cluster, and wait until the files are gone: a keeper that nobody reaps would stay visible for ever."""
    try:
        os.kill(keeper, signal.SIGTERM)
    except ProcessLookupError:
        return
    deadline = time.monotonic() + cluster.PATIENCE
    while data.exists() and time.monotonic() < deadline:
        time.sleep(cluster.PAUSE)


def start_keeper(binaries: Path, folder: Path) -> int:
    """Start the process that keeps the cluster; returns its id. Not a Popen: it belongs to the run, not to the worker that came first."""
    log = str(folder / "keeper.log")
    command = [sys.executable, cluster.__file__, str(binaries), str(folder / "cluster"), os.environ[GUARDIAN]]
    streams = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    return os.posix_spawn(sys.executable, command, os.environ, file_actions=streams)


def wait_for_port(keeper: int, folder: Path) -> int:
    """The port of the cluster once it answers; fails with the keeper's words if it ends before."""
    note = folder / "cluster.port"
    deadline = time.monotonic() + 2 * cluster.PATIENCE
    while not note.exists():
        ended, _ = os.waitpid(keeper, os.WNOHANG)
        if ended or time.monotonic() > deadline:
            pytest.fail(f"PostgreSQL did not start:\n{(folder / 'keeper.log').read_text()}", pytrace=False)
        time.sleep(cluster.PAUSE)
    return int(note.read_text())


@pytest.fixture(scope="session")
def postgresql_server() -> PostgresqlServer:
    """The server of this test run; the first worker that asks starts it, the end of the run ends it."""
    binaries = find_binaries()
    if binaries is None:
        refuse(f"a PostgreSQL server, version {OLDEST} or later,", "apt-get install postgresql")
    folder = Path(os.environ[FOLDER])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        port = folder / "cluster.port"
        if port.exists():
            return PostgresqlServer(int(port.read_text()))
        keeper = start_keeper(binaries, folder)
        (folder / "keeper").write_text(str(keeper))
        return PostgresqlServer(wait_for_port(keeper, folder))


@pytest.fixture(scope="session")
def postgresql_url(postgresql_server: PostgresqlServer) -> str:
    """The SQLAlchemy URL of the server's maintenance database: for questions to the server, not for tables."""
    return postgresql_server.url("postgres")


@pytest.fixture
def postgresql_database(postgresql_server: PostgresqlServer) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database that only this test knows; dropped afterwards."""
    name = postgresql_server.create()
    try:
        yield postgresql_server.url(name)
    finally:
        postgresql_server.drop(name)
