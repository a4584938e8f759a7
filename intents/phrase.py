"""One phrase: its parts, how it is written, and the plain sequences it stands for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from intents.error import Problem
from intents.script import plain, simplify
from intents.token import words

SLOTS = frozenset({"number", "duration", "period", "date", "only", "without", "only kind", "without kind"})
MOST_FORMS = 400
_NAME = re.compile(r"[^<>(){}|=]+")
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_TEXT = re.compile(r"[^\s<>(){}|…]+")


@dataclass(frozen=True, slots=True)
class Word:
    """A literal word, already folded."""

    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """Any of the words that the words file lists under <name>."""

    name: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several word sequences that stand at the same place: `stop|quit`."""

    ways: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """A value read from the message: {number}, {duration}, {date}, {only}, {without}."""

    name: str


@dataclass(frozen=True, slots=True)
class Gap:
    """`...`: any words; at either end of a phrase any number, in the middle at most eight."""


Part = Word | Group | Choice | Slot | Gap
Form = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A line of a phrase file: where it stands, as written, and the forms it stands for."""

    text: str
    file: str
    line: int
    forms: tuple[Form, ...]


@lru_cache(maxsize=50_000)
def _literal(piece: str) -> tuple[str, ...]:
    """Words as messages are folded; the same pieces come again and again, most of them letters or Han characters only."""
    if piece.isascii() and piece.isalpha():
        return (piece.lower(),)
    if _HAN.fullmatch(piece):
        return tuple(simplify(piece))
    return words(plain(piece))


class _FaultError(Exception):
    def __init__(self, column: int, wrong: str, right: str) -> None:
        super().__init__(wrong)
        self.column, self.wrong, self.right = column, wrong, right


Choices = tuple[Form, ...]  # the ways to say one stretch of a phrase


class _Reader:
    """Recursive descent over one line; `at` counts from 0."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0

    def whole(self) -> Choices:
        """The whole line, which must be read to its end and hold at least one word."""
        ways = self.phrase()
        if self.at < len(self.text):
            stray = self.text[self.at]
            raise _FaultError(self.at, f"a stray {stray}", "open the bracket before it, or take it away")
        if any(all(isinstance(part, Gap) for part in form) for form in ways):
            raise _FaultError(0, "this phrase may be empty", "keep at least one word that must be there")
        return ways

    def phrase(self, *, closing: str = "") -> Choices:
        """Alternatives separated by ` | ` up to the closing bracket or the end."""
        ways: list[Form] = []
        current: list[Choices] = []
        while self.at < len(self.text):
            char = self.text[self.at]
            if char.isspace():
                self.at += 1
            elif char == closing:
                break
            elif char == "|":
                ways += self._join(current)
                current = []
                self.at += 1
            else:
                current.append(self._tight())
        return (*ways, *self._join(current))

    def _join(self, stretches: list[Choices]) -> Choices:
        if not stretches:
            raise _FaultError(self.at, "nothing stands here", "write a word, or take the | or the brackets away")
        total = 1
        for stretch in stretches:
            total *= len(stretch)
        if total > MOST_FORMS:
            raise _FaultError(
                0, f"this line stands for {total} phrases", f"split it into lines of at most {MOST_FORMS}"
            )
        return tuple(tuple(part for form in forms for part in form) for forms in product(*stretches))

    def _tight(self) -> Choices:
        """Words joined by | without blanks are alternatives of one another; inside brackets every | parts the whole."""
        ways = self._item()
        if self.depth:
            return ways
        while self.at + 1 < len(self.text) and self.text[self.at] == "|" and not self.text[self.at + 1].isspace():
            if self.text[self.at - 1].isspace():
                break
            self.at += 1
            ways += self._item()
        return _merged(ways)

    def _item(self) -> Choices:
        char, start = self.text[self.at], self.at
        if char == "(":
            return self._optional()
        if char == "<":
            return self._group()
        if char == "{":
            name = self._name("}", "a slot such as {number}")
            if name not in SLOTS:
                raise _FaultError(
                    start, f"there is no slot {{{name}}}", "use " + ", ".join(f"{{{one}}}" for one in sorted(SLOTS))
                )
            return ((Slot(name),),)
        if char in ")>}":
            raise _FaultError(start, f"a stray {char}", "open the bracket before it, or take it away")
        return self._words()

    def _group(self) -> Choices:
        """<name>, or the alternatives themselves: <send|write to|text>."""
        start, stop = self.at, self.text.find(">", self.at)
        if "|" not in self.text[start:stop]:
            return ((Group(self._name(">", "a group of words such as <messages>")),),)
        self.at += 1
        self.depth += 1
        inner = self.phrase(closing=">")
        self.depth -= 1
        if self.at >= len(self.text):
            raise _FaultError(start, "this < is never closed", "write > after the last alternative")
        self.at += 1
        return _merged(inner)

    def _optional(self) -> Choices:
        start = self.at
        self.at += 1
        self.depth += 1
        inner = self.phrase(closing=")")
        self.depth -= 1
        if self.at >= len(self.text):
            raise _FaultError(start, "this ( is never closed", "write ) after the words that may be left out")
        self.at += 1
        return ((), *_merged(inner))

    def _name(self, closing: str, example: str) -> str:
        start = self.at
        found = _NAME.match(self.text, start + 1)
        if not found or found.end() >= len(self.text) or self.text[found.end()] != closing:
            raise _FaultError(start, f"this {self.text[start]} is not closed with {closing}", f"write {example}")
        self.at = found.end() + 1
        return found.group().strip()

    def _words(self) -> Choices:
        if self.text.startswith(("...", "…"), self.at):
            self.at += 3 if self.text[self.at] == "." else 1
            return ((Gap(),),)
        found = _TEXT.match(self.text, self.at)
        if not found:
            raise _FaultError(self.at, "this cannot be read", "write words, <groups>, (optional words) or ...")
        piece, dots, _ = found.group().partition("...")
        start, self.at = self.at, found.end() - (len(found.group()) - len(piece) if dots else 0)
        literal = _literal(piece)
        if not literal:
            raise _FaultError(start, f"{piece} is no word", "write words; punctuation is ignored in messages")
        return (tuple(Word(word) for word in literal),)


def _merged(ways: Choices) -> Choices:
    """Alternatives of plain words as one part, so that a line with many of them stays small."""
    literal = [way for way in ways if way and all(isinstance(part, Word) for part in way)]
    if len(literal) < 2:
        return ways
    choice = Choice(tuple(sorted({tuple(part.text for part in way if isinstance(part, Word)) for way in literal})))
    return ((choice,), *(way for way in ways if way not in literal))


_WIDE = str.maketrans(
    {"（": "(", "）": ")", "｜": "|", "＜": "<", "＞": ">", "〈": "<", "〉": ">", "｛": "{", "｝": "}"}
)


def parse(text: str, file: str, line: int, column: int = 1) -> Phrase | Problem:
    """Read one phrase; `column` is where it begins in its line. A fault comes back as a `Problem`."""
    # Only one-to-one folds before reading, so that columns stay true; words are folded one by one.
    reader = _Reader(text.translate(_WIDE))
    try:
        forms = tuple(dict.fromkeys(reader.whole()))
    except _FaultError as fault:
        return Problem(file, line, column + fault.column, fault.wrong, fault.right)
    return Phrase(text=text, file=file, line=line, forms=forms)
