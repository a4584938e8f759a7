"""Programs that ask for the same person at the same time, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.api.caller import Caller, open_caller


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def api(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Caller]:
    """A new service on each of the databases."""
    url = request.getfixturevalue("postgresql_database") if request.param == "postgresql" else None
    caller = open_caller(tmp_path, database_url=url)
    try:
        yield caller
    finally:
        caller.house.store.close()


def test_eight_claims_at_once_grant_exactly_one(api: Caller) -> None:
    api.opt_in("ann", weekly=True)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: api.ask(["ann"], claim=True, key=f"k{number}").get_json(), range(8)))
    assert sorted(len(answer["allowed"]) for answer in answers) == [0] * 7 + [1]
    assert sorted(len(answer["denied"]) for answer in answers) == [0] + [1] * 7


def test_eight_repetitions_of_one_claim_at_once_count_once_and_say_the_same(api: Caller) -> None:
    api.opt_in("ann", weekly=True)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: api.ask(["ann"], claim=True, key="k").get_json(), range(8)))
    assert [answer["allowed"] for answer in answers] == [["ann"]] * 8
    assert api.release(["ann"], "k").get_json() == {"released": 1}


def test_a_stop_among_claims_is_the_last_word(api: Caller) -> None:
    api.opt_in("ann")
    with ThreadPoolExecutor(8) as pool:
        claims = [pool.submit(api.ask, ["ann"], claim=True, key=f"k{number}") for number in range(4)]
        pool.submit(api.stop, "ann").result()
        after = [pool.submit(api.ask, ["ann"], claim=True, key=f"late{number}") for number in range(4)]
        late = [future.result().get_json()["allowed"] for future in after]
    assert late == [[]] * 4
    assert {future.result().status_code for future in claims} == {200}


def test_eight_edits_of_one_state_leave_one_winner(api: Caller) -> None:
    api.opt_in("ann")
    read = {"If-Match": api.show("ann").headers["ETag"]}
    with ThreadPoolExecutor(8) as pool:
        edits = [pool.submit(api.change, "ann", {"kind": "pause", "days": days}, headers=read) for days in range(1, 9)]
        statuses = sorted(edit.result().status_code for edit in edits)
    assert statuses == [200] + [412] * 7
