"""What is PostgreSQL's own: lost connections, deadlocks, locks held too long."""

from __future__ import annotations

import threading

import psycopg
import pytest

from storage.error import Unavailable
from storage.postgresql import PostgreSQLStore
from storage.store import Sql, Tx
from tests.plugins.postgresql import PostgresqlServer
from tests.support.house import KEYS, together

pytestmark = pytest.mark.postgresql
BUMP = Sql("UPDATE subject SET created_at = created_at + 1 WHERE pid = :pid")


@pytest.fixture
def url(postgresql_server: PostgresqlServer, postgresql_template: str):
    name = postgresql_server.create(postgresql_template)
    yield f"postgresql://quietline@127.0.0.1:{postgresql_server.port}/{name}"
    postgresql_server.drop(name)


@pytest.fixture
def store(url: str):
    opened = PostgreSQLStore(url, KEYS)
    yield opened
    opened.close()


def add_subjects(store: PostgreSQLStore, *pids: str) -> None:
    insert = Sql("INSERT INTO subject (pid, account, created_at) VALUES (:pid, 'acme', 0)")
    store.write(lambda tx: tx.run_many(insert, [{"pid": pid} for pid in pids]))


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        PostgreSQLStore("postgresql://quietline@127.0.0.1:1/nothing", KEYS)


def test_a_lost_connection_is_unavailable_once_and_then_mended(store: PostgreSQLStore, url: str) -> None:
    add_subjects(store, "a")
    with psycopg.connect(url, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    with pytest.raises(Unavailable, match="does not answer"):
        add_subjects(store, "b")
    add_subjects(store, "c")
    assert store.read(lambda tx: tx.all(Sql("SELECT pid FROM subject ORDER BY pid"))) == [("a",), ("c",)]


def test_a_connection_lost_within_a_transaction_takes_it_back(store: PostgreSQLStore, url: str) -> None:
    def work(tx: Tx) -> None:
        tx.run(Sql("INSERT INTO subject (pid, account, created_at) VALUES ('a', 'acme', 0)"))
        row = tx.one(Sql("SELECT pg_backend_pid()"))
        assert row is not None
        with psycopg.connect(url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [row[0]])

    with pytest.raises(Unavailable):
        store.write(work)
    assert store.read(lambda tx: tx.one(Sql("SELECT count(*) FROM subject"))) == (0,)


def test_a_dropped_database_is_unavailable(
    store: PostgreSQLStore, url: str, postgresql_server: PostgresqlServer
) -> None:
    postgresql_server.drop(url.rpartition("/")[2])
    for _ in range(2):
        with pytest.raises(Unavailable):
            store.read(lambda tx: tx.all(Sql("SELECT 1")))


def test_a_lock_held_too_long_is_unavailable_and_changes_nothing(
    store: PostgreSQLStore, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_subjects(store, "a")
    with psycopg.connect(url) as other:
        other.execute("SELECT 1 FROM subject WHERE pid = 'a' FOR UPDATE")

        def impatient(tx: Tx) -> None:
            tx.run(Sql("SET LOCAL lock_timeout = 50"))
            tx.run(BUMP, pid="a")

        with pytest.raises(Unavailable, match="LockNotAvailable"):
            store.write(impatient)
        other.rollback()
    store.write(lambda tx: tx.run(BUMP, pid="a").rowcount)
    assert store.read(lambda tx: tx.one(Sql("SELECT created_at FROM subject"))) == (1,)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("statement_timeout", "3s"),
        ("lock_timeout", "2s"),
        ("idle_in_transaction_session_timeout", "10s"),
        ("synchronous_commit", "on"),
    ],
)
def test_every_connection_has_the_limits_that_the_trust_rules_ask_for(
    store: PostgreSQLStore, setting: str, value: str
) -> None:
    assert store.read(lambda tx: tx.one(Sql(f"SHOW {setting}"))) == (value,)


def test_a_deadlock_is_tried_again_until_both_are_done(store: PostgreSQLStore) -> None:
    add_subjects(store, "a", "b")
    meeting = threading.Barrier(2, timeout=10)
    first_time = [True, True]

    def work(number: int) -> None:
        mine, others = ("a", "b") if number == 0 else ("b", "a")

        def cross(tx: Tx) -> None:
            tx.run(BUMP, pid=mine)
            if first_time[number]:
                first_time[number] = False
                meeting.wait()
            tx.run(BUMP, pid=others)

        store.write(cross)

    assert together(2, work) == [None, None]
    assert store.read(lambda tx: tx.all(Sql("SELECT created_at FROM subject"))) == [(2,), (2,)]


def test_conflicts_without_end_are_unavailable(store: PostgreSQLStore) -> None:
    tries: list[int] = []

    def conflict(tx: Tx) -> None:
        tries.append(1)
        raise psycopg.errors.SerializationFailure("could not serialize")

    with pytest.raises(Unavailable, match="conflicting writes"):
        store.write(conflict)
    assert len(tries) == 3


def test_what_follows_the_commit_is_asked_of_the_last_try_only(store: PostgreSQLStore) -> None:
    tries: list[int] = []
    called: list[int] = []

    def conflict_once(tx: Tx) -> None:
        tries.append(1)
        number = len(tries)
        tx.after_commit.append(lambda: called.append(number))
        if number == 1:
            raise psycopg.errors.DeadlockDetected("deadlock")

    store.write(conflict_once)
    assert called == [2]
