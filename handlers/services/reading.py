"""What a contact's words mean. Long texts are read before the transaction: while one is open, every other message waits for it."""

from __future__ import annotations

from dataclasses import dataclass

from bot import engine
from bot.domain.event import MediaReceived, PlatformEvent, UtteranceReceived
from handlers.deps import House
from handlers.services import fact
from handlers.settings import Account
from intents.reading import Context, Reading
from storage import contact, subject
from storage.contact import Person
from storage.store import Tx

LONG = 300
"""Characters from which a text is read early. A short one takes less time than the look at the context would."""


@dataclass(frozen=True, slots=True)
class Early:
    """A reading made before the transaction. It counts only if the context is still the same inside."""

    context: Context
    reading: Reading


def read(house: House, event: object, context: Context, early: Early | None = None) -> Reading | None:
    """Read the event's words, if it has any, under the context of the open transaction."""
    words = _readable(event)
    if not words.strip():
        return None
    return early.reading if early and early.context == context else house.recogniser().read(words, context)


def read_early(house: House, account: Account, event: PlatformEvent) -> Early | None:
    """Read a long text on what is committed now; None for anything else."""
    words = _readable(event)
    if len(words) < LONG or not isinstance(event, UtteranceReceived | MediaReceived):
        return None
    context = house.store.read(lambda tx: _context(tx, house, account, event))
    return Early(context, house.recogniser().read(words, context))


def _context(tx: Tx, house: House, account: Account, event: UtteranceReceived | MediaReceived) -> Context:
    pid = house.pid(account, event.origin.user_id)
    known = contact.load(tx, pid, subject.sealer_of(tx, pid))
    person = known or Person.new(pid, account.name, event.origin.user_id)
    return engine.reading_context(person.conversation, fact.gather(tx, house, account, event, person))


def _readable(event: object) -> str:
    if isinstance(event, UtteranceReceived):
        return event.text
    return event.caption if isinstance(event, MediaReceived) else ""
