"""Why somebody left: a short code where the words match one, and the words themselves."""

from __future__ import annotations

from bot.domain.consent import ConsentChange, ConsentKind
from bot.domain.effect import RecordConsent
from bot.turn import Step, Turn, line, tell
from locales.catalogue import words
from locales.language import LANGUAGES

OTHER = "other"
CODES = ("too_many", "never_signed_up", "not_relevant")
"""The reasons that are told apart; everything else is `other`."""

LONGEST = 500
"""Characters of a reason that are kept."""


def given(turn: Turn) -> Step:
    """Keep the reason and thank, without another question."""
    return tell(turn, line("opt_out.reason_thanks"), effects=(change(turn, turn.words),))


def change(turn: Turn, said: str) -> RecordConsent:
    """The reason as a consent event: `code: words`, the code alone up to the colon."""
    return RecordConsent(ConsentChange(ConsentKind.REASON_GIVEN, turn.at, reason=f"{code(said)}: {said[:LONGEST]}"))


def code(said: str) -> str:
    """The code whose words of any language stand in `said`, else `other`."""
    folded = said.casefold()
    found = (
        one
        for one in CODES
        if any(word in folded for language in LANGUAGES for word in words(language, f"reason.{one}"))
    )
    return next(found, OTHER)
