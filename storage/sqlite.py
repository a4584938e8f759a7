"""SQLite: one writer thread; messages that arrive together share one durable commit.

Why one thread: a transaction that upgrades to a write under contention fails at once with "database is locked", and
several writers wait in
seconds; one writer never conflicts and lets a commit (the slow part: an fsync) serve everybody who is waiting. Why
TRUNCATE + FULL: the default
journal mode can lose an acknowledged row at power loss (its directory entry is not synced), and WAL has a corruption
race in versions before
3.51.3 (docs/decisions/0003-sqlite-durability.md).
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from storage.error import DamagedDatabaseError, StorageError, Unavailable
from storage.key import Keyring
from storage.store import Cursor, Sql, Store, T, Tx

BUSY_MS = 2000
BATCH = 64
WAL_IS_SAFE_SINCE = (3, 51, 3)
WAL_BACKPORTS = ((3, 44, 6), (3, 50, 7))


class UnsafeJournalError(StorageError):
    """The asked-for journal mode can corrupt or lose data with this SQLite."""


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite has the fix of the WAL-reset race (3.51.3; 3.44.6 and 3.50.7 carry it too)."""
    return version >= WAL_IS_SAFE_SINCE or any(version[:2] == fixed[:2] and version >= fixed for fixed in WAL_BACKPORTS)


class SQLiteTx(Tx):
    """A transaction on one SQLite connection."""

    __slots__ = ("_connection",)

    def __init__(self, connection: sqlite3.Connection, keys: Keyring) -> None:
        super().__init__(keys)
        self._connection = connection

    def run(self, sql: Sql, **parameters: object) -> Cursor:
        """Execute one statement."""
        return self._connection.execute(sql.sqlite, parameters)

    def run_many(self, sql: Sql, rows: Sequence[dict[str, object]]) -> None:
        """Execute one statement for each row."""
        self._connection.executemany(sql.sqlite, rows)


@dataclass(slots=True)
class _Job:
    work: Callable[[Tx], Any]
    done: threading.Event = field(default_factory=threading.Event)
    answer: Any = None
    error: BaseException | None = None
    after_commit: list[Callable[[], None]] = field(default_factory=list)


class SQLiteStore(Store):
    """The embedded default: one file, durable."""

    def __init__(self, path: str, keys: Keyring, journal_mode: str = "truncate") -> None:
        self.keys = keys
        self._path = path
        self._journal_mode = journal_mode
        if journal_mode == "wal" and not wal_is_safe(sqlite3.sqlite_version_info):
            version = sqlite3.sqlite_version
            raise UnsafeJournalError(
                f"database.journal_mode: WAL can corrupt the file with SQLite {version}; use 'truncate', or an SQLite of 3.51.3 or later"
            )
        self._writer = self._connect()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._readers_lock = threading.Lock()
        self._is_closed = False
        self._thread = threading.Thread(target=self._serve, name="sqlite-writer", daemon=True)
        self._thread.start()

    def _connect(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                self._path, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False
            )
        except sqlite3.DatabaseError as error:
            raise _opening_error(self._path, error) from None
        try:
            self._prepare(connection)
        except sqlite3.DatabaseError as error:
            connection.close()
            raise _opening_error(self._path, error) from None
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        mode = connection.execute(f"PRAGMA journal_mode = {self._journal_mode}").fetchone()[0]
        if mode != self._journal_mode:
            raise Unavailable(
                f"the database {self._path} stays in journal mode {mode}: close other programs that use it"
            )
        for pragma in (
            "synchronous = FULL",
            "foreign_keys = ON",
            "secure_delete = ON",
            "trusted_schema = OFF",
            "cell_size_check = ON",
            "mmap_size = 0",
        ):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()

    def write(self, work: Callable[[Tx], T]) -> T:
        """See `Store.write`. Waits for the writer thread; shares its commit with whatever else is waiting."""
        if not self._thread.is_alive():
            raise Unavailable("the store is closed")
        job = _Job(work)
        self._jobs.put(job)
        while not job.done.wait(1.0):
            if not self._thread.is_alive():
                raise Unavailable("the store is closed")
        if job.error is not None:
            raise job.error
        for call in job.after_commit:
            call()
        answer: T = job.answer
        return answer

    def read(self, work: Callable[[Tx], T]) -> T:
        """See `Store.read`. On a connection of the calling thread."""
        connection = self._reader()
        try:
            connection.execute("BEGIN")
            try:
                return work(SQLiteTx(connection, self.keys))
            finally:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
        except sqlite3.DatabaseError as error:
            if self._is_closed and isinstance(error, sqlite3.ProgrammingError):
                raise Unavailable("the store is closed") from error
            raise self._translate(error) from error

    def close(self) -> None:
        """Finish what is waiting, then close every connection."""
        self._is_closed = True
        if self._thread.is_alive():
            self._jobs.put(None)
            self._thread.join()
        self._writer.close()
        with self._readers_lock:
            for connection in self._readers:
                connection.close()
            self._readers.clear()

    def _reader(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if self._is_closed:
            raise Unavailable("the store is closed")
        if connection is None:
            connection = self._connect()
            connection.execute("PRAGMA query_only = ON")
            self._local.connection = connection
            with self._readers_lock:
                self._readers.append(connection)
        return connection

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            jobs = [job]
            is_last = False
            while len(jobs) < BATCH and not self._jobs.empty():
                another = self._jobs.get()
                if another is None:
                    is_last = True
                    break
                jobs.append(another)
            self._commit_together(jobs)
            if is_last:
                break
        self._refuse_rest()

    def _refuse_rest(self) -> None:
        while not self._jobs.empty():
            job = self._jobs.get()
            if job is not None:
                job.error = Unavailable("the store is closed")
                job.done.set()

    def _commit_together(self, jobs: list[_Job]) -> None:
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            for job in jobs:
                self._run(job)
            self._writer.execute("COMMIT")
        except BaseException as error:  # noqa: BLE001 - the writer must answer every job and live on
            with suppress(sqlite3.Error):
                self._writer.execute("ROLLBACK")
            for job in jobs:
                job.error = job.error or self._translate(error)
        for job in jobs:
            job.done.set()

    def _run(self, job: _Job) -> None:
        tx = SQLiteTx(self._writer, self.keys)
        self._writer.execute("SAVEPOINT job")
        try:
            job.answer = job.work(tx)
            job.after_commit = tx.after_commit
            self._writer.execute("RELEASE job")
        except sqlite3.DatabaseError as error:
            if not self._writer.in_transaction:
                raise
            self._undo()
            job.error = self._translate(error)
        except BaseException as error:  # noqa: BLE001 - it belongs to the caller, who gets it
            self._undo()
            job.error = error

    def _undo(self) -> None:
        self._writer.execute("ROLLBACK TO job")
        self._writer.execute("RELEASE job")

    def _translate(self, error: BaseException) -> BaseException:
        if isinstance(error, sqlite3.OperationalError):
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
                return error  # a statement of ours is wrong: no state of the database
            unavailable = Unavailable(f"the database cannot be used now: {error}")
            unavailable.__cause__ = error
            return unavailable
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(
            error, sqlite3.IntegrityError | sqlite3.ProgrammingError
        ):
            return _damage(self._path, error)
        return error


def _damage(path: str, error: sqlite3.Error) -> StorageError:
    return DamagedDatabaseError(f"{path} is damaged or no Quietline database ({error}): restore the latest backup")


def _opening_error(path: str, error: sqlite3.DatabaseError) -> StorageError:
    if not isinstance(error, sqlite3.OperationalError):
        return _damage(path, error)
    folder = Path(path).resolve().parent
    return Unavailable(f"the database {path} cannot be opened ({error}): check that {folder} exists and may be written")
