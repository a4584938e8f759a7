"""The journey of messages through the real webhooks and back, with the stand-in platform on both sides."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest

from bot.domain.consent import FrequencyChoice, Standing
from handlers.simulator.platform.callback import Sent
from tests.support.journey import Journey, journey

LATER = {
    "1 s": timedelta(seconds=1),
    "1 h": timedelta(hours=1),
    "49 h": timedelta(hours=49),
    "400 days": timedelta(days=400),
}


@pytest.fixture
def trip(tmp_path: Path) -> Iterator[Journey]:
    with journey(tmp_path) as built:
        yield built


@pytest.mark.parametrize("account", ["viber", "wechat"])
@pytest.mark.parametrize(("stop", "weekly"), [("STOP", "weekly is fine"), ("退订", "每周一次就行")])
def test_stop_takes_effect_and_weekly_brings_the_messages_back_once_a_week(
    trip: Journey, account: str, stop: str, weekly: str
) -> None:
    assert len(trip.says(account, "anna", stop)) == 1
    assert trip.consent(account, "anna").standing("marketing") is Standing.OPTED_OUT
    trip.clock.advance(seconds=20)
    assert len(trip.says(account, "anna", weekly)) == 1
    consent = trip.consent(account, "anna")
    assert consent.standing("marketing") is Standing.OPTED_IN
    assert consent.frequency("marketing").choice is FrequencyChoice.WEEKLY
    assert [one["kind"] for one in trip.ledger(account, "anna")] == ["opted_out", "opted_in", "frequency_set"]


def test_a_mini_program_is_answered_through_the_customer_service_call(trip: Journey) -> None:
    book = trip.platform.wechat.books["mini"]
    for form in ("xml", "json"):
        book.form = form
        sent = trip.platform.wechat.contact_says("mini", f"user-{form}", "退订")
        assert sent.reply == "success"
        trip.settle()
        assert [one.is_from_contact for one in trip.phone("mini", f"user-{form}")] == [True, False]
        assert trip.consent("mini", f"user-{form}").is_opted_out("marketing")


@pytest.mark.parametrize("wait", LATER.values(), ids=LATER.keys())
@pytest.mark.parametrize("account", ["viber", "wechat"])
def test_a_redelivered_message_has_no_second_effect(trip: Journey, account: str, wait: timedelta) -> None:
    side = trip.side(account)
    first = side.contact_says(account, "anna", "STOP")
    trip.settle()
    before = trip.ledger(account, "anna"), trip.phone(account, "anna")
    trip.clock.advance(seconds=wait.total_seconds())
    again = side.redeliver(first)
    trip.settle()
    assert again.status == 200
    assert trip.ledger(account, "anna") == before[0]
    if account == "wechat":
        kept = wait <= timedelta(hours=48)
        assert (again.reply == first.reply) is kept
        assert kept or again.reply == "success"
    else:
        assert trip.phone(account, "anna") == before[1]


@pytest.mark.parametrize("account", ["viber", "wechat"])
def test_the_same_message_delivered_by_eight_at_once_has_one_effect(trip: Journey, account: str) -> None:
    side = trip.side(account)
    sent = side.contact_says(account, "anna", "hello there")
    probe = side.contact_says(account, "bob", "STOP")
    replies: list[Sent] = []

    def deliver() -> None:
        replies.append(side.redeliver(probe))

    threads = [threading.Thread(target=deliver) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    trip.settle()
    assert sent.status == 200
    assert {one.status for one in replies} == {200}
    assert [one["kind"] for one in trip.ledger(account, "bob")] == ["opted_out"]


def test_every_order_of_six_events_with_their_own_meaning_ends_in_the_same_consent(trip: Journey) -> None:
    """Built once on the platform, then delivered to a fresh contact in all 720 orders, signed afresh each time."""
    acts = _six_acts()
    ends = set()
    for number, order in enumerate(permutations(range(len(acts)))):
        user_id = f"contact{number}"
        for index in order:
            _deliver(trip, user_id, acts[index])
        consent = trip.consent("viber", user_id)
        ends.add((consent.standing("marketing"), consent.frequency("marketing"), consent.row("*").paused_until))
    assert len(ends) == 1
    standing, frequency, _paused = ends.pop()
    assert standing is Standing.OPTED_OUT
    assert frequency.choice is FrequencyChoice.MONTHLY


Act = tuple[int, dict[str, object]]


def _six_acts() -> list[Act]:
    """(seconds after the start, the payload's own fields): follow, STOP, START, tapped weekly, tapped monthly, STOP again."""

    def words(text: str) -> dict[str, object]:
        return {"event": "message", "message": {"type": "text", "text": text}}

    return [
        (0, {"event": "subscribed"}),
        (10, words("STOP")),
        (20, words("START")),
        (30, words("ql:offer.weekly.1")),
        (40, words("ql:offer.monthly.2")),
        (50, words("UNSUBSCRIBE")),
    ]


def _deliver(trip: Journey, user_id: str, act: Act) -> None:
    import hashlib
    import hmac
    import json

    from tests.support.journey import VIBER_TOKEN

    after, fields = act
    person = {"id": user_id, "name": "T", "language": "en"}
    payload = {
        "timestamp": int((trip.clock.now.timestamp() + after - 100) * 1000),
        "message_token": int(hashlib.sha256(f"{user_id}{after}".encode()).hexdigest()[:14], 16),
        ("sender" if fields["event"] == "message" else "user"): person,
        **fields,
    }
    body = json.dumps(payload).encode()
    signature = hmac.new(VIBER_TOKEN.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Viber-Content-Signature": signature, "Content-Type": "application/json"}
    answer = trip.client.post("/webhooks/viber/viber", data=body, headers=headers)
    assert answer.status_code == 200


def test_unfollowing_erases_the_person_and_keeps_the_suppression(trip: Journey) -> None:
    trip.platform.wechat.follow("wechat", "wang")
    trip.says("wechat", "wang", "我要投诉，买的茶叶包裹一直没有送到")
    assert trip.cases("wechat", "wang")
    trip.clock.advance(seconds=5)
    trip.platform.wechat.unfollow("wechat", "wang")
    trip.settle()
    assert trip.person("wechat", "wang") is None
    assert trip.consent("wechat", "wang").is_opted_out("marketing")
    assert {one["words"] for one in trip.ledger("wechat", "wang")} == {None}
    trip.clock.advance(days=3)
    trip.platform.wechat.follow("wechat", "wang")
    assert trip.consent("wechat", "wang").is_opted_out("marketing")


def test_a_closed_window_holds_a_message_until_the_contact_writes(trip: Journey) -> None:
    trip.says("wechat", "wang", "转人工")
    trip.clock.advance(hours=49)
    trip.settle()
    spoken = [one for one in trip.phone("wechat", "wang") if not one.is_from_contact]
    trip.says("wechat", "wang", "你好")
    assert len([one for one in trip.phone("wechat", "wang") if not one.is_from_contact]) > len(spoken)
