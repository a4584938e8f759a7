"""Consent changed from outside a chat: by an import, the API, the command line, or the platform's word at sending."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.consent import Consent, ConsentChange, ConsentKind, only_lowers
from handlers.deps import House
from handlers.settings import Account
from storage import consent, erasure, ledger, outbox, subject
from storage.moment import to_ms
from storage.store import Tx


class EvidenceMissingError(Exception):
    """A change would raise consent and names no evidence."""


@dataclass(frozen=True, slots=True)
class Act:
    """Who changes consent, from where, and on what evidence (a message id, a signed form …); "" = none."""

    source: str
    actor: str
    evidence: str = ""


def change(tx: Tx, house: House, account: Account, user_id: str, wanted: ConsentChange, act: Act) -> Consent:
    """Record one change for a platform user, known or not. Raises `EvidenceMissingError` if it could raise consent
    without evidence.
    """
    locked = subject.lock(tx, house.pid(account, user_id), account.name, to_ms(house.clock()))
    if not act.evidence and not only_lowers(consent.load(tx, locked.pid), wanted):
        raise EvidenceMissingError(
            f"{wanted.kind.value} would raise consent: name the evidence (message id, form, recording)"
        )
    return record(tx, house, locked, wanted, act)


def record(tx: Tx, house: House, locked: subject.LockedSubject, wanted: ConsentChange, act: Act) -> Consent:
    """Record a change of a locked subject; an opt-out also drops the marketing that is queued."""
    origin = ledger.Provenance(to_ms(house.clock()), act.source, act.actor)
    after = consent.record(tx, locked, wanted, origin, act.evidence)
    if wanted.kind is ConsentKind.OPTED_OUT:
        outbox.purge_marketing(tx, locked.pid)
    return after


def erase(tx: Tx, house: House, account: Account, user_id: str, act: Act) -> bool:
    """Erase a person; the suppression stays. False when nobody of that id is known."""
    locked = subject.find_locked(tx, house.pid(account, user_id))
    if locked is None:
        return False
    erasure.erase(tx, locked, act.evidence or "request", to_ms(house.clock()), act.actor)
    return True
