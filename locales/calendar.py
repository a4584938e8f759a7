"""Dates and times as people write them, in each language. The patterns are texts of the catalogue."""

from __future__ import annotations

from datetime import datetime

from locales.catalogue import say, words


def format_day(language: str, moment: datetime) -> str:
    """The date of `moment` in its own zone: "5 December 2026", "2026年12月5日"."""
    return say(language, "date.day", **_parts(language, moment))


def format_moment(language: str, moment: datetime) -> str:
    """Weekday, date and time of `moment` in its own zone: "Monday 7 December, 09:00", "12月7日（周一）09:00"."""
    return say(language, "date.moment", **_parts(language, moment))


def _parts(language: str, moment: datetime) -> dict[str, str]:
    return {
        "day": str(moment.day),
        "month": words(language, "date.months")[moment.month - 1],
        "year": str(moment.year),
        "weekday": words(language, "date.weekdays")[moment.weekday()],
        "time": moment.strftime("%H:%M"),
    }
