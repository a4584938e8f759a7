"""The fields of a request, read strictly: each has its type and bounds, and one that nobody asked for is refused."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from handlers.api.refusal import Refusal, wrong

ECHO = 60  # characters of the caller's own words that a refusal repeats


@dataclass(frozen=True, slots=True)
class Fields:
    """One object of the request; `where` is its place, as `changes[0].`.

    Every reader raises `Refusal` 422 with the field's name.
    """

    values: Mapping[str, object]
    where: str = ""

    def known(self, *names: str) -> None:
        """Refuse what is not among `names`, with a hint."""
        for key in self.values:
            if key not in names:
                raise self._unknown(key[:ECHO], names)

    def _unknown(self, key: str, names: tuple[str, ...]) -> Refusal:
        near = difflib.get_close_matches(key, names, 1)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(names)}"
        return wrong(self.where + key, f"there is no such field here; {hint}")

    def has(self, name: str) -> bool:
        """Whether the field was sent."""
        return name in self.values

    def text(self, name: str, longest: int, default: str | None = None) -> str:
        """A text of 1 to `longest` characters."""
        value = self._value(name, default, f"a text of 1 to {longest} characters")
        return _text(self.where + name, value, longest)

    def texts(self, name: str, most: int, longest: int) -> tuple[str, ...]:
        """A list of 1 to `most` texts."""
        values = self._value(name, None, f"a list of 1 to {most:,} texts")
        if not isinstance(values, list) or not 1 <= len(values) <= most:
            raise wrong(self.where + name, f"must be a list of 1 to {most:,} texts{_count(values)}")
        return tuple(_text(f"{self.where}{name}[{index}]", value, longest) for index, value in enumerate(values))

    def choice(self, name: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        """One of the `allowed` texts."""
        say = f"one of {', '.join(allowed)}"
        value = self._value(name, default, say)
        if not isinstance(value, str) or value not in allowed:
            raise wrong(self.where + name, f"must be {say}")
        return value

    def flag(self, name: str, default: bool) -> bool:
        """True or false."""
        value = self._value(name, default, "true or false")
        if not isinstance(value, bool):
            raise wrong(self.where + name, "must be true or false")
        return value

    def number(self, name: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number; in a query, its digits."""
        say = f"a whole number from {low} to {high}"
        value = self._value(name, default, say)
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= len(str(high)):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise wrong(self.where + name, f"must be {say}")
        return value

    def moment(self, name: str) -> datetime:
        """A moment with its offset from UTC, as `2026-12-24T18:00:00Z`; answered in UTC."""
        say = "a moment with its offset from UTC, as 2026-12-24T18:00:00Z"
        value = self._value(name, None, say)
        try:
            moment = datetime.fromisoformat(value) if isinstance(value, str) and "T" in value else None
            if moment is not None and moment.tzinfo is not None:
                return moment.astimezone(UTC)
        except (ValueError, OverflowError):  # no date, or its UTC form lies outside the calendar
            pass
        raise wrong(self.where + name, f"must be {say}")

    def objects(self, name: str, most: int) -> Iterator[Fields]:
        """The objects of a list of 1 to `most`."""
        say = f"a list of 1 to {most} objects"
        values = self._value(name, None, say)
        if not isinstance(values, list) or not 1 <= len(values) <= most:
            raise wrong(self.where + name, f"must be {say}{_count(values)}")
        for index, value in enumerate(values):
            place = f"{self.where}{name}[{index}]"
            if not isinstance(value, dict):
                raise wrong(place, "must be an object")
            yield Fields(value, f"{place}.")

    def _value(self, name: str, default: object, say: str) -> object:
        if name in self.values:
            return self.values[name]
        if default is None:
            raise wrong(self.where + name, f"is missing; it must be {say}")
        return default


def _text(where: str, value: object, longest: int) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= longest:
        raise wrong(where, f"must be a text of 1 to {longest} characters")
    return value


def _count(values: object) -> str:
    return f", and this has {len(values):,}" if isinstance(values, list) else ""
