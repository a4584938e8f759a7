"""What a contact wants: read, and changed all or nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from storage import ledger
from tests.api.caller import Caller

WEEKLY = {"kind": "frequency", "frequency": "weekly"}


def events(api: Caller) -> list[tuple[str, str, str, str]]:
    """(kind, topic, source, actor) of everything in the ledger."""
    rows = api.house.store.read(lambda tx: ledger.feed(tx, 0, 100))
    return [(row["kind"], row["topic"], row["source"], row["actor"]) for row in rows]


def test_somebody_unknown_has_no_standing_and_gets_nothing(api: Caller) -> None:
    shown = api.show("ann")
    assert shown.status_code == 200
    topics = {one["topic"]: one for one in shown.get_json()["topics"]}
    assert list(topics) == ["*", "marketing", "events"]
    assert {one["standing"] for one in topics.values()} == {"unknown"}
    assert topics["*"]["can_send"] is None
    assert topics["marketing"]["can_send"] is False
    assert topics["marketing"]["reason"] == "unknown_contact"


def test_what_was_written_is_read(api: Caller) -> None:
    api.opt_in("ann")
    changed = api.change("ann", {"kind": "frequency", "frequency": "every_n_days", "days": 10, "topic": "events"})
    assert changed.get_json() == api.show("ann").get_json()
    assert changed.headers["ETag"] == api.show("ann").headers["ETag"]
    events_topic = api.topic("ann", "events")
    assert (events_topic["frequency"], events_topic["days"]) == ("every_n_days", 10)
    assert (api.topic("ann")["frequency"], api.topic("ann")["days"]) == ("as_it_comes", None)
    assert events_topic["can_send"] is True


def test_an_opt_out_is_seen_by_the_gate_at_once(api: Caller) -> None:
    api.opt_in("ann")
    assert api.change("ann", {"kind": "opt_out"}).status_code == 200
    assert api.ask(["ann"]).get_json()["allowed"] == []
    assert api.topic("ann")["standing"] == "opted_out"


def test_an_opt_out_of_one_topic_leaves_the_others(api: Caller) -> None:
    api.opt_in("ann")
    api.change("ann", {"kind": "opt_out", "topic": "events"})
    assert api.topic("ann", "events")["reason"] == "opted_out"
    assert api.topic("ann", "marketing")["can_send"] is True


def test_a_pause_lasts_until_its_moment(api: Caller) -> None:
    api.opt_in("ann")
    until = api.clock() + timedelta(days=3)
    api.change("ann", {"kind": "pause", "until": until.isoformat()})
    assert api.topic("ann")["paused_until"] == until.isoformat(timespec="milliseconds")
    assert api.topic("ann")["reason"] == "paused"
    api.clock.pass_by(days=3)
    assert api.topic("ann")["can_send"] is True


def test_a_pause_in_days_is_lifted_on_evidence(api: Caller) -> None:
    api.opt_in("ann")
    api.change("ann", {"kind": "pause", "days": 30})
    assert api.topic("ann")["reason"] == "paused"
    api.clock.pass_by(hours=1)
    assert api.change("ann", {"kind": "resume", "evidence": "call 12"}).status_code == 200
    assert api.topic("ann")["can_send"] is True


@pytest.mark.parametrize(
    ("stands", "wanted"),
    [
        pytest.param({"kind": "opt_out"}, {"kind": "opt_in"}, id="opting in"),
        pytest.param({"kind": "pause", "days": 9}, {"kind": "resume"}, id="ending a pause"),
        pytest.param({"kind": "pause", "days": 9}, {"kind": "pause", "days": 2}, id="a shorter pause"),
        pytest.param(WEEKLY, {"kind": "frequency", "frequency": "as_it_comes"}, id="no cap any more"),
        pytest.param({**WEEKLY, "frequency": "monthly"}, WEEKLY, id="a looser cap"),
        pytest.param({"kind": "opt_out"}, {"kind": "opt_in", "evidence": "   "}, id="blank evidence"),
    ],
)
def test_whatever_lets_more_be_sent_needs_evidence(api: Caller, stands: dict[str, Any], wanted: dict[str, Any]) -> None:
    api.opt_in("ann")
    assert api.change("ann", stands).status_code == 200
    before = api.topic("ann")
    api.clock.pass_by(seconds=1)
    refused = api.change("ann", wanted)
    assert refused.status_code == 422
    assert refused.get_json()["field"] == "changes[0].evidence"
    assert "message id, form, recording" in refused.get_json()["detail"]
    assert api.topic("ann") == before
    assert api.change("ann", {**wanted, "evidence": "form 8"}).status_code == 200
    assert api.topic("ann") != before


@pytest.mark.parametrize(
    ("stands", "wanted"),
    [
        (WEEKLY, {"kind": "frequency", "frequency": "monthly"}),
        ({"kind": "pause", "days": 2}, {"kind": "pause", "days": 9}),
        ({"kind": "opt_in", "evidence": "form"}, {"kind": "opt_out"}),
    ],
)
def test_whatever_lets_less_be_sent_needs_none(api: Caller, stands: dict[str, Any], wanted: dict[str, Any]) -> None:
    api.change("ann", stands)
    api.clock.pass_by(seconds=1)
    assert api.change("ann", wanted).status_code == 200


def test_all_changes_are_made_or_none(api: Caller) -> None:
    api.opt_in("ann")
    before, written = api.show("ann").get_json(), events(api)
    refused = api.change("ann", {"kind": "opt_out", "topic": "events"}, WEEKLY, {"kind": "resume"})
    assert refused.get_json()["field"] == "changes[2].evidence"
    assert api.show("ann").get_json() == before
    assert events(api) == written


def test_the_ledger_names_the_token_and_keeps_the_evidence_sealed(api: Caller) -> None:
    api.opt_in("ann")
    pid = api.show("ann").get_json()["pseudonym"]
    assert events(api) == [("opted_in", "*", "api", "crm")]
    [event] = api.house.store.read(lambda tx: ledger.of_subject(tx, pid))
    assert event["words"] == "form 7"
    assert "form 7" not in str(api.house.store.read(lambda tx: ledger.feed(tx, 0, 10)))


def test_the_contacts_own_later_stop_stays_above_an_opt_in(api: Caller) -> None:
    api.clock.pass_by(minutes=5)
    api.stop("ann")
    api.clock.pass_by(minutes=-1)
    assert api.change("ann", {"kind": "opt_in", "evidence": "form"}).status_code == 200
    assert api.topic("ann")["standing"] == "opted_out"
    assert api.ask(["ann"]).get_json()["allowed"] == []


def test_an_edit_of_what_has_changed_meanwhile_is_refused(api: Caller) -> None:
    api.opt_in("ann")
    read = api.show("ann").headers["ETag"]
    api.stop("ann")
    stale = api.change("ann", {"kind": "opt_in", "evidence": "form"}, headers={"If-Match": read})
    assert stale.status_code == 412
    assert api.topic("ann")["standing"] == "opted_out"
    fresh = api.show("ann").headers["ETag"]
    api.clock.pass_by(seconds=1)
    assert api.change("ann", {"kind": "opt_in", "evidence": "form"}, headers={"If-Match": fresh}).status_code == 200


def test_a_refused_edit_leaves_no_trace_of_somebody_unknown(api: Caller) -> None:
    assert api.change("ann", {"kind": "opt_out"}, headers={"If-Match": '"old"'}).status_code == 412
    assert events(api) == []
    assert api.topic("ann")["standing"] == "unknown"


@pytest.mark.parametrize("tag", ["W/{etag}", "old", '"', "W/*", ""])
def test_a_weak_or_broken_tag_matches_nothing(api: Caller, tag: str) -> None:
    api.opt_in("ann")
    header = tag.format(etag=api.show("ann").headers["ETag"])
    assert api.change("ann", {"kind": "opt_out"}, headers={"If-Match": header}).status_code == 412


def test_a_star_matches_whatever_stands(api: Caller) -> None:
    assert api.change("ann", {"kind": "opt_out"}, headers={"If-Match": "*"}).status_code == 200


def test_the_tag_changes_with_the_registers_and_not_with_time(api: Caller) -> None:
    api.opt_in("ann", weekly=True)
    api.ask(["ann"], claim=True)
    tag = api.show("ann").headers["ETag"]
    api.clock.pass_by(days=30)
    assert api.show("ann").headers["ETag"] == tag
    assert api.show("bob").headers["ETag"] != tag
    api.change("ann", {"kind": "opt_out", "topic": "events"})
    assert api.show("ann").headers["ETag"] != tag


def test_the_gates_answer_counts_claims(api: Caller) -> None:
    api.opt_in("ann", weekly=True)
    api.ask(["ann"], claim=True)
    topic = api.topic("ann")
    until = (api.clock() + timedelta(days=7)).isoformat(timespec="milliseconds")
    assert (topic["can_send"], topic["reason"], topic["until"]) == (False, "frequency", until)


def test_an_id_with_signs_comes_through_a_query(api: Caller) -> None:
    api.opt_in("01234+/5678==")
    assert api.topic("01234+/5678==")["standing"] == "opted_in"


def test_a_plus_that_was_not_encoded_is_explained(api: Caller) -> None:
    refused = api.call("GET", "/preferences?account=acme&contact=01234+/5678==")
    assert refused.status_code == 422
    assert "%2B" in refused.get_json()["detail"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ([{"kind": "opt_out"}, {"kind": "opt_in", "evidence": "form"}], "changes[1]"),
        ([WEEKLY, {**WEEKLY, "frequency": "monthly"}], "changes[1]"),
        ([{"kind": "pause", "days": 3}, {"kind": "resume", "evidence": "form"}], "changes[1]"),
        ([{"kind": "opt_out"}, {"kind": "opt_in", "topic": "events", "evidence": "form"}], "changes"),
    ],
)
def test_changes_that_contradict_each_other_are_refused(api: Caller, changes: list[dict[str, Any]], field: str) -> None:
    refused = api.change("ann", *changes)
    assert refused.status_code == 422
    assert refused.get_json()["field"] == field
    assert events(api) == []


def test_everything_but_one_topic_can_be_said_in_one_request(api: Caller) -> None:
    api.change("ann", {"kind": "opt_in", "evidence": "form"}, {"kind": "opt_out", "topic": "events"})
    assert api.topic("ann", "marketing")["can_send"] is True
    assert api.topic("ann", "events")["standing"] == "opted_out"
