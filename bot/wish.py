"""What a contact wants to get from now on: how often, which topics, a pause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot import option
from bot.domain.consent import Frequency, FrequencyChoice
from bot.domain.facts import Topic
from bot.turn import Turn
from intents.reading import Intent, Slots

LONGEST_DAYS = 3650
"""A longer pause or period is asked for again."""

_NAMED = {7: FrequencyChoice.WEEKLY, 30: FrequencyChoice.MONTHLY}


@dataclass(frozen=True, slots=True)
class Wish:
    """One wish: a cap, or a pause `until` (aware, UTC), or topics: `keep` these ids alone, or `leave` those."""

    frequency: Frequency | None = None
    until: datetime | None = None
    keep: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()


def of_turn(turn: Turn) -> Wish | None:
    """The wish of a turn, by option or in words; None if it does not say enough to act upon."""
    return of_option(turn) or of_slots(turn)


def of_option(turn: Turn) -> Wish | None:
    """The wish that the chosen option carries. Depends on the option and its time alone, so that taps commute."""
    chosen = turn.option
    match turn.answer:
        case "weekly":
            return Wish(Frequency(FrequencyChoice.WEEKLY))
        case "monthly":
            return Wish(Frequency(FrequencyChoice.MONTHLY))
    if chosen and chosen.pause_days:
        return Wish(until=turn.at + timedelta(days=chosen.pause_days))
    if chosen and chosen.topic_slug:
        keep = tuple(one.id for one in turn.facts.topics if option.slug(one) == chosen.topic_slug)
        return Wish(keep=keep) if keep else None
    return None


def of_slots(turn: Turn) -> Wish | None:
    """The wish that was read from words; None where a number, a date or a topic is missing or means nothing."""
    found = turn.reading.find(Intent.FREQUENCY)
    if found is None:
        return None
    match found.slots.get("choice"):
        case "weekly":
            return Wish(Frequency(FrequencyChoice.WEEKLY))
        case "monthly":
            return Wish(Frequency(FrequencyChoice.MONTHLY))
        case "every_n_days":
            return _period(found.slots)
        case "paused":
            return _pause(turn, found.slots)
        case "topics":
            return _topics(turn, found.slots)
    return None


def _days(slots: Slots) -> int | None:
    days = slots.get("days")
    return days if isinstance(days, int) and 1 <= days <= LONGEST_DAYS else None


def _period(slots: Slots) -> Wish | None:
    days = _days(slots)
    if days is None:
        return None
    return Wish(Frequency(_NAMED[days]) if days in _NAMED else Frequency(FrequencyChoice.EVERY_N_DAYS, days))


def _pause(turn: Turn, slots: Slots) -> Wish | None:
    if (until := _date(turn, slots.get("until"))) and until > turn.at:
        return Wish(until=until) if until <= turn.at + timedelta(days=LONGEST_DAYS) else None
    days = _days(slots)
    return Wish(until=turn.at + timedelta(days=days)) if days else None


def _date(turn: Turn, until: object) -> datetime | None:
    """The beginning of that day where the contact is."""
    try:
        day = date.fromisoformat(until) if isinstance(until, str) else None
        return datetime.combine(day, time(), tzinfo=ZoneInfo(turn.facts.zone)).astimezone(UTC) if day else None
    except (ValueError, OverflowError):
        return None


def _topics(turn: Turn, slots: Slots) -> Wish | None:
    keep, leave = _matching(turn, slots.get("only")), _matching(turn, slots.get("without"))
    everything = {one.id for one in turn.facts.topics}
    if keep and set(keep) < everything:
        return Wish(keep=keep)
    return Wish(leave=leave) if leave and set(leave) < everything else None


def _matching(turn: Turn, said: object) -> tuple[str, ...]:
    wanted = [word.casefold().strip() for word in said if word.strip()] if isinstance(said, list) else []
    return tuple(topic.id for topic in turn.facts.topics if any(_is_called(turn, topic, word) for word in wanted))


def _is_called(turn: Turn, topic: Topic, word: str) -> bool:
    names = {topic.id.casefold(), turn.topic_name(topic).casefold(), *(name.casefold() for _, name in topic.names)}
    return any(word == name or (len(word) > 1 and word in name) or (len(name) > 1 and name in word) for name in names)
