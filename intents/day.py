"""The day that the name of a date means (see `intents.date`), seen from today."""

from __future__ import annotations

import calendar
import datetime as dt
import re

from intents.lexicon import MONTHS, WEEKDAYS


def iso(name: str, today: str | None) -> str | None:
    """The ISO date that a name means, seen from `today`; None when it cannot be told."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", name):
        return _valid(name)
    now = _valid(today or "")
    if now is None or now >= "9990":
        return None
    found = _from(name, dt.date.fromisoformat(now))
    return found.isoformat() if found else None


def _from(name: str, now: dt.date) -> dt.date | None:
    head, _, rest = name.partition(":")
    monday = now - dt.timedelta(days=now.weekday())
    if head in WEEKDAYS or (head == "this" and rest in WEEKDAYS):
        ahead = (WEEKDAYS.index(rest or head) - now.weekday() - 1) % 7 + 1
        return now + dt.timedelta(days=ahead)
    if head == "next" and rest in WEEKDAYS:
        return monday + dt.timedelta(days=7 + WEEKDAYS.index(rest))
    if head in MONTHS:
        return _coming(now, MONTHS.index(head) + 1, 1)
    if re.fullmatch(r"\d\d-\d\d", name):
        return _coming(now, int(name[:2]), int(name[3:]))
    if head == "day":
        return _day(now, int(rest))
    if head == "end":
        return _end(rest, now, monday)
    if name == "tomorrow":
        return now + dt.timedelta(days=1)
    return _period(name, now, monday)


def _period(name: str, now: dt.date, monday: dt.date) -> dt.date | None:
    following = (now.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    match name.split(":"):
        case ["next", "week"]:
            return monday + dt.timedelta(days=7)
        case ["next", "month"]:
            return following
        case ["next", "month", day]:
            return _safe(following.year, following.month, int(day))
        case ["this", "month", day]:
            found = _safe(now.year, now.month, int(day))
            return found if found and found > now else None
        case ["next", "year"]:
            return dt.date(now.year + 1, 1, 1)
        case _:
            return None


def _end(of: str, now: dt.date, monday: dt.date) -> dt.date | None:
    """The last day of a month, a week (Sunday) or a year."""
    which, _, span = of.partition(":")
    month = int(which) if which.isdecimal() else now.month
    year, ahead = now.year, int(which == "next")
    if span == "week":
        return monday + dt.timedelta(days=6 + 7 * ahead)
    if span == "year":
        return dt.date(year + ahead, 12, 31)
    if which.isdecimal():
        year += month < now.month
    else:
        year, month = year + (month + ahead - 1) // 12, (month + ahead - 1) % 12 + 1
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def _coming(now: dt.date, month: int, day: int) -> dt.date | None:
    found = _safe(now.year, month, day)
    return found if found and found > now else _safe(now.year + 1, month, day)


def _day(now: dt.date, day: int) -> dt.date | None:
    found = _safe(now.year, now.month, day)
    if found and found > now:
        return found
    following = now.replace(day=1) + dt.timedelta(days=32)
    return _safe(following.year, following.month, day)


def _safe(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _valid(text: str) -> str | None:
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        return None
