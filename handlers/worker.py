"""Background duties: clocks of conversations, events kept for retry, answers kept too long, tries whose worker died."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import structlog

from bot.domain.event import Origin, TimerFired, TimerName
from handlers.delivery import Delivery
from handlers.deps import House
from handlers.services import turn
from handlers.services.inbound import REPLY_KEPT, InboundService
from storage import case, claim, contact, inbox, outbox, subject
from storage.error import Unavailable
from storage.moment import from_ms, to_ms
from storage.store import Tx

HOUSEKEEPING = timedelta(hours=1)
ANSWERS_KEPT = timedelta(days=30)

log = structlog.get_logger("quietline.worker")


class Worker:
    """One thread for everything that waits for its time. Several may run; each row is claimed by one."""

    def __init__(self, house: House, inbound: InboundService, delivery: Delivery) -> None:
        self._house, self._inbound, self._delivery = house, inbound, delivery
        self._stopping = threading.Event()
        self._kept_house_at: datetime | None = None
        self._thread = threading.Thread(target=self._serve, name="worker", daemon=True)

    def start(self) -> None:
        """Work in the background until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the present duty, then return."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=20)

    def _serve(self) -> None:
        while not self._stopping.wait(1.0):
            try:
                self.tick()
            except Unavailable as error:
                log.warning("worker_waits_for_database", reason=str(error))
            except Exception:  # the thread must live on; what failed stays due
                log.exception("worker_failed")

    def tick(self) -> int:
        """Do what is due now; returns how many clocks fired and kept events were tried."""
        fired = self.fire_timers()
        retried = self._inbound.retry_pending()
        self._delivery.recover(alone=False)
        self._keep_house()
        return fired + retried

    def _keep_house(self) -> None:
        """Once an hour: what is kept only for a while goes."""
        now = self._house.clock()
        if self._kept_house_at is not None and now < self._kept_house_at + HOUSEKEEPING:
            return
        self._house.store.write(lambda tx: self._forget(tx, now))
        self._kept_house_at = now

    def _forget(self, tx: Tx, now: datetime) -> None:
        inbox.forget_replies(tx, to_ms(now - REPLY_KEPT))
        claim.forget_answers(tx, to_ms(now - ANSWERS_KEPT))
        outbox.give_up_held(tx, to_ms(now))

    def fire_timers(self, count: int = 50) -> int:
        """Fire the clocks that ran out; returns how many."""
        now = to_ms(self._house.clock())
        due = self._house.store.read(lambda tx: case.due_timers(tx, now, count))
        for timer in due:
            self._fire_one(timer)
        return len(due)

    def _fire_one(self, timer: case.DueTimer) -> None:
        try:
            self._house.store.write(lambda tx: self._fire(tx, timer))
        except Unavailable:
            raise
        except Exception:  # a clock that cannot be handled must not stop the others
            log.exception("timer_failed", timer=timer.id, name=timer.name)
            self._house.store.write(lambda tx: case.take_timer(tx, timer.id))

    def _fire(self, tx: Tx, timer: case.DueTimer) -> None:
        locked = subject.find_locked(tx, timer.pid)
        if not case.take_timer(tx, timer.id) or locked is None:
            return
        person = contact.load(tx, locked.pid, locked.sealer)
        account = self._house.settings.account(timer.account)
        if person is None or account is None:
            return
        origin = Origin(timer.account, person.user_id, f"timer:{timer.id}", from_ms(timer.at).astimezone(UTC))
        event = TimerFired(origin, TimerName(timer.name), timer.serial)
        turn.take(tx, self._house, turn.Turn(account, locked, event, 0, answers_directly=False))
