"""When a message cannot be processed: what a STOP in it must still do, at once.

The message is kept and tried again, but the contact may have asked us to stop. So a clear opt-out takes effect now, and for anything else
marketing is held until the message has been processed (fail closed).
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from bot.domain.consent import HOLD, ConsentChange, ConsentKind
from bot.domain.event import UtteranceReceived
from handlers.deps import House
from handlers.services import consent as consent_service
from intents.reading import Intent
from storage.store import Tx
from storage.subject import LockedSubject

TICK = timedelta(milliseconds=1)
ACT = consent_service.Act("safety", "system", "the message could not be processed yet")

log = structlog.get_logger("quietline.safety")


def secure(tx: Tx, house: House, locked: LockedSubject, event: UtteranceReceived) -> None:
    """Opt out or hold, on the strength of the words alone."""
    if _is_stop(house, event.text):
        change = ConsentChange(ConsentKind.OPTED_OUT, event.origin.at)
    else:
        change = ConsentChange(ConsentKind.HELD, _held_at(event), until=event.origin.at + HOLD)
    consent_service.record(tx, house, locked, change, ACT)


def release(tx: Tx, house: House, locked: LockedSubject, event: UtteranceReceived) -> None:
    """Lift our own hold, just before the message is processed after all: what the turn decides is later and wins."""
    change = ConsentChange(ConsentKind.HOLD_RELEASED, _held_at(event) + TICK)
    consent_service.record(tx, house, locked, change, ACT)


def _held_at(event: UtteranceReceived) -> datetime:
    return event.origin.at - 2 * TICK


def _is_stop(house: House, text: str) -> bool:
    try:
        return house.recogniser().read(text).acts(Intent.OPT_OUT)
    except Exception:  # recognition itself may be what failed
        log.exception("recognition_failed")
        return False
