"""A grievance's words: whether they say anything beyond "I have a complaint", and whether they are the same as before."""

from __future__ import annotations

import re

from locales.catalogue import words
from locales.language import LANGUAGES

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_WORD = re.compile(r"[^\W_]+")
ENOUGH_HAN, ENOUGH_WORDS = 7, 5
"""Han characters, or words, that make a story once the announcement is taken away ("我要投诉" itself is four or five of twelve)."""

ALIKE = 0.6
"""From this share of common letter pairs on, two grievances are the same."""


def substance(text: str) -> bool:
    """Whether `text` tells something beyond the announcement of a complaint."""
    rest = text.casefold()
    for announcement in sorted(_announcements(), key=len, reverse=True):
        rest = rest.replace(announcement, " ")
    return len(_HAN.findall(rest)) >= ENOUGH_HAN or len(_WORD.findall(_HAN.sub(" ", rest))) >= ENOUGH_WORDS


def is_announced(text: str) -> bool:
    """Whether `text` calls itself a complaint."""
    return any(word in text.casefold() for tag in LANGUAGES for word in words(tag, "complaint.called"))


def _announcements() -> tuple[str, ...]:
    return tuple(one for language in LANGUAGES for one in words(language, "complaint.announcements"))


def is_same(one: str, other: str) -> bool:
    """Whether two grievances are alike: the share of letter pairs that they have in common (Dice)."""
    left, right = _pairs(one), _pairs(other)
    if not left or not right:
        return False
    return 2 * len(left & right) / (len(left) + len(right)) >= ALIKE


def _pairs(text: str) -> set[str]:
    letters = "".join(char for char in text.casefold() if char.isalnum())
    return {letters[place : place + 2] for place in range(len(letters) - 1)} or ({letters} if letters else set())
