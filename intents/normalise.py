"""Folding: a message as typed -> plain text, with every fold that changed a meaning reported."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

from intents import script
from intents.reading import Reason
from intents.spelling import reason

_SPACED = re.compile(r"(?<![^\W\d_])(?:[a-z][ .\-_*,]{1,2}){1,14}[a-z](?![^\W\d_])")
_HYPHEN = re.compile(r"([a-z]{2,})-([a-z]{2,})")
_DOTTED = re.compile(r"(?<!\S)[a-z']+(?:\.[a-z']+){2,}\.?(?!\S)")
_HOUR = re.compile(r"(?<=\d)(?=(?:am|pm)\b)")
_SPLIT_BY_MARK = re.compile(r"(?<=[a-z])[*_](?=[a-z])")
_SAME_HAN = re.compile(r"([\u3400-\u9fff])\1{2,}")
_SAME_WORD = re.compile(r"([\u3400-\u9fff]{2,4}?)\1+")
_HARD_SPACED_HAN = re.compile(r"^(?:[\u3400-\u9fff][ .·\-_*]{1,2}){1,7}[\u3400-\u9fff]$")
_GAPS = re.compile(r"[ .·\-_*]+")
LONGEST = 7_000
_HAN_WEIGHT = 3  # each Han character is a word to read, as three or more letters are


def fold(text: str, vocabulary: AbstractSet[str]) -> tuple[str, list[Reason]]:
    """The plain text of a message and its folds. Case and width alone are too common to report one by one.

    Text beyond 7,000 characters (no platform delivers more), or 2,300 Han characters, is read at its beginning and its end.
    """
    folds: list[Reason] = []
    text = _shortened(text, folds)
    bare = script.marks(text)
    if len(bare) != len(text):
        folds.append(Reason("fold", "left out invisible characters"))
    wide = script.widths(bare)
    if wide != bare:
        folds.append(Reason("fold", "read full-width or decorated letters as plain ones"))
    lower = script.accents(wide.casefold().translate(script.APOSTROPHE))
    simple = script.simplify(lower)
    if simple != lower:
        folds.append(Reason("fold", "read Traditional characters as Simplified ones"))
    return _joined(simple, vocabulary, folds), folds


def _shortened(text: str, folds: list[Reason]) -> str:
    weight = len(text) + (_HAN_WEIGHT - 1) * len(script.HAN.findall(text))
    if weight <= LONGEST:
        return text
    half = len(text) * LONGEST // weight // 2
    folds.append(Reason("fold", f"read the first and last {half} characters"))
    return text[:half] + "\n" + text[-half:]


def _joined(text: str, vocabulary: AbstractSet[str], folds: list[Reason]) -> str:
    """Letters spelt one by one, words hyphenated or dotted, and words said over and over."""

    def join(found: re.Match[str]) -> str:
        letters = "".join(char for char in found.group() if char.isalpha())
        if letters not in vocabulary:
            return found.group()
        folds.append(reason(found.group(), letters, "spaced letters"))
        return letters

    def hyphen(found: re.Match[str]) -> str:
        whole = found.group(1) + found.group(2)
        return whole if whole in vocabulary else found.group()

    text = _SPACED.sub(join, text)
    text = _HYPHEN.sub(hyphen, text) if "-" in text else text
    text = _DOTTED.sub(lambda found: found.group().replace(".", " "), text) if "." in text else text
    text = _HOUR.sub(" ", text)
    text = _SPLIT_BY_MARK.sub("", text) if "*" in text or "_" in text else text
    return _han_joined(text, folds) if script.is_han(text) else text


def _han_joined(text: str, folds: list[Reason]) -> str:
    stripped = text.strip()
    if _HARD_SPACED_HAN.match(stripped):
        text = _GAPS.sub("", stripped)
        folds.append(reason(stripped, text, "spaced characters"))
    once = _SAME_WORD.sub(r"\1", _SAME_HAN.sub(r"\1", text))
    if once != text:
        folds.append(Reason("fold", "read repeated characters once"))
    return once
