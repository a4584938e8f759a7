"""Words of a text: tokens with the punctuation between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_PATTERN = re.compile(
    r"(?P<opaque>https?://[!-~]+|www\.[!-~]+|[a-z0-9.+_-]{1,64}@[a-z0-9-]{1,64}\.[a-z0-9.]{2,64})"
    r"|(?P<number>\d+(?:[.,:/]\d+)*(?![^\W_\u3400-\u9fff]))"
    r"|(?P<han>[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])"
    r"|(?P<word>(?:[^\W_\u3400-\u9fff]|[\u0300-\u036f])(?:[^\W_\u3400-\u9fff]|'(?=\w)|[\u0300-\u036f])*)"
    r"|(?P<space>\s+)"
    r"|(?P<quote>[\"“”„«»「」『』])"
    r"|(?P<stop>(?<=\s)-+(?=\s)|[.!?;:,。！？；：，、…~\n()\[\]【】（）—–|]+)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_PUNCTUATION = frozenset("-_'*#/\\=+<>^%&{}@$`·•")


@dataclass(frozen=True, slots=True)
class Token:
    """One word, Han character, number or symbol. `glue` is what stood before it: "" (nothing), " ", "-" or "/"."""

    text: str
    glue: str
    kind: str  # word, han, number, symbol, opaque, stop, quote


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a folded text in order, punctuation included (kind `stop`, `quote`)."""
    glue = ""
    for found in _PATTERN.finditer(text):
        kind, piece = found.lastgroup or "other", found.group()
        if kind == "space":
            if "\n" in piece:
                yield Token("\n", glue, "stop")
            glue = " "
            continue
        if kind == "other":
            if piece in _PUNCTUATION:
                glue = piece
                continue
            kind = "symbol"
        yield Token(piece.replace("'", "") if kind == "word" else piece, glue, kind)
        glue = ""


def words(text: str) -> tuple[str, ...]:
    """Only the words of a folded text, as phrases are written: no punctuation, apostrophes dropped."""
    return tuple(token.text for token in tokens(text) if token.kind not in ("stop", "quote"))
