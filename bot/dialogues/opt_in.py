"""Starting again: an explicit act of the contact, which never overrules a later stop."""

from __future__ import annotations

from bot.dialogues import complaint, status
from bot.dialogues.grievance import is_told
from bot.domain.consent import ALL_TOPICS, ConsentKind, Standing
from bot.domain.conversation import Holder, Stage
from bot.domain.effect import Effect
from bot.standing import after, is_out, is_out_after, overall, record, running_topics, topic_names
from bot.turn import Line, Step, Turn, ask, line, tell
from intents.reading import Intent


def start(turn: Turn) -> Step:
    """A clear wish to get messages. The same changes whatever the state, so that starts and stops commute."""
    effects: tuple[Effect, ...] = (
        record(turn, ConsentKind.OPTED_IN),
        record(turn, ConsentKind.RESUMED),
        record(turn, ConsentKind.HOLD_RELEASED),
    )
    if turn.state.holder is not Holder.AGENT and turn.wants(Intent.COMPLAINT) and is_told(turn):
        return complaint.taken_in(turn, before=(_said(turn, effects),), effects=effects)
    return tell(turn, _said(turn, effects), effects=effects)


def _said(turn: Turn, effects: tuple[Effect, ...]) -> Line:
    if is_out_after(turn, effects):
        return line("opt_in.too_late")
    if turn.state.stage is Stage.OPT_OUT_CONFIRM:
        return line("opt_out.kept")
    frequency = status.frequency_text(turn, after(turn, effects))
    is_all = len(running_topics(turn, turn.facts.consent)) == len(turn.facts.topics)
    key = "opt_in.already" if is_running(turn) and is_all else "opt_in.restarted" if is_out(turn) else "opt_in.started"
    return line(key, topics=topic_names(turn), frequency=frequency)


def is_running(turn: Turn) -> bool:
    """Whether messages already come: in, not paused, not held."""
    consent, now = turn.facts.consent, turn.facts.now
    is_in = overall(consent, turn.facts.topics) is Standing.OPTED_IN
    return is_in and not consent.paused_until(ALL_TOPICS, now) and not consent.held_until(ALL_TOPICS, now)


def unsure(turn: Turn) -> Step:
    """Perhaps a wish to start: ask, change nothing."""
    if is_running(turn):
        frequency = status.frequency_text(turn, turn.facts.consent)
        names = topic_names(turn, running_topics(turn, turn.facts.consent))
        return tell(turn, line("opt_in.already", topics=names, frequency=frequency))
    return ask(
        turn, line("opt_in.confirm", topics=topic_names(turn)), stage=Stage.OPT_IN_CONFIRM, answers=("yes", "no")
    )


def declined(turn: Turn) -> Step:
    """No, not start."""
    return tell(turn, line("opt_in.declined"))
