"""Clauses: the stretches of a message between punctuation marks, with their words spelt right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from intents.reading import Reason
from intents.script import is_han
from intents.spelling import Spelling, heard, reason
from intents.token import Token, tokens

QUOTE = "❝"
OPAQUE = "◌"
_OPENERS = {"“": "”", "«": "»", "「": "」", "『": "』", '"': '"', "„": "“"}
LONGEST_CLAUSE = 400


@dataclass(slots=True)
class Clause:
    """One clause: its folded words, the edits each word needed, and what the punctuation says.

    `soft` holds positions (0..len) where a new thought may begin although no punctuation mark stands there.
    """

    words: list[str] = field(default_factory=list)
    edits: list[int] = field(default_factory=list)
    soft: set[int] = field(default_factory=set)
    question: bool = False
    quoted: bool = False
    latin: bool = True
    playful: bool = False

    @property
    def text(self) -> str:
        """The clause as one string, for people."""
        out = ""
        for word in self.words:
            gap = " " if out and not (is_han(word) and is_han(out[-1])) else ""
            out += gap + word
        return out


def split(text: str, spelling: Spelling, folds: list[Reason]) -> list[Clause]:
    """The clauses of a folded text in order. Quoted stretches are marked; the words around see one opaque sign."""
    raw = _ends(_stretches(tokens(text)))
    return [clause for one in raw if (clause := _spelt(*one, spelling, folds)).words]


MOST_WORDS = 2_000
_COST = 4  # what a clause costs beside its words, in words


Stretch = tuple[list[Token], bool, bool]  # tokens, question, quoted


def _ends(raw: list[Stretch]) -> list[Stretch]:
    """Both ends of a monstrous text ("a, b, a, b, …"): wishes stand there, and its middle would cost too much."""
    if sum(len(one[0]) + _COST for one in raw) <= MOST_WORDS:
        return raw
    kept: set[int] = set()
    left = MOST_WORDS
    for at in sorted(range(len(raw)), key=lambda at: min(at, len(raw) - 1 - at)):
        left -= len(raw[at][0]) + _COST
        if left < 0:
            break
        kept.add(at)
    return [one for at, one in enumerate(raw) if at in kept]


def _stretches(stream: Iterable[Token]) -> list[Stretch]:
    done: list[Stretch] = []
    current: list[Token] = []
    outer: list[Token] = []
    closer = ""
    for token in stream:
        if token.kind == "quote":
            if not closer and token.text in _OPENERS:
                outer, current, closer = current, [], _OPENERS[token.text]
            elif closer and token.text == closer:
                done.append((current, False, True))
                current, closer = [*outer, Token(QUOTE, "", "opaque")], ""
        elif token.kind == "stop" or len(current) >= LONGEST_CLAUSE:
            if closer and token.kind == "stop":
                current.append(token)
                continue
            question = "?" in token.text
            done.append((current, question, False))
            current = [] if token.kind == "stop" else [token]
        else:
            current.append(token)
    if closer:  # a quotation mark without its partner quotes nothing
        inner = [one for one in current if one.kind != "stop"]
        return [*done, (outer, False, False), (inner, False, False)]
    return [*done, (current, False, False)]


def _spelt(stream: list[Token], question: bool, quoted: bool, spelling: Spelling, folds: list[Reason]) -> Clause:
    clause = Clause(question=question, quoted=quoted)
    stream = [one for one in stream if one.kind != "stop"]
    stream = _from_pinyin(stream, spelling, folds)
    texts = [one.text for one in stream]
    at = 0
    while at < len(stream):
        token = stream[at]
        if at and token.glue == " " and token.kind == "han" and stream[at - 1].kind == "han":
            clause.soft.add(len(clause.words))
        if found := heard(texts, spelling, at):
            _put(clause, found[0], 1)
            folds.append(reason("".join(texts[at : found[1]]), found[0], "sounds alike", 1))
            clause.latin = False
            at = found[1]
            continue
        _one(clause, token, spelling, folds)
        at += 1
    return clause


def _put(clause: Clause, words: Iterable[str], distance: int) -> None:
    before = len(clause.words)
    for word in words:
        if clause.words[-2:] != [word, word]:  # the same word three times says no more than twice
            clause.words.append(word)
    if len(clause.words) == before:
        return
    clause.edits.extend([distance] + [0] * (len(clause.words) - before - 1))


def _one(clause: Clause, token: Token, spelling: Spelling, folds: list[Reason]) -> None:
    if token.kind == "symbol" and clause.words and clause.words[-1] == token.text:
        return  # the same emoji again says the same
    if token.kind == "symbol" and token.text not in spelling.vocabulary:
        clause.soft.add(len(clause.words))  # an emoji that means nothing to us still ends a thought
        return
    if token.kind == "opaque":
        _put(clause, [QUOTE if token.text == QUOTE else OPAQUE], 0)
        return
    if token.kind == "han":
        clause.latin = False
    fixed = spelling.word(token.text) if token.kind == "word" else None
    if fixed is None:
        _put(clause, [token.text], 0)
        return
    _put(clause, fixed[0], fixed[2])
    folds.append(reason(token.text, " ".join(fixed[0]), fixed[1], fixed[2] or None))


def _from_pinyin(stream: list[Token], spelling: Spelling, folds: list[Reason]) -> list[Token]:
    """Pinyin as characters: when the whole clause is pinyin, or beside a Han character without a space between."""
    if not spelling.syllables or not any(one.kind == "word" for one in stream):
        return stream
    if all(one.kind == "word" and one.text.isascii() for one in stream):
        known = all(one.text in spelling.vocabulary or one.text in spelling.real for one in stream)
        spelt = None if known or len(stream) > 24 else [spelling.pinyin(one.text) for one in stream]
        if spelt and all(spelt) and sum(len(one or "") for one in spelt) > 1:
            written = "".join(one or "" for one in spelt)
            folds.append(reason(" ".join(one.text for one in stream), written, "pinyin"))
            return [Token(char, "", "han") for char in written]
        return stream
    out: list[Token] = []
    for at, token in enumerate(stream):
        after = stream[at + 1] if at + 1 < len(stream) else None
        beside = (after and after.kind == "han" and not after.glue) or (
            at and stream[at - 1].kind == "han" and not token.glue
        )
        found = (
            spelling.pinyin(token.text)
            if beside and token.kind == "word" and token.text not in spelling.vocabulary
            else None
        )
        if not found:
            out.append(token)
            continue
        folds.append(reason(token.text, found, "pinyin"))
        out += [Token(char, token.glue if not n else "", "han") for n, char in enumerate(found)]
    return out
