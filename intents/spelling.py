"""How people misspell: words folded to what they stand for, each fold reported.

Layers, in this order: stretched letters, spaced letters, digits for letters, listed misspellings, words close to a listed one
(RapidFuzz, tight), pinyin, Chinese characters that sound alike. Only towards words that the phrase files use.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

from rapidfuzz import process
from rapidfuzz.distance import OSA

from intents.reading import Reason
from intents.script import is_han

_LEET = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "$": "s", "@": "a"})
_LEET_L = str.maketrans({"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "$": "s", "@": "a"})
_RUN = re.compile(r"([^\W\d_])\1{2,}")
_DOUBLE = re.compile(r"([^\W\d_])\1+")
_UNIT = re.compile(r"^(.{2,12}?)\1+$")
_SHORTEST_FUZZY = 5
_TWO_EDITS_FROM = 8
LONGEST_SOUND = 4
Words = tuple[str, ...]


@dataclass(slots=True)
class Spelling:
    """What the spelling files of all languages say."""

    listed: dict[str, Words] = field(default_factory=dict)  # misspelt word -> right words
    fuzzy: list[str] = field(default_factory=list)  # words worth a guess
    real: set[str] = field(default_factory=set)  # words that are right as they are
    syllables: dict[str, str] = field(default_factory=dict)  # pinyin -> character
    sounds: dict[str, str] = field(default_factory=dict)  # characters as heard -> as meant
    vocabulary: set[str] = field(default_factory=set)
    _memory: dict[str, tuple[Words, str, int] | None] = field(default_factory=dict)

    def word(self, text: str) -> tuple[Words, str, int] | None:
        """The right words for one misspelt word, how it was found and at which distance; None = leave it."""
        if text in self._memory:
            return self._memory[text]
        found = self._look_up(text)
        if len(self._memory) < 20_000:
            self._memory[text] = found
        return found

    def _look_up(self, text: str) -> tuple[Words, str, int] | None:
        if text in self.listed:
            return self.listed[text], "short or misspelt form", 0
        if text in self.vocabulary or text in self.real or len(text) > 40:
            return None
        for guess, how in self._stretched(text):
            if guess in self.listed:
                return self.listed[guess], how, 0
            if guess in self.vocabulary:
                return (guess,), how, 0
        return self._close(text)

    def _stretched(self, text: str) -> list[tuple[str, str]]:
        """Candidates that differ only in repeated letters, repetition of the whole, or digits for letters."""
        guesses = []
        if _DOUBLE.search(text):
            guesses += [(_RUN.sub(r"\1\1", text), "stretched"), (_RUN.sub(r"\1", text), "stretched")]
            guesses += [(_DOUBLE.sub(r"\1", text), "stretched")] if len(text) > 4 else []
        if unit := _UNIT.match(text):
            guesses.append((unit.group(1), "repeated"))
        if not text.isalpha() and not text.isdigit():
            guesses += [(text.translate(_LEET), "digits for letters"), (text.translate(_LEET_L), "digits for letters")]
        return [(guess, how) for guess, how in guesses if guess != text]

    def _close(self, text: str) -> tuple[Words, str, int] | None:
        """The nearest listed word: one edit from five letters on, two from eight, the first letter or its neighbour kept."""
        if len(text) < _SHORTEST_FUZZY or not text.isalpha() or is_han(text):
            return None
        text = _RUN.sub(r"\1", text)
        most = 2 if len(text) >= _TWO_EDITS_FROM else 1
        found = process.extractOne(text, self.fuzzy, scorer=OSA.distance, score_cutoff=most)
        if found is None:
            return None
        word, distance = found[0], int(found[1])
        if distance == most and most > 1 and word[0] != text[0] and word[:2] != text[1::-1]:
            return None
        return self.listed.get(word, (word,)), "misspelling", distance

    def pinyin(self, text: str) -> str | None:
        """The characters for a word made of known syllables only, or None."""
        if text in self.syllables:
            return self.syllables[text]
        best: list[str | None] = [""] + [None] * len(text)
        if len(text) > 36:
            return None
        for end in range(1, len(text) + 1):
            for start in range(max(0, end - 6), end):
                head = best[start]
                if head is not None and (char := self.syllables.get(text[start:end])):
                    best[end] = head + char
                    break
        return best[-1]


def combinations(word: str, sounds: dict[str, str]) -> list[str]:
    """Every way to write a word with characters that sound alike, the right way left out."""
    ways = [char + sounds.get(char, "") for char in word]
    return [way for one in product(*ways) if (way := "".join(one)) != word]


def heard(words: Sequence[str], spelling: Spelling, start: int) -> tuple[str, int] | None:
    """The word meant by sound-alike characters from `start` on, and where it ends; longest first."""
    if not spelling.sounds or not is_han(words[start]):
        return None
    for size in range(min(LONGEST_SOUND, len(words) - start), 1, -1):
        piece = "".join(words[start : start + size])
        if piece in spelling.real:
            return None
        if piece in spelling.sounds:
            return spelling.sounds[piece], start + size
    return None


def reason(before: str, after: str, how: str, distance: int | None = None) -> Reason:
    """A fold, told to a marketer."""
    return Reason(layer="fold", text=f"read “{before}” as “{after}” ({how})", distance=distance)
