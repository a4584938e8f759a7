"""Working hours: who is there now, and when somebody is back; night shifts and summer time included."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.services.hours import back_at, is_open
from handlers.settings import WorkingHours

SHANGHAI = ZoneInfo("Asia/Shanghai")
KYIV = ZoneInfo("Europe/Kyiv")
OFFICE = WorkingHours(zone="Asia/Shanghai", always=False)
NIGHT = WorkingHours(zone="Europe/Kyiv", start=time(22), end=time(6), days=frozenset({0, 4}), always=False)
# 2026-03-02 is a Monday; summer time in Kyiv begins on Sunday 2026-03-29 at 03:00 and ends on 2026-10-25 at 04:00.


def shanghai(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of March 2026 in Shanghai, in UTC."""
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def kyiv(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of 2026 in Kyiv, in UTC."""
    return datetime(2026, month, day, hour, minute, tzinfo=KYIV).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (shanghai(2, 8, 59), False),
        (shanghai(2, 9), True),
        (shanghai(2, 17, 59), True),
        (shanghai(2, 18), False),
        (shanghai(7, 12), False),
        (shanghai(6, 12), True),
    ],
)
def test_an_office_is_open_from_its_first_minute_until_its_last_on_working_days(now: datetime, expected: bool) -> None:
    assert is_open(OFFICE, now) is expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (shanghai(2, 7), shanghai(2, 9)),
        (shanghai(2, 18), shanghai(3, 9)),
        (shanghai(6, 20), shanghai(9, 9)),
        (shanghai(8, 12), shanghai(9, 9)),
    ],
)
def test_somebody_is_back_when_the_office_opens_next(now: datetime, expected: datetime) -> None:
    back = back_at(OFFICE, now)
    assert back == expected
    assert back is not None
    assert back.utcoffset() == timedelta(hours=8)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (kyiv(3, 2, 21, 59), False),
        (kyiv(3, 2, 22), True),
        (kyiv(3, 3, 5, 59), True),
        (kyiv(3, 3, 6), False),
        (kyiv(3, 3, 23), False),  # Tuesday has no shift
        (kyiv(3, 7, 3), True),  # Friday's shift goes on into Saturday
        (kyiv(3, 2, 3), False),  # Sunday had none
    ],
)
def test_a_night_shift_belongs_to_the_day_on_which_it_begins(now: datetime, expected: bool) -> None:
    assert is_open(NIGHT, now) is expected


def test_after_a_night_shift_the_next_one_is_named() -> None:
    assert back_at(NIGHT, kyiv(3, 3, 6)) == kyiv(3, 6, 22)
    assert back_at(NIGHT, kyiv(3, 2, 12)) == kyiv(3, 2, 22)


@pytest.mark.parametrize(("month", "friday", "monday"), [(3, 27, 30), (10, 23, 26)])
def test_the_office_opens_by_the_clock_on_the_wall_after_a_change_of_time(month: int, friday: int, monday: int) -> None:
    office = WorkingHours(zone="Europe/Kyiv", always=False)
    back = back_at(office, kyiv(month, friday, 19))
    assert back == kyiv(month, monday, 9)
    assert back is not None
    assert (back.hour, back.minute) == (9, 0)
    assert is_open(office, back)


def test_a_night_shift_over_a_change_of_time_ends_by_the_clock_on_the_wall() -> None:
    saturday = WorkingHours(zone="Europe/Kyiv", start=time(22), end=time(6), days=frozenset({5}), always=False)
    begins, ends = kyiv(3, 28, 22), kyiv(3, 29, 6)
    assert ends - begins == timedelta(hours=7)
    assert is_open(saturday, ends - timedelta(minutes=1))
    assert not is_open(saturday, ends)


def test_without_hours_somebody_is_always_there() -> None:
    assert is_open(WorkingHours(), shanghai(8, 3))
    assert back_at(WorkingHours(), shanghai(8, 3)) is None


def test_without_working_days_nobody_comes_back() -> None:
    never = WorkingHours(days=frozenset(), always=False)
    assert not is_open(never, shanghai(2, 12))
    assert back_at(never, shanghai(2, 12)) is None


@given(
    st.integers(0, 2 * 365 * 24 * 60).map(
        lambda minutes: datetime(2025, 6, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    st.sampled_from(
        [OFFICE, NIGHT, WorkingHours(zone="America/New_York", start=time(2, 30), end=time(3), always=False)]
    ),
)
def test_somebody_is_back_within_a_week_and_not_before_now(now: datetime, hours: WorkingHours) -> None:
    back = back_at(hours, now)
    if back is None:
        assert is_open(hours, now)
    else:
        assert not is_open(hours, now)
        assert now < back.astimezone(UTC) <= now + timedelta(days=7, hours=2)
