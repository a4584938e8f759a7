"""From the outbox to the platform: claim with the gate's word, send, write down what became of it."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.domain.consent import ALL_TOPICS, ConsentChange, ConsentKind
from bot.domain.message import Message, Purpose
from bot.domain.permit import Denial, Reason, SendPermit, Subject, check
from bot.domain.quota import Wallet
from handlers.channel import Outcome, SendResult
from handlers.deps import House, has_window
from handlers.services import consent as consent_service
from handlers.settings import Account
from storage import chat, claim, codec, consent, contact, outbox, subject
from storage.error import Unavailable
from storage.moment import from_ms, to_ms
from storage.store import Tx

PERMIT_LIVES = timedelta(seconds=1)
MAX_ATTEMPTS = 8
MAX_UNKNOWN = 2
BACK_OFF = timedelta(seconds=2)
BACK_OFF_CAP = timedelta(hours=1)
ACCOUNT_REST = timedelta(minutes=5)
UNREACHABLE_REST = timedelta(days=30)
CRASH_GRACE = timedelta(seconds=60)
BATCH = 50

log = structlog.get_logger("quietline.delivery")


@dataclass(frozen=True, slots=True)
class _Claimed:
    parcel: outbox.Parcel
    permit: SendPermit
    user_id: str
    message: Message


class Delivery:
    """Sends what the outbox holds. `run_due` may be called by several threads and processes at once."""

    def __init__(self, house: House, threads: int = 8) -> None:
        self._house = house
        self._threads = threads
        self._signal = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Something was queued."""
        self._signal.set()

    def start(self) -> None:
        """Deliver in the background until `stop`."""
        self._thread = threading.Thread(target=self._serve, name="delivery", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being sent, then return."""
        self._stopping.set()
        self._signal.set()
        if self._thread:
            self._thread.join(timeout=20)

    def _serve(self) -> None:
        with ThreadPoolExecutor(self._threads, thread_name_prefix="delivery") as pool:
            while not self._stopping.is_set():
                self._signal.wait(timeout=0.5)
                self._signal.clear()
                try:
                    while self.run_due(pool) and not self._stopping.is_set():
                        pass
                except Unavailable as error:
                    log.warning("delivery_waits_for_database", reason=str(error))
                    self._stopping.wait(1.0)
                except Exception:  # the thread must live on; the row stays queued or is recovered as crashed
                    log.exception("delivery_failed")
                    self._stopping.wait(1.0)

    def run_due(self, pool: ThreadPoolExecutor | None = None) -> int:
        """Send what is due now; returns how many left the queue."""
        now = to_ms(self._house.clock())
        waiting = self._house.store.read(lambda tx: outbox.due(tx, now, BATCH))
        first_of_each = {pid: row_id for row_id, _account, pid in reversed(waiting)}
        chosen = sorted(first_of_each.values())
        if pool is None:
            return sum(self.deliver(row_id) for row_id in chosen)
        return sum(pool.map(self.deliver, chosen))

    def deliver(self, row_id: int) -> bool:
        """Try one message; True when it left the queue."""
        claimed = self._house.store.write(lambda tx: self._claim(tx, row_id))
        if not isinstance(claimed, _Claimed):
            return claimed
        if self._house.clock() - claimed.permit.checked_at > PERMIT_LIVES:
            result = SendResult(Outcome.RETRY, retry_after=0, detail="the permit was too old to be used")
        else:
            client = self._house.clients[claimed.parcel.account]
            result = client.send(claimed.permit, claimed.user_id, claimed.message)
        self._house.store.write(lambda tx: self._record(tx, claimed.parcel, result))
        return True

    def _claim(self, tx: Tx, row_id: int) -> _Claimed | bool:
        now = self._house.clock()
        row = outbox.owner(tx, row_id)
        if row is None:
            return False
        account = self._house.settings.account(row[1])
        locked = subject.find_locked(tx, row[0])
        if account is None or locked is None:
            outbox.mark(tx, row_id, outbox.DEAD, "the account or the contact is no longer there")
            return True
        person = contact.reach(tx, locked.pid)
        parcel = outbox.take(tx, row_id, to_ms(now))
        if parcel is None:
            return False
        answer = self._judge(tx, parcel, account, locked, person, now)
        if isinstance(answer, Denial) or person is None:
            self._refuse(tx, parcel, answer if isinstance(answer, Denial) else Denial(Reason.UNKNOWN_CONTACT), now)
            return True
        if has_window(account):
            contact.save_wallet(tx, locked.pid, person.wallet.spent(now))
        if parcel.purpose is Purpose.MARKETING:
            claim.count_send(tx, locked.pid, parcel.topic, to_ms(now), _claim_name(parcel.id))
        message = codec.decode_message(locked.sealer.open(parcel.sealed_message))
        return _Claimed(parcel, answer, person.user_id, message)

    def _judge(
        self,
        tx: Tx,
        parcel: outbox.Parcel,
        account: Account,
        locked: subject.LockedSubject,
        person: contact.Reach | None,
        now: datetime,
    ) -> SendPermit | Denial:
        if to_ms(now) >= parcel.expires_at:
            return Denial(Reason.WINDOW_CLOSED)
        wallet: Wallet | None = person.wallet if person and has_window(account) else None
        facts = Subject(
            consent.load(tx, locked.pid),
            is_known=person is not None,
            left_platform=person is not None and person.left_at is not None,
            unreachable_until=person.unreachable_until if person else None,
            last_marketing_at=from_ms(locked.last_marketing_at),
            wallet=wallet,
        )
        return check(parcel.purpose, parcel.topic, facts, account.policy, now)

    def _refuse(self, tx: Tx, parcel: outbox.Parcel, denial: Denial, now: datetime) -> None:
        """The gate said no: wait where waiting helps, otherwise end here."""
        outbox.finish_attempt(tx, parcel.attempt_id, to_ms(now), "denied", None, denial.reason.value)
        outbox.uncount_attempt(tx, parcel.id)
        if to_ms(now) >= parcel.expires_at:
            outbox.mark(tx, parcel.id, outbox.DEAD, "too old to be sent")
        elif denial.reason is Reason.WINDOW_CLOSED:
            outbox.mark(tx, parcel.id, outbox.HELD, "the platform's window is closed until the contact writes")
        elif denial.until is not None and to_ms(denial.until) < parcel.expires_at:
            outbox.try_again(tx, parcel.id, to_ms(denial.until), denial.reason.value)
        else:
            outbox.mark(tx, parcel.id, outbox.DENIED, denial.reason.value)
        chat.set_status(tx, parcel.id, "held" if denial.reason is Reason.WINDOW_CLOSED else "failed")

    def _record(self, tx: Tx, parcel: outbox.Parcel, result: SendResult) -> None:
        now = self._house.clock()
        outbox.finish_attempt(tx, parcel.attempt_id, to_ms(now), result.outcome.value, result.code, result.detail)
        if result.outcome not in (Outcome.SENT, Outcome.UNKNOWN):
            self._refund(tx, parcel, result.outcome, now)
        match result.outcome:
            case Outcome.SENT:
                outbox.mark_sent(tx, parcel.id, result.message_token)
                chat.set_status(tx, parcel.id, "sent")
            case Outcome.RETRY:
                self._again_or_dead(tx, parcel, result, now)
            case Outcome.UNKNOWN:
                self._once_more_or_dead(tx, parcel, result.detail, now)
            case Outcome.WINDOW_CLOSED:
                outbox.mark(tx, parcel.id, outbox.HELD, result.detail)
                chat.set_status(tx, parcel.id, "held")
            case Outcome.ACCOUNT_BLOCKED:
                log.error("account_cannot_send", account=parcel.account, code=result.code, detail=result.detail)
                outbox.try_again(tx, parcel.id, to_ms(now + ACCOUNT_REST), result.detail)
            case Outcome.OPTED_OUT | Outcome.UNREACHABLE | Outcome.REFUSED:
                self._end(tx, parcel, result, now)

    def _refund(self, tx: Tx, parcel: outbox.Parcel, outcome: Outcome, now: datetime) -> None:
        """The platform refused, so nothing was sent: neither the frequency cap nor the window counts it."""
        locked = subject.find_locked(tx, parcel.pid)
        account = self._house.settings.account(parcel.account)
        if locked is None or account is None:
            return
        if parcel.purpose is Purpose.MARKETING:
            claim.release(tx, locked.pid, _claim_name(parcel.id), to_ms(now))
        person = contact.reach(tx, locked.pid)
        if person and has_window(account):
            is_closed = outcome is Outcome.WINDOW_CLOSED  # the platform's count wins over ours
            contact.save_wallet(tx, locked.pid, Wallet() if is_closed else person.wallet.refunded(now))

    def _again_or_dead(self, tx: Tx, parcel: outbox.Parcel, result: SendResult, now: datetime) -> None:
        if parcel.attempts >= MAX_ATTEMPTS:
            self._die(tx, parcel, f"given up after {parcel.attempts} tries: {result.detail}")
            return
        wait = back_off(parcel.attempts, result.retry_after)
        outbox.try_again(tx, parcel.id, to_ms(now + wait), result.detail)

    def _once_more_or_dead(self, tx: Tx, parcel: outbox.Parcel, detail: str, now: datetime) -> None:
        """No answer: it may have arrived. One more try at most, so a reply is repeated once at worst."""
        if outbox.unknown_attempts(tx, parcel.id) >= MAX_UNKNOWN:
            self._die(tx, parcel, f"it may have arrived, so it is not sent again: {detail}")
        else:
            outbox.try_again(tx, parcel.id, to_ms(now + back_off(parcel.attempts, None)), detail)

    def _end(self, tx: Tx, parcel: outbox.Parcel, result: SendResult, now: datetime) -> None:
        if result.outcome is Outcome.OPTED_OUT and (locked := subject.find_locked(tx, parcel.pid)):
            left = ConsentChange(ConsentKind.OPTED_OUT, at=now, topic=ALL_TOPICS)
            consent_service.record(
                tx, self._house, locked, left, consent_service.Act("platform", "contact", result.detail)
            )
            outbox.mark(tx, parcel.id, outbox.DENIED, result.detail)
        elif result.outcome is Outcome.UNREACHABLE:
            contact.mark_unreachable(tx, parcel.pid, to_ms(now + UNREACHABLE_REST))
            outbox.mark(tx, parcel.id, outbox.DENIED, result.detail)
        else:
            outbox.mark(tx, parcel.id, outbox.DEAD, result.detail)
        chat.set_status(tx, parcel.id, "failed")

    def _die(self, tx: Tx, parcel: outbox.Parcel, detail: str) -> None:
        log.error("dead_letter", outbox_id=parcel.id, account=parcel.account, detail=detail)
        outbox.mark(tx, parcel.id, outbox.DEAD, detail)
        chat.set_status(tx, parcel.id, "failed")

    def recover(self, *, alone: bool) -> int:
        """Tries whose worker died: they count as unanswered. `alone`: no other worker exists, so every open try is
        one of these.
        """
        now = self._house.clock()
        before = to_ms(now) + 1 if alone else to_ms(now - CRASH_GRACE)
        return self._house.store.write(lambda tx: self._recover(tx, before, now))

    def _recover(self, tx: Tx, before: int, now: datetime) -> int:
        lost = outbox.crashed(tx, before)
        for row_id, attempts, attempt_id in lost:
            outbox.finish_attempt(
                tx, attempt_id, to_ms(now), Outcome.UNKNOWN.value, None, "the worker died while sending"
            )
            if outbox.unknown_attempts(tx, row_id) >= MAX_UNKNOWN:
                outbox.mark(tx, row_id, outbox.DEAD, "it may have arrived, so it is not sent again")
                chat.set_status(tx, row_id, "failed")
            else:
                outbox.try_again(tx, row_id, to_ms(now), f"try {attempts} was cut off")
        return len(lost)


def _claim_name(outbox_id: int) -> str:
    return f"outbox:{outbox_id}"


def back_off(attempts: int, retry_after: int | None) -> timedelta:
    """The wait before the next try: doubled each time up to an hour, with jitter; never less than the platform's
    `Retry-After`.
    """
    doubled = min(BACK_OFF * int(2 ** (attempts - 1)), BACK_OFF_CAP)
    wait = doubled * random.uniform(0.75, 1.25)  # noqa: S311 - spreads load
    return max(wait, timedelta(seconds=retry_after)) if retry_after is not None else wait
