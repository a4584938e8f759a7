"""Did they mean stop? Ask, and hold marketing until the answer, a week at most."""

from __future__ import annotations

from bot.domain.consent import HOLD, ConsentKind
from bot.domain.conversation import Stage
from bot.domain.event import TimerName
from bot.standing import hold, is_out, record
from bot.turn import Line, Step, Turn, ask, closed, line, silence, tell, timer


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
