"""What was told of a grievance: enough for a case or only its announcement, which category, the same as before or new."""

from __future__ import annotations

import re

from bot import tone
from bot.domain.case import CaseFact, CaseKind, Priority
from bot.domain.conversation import Stage
from bot.standing import is_out
from bot.turn import Turn
from intents.reading import Intent
from locales.catalogue import words
from locales.language import LANGUAGES

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_WORD = re.compile(r"[^\W_]+")
ENOUGH_HAN, ENOUGH_WORDS = 7, 5
"""Han characters, or words, that make a story once the announcement is taken away ("我要投诉" itself is four or five of twelve)."""

ALIKE = 0.6
"""From this share of common letter pairs on, two grievances are the same."""


def is_told(turn: Turn) -> bool:
    """Whether the turn says enough of a complaint to open a case: a category, or words beyond the announcement."""
    found = turn.reading.find(Intent.COMPLAINT)
    if turn.state.stage is Stage.COMPLAINT_DESCRIBE and turn.is_typed:
        return substance(turn.words)
    return (
        found is not None
        and turn.reading.acts(Intent.COMPLAINT)
        and (category(turn) != "other" or substance(turn.words))
    )


def category(turn: Turn) -> str:
    """The category that was read, else `other`; a story about too many messages is about `messages`."""
    found = turn.reading.find(Intent.COMPLAINT)
    read = found.slots.get("category") if found else None
    if isinstance(read, str) and read not in ("", "other"):
        return read
    is_story = turn.state.stage is Stage.COMPLAINT_DESCRIBE
    is_about_us = turn.wants(Intent.FREQUENCY) or turn.wants(Intent.OPT_OUT)
    return "messages" if is_story and is_about_us else "other"


def is_stop_unsure(turn: Turn) -> bool:
    """Whether the complaint may also mean: stop. Then that is offered, and marketing rests meanwhile."""
    return turn.wants(Intent.OPT_OUT) and not turn.reading.acts(Intent.OPT_OUT) and not is_out(turn)


def priority(turn: Turn) -> Priority:
    """High for what was read as urgent; praise never is."""
    found = turn.reading.find(Intent.COMPLAINT)
    is_urgent = found is not None and found.slots.get("urgency") == "high" and category(turn) != "praise"
    return Priority.HIGH if is_urgent else Priority.NORMAL


def known_case(turn: Turn) -> CaseFact | None:
    """The open complaint that this is about again: the same words, or the same category."""
    cases = [one for one in turn.facts.cases if one.is_open and one.kind is CaseKind.COMPLAINT]
    current = next((one for one in cases if one.number == turn.state.case), None)
    if current and (turn.state.stage is Stage.COMPLAINT_MORE or is_same(turn.words, turn.state.last_words)):
        return current
    read = category(turn)
    alike = [one for one in cases if read != "other" and one.category == read]
    return max(alike, key=lambda one: one.opened_at, default=None)


def withdrawn_case(turn: Turn) -> CaseFact | None:
    """The open complaint that the words take back: the one talked about, else the newest."""
    cases = [one for one in turn.facts.cases if one.is_open and one.kind is CaseKind.COMPLAINT]
    if not (turn.is_typed and cases and is_announced(turn.words) and tone.takes_back(turn.words)):
        return None
    current = next((one for one in cases if one.number == turn.state.case), None)
    return current or max(cases, key=lambda one: one.opened_at)


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
