"""Values inside a message: numbers, durations in days, dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from intents.lexicon import MONTHS, UNITS, WEEKDAYS, Lexicon, Span

_UNIT_DAYS = dict(zip((f"<{unit}>" for unit in UNITS), (1 / 24, 1, 7, 14, 30, 91, 91, 365), strict=True))
_DATES = {f"<{name}>": name for name in (*WEEKDAYS, *MONTHS, "tomorrow", "later")}
_WEEKDAYS, _MONTHS = WEEKDAYS, MONTHS
_MOST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Value:
    """A number, a number of days, or a date by name: `days` of a duration; `name` of a date ("friday", "next:month", "11-20")."""

    number: float = 0
    days: int = 0
    name: str = ""


Slots = list[dict[str, list[tuple[int, Value]]]]


def ends_of(spans: Sequence[Span], tag: str) -> list[int]:
    """Where the entries with a tag end."""
    return [end for end, tags in spans if tag in tags]


def values(words: Sequence[str], at: Sequence[Sequence[Span]], lexicon: Lexicon) -> Slots:
    """For every position the slots that begin there: {"number": [(end, value)], "duration": …, "date": …}."""
    found: Slots = [{} for _ in words]
    telling = lexicon.numbers.keys() | _DATES.keys() | {"<next>"}
    for start, word in enumerate(words):
        if not word[:1].isdecimal() and all(telling.isdisjoint(tags) for _, tags in at[start]):
            continue
        numbers = _numbers(word, start, at[start], lexicon)
        if numbers:
            found[start]["number"] = numbers
            durations = [one for end, value in numbers for one in _durations(end, value.number, at)]
            if durations:
                found[start]["duration"] = durations
        dates = _dates(start, numbers, words, at)
        if dates:
            found[start]["date"] = dates
    return found


def _numbers(word: str, start: int, spans: Sequence[Span], lexicon: Lexicon) -> list[tuple[int, Value]]:
    if word.isdecimal() and len(word) < 13:
        return [(start + 1, Value(number=float(word)))]
    return [
        (end, Value(number=lexicon.numbers[tag]))
        for end, tags in spans
        for tag in sorted(lexicon.numbers.keys() & tags)
    ]


def _durations(start: int, number: float, at: Sequence[Sequence[Span]]) -> list[tuple[int, Value]]:
    out: list[tuple[int, Value]] = []
    after = {start}
    if start < len(at):
        after.update(ends_of(at[start], "<counter>"))
    halves = {end for one in after if one < len(at) for end in ends_of(at[one], "<half>")}
    for half, begins in ((0.0, after), (0.5, halves)):
        for begin in begins:
            out += _units(begin, number + half, at)
    return out


def _units(begin: int, number: float, at: Sequence[Sequence[Span]]) -> list[tuple[int, Value]]:
    out: list[tuple[int, Value]] = []
    for end, tags in at[begin] if begin < len(at) else ():
        for unit in sorted(_UNIT_DAYS.keys() & tags):
            days = min(_MOST_DAYS, max(1, round(number * _UNIT_DAYS[unit])))
            out.append((end, Value(number=number, days=days)))
    return out


def _dates(
    start: int, numbers: list[tuple[int, Value]], words: Sequence[str], at: Sequence[Sequence[Span]]
) -> list[tuple[int, Value]]:
    out: list[tuple[int, Value]] = []
    for end, tags in at[start]:
        out += [(end, Value(name=_DATES[day])) for day in sorted(_DATES.keys() & tags)]
        if "<next>" in tags and end < len(at):
            out += _next(at[end])
    for end, value in numbers:
        out += _month_day(end, value, at)
    parts = words[start].replace("/", "-").split("-")
    if len(parts) == 3 and all(part.isdecimal() for part in parts) and len(parts[0]) == 4:
        out.append((start + 1, Value(name="-".join(parts))))
    return out


def _next(spans: Sequence[Span]) -> list[tuple[int, Value]]:
    """What "next" means before a week, a month, a year or a weekday."""
    out: list[tuple[int, Value]] = []
    for end, tags in spans:
        out += [(end, Value(name=f"next:{unit}")) for unit in ("week", "month", "year") if f"<{unit}>" in tags]
        out += [(end, Value(name=day)) for day in _WEEKDAYS if f"<{day}>" in tags]
    return out


def _month_day(end: int, value: Value, at: Sequence[Sequence[Span]]) -> list[tuple[int, Value]]:
    """十一月, 11月20号: a number and the word for a month of the year."""
    if not 1 <= value.number <= 12 or end >= len(at):
        return []
    return [(stop, Value(name=_MONTHS[int(value.number) - 1])) for stop in ends_of(at[end], "<monthmark>")]


def until(value: Value, today: str | None) -> str | None:
    """The ISO date that a named date means, seen from `today`; None when it cannot be told."""
    if len(value.name) > 7 and value.name[:4].isdecimal():
        return _iso(value.name)
    now = _date(today)
    if now is None or now.year == dt.MAXYEAR:
        return None
    if value.name in _WEEKDAYS:
        ahead = (_WEEKDAYS.index(value.name) - now.weekday() - 1) % 7 + 1
        return (now + dt.timedelta(days=ahead)).isoformat()
    if value.name in _MONTHS:
        month = _MONTHS.index(value.name) + 1
        return dt.date(now.year + (month <= now.month), month, 1).isoformat()
    return _ahead(value.name, now)


def _ahead(name: str, now: dt.date) -> str | None:
    match name:
        case "tomorrow":
            return (now + dt.timedelta(days=1)).isoformat()
        case "next:week":
            return (now + dt.timedelta(days=7 - now.weekday())).isoformat()
        case "next:month":
            return (now.replace(day=1) + dt.timedelta(days=32)).replace(day=1).isoformat()
        case "next:year":
            return dt.date(now.year + 1, 1, 1).isoformat()
        case _:
            return None


def _iso(text: str) -> str | None:
    year, month, day = (int(part) for part in text.split("-"))
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        return None


def _date(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        return None
