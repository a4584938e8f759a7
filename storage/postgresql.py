"""PostgreSQL: a connection for each thread, row locks on the subject, a few retries after a conflict."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import cast

import psycopg
from psycopg import IsolationLevel, errors

from storage.error import Unavailable
from storage.key import Keyring
from storage.store import Cursor, Sql, Store, T, Tx

TRIES = 3
OPTIONS = "-c statement_timeout=3000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=10000 -c synchronous_commit=on"


class PostgreSQLTx(Tx):
    """A transaction on one PostgreSQL connection."""

    __slots__ = ("_connection",)

    def __init__(self, connection: psycopg.Connection, keys: Keyring) -> None:
        super().__init__(keys)
        self._connection = connection

    def run(self, sql: Sql, **parameters: object) -> Cursor:
        """Execute one statement."""
        return cast("Cursor", self._connection.execute(sql.postgresql.encode(), parameters))

    def run_many(self, sql: Sql, rows: Sequence[dict[str, object]]) -> None:
        """Execute one statement for each row."""
        self._connection.cursor().executemany(sql.postgresql.encode(), rows)


class PostgreSQLStore(Store):
    """The scale-out store. Every process may open its own."""

    def __init__(self, url: str, keys: Keyring) -> None:
        self.keys = keys
        self._url = url
        self._local = threading.local()
        self._all: list[psycopg.Connection] = []
        self._lock = threading.Lock()
        self._closed = False
        self._connection()

    def write(self, work: Callable[[Tx], T]) -> T:
        """See `Store.write`. Tried up to three times after a serialisation failure or a deadlock."""
        return self._tried(work, is_reading=False)

    def read(self, work: Callable[[Tx], T]) -> T:
        """See `Store.read`. One snapshot for all statements: what is committed meanwhile does not mix in."""
        return self._tried(work, is_reading=True)

    def _tried(self, work: Callable[[Tx], T], *, is_reading: bool) -> T:
        for attempt in range(1, TRIES + 1):
            try:
                return self._once(work, is_reading=is_reading)
            except (errors.SerializationFailure, errors.DeadlockDetected) as error:
                if attempt == TRIES:
                    raise Unavailable("the database is too busy with conflicting writes") from error
        raise AssertionError

    def _once(self, work: Callable[[Tx], T], *, is_reading: bool) -> T:
        connection = self._connection()
        tx = PostgreSQLTx(connection, self.keys)
        try:
            connection.isolation_level = IsolationLevel.REPEATABLE_READ if is_reading else None
            connection.read_only = is_reading
            with connection.transaction():
                answer = work(tx)
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            if isinstance(error, errors.SerializationFailure | errors.DeadlockDetected):
                raise
            if isinstance(error, psycopg.InterfaceError) and not connection.closed:
                raise
            self._forget(connection)
            raise Unavailable(f"the database does not answer: {type(error).__name__}") from error
        for call in tx.after_commit:
            call()
        return answer

    def close(self) -> None:
        """Close every thread's connection."""
        with self._lock:
            self._closed = True
            for connection in self._all:
                connection.close()
            self._all.clear()

    def _connection(self) -> psycopg.Connection:
        connection: psycopg.Connection | None = getattr(self._local, "connection", None)
        if self._closed:
            raise Unavailable("the store is closed")
        if connection is not None and not connection.closed:
            return connection
        try:
            connection = psycopg.connect(self._url, autocommit=True, connect_timeout=3, options=OPTIONS)
        except psycopg.OperationalError as error:
            raise Unavailable(f"the database cannot be reached: {_first_line(error)}") from None
        self._local.connection = connection
        with self._lock:
            self._all = [one for one in self._all if not one.closed] + [connection]
        return connection

    def _forget(self, connection: psycopg.Connection) -> None:
        with suppress(psycopg.Error):
            connection.close()
        self._local.connection = None


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
