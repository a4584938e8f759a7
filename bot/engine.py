"""One step of a conversation: interrupts first (STOP, a person), then the open question, then a new topic."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot import option, transition
from bot.domain.consent import HOLD
from bot.domain.conversation import Conversation, Holder, Stage
from bot.domain.effect import Say, StartTimer
from bot.domain.event import ButtonTapped, ContactEvent, TimerFired, TimerName
from bot.domain.facts import Facts, Topic
from bot.meaning import trigger_of
from bot.trigger import Trigger
from bot.turn import Step, Turn, closed, label
from intents.reading import Context, Reading
from intents.reading import Option as OfferedOption
from locales import catalogue
from locales.language import LANGUAGES, normalise_tag

__all__ = ["Step", "reading_context", "step"]

OPEN_FOR = timedelta(hours=48)
"""How long a question waits for an answer (WeChat's window); the one about stopping waits as long as marketing is held."""

_MISSES = frozenset(
    {Trigger.WORDS, Trigger.NUMBER, Trigger.YES, Trigger.DONE, Trigger.SKIP, Trigger.EMOJI, Trigger.VOID_TIMER}
)
_SAME_GRIEVANCE = frozenset({Trigger.COMPLAINT, Trigger.UNSURE_COMPLAINT, Trigger.WORDS, Trigger.VOID_TIMER})
_LONGEST_CODE = 2


def reading_context(state: Conversation, facts: Facts) -> Context:
    """What recognition should know before it reads the contact's next words: the open question's options, announced codes, language.

    While an agent holds the chat there are no options: a number is then said to the agent.
    """
    state = _awake(state, facts)
    is_asking = state.stage is not Stage.IDLE and state.holder is not Holder.AGENT
    language = _known_language(state, facts)
    return Context(
        question=state.stage.value if is_asking else None,
        options=_offered(state, facts, language) if is_asking else (),
        announced_codes=state.codes,
        today=facts.now.astimezone(ZoneInfo(facts.zone)).date().isoformat(),
        language=language,
    )


def step(state: Conversation, event: ContactEvent, facts: Facts, reading: Reading | None = None) -> Step:
    """Answer one event. Total: every stage and every event has an answer, none raises.

    `reading` goes with `UtteranceReceived` (and with a caption), read under `reading_context(state, facts)`; None elsewhere.
    """
    awake = state if isinstance(event, TimerFired) else _awake(state, facts)
    turn = _turn(awake, event, facts, reading or Reading(text=getattr(event, "text", ""), language=None))
    trigger = trigger_of(turn)
    turn = replace(turn, state=_counted(turn.state, trigger))
    row = transition.row(turn.state.holder, turn.state.stage, trigger)
    done = _hushed(turn, row.handler(turn), trigger)
    return _armed(turn.state, done)


def _turn(state: Conversation, event: ContactEvent, facts: Facts, reading: Reading) -> Turn:
    chosen = event.option if isinstance(event, ButtonTapped) else reading.answer
    state = replace(state, language=_language(state, reading))
    return Turn(
        state, event, facts, reading, _known_language(state, facts, event.origin.language), option.parse(chosen)
    )


def _awake(state: Conversation, facts: Facts) -> Conversation:
    """The state without a question that nobody answered in time."""
    patience = HOLD if state.stage is Stage.OPT_OUT_CONFIRM else OPEN_FOR
    has_lapsed = state.asked_at is not None and facts.now - state.asked_at > patience
    return closed(state) if has_lapsed else state


def _language(state: Conversation, reading: Reading) -> str | None:
    """The language of the last words, if they tell; a code such as TD tells nothing, nor does one odd word in Latin letters."""
    text = unicodedata.normalize("NFKC", reading.text)
    words = text.split()
    is_code = len(text.strip()) <= _LONGEST_CODE and text.isascii()
    is_odd = len(words) == 1 and words[0].isascii() and not (reading.intents or reading.cues or reading.answer)
    return (None if is_code or is_odd else normalise_tag(reading.language)) or state.language


def _known_language(state: Conversation, facts: Facts, given: str | None = None) -> str:
    """The contact's language so far: remembered, else the platform profile's, else the account's. One that we do not speak is English."""
    profile = facts.profile_language or given
    if state.language or profile:
        return state.language or normalise_tag(profile) or catalogue.FALLBACK
    return normalise_tag(facts.default_language) or catalogue.FALLBACK


def _offered(state: Conversation, facts: Facts, language: str) -> tuple[OfferedOption, ...]:
    shown = [one for one in map(option.parse, state.choices) if one]
    return tuple(
        OfferedOption(one.id, place, _ways_to_say(one.question, one.answer, facts.topics, language))
        for place, one in enumerate(shown, start=1)
    )


@lru_cache(maxsize=4096)
def _ways_to_say(question: str, answer: str, topics: tuple[Topic, ...], language: str) -> tuple[str, ...]:
    """The label in the contact's language first, then in the others, then other ways to say it."""
    tags = (language, *(tag for tag in LANGUAGES if tag != language))
    found = [label(topics, question, answer, tag) for tag in tags]
    found += [name for topic in topics if answer == f"topic_{option.slug(topic)}" for _, name in topic.names]
    keys = (f"words.{answer}", f"words.{question}_{answer}")
    found += [word for tag in tags for key in keys for word in catalogue.words(tag, key)]
    return tuple(dict.fromkeys(found))


def _counted(state: Conversation, trigger: Trigger) -> Conversation:
    """Misses and repetitions count only in a row."""
    misses = state.misses if trigger in _MISSES else 0
    return replace(state, misses=misses, repeats=state.repeats if trigger in _SAME_GRIEVANCE else 0)


def _hushed(turn: Turn, done: Step, trigger: Trigger) -> Step:
    """While an agent is about to come, chatter is left for the agent: what it does is done, nothing is said. An answer gets its answer."""
    is_answer = turn.state.stage is Stage.COMPLAINT_MORE and trigger is Trigger.DONE
    is_waiting = turn.state.holder is Holder.WAITING and turn.facts.agents_are_in and not is_answer
    if not is_waiting or trigger not in transition.CHATTER or turn.state.stage not in transition.QUIET_STAGES:
        return done
    effects = tuple(one for one in done.effects if not isinstance(one, Say))
    return Step(replace(done.state, said=turn.state.said), effects) if effects else Step(turn.state)


def _armed(before: Conversation, done: Step) -> Step:
    """The clock of a hand-over runs on whatever is asked meanwhile: it is set anew under each new serial."""
    state = done.state
    if state.holder is not Holder.WAITING or state.handover_due_at is None:
        return done
    if (before.serial, before.handover_due_at) == (state.serial, state.handover_due_at):
        return done
    clock = StartTimer(TimerName.HANDOVER_UNANSWERED, state.handover_due_at, state.serial)
    said = tuple(one for one in done.effects if isinstance(one, Say))
    return Step(state, (*(one for one in done.effects if not isinstance(one, Say)), clock, *said))
