"""Dates as people write them: 15 April, April 15th, the 15th, 4月15号, 月底, next Friday, Christmas.

A date that cannot be told for sure has the name "later" and means no day: better ask than resume on a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from intents.lexicon import MONTHS, WEEKDAYS, Span

_NAMED = {f"<{name}>": name for name in (*WEEKDAYS, *MONTHS, "tomorrow", "later")}
_MONTHS = {f"<{name}>": number for number, name in enumerate(MONTHS, start=1)}
_SPANS = ("week", "month", "year")
_UNITS = frozenset(f"<{unit}>" for unit in ("hour", "day", "week", "fortnight", "month", "year", "counter"))
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)")
_FIGURES = re.compile(r"(\d{1,4})[./-](\d{1,2})(?:[./-](\d{1,4}))?")
_FIGURE = re.compile(r"\d{4}$|\d{1,4}[./-]\d|\d{1,2}(?:st|nd|rd|th)$")
_MARKS = ("<monthmark>", "<daymark>")
TELLING = frozenset((*_NAMED, "<next>", "<this>", "<endof>", "<monthend>"))
Named = tuple[int, str]  # where a date ends, and its name


@dataclass(frozen=True, slots=True)
class Page:
    """The words of a clause with what begins at each, and the whole numbers that begin there."""

    words: Sequence[str]
    at: Sequence[Sequence[Span]]
    numbers: Sequence[Sequence[tuple[int, float]]]
    dated: AbstractSet[str] = frozenset()

    def ends(self, start: int, tag: str) -> list[int]:
        """Where the words of a group that begin at `start` end."""
        return [end for end, tags in self.at[start] if tag in tags] if start < len(self.at) else []

    def past(self, start: int) -> set[int]:
        """`start`, and where a word that does not matter ends (the 15th *of* April)."""
        return {start, *self.ends(start, "<filler>")}


def may_stand(words: Sequence[str], at: Sequence[Sequence[Span]], dated: AbstractSet[str]) -> bool:
    """Whether a clause holds anything that makes a number a date; most numbers are none."""
    telling = {*TELLING, *_MARKS, *dated}
    return any(_FIGURE.match(word) for word in words) or any(
        not telling.isdisjoint(tags) for spans in at for _, tags in spans
    )


def names(page: Page, start: int) -> list[Named]:
    """Every date that begins at a word; where a longer one says more, the shorter is left out."""
    found = [*_named(page, start), *_ahead_of(page, start), *_in_month(page, start), *_figures(page, start)]
    found += [(stop, "part:") for end, _ in found for stop in page.ends(end, "<monthpart>")]  # 五月中: no day
    longest = max((end for end, _ in found), default=0)
    exact = [one for one in found if one[0] == longest]
    return exact if any("-" in name or ":" in name for _, name in exact) else found


def _named(page: Page, start: int) -> Iterator[Named]:
    for end, tags in page.at[start]:
        yield from ((end, _NAMED[tag]) for tag in sorted(_NAMED.keys() & tags))
        yield from ((end, tag[6:-1]) for tag in sorted(page.dated & tags))


def _ahead_of(page: Page, start: int) -> Iterator[Named]:
    """Next week, next Friday, 下个月15号; the end of May, of this month, of the year; 月底."""
    for which in ("next", "this"):
        for end in page.ends(start, f"<{which}>"):
            yield from _of_period(page, end, which)
            yield from ((stop, f"end:{which}:month") for stop in page.ends(end, "<monthend>"))
    yield from ((stop, "end:this:month") for stop in page.ends(start, "<monthend>"))
    for end in page.ends(start, "<endof>"):
        for stop, number in _months(page, end):
            yield stop, f"end:{number:02}"
        yield from ((stop, f"end:this:{one}") for one in _SPANS for stop in page.ends(end, f"<{one}>"))
        for after in page.ends(end, "<next>"):
            yield from ((stop, f"end:next:{one}") for one in _SPANS for stop in page.ends(after, f"<{one}>"))


def _of_period(page: Page, start: int, which: str) -> Iterator[Named]:
    for day in WEEKDAYS:
        yield from ((stop, f"{which}:{day}") for stop in page.ends(start, f"<{day}>"))
    for span in _SPANS:
        for stop in page.ends(start, f"<{span}>"):
            if which == "next":
                yield stop, f"next:{span}"
            if span == "month":
                yield from ((end, f"{which}:month:{day}") for end, day in _days(page, stop))


def _in_month(page: Page, start: int) -> Iterator[Named]:
    """15 April, April 15th 2027, 2027年4月15号, 4月底, the 15th, 15号."""
    for end, number in _months(page, start):
        yield end, MONTHS[number - 1]
        if page.ends(start, f"<{MONTHS[number - 1]}>") or end - start > 1:
            yield from _dated(page, end, number)
    for end, value in page.numbers[start]:
        if 1 <= value <= 12:
            yield from ((stop, f"end:{int(value):02}") for stop in page.ends(end, "<monthend>"))
        if 2000 <= value < 2200:
            for after in page.ends(end, "<year>"):
                yield from _in_year(page, after, int(value))
    for end, day in _days(page, start):
        for between in page.past(end):
            for stop, number in _months(page, between, named=True):
                yield from _with_year(page, stop, f"{number:02}-{day:02}")
        if not page.words[start].isdecimal() or page.ends(end - 1, "<daymark>"):
            yield end, f"day:{day}"


def _in_year(page: Page, start: int, year: int) -> Iterator[Named]:
    for end, number in _months(page, start):
        yield end, f"{year}-{number:02}-01"
        yield from ((stop, f"{year}-{number:02}-{day:02}") for stop, day in _days(page, end))


def _dated(page: Page, start: int, month: int) -> Iterator[Named]:
    for between in page.past(start):
        for stop, day in _days(page, between):
            yield from _with_year(page, stop, f"{month:02}-{day:02}")


def _with_year(page: Page, end: int, name: str) -> Iterator[Named]:
    year = page.words[end] if end < len(page.words) else ""
    if len(year) == 4 and year.isdecimal():
        yield end + 1, f"{year}-{name}"
    else:
        yield end, name


def _months(page: Page, start: int, *, named: bool = False) -> Iterator[tuple[int, int]]:
    if start >= len(page.at):
        return
    for end, tags in page.at[start]:
        yield from ((end, _MONTHS[tag]) for tag in sorted(_MONTHS.keys() & tags))
    for end, value in () if named else page.numbers[start]:
        if 1 <= value <= 12:
            yield from ((stop, int(value)) for stop in page.ends(end, "<monthmark>"))


def _days(page: Page, start: int) -> Iterator[tuple[int, int]]:
    """A day of a month: 15, 15th, 十五号; no number of days, weeks or hours."""
    if start >= len(page.words):
        return
    if ordinal := _ORDINAL.fullmatch(page.words[start]):
        if 1 <= int(ordinal[1]) <= 31:
            yield start + 1, int(ordinal[1])
        return
    whole = [(end, int(value)) for end, value in page.numbers[start] if value == int(value) and 1 <= value <= 31]
    longest = max((end for end, _ in whole), default=0)
    for end, day in whole:
        marks = page.ends(end, "<daymark>")
        yield from ((stop, day) for stop in marks)
        counted = end < len(page.at) and any(not _UNITS.isdisjoint(tags) for _, tags in page.at[end])
        if end == longest and not marks and not counted:
            yield end, day


def _figures(page: Page, start: int) -> Iterator[Named]:
    """2027/4/15 and 2027-04-15; 4/15 where the order is plain. 4/5 is April to one and May to another: later."""
    word, end = page.words[start], start + 1
    if word.isdecimal() and len(word) == 4 and all(one.isdecimal() for one in page.words[end : end + 2]):
        word, end = "-".join(page.words[start : start + 3]), start + 3
    found = _FIGURES.fullmatch(word)
    if not found:
        return
    first, second, third = int(found[1]), int(found[2]), found[3]
    if len(found[1]) == 4:
        if third:
            yield end, f"{first}-{second:02}-{int(third):02}"
        return
    order = (first, second) if second > 12 or first == second else (second, first) if first > 12 else None
    if order is None or (third and len(third) != 4):
        yield end, "later"
        return
    yield end, (f"{third}-" if third else "") + f"{order[0]:02}-{order[1]:02}"
