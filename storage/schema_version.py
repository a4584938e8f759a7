"""Which schema a database has, asked through the driver alone.

Alembic and SQLAlchemy take a second to import and are needed only when tables are made or changed, so a start that finds its own schema
does without them.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

HEAD = "0001"
"""The newest migration (a test holds it to `storage.migration.head()`)."""

_ASK = "SELECT version_num FROM alembic_version"


def is_current(url: str) -> bool:
    """Whether the database certainly has the newest schema. False also when nothing can be said: then `migration.ensure` looks closer."""
    return _read(url) == HEAD


def ensure(url: str) -> None:
    """`storage.migration.ensure`, without loading it where the database is of this version."""
    if not is_current(url):
        from storage import migration  # noqa: PLC0415 - see the module's docstring

        migration.ensure(url)


def holds_data(url: str) -> bool:
    """Whether the database already has tables of ours: then its keys must exist too. Raises `StorageError` when it cannot be asked."""
    if url.startswith("sqlite:///"):
        path = Path(url.removeprefix("sqlite:///"))
        if not path.exists() or path.stat().st_size == 0:
            return False
    if is_current(url):
        return True
    from storage import migration  # noqa: PLC0415

    return migration.current(url) is not None


def _read(url: str) -> str | None:
    if url.startswith("sqlite:///"):
        path = Path(url.removeprefix("sqlite:///"))
        if not path.exists():
            return None
        with suppress(sqlite3.Error), closing(sqlite3.connect(path, timeout=2)) as connection:
            return _only(connection.execute(_ASK).fetchall())
        return None
    import psycopg  # noqa: PLC0415 - only where the database is PostgreSQL

    place = url.replace("postgresql+psycopg://", "postgresql://", 1)
    with suppress(psycopg.Error), psycopg.connect(place, connect_timeout=3) as server:
        return _only(server.execute(_ASK).fetchall())
    return None


def _only(rows: list[tuple[str]]) -> str | None:
    return rows[0][0] if len(rows) == 1 else None
