"""Requests about personal data: see, delete, where from. Each is a case with its legal deadline."""

from __future__ import annotations

from bot.domain.case import CaseFact, CaseKind, Priority
from bot.domain.conversation import Stage
from bot.domain.effect import Effect, OpenCase
from bot.turn import Line, Step, Turn, ask, line, tell
from intents.reading import Intent
from locales.calendar import format_day
from locales.catalogue import words
from locales.language import LANGUAGES

REQUESTS = ("source", "delete", "see")
"""What can be asked for; the categories of privacy cases, beside `no_personalisation`."""


def requested(turn: Turn, before: tuple[Line, ...] = (), effects: tuple[Effect, ...] = ()) -> Step:
    """A request about data: open the case if it is clear which, else ask."""
    found = turn.reading.find(Intent.PRIVACY)
    slot = found.slots.get("request") if found else None
    request = slot if isinstance(slot, str) and slot in REQUESTS else _guess(turn.words)
    if request:
        return opened(turn, request, before, effects)
    key = "privacy.which_again" if turn.state.stage is Stage.PRIVACY_CHOICE else "privacy.which"
    return ask(
        turn,
        *before,
        line(key),
        effects=effects,
        stage=Stage.PRIVACY_CHOICE,
        answers=("see", "delete", "source", "cancel"),
        draft=turn.words,
    )


def _guess(said: str) -> str | None:
    """The request whose words stand in `said`, if they are one request's words only."""
    folded = said.casefold()
    found = [one for one in REQUESTS if any(word in folded for tag in LANGUAGES for word in words(tag, f"words.{one}"))]
    return found[0] if len(found) == 1 else None


def chosen(turn: Turn) -> Step:
    """One of the offered requests."""
    return opened(turn, turn.answer)


def opened(turn: Turn, request: str, before: tuple[Line, ...] = (), effects: tuple[Effect, ...] = ()) -> Step:
    """Open the case; tell number and deadline (one month, GDPR Art 12(3)). The same request is not opened twice."""
    if known := _known_case(turn, request):
        due = format_day(turn.language, turn.local(known.solution_due_at))
        return tell(turn, *before, line("privacy.known", number=known.number, date=due), effects=effects)
    number = turn.facts.new_case_number
    draft = turn.state.draft if turn.state.stage is Stage.PRIVACY_CHOICE else ""
    summary = "\n".join(part for part in (draft, turn.words) if part)
    case = OpenCase(number, CaseKind.PRIVACY, request, Priority.NORMAL, summary, turn.facts.looks_suspicious)
    lines = (*before, line(f"privacy.{request}", number=number), line("privacy.deadline"))
    return tell(turn, *lines, effects=(*effects, case), case=number)


def _known_case(turn: Turn, request: str) -> CaseFact | None:
    cases = (one for one in turn.facts.cases if one.is_open and one.kind is CaseKind.PRIVACY)
    return next((one for one in cases if one.category == request), None)


def described(turn: Turn) -> Step:
    """Words instead of a choice: take them if they name one, else ask once more."""
    request = _guess(turn.words)
    return opened(turn, request) if request else ask_again(turn)


def ask_again(turn: Turn) -> Step:
    """Ask once more."""
    answers = ("see", "delete", "source", "cancel")
    return ask(turn, line("privacy.which_again"), stage=Stage.PRIVACY_CHOICE, answers=answers)


def cancelled(turn: Turn) -> Step:
    """Never mind."""
    return tell(turn, line("privacy.cancelled"))
