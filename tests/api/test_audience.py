"""May these people be sent to? Checks, claims and what is given back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from bot.domain.consent import Consent
from handlers.services.audience import MAX_RECIPIENTS
from storage import consent
from storage.error import Unavailable
from storage.store import Tx
from tests.api.caller import Caller


def reasons(answer: dict[str, Any]) -> dict[str, str]:
    """The reason of each denial, by recipient."""
    return {one["recipient"]: one["reason"] for one in answer["denied"]}


def test_the_gate_answers_for_each_recipient(api: Caller) -> None:
    for contact in ("in", "out", "weekly"):
        api.opt_in(contact, weekly=contact == "weekly")
    api.stop("out")
    answer = api.ask(["in", "out", "unknown", "weekly"]).get_json()
    assert answer["allowed"] == ["in", "weekly"]
    assert reasons(answer) == {"out": "opted_out", "unknown": "unknown_contact"}
    assert answer["expires_at"] == (api.clock() + timedelta(seconds=60)).isoformat(timespec="seconds")


def test_a_brand_with_opt_ins_elsewhere_may_send_to_unknown_contacts(api: Caller) -> None:
    assert api.ask(["unknown"], account="other").get_json()["allowed"] == ["unknown"]


@pytest.mark.parametrize("claim", [False, True])
def test_an_unknown_topic_denies_everybody(api: Caller, claim: bool) -> None:
    api.opt_in("ann")
    answer = api.ask(["ann", "bob"], topic="lottery", claim=claim).get_json()
    assert answer["allowed"] == []
    assert reasons(answer) == {"ann": "unknown_topic", "bob": "unknown_topic"}


def test_somebody_who_stands_twice_is_answered_once(api: Caller) -> None:
    api.opt_in("ann")
    assert api.ask(["ann", "ann"]).get_json()["allowed"] == ["ann"]


def test_ids_with_signs_and_other_scripts_are_kept_as_they_are(api: Caller) -> None:
    ids = ["01234+/5678==", "oBZ-_x", "安", "😀", " with space ", "a" * 200]
    assert list(reasons(api.ask(ids).get_json())) == ids


def test_ten_thousand_recipients_fit_in_one_request(api: Caller) -> None:
    api.opt_in("id-0007")
    answer = api.ask([f"id-{number:04}" for number in range(MAX_RECIPIENTS)]).get_json()
    assert answer["allowed"] == ["id-0007"]
    assert len(answer["denied"]) == MAX_RECIPIENTS - 1


def test_one_more_is_refused(api: Caller) -> None:
    refused = api.ask(["x"] * (MAX_RECIPIENTS + 1))
    assert refused.status_code == 422
    assert "10,001" in refused.get_json()["detail"]


def test_a_stop_is_seen_by_the_next_check(api: Caller) -> None:
    api.opt_in("ann")
    assert api.ask(["ann"]).get_json()["allowed"] == ["ann"]
    api.stop("ann")
    assert reasons(api.ask(["ann"]).get_json()) == {"ann": "opted_out"}


def test_a_check_counts_nothing(api: Caller) -> None:
    api.opt_in("ann", weekly=True)
    for _ in range(2):
        assert api.ask(["ann"]).get_json()["allowed"] == ["ann"]


def test_a_claim_uses_up_the_week(api: Caller) -> None:
    api.opt_in("ann", weekly=True)
    assert api.ask(["ann"], claim=True).get_json()["allowed"] == ["ann"]
    denied = api.ask(["ann"]).get_json()["denied"]
    next_week = (api.clock() + timedelta(days=7)).isoformat(timespec="seconds")
    assert denied == [{"recipient": "ann", "reason": "frequency", "until": next_week}]
    api.clock.pass_by(days=7)
    assert api.ask(["ann"], claim=True).get_json()["allowed"] == ["ann"]


def test_a_token_with_the_scope_check_may_claim(api: Caller) -> None:
    api.opt_in("ann")
    assert api.ask(["ann"], claim=True, token=api.make_token("check")).get_json()["allowed"] == ["ann"]


def test_a_repeated_claim_gets_the_same_answer_and_counts_once(api: Caller) -> None:
    api.opt_in("ann", weekly=True)
    first = api.ask(["ann", "bob"], claim=True, key="campaign 1")
    api.clock.pass_by(days=3)
    again = api.ask(["ann", "bob"], claim=True, key="campaign 1")
    assert again.get_data() == first.get_data()
    assert first.get_json()["allowed"] == ["ann"]
    api.clock.pass_by(days=4)
    assert api.ask(["ann"]).get_json()["allowed"] == ["ann"]


def test_a_repeated_claim_never_allows_somebody_who_has_stopped_since(api: Caller) -> None:
    api.opt_in("ann", weekly=True)
    api.opt_in("bob", weekly=True)
    assert api.ask(["ann", "bob"], claim=True, key="k").get_json()["allowed"] == ["ann", "bob"]
    api.stop("ann")
    again = api.ask(["ann", "bob"], claim=True, key="k").get_json()
    assert again["allowed"] == ["bob"]
    assert reasons(again) == {"ann": "opted_out"}


@pytest.mark.parametrize("more", [{"topic": "events"}, {"recipients": ["ann", "bob"]}])
def test_a_key_belongs_to_one_request(api: Caller, more: dict[str, Any]) -> None:
    api.opt_in("ann")
    api.ask(["ann"], claim=True, key="k")
    reused = api.ask(**{"recipients": ["ann"], **more}, claim=True, key="k")
    assert reused.status_code == 422
    assert reused.get_json()["field"] == "Idempotency-Key"


def test_accounts_do_not_share_keys(api: Caller) -> None:
    assert api.ask(["ann"], claim=True, key="k").status_code == 200
    assert api.ask(["ann"], claim=True, key="k", account="other").status_code == 200


def test_a_released_claim_no_longer_counts(api: Caller) -> None:
    api.opt_in("ann", weekly=True)
    api.ask(["ann"], claim=True, key="k")
    assert api.release(["ann", "nobody"], "k").get_json() == {"released": 1}
    assert api.release(["ann"], "k").get_json() == {"released": 0}
    assert api.ask(["ann"]).get_json()["allowed"] == ["ann"]


def test_another_claim_is_not_released(api: Caller) -> None:
    api.opt_in("ann", weekly=True)
    api.ask(["ann"], claim=True, key="k")
    assert api.release(["ann"], "another").get_json() == {"released": 0}
    assert reasons(api.ask(["ann"]).get_json()) == {"ann": "frequency"}


def test_a_release_needs_the_key_of_the_claim(api: Caller) -> None:
    refused = api.call("POST", "/audience/release", json={"account": "acme", "recipients": ["ann"]})
    assert refused.status_code == 400
    assert "Idempotency-Key" in refused.get_json()["detail"]


def expect_deny(response: TestResponse) -> None:
    """The answer when the database is away."""
    assert response.status_code == 503
    assert response.get_json()["decision"] == "deny"
    assert response.headers["Retry-After"] == "5"
    assert "allowed" not in response.get_json()


@pytest.mark.parametrize("claim", [False, True])
def test_without_a_database_the_answer_is_deny(api: Caller, claim: bool) -> None:
    api.opt_in("ann")
    api.house.store.close()
    expect_deny(api.ask(["ann"], claim=claim))


@pytest.mark.parametrize("claim", [False, True])
def test_a_database_that_goes_away_midway_allows_nobody(
    api: Caller, claim: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_tx: Tx, _pids: list[str]) -> dict[str, Consent]:
        raise Unavailable("the disk has gone")

    api.opt_in("ann", weekly=True)
    with monkeypatch.context() as patched:
        patched.setattr(consent, "load_many", fail)
        expect_deny(api.ask(["ann"], claim=claim, key="k"))
    assert api.ask(["ann"], claim=True, key="k").get_json()["allowed"] == ["ann"]
