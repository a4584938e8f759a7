"""What is SQLite's own: durability settings, two processes on one file, damaged and unwritable files."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from storage import migration, sqlite
from storage.error import DamagedDatabaseError, Unavailable
from storage.sqlite import SQLiteStore, UnsafeJournalError
from storage.store import Sql, Tx
from tests.support.house import KEYS, append, together

INSERT = Sql("INSERT INTO api_token (name, token_hash, scopes, created_at) VALUES (:name, :name, 'check', 0)")


@pytest.fixture
def path(sqlite_template: Path, tmp_path: Path) -> Path:
    target = tmp_path / "quietline.sqlite3"
    target.write_bytes(sqlite_template.read_bytes())
    return target


@pytest.fixture
def store(path: Path):
    opened = SQLiteStore(str(path), KEYS)
    yield opened
    opened.close()


def put(store: SQLiteStore, name: str) -> None:
    store.write(lambda tx: tx.run(INSERT, name=name).rowcount)


def names_in(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        found = [row[0] for row in connection.execute("SELECT name FROM api_token ORDER BY name")]
    connection.close()
    return found


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "truncate"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("secure_delete", 1),
        ("trusted_schema", 0),
        ("cell_size_check", 1),
        ("busy_timeout", 2000),
    ],
)
def test_writers_and_readers_use_the_settings_that_the_trust_rules_ask_for(
    store: SQLiteStore, pragma: str, value: object
) -> None:
    asked = Sql(f"PRAGMA {pragma}")
    writing: list[object] = []
    # synchronous cannot be changed inside a transaction, but it can be read there
    store.write(lambda tx: writing.append(tx.one(asked)))
    assert (store.read(lambda tx: tx.one(asked)), writing) == ((value,), [(value,)])


def test_memory_mapping_is_off(store: SQLiteStore) -> None:
    assert store.read(lambda tx: tx.one(Sql("PRAGMA mmap_size"))) in {(0,), None}


@pytest.mark.parametrize(
    ("version", "is_safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_wal_is_safe_from_the_versions_that_carry_the_fix(version: tuple[int, int, int], is_safe: bool) -> None:
    assert sqlite.wal_is_safe(version) is is_safe


def test_wal_with_an_unsafe_library_stops_the_start_with_one_sentence(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 40, 1))
    with pytest.raises(UnsafeJournalError, match=r"database\.journal_mode.*use 'truncate', or an SQLite of 3\.51\.3"):
        SQLiteStore(str(path), KEYS, "wal")


def test_wal_with_a_safe_library_is_synchronous_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 3))
    opened = SQLiteStore(str(path), KEYS, "wal")
    try:
        put(opened, "a")
        assert opened.read(lambda tx: (tx.one(Sql("PRAGMA journal_mode")), tx.one(Sql("PRAGMA synchronous")))) == (
            ("wal",),
            (2,),
        )
    finally:
        opened.close()


def test_a_file_held_by_another_program_is_unavailable_and_then_again_available(
    store: SQLiteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store._writer.execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Unavailable, match="locked"):
        put(store, "a")
    other.execute("ROLLBACK")
    other.close()
    put(store, "b")
    assert names_in(path) == ["b"]


def test_two_stores_on_one_file_write_side_by_side(path: Path) -> None:
    stores = [SQLiteStore(str(path), KEYS) for _ in range(2)]
    try:

        def work(number: int) -> None:
            for turn in range(4):
                append(stores[number % 2], f"u{number}-{turn}")

        assert together(4, work) == [None] * 4
        assert stores[0].read(lambda tx: tx.one(Sql("SELECT seq FROM ledger_head"))) == (16,)
    finally:
        for one in stores:
            one.close()


OTHER_PROCESS = """
import sys
from storage.sqlite import SQLiteStore
from tests.support.house import KEYS, append
store = SQLiteStore(sys.argv[1], KEYS)
for number in range(10):
    append(store, f"other-{number}")
store.close()
"""


def test_another_process_may_write_at_the_same_time(store: SQLiteStore, path: Path) -> None:
    house = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS, str(path)], cwd=house, env={**os.environ, "PYTHONPATH": str(house)}
    )
    count = 0
    while count < 2000:
        append(store, f"own-{count}")
        count += 1
        with suppress(
            subprocess.TimeoutExpired
        ):  # SQLite's lock is not fair: a writer that never pauses starves the others
            process.wait(0.01)
            break
    assert process.wait(60) == 0
    assert store.read(lambda tx: tx.one(Sql("SELECT seq FROM ledger_head"))) == (count + 10,)


def test_a_full_disk_refuses_the_write_and_keeps_the_rest(store: SQLiteStore, path: Path) -> None:
    put(store, "before")
    pages = store._writer.execute("PRAGMA page_count").fetchone()[0]
    store._writer.execute(f"PRAGMA max_page_count = {pages}")

    def fill(tx: Tx) -> None:
        tx.run(INSERT, name="a")
        tx.run(Sql("INSERT INTO event_payload (seq, pid, salt, sealed) VALUES (1, 'x', 'x', zeroblob(1000000))"))

    answers = together(6, lambda number: store.write(fill) if number == 3 else put(store, f"n{number}"))
    assert isinstance(answers[3], Unavailable)
    confirmed = {f"n{number}" for number, one in enumerate(answers) if one is None}
    refused = [one for number, one in enumerate(answers) if one is not None]
    assert all(isinstance(one, Unavailable) for one in refused), refused
    assert set(names_in(path)) == {"before", *confirmed}
    store._writer.execute("PRAGMA max_page_count = 1000000")
    put(store, "after")
    assert "after" in names_in(path)


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_file_that_is_no_database_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "quietline.sqlite3"
    path.write_bytes(content)
    with pytest.raises(DamagedDatabaseError, match=r"quietline\.sqlite3 is damaged.*restore the latest backup"):
        SQLiteStore(str(path), KEYS)
    with pytest.raises(DamagedDatabaseError, match=r"quietline\.sqlite3 is damaged.*restore the latest backup"):
        migration.ensure(f"sqlite:///{path}")


def test_damage_found_while_reading_is_named_and_nothing_is_invented(store: SQLiteStore, path: Path) -> None:
    sound = path.stat().st_size
    for number in range(200):
        put(store, f"name-{number:04}-{'x' * 60}")
    store.close()
    content = bytearray(path.read_bytes())
    for start in range(sound, len(content), 4096):
        content[start : start + 64] = b"\xff" * 64
    path.write_bytes(content)
    damaged = SQLiteStore(str(path), KEYS)
    try:
        for act in (damaged.read, damaged.write):
            with pytest.raises(DamagedDatabaseError, match=r"quietline\.sqlite3 is damaged"):
                act(lambda tx: tx.all(Sql("SELECT * FROM api_token")))
    finally:
        damaged.close()


def test_a_folder_that_does_not_exist_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "quietline.sqlite3"
    with pytest.raises(Unavailable, match=r"nowhere.*cannot be opened.*exists and may be written"):
        SQLiteStore(str(path), KEYS)
    with pytest.raises(Unavailable, match=r"nowhere.*cannot be opened.*may be written"):
        migration.ensure(f"sqlite:///{path}")


def test_a_folder_in_the_place_of_the_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be opened"):
        SQLiteStore(str(tmp_path), KEYS)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_stops_the_start(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(Unavailable, match="may be written"):
            migration.ensure(f"sqlite:///{tmp_path}/quietline.sqlite3")
    finally:
        tmp_path.chmod(0o700)


def test_the_file_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "quietline.sqlite3"
    before = os.umask(0)
    try:
        migration.ensure(f"sqlite:///{path}")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
