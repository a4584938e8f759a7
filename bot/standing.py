"""Consent inside a turn: the changes it makes, and what they come to."""

from __future__ import annotations

from bot.domain.consent import ALL_TOPICS, HOLD, Consent, ConsentChange, ConsentKind, Standing
from bot.domain.effect import Effect, RecordConsent
from bot.domain.facts import Topic
from bot.turn import Turn


def record(turn: Turn, kind: ConsentKind, topic: str = ALL_TOPICS) -> RecordConsent:
    """A plain change of consent, dated by the contact's act and not by our clock, so that any order of delivery ends the same."""
    return RecordConsent(ConsentChange(kind, turn.at, topic))


def hold(turn: Turn) -> RecordConsent:
    """Marketing rests while a question about stopping is open."""
    return RecordConsent(ConsentChange(ConsentKind.HELD, turn.at, until=turn.facts.now + HOLD))


def after(turn: Turn, effects: tuple[Effect, ...]) -> Consent:
    """The contact's consent once the effects are applied."""
    consent = turn.facts.consent
    for one in effects:
        if isinstance(one, RecordConsent):
            consent = consent.with_change(one.change)
    return consent


def overall(consent: Consent, topics: tuple[Topic, ...]) -> Standing:
    """One word for all topics: in as soon as one is in, out if all are out."""
    each = [consent.standing(topic.id) for topic in topics] or [consent.standing(ALL_TOPICS)]
    if Standing.OPTED_IN in each:
        return Standing.OPTED_IN
    return Standing.OPTED_OUT if all(one is Standing.OPTED_OUT for one in each) else Standing.UNKNOWN


def is_out(turn: Turn) -> bool:
    """Whether everything is stopped before this turn."""
    return overall(turn.facts.consent, turn.facts.topics) is Standing.OPTED_OUT


def is_out_after(turn: Turn, effects: tuple[Effect, ...]) -> bool:
    """Whether everything is stopped once the effects are applied."""
    return overall(after(turn, effects), turn.facts.topics) is Standing.OPTED_OUT


def running_topics(turn: Turn, consent: Consent) -> tuple[str, ...]:
    """The ids of the topics that `consent` lets through."""
    return tuple(one.id for one in turn.facts.topics if consent.standing(one.id) is Standing.OPTED_IN)


def topic_names(turn: Turn, ids: tuple[str, ...] | None = None) -> str:
    """The topics' names in the contact's language, in one piece of text; all topics by default."""
    names = [turn.topic_name(one) for one in turn.facts.topics if ids is None or one.id in ids]
    return ("、" if turn.language.startswith("zh") else ", ").join(names)
