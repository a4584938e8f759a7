"""The platform's sending window of one contact: how many messages may still go, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.channel import WindowGrant


@dataclass(frozen=True, slots=True)
class Grant:
    """What one act of the contact bought: `left` sends until `until`. `seconds` tells the kinds of act apart."""

    seconds: int
    left: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Wallet:
    """All grants of one contact. A new act renews its own kind of grant and leaves the others (WeChat: a tapped menu
    option
    buys three sends in a minute and takes away nothing of what a message bought)."""

    grants: tuple[Grant, ...] = ()

    def granted(self, grant: WindowGrant, at: datetime) -> Wallet:
        """The wallet after an act of the contact at `at`."""
        new = Grant(grant.seconds, grant.messages, at + timedelta(seconds=grant.seconds))
        same = next((one for one in self.grants if one.seconds == grant.seconds), None)
        if same and same.until >= new.until:
            return self
        return Wallet((*(one for one in self.grants if one.seconds != grant.seconds), new))

    def spent(self, now: datetime) -> Wallet:
        """The wallet after one send: the grant that ends first pays."""
        open_grants = sorted((one for one in self.grants if _is_open(one, now)), key=lambda one: one.until)
        if not open_grants:
            return self
        payer = open_grants[0]
        paid = Grant(payer.seconds, payer.left - 1, payer.until)
        return Wallet(tuple(paid if one is payer else one for one in self.grants))

    def refunded(self, now: datetime) -> Wallet:
        """The wallet after a send that the platform refused and did not count: the grant that would pay gets it back."""
        live = sorted((one for one in self.grants if now < one.until), key=lambda one: one.until)
        if not live:
            return self
        back = Grant(live[0].seconds, live[0].left + 1, live[0].until)
        return Wallet(tuple(back if one is live[0] else one for one in self.grants))

    def left(self, now: datetime) -> int:
        """How many sends would still be let through."""
        return sum(one.left for one in self.grants if _is_open(one, now))

    def is_open(self, now: datetime) -> bool:
        """Whether one more send would be let through."""
        return self.left(now) > 0

    def closes_at(self, now: datetime) -> datetime | None:
        """When the last open grant ends; None = nothing is open."""
        return max((one.until for one in self.grants if _is_open(one, now)), default=None)


def _is_open(grant: Grant, now: datetime) -> bool:
    return grant.left > 0 and now < grant.until
