"""What recognition answers: the vocabulary that the rest of the house builds on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Intent(StrEnum):
    """What a contact may want of us. The values are stored and are part of the `classify` contract."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    FREQUENCY = "frequency"
    COMPLAINT = "complaint"
    ACCOUNT_DELETION = "account_deletion"
    HUMAN = "human"
    PRIVACY = "privacy"
    HELP = "help"
    STATUS = "status"


class Decision(StrEnum):
    """`act`: do it now. `confirm`: ask first (for an opt-out, marketing is held meanwhile)."""

    ACT = "act"
    CONFIRM = "confirm"


class Cue(StrEnum):
    """Small words that mean something only beside a question, or call for no more than courtesy."""

    YES = "yes"
    NO = "no"
    NEVER_MIND = "never_mind"  # drop what we were talking about: 算了, forget it
    DONE = "done"  # that was all: 就这些, that's it
    SKIP = "skip"  # no answer to this question, go on
    THANKS = "thanks"
    GREETING = "greeting"
    FAREWELL = "farewell"


@dataclass(frozen=True, slots=True)
class Option:
    """One offered answer. `number` is what the contact may type (1-9); `words` are the label and other ways to say it."""

    id: str
    number: int
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """What the conversation knows when a message arrives.

    `options`: the answers offered by the open question, in the order shown. `announced_codes`: one-letter or numeric
    opt-out codes that a campaign or we announced to this contact ("回T退订" -> {"T"}), upper case. `today`: the contact's
    local date as ISO text, for "until Friday"; None = relative dates stay relative. `language`: the contact's language so far.
    """

    question: str | None = None
    options: tuple[Option, ...] = ()
    announced_codes: frozenset[str] = frozenset()
    today: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of the explanation, in words that a marketer reads.

    `layer`: fold, clause, keyword, phrase, guard, rival, second_opinion, context. `text` is the sentence shown;
    `phrase`, `file` and `line` point into the phrase file where there is one; `distance` is the edit distance of a fuzzy match.
    """

    layer: str
    text: str
    phrase: str | None = None
    file: str | None = None
    line: int | None = None
    distance: int | None = None


# Slots of `frequency`: choice = weekly | monthly | every_n_days | paused | topics | less; days (int; of the pause or of the period),
# until (ISO date), only / without (lists of the contact's words for topics).
# Slots of `complaint`: category = delivery | product | refund | service | messages | privacy | suggestion | praise | other;
# urgency = high | normal.
Slots = Mapping[str, str | int | list[str]]


@dataclass(frozen=True, slots=True)
class Recognised:
    """One intent found in a message. `confidence` is between 0 and 1 and calibrated: of 100 readings at 0.9, about 90 are right."""

    intent: Intent
    decision: Decision
    confidence: float
    slots: Slots = field(default_factory=dict)
    because: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything understood of one message, best intent first; no intents = nothing of ours.

    `language`: `en`, `zh-Hans`, `zh-Hant`, another folder's tag, or None when the text does not tell (an emoji, a number).
    `answer`: the id of the offered option that the contact chose, if any. `cues`: small words found (yes, never mind, thanks …),
    only such as make up the message or a clause of it. `folds` and `clauses` are for the explanation. `rivals`: intents that lost, and why.
    `revision`: the phrase revision that read it.
    """

    text: str
    language: str | None
    intents: tuple[Recognised, ...] = ()
    answer: str | None = None
    cues: frozenset[Cue] = frozenset()
    folds: tuple[Reason, ...] = ()
    clauses: tuple[str, ...] = ()
    rivals: tuple[Reason, ...] = ()
    revision: str = ""

    def find(self, intent: Intent) -> Recognised | None:
        """The recognised intent, or None."""
        return next((one for one in self.intents if one.intent is intent), None)

    def acts(self, intent: Intent) -> bool:
        """Whether the intent was read clearly enough to act upon at once."""
        found = self.find(intent)
        return found is not None and found.decision is Decision.ACT
