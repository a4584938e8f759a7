"""What an agent does with a flagged chat: see who waits, read it, take it over, write, hand it back."""

from __future__ import annotations

from typing import Any

from bot.domain.consent import ALL_TOPICS
from bot.domain.event import AgentHandedBack, AgentTookOver, Origin
from bot.domain.message import Message, Purpose
from handlers.deps import House
from handlers.services import turn
from storage import case, chat, contact, outbox, subject
from storage.chat import Line
from storage.moment import to_ms
from storage.store import Tx
from storage.subject import LockedSubject


class ChatUnknownError(Exception):
    """There is no such chat: nobody of that pseudonym is known (any more)."""


class ChatHeldError(Exception):
    """Another agent holds the chat."""


def waiting(house: House, count: int = 50) -> list[dict[str, Any]]:
    """Chats that want a person, the longest wait first, without words."""
    return house.store.read(lambda tx: case.open_flags(tx, count))


def lines(house: House, pid: str, count: int = 100) -> list[Line]:
    """The last lines of a chat, oldest first."""

    def work(tx: Tx) -> list[Line]:
        sealer = subject.sealer_of(tx, pid)
        return chat.lines(tx, pid, sealer, count) if sealer else []

    return house.store.read(work)


def take_over(house: House, pid: str, agent: str) -> None:
    """The agent holds the chat; the bot is silent, STOP and START still work. Raises `ChatHeldError`, `ChatUnknownError`."""

    def work(tx: Tx) -> None:
        locked = _locked(tx, pid)
        holder = case.holder(tx, pid)
        if holder not in (None, agent):
            raise ChatHeldError(f"{holder} holds this chat")
        _step(tx, house, locked, AgentTookOver(_origin(tx, house, locked), agent))
        case.hold(tx, locked, agent, to_ms(house.clock()))

    house.store.write(work)


def hand_back(house: House, pid: str, agent: str) -> None:
    """The bot answers again, and nobody is needed any more."""

    def work(tx: Tx) -> None:
        locked = _locked(tx, pid)
        _step(tx, house, locked, AgentHandedBack(_origin(tx, house, locked), agent))
        case.close_flags(tx, pid, to_ms(house.clock()))

    house.store.write(work)


def reply(house: House, pid: str, agent: str, text: str) -> int:
    """Queue the agent's words to the contact, as a service message; returns the outbox id. Raises as `take_over`."""

    def work(tx: Tx) -> int:
        locked = _locked(tx, pid)
        holder = case.holder(tx, pid)
        if holder != agent:
            raise ChatHeldError(f"take the chat over first ({holder or 'the bot'} holds it)")
        person = contact.load(tx, pid, locked.sealer)
        language = (person.conversation.language if person else None) or house.account(locked.account).default_language
        now = to_ms(house.clock())
        expires_at = now + int(turn.REPLY_LIVES.total_seconds() * 1000)
        message = Message(text, language, purpose=Purpose.SERVICE)
        row_id = outbox.put(tx, locked, message, ALL_TOPICS, (now, now, expires_at))
        chat.add(tx, locked, Line(now, "agent", text, status="queued"), row_id)
        tx.after_commit.append(house.wake)
        return row_id

    return house.store.write(work)


def _locked(tx: Tx, pid: str) -> LockedSubject:
    locked = subject.find_locked(tx, pid)
    if locked is None:
        raise ChatUnknownError(f"there is no chat {pid[:12]}")
    return locked


def _origin(tx: Tx, house: House, locked: LockedSubject) -> Origin:
    person = contact.load(tx, locked.pid, locked.sealer)
    if person is None:
        raise ChatUnknownError(f"there is no chat {locked.pid[:12]}")
    return Origin(locked.account, person.user_id, "", house.clock())


def _step(tx: Tx, house: House, locked: LockedSubject, event: AgentTookOver | AgentHandedBack) -> None:
    turn.take(tx, house, turn.Turn(house.account(locked.account), locked, event, 0, answers_directly=False))
