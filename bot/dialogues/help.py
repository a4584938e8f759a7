"""Help, and what is not understood: short, never the same twice in a row, never nagging."""

from __future__ import annotations

from bot.domain.conversation import Stage
from bot.standing import is_out
from bot.turn import Step, Turn, ask, line, remark, silence, varied


def asked(turn: Turn) -> Step:
    """What can be done here. Asked again, shorter; asked a third time, a person is offered."""
    last = turn.state.said[-1] if turn.state.said else ""
    if last.endswith("help.again"):
        return ask(turn, line("help.person"), stage=Stage.HANDOVER_CONFIRM, answers=("yes", "no"), draft=turn.words)
    key = "help.again" if last.endswith("help.text") else "help.text"
    return ask(turn, line(key), stage=Stage.MENU, answers=menu(turn))


def menu(turn: Turn) -> tuple[str, ...]:
    """The entries shown beside help."""
    return ("start", "complaint", "person") if is_out(turn) else ("less", "stop", "complaint", "person")


def not_understood(turn: Turn) -> Step:
    """First the help, then a shorter line, then a person is offered; and so on in turn."""
    misses, entries = turn.state.misses + 1, _unasked_menu(turn)
    if misses == 1:
        return ask(turn, line("unclear.first"), stage=Stage.MENU, answers=entries, misses=misses)
    if misses % 2:
        said = line("unclear.person")
        return ask(turn, said, stage=Stage.HANDOVER_CONFIRM, answers=("yes", "no"), misses=misses, draft=turn.words)
    return ask(turn, line("unclear.second"), stage=Stage.MENU, answers=entries, misses=misses)


def _unasked_menu(turn: Turn) -> tuple[str, ...]:
    """The same for somebody who did not ask for help: whoever stopped everything is not asked to start again."""
    return tuple(one for one in menu(turn) if one != "start")


def ask_again(turn: Turn) -> Step:
    """No answer to the open question: show it again once, then let it go."""
    if turn.state.misses:
        return not_understood(turn)
    return remark(turn, line("unclear.choose"), misses=1)


def number(turn: Turn) -> Step:
    """A number that answers nothing."""
    return remark(turn, varied(turn, "unclear.number"), is_restated=False)


def closed_option(turn: Turn) -> Step:
    """An option of a question that is no longer open: say so, change nothing."""
    return remark(turn, varied(turn, "unclear.closed_option"))


def nothing(turn: Turn) -> Step:
    """Nothing to say, nothing to do."""
    return silence(turn)
