"""Why a reading came out as it did, in sentences that a marketer reads."""

from __future__ import annotations

from intents.matcher import Match
from intents.reading import Reason

_HOW = {
    "keywords": "the whole message is the keyword",
    "clauses": "the whole clause is the keyword",
    "codes": "the whole message is the code",
    "act": "matched the phrase",
    "ask": "matched a phrase that calls for asking back:",
    "not": "held back by the phrase",
}


def matched(match: Match, said: str) -> Reason:
    """The phrase that matched, what it matched, and at which edit distance."""
    phrase = match.rule.phrase
    layer = {"keywords": "keyword", "clauses": "keyword", "codes": "keyword", "not": "guard"}.get(
        match.rule.section, "phrase"
    )
    how = _HOW.get(match.rule.section, "matched the phrase")
    text = f"{how} “{phrase.text}” ({phrase.file}, line {phrase.line}) in “{said}”"
    if match.edits:
        text += f", {match.edits} misspelling{'s' if match.edits > 1 else ''} allowed for"
    return Reason(layer, text, phrase.text, phrase.file, phrase.line, match.edits or None)


def rival(intent: str, why: str) -> Reason:
    """An intent that lost, and why."""
    return Reason("rival", f"{intent} was left out: {why}")


def guard(text: str) -> Reason:
    """A guard of the program itself."""
    return Reason("guard", text)
