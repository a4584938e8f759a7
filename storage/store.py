"""Transactions: the only way to the tables. `Store.write` returns after a durable commit, or raises and has changed
nothing.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from storage.key import Keyring

T = TypeVar("T")
Row = tuple[Any, ...]

_PARAMETER = re.compile(r":([a-z_]+)")


class Cursor(Protocol):
    """What both drivers' cursors offer."""

    @property
    def rowcount(self) -> int:
        """Rows changed by the statement."""

    def fetchone(self) -> Row | None:
        """The next row, or None."""

    def fetchall(self) -> list[Row]:
        """All rows left."""

    def __iter__(self) -> Iterator[Row]: ...


class Sql:
    """One statement, written once with `:name` parameters, prepared for each driver. `FOR UPDATE` at its end is
    PostgreSQL's;
    on SQLite a writing transaction already holds the only write lock."""

    __slots__ = ("postgresql", "sqlite")

    def __init__(self, text: str) -> None:
        plain = " ".join(text.split())
        self.sqlite = re.sub(r" FOR UPDATE( SKIP LOCKED)?$", "", plain)
        self.postgresql = _PARAMETER.sub(r"%(\1)s", plain)


def chunks(items: list[str], size: int) -> Iterable[list[str]]:
    """The items in groups of at most `size`."""
    return (items[start : start + size] for start in range(0, len(items), size))


def in_list(items: list[str]) -> tuple[str, dict[str, Any]]:
    """The marks and the parameters of an IN list."""
    names = [f"item_{_letters(index)}" for index in range(len(items))]
    return ", ".join(f":{name}" for name in names), dict(zip(names, items, strict=True))


def _letters(number: int) -> str:
    letters = ""
    while number >= 0:
        letters = chr(97 + number % 26) + letters
        number = number // 26 - 1
    return letters


class Tx(ABC):
    """One transaction. Not to be kept after it ends."""

    __slots__ = ("after_commit", "keys")

    def __init__(self, keys: Keyring) -> None:
        self.keys = keys
        self.after_commit: list[Callable[[], None]] = []

    @abstractmethod
    def run(self, sql: Sql, **parameters: object) -> Cursor:
        """Execute one statement."""

    @abstractmethod
    def run_many(self, sql: Sql, rows: Sequence[dict[str, object]]) -> None:
        """Execute one statement for each row."""

    def one(self, sql: Sql, **parameters: object) -> Row | None:
        """The first row, or None."""
        return self.run(sql, **parameters).fetchone()

    def all(self, sql: Sql, **parameters: object) -> list[Row]:
        """All rows."""
        return self.run(sql, **parameters).fetchall()


class Store(ABC):
    """A database. Safe to share between threads."""

    keys: Keyring

    @abstractmethod
    def write(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in a transaction that may write; return its answer after the durable commit.

        An exception of `work` rolls its changes back and passes through. Raises `Unavailable` when the database
        cannot do it now.
        `work` may be run again after a conflict, so it must not act upon anything but the transaction.
        """

    @abstractmethod
    def read(self, work: Callable[[Tx], T]) -> T:
        """Run `work` on a consistent view of what is committed. Sees every write whose call has returned."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the database."""


def open_store(url: str, keys: Keyring, journal_mode: str = "truncate") -> Store:
    """The store of a database URL (`sqlite:///path` or `postgresql://…`). Does not create tables: see
    `storage.schema_version`.
    """
    if url.startswith("sqlite:///"):
        from storage.sqlite import SQLiteStore  # noqa: PLC0415 - each driver is loaded only where it is used

        return SQLiteStore(url.removeprefix("sqlite:///"), keys, journal_mode)
    from storage.postgresql import PostgreSQLStore  # noqa: PLC0415

    return PostgreSQLStore(url.replace("postgresql+psycopg://", "postgresql://", 1), keys)
