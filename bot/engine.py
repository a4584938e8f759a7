"""One step of a conversation: interrupts first (STOP, a person), then the open question, then a new topic."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.conversation import Conversation
from bot.domain.effect import Effect
from bot.domain.event import ContactEvent
from bot.domain.facts import Facts
from intents.reading import Context, Reading


@dataclass(frozen=True, slots=True)
class Step:
    """What a step leads to: the conversation's new state and the effects, to be applied in order."""

    state: Conversation
    effects: tuple[Effect, ...] = ()


def reading_context(state: Conversation, facts: Facts) -> Context:
    """What recognition should know before it reads the contact's next words: the open question's options, announced codes, language."""
    return Context(language=state.language)


def step(state: Conversation, event: ContactEvent, facts: Facts, reading: Reading | None = None) -> Step:
    """Answer one event. Total: every stage and every event has an answer, none raises.

    `reading` goes with `UtteranceReceived` (and with a caption), read under `reading_context(state, facts)`; None elsewhere.
    """
    return Step(state)
