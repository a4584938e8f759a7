"""Stopping: recorded first, confirmed once, with less as an offer; what is uncertain is asked, and held meanwhile."""

from __future__ import annotations

from bot import tone
from bot.dialogues import account_deletion, complaint, frequency, handover, privacy, reason
from bot.dialogues import help as guidance
from bot.dialogues.grievance import category, is_announced, is_told, known_case
from bot.domain.consent import ConsentKind
from bot.domain.conversation import Holder, Stage
from bot.domain.effect import Effect, PurgeMarketing
from bot.standing import is_out, is_out_after, record
from bot.turn import Line, Step, Turn, ask, line, remark, tell
from intents.reading import Intent


def stop(turn: Turn) -> Step:
    """A clear wish to stop. Always recorded; then exactly one message, whatever else was said (47 CFR 64.1200(a)(12))."""
    effects: tuple[Effect, ...] = (record(turn, ConsentKind.OPTED_OUT), PurgeMarketing())
    if not is_out_after(turn, effects):
        return remark(turn, line("opt_out.late"), effects=effects, is_restated=False)
    if turn.state.holder is Holder.AGENT:
        return remark(turn, line("opt_out.stopped"), effects=effects, is_restated=False)
    return _together(turn, effects) or (_again(turn, effects) if is_out(turn) else _offer(turn, effects))


def _together(turn: Turn, effects: tuple[Effect, ...]) -> Step | None:
    """A stop that came with something else: both are done, in one message."""
    said = line("opt_out.stopped")
    if turn.reading.acts(Intent.ACCOUNT_DELETION):
        return account_deletion.requested(turn, before=(said,), effects=effects)
    if is_told(turn):
        told = (
            said if known_case(turn) else line("opt_out.done")
        )  # a new case's message offers less, which is a way back
        return complaint.taken_in(turn, before=(told,), effects=effects)
    if turn.reading.acts(Intent.PRIVACY):
        return privacy.requested(turn, before=(said,), effects=effects)
    if turn.reading.acts(Intent.HUMAN):
        return handover.requested(turn, before=(said,), effects=effects)
    if turn.state.stage is Stage.COMPLAINT_DESCRIBE:
        return complaint.announced(turn, before=(said,), effects=effects)
    return None


def _offer(turn: Turn, effects: tuple[Effect, ...]) -> Step:
    topics = ("topics",) if len(turn.facts.topics) > 1 else ()
    answers = ("weekly", "monthly", "pause_30", *topics)
    lines: tuple[Line, ...] = (line("opt_out.done"), *_account(turn), line("opt_out.less"))
    if turn.is_typed and reason.code(turn.words) != reason.OTHER:
        effects = (*effects, reason.change(turn, turn.words))
    else:
        lines = (*lines, line("opt_out.why"))
    return ask(turn, *lines, stage=Stage.OPT_OUT_OFFER, answers=answers, effects=effects)


def _again(turn: Turn, effects: tuple[Effect, ...]) -> Step:
    """Stopped already: said shortly, without another offer. What sounds like the reason that was asked for is kept as such."""
    if turn.state.stage in (Stage.OPT_OUT_OFFER, Stage.OPT_OUT_REASON):
        if turn.is_typed and reason.code(turn.words) != reason.OTHER:
            return tell(turn, line("opt_out.reason_thanks"), effects=(*effects, reason.change(turn, turn.words)))
        return remark(turn, line("opt_out.already"), effects=effects, is_restated=False)
    return tell(turn, line("opt_out.already"), *_account(turn), effects=effects)


def _account(turn: Turn) -> tuple[Line, ...]:
    """Whoever was about to close the account and stops instead is told that it stays."""
    is_closing = turn.state.stage in (Stage.DELETION_REASON, Stage.DELETION_CONFIRM)
    return (line("deletion.untouched"),) if is_closing else ()


def declined(turn: Turn) -> Step:
    """No to the offer of less: everything stays stopped; a reason is still understood, not asked for again."""
    return ask(turn, line("opt_out.stays"), stage=Stage.OPT_OUT_REASON)


def which(turn: Turn) -> Step:
    """Yes to the offer of less, without saying which; a mere "ok" is none."""
    if turn.is_typed and tone.is_acknowledgement(turn.words):
        return declined(turn)
    answers = ("weekly", "monthly", "pause_30")
    return ask(turn, line("opt_out.which"), stage=Stage.OPT_OUT_OFFER, answers=answers)


def explained(turn: Turn) -> Step:
    """Words after the stop: the reason, if they are no question."""
    return guidance.not_understood(turn) if tone.is_question(turn.words) else reason.given(turn)


def grumbled(turn: Turn) -> Step:
    """A grievance after the stop: about the messages it is the reason that was asked for; otherwise, or called a complaint, it is one."""
    is_reason = category(turn) in ("messages", "other") and not is_announced(turn.words)
    return reason.given(turn) if is_reason else complaint.complained(turn)


def fewer(turn: Turn) -> Step:
    """ "Too many" after the stop is the reason; "fewer" is a wish."""
    is_reason = turn.is_typed and reason.code(turn.words) == "too_many"
    return reason.given(turn) if is_reason else frequency.less(turn)
