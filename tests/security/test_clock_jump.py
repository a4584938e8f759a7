"""Wall clocks jump by years, ours or the platform's: a STOP stays the last word all the same (promise 2)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.consent import ConsentChange, ConsentKind
from tests.support.channel import SettableClock
from tests.support.house import Home

TEN_YEARS = timedelta(days=3652)


def test_a_stop_wins_while_our_clock_is_ten_years_behind(home: Home, clock: SettableClock) -> None:
    home.opt_in()
    said_at = clock.now + timedelta(hours=1)
    clock.now -= TEN_YEARS
    home.say("STOP", at=said_at)
    assert home.gate() == "opted_out"
    clock.now += TEN_YEARS + timedelta(hours=2)
    assert home.gate() == "opted_out"


def test_a_stop_wins_over_an_opt_in_that_a_clock_ten_years_ahead_wrote_down(home: Home, clock: SettableClock) -> None:
    clock.now += TEN_YEARS
    home.opt_in()
    clock.now -= TEN_YEARS
    home.say("STOP")
    assert home.gate() == "opted_out"
    clock.now += TEN_YEARS + timedelta(days=1)
    assert home.gate() == "opted_out"


def test_a_stop_for_one_topic_wins_over_an_opt_in_to_everything_from_a_wrong_clock(
    home: Home, clock: SettableClock
) -> None:
    clock.now += TEN_YEARS
    home.opt_in()
    clock.now -= TEN_YEARS
    home.change(ConsentChange(ConsentKind.OPTED_OUT, clock.now, topic="marketing"))
    assert home.gate() == "opted_out"


def test_leaving_the_platform_wins_over_an_opt_in_from_a_wrong_clock(home: Home, clock: SettableClock) -> None:
    clock.now += TEN_YEARS
    home.opt_in(account=home.wechat)
    clock.now -= TEN_YEARS
    home.leave(must_erase=True, account=home.wechat)
    assert home.gate(account=home.wechat) != "allow"


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(minutes=4)])
def test_an_older_stop_that_comes_late_does_not_undo_a_newer_start(
    home: Home, clock: SettableClock, ahead: timedelta
) -> None:
    """The rule for wrong clocks must not reach times that a platform may rightly be ahead."""
    home.opt_in(at=clock.now + ahead)
    home.say("STOP", at=clock.now - timedelta(minutes=1))
    assert home.gate() == "allow"


def test_the_ledger_holds_after_a_stop_under_a_wrong_clock(home: Home, clock: SettableClock) -> None:
    home.opt_in()
    clock.now -= TEN_YEARS
    home.say("STOP")
    assert home.kinds()[:2] == ["opted_in", "opted_out"]
    out, opted_in = home.rows("SELECT opted_out_at, opted_in_at FROM consent WHERE topic = '*'")[0]
    assert out == opted_in
