"""Closing the account: why is asked once, with the alternatives; then one confirmation, then it is done."""

from __future__ import annotations

from bot import tone
from bot.dialogues import privacy, reason
from bot.domain.case import CaseFact, CaseKind, Priority
from bot.domain.consent import ConsentKind
from bot.domain.conversation import Stage
from bot.domain.effect import Effect, OpenCase, PurgeMarketing
from bot.standing import record
from bot.turn import Line, Step, Turn, ask, line, remark, tell
from intents.reading import Intent
from locales.calendar import format_day


def requested(turn: Turn, before: tuple[Line, ...] = (), effects: tuple[Effect, ...] = ()) -> Step:
    """Delete my account: name the alternatives and ask why, once, unless that was said. A grievance with it needs only the confirmation."""
    if known := _known_case(turn):
        due = format_day(turn.language, turn.local(known.solution_due_at))
        return remark(
            turn, *before, line("deletion.known", number=known.number, date=due), effects=effects, is_restated=False
        )
    if turn.reading.acts(Intent.COMPLAINT):
        return _confirm(turn, turn.words, before, effects)
    answers = ("go_on", "less", "pause_30", "no_personalisation", "cancel") if not before else ("go_on", "cancel")
    is_told = turn.is_typed and tone.says_why(turn.words)
    said = line("deletion.reason_told") if is_told else line("deletion.reason")
    draft = turn.words if is_told else ""
    return ask(turn, *before, said, stage=Stage.DELETION_REASON, answers=answers, effects=effects, draft=draft)


def _known_case(turn: Turn) -> CaseFact | None:
    return next((one for one in turn.facts.cases if one.is_open and one.kind is CaseKind.ACCOUNT_DELETION), None)


def reasoned(turn: Turn) -> Step:
    """The reason was given."""
    told = "\n".join(part for part in (turn.state.draft, turn.words) if part)
    return _confirm(turn, told, () if turn.state.draft else (line("deletion.thanks"),))


def insisted(turn: Turn) -> Step:
    """No other reason, just go on."""
    return _confirm(turn, turn.state.draft)


def _confirm(turn: Turn, draft: str, before: tuple[Line, ...] = (), effects: tuple[Effect, ...] = ()) -> Step:
    said = line("deletion.confirm")
    return ask(turn, *before, said, stage=Stage.DELETION_CONFIRM, answers=("yes", "no"), effects=effects, draft=draft)


def confirmed(turn: Turn) -> Step:
    """Yes: stop everything, open the case, tell number and deadline. Identity is checked only when something looks suspicious."""
    facts, draft = turn.facts, turn.state.draft
    effects: tuple[Effect, ...] = (record(turn, ConsentKind.OPTED_OUT), PurgeMarketing())
    if draft:
        effects = (*effects, reason.change(turn, draft))
    case = OpenCase(
        facts.new_case_number,
        CaseKind.ACCOUNT_DELETION,
        "account_deletion",
        Priority.NORMAL,
        draft or turn.words,
        needs_identity_check=facts.looks_suspicious,
    )
    check = (line("deletion.identity"),) if facts.looks_suspicious else ()
    said = line("deletion.opened", number=case.number)
    return tell(turn, said, *check, effects=(*effects, case), case=case.number)


def cancelled(turn: Turn) -> Step:
    """No, keep the account."""
    return tell(turn, line("deletion.cancelled"))


def no_personalisation(turn: Turn) -> Step:
    """The alternative without personalisation (PIPL Art 24): a request that staff carry out."""
    return privacy.opened(turn, "no_personalisation")
