"""Which language a message is in: by its letters, as the language folders describe them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from intents import script
from intents.library import Language

_CHARACTERS_PER_WORD = 1.7  # a Chinese word has one to two characters
_CLEAR_MINORITY = 0.5


def detect(text: str, languages: Sequence[Language], *, pinyin: bool = False, before: str | None = None) -> str | None:
    """The tag of the language, or None when the text does not tell (numbers, emoji)."""
    folded = script.accents(script.widths(script.marks(text)).casefold())
    counts = _words_by_script(folded)
    if pinyin:
        counts = {"Han": 1.0}
    han = counts.pop("Han", 0.0)
    rest = sum(counts.values())
    if han and han >= rest * _CLEAR_MINORITY:
        return next((_variant(folded, one, before) for one in languages if one.script == "Han"), None)
    if not rest:
        return None
    best = max(counts, key=lambda one: counts[one])
    fitting = [one for one in languages if one.script == best]
    return max(fitting, key=lambda one: sum(folded.count(char) for char in one.letters)).tag if fitting else None


def _words_by_script(text: str) -> dict[str, float]:
    counts: dict[str, float] = {}
    for word in script.HAN.sub(" ", text).split():
        letter = next((char for char in word if char.isalpha()), "")
        if letter:
            script_name = "Latin" if letter.isascii() else unicodedata.name(letter, "?").partition(" ")[0].title()
            counts[script_name] = counts.get(script_name, 0.0) + 1
    characters = len(script.HAN.findall(text))
    if characters:
        counts["Han"] = max(1.0, characters / _CHARACTERS_PER_WORD)
    return counts


def _variant(text: str, language: Language, before: str | None) -> str:
    """zh-Hant where a character exists only in Traditional script or in written Cantonese; else as before, else zh-Hans."""
    if not language.variant:
        return language.tag
    traditional = script.simplify(text)
    if traditional != text or any(char in language.letters for char in text):
        return language.variant
    return before if before == language.variant else language.tag
