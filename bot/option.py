"""Options: what the contact may tap or type a number for, and what each answer means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from bot.domain.facts import Topic

PAUSE_DAYS = (14, 30, 90)
"""The lengths of a pause that are offered."""

_ID = re.compile(r"([a-z0-9_]+)\.([a-z0-9_]+)\.(\d{1,9})")
_NOT_ID = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Option:
    """A chosen option. `question` is the stage that offered it, `serial` the turn of the conversation that did."""

    question: str
    answer: str
    serial: int

    @property
    def id(self) -> str:
        """As sent and received: `question.answer.serial`."""
        return f"{self.question}.{self.answer}.{self.serial}"

    @property
    def pause_days(self) -> int | None:
        """The days of a `pause_<n>` answer."""
        days = self.answer.removeprefix("pause_")
        return int(days) if days != self.answer and days.isdecimal() and len(days) <= 3 else None

    @property
    def topic_slug(self) -> str | None:
        """The topic of a `topic_<slug>` answer."""
        slug = self.answer.removeprefix("topic_")
        return slug if slug != self.answer else None


def parse(option_id: str | None) -> Option | None:
    """The option behind an id; None for anything that we never sent."""
    found = _ID.fullmatch(option_id or "")
    return Option(found[1], found[2], int(found[3])) if found else None


@cache
def slug(topic: Topic) -> str:
    """The topic's id in the letters that an option id may hold."""
    return _NOT_ID.sub("_", topic.id.casefold())
