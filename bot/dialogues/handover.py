"""To a person and back: the chat is flagged, the contact is told when to expect somebody, the place is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.domain.case import CaseKind, Priority
from bot.domain.conversation import Holder, Stage
from bot.domain.effect import Effect, HandBack, HandOver, OpenCase
from bot.domain.message import Purpose
from bot.turn import Line, Step, Turn, ask, closed, line, remark, silence, tell
from locales.calendar import format_moment

UNKNOWN_RETURN = timedelta(hours=12)
"""How long a flagged chat waits while nobody is in and nobody knows when they are back."""


@dataclass(frozen=True, slots=True)
class Flag:
    """A hand-over in the making: its effect, what the contact is told, what the conversation remembers."""

    effect: HandOver
    lines: tuple[Line, ...]
    memory: dict[str, Any]


def flag(turn: Turn, reason: str, words: str | None = None) -> Flag:
    """Flag the chat for an agent. The clock that gives it back is armed by the engine from `handover_due_at`."""
    memory = {"holder": Holder.WAITING, "handover_due_at": _due_at(turn)}
    return Flag(HandOver(reason, turn.words if words is None else words), (_expect(turn),), memory)


def _due_at(turn: Turn) -> datetime:
    facts = turn.facts
    patience = timedelta(minutes=facts.handover_wait_minutes)
    if facts.agents_are_in:
        return facts.now + patience
    return facts.agents_back_at + patience if facts.agents_back_at else facts.now + UNKNOWN_RETURN


def _expect(turn: Turn) -> Line:
    """When somebody comes; told once more, it is said that the contact stands in the queue already."""
    facts, is_waiting = turn.facts, turn.state.holder is Holder.WAITING
    if facts.agents_are_in:
        return line("handover.still_soon" if is_waiting else "handover.soon")
    if facts.agents_back_at:
        moment = format_moment(turn.language, turn.local(facts.agents_back_at))
        return line("handover.still_later" if is_waiting else "handover.later", moment=moment)
    return line("handover.still_some_time" if is_waiting else "handover.some_time")


def requested(turn: Turn, before: tuple[Line, ...] = (), effects: tuple[Effect, ...] = ()) -> Step:
    """A person, please. An announced complaint without its story becomes a case, so that the agent finds it."""
    if turn.state.holder is Holder.WAITING:
        return remark(turn, *before, _expect(turn), effects=effects, is_restated=False)
    was_lost = turn.state.said[-1:] == ("unclear.person",)
    words = turn.state.draft if turn.state.stage is Stage.HANDOVER_CONFIRM else ""
    flagged = flag(turn, "not_understood" if was_lost else "asked_for_person", words or turn.words)
    memory = dict(flagged.memory)
    if turn.state.stage is Stage.COMPLAINT_DESCRIBE:
        number = turn.facts.new_case_number
        words = "\n".join(part for part in (turn.state.draft, turn.words) if part)
        effects = (*effects, OpenCase(number, CaseKind.COMPLAINT, "other", Priority.NORMAL, words))
        before = (*before, line("handover.case", number=number))
        memory |= {"case": number, "last_words": words}
    return tell(turn, *before, *flagged.lines, effects=(*effects, flagged.effect), **memory)


def unsure(turn: Turn) -> Step:
    """Perhaps a wish for a person."""
    return ask(turn, line("handover.confirm"), stage=Stage.HANDOVER_CONFIRM, answers=("yes", "no"), draft=turn.words)


def declined(turn: Turn) -> Step:
    """No, no person."""
    return tell(turn, line("handover.declined"))


def still_waiting(turn: Turn) -> Step:
    """Is anybody there? Nobody yet: when somebody will be. While an agent is about to come, that is said once."""
    was_told = turn.state.said[-1:] == ("handover.still_soon",)
    return silence(turn) if was_told and turn.facts.agents_are_in else remark(turn, _expect(turn), is_restated=False)


def taken_back(turn: Turn) -> Step:
    """The contact needs no person any more."""
    return tell(
        turn, line("handover.taken_back"), effects=(HandBack("contact"),), holder=Holder.BOT, handover_due_at=None
    )


def unanswered(turn: Turn) -> Step:
    """Nobody came: the bot answers again, and says so."""
    said, effects = line("handover.nobody_came"), (HandBack("nobody_came"),)
    memory: dict[str, Any] = {"holder": Holder.BOT, "handover_due_at": None}
    if not is_room(turn):
        return silence(turn, effects=effects, **memory)
    return remark(turn, said, effects=effects, purpose=Purpose.SERVICE, is_restated=False, **memory)


def taken(turn: Turn) -> Step:
    """An agent holds the chat now. Said once, if the window leaves one message in reserve."""
    memory: dict[str, Any] = {"holder": Holder.AGENT, "handover_due_at": None}
    if turn.state.holder is Holder.AGENT or not is_room(turn):
        return Step(closed(silence(turn, **memory).state))
    return tell(turn, line("handover.taken"), purpose=Purpose.SERVICE, **memory)


def given_back(turn: Turn) -> Step:
    """The agent gave the chat back."""
    memory: dict[str, Any] = {"holder": Holder.BOT, "handover_due_at": None, "repeats": 0, "misses": 0}
    if turn.state.holder is Holder.BOT:
        return silence(turn)
    effects = (HandBack("agent"),)
    if not is_room(turn):
        return Step(closed(silence(turn, **memory).state), effects)
    return tell(turn, line("handover.given_back"), effects=effects, purpose=Purpose.SERVICE, **memory)


def is_room(turn: Turn) -> bool:
    """Whether the channel's window lets a message through that the contact did not just ask for, with one kept in reserve."""
    return turn.facts.sends_left is None or turn.facts.sends_left > 1
