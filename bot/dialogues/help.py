"""Help, courtesy, and what is not understood: short, never the same twice in a row, never nagging."""

from __future__ import annotations

from bot.domain.conversation import Stage
from bot.standing import is_out
from bot.turn import Step, Turn, ask, closed, line, remark, silence, tell, varied
from locales.catalogue import has


def asked(turn: Turn) -> Step:
    """What can be done here. Asked again, shorter; asked a third time, a person is offered."""
    last = turn.state.said[-1] if turn.state.said else ""
    if last.endswith("help.again"):
        return ask(turn, line("help.person"), stage=Stage.HANDOVER_CONFIRM, answers=("yes", "no"))
    key = "help.again" if last.endswith("help.text") else "help.text"
    return ask(turn, line(key), stage=Stage.MENU, answers=menu(turn))


def menu(turn: Turn) -> tuple[str, ...]:
    """The entries shown beside help."""
    return ("less", "start" if is_out(turn) else "stop", "complaint", "person")


def not_understood(turn: Turn) -> Step:
    """First the help, then a shorter line, then a person is offered; and so on in turn."""
    misses = turn.state.misses + 1
    if misses == 1:
        return ask(turn, line("unclear.first"), stage=Stage.MENU, answers=menu(turn), misses=misses)
    if misses % 2:
        return ask(turn, line("unclear.person"), stage=Stage.HANDOVER_CONFIRM, answers=("yes", "no"), misses=misses)
    return ask(turn, line("unclear.second"), stage=Stage.MENU, answers=menu(turn), misses=misses)


def ask_again(turn: Turn) -> Step:
    """No answer to the open question: show it again once, then let it go."""
    if turn.state.misses:
        return not_understood(turn)
    return remark(turn, line("unclear.choose"), misses=1)


def number(turn: Turn) -> Step:
    """A number that answers nothing."""
    return remark(turn, varied(turn, "unclear.number"), is_restated=False)


def emoji(turn: Turn) -> Step:
    """A friendly sign back; nothing changes."""
    return remark(turn, varied(turn, "courtesy.emoji"), is_restated=False)


def media(turn: Turn) -> Step:
    """A picture or the like: seen, and what to do if it should say something."""
    own = f"media.{turn.medium.value}"
    return remark(turn, varied(turn, own if has(own) else "media.other"), is_restated=False)


def thanks(turn: Turn) -> Step:
    """You're welcome."""
    return remark(turn, varied(turn, "courtesy.thanks"), is_restated=False)


def thanks_closing(turn: Turn) -> Step:
    """You're welcome, and the offer is closed quietly."""
    return Step(closed(thanks(turn).state), thanks(turn).effects)


def greeting(turn: Turn) -> Step:
    """Hello."""
    return remark(turn, varied(turn, "courtesy.greeting"), is_restated=False)


def farewell(turn: Turn) -> Step:
    """Goodbye."""
    return tell(turn, varied(turn, "courtesy.farewell"))


def small_word(turn: Turn) -> Step:
    """Yes, no, fine, where nothing was asked."""
    return tell(turn, varied(turn, "courtesy.fine"))


def closed_option(turn: Turn) -> Step:
    """An option of a question that is no longer open: say so, change nothing."""
    return remark(turn, varied(turn, "unclear.closed_option"))


def nothing(turn: Turn) -> Step:
    """Nothing to say, nothing to do."""
    return silence(turn)
