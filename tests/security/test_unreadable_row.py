"""A row that cannot be read: the gate says deny with 503, a callback is asked for again, nothing is a failure of ours (I2, I16)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.store import Sql
from tests.api.caller import Caller, open_caller

CHECK = {"account": "acme", "topic": "marketing", "recipients": ["u1=="]}
TIMES = ("opted_out_at", "opted_in_at", "followed_at", "paused_until", "held_until", "frequency_at")
ABSURD = ("'yesterday'", "9e30", str(2**62), "x'00'")


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Caller]:
    caller = open_caller(tmp_path)
    body = {"account": "acme", "contact": "u1==", "changes": [{"kind": "opt_in", "evidence": "form 7"}]}
    assert caller.call("PUT", "/preferences", json=body).status_code == 200
    try:
        yield caller
    finally:
        caller.house.store.close()


def damage(api: Caller, table: str, column: str, value: str) -> None:
    """Write what no version of ours would."""
    api.house.store.write(lambda tx: tx.run(Sql(f"UPDATE {table} SET {column} = {value}")))


def assert_denies(api: Caller) -> None:
    for claim in (False, True):
        answer = api.call("POST", "/audience/check", json={**CHECK, "claim": claim})
        assert (answer.status_code, answer.json["decision"]) == (503, "deny")
    answer = api.call("GET", "/preferences?account=acme&contact=u1%3D%3D")
    assert (answer.status_code, answer.json["decision"]) == (503, "deny")


@pytest.mark.parametrize("column", TIMES)
@pytest.mark.parametrize("value", ABSURD)
def test_a_time_that_cannot_be_read_denies(api: Caller, column: str, value: str) -> None:
    damage(api, "consent", column, value)
    assert_denies(api)


@pytest.mark.parametrize(("column", "value"), [("frequency", "'sometimes'"), ("frequency_days", "'x'")])
def test_a_frequency_that_cannot_be_read_denies(api: Caller, column: str, value: str) -> None:
    damage(api, "consent", column, value)
    assert_denies(api)


def test_a_last_send_that_cannot_be_read_denies(api: Caller) -> None:
    damage(api, "subject", "last_marketing_at", "'x'")
    assert_denies(api)


def test_the_answer_does_not_say_what_stands_in_the_row(api: Caller) -> None:
    damage(api, "consent", "opted_out_at", "'canary-7'")
    answer = api.call("POST", "/audience/check", json=CHECK)
    assert "canary-7" not in answer.text
