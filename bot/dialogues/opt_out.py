"""Stopping: recorded first, confirmed once, with less as an offer; what is uncertain is asked, and held meanwhile."""

from __future__ import annotations

from bot.dialogues import complaint, deletion, handover, help, reason
from bot.domain.consent import HOLD, ConsentKind
from bot.domain.conversation import Holder, Stage
from bot.domain.effect import Effect, PurgeMarketing
from bot.domain.event import TimerName
from bot.standing import hold, is_out, is_out_after, record
from bot.turn import Line, Step, Turn, ask, closed, line, remark, silence, tell, timer
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
        return deletion.requested(turn, before=(said,), effects=effects)
    if complaint.is_told(turn):
        return complaint.opened(turn, before=(said,), effects=effects)
    if turn.reading.acts(Intent.HUMAN):
        return handover.requested(turn, before=(said,), effects=effects)
    if turn.state.stage is Stage.COMPLAINT_DESCRIBE:
        return complaint.announced(turn, before=(said,), effects=effects)
    return None


def _offer(turn: Turn, effects: tuple[Effect, ...]) -> Step:
    topics = ("topics",) if len(turn.facts.topics) > 1 else ()
    answers = ("weekly", "monthly", "pause_30", *topics)
    return ask(turn, line("opt_out.offer"), stage=Stage.OPT_OUT_OFFER, answers=answers, effects=effects, draft="")


def _again(turn: Turn, effects: tuple[Effect, ...]) -> Step:
    if turn.state.stage in (Stage.OPT_OUT_OFFER, Stage.OPT_OUT_REASON):
        return remark(turn, line("opt_out.already"), effects=effects, is_restated=False)
    return tell(turn, line("opt_out.already"), effects=effects)


def unsure(turn: Turn) -> Step:
    """Perhaps a wish to stop: hold marketing and ask."""
    return confirm(turn, line("opt_out.confirm"))


def confirm(turn: Turn, question: Line) -> Step:
    """Ask whether everything should stop; marketing rests until the answer."""
    if is_out(turn):
        return tell(turn, line("opt_out.already"))
    effects = (hold(turn), timer(turn, TimerName.QUESTION_LAPSED, HOLD))
    answers = ("stop", "less", "no")
    return ask(turn, question, stage=Stage.OPT_OUT_CONFIRM, answers=answers, effects=effects)


def held_silently(turn: Turn) -> Step:
    """Perhaps a wish to stop, said to an agent: hold, and leave the asking to the agent."""
    return silence(turn) if is_out(turn) else silence(turn, effects=(hold(turn),))


def kept(turn: Turn) -> Step:
    """No, not stop."""
    return tell(turn, line("opt_out.kept"), effects=(record(turn, ConsentKind.HOLD_RELEASED),))


def lapsed(turn: Turn) -> Step:
    """Nobody answered: the hold ends by itself, the question is closed without a word."""
    return Step(closed(turn.state))


def declined(turn: Turn) -> Step:
    """No to the offer of less: everything stays stopped; a reason is still understood, not asked for again."""
    return ask(turn, line("opt_out.stays"), stage=Stage.OPT_OUT_REASON)


def which(turn: Turn) -> Step:
    """Yes to the offer of less, without saying which."""
    answers = ("weekly", "monthly", "pause_30")
    return ask(turn, line("opt_out.which"), stage=Stage.OPT_OUT_OFFER, answers=answers)


def explained(turn: Turn) -> Step:
    """Words after the stop: the reason, if they are no question."""
    return help.not_understood(turn) if turn.words.endswith(("?", "？")) else reason.given(turn)
