"""The gate: what it says of one and of many, and that a stop that was acknowledged is final."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from bot.domain.consent import ConsentKind, Frequency, FrequencyChoice
from handlers.services import audience
from storage import claim
from storage.store import Store
from tests.support.channel import SettableClock, viber_account
from tests.support.house import Home, change_of, together


def ask(home: Home, *recipients: str, topic: str = "marketing", key: str | None = None, is_claim: bool = True) -> dict:
    question = audience.Question(home.viber, topic, recipients, is_claim, key)
    return audience.ask(home.house, question)


@pytest.mark.parametrize("is_claim", [False, True])
def test_whoever_is_unknown_is_denied(home: Home, is_claim: bool) -> None:
    assert ask(home, "nobody", is_claim=is_claim)["denied"] == [
        {"recipient": "nobody", "reason": "unknown_contact", "until": None}
    ]


@pytest.mark.parametrize("is_claim", [False, True])
def test_an_unknown_topic_is_denied(home: Home, is_claim: bool) -> None:
    home.opt_in()
    assert ask(home, "u1", topic="no_such_topic", is_claim=is_claim)["denied"][0]["reason"] == "unknown_topic"


def test_whoever_only_wrote_is_not_opted_in(home: Home) -> None:
    home.say("hello")
    assert home.gate() == "unknown_contact"


def test_unknown_contacts_are_allowed_where_the_brand_keeps_opt_ins_elsewhere_until_they_stop(
    store: Store, database: str, clock: SettableClock
) -> None:
    home = Home(store, database, clock, viber_account(unknown_contacts="allow"))
    assert home.gate() == home.gate(claim=True) == "allow"
    home.say("STOP")
    assert home.gate() == home.gate(claim=True) == "opted_out"


def test_consent_of_one_account_is_none_of_another(home: Home) -> None:
    home.opt_in()
    assert (home.gate(), home.gate(account=home.wechat)) == ("allow", "unknown_contact")


def test_each_of_many_gets_an_answer_of_its_own(home: Home) -> None:
    for number in range(0, 30, 3):
        home.opt_in(f"c{number}")
    answer = ask(home, *(f"c{number}" for number in range(1200)), "c0", is_claim=False)
    assert answer["allowed"] == [f"c{number}" for number in range(0, 30, 3)]
    assert len(answer["denied"]) == 1190


def test_an_allow_lives_for_a_minute_at_most(home: Home) -> None:
    expires = ask(home, "u1")["expires_at"]
    assert expires == (home.clock.now + timedelta(seconds=60)).isoformat(timespec="seconds")


@pytest.mark.parametrize(
    ("choice", "days", "period"),
    [
        (FrequencyChoice.WEEKLY, 0, 7),
        (FrequencyChoice.MONTHLY, 0, 30),
        (FrequencyChoice.EVERY_N_DAYS, 3, 3),
    ],
)
def test_a_claim_is_counted_for_the_whole_period_and_a_check_is_not(
    home: Home, choice: FrequencyChoice, days: int, period: int
) -> None:
    home.opt_in()
    home.change(change_of(ConsentKind.FREQUENCY_SET, frequency=Frequency(choice, days)))
    assert [home.gate(), home.gate(), home.gate(claim=True), home.gate(claim=True), home.gate()] == [
        "allow",
        "allow",
        "allow",
        "frequency",
        "frequency",
    ]
    home.clock.advance(days=period, seconds=-1)
    assert home.gate() == "frequency"
    home.clock.advance(seconds=1)
    assert home.gate(claim=True) == "allow"


def test_a_claim_that_is_given_back_does_not_count(home: Home) -> None:
    home.opt_in()
    home.change(change_of(ConsentKind.FREQUENCY_SET, frequency=Frequency(FrequencyChoice.WEEKLY)))
    assert home.gate(claim=True, key="k1") == "allow"
    assert audience.release(home.house, home.viber, "k1", ["u1", "nobody"]) == 1
    assert audience.release(home.house, home.viber, "k1", ["u1"]) == 0
    assert home.gate() == "allow"


def test_of_many_claims_at_once_a_weekly_contact_grants_one(home: Home, open_another) -> None:
    homes = [home, Home(open_another(), "", home.clock)]
    home.opt_in()
    home.change(change_of(ConsentKind.FREQUENCY_SET, frequency=Frequency(FrequencyChoice.WEEKLY)))
    answers = together(8, lambda number: homes[number % 2].gate(claim=True))
    assert sorted(answers) == ["allow"] + ["frequency"] * 7


def test_a_repeated_claim_gets_the_same_answer_and_counts_once(home: Home) -> None:
    home.opt_in()
    home.change(change_of(ConsentKind.FREQUENCY_SET, frequency=Frequency(FrequencyChoice.WEEKLY)))
    first = ask(home, "u1", "nobody", key="k1")
    home.clock.advance(hours=1)
    assert ask(home, "u1", "nobody", key="k1") == first
    assert home.rows("SELECT count(*) FROM send_claim") == [(1,)]


def test_a_claim_that_comes_twice_at_once_gets_one_answer(home: Home, open_another) -> None:
    homes = [home, Home(open_another(), "", home.clock)]
    home.opt_in()
    home.change(change_of(ConsentKind.FREQUENCY_SET, frequency=Frequency(FrequencyChoice.WEEKLY)))
    answers = together(6, lambda number: homes[number % 2].gate(claim=True, key="k1"))
    assert answers == ["allow"] * 6
    assert home.rows("SELECT count(*) FROM send_claim") == [(1,)]


def test_a_key_that_comes_with_another_request_is_refused(home: Home) -> None:
    ask(home, "u1", key="k1")
    with pytest.raises(audience.KeyReusedError):
        ask(home, "u2", key="k1")


def test_a_claim_that_fails_leaves_its_key_free(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        raise RuntimeError("counting broke")

    home.opt_in()
    with monkeypatch.context() as patched:
        patched.setattr(claim, "count_sends", fail)
        with pytest.raises(RuntimeError):
            ask(home, "u1", key="k1")
    assert ask(home, "u1", key="k1")["allowed"] == ["u1"]


@pytest.mark.parametrize("is_claim", [False, True])
def test_once_a_stop_was_acknowledged_nobody_hears_allow(home: Home, open_another, is_claim: bool) -> None:
    """Asked without a break, on two workers, while the stop comes in: whoever asked after it returned is denied."""
    # on SQLite one process owns the file: its lock is not fair to a second one among writers that never pause
    homes = [home, home if home.is_sqlite else Home(open_another(), "", home.clock)]
    home.opt_in()
    acknowledged, done = threading.Event(), threading.Event()
    wrong: list[str] = []
    heard: list[int] = []

    def watch(where: Home) -> None:
        count = 0
        while not (done.is_set() and count >= 5):
            was_acknowledged = acknowledged.is_set()
            answer = where.gate(claim=is_claim)
            count += 1
            if was_acknowledged and answer != "opted_out":
                wrong.append(answer)
        heard.append(count)

    home.clock.advance(seconds=1)
    watchers = [threading.Thread(target=watch, args=(homes[number % 2],)) for number in range(4)]
    for one in watchers:
        one.start()
    home.say("STOP")
    acknowledged.set()
    for _ in range(10):
        home.gate()
    done.set()
    for one in watchers:
        one.join(30)
    assert (wrong, len(heard)) == ([], 4)


@pytest.mark.parametrize("jump", [timedelta(days=3650), timedelta(days=-3650)])
def test_a_jump_of_the_clock_lifts_no_stop(home: Home, jump: timedelta) -> None:
    home.opt_in()
    home.clock.advance(seconds=1)
    home.say("STOP")
    home.clock.now += jump
    assert home.gate() == home.gate(claim=True) == "opted_out"
