"""One turn: everything a dialogue sees, and the ways in which it can answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot import option
from bot.domain.conversation import Conversation, Stage
from bot.domain.effect import Effect, Say, StartTimer
from bot.domain.event import ButtonTapped, ContactEvent, MediaReceived, Medium, TimerName, UtteranceReceived
from bot.domain.facts import Facts, Topic
from bot.domain.message import Choice, Message, Purpose
from bot.option import Option
from intents.reading import Cue, Intent, Reading
from locales import catalogue

REMEMBERED = 4
"""How many of our last messages are remembered, so that nothing is said twice in a row."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a step leads to: the conversation's new state and the effects, to be applied in order."""

    state: Conversation
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One text of the catalogue with its values; a message is made of one or several."""

    key: str
    values: tuple[tuple[str, str], ...] = ()


def line(key: str, **values: str) -> Line:
    """A line of a message: the catalogue's key and the values for its placeholders."""
    return Line(key, tuple(values.items()))


@dataclass(frozen=True, slots=True)
class Turn:
    """The state before, what happened, the facts and the reading. `option` is what was tapped or chosen by its number or words."""

    state: Conversation
    event: ContactEvent
    facts: Facts
    reading: Reading
    language: str
    option: Option | None = None

    @property
    def at(self) -> datetime:
        """When the contact did it, by the platform's clock."""
        return self.event.origin.at

    def local(self, moment: datetime) -> datetime:
        """`moment` on the clock that the contact is told times of."""
        return moment.astimezone(ZoneInfo(self.facts.zone))

    @property
    def words(self) -> str:
        """What the contact wrote, as a case keeps it; a picture or the like stands as `[picture]`."""
        match self.event:
            case UtteranceReceived(text=text):
                return text.strip()
            case MediaReceived(medium=medium, caption=caption):
                return f"[{medium.value}] {caption}".strip()
            case ButtonTapped(label=label):
                return label.strip()
            case _:
                return ""

    @property
    def is_typed(self) -> bool:
        """Whether the contact's own words came, rather than a tap, a picture or an event."""
        return isinstance(self.event, UtteranceReceived) or (
            isinstance(self.event, MediaReceived) and bool(self.event.caption)
        )

    @property
    def is_tapped(self) -> bool:
        """Whether an offered option or a menu entry was tapped."""
        return isinstance(self.event, ButtonTapped)

    @property
    def medium(self) -> Medium:
        """In what form it arrived."""
        return self.event.medium if isinstance(self.event, (MediaReceived, UtteranceReceived)) else Medium.TEXT

    @property
    def answer(self) -> str:
        """The chosen option's answer, "" if none was chosen."""
        return self.option.answer if self.option else ""

    def wants(self, intent: Intent) -> bool:
        """Whether the intent was read, clearly or not."""
        return self.reading.find(intent) is not None

    def hears(self, cue: Cue) -> bool:
        """Whether the small word was heard."""
        return cue in self.reading.cues

    def topic_name(self, topic: Topic) -> str:
        """What the topic is called in the contact's language."""
        return topic_name(topic, self.language)


def topic_name(topic: Topic, language: str) -> str:
    """The topic's name from the settings, else the catalogue's (for `marketing`), else its id."""
    name, own = topic.name(language), f"topic.{topic.id}"
    return catalogue.say(language, own) if name == topic.id and catalogue.has(own) else name


def label(topics: tuple[Topic, ...], question: str, answer: str, language: str) -> str:
    """How an option reads; topics by their names. An answer that has no label (any more) reads as itself."""
    if answer.startswith("topic_"):
        named = (one for one in topics if answer == f"topic_{option.slug(one)}")
        if topic := next(named, None):
            return catalogue.say(language, "option.topic", topic=topic_name(topic, language))
    keys = (f"option.{question}_{answer}", f"option.{answer}")
    return next((catalogue.say(language, key) for key in keys if catalogue.has(key)), answer)


def ask(
    turn: Turn,
    *lines: Line,
    stage: Stage,
    answers: tuple[str, ...] = (),
    effects: tuple[Effect, ...] = (),
    purpose: Purpose = Purpose.REPLY,
    **memory: Any,
) -> Step:
    """Say the lines and open the question `stage` with the options `answers`; it gets a new serial, so that old options don't answer it."""
    serial = turn.state.serial + 1
    choices = tuple(
        Choice(Option(stage.value, one, serial).id, label(turn.facts.topics, stage.value, one, turn.language))
        for one in answers
    )
    asked: dict[str, Any] = {
        "stage": stage,
        "serial": serial,
        "asked_at": turn.facts.now,
        "choices": tuple(one.id for one in choices),
    }
    state = replace(turn.state, **(asked | {"draft": ""} | memory))
    return _say(turn, state, lines, effects, choices, purpose)


def tell(
    turn: Turn, *lines: Line, effects: tuple[Effect, ...] = (), purpose: Purpose = Purpose.REPLY, **memory: Any
) -> Step:
    """Say the lines and leave no question open."""
    return _say(turn, closed(replace(turn.state, **memory)), lines, effects, (), purpose)


def remark(
    turn: Turn,
    *lines: Line,
    effects: tuple[Effect, ...] = (),
    purpose: Purpose = Purpose.REPLY,
    is_restated: bool = True,
    **memory: Any,
) -> Step:
    """Say the lines; a question that is open stays open, with its options shown again if `is_restated`."""
    state = replace(turn.state, **memory)
    shown = tuple(one for one in map(option.parse, state.choices if is_restated else ()) if one)
    choices = tuple(Choice(one.id, label(turn.facts.topics, one.question, one.answer, turn.language)) for one in shown)
    return _say(turn, state, lines, effects, choices, purpose)


def silence(turn: Turn, *, effects: tuple[Effect, ...] = (), **memory: Any) -> Step:
    """Say nothing; a question that is open stays open."""
    return Step(replace(turn.state, **memory), effects)


def closed(state: Conversation) -> Conversation:
    """The state with no question open."""
    return replace(state, stage=Stage.IDLE, choices=(), asked_at=None, draft="")


def timer(turn: Turn, name: TimerName, after: timedelta) -> StartTimer:
    """A clock for the question that this turn opens."""
    return StartTimer(name, turn.facts.now + after, turn.state.serial + 1)


def varied(turn: Turn, key: str) -> Line:
    """A courtesy in one of its two wordings: never the one that was just used."""
    last = turn.state.said[-1] if turn.state.said else ""
    return line(f"{key}_again" if last == key else key)


def _say(
    turn: Turn,
    state: Conversation,
    lines: tuple[Line, ...],
    effects: tuple[Effect, ...],
    choices: tuple[Choice, ...],
    purpose: Purpose = Purpose.REPLY,
) -> Step:
    last = turn.state.said[-1] if turn.state.said else ""
    has_effect = any(not isinstance(one, StartTimer) for one in effects)
    if not has_effect and "+".join(one.key for one in lines) == last:
        lines = (line("again.as_said"), *lines)
    values = {"brand": turn.facts.brand}
    text = "\n".join(catalogue.say(turn.language, one.key, **values | dict(one.values)) for one in lines)
    said = (*state.said, "+".join(one.key for one in lines))[-REMEMBERED:]
    message = Message(text, turn.language, choices, purpose)
    return Step(replace(state, said=said), (*effects, Say(message)))
