"""A contact's preferences as the API shows them, and the entity tag that names their state."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from bot.domain.consent import ALL_TOPICS, Consent, FrequencyChoice, TopicConsent
from bot.domain.permit import Denial
from handlers.deps import House
from handlers.services.audience import Question, judge
from handlers.settings import Account
from storage import consent
from storage.moment import to_ms
from storage.store import Tx


def represent(tx: Tx, house: House, account: Account, contact: str) -> dict[str, Any]:
    """What stands for the contact, known or not, on every topic of the account and on all topics together (`*`)."""
    pid = house.pid(account, contact)
    kept, now = consent.load(tx, pid), house.clock()
    topics = [_topic(kept, ALL_TOPICS, now) | {"can_send": None, "reason": None, "until": None}]
    for topic in account.topics:
        denial = judge(tx, house, Question(account, topic.id, (contact,)))[0].denial
        topics.append(_topic(kept, topic.id, now) | _gate(denial))
    return {"account": account.name, "contact": contact, "pseudonym": pid, "topics": topics}


def _topic(kept: Consent, topic: str, now: datetime) -> dict[str, Any]:
    frequency = kept.frequency(topic)
    return {
        "topic": topic,
        "standing": kept.standing(topic).value,
        "frequency": frequency.choice.value,
        "days": frequency.days if frequency.choice is FrequencyChoice.EVERY_N_DAYS else None,
        "paused_until": _iso(kept.paused_until(topic, now)),
        "held_until": _iso(kept.held_until(topic, now)),
        "registers": _registers(kept.row(topic)),
    }


def _registers(row: TopicConsent) -> dict[str, str | None]:
    return {
        "opted_out_at": _iso(row.opted_out_at),
        "opted_in_at": _iso(row.opted_in_at),
        "followed_at": _iso(row.followed_at),
        "frequency_at": _iso(row.frequency_at),
        "paused_at": _iso(row.paused_at),
        "held_at": _iso(row.held_at),
    }


def _gate(denial: Denial | None) -> dict[str, Any]:
    return {
        "can_send": denial is None,
        "reason": denial.reason.value if denial else None,
        "until": _iso(denial.until) if denial else None,
    }


def entity_tag(pid: str, kept: Consent) -> str:
    """Names the state of a contact's registers. The gate's answer depends on the time too, and has no part in it."""
    rows = sorted(
        (
            row.topic,
            to_ms(row.opted_out_at),
            to_ms(row.opted_in_at),
            to_ms(row.followed_at),
            row.frequency.choice.value,
            row.frequency.days,
            to_ms(row.frequency_at),
            to_ms(row.paused_until),
            to_ms(row.paused_at),
            to_ms(row.held_until),
            to_ms(row.held_at),
        )
        for row in kept.topics
    )
    return hashlib.sha256(json.dumps([pid, rows]).encode("ascii")).hexdigest()[:32]


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="milliseconds") if moment else None
