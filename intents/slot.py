"""Values inside a message: numbers, durations in days, dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from intents import date
from intents.lexicon import UNITS, Lexicon, Span
from intents.script import is_han

_UNIT_DAYS = dict(zip((f"<{unit}>" for unit in UNITS), (1 / 24, 1, 7, 14, 30, 91, 91, 365), strict=True))
_MOST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Value:
    """A number, a number of days, or a date by name: `days` of a duration; `name` of a date (see `intents.date`)."""

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
    telling = {*lexicon.numbers, *date.TELLING, *lexicon.dated}
    told = [
        start
        for start, word in enumerate(words)
        if word[:1].isdecimal() or any(not telling.isdisjoint(tags) for _, tags in at[start])
    ]
    if not told:
        return found
    numbers: list[list[tuple[int, float]]] = [[] for _ in words]
    for start in told:
        numbers[start] = _numbers(words, start, at, lexicon)
    dated = date.may_stand(words, at, lexicon.dated)
    page = date.Page(words, at, numbers, lexicon.dated)
    for start in told:
        slots = {
            "number": [(end, Value(number=value)) for end, value in numbers[start]],
            "duration": [one for end, value in numbers[start] for one in _durations(end, value, at)],
            "date": [(end, Value(name=name)) for end, name in date.names(page, start)] if dated else [],
        }
        found[start] = {name: several for name, several in slots.items() if several}
    return found


def _numbers(
    words: Sequence[str], start: int, at: Sequence[Sequence[Span]], lexicon: Lexicon
) -> list[tuple[int, float]]:
    word = words[start]
    if word.isdecimal() and len(word) < 13:
        return [(start + 1, float(word))]
    plain = _plain(at[start], lexicon)
    if not is_han(word):
        return plain
    return [*plain, *_tens(plain, at, lexicon)]


def _plain(spans: Sequence[Span], lexicon: Lexicon) -> list[tuple[int, float]]:
    return [(end, lexicon.numbers[tag]) for end, tags in spans for tag in sorted(lexicon.numbers.keys() & tags)]


def _tens(
    begun: Sequence[tuple[int, float]], at: Sequence[Sequence[Span]], lexicon: Lexicon
) -> list[tuple[int, float]]:
    """二十, 二十五, 十三: Chinese numbers up to 99 that no group lists."""
    size = len(at)
    tens = [(end, value) for end, value in begun if value in (10, 20, 30)]
    for end, value in begun:
        if value in range(2, 10) and end < size:
            tens += [(stop, value * 10) for stop in _ends(at[end], 10, lexicon)]
    known = set(begun)
    out = [one for one in tens if one not in known]
    for end, ten in tens:
        ones = _plain(at[end], lexicon) if end < size else []
        out += [(stop, ten + one) for stop, one in ones if one in range(1, 10) and (stop, ten + one) not in known]
    return list(dict.fromkeys(out))


def _ends(spans: Sequence[Span], number: float, lexicon: Lexicon) -> list[int]:
    return [end for end, value in _plain(spans, lexicon) if value == number]


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
