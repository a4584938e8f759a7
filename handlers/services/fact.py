"""Everything the engine must know beside the event: loaded here, so that the conversation stays pure."""

from __future__ import annotations

import secrets

from bot.domain.event import ButtonTapped, ContactEvent, MediaReceived, UtteranceReceived
from bot.domain.facts import Facts
from bot.domain.suspicion import looks_suspicious
from handlers.deps import House, has_window
from handlers.services.hours import back_at, is_open
from handlers.settings import Account
from storage import case, consent
from storage.contact import Person
from storage.store import Tx


def gather(tx: Tx, house: House, account: Account, event: ContactEvent, person: Person) -> Facts:
    """The facts of one moment for one contact, as this transaction sees them."""
    now, agents = house.clock(), house.settings.agents
    cases = case.of_subject(tx, person.pid)
    words = " ".join((person.conversation.draft, person.conversation.last_words, words_of(event)))
    return Facts(
        now=now,
        channel=account.channel,
        brand=account.brand,
        default_language=account.default_language,
        topics=account.topics,
        consent=consent.load(tx, person.pid),
        cases=cases,
        new_case_number=_new_number(tx),
        follow_is_opt_in=account.follow_is_opt_in,
        agents_are_in=is_open(agents, now),
        agents_back_at=back_at(agents, now),
        sends_left=person.wallet.left(now) if has_window(account) else None,
        first_response_hours=agents.first_response_hours,
        solution_hours=agents.solution_hours,
        profile_language=person.profile_language,
        looks_suspicious=looks_suspicious(words, cases, now),
        zone=agents.zone,
        handover_wait_minutes=agents.handover_wait_minutes,
    )


def _new_number(tx: Tx) -> str:
    """A free case number: C and eight digits, easy to say in every language."""
    for _ in range(20):
        number = f"C{secrets.randbelow(90_000_000) + 10_000_000}"
        if case.number_is_free(tx, number):
            return number
    raise RuntimeError("no free case number was found in twenty tries")


def words_of(event: ContactEvent) -> str:
    """What the contact wrote, tapped or sent beside a picture; "" for events without words."""
    match event:
        case UtteranceReceived():
            return event.text
        case ButtonTapped():
            return event.label or event.option
        case MediaReceived():
            return event.caption
        case _:
            return ""
