"""Sixteen threads on one contact: whatever wins the race, the registers are those of the events alone (I4, I7)."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from storage import ledger
from tests.support.house import Home, together

THREADS = 16
EVENTS = 48


@pytest.mark.parametrize("seed", range(3))
def test_stops_and_starts_of_random_times_race_to_the_latest_of_each(home: Home, seed: int) -> None:
    dice = random.Random(seed)
    now = home.clock.now
    said = [(dice.choice(["STOP", "START"]), now - timedelta(seconds=dice.randrange(20))) for _ in range(EVENTS)]
    twice = [(number, *one) for number, one in enumerate(said)] * 2
    dice.shuffle(twice)

    def run(thread: int) -> None:
        for number, words, at in twice[thread::THREADS]:
            home.say(words, at=at, key=f"message-{number}")

    assert together(THREADS, run) == [None] * THREADS
    registers = home.consent().row("*")
    out = max(at for words, at in said if words == "STOP")
    back = max(at for words, at in said if words == "START")
    assert (registers.opted_out_at, registers.opted_in_at) == (out, back)
    assert home.gate() == ("opted_out" if out >= back else "allow")
    assert home.rows("SELECT count(*) FROM inbox") == [(EVENTS,)]
    assert home.store.read(ledger.verify).first_bad is None


def test_stops_and_weekly_race_to_a_register_that_no_order_changes(home: Home) -> None:
    dice = random.Random(7)
    now = home.clock.now
    acts = [(dice.choice(["STOP", "opt_out.weekly.1", "opt_out.monthly.1"]), dice.randrange(12)) for _ in range(EVENTS)]

    def act(user: str, number: int) -> None:
        words, seconds = acts[number]
        origin = {"user": user, "at": now - timedelta(seconds=seconds), "key": f"{user}-{number}"}
        home.say(words, **origin) if words == "STOP" else home.tap(words, **origin)

    def run(thread: int) -> None:
        for number in range(thread, EVENTS, THREADS):
            act("raced", number)

    assert together(THREADS, run) == [None] * THREADS
    for number in sorted(range(EVENTS), key=lambda one: acts[one][1], reverse=True):
        act("in-order", number)
    assert home.consent("raced") == home.consent("in-order")
