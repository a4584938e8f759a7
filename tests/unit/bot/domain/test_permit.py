"""The gate: every reason to say no, and the key that only it can make."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.domain.consent import Consent, ConsentChange, ConsentKind, Frequency, FrequencyChoice
from bot.domain.message import Purpose
from bot.domain.permit import Denial, QuietHours, Reason, SendPermit, SendPolicy, Subject, check
from bot.domain.quota import Grant, Wallet

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
POLICY = SendPolicy(frozenset({"marketing"}))
DAY = timedelta(days=1)


def consent(*kinds: ConsentKind, **more: object) -> Consent:
    found = Consent()
    for kind in kinds:
        found = found.with_change(ConsentChange(kind, NOW - DAY, **more))  # type: ignore[arg-type]
    return found


INSIDE = Subject(consent(ConsentKind.OPTED_IN))
WEEKLY = Frequency(FrequencyChoice.WEEKLY)


def judge(subject: Subject, policy: SendPolicy = POLICY, topic: str = "marketing") -> SendPermit | Denial:
    return check(Purpose.MARKETING, topic, subject, policy, NOW)


def test_who_opted_in_gets_marketing() -> None:
    found = judge(INSIDE)
    assert isinstance(found, SendPermit)
    assert (found.purpose, found.topic, found.checked_at) == (Purpose.MARKETING, "marketing", NOW)


@pytest.mark.parametrize(
    ("subject", "policy", "denial"),
    [
        (Subject(consent(ConsentKind.OPTED_OUT)), POLICY, Denial(Reason.OPTED_OUT)),
        (Subject(Consent()), POLICY, Denial(Reason.UNKNOWN_CONTACT)),
        (INSIDE, SendPolicy(frozenset()), Denial(Reason.UNKNOWN_TOPIC)),
        (
            Subject(consent(ConsentKind.OPTED_IN, ConsentKind.HELD, until=NOW + DAY)),
            POLICY,
            Denial(Reason.HELD, NOW + DAY),
        ),
        (
            Subject(consent(ConsentKind.OPTED_IN, ConsentKind.PAUSED, until=NOW + DAY)),
            POLICY,
            Denial(Reason.PAUSED, NOW + DAY),
        ),
        (
            Subject(
                consent(ConsentKind.OPTED_IN, ConsentKind.FREQUENCY_SET, frequency=WEEKLY), last_marketing_at=NOW - DAY
            ),
            POLICY,
            Denial(Reason.FREQUENCY, NOW + 6 * DAY),
        ),
        (
            INSIDE,
            replace(POLICY, quiet_hours=QuietHours(time(8), time(10))),
            Denial(Reason.QUIET_HOURS, NOW + timedelta(hours=1)),
        ),
        (replace(INSIDE, left_platform=True), POLICY, Denial(Reason.LEFT_PLATFORM)),
        (replace(INSIDE, unreachable_until=NOW + DAY), POLICY, Denial(Reason.UNREACHABLE, NOW + DAY)),
        (replace(INSIDE, wallet=Wallet()), POLICY, Denial(Reason.WINDOW_CLOSED)),
    ],
)
def test_every_no_has_its_reason_and_its_end(subject: Subject, policy: SendPolicy, denial: Denial) -> None:
    assert judge(subject, policy) == denial


def test_a_cap_lets_through_again_when_its_period_is_over() -> None:
    capped = Subject(
        consent(ConsentKind.OPTED_IN, ConsentKind.FREQUENCY_SET, frequency=WEEKLY), last_marketing_at=NOW - 7 * DAY
    )
    assert isinstance(judge(capped), SendPermit)


def test_a_brand_that_keeps_opt_ins_elsewhere_may_send_to_the_unknown_but_never_to_who_stopped() -> None:
    elsewhere = replace(POLICY, unknown_is_allowed=True)
    assert isinstance(judge(Subject(Consent()), elsewhere), SendPermit)
    assert judge(Subject(consent(ConsentKind.OPTED_OUT)), elsewhere) == Denial(Reason.OPTED_OUT)


@pytest.mark.parametrize("purpose", [Purpose.REPLY, Purpose.SERVICE])
def test_replies_and_service_messages_need_no_consent_but_a_way_to_the_contact(purpose: Purpose) -> None:
    stopped = Subject(consent(ConsentKind.OPTED_OUT))
    assert isinstance(check(purpose, "marketing", stopped, POLICY, NOW), SendPermit)
    gone = replace(stopped, left_platform=True)
    assert check(purpose, "marketing", gone, POLICY, NOW) == Denial(Reason.LEFT_PLATFORM)


def test_an_open_window_is_needed_and_enough() -> None:
    open_wallet = Wallet((Grant(60, 1, NOW + timedelta(seconds=1)),))
    assert isinstance(judge(replace(INSIDE, wallet=open_wallet)), SendPermit)


def test_nobody_else_makes_a_permit() -> None:
    with pytest.raises(TypeError, match="only"):
        SendPermit(object(), Purpose.MARKETING, "marketing", NOW)


@pytest.mark.parametrize(
    ("start", "end", "hour", "ends_in"),
    [
        (time(21), time(8), 23, timedelta(hours=9)),
        (time(21), time(8), 2, timedelta(hours=6)),
        (time(21), time(8), 8, None),
        (time(21), time(8), 21, timedelta(hours=11)),
        (time(12), time(14), 11, None),
        (time(12), time(14), 13, timedelta(hours=1)),
    ],
)
def test_quiet_hours_may_span_midnight(start: time, end: time, hour: int, ends_in: timedelta | None) -> None:
    now = NOW.replace(hour=hour)
    assert QuietHours(start, end).ends_at(now) == (now + ends_in if ends_in else None)


def test_quiet_hours_are_local() -> None:
    quiet = QuietHours(time(21), time(8), "Asia/Shanghai")
    assert quiet.ends_at(NOW.replace(hour=14)) == datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
    assert quiet.ends_at(NOW.replace(hour=1)) is None
