"""The tables' versions: create, upgrade, check. Each migration is one transaction, so a killed one leaves the
version before.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the tables to a revision (the newest by default). Creates them in an empty database."""
    with _connected(url) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(url: str, revision: str) -> None:
    """Bring the tables back to an older revision; `base` removes them."""
    with _connected(url) as connection:
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


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = _engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    except OperationalError as error:
        raise Unavailable(f"the database cannot be opened: {str(error.orig).splitlines()[0]}") from None
    except DatabaseError as error:
        raise DamagedDatabaseError(
            f"the database is damaged or no database ({error.orig}): restore the latest backup"
        ) from None
    finally:
        engine.dispose()


def _engine(url: str) -> Engine:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _connect(connection: object, _record: object) -> None:
            connection.isolation_level = None  # type: ignore[attr-defined] # we begin ourselves: DDL belongs into the transaction
            connection.execute("PRAGMA synchronous = FULL")  # type: ignore[attr-defined]

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
