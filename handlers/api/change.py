"""The changes that a request asks for, each checked alone and against the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.consent import ALL_TOPICS, ConsentChange, ConsentKind, Frequency, FrequencyChoice
from handlers.api.field import Fields
from handlers.api.refusal import wrong
from handlers.settings import Account

MAX_CHANGES = 50
MAX_EVIDENCE = 1000
MAX_EVERY_DAYS = 365
MAX_PAUSE_DAYS = 3650
KINDS = {
    "opt_out": ConsentKind.OPTED_OUT,
    "opt_in": ConsentKind.OPTED_IN,
    "frequency": ConsentKind.FREQUENCY_SET,
    "pause": ConsentKind.PAUSED,
    "resume": ConsentKind.RESUMED,
}
_OWN_FIELDS = {"frequency": ("frequency", "days"), "pause": ("days", "until")}
_REGISTER = {"opt_out": "consent", "opt_in": "consent", "frequency": "frequency", "pause": "pause", "resume": "pause"}


@dataclass(frozen=True, slots=True)
class WantedChange:
    """One change of a request. `where` is its place there, as `changes[0]`; `evidence` "" = none."""

    where: str
    register: str
    change: ConsentChange
    evidence: str


def read_changes(fields: Fields, account: Account, now: datetime) -> tuple[WantedChange, ...]:
    """The changes of a request, each checked, none against another. Raises `Refusal` 422."""
    wanted = tuple(_read(one, account, now) for one in fields.objects("changes", MAX_CHANGES))
    _refuse_contradiction(wanted)
    return wanted


def _read(one: Fields, account: Account, now: datetime) -> WantedChange:
    kind = one.choice("kind", tuple(KINDS))
    one.known("kind", "topic", "evidence", *_OWN_FIELDS.get(kind, ()))
    topics = (ALL_TOPICS, *(topic.id for topic in account.topics))
    change = ConsentChange(
        KINDS[kind],
        at=now,
        topic=one.choice("topic", topics, ALL_TOPICS),
        frequency=_frequency(one) if kind == "frequency" else None,
        until=_until(one, now) if kind == "pause" else None,
    )
    evidence = one.text("evidence", MAX_EVIDENCE) if one.has("evidence") else ""
    return WantedChange(one.where.rstrip("."), _REGISTER[kind], change, evidence.strip())


def _frequency(one: Fields) -> Frequency:
    choice = FrequencyChoice(one.choice("frequency", tuple(choice.value for choice in FrequencyChoice)))
    if choice is FrequencyChoice.EVERY_N_DAYS:
        return Frequency(choice, one.number("days", 1, MAX_EVERY_DAYS))
    if one.has("days"):
        raise wrong(f"{one.where}days", "goes with the frequency every_n_days only")
    return Frequency(choice)


def _until(one: Fields, now: datetime) -> datetime:
    if one.has("days") == one.has("until"):
        raise wrong(f"{one.where}until", f"a pause needs either until (a moment) or days (1 to {MAX_PAUSE_DAYS})")
    if one.has("days"):
        return now + timedelta(days=one.number("days", 1, MAX_PAUSE_DAYS))
    until = one.moment("until")
    if not now < until <= now + timedelta(days=MAX_PAUSE_DAYS):
        raise wrong(f"{one.where}until", f"must lie ahead, at most {MAX_PAUSE_DAYS} days")
    return until


def _refuse_contradiction(wanted: Iterable[WantedChange]) -> None:
    """All changes happen at one moment, when the stricter would win silently: refuse what cannot all be meant."""
    seen: dict[tuple[str, str], str] = {}
    for one in wanted:
        first = seen.setdefault((one.register, one.change.topic), one.where)
        if first != one.where:
            raise wrong(one.where, f"{first} already says something else of the same topic; send one of them")
    kinds = {(one.change.kind, one.change.topic) for one in wanted}
    if (ConsentKind.OPTED_OUT, ALL_TOPICS) in kinds and any(kind is ConsentKind.OPTED_IN for kind, _ in kinds):
        raise wrong("changes", "an opt_out of every topic leaves nothing to opt in to; name the topics of the opt_out")
