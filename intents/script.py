"""Characters: what to strip, which letters are which, and Traditional Chinese as Simplified."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Protocol

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
# Zero width, direction and variation marks, soft hyphen, keycap, skin tones: they change how a text looks, never what it says.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\u20e3"
    "\U0001f3fb-\U0001f3ff\U000e0000-\U000e007f]"
)
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# Letters in black circles and squares, which NFKC leaves alone.
ENCLOSED = {0x1F150 + i: chr(ord("a") + i) for i in range(26)} | {0x1F170 + i: chr(ord("a") + i) for i in range(26)}
APOSTROPHE = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'"})


class Converter(Protocol):
    """The part of OpenCC that is used here."""

    def convert(self, text: str) -> str:
        """The text in the other script."""


@cache
def _converter() -> Converter:
    """OpenCC's Traditional to Simplified, loaded once and only when a text with Han characters comes (30 ms)."""
    from opencc import OpenCC  # noqa: PLC0415 - costs 30 ms, which a service for other languages need not pay

    converter: Converter = OpenCC("t2s")
    return converter


def is_han(text: str) -> bool:
    """Whether the text holds a Han character."""
    return HAN.search(text) is not None


def simplify(text: str) -> str:
    """Traditional Chinese characters as Simplified; the same length in all but a few rare cases."""
    return _converter().convert(text) if HAN.search(text) else text


def widths(text: str) -> str:
    """Compatibility forms (full width, circled, bold letters) as plain ones."""
    folded = text.translate(ENCLOSED)
    return folded if folded.isascii() else unicodedata.normalize("NFKC", folded)


def marks(text: str) -> str:
    """The text without invisible and control characters."""
    return CONTROL.sub(" ", INVISIBLE.sub("", text))


def accents(text: str) -> str:
    """Latin letters without accents (tuì → tui); other scripts stay as they are."""
    if text.isascii():
        return text
    out = []
    for char in text:
        plain = unicodedata.normalize("NFD", char)[0] if "\u00c0" <= char <= "\u024f" else char
        out.append(plain)
    return "".join(out)


def plain(text: str) -> str:
    """Every fold that loses nothing: widths, case, invisible marks, accents, script. For phrases and for messages alike."""
    return simplify(accents(widths(marks(text)).casefold().translate(APOSTROPHE)))
