"""Dates and times as people write them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from locales.calendar import format_day, format_moment

MOMENT = datetime(2026, 12, 7, 9, 5, tzinfo=ZoneInfo("Asia/Taipei"))


@pytest.mark.parametrize(
    ("language", "day", "moment"),
    [
        ("en", "7 December 2026", "Monday 7 December, 09:05"),
        ("zh-Hans", "2026年12月7日", "12月7日（周一）09:05"),
        ("zh-Hant", "2026年12月7日", "12月7日（週一）09:05"),
        ("tlh", "7 December 2026", "Monday 7 December, 09:05"),
    ],
)
def test_a_moment_reads_as_people_write_it(language: str, day: str, moment: str) -> None:
    assert format_day(language, MOMENT) == day
    assert format_moment(language, MOMENT) == moment


def test_a_week_has_its_days_in_order() -> None:
    names = [format_moment("en", MOMENT.replace(day=7 + day)).split()[0] for day in range(7)]
    assert names == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
