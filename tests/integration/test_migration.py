"""The tables' versions, on both databases. Independent of what the migrations hold."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from storage import ledger, migration, schema_version
from storage.error import SchemaError, Unavailable
from storage.schema import METADATA
from storage.store import open_store
from tests.support.house import KEYS, append, together

HOUSE = Path(__file__).parents[2]


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = set(inspect(connection).get_table_names())
    engine.dispose()
    return found


def execute(url: str, statement: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_an_empty_database_gets_the_newest_tables(empty_database: str) -> None:
    migration.ensure(empty_database)
    assert migration.current(empty_database) == migration.head() != ""
    assert tables(empty_database) == {*METADATA.tables, "alembic_version"}


def test_the_migrations_make_exactly_the_tables_of_the_models(database: str) -> None:
    engine = create_engine(database)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, METADATA)
    engine.dispose()
    assert differences == []


def test_every_migration_goes_down_and_up_again(database: str) -> None:
    migration.downgrade(database, "base")
    assert tables(database) == {"alembic_version"}
    assert migration.current(database) is None
    migration.upgrade(database)
    assert tables(database) == {*METADATA.tables, "alembic_version"}


def test_each_step_down_and_up_keeps_what_is_kept_in_the_tables(database: str) -> None:
    store = open_store(database, KEYS)
    append(store)
    store.close()
    revisions = [one.revision for one in migration_scripts()]
    for older in revisions[1:]:
        migration.downgrade(database, older)
    migration.upgrade(database)
    store = open_store(database, KEYS)
    verdict = store.read(ledger.verify)
    store.close()
    assert verdict == ledger.Verdict(1)


def migration_scripts():
    from alembic.script import ScriptDirectory

    return list(ScriptDirectory.from_config(migration._config(None)).walk_revisions())


def test_current_tables_are_left_alone(database: str) -> None:
    store = open_store(database, KEYS)
    append(store)
    store.close()
    migration.ensure(database)
    migration.upgrade(database)
    store = open_store(database, KEYS)
    assert store.read(ledger.verify) == ledger.Verdict(1)
    store.close()


def test_an_older_schema_stops_the_start_and_says_how_to_upgrade(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migration, "head", lambda: "9999")
    with pytest.raises(SchemaError, match=r"older schema .*make a backup, then run `quietline database upgrade`"):
        migration.ensure(database)


def test_a_newer_schema_stops_the_start(database: str) -> None:
    execute(database, "UPDATE alembic_version SET version_num = 'from-the-future'")
    with pytest.raises(SchemaError, match="schema from-the-future of a newer Quietline"):
        migration.ensure(database)


def test_the_tables_of_another_program_stop_the_start(empty_database: str) -> None:
    execute(empty_database, "CREATE TABLE recipe (id integer)")
    with pytest.raises(SchemaError, match="tables of another program"):
        migration.ensure(empty_database)
    assert tables(empty_database) == {"recipe"}


def test_workers_that_start_at_once_on_an_empty_database_agree(empty_database: str) -> None:
    assert together(3, lambda _number: migration.ensure(empty_database)) == [None] * 3
    assert migration.current(empty_database) == migration.head()


KILLED = """
import os, signal, sys
from sqlalchemy import Engine, event
from storage import migration
left = int(sys.argv[2])
@event.listens_for(Engine, "after_cursor_execute")
def count(connection, cursor, statement, parameters, context, executemany):
    global left
    if statement.lstrip().upper().startswith(("CREATE", "INSERT")):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
migration.ensure(sys.argv[1])
"""


def test_an_upgrade_killed_at_a_statement_can_be_run_again(empty_database: str) -> None:
    environ = {**os.environ, "PYTHONPATH": str(HOUSE)}
    command = [sys.executable, "-c", KILLED, empty_database, "17"]
    ended = subprocess.run(command, cwd=HOUSE, env=environ, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert migration.current(empty_database) is None
    migration.ensure(empty_database)
    assert migration.current(empty_database) == migration.head()
    assert tables(empty_database) == {*METADATA.tables, "alembic_version"}


@pytest.mark.postgresql
def test_a_server_that_is_not_there_is_one_sentence_without_a_password() -> None:
    with pytest.raises(Unavailable, match="cannot be opened") as caught:
        migration.ensure("postgresql://quietline:secret-word@127.0.0.1:1/nothing")
    assert "secret-word" not in str(caught.value)


def test_a_start_knows_the_newest_schema_without_loading_the_migrations() -> None:
    assert migration.head() == schema_version.HEAD


def test_a_database_of_this_version_is_recognised_and_another_is_not(empty_database: str) -> None:
    assert not schema_version.is_current(empty_database)
    assert not schema_version.holds_data(empty_database)
    schema_version.ensure(empty_database)
    assert schema_version.is_current(empty_database)
    assert schema_version.holds_data(empty_database)
