"""Less: how often, which topics, a pause. After a stop it is a way back, said as such."""

from __future__ import annotations

from bot import option, wish
from bot.dialogues import opt_out_question
from bot.dialogues.frequency_change import changes, result
from bot.domain.consent import ALL_TOPICS, ConsentKind
from bot.domain.conversation import Stage
from bot.standing import is_out, record
from bot.turn import Step, Turn, ask, line, silence, tell
from intents.reading import Intent


def chosen(turn: Turn) -> Step:
    """A wish that says enough. Tapped, it makes the same changes in every state; in words, only those that are needed."""
    found = wish.of_turn(turn)
    if found is None:
        return less(turn)
    effects = changes(turn, found)
    return tell(turn, result(turn, found, effects), effects=effects)


def tapped_aside(turn: Turn) -> Step:
    """While an agent holds the chat, a tapped option still does what it says; words are left to the agent."""
    return chosen(turn) if turn.is_tapped else silence(turn)


def less(turn: Turn) -> Step:
    """Less, without saying how: ask. A topic that does not exist here, or leaves nothing, is answered honestly."""
    found = turn.reading.find(Intent.FREQUENCY)
    choice = found.slots.get("choice") if found else None
    if choice == "paused":
        return pause(turn)
    if choice == "topics":
        return topics(turn) if len(turn.facts.topics) > 1 else _only_one_topic(turn)
    key = "frequency.ask_stopped" if is_out(turn) else "frequency.ask"
    more = ("topics",) if len(turn.facts.topics) > 1 else ()
    stop = () if is_out(turn) else ("stop",)
    answers = ("weekly", "monthly", "pause_30", *more, *stop)
    return ask(turn, line(key), stage=Stage.FREQUENCY_CHOICE, answers=answers)


def _only_one_topic(turn: Turn) -> Step:
    """One kind of message only: choosing among kinds may mean none, so that is asked, and held meanwhile."""
    return opt_out_question.confirm(turn, line("frequency.one_topic"))


def pause(turn: Turn) -> Step:
    """A pause, without saying how long."""
    answers = tuple(f"pause_{days}" for days in option.PAUSE_DAYS)
    return ask(turn, line("frequency.ask_pause"), stage=Stage.PAUSE_LENGTH, answers=answers)


def topics(turn: Turn) -> Step:
    """Some topics only, without saying which."""
    answers = tuple(f"topic_{option.slug(one)}" for one in turn.facts.topics)
    if len(answers) < 2:
        return _only_one_topic(turn)
    return ask(turn, line("frequency.ask_topics"), stage=Stage.TOPIC_CHOICE, answers=answers[:8])


def unchanged(turn: Turn) -> Step:
    """The choice was dropped: nothing changes, and whatever was held for it goes on."""
    is_held = turn.facts.consent.held_until(ALL_TOPICS, turn.facts.now) is not None
    effects = (record(turn, ConsentKind.HOLD_RELEASED),) if is_held else ()
    return tell(turn, line("frequency.unchanged"), effects=effects)
