"""The journey of one message: taken in once, understood, answered, written down; all in one transaction."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.domain.event import ChannelEvent, DeliveryReported, Ignored, PlatformEvent, UtteranceReceived
from bot.domain.message import Message
from handlers.deps import House
from handlers.services import reading, report, safety, turn
from storage import inbox, subject
from storage.error import Unavailable
from storage.moment import to_ms
from storage.store import Tx

REPLY_KEPT = timedelta(hours=48)
AHEAD = timedelta(minutes=5)
RETRY_AFTER = timedelta(seconds=10)
MAX_ATTEMPTS = 8

log = structlog.get_logger("quietline.inbound")


class InboundService:
    """Implements `handlers.channel.Inbound`."""

    def __init__(self, house: House) -> None:
        self._house = house

    def accept(
        self, account: str, event: ChannelEvent, raw: bytes, direct: Callable[[Message], str] | None
    ) -> str | None:
        """Take one event in, for good; see `Inbound.accept`. What cannot be processed now is kept and tried again."""
        if isinstance(event, Ignored):
            log.info("event_ignored", account=account, reason=event.reason)
            return None
        timely = clamped(event, self._house.clock())
        try:
            early = reading.read_early(self._house, self._house.account(account), timely)
            return self._house.store.write(lambda tx: self._take(tx, account, timely, direct, early))
        except Unavailable:
            raise
        except Exception as error:  # the message must not be lost to a defect of ours
            log.exception("event_kept_for_retry", account=account, bytes=len(raw))
            problem = f"{type(error).__name__}: {error}"
            self._house.store.write(lambda tx: self._keep(tx, account, timely, problem))
            return None

    def _take(
        self,
        tx: Tx,
        account: str,
        event: PlatformEvent,
        direct: Callable[[Message], str] | None,
        early: reading.Early | None,
    ) -> str | None:
        hashed = inbox.key_hash(tx, account, event.origin.key)
        if known := inbox.find(tx, account, hashed):
            return self._again(tx, known)
        now = to_ms(self._house.clock())
        owner = self._house.account(account)
        pid = self._house.pid(owner, event.origin.user_id)
        if isinstance(event, DeliveryReported):
            inbox.insert(tx, account, hashed, pid, now)
            report.note_delivery(tx, account, event)
            return None
        locked = subject.lock(tx, pid, account, now)
        row_id = inbox.insert(tx, account, hashed, pid, now)
        if row_id is None:  # another worker took the same event while we waited for the lock
            known = inbox.find(tx, account, hashed)
            return self._again(tx, known) if known else None
        messages = turn.take(tx, self._house, turn.Turn(owner, locked, event, row_id, direct is not None, early))
        if not messages or direct is None:
            return None
        body = direct(messages[0])
        inbox.keep_reply(tx, row_id, tx.keys.vault.seal(body))
        return body

    def _again(self, tx: Tx, known: inbox.Known) -> str | None:
        is_kept = known.received_at > to_ms(self._house.clock() - REPLY_KEPT)
        return tx.keys.vault.open(known.sealed_reply) if known.sealed_reply and is_kept else None

    def _keep(self, tx: Tx, account: str, event: PlatformEvent, problem: str) -> None:
        now = self._house.clock()
        pid = self._house.pid(self._house.account(account), event.origin.user_id)
        hashed = inbox.key_hash(tx, account, event.origin.key)
        locked = subject.lock(
            tx, pid, account, to_ms(now)
        )  # first, as everywhere: two orders of locking would deadlock
        retry_at = to_ms(now + RETRY_AFTER)
        is_new = inbox.keep_pending(tx, account, hashed, event, to_ms(now), retry_at, problem, pid)
        if is_new and isinstance(event, UtteranceReceived):
            safety.secure(tx, self._house, locked, event)

    def retry_pending(self, count: int = 20) -> int:
        """Try kept events again whose time has come; returns how many were looked at."""
        now = to_ms(self._house.clock())
        waiting = self._house.store.read(lambda tx: [one.id for one in inbox.due(tx, now, count)])
        for row_id in waiting:
            self._retry(row_id)
        return len(waiting)

    def _retry(self, row_id: int) -> None:
        try:
            self._house.store.write(lambda tx: self._process_kept(tx, row_id))
        except Unavailable:
            raise
        except Exception as error:
            log.exception("kept_event_failed_again", inbox_id=row_id)
            problem = f"{type(error).__name__}: {error}"
            self._house.store.write(lambda tx: self._postpone(tx, row_id, problem))

    def _process_kept(self, tx: Tx, row_id: int) -> None:
        kept = inbox.open_pending(tx, row_id)
        if kept is None or isinstance(kept.event, Ignored):
            return
        owner = self._house.account(kept.account)
        event = kept.event
        if isinstance(event, DeliveryReported):
            report.note_delivery(tx, kept.account, event)
        else:
            pid = self._house.pid(owner, event.origin.user_id)
            locked = subject.lock(tx, pid, owner.name, to_ms(self._house.clock()))
            if isinstance(event, UtteranceReceived):
                safety.release(tx, self._house, locked, event)
            turn.take(tx, self._house, turn.Turn(owner, locked, event, row_id, answers_directly=False))
        inbox.finish(tx, row_id)

    def _postpone(self, tx: Tx, row_id: int, problem: str) -> None:
        kept = inbox.open_pending(tx, row_id)
        if kept is None:
            return
        attempts = kept.attempts + 1
        wait = RETRY_AFTER * 2**attempts
        retry_at = to_ms(self._house.clock() + wait) if attempts < MAX_ATTEMPTS else None
        inbox.fail(tx, row_id, attempts, retry_at, problem)


def clamped(event: PlatformEvent, now: datetime) -> PlatformEvent:
    """The event with a platform time that lies more than five minutes ahead set to ours: a wrong clock must not win
    for ever.
    """
    if event.origin.at <= now + AHEAD:
        return event
    return dataclasses.replace(event, origin=dataclasses.replace(event.origin, at=now))
