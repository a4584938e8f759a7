"""The journey of one event through real storage, recognition and conversation: once, in any order, never lost."""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from bot.domain.consent import Consent
from bot.domain.event import DeliveryReported, DeliveryStatus, Ignored, UtteranceReceived
from handlers.services import inbound as inbound_module
from handlers.services import turn
from handlers.services.inbound import MAX_ATTEMPTS, clamped
from intents.recogniser import Recogniser
from storage import inbox, ledger
from storage.error import Unavailable
from storage.moment import to_ms
from storage.store import Sql, Store, Tx
from tests.support.channel import NOW, SettableClock
from tests.support.house import Home, together


def effects(home: Home) -> tuple[int, ...]:
    """How much stands in each table that an event may write to."""
    tables = ("ledger_event", "inbox", "outbox", "chat_line", "timer", "case_record", "contact", "subject")
    return tuple(home.rows(f"SELECT count(*) FROM {one}")[0][0] for one in tables)


# Once


@pytest.mark.parametrize("account", ["acme-viber", "acme-wechat"])
@pytest.mark.parametrize("text", ["STOP", "退订", "hello there", "your parcel never came, this is a disgrace"])
def test_a_redelivery_has_no_second_effect_however_late_it_comes(home: Home, account: str, text: str) -> None:
    where = home.house.account(account)
    event = UtteranceReceived(home.origin(account=where, key="m1"), text)
    home.accept(event)
    before, consent = effects(home), home.consent(account=where)
    for span in (timedelta(seconds=1), timedelta(hours=1), timedelta(hours=49), timedelta(days=400)):
        home.clock.now = NOW + span
        assert home.accept(event) is None
        assert (effects(home), home.consent(account=where)) == (before, consent)


def test_a_redelivery_gets_the_same_direct_answer_while_it_is_kept(home: Home) -> None:
    first = home.say("STOP", account=home.wechat, key="m1", is_direct=True)
    assert first is not None
    assert home.outbox() == []
    for span in (timedelta(0), timedelta(seconds=1), timedelta(hours=1), timedelta(hours=47)):
        home.clock.now = NOW + span
        assert home.say("STOP", account=home.wechat, key="m1", at=NOW, is_direct=True) == first
    for span in (timedelta(hours=49), timedelta(days=400)):
        home.clock.now = NOW + span
        assert home.say("STOP", account=home.wechat, key="m1", at=NOW, is_direct=True) is None
    assert home.kinds(account=home.wechat) == ["opted_out"]


def test_answers_kept_too_long_are_forgotten_and_the_event_stays_known(home: Home) -> None:
    home.say("STOP", account=home.wechat, key="m1", is_direct=True)
    home.clock.advance(hours=49)
    home.store.write(lambda tx: inbox.forget_replies(tx, to_ms(home.clock.now - timedelta(hours=48))))
    assert home.rows("SELECT count(*) FROM inbox WHERE sealed_reply IS NOT NULL") == [(0,)]
    assert home.say("STOP", account=home.wechat, key="m1", at=NOW, is_direct=True) is None
    assert home.kinds(account=home.wechat) == ["opted_out"]


def test_the_same_key_on_another_account_is_another_event(home: Home) -> None:
    home.say("STOP", key="m1")
    home.say("STOP", key="m1", account=home.wechat)
    assert (home.kinds(), home.kinds(account=home.wechat)) == (["opted_out"], ["opted_out"])


def test_an_event_that_comes_many_times_at_once_has_one_effect_and_one_answer(home: Home, open_another) -> None:
    homes = [home, Home(open_another(), "", home.clock)]
    event = UtteranceReceived(home.origin(account=home.wechat, key="m1"), "STOP")
    answers = together(8, lambda number: homes[number % 2].accept(event, is_direct=True))
    assert answers[0] and answers == [answers[0]] * 8
    assert home.kinds(account=home.wechat) == ["opted_out"]
    assert home.rows("SELECT count(*) FROM chat_line") == [(2,)]


def test_events_of_one_contact_that_come_at_once_are_all_counted(home: Home, open_another) -> None:
    homes = [home, Home(open_another(), "", home.clock)]
    answers = together(8, lambda number: homes[number % 2].say("STOP", key=f"m{number}"))
    assert answers == [None] * 8
    assert home.kinds() == ["opted_out"] * 8
    assert home.store.read(ledger.verify) == ledger.Verdict(8)


def test_what_is_ignored_leaves_nothing(home: Home) -> None:
    before = effects(home)
    assert home.inbound.accept("acme-viber", Ignored("a client status"), b"", None) is None
    assert effects(home) == before


def test_a_delivery_report_marks_the_line_of_the_chat_and_never_goes_back(home: Home) -> None:
    home.say("STOP")
    home.delivery.run_due()
    token = home.rows("SELECT message_token FROM outbox")[0][0]

    def report(status: DeliveryStatus, key: str) -> list[tuple[str]]:
        home.accept(DeliveryReported(home.origin(key=key), token, status))
        return home.rows("SELECT status FROM chat_line WHERE outbox_id IS NOT NULL")

    assert report(DeliveryStatus.SEEN, "r1") == [("seen",)]
    assert report(DeliveryStatus.DELIVERED, "r2") == [("seen",)]


# In any order

Act = Callable[[Home, str, datetime], object]
OWN_MEANING: dict[str, Act] = {
    "follow": lambda home, who, at: home.follow(user=who, at=at),
    "stop": lambda home, who, at: home.say("STOP", user=who, at=at),
    "weekly": lambda home, who, at: home.tap("opt_out_offer.weekly.1", user=who, at=at),
    "pause": lambda home, who, at: home.tap("frequency_choice.pause_30.1", user=who, at=at),
    "leave": lambda home, who, at: home.leave(user=who, at=at),
    "start": lambda home, who, at: home.say("START", user=who, at=at),
}
TIMES = {name: NOW - timedelta(minutes=6 - place) for place, name in enumerate(OWN_MEANING)}


class _DoneError(Exception):
    """Takes a permutation back, so that the next one begins afresh without a commit."""


@pytest.fixture
def joined_home(store: Store, database: str, clock: SettableClock) -> Iterator[Home]:
    """A house that plays all in one transaction: 4,320 durable commits would say nothing more about the order."""
    joined = OneTransaction(store)
    yield Home(joined, database, clock)  # type: ignore[arg-type]
    joined.end()


def registers_after(home: Home, order: tuple[str, ...], times: dict[str, datetime], acts: dict[str, Act]) -> Consent:
    """The registers after the events came in this order, for a contact that was unknown before."""
    who = "-".join(order)
    for name in order:
        acts[name](home, who, times[name])
    return home.consent(who)


def orders(home: Home, step: int) -> list[tuple[str, ...]]:
    """Every order on SQLite; every `step`th one where each statement is a round trip to a server."""
    every = list(itertools.permutations(OWN_MEANING))
    assert len(every) == 720
    return every if step == 1 or home.is_sqlite else every[::step]


def test_all_720_orders_of_six_events_with_their_own_meaning_end_the_same(joined_home: Home) -> None:
    found = {order: registers_after(joined_home, order, TIMES, OWN_MEANING) for order in orders(joined_home, 17)}
    expected = found[tuple(OWN_MEANING)]
    assert [order for order, consent in found.items() if consent != expected] == []
    assert expected.standing("marketing").value == "opted_in"
    assert expected.frequency().choice.value == "weekly"
    assert expected.row("*").paused_until is None, "the start came after the pause and ends it"


def test_every_order_ends_stopped_when_the_stop_is_the_last_word(joined_home: Home) -> None:
    times = {**TIMES, "stop": NOW}
    some = list(itertools.permutations(OWN_MEANING))[::17]
    found = {order: registers_after(joined_home, order, times, OWN_MEANING) for order in some}
    expected = found[tuple(OWN_MEANING)]
    assert [order for order, consent in found.items() if consent != expected] == []
    assert expected.is_opted_out("marketing")


def test_the_order_does_not_matter_where_leaving_erases_the_person(joined_home: Home) -> None:
    home = joined_home
    acts = {one: OWN_MEANING[one] for one in ("follow", "weekly", "stop", "start")}
    acts["leave"] = lambda home, who, at: home.leave(user=who, at=at, must_erase=True)
    found = {order: registers_after(home, order, TIMES, acts) for order in itertools.permutations(acts)}
    expected = found[tuple(acts)]
    assert [order for order, consent in found.items() if consent != expected] == []


class OneTransaction:
    """A store whose writes all join one transaction that a thread holds open; `end` takes it back."""

    def __init__(self, store: Store) -> None:
        self.keys = store.keys
        self._asked: queue.Queue[Callable[[Tx], object] | None] = queue.Queue()
        self._answers: queue.Queue[tuple[object, BaseException | None]] = queue.Queue()
        self._thread = threading.Thread(target=self._hold, args=(store,), daemon=True)
        self._thread.start()

    def _hold(self, store: Store) -> None:
        def serve(tx: Tx) -> None:
            while (work := self._asked.get(timeout=60)) is not None:
                try:
                    self._answers.put((work(tx), None))
                except Exception as error:  # noqa: BLE001 - handed to who asked
                    self._answers.put((None, error))
            raise _DoneError

        with suppress(_DoneError):
            store.write(serve)

    def write(self, work: Callable[[Tx], object]) -> object:
        """See `Store.write`."""
        self._asked.put(work)
        answer, error = self._answers.get(timeout=30)
        if error:
            raise error
        return answer

    read = write

    def end(self) -> None:
        """Take everything back."""
        self._asked.put(None)
        self._thread.join(30)


def test_a_stop_and_a_start_of_the_same_moment_end_stopped(home: Home) -> None:
    for who, order in (("a", ("STOP", "START")), ("b", ("START", "STOP"))):
        for word in order:
            home.say(word, user=who, at=NOW)
        assert home.gate(who) == "opted_out"


def test_a_start_older_than_the_stop_never_wins(home: Home) -> None:
    home.say("STOP", at=NOW)
    home.say("START", at=NOW - timedelta(hours=1))
    assert home.gate() == "opted_out"


def test_a_platform_time_far_ahead_is_taken_for_now(home: Home) -> None:
    home.say("START", at=NOW + timedelta(days=3650))
    home.clock.advance(minutes=1)
    home.say("STOP")
    assert home.gate() == "opted_out"
    event = UtteranceReceived(home.origin(at=NOW + timedelta(minutes=4)), "x")
    assert clamped(event, NOW) is event


# Never lost


class BrokenRecogniser:
    """A defect: reading anything raises."""

    def read(self, *_args: object) -> object:
        raise RuntimeError("the recogniser broke")


def break_processing(home: Home) -> Recogniser:
    """Break the reading of words; returns what mends it."""
    sound = home.house.recogniser()
    home.house.recogniser = BrokenRecogniser  # type: ignore[assignment]
    return sound


def inbox_rows(home: Home) -> list[tuple[str, int]]:
    return home.rows("SELECT state, attempts FROM inbox ORDER BY id")


def test_an_event_that_cannot_be_processed_is_kept_and_has_its_effect_later_once(home: Home) -> None:
    home.opt_in()
    sound = break_processing(home)
    assert home.say("STOP", key="m1", is_direct=True) is None
    assert inbox_rows(home) == [("pending", 1)]
    assert home.gate() != "allow", "what it says is unknown, so nothing is sent meanwhile"
    home.house.recogniser = lambda: sound
    assert home.inbound.retry_pending() == 0, "its time has not come"
    home.clock.advance(seconds=11)
    assert home.inbound.retry_pending() == 1
    assert inbox_rows(home) == [("done", 1)]
    assert home.gate() == "opted_out"
    assert home.inbound.retry_pending() == 0
    assert home.kinds().count("opted_out") == 1


def test_a_redelivery_of_a_kept_event_does_nothing(home: Home) -> None:
    break_processing(home)
    home.say("STOP", key="m1")
    before = effects(home)
    assert home.say("STOP", key="m1", at=NOW) is None
    assert effects(home) == before


def test_an_event_kept_many_times_at_once_is_kept_and_held_once(home: Home) -> None:
    home.opt_in()
    break_processing(home)
    event = UtteranceReceived(home.origin(key="m1"), "STOP")
    assert together(6, lambda _number: home.accept(event)) == [None] * 6
    assert (inbox_rows(home), home.kinds()) == ([("pending", 1)], ["opted_in", "held"])


def test_a_half_done_event_leaves_nothing_but_its_copy(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        raise RuntimeError("saving the contact broke")

    monkeypatch.setattr(turn.contact, "save", fail)
    home.say("hello")
    assert home.rows("SELECT count(*) FROM chat_line") == home.rows("SELECT count(*) FROM outbox") == [(0,)]
    assert inbox_rows(home) == [("pending", 1)]


def test_an_event_that_fails_again_and_again_is_dead_and_can_be_replayed(home: Home) -> None:
    sound = break_processing(home)
    home.say("STOP")
    for _ in range(MAX_ATTEMPTS):
        home.clock.advance(hours=2)
        home.inbound.retry_pending()
    assert inbox_rows(home) == [("dead", MAX_ATTEMPTS)]
    home.house.recogniser = lambda: sound
    home.clock.advance(hours=2)
    assert home.inbound.retry_pending() == 0
    assert home.store.write(lambda tx: inbox.replay_dead(tx, to_ms(home.clock.now))) == 1
    home.inbound.retry_pending()
    assert inbox_rows(home)[0][0] == "done"
    assert home.consent().is_opted_out()


def test_each_try_waits_longer_than_the_one_before(home: Home) -> None:
    break_processing(home)
    home.say("STOP")
    waits = []
    for _ in range(4):
        home.clock.advance(hours=2)
        home.inbound.retry_pending()
        waits.append(home.rows("SELECT retry_at FROM inbox")[0][0] - to_ms(home.clock.now))
    assert waits == sorted(waits)
    assert len(set(waits)) == 4


def test_one_kept_event_that_cannot_be_read_stops_no_other(home: Home) -> None:
    sound = break_processing(home)
    home.say("STOP", user="a")
    home.say("STOP", user="b")
    home.house.recogniser = lambda: sound
    home.store.write(
        lambda tx: (
            tx.run(
                Sql("UPDATE inbox SET sealed_event = :junk WHERE id = (SELECT min(id) FROM inbox)"), junk=b"junk" * 20
            ).rowcount
        )
    )
    home.clock.advance(seconds=11)
    home.inbound.retry_pending()
    assert inbox_rows(home) == [("pending", 2), ("done", 1)]


def test_an_erased_persons_kept_event_is_not_replayed(home: Home) -> None:
    break_processing(home)
    home.say("hello")
    home.erase()
    home.clock.advance(seconds=11)
    assert home.inbound.retry_pending() == 0
    assert home.store.write(lambda tx: inbox.replay_dead(tx, to_ms(home.clock.now))) == 0


def test_without_a_database_nothing_is_accepted(home: Home) -> None:
    home.store.close()
    with pytest.raises(Unavailable):
        home.say("STOP")
    with pytest.raises(Unavailable):
        home.gate()


def test_a_retry_without_a_database_counts_as_no_try(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = break_processing(home)
    home.say("STOP")
    home.house.recogniser = lambda: sound
    home.clock.advance(seconds=11)

    def away(*_args: object) -> None:
        raise Unavailable("gone")

    with monkeypatch.context() as patched:
        patched.setattr(inbound_module.turn, "take", away)
        with pytest.raises(Unavailable):
            home.inbound.retry_pending()
    assert inbox_rows(home) == [("pending", 1)]
    home.inbound.retry_pending()
    assert inbox_rows(home) == [("done", 1)]


# Who is there


def test_whoever_left_and_wrote_again_is_there_whatever_the_order(home: Home, clock: SettableClock) -> None:
    earlier, later = NOW - timedelta(minutes=2), NOW - timedelta(minutes=1)
    home.leave(user="a", at=earlier)
    home.say("START", user="a", at=later)
    home.say("START", user="b", at=later)
    home.leave(user="b", at=earlier)
    assert (home.gate("a"), home.gate("b")) == ("allow", "allow")
