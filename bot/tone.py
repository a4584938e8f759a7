"""How something was said, where no intent was read: an acknowledgement, a question, laughter, anger. The words are in the catalogues."""

from __future__ import annotations

import re
from functools import cache

from locales.catalogue import words
from locales.language import LANGUAGES

STORY_HAN, STORY_WORDS = 12, 8
"""Han characters, or words, from which on a no or a thanks only opens a story."""

BRIEF_HAN, BRIEF_WORDS = 6, 5
"""Up to so many, words name an entry of the menu rather than speak of it."""

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_WORD = re.compile(r"[^\W_]+")
_EDGE = " \t\n.,!~。，！～、…"
_QUESTION_MARKS = "?？"
_LAUGHTER = re.compile(r"(?:(?:ha|he|hi){2,}h?|lo+l+|[哈呵嘿嘻]{2,}|h{2,}|2333*)[~!.。！～ ]*", re.IGNORECASE)


def is_acknowledgement(text: str) -> bool:
    """Whether `text` only says that something was heard: "ok", 好的."""
    return text.casefold().strip(_EDGE) in _listed("acknowledged")


def is_question(text: str) -> bool:
    """Whether `text` ends as a question does; a mark alone asks too."""
    return text.casefold().rstrip(_EDGE).endswith(tuple(_listed("question")))


def is_puzzled(text: str) -> bool:
    """Whether `text` is nothing but question marks."""
    marks = text.strip()
    return bool(marks) and all(char in _QUESTION_MARKS for char in marks)


def is_story(text: str) -> bool:
    """Whether `text` is long enough to be more than a small word with trimmings."""
    return len(_HAN.findall(text)) >= STORY_HAN or len(_WORD.findall(_HAN.sub(" ", text))) >= STORY_WORDS


def is_brief(text: str) -> bool:
    """Whether `text` is hardly more than an entry of a menu."""
    return len(_HAN.findall(text)) <= BRIEF_HAN and len(_WORD.findall(_HAN.sub(" ", text))) <= BRIEF_WORDS


def is_scrap(text: str) -> bool:
    """Whether `text` is a single word (or two Han characters) without a number: no story yet."""
    is_number = any(char.isdigit() for char in text)
    return not is_number and len(_HAN.findall(text)) <= 2 and len(_WORD.findall(_HAN.sub(" ", text))) <= 1


def says_why(text: str) -> bool:
    """Whether `text` is long enough for a reason and sounds like one: "because", 太, a second clause."""
    folded = text.casefold()
    return is_story(text) and any(word in folded for word in _listed("because"))


def is_laughter(text: str) -> bool:
    """Whether `text` is laughter and nothing else."""
    return text.casefold().strip(_EDGE) in _listed("laughter") or _LAUGHTER.fullmatch(text.strip()) is not None


def is_angry(text: str) -> bool:
    """Whether `text` shows an angry face."""
    return any(sign in text for sign in _listed("anger"))


def takes_back(text: str) -> bool:
    """Whether `text` speaks of taking something back."""
    folded = text.casefold()
    return any(word in folded for word in _listed("withdrawal"))


def is_about_settings(text: str) -> bool:
    """Whether a question of how things stand is about the message settings."""
    folded = text.casefold()
    return any(word in folded for word in _listed("settings"))


@cache
def _listed(name: str) -> frozenset[str]:
    return frozenset(word.casefold() for tag in LANGUAGES for word in words(tag, f"tone.{name}"))
