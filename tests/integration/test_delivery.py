"""From the outbox to the platform: with the gate's word, once, in order, and never lost."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.domain.consent import ConsentKind, Frequency, FrequencyChoice
from bot.domain.message import Message, Purpose
from handlers.channel import Outcome, SendResult
from handlers.delivery import MAX_ATTEMPTS, Delivery, back_off
from storage import outbox
from storage.error import Unavailable
from storage.moment import to_ms
from storage.store import Sql
from tests.support.house import SENT, Home, change_of, together

RETRY = SendResult(Outcome.RETRY, code=500, detail="the platform was busy")
UNKNOWN = SendResult(Outcome.UNKNOWN, detail="no answer in time")


@pytest.fixture
def known(home: Home) -> Home:
    """A house with a contact on each channel who opted in and wrote just now."""
    for account in (home.viber, home.wechat):
        home.say("hello", account=account)
        home.opt_in(account=account)
    for _ in range(3):
        home.delivery.run_due()
    assert set(home.states()) == {"sent"}
    home.store.write(lambda tx: (tx.run(Sql("DELETE FROM attempt")), tx.run(Sql("DELETE FROM outbox")), None)[2])
    home.client.sent.clear()
    return home


def run_for(home: Home, **span: float) -> None:
    """Let time pass, then send what is due."""
    home.clock.advance(**span)
    home.delivery.run_due()


def outcomes(home: Home) -> list[str]:
    return [row[0] for row in home.rows("SELECT outcome FROM attempt ORDER BY id")]


def test_a_sent_message_is_marked_and_its_words_are_dropped(known: Home) -> None:
    known.queue("one")
    assert known.delivery.run_due() == 1
    assert known.client.sent == [("u1", "one")]
    assert known.rows("SELECT state, sealed_message, message_token FROM outbox") == [("sent", None, "token-1")]
    assert outcomes(known) == ["sent"]
    assert known.delivery.run_due() == 0


def test_the_attempt_is_written_down_before_the_platform_is_called(known: Home) -> None:
    seen: list[object] = []

    def answer(_user: str, _message: Message) -> SendResult:
        seen.append(known.rows("SELECT o.state, a.finished_at FROM outbox o JOIN attempt a ON a.outbox_id = o.id"))
        return SENT

    known.client.answer = answer
    known.queue("one")
    known.delivery.run_due()
    assert seen == [[("sending", None)]]


def test_messages_to_one_contact_keep_their_order(known: Home) -> None:
    for text in ("one", "two", "three"):
        known.queue(text)
    known.client.results = [RETRY]
    known.delivery.run_due()
    known.delivery.run_due()
    assert known.client.texts == ["one"], "the others wait for the first"
    for _ in range(3):
        run_for(known, seconds=5)
    assert known.client.texts == ["one", "one", "two", "three"]


def test_a_contact_whose_messages_wait_does_not_hold_up_the_others(known: Home) -> None:
    known.client.results = [RETRY]
    for number in range(60):
        known.queue(f"waiting {number}")
    known.delivery.run_due()
    known.say("hello", user="other")
    sent = len(known.client.sent)
    known.delivery.run_due()
    assert [user for user, _ in known.client.sent[sent:]] == ["other"]


# The gate


def test_marketing_without_consent_is_denied_and_says_why(known: Home) -> None:
    known.say("STOP")
    known.delivery.run_due()
    row_id = known.queue("an offer", Purpose.MARKETING)
    known.delivery.run_due()
    assert "an offer" not in known.client.texts
    assert (row_id, "denied", "opted_out") in known.outbox()


def test_a_stop_purges_the_marketing_that_is_queued_and_nothing_else(known: Home) -> None:
    offer = known.queue("an offer", Purpose.MARKETING)
    service = known.queue("about your case", Purpose.SERVICE)
    known.say("STOP")
    states = {row_id: state for row_id, state, _ in known.outbox()}
    assert (states[offer], states[service]) == ("purged", "queued")
    assert known.rows("SELECT sealed_message FROM outbox WHERE id = :id", id=offer) == [(None,)]
    for _ in range(4):
        run_for(known, seconds=1)
    assert "an offer" not in known.client.texts
    assert "about your case" in known.client.texts


def test_a_stop_between_two_tries_ends_the_tries(known: Home) -> None:
    known.client.results = [RETRY]
    known.queue("an offer", Purpose.MARKETING)
    known.delivery.run_due()
    known.say("STOP")
    for _ in range(5):
        run_for(known, minutes=10)
    assert known.client.texts.count("an offer") == 1


def test_a_pause_puts_marketing_off_until_it_ends(known: Home) -> None:
    known.change(change_of(ConsentKind.PAUSED, until=known.clock.now + timedelta(days=1)))
    known.queue("an offer", Purpose.MARKETING, lives=timedelta(days=3))
    known.delivery.run_due()
    assert known.states() == ["queued"]
    run_for(known, hours=23)
    assert known.client.sent == []
    run_for(known, hours=2)
    assert known.client.texts == ["an offer"]


def test_a_weekly_contact_gets_one_offer_in_seven_days(known: Home) -> None:
    known.change(change_of(ConsentKind.FREQUENCY_SET, frequency=Frequency(FrequencyChoice.WEEKLY)))
    for text in ("one", "two"):
        known.queue(text, Purpose.MARKETING, lives=timedelta(days=30))
    for _ in range(3):
        run_for(known, hours=1)
    assert known.client.texts == ["one"]
    assert known.gate() == "frequency", "campaigns count the same sends"
    run_for(known, days=7)
    assert known.client.texts == ["one", "two"]


def test_a_try_that_the_platform_refused_is_not_counted_against_the_cap(known: Home) -> None:
    known.change(change_of(ConsentKind.FREQUENCY_SET, frequency=Frequency(FrequencyChoice.WEEKLY)))
    known.client.results = [RETRY]
    known.queue("an offer", Purpose.MARKETING)
    for _ in range(3):
        run_for(known, seconds=5)
    assert known.states() == ["sent"]


def test_a_try_that_the_platform_refused_costs_nothing_of_the_window(known: Home) -> None:
    known.client.results = [RETRY] * 6
    known.queue("one", account=known.wechat)
    for _ in range(7):
        run_for(known, minutes=10)
    assert known.states() == ["sent"]


def test_a_message_that_is_too_old_is_a_dead_letter(known: Home) -> None:
    known.queue("one", lives=timedelta(hours=1))
    run_for(known, hours=1)
    assert known.client.sent == []
    assert known.states() == ["dead"]


def test_a_permit_older_than_a_second_is_not_used(known: Home) -> None:
    known.queue("one")
    claim = known.delivery._claim

    def slow(tx, row_id):
        claimed = claim(tx, row_id)
        known.clock.advance(seconds=2)
        return claimed

    known.delivery._claim = slow  # type: ignore[method-assign]
    known.delivery.run_due()
    assert (known.client.sent, outcomes(known), known.states()) == ([], ["retry"], ["queued"])


def test_a_message_to_nobody_known_is_denied(home: Home) -> None:
    home.queue("one", user="nobody")
    home.delivery.run_due()
    assert (home.client.sent, home.states()) == ([], ["denied"])


# The window


def test_the_window_lets_five_messages_through_and_holds_the_others_until_the_contact_writes(known: Home) -> None:
    known.clock.advance(seconds=1)
    known.say("hello again", account=known.wechat, is_direct=True)
    for number in range(7):
        known.queue(f"m{number}", account=known.wechat)
    for _ in range(9):
        run_for(known, seconds=1)
    assert known.client.texts == [f"m{number}" for number in range(5)]
    assert known.states() == ["sent"] * 5 + ["held"] * 2
    known.say("and again", account=known.wechat, is_direct=True)
    for _ in range(3):
        run_for(known, seconds=1)
    assert known.client.texts == [f"m{number}" for number in range(7)]


def test_the_window_closes_after_48_hours(known: Home) -> None:
    known.clock.advance(hours=48, seconds=1)
    known.queue("late", account=known.wechat)
    known.delivery.run_due()
    assert (known.client.sent, known.states()) == ([], ["held"])


def test_the_platforms_word_that_the_window_is_closed_holds_the_message(known: Home) -> None:
    known.client.results = [SendResult(Outcome.WINDOW_CLOSED, code=45047, detail="out of quota")]
    known.queue("one", account=known.wechat)
    known.delivery.run_due()
    assert known.states() == ["held"]
    known.say("hello", account=known.wechat, is_direct=True)
    known.delivery.run_due()
    assert known.client.texts == ["one", "one"]


def test_what_was_held_too_long_is_not_sent_late(known: Home) -> None:
    known.client.results = [SendResult(Outcome.WINDOW_CLOSED)]
    known.queue("one", account=known.wechat, lives=timedelta(hours=1))
    known.delivery.run_due()
    known.clock.advance(hours=2)
    known.say("hello", account=known.wechat, is_direct=True)
    known.delivery.run_due()
    assert known.client.texts == ["one"]


# What became of it


def test_a_passing_refusal_is_tried_again_later_each_time_and_then_a_dead_letter(known: Home) -> None:
    known.client.results = [RETRY] * (MAX_ATTEMPTS + 1)
    known.queue("one")
    waits = []
    for _ in range(MAX_ATTEMPTS):
        known.delivery.run_due()
        not_before = known.rows("SELECT not_before FROM outbox")[0][0]
        waits.append(not_before - to_ms(known.clock.now))
        known.clock.advance(milliseconds=max(0, waits[-1]))
    assert 1500 <= waits[0] <= 2500
    assert waits[:-1] == sorted(waits[:-1])
    assert known.states() == ["dead"]
    assert len(known.client.sent) == MAX_ATTEMPTS
    run_for(known, days=1)
    assert len(known.client.sent) == MAX_ATTEMPTS


def test_the_platforms_retry_after_is_obeyed(known: Home) -> None:
    known.client.results = [SendResult(Outcome.RETRY, retry_after=120)]
    known.queue("one")
    known.delivery.run_due()
    run_for(known, seconds=119)
    assert len(known.client.sent) == 1
    run_for(known, seconds=2)
    assert len(known.client.sent) == 2


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 2), (2, 4), (5, 32), (8, 256), (40, 3600)])
def test_back_off_doubles_with_jitter_up_to_an_hour(attempts: int, seconds: int) -> None:
    found = [back_off(attempts, None).total_seconds() for _ in range(50)]
    assert all(0.75 * seconds <= one <= 1.25 * seconds for one in found)
    assert len(set(found)) > 1


def test_an_unknown_outcome_is_tried_once_more_and_no_more(known: Home) -> None:
    known.client.results = [UNKNOWN] * 5
    known.queue("one")
    for _ in range(5):
        known.delivery.run_due()
        known.clock.advance(hours=1)
    assert len(known.client.sent) == 2
    assert known.states() == ["dead"]
    assert "may have arrived" in str(known.outbox()[0][2])


def test_the_platforms_word_that_the_contact_opted_out_is_an_opt_out(known: Home) -> None:
    known.client.results = [SendResult(Outcome.OPTED_OUT, code=6, detail="not subscribed")]
    offer = known.queue("one")
    more = known.queue("an offer", Purpose.MARKETING)
    known.delivery.run_due()
    assert known.gate() == "opted_out"
    assert {offer: "denied", more: "purged"} == {row_id: state for row_id, state, _ in known.outbox()}


def test_an_unreachable_contact_is_left_alone_until_it_writes(known: Home) -> None:
    known.client.results = [SendResult(Outcome.UNREACHABLE, code=7)]
    known.queue("one")
    known.delivery.run_due()
    assert known.gate() == "unreachable"
    known.say("hello")
    assert known.gate() == "allow"


def test_a_refused_request_is_a_dead_letter_that_can_be_seen_and_replayed(known: Home) -> None:
    known.client.results = [SendResult(Outcome.REFUSED, code=3, detail="too long")]
    row_id = known.queue("one")
    known.delivery.run_due()
    letters = known.store.read(lambda tx: outbox.dead_letters(tx, 10))
    assert [(one["id"], one["detail"]) for one in letters] == [(row_id, "too long")]
    assert "one" not in repr(letters).replace("None", "")
    now, later = to_ms(known.clock.now), to_ms(known.clock.now + timedelta(hours=1))
    assert known.store.write(lambda tx: outbox.replay_dead(tx, row_id, now, later)) == 1
    known.delivery.run_due()
    assert (known.client.texts, known.states()) == (["one", "one"], ["sent"])
    assert known.store.write(lambda tx: outbox.replay_dead(tx, None, now, later)) == 0


def test_a_replayed_offer_asks_the_gate_again(known: Home) -> None:
    known.client.results = [SendResult(Outcome.REFUSED)]
    known.queue("an offer", Purpose.MARKETING)
    known.delivery.run_due()
    known.say("STOP")
    now, later = to_ms(known.clock.now), to_ms(known.clock.now + timedelta(hours=1))
    known.store.write(lambda tx: outbox.replay_dead(tx, None, now, later))
    for _ in range(3):
        run_for(known, seconds=1)
    assert known.client.texts.count("an offer") == 1


def test_a_blocked_account_rests_and_goes_on_by_itself(known: Home) -> None:
    known.client.results = [SendResult(Outcome.ACCOUNT_BLOCKED, code=1, detail="suspended")]
    known.queue("one")
    known.delivery.run_due()
    run_for(known, minutes=4)
    assert len(known.client.sent) == 1
    run_for(known, minutes=2)
    assert (len(known.client.sent), known.states()) == (2, ["sent"])


# Many workers, and workers that die


def test_two_deliveries_at_once_send_nothing_twice(known: Home, open_another) -> None:
    others = Home(open_another(), "", known.clock)
    others.house.clients = known.house.clients
    for number in range(12):
        known.say("hello", user=f"c{number}")
    expected = len([one for one in known.states() if one == "queued"])
    deliveries = [known.delivery, Delivery(others.house), Delivery(known.house)]

    def work(number: int) -> None:
        while deliveries[number].run_due():
            pass

    assert together(3, work) == [None] * 3
    known.delivery.run_due()
    assert len(known.client.sent) == len(set(known.client.sent)) == expected
    assert set(known.states()) == {"sent"}


def test_a_pool_sends_to_different_contacts_side_by_side(known: Home) -> None:
    meeting = threading.Barrier(3, timeout=20)

    def answer(_user: str, _message: Message) -> SendResult:
        meeting.wait()
        return SENT

    for user in ("a", "b", "c"):
        known.say("hello", user=user)
    known.client.answer = answer
    with ThreadPoolExecutor(3) as pool:
        assert known.delivery.run_due(pool) == 3


class _PowerLossError(BaseException):
    """The worker ends here."""


def die_while_sending(home: Home) -> None:
    """Let one worker die between the platform's answer and writing it down."""

    def answer(_user: str, _message: Message) -> SendResult:
        raise _PowerLossError

    home.client.answer = answer
    with pytest.raises(_PowerLossError):
        home.delivery.run_due()
    home.client.answer = None


def test_a_try_whose_worker_died_is_made_once_more(known: Home) -> None:
    known.queue("one")
    die_while_sending(known)
    assert known.states() == ["sending"]
    assert known.delivery.recover(alone=True) == 1
    known.delivery.run_due()
    assert (len(known.client.sent), known.states(), outcomes(known)) == (2, ["sent"], ["unknown", "sent"])


def test_a_try_whose_worker_died_twice_is_not_made_again(known: Home) -> None:
    known.queue("one")
    for _ in range(2):
        die_while_sending(known)
        known.delivery.recover(alone=True)
    run_for(known, hours=1)
    assert (len(known.client.sent), known.states()) == (2, ["dead"])


def test_another_workers_try_that_is_under_way_is_not_taken_for_dead(known: Home) -> None:
    known.queue("one")
    die_while_sending(known)
    assert known.delivery.recover(alone=False) == 0
    known.clock.advance(seconds=61)
    assert known.delivery.recover(alone=False) == 1
    assert known.delivery.recover(alone=False) == 0


def test_two_workers_that_recover_at_once_queue_it_once(known: Home, open_another) -> None:
    other = Delivery(Home(open_another(), "", known.clock).house)
    known.queue("one")
    die_while_sending(known)
    counts = together(2, lambda number: (known.delivery, other)[number].recover(alone=True))
    assert sorted(counts) == [0, 1]
    assert outcomes(known) == ["unknown"]


def test_without_a_database_nothing_is_sent(known: Home) -> None:
    known.queue("one")
    known.store.close()
    with pytest.raises(Unavailable):
        known.delivery.run_due()
    assert known.client.sent == []
