"""One turn of a conversation inside a transaction: read the words, step the engine, apply its effects in order."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import assert_never

from bot import engine
from bot.domain.case import CaseKind, CaseStatus
from bot.domain.consent import ALL_TOPICS
from bot.domain.effect import (
    AddToCase,
    Effect,
    ErasePerson,
    HandBack,
    HandOver,
    OpenCase,
    PurgeMarketing,
    RecordConsent,
    Say,
    StartTimer,
    WithdrawCase,
)
from bot.domain.event import (
    AgentHandedBack,
    AgentTookOver,
    ButtonTapped,
    ContactEvent,
    ConversationStarted,
    Followed,
    LeftPlatform,
    MediaReceived,
    MenuClicked,
    ProfileScanned,
    TimerFired,
    TopicRefused,
    UtteranceReceived,
)
from bot.domain.message import Message
from handlers.deps import House
from handlers.services import fact
from handlers.services import reading as reading_service
from handlers.settings import Account, WorkingHours
from intents.contract import to_json
from intents.reading import Reading
from storage import case, chat, consent, contact, erasure, ledger, outbox
from storage.contact import Person
from storage.moment import to_ms
from storage.store import Tx
from storage.subject import LockedSubject

REPLY_LIVES = timedelta(hours=48)
SOLUTION_DAYS = {CaseKind.ACCOUNT_DELETION: 21, CaseKind.PRIVACY: 30}
"""Deletion: 15 working days at most is the custom in China (three weeks until there is a business calendar); privacy: one month
(GDPR 12(3)). Complaints: the settings' hours."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One event of one locked contact. `answers_directly`: the first message goes back in the HTTP answer and not to
    the outbox.
    """

    account: Account
    subject: LockedSubject
    event: ContactEvent
    inbox_id: int
    answers_directly: bool
    early: reading_service.Early | None = None


@dataclass(slots=True)
class _Stage:
    """What a turn collects while its effects are applied."""

    said: list[Message] = field(default_factory=list)
    is_erased: bool = False
    is_queued: bool = False


def take(tx: Tx, house: House, turn: Turn) -> list[Message]:
    """Play the turn. Returns what was said; the rest, or all, is queued in the outbox of this transaction."""
    now = house.clock()
    person = _person(tx, turn)
    facts = fact.gather(tx, house, turn.account, turn.event, person)
    reading = reading_service.read(house, turn.event, engine.reading_context(person.conversation, facts), turn.early)
    _note_event(tx, turn, reading, to_ms(now))
    step = engine.step(person.conversation, turn.event, facts, reading)
    stage = _Stage()
    for effect in step.effects:
        _apply(tx, house, turn, stage, effect, reading)
    if not stage.is_erased:
        contact.save(tx, turn.subject, dataclasses.replace(person, conversation=step.state), to_ms(now))
        if outbox.release_held(tx, turn.subject.pid, to_ms(now)) or stage.is_queued:
            tx.after_commit.append(house.wake)
    return stage.said


def _person(tx: Tx, turn: Turn) -> Person:
    """The contact as the event leaves it: window renewed, reachable again if the contact itself acted."""
    origin, event = turn.event.origin, turn.event
    known = contact.load(tx, turn.subject.pid, turn.subject.sealer)
    person = known or Person.new(turn.subject.pid, turn.account.name, origin.user_id)
    if isinstance(event, TimerFired | AgentTookOver | AgentHandedBack):
        return person
    wallet = person.wallet.granted(origin.grant, origin.at) if origin.grant else person.wallet
    is_back = isinstance(event, UtteranceReceived | ButtonTapped | MediaReceived | Followed)
    return dataclasses.replace(
        person,
        wallet=wallet,
        profile_language=origin.language or person.profile_language,
        left_at=_left_at(person, event, is_back=is_back),
        unreachable_until=None if is_back else person.unreachable_until,
        last_seen_at=max(origin.at, person.last_seen_at or origin.at),
    )


def _left_at(person: Person, event: ContactEvent, *, is_back: bool) -> datetime | None:
    """Whether the contact is gone, whatever the order in which departure and return are delivered."""
    at = event.origin.at
    if isinstance(event, LeftPlatform):
        is_latest = person.last_seen_at is None or at >= person.last_seen_at
        return at if is_latest else person.left_at
    return None if is_back and (person.left_at is None or at >= person.left_at) else person.left_at


def _note_event(tx: Tx, turn: Turn, reading: Reading | None, now: int) -> None:
    event = turn.event
    match event:
        case UtteranceReceived():
            explained = to_json(reading) if reading else None
            chat.add(tx, turn.subject, chat.Line(now, "contact", event.text, explained))
        case ButtonTapped():
            chat.add(tx, turn.subject, chat.Line(now, "contact", event.label or event.option))
        case MediaReceived():
            chat.add(tx, turn.subject, chat.Line(now, "contact", f"[{event.medium}] {event.caption}".strip()))
        case AgentTookOver() | AgentHandedBack() | LeftPlatform() | Followed() | ConversationStarted() | MenuClicked():
            chat.add(tx, turn.subject, chat.Line(now, "platform", _platform_words(event)))
        case ProfileScanned() | TopicRefused() | TimerFired():
            pass
        case _:
            assert_never(event)


def _platform_words(event: ContactEvent) -> str:
    match event:
        case LeftPlatform():
            return event.how.value
        case MenuClicked():
            return f"menu: {event.menu_key}"
        case AgentTookOver() | AgentHandedBack():
            return f"{type(event).__name__}: {event.agent}"
        case _:
            return type(event).__name__


def _apply(tx: Tx, house: House, turn: Turn, stage: _Stage, effect: Effect, reading: Reading | None) -> None:
    now, who = to_ms(house.clock()), turn.subject
    match effect:
        case RecordConsent():
            origin = ledger.Provenance(
                now, _source(turn.event), _actor(turn.event), reading.revision if reading else ""
            )
            consent.record(tx, who, effect.change, origin, fact.words_of(turn.event))
        case PurgeMarketing():
            outbox.purge_marketing(tx, who.pid)
        case OpenCase():
            case.open_case(tx, who, effect, _due(effect, now, house.settings.agents))
        case AddToCase():
            case.note(tx, who, effect.number, effect.text, now)
            if effect.category:
                case.set_category(tx, who.pid, effect.number, effect.category)
        case WithdrawCase():
            case.set_status(tx, who.pid, effect.number, CaseStatus.WITHDRAWN)
        case Say():
            _say(tx, turn, stage, effect.message, now)
        case HandOver():
            case.raise_flag(tx, who, effect.reason, effect.words, now)
        case HandBack():
            case.close_flags(tx, who.pid, now)
        case ErasePerson():
            erasure.erase(tx, who, effect.basis, now, _actor(turn.event), turn.inbox_id)
            stage.is_erased = True
        case StartTimer():
            case.start_timer(tx, who, effect.name.value, effect.serial, to_ms(effect.at))
        case _:
            assert_never(effect)


def _say(tx: Tx, turn: Turn, stage: _Stage, message: Message, now: int) -> None:
    is_direct = turn.answers_directly and not stage.said
    stage.said.append(message)
    labels = tuple(choice.label for choice in message.choices)
    row_id = None
    if not is_direct:
        expires_at = now + int(REPLY_LIVES.total_seconds() * 1000)
        stage.is_queued = True
        row_id = outbox.put(tx, turn.subject, message, ALL_TOPICS, (now, now, expires_at))
    status = "sent" if is_direct else "queued"
    chat.add(tx, turn.subject, chat.Line(now, "bot", message.text, choices=labels, status=status), row_id)


def _due(effect: OpenCase, now: int, agents: WorkingHours) -> tuple[int, int, int]:
    hour = 3_600_000
    days = SOLUTION_DAYS.get(effect.kind)
    solution = now + (days * 24 if days else agents.solution_hours) * hour
    return now, now + agents.first_response_hours * hour, solution


def _source(event: ContactEvent) -> str:
    match event:
        case UtteranceReceived() | MediaReceived():
            return "message"
        case ButtonTapped() | MenuClicked():
            return "button"
        case TimerFired():
            return "timer"
        case AgentTookOver() | AgentHandedBack():
            return "agent"
        case _:
            return "platform"


def _actor(event: ContactEvent) -> str:
    match event:
        case AgentTookOver() | AgentHandedBack():
            return event.agent
        case TimerFired():
            return "system"
        case _:
            return "contact"
