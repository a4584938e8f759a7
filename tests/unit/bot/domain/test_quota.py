"""The sending window of a contact, as WeChat sells it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.domain.channel import WindowGrant
from bot.domain.quota import Wallet

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MESSAGE = WindowGrant(5, 48 * 3600)
TAP = WindowGrant(3, 60)


def test_a_message_buys_five_sends_in_two_days() -> None:
    wallet = Wallet().granted(MESSAGE, NOW)
    assert wallet.left(NOW) == 5
    for _ in range(5):
        wallet = wallet.spent(NOW)
    assert not wallet.is_open(NOW)
    assert wallet.spent(NOW) == wallet


def test_a_new_message_renews_and_does_not_add() -> None:
    wallet = Wallet().granted(MESSAGE, NOW).spent(NOW).granted(MESSAGE, NOW + timedelta(hours=1))
    assert wallet.left(NOW) == 5
    assert wallet.closes_at(NOW) == NOW + timedelta(hours=49)


def test_a_tap_adds_its_own_and_pays_first() -> None:
    wallet = Wallet().granted(MESSAGE, NOW).granted(TAP, NOW)
    assert wallet.left(NOW) == 8
    assert wallet.spent(NOW).left(NOW + timedelta(minutes=2)) == 5


def test_a_window_ends() -> None:
    wallet = Wallet().granted(TAP, NOW)
    assert wallet.is_open(NOW + timedelta(seconds=59))
    assert not wallet.is_open(NOW + timedelta(seconds=60))
    assert wallet.closes_at(NOW + timedelta(seconds=60)) is None


def test_an_older_act_that_comes_late_takes_nothing_away() -> None:
    wallet = Wallet().granted(MESSAGE, NOW).spent(NOW)
    assert wallet.granted(MESSAGE, NOW - timedelta(hours=1)) == wallet
