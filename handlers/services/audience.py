"""May these people be sent to? One answer for one id or ten thousand; a claim decides and counts in one transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.domain.consent import Consent
from bot.domain.message import Purpose
from bot.domain.permit import Denial, Subject, check
from handlers.deps import House
from handlers.settings import Account
from storage import claim, consent, subject
from storage.moment import from_ms, to_ms
from storage.store import Tx

ALLOW_LIVES = timedelta(seconds=60)
MAX_RECIPIENTS = 10_000


class KeyReusedError(Exception):
    """An idempotency key came again with another request."""


@dataclass(frozen=True, slots=True)
class Question:
    """One audience check. `recipients` are platform user ids; `is_claim` counts each allowed one as sent."""

    account: Account
    topic: str
    recipients: tuple[str, ...]
    is_claim: bool = False
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gate's answer for one recipient; `denial` None = allowed."""

    recipient: str
    denial: Denial | None


def ask(house: House, question: Question) -> dict[str, Any]:
    """The answer as the API and the command line give it. Raises `Unavailable` (deny!) and `KeyReusedError`."""
    if not question.is_claim:
        verdicts = house.store.read(lambda tx: judge(tx, house, question))
        return _answer(verdicts, house.clock())
    return house.store.write(lambda tx: _claim(tx, house, question))


def judge(tx: Tx, house: House, question: Question) -> list[Verdict]:
    """Judge every recipient on what this transaction sees."""
    pids = {recipient: house.pid(question.account, recipient) for recipient in dict.fromkeys(question.recipients)}
    known = _subjects(tx, list(pids.values()))
    now = house.clock()
    verdicts = []
    for recipient, pid in pids.items():
        answer = check(Purpose.MARKETING, question.topic, known.get(pid, UNKNOWN), question.account.policy, now)
        verdicts.append(Verdict(recipient, answer if isinstance(answer, Denial) else None))
    return verdicts


UNKNOWN = Subject(Consent(), is_known=False)


def _subjects(tx: Tx, pids: list[str]) -> dict[str, Subject]:
    registers = consent.load_many(tx, pids)
    return {
        pid: Subject(
            registers.get(pid, Consent()),
            left_platform=left_at is not None,
            unreachable_until=from_ms(unreachable_until),
            last_marketing_at=from_ms(last),
        )
        for pid, last, left_at, unreachable_until in subject.reach_of(tx, pids)
    }


def _claim(tx: Tx, house: House, question: Question) -> dict[str, Any]:
    now = to_ms(house.clock())
    key_hash = _digest(question.account.name, question.idempotency_key) if question.idempotency_key else None
    request_hash = _digest(question.account.name, question.topic, *question.recipients)
    if key_hash and (kept := claim.find_answer(tx, key_hash)):
        if kept[0] != request_hash:
            raise KeyReusedError("this Idempotency-Key was used for another request: use a new one")
        answer: dict[str, Any] = json.loads(kept[2])
        return answer
    account = question.account
    pids = {recipient: house.pid(account, recipient) for recipient in question.recipients}
    subject.lock_many(tx, list(pids.values()), account.name, now, may_create=account.policy.unknown_is_allowed)
    verdicts = judge(tx, house, question)
    allowed = [pids[one.recipient] for one in verdicts if one.denial is None]
    claim.count_sends(tx, allowed, question.topic, now, key_hash)
    answer = _answer(verdicts, house.clock())
    if key_hash:
        claim.keep_answer(tx, key_hash, request_hash, (200, json.dumps(answer, ensure_ascii=True)), now)
    return answer


def release(house: House, account: Account, idempotency_key: str, recipients: Sequence[str]) -> int:
    """Give claimed sends back that were not used; returns how many."""
    key_hash, now = _digest(account.name, idempotency_key), to_ms(house.clock())
    pids = sorted({house.pid(account, one) for one in recipients})

    def work(tx: Tx) -> int:
        return sum(subject.find_locked(tx, pid) is not None and claim.release(tx, pid, key_hash, now) for pid in pids)

    return house.store.write(work)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _answer(verdicts: list[Verdict], now: datetime) -> dict[str, Any]:
    return {
        "allowed": [one.recipient for one in verdicts if one.denial is None],
        "denied": [
            {"recipient": one.recipient, "reason": one.denial.reason.value, "until": _iso(one.denial.until)}
            for one in verdicts
            if one.denial is not None
        ],
        "expires_at": _iso(now + ALLOW_LIVES),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
