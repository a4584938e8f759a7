"""The tables' versions: create, upgrade, check. Each migration is one transaction, so a killed one leaves the
version before.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import NullPool

from storage.error import DamagedDatabaseError, SchemaError, Unavailable

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x5155_4945_544C_494E  # "QUIETLIN": the advisory lock of schema changes


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the tables to a revision (the newest by default). Creates them in an empty database."""
    with _connected(url) as connection:
        _wait_for_others(connection)
        command.upgrade(_config(connection), revision)


def downgrade(url: str, revision: str) -> None:
    """Bring the tables back to an older revision; `base` removes them."""
    with _connected(url) as connection:
        _wait_for_others(connection)
        command.downgrade(_config(connection), revision)


def current(url: str) -> str | None:
    """The database's revision; None = it has no tables of ours."""
    with _connected(url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The revision that this program needs."""
    revision = ScriptDirectory.from_config(_config(None)).get_current_head()
    return revision or ""


def ensure(url: str) -> None:
    """Create the tables in an empty database; otherwise insist that they are of this version.

    Raises `SchemaError` for an older, newer or foreign database: upgrading is the operator's decision, after a backup.
    """
    with _connected(url) as connection:
        _wait_for_others(connection)
        found = MigrationContext.configure(connection).get_current_revision()
        tables = set(inspect(connection).get_table_names())
        if found is None and not tables:
            command.upgrade(_config(connection), "head")
            return
    needed = head()
    if found is None:
        raise SchemaError("the database holds tables of another program: set [database] url to an empty one")
    if found == needed:
        return
    known = {one.revision for one in ScriptDirectory.from_config(_config(None)).walk_revisions()}
    if found in known:
        raise SchemaError(
            f"the database has the older schema {found}: make a backup, then run `quietline database upgrade`"
        )
    raise SchemaError(
        f"the database has the schema {found} of a newer Quietline: run that version, or restore a backup"
    )


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    return config


def _wait_for_others(connection: Connection) -> None:
    """Two workers that start at once on an empty database must not both create the tables. SQLite's begin locks already."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = _engine(url)
    name = engine.url.database if engine.dialect.name == "sqlite" else engine.url.render_as_string(hide_password=True)
    try:
        with engine.begin() as connection:
            yield connection
    except OperationalError as error:
        reason = next(iter(str(error.orig).splitlines()), "no reason given")
        raise Unavailable(f"the database {name} cannot be opened ({reason}): {_remedy(engine)}") from None
    except DatabaseError as error:
        raise DamagedDatabaseError(
            f"the database {name} is damaged or no Quietline database ({error.orig}): restore the latest backup"
        ) from None
    finally:
        engine.dispose()


def _remedy(engine: Engine) -> str:
    if engine.dialect.name != "sqlite":
        return "check that the server runs and lets us in"
    return "check that its folder exists, that it may be written, and that no other program holds it"


def _make_private(path: str | None) -> None:
    """Create the file so that only its owner may read it: the platform's user ids stand in it."""
    if path and path != ":memory:":
        with suppress(OSError):  # it exists, or cannot be made: the connection says so
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _engine(url: str) -> Engine:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        _make_private(engine.url.database)

        @event.listens_for(engine, "connect")
        def _connect(connection: object, _record: object) -> None:
            connection.isolation_level = None  # type: ignore[attr-defined] # we begin ourselves: DDL belongs into the transaction
            connection.execute("PRAGMA synchronous = EXTRA")  # type: ignore[attr-defined] # the journal is deleted here

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
