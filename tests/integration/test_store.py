"""The store's contract, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import threading

import pytest

from storage import subject
from storage.error import StorageError, Unavailable
from storage.store import Sql, Store, Tx
from tests.support.house import append, together

INSERT = Sql("""INSERT INTO api_token (name, token_hash, scopes, created_at) VALUES (:name, :name, 'check', 0)""")
NAMES = Sql("SELECT name FROM api_token ORDER BY name")
BUMP = Sql("UPDATE subject SET created_at = created_at + 1 WHERE pid = :pid")


def put(store: Store, name: str) -> None:
    store.write(lambda tx: tx.run(INSERT, name=name).rowcount)


def names(store: Store) -> list[str]:
    return [row[0] for row in store.read(lambda tx: tx.all(NAMES))]


def put_and_fail(tx: Tx) -> None:
    tx.run(INSERT, name="never")
    raise KeyError("the work failed")


def test_a_write_returns_the_answer_of_its_work(store: Store) -> None:
    assert store.write(lambda tx: tx.run(INSERT, name="a").rowcount) == 1


def test_a_write_is_there_for_another_process_as_soon_as_it_returned(store: Store, open_another) -> None:
    other = open_another()
    assert names(other) == []
    put(store, "a")
    assert names(other) == ["a"]


def test_a_write_outlives_the_store(store: Store, open_another) -> None:
    put(store, "a")
    store.close()
    assert names(open_another()) == ["a"]


def test_an_exception_takes_the_write_back_and_passes_through(store: Store) -> None:
    with pytest.raises(KeyError, match="the work failed"):
        store.write(put_and_fail)
    assert names(store) == []
    put(store, "after")
    assert names(store) == ["after"]


def test_a_broken_constraint_takes_the_write_back(store: Store) -> None:
    put(store, "a")

    def twice(tx: Tx) -> None:
        tx.run(INSERT, name="b")
        tx.run(INSERT, name="a")

    with pytest.raises(Exception, match=r"(?i)unique"):
        store.write(twice)
    assert names(store) == ["a"]


def test_a_failing_job_spoils_none_of_those_that_come_together_with_it(store: Store) -> None:
    def work(number: int) -> None:
        if number % 3 == 0:
            store.write(put_and_fail)
        else:
            put(store, f"n{number:02}")

    answers = together(24, work)
    assert [isinstance(one, KeyError) for one in answers] == [number % 3 == 0 for number in range(24)]
    assert names(store) == [f"n{number:02}" for number in range(24) if number % 3]


def test_what_is_to_follow_the_commit_follows_it_once_and_sees_it(store: Store) -> None:
    seen: list[list[str]] = []

    def work(tx: Tx) -> None:
        tx.run(INSERT, name="a")
        tx.after_commit.append(lambda: seen.append(names(store)))
        assert seen == []

    store.write(work)
    assert seen == [["a"]]


def test_what_is_to_follow_the_commit_does_not_follow_a_failure(store: Store) -> None:
    called: list[int] = []

    def work(tx: Tx) -> None:
        tx.after_commit.append(lambda: called.append(1))
        put_and_fail(tx)

    with pytest.raises(KeyError):
        store.write(work)
    assert called == []


def test_every_thread_reads_what_was_written_before_it_asked(store: Store) -> None:
    def work(number: int) -> bool:
        put(store, f"n{number}")
        return f"n{number}" in names(store)

    assert together(8, work) == [True] * 8


def test_many_writers_on_one_subject_lose_no_update(store: Store, open_another) -> None:
    stores = [store, open_another()]
    pid = "a" * 64
    store.write(lambda tx: subject.lock(tx, pid, "acme", 0))

    def bump(tx: Tx) -> None:
        locked = subject.lock(tx, pid, "acme", 0)
        row = tx.one(Sql("SELECT created_at FROM subject WHERE pid = :pid"), pid=locked.pid)
        assert row is not None
        tx.run(Sql("UPDATE subject SET created_at = :value WHERE pid = :pid"), value=row[0] + 1, pid=pid)

    def work(number: int) -> None:
        for _ in range(5):
            stores[number % 2].write(bump)

    assert together(8, work) == [None] * 8
    assert store.read(lambda tx: tx.one(Sql("SELECT created_at FROM subject"))) == (40,)


def test_a_new_subject_is_made_once_however_many_come_at_once(store: Store, open_another) -> None:
    stores = [store, open_another()]
    together(8, lambda number: stores[number % 2].write(lambda tx: subject.lock(tx, "b" * 64, "acme", number).pid))
    assert store.read(lambda tx: tx.one(Sql("SELECT count(*) FROM subject"))) == (1,)


def test_a_reader_sees_one_moment_whatever_is_committed_meanwhile(store: Store, open_another) -> None:
    """Without this, verifying the ledger while events are appended would raise a false alarm."""
    other = open_another()
    put(store, "a")
    written = threading.Event()

    def look(tx: Tx) -> tuple[int, int]:
        first = len(tx.all(NAMES))
        writer = threading.Thread(target=lambda: (put(other, "b"), written.set()))
        writer.start()
        written.wait(0.2)  # on SQLite the writer waits for the reader; on PostgreSQL it commits now
        second = len(tx.all(NAMES))
        threads.append(writer)
        return first, second

    threads: list[threading.Thread] = []
    assert store.read(look) == (1, 1)
    threads[0].join(10)
    assert names(store) == ["a", "b"]


def test_a_reader_changes_nothing(store: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)read.?only"):
        store.read(lambda tx: tx.run(INSERT, name="a"))
    assert names(store) == []
    put(store, "b")
    assert names(store) == ["b"]


def test_uncommitted_work_is_seen_by_nobody_else(store: Store, open_another) -> None:
    other = open_another()
    inside, go_on = threading.Event(), threading.Event()

    def work(tx: Tx) -> None:
        tx.run(INSERT, name="a")
        inside.set()
        assert go_on.wait(10)

    writer = threading.Thread(target=lambda: store.write(work))
    writer.start()
    assert inside.wait(10)
    seen = names(other)
    go_on.set()
    writer.join(10)
    assert (seen, names(other)) == ([], ["a"])


@pytest.mark.parametrize("act", ["read", "write"])
def test_a_closed_store_says_that_it_is_unavailable(store: Store, act: str) -> None:
    names(store)
    store.close()
    with pytest.raises(Unavailable, match="the store is closed"):
        getattr(store, act)(lambda tx: tx.all(NAMES))


def test_a_store_may_be_closed_twice(store: Store) -> None:
    store.close()
    store.close()
    with pytest.raises(Unavailable):
        put(store, "a")


def test_a_store_closed_in_the_midst_of_many_writers_keeps_what_it_confirmed(store: Store, open_another) -> None:
    started = threading.Barrier(9)
    confirmed: list[str] = []

    def work(number: int) -> None:
        started.wait(10)
        for turn in range(50):
            name = f"n{number}-{turn:02}"
            put(store, name)
            confirmed.append(name)

    def close(_number: int) -> None:
        started.wait(10)
        store.close()

    answers = together(9, lambda number: close(number) if number == 8 else work(number))
    assert all(one is None or isinstance(one, Unavailable) for one in answers), answers
    assert set(confirmed) <= set(names(open_another()))


def test_the_ledger_knows_no_gap_after_failed_writes(store: Store) -> None:
    append(store)

    def fail(tx: Tx) -> None:
        tx.run(Sql("UPDATE ledger_head SET seq = 99"))
        raise KeyError("failed")

    with pytest.raises(KeyError):
        store.write(fail)
    assert append(store) == 2


def test_a_wrong_statement_is_taken_for_neither_a_damaged_nor_a_busy_database(store: Store) -> None:
    for act in (store.read, store.write):
        with pytest.raises(Exception, match=r"(?i)syntax") as caught:
            act(lambda tx: tx.run(Sql("SELEKT 1")))
        assert not isinstance(caught.value, StorageError)
