"""Messages on their way out: written in the transaction that decided them, claimed one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.domain.message import Message, Purpose
from storage import codec
from storage.store import Sql, Tx
from storage.subject import LockedSubject

ORDER_KEPT_MS = 60_000
"""A reply waits for an earlier one to the same contact that is under way or due within this time; longer would hold up a confirmation."""
QUEUED, SENDING, HELD, SENT, DEAD, PURGED, DENIED = "queued", "sending", "held", "sent", "dead", "purged", "denied"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A claimed message. `attempt_id` is its attempt row, already committed before the call. `attempts` counts this
    one.
    """

    id: int
    account: str
    pid: str
    purpose: Purpose
    topic: str
    sealed_message: bytes
    attempts: int
    attempt_id: int
    expires_at: int


_INSERT = Sql(
    """INSERT INTO outbox (account, pid, purpose, topic, sealed_message, state, attempts, created_at, not_before, expires_at)
       VALUES (:account, :pid, :purpose, :topic, :sealed_message, 'queued', 0, :now, :not_before, :expires_at) RETURNING id"""
)
_BLOCKS = """e.pid = o.pid AND e.id < o.id AND e.purpose <> 'marketing'
             AND (e.state = 'sending' OR (e.state = 'queued' AND e.not_before <= :soon))"""
_DUE = Sql(
    f"""SELECT o.id, o.account, o.pid FROM outbox o WHERE o.state = 'queued' AND o.not_before <= :now
        AND NOT EXISTS (SELECT 1 FROM outbox e WHERE {_BLOCKS}) ORDER BY o.not_before, o.id LIMIT :count"""
)
_TAKE = Sql(
    """SELECT account, pid, purpose, topic, sealed_message, attempts, expires_at FROM outbox
       WHERE id = :id AND state = 'queued' AND not_before <= :now FOR UPDATE"""
)
_EARLIER = Sql(f"SELECT 1 FROM outbox o WHERE o.id = :id AND EXISTS (SELECT 1 FROM outbox e WHERE {_BLOCKS})")
_SENDING = Sql("UPDATE outbox SET state = 'sending', attempts = :attempts WHERE id = :id")
_ATTEMPT = Sql("INSERT INTO attempt (outbox_id, started_at) VALUES (:outbox_id, :started_at) RETURNING id")
_FINISH = Sql(
    "UPDATE attempt SET finished_at = :now, outcome = :outcome, code = :code, detail = :detail WHERE id = :id"
)
_STATE = Sql("UPDATE outbox SET state = :state, detail = :detail WHERE id = :id")
_SENT = Sql(
    "UPDATE outbox SET state = 'sent', message_token = :token, sealed_message = NULL, detail = NULL WHERE id = :id"
)
_AGAIN = Sql("UPDATE outbox SET state = 'queued', not_before = :not_before, detail = :detail WHERE id = :id")
_PURGE = Sql(
    """UPDATE outbox SET state = 'purged', sealed_message = NULL, detail = 'the contact opted out'
       WHERE pid = :pid AND purpose = 'marketing' AND state IN ('queued', 'held')"""
)
_RELEASE = Sql(
    "UPDATE outbox SET state = 'queued', not_before = :now WHERE pid = :pid AND state = 'held' AND expires_at > :now"
)
_CRASHED = Sql(
    """SELECT o.id, o.attempts, a.id FROM outbox o JOIN attempt a ON a.outbox_id = o.id AND a.finished_at IS NULL
       WHERE o.state = 'sending' AND a.started_at < :before FOR UPDATE SKIP LOCKED"""
)
_TOKEN = Sql("SELECT id, pid FROM outbox WHERE account = :account AND message_token = :token")


def put(tx: Tx, subject: LockedSubject, message: Message, topic: str, times: tuple[int, int, int]) -> int:
    """Queue one message. `times` = (now, not before, expires), milliseconds."""
    now, not_before, expires_at = times
    row = tx.one(
        _INSERT,
        account=subject.account,
        pid=subject.pid,
        purpose=message.purpose.value,
        topic=topic,
        sealed_message=subject.sealer.seal(codec.encode_message(message)),
        now=now,
        not_before=not_before,
        expires_at=expires_at,
    )
    return int(row[0]) if row else 0


def due(tx: Tx, now: int, count: int) -> list[tuple[int, str, str]]:
    """(id, account, pid) of messages that may be tried now, oldest first. Not locked: `take` decides."""
    return [(row[0], row[1], row[2]) for row in tx.all(_DUE, now=now, soon=now + ORDER_KEPT_MS, count=count)]


def take(tx: Tx, row_id: int, now: int) -> Parcel | None:
    """Claim one message and write its attempt; None when another worker has it, or an earlier one to the same
    contact is under way.
    """
    row = tx.one(_TAKE, id=row_id, now=now)
    if row is None:
        return None
    account, pid, purpose, topic, sealed, attempts, expires_at = row
    if tx.one(_EARLIER, id=row_id, soon=now + ORDER_KEPT_MS):
        return None
    tx.run(_SENDING, id=row_id, attempts=attempts + 1)
    attempt = tx.one(_ATTEMPT, outbox_id=row_id, started_at=now)
    return Parcel(
        row_id, account, pid, Purpose(purpose), topic, sealed, attempts + 1, attempt[0] if attempt else 0, expires_at
    )


def finish_attempt(tx: Tx, attempt_id: int, now: int, outcome: str, code: int | None, detail: str) -> None:
    """Write down what became of a try."""
    tx.run(_FINISH, id=attempt_id, now=now, outcome=outcome, code=code, detail=detail[:500])


def uncount_attempt(tx: Tx, row_id: int) -> None:
    """The gate said no before anything was tried: that does not use up the tries."""
    tx.run(Sql("UPDATE outbox SET attempts = attempts - 1 WHERE id = :id"), id=row_id)


def give_up_held(tx: Tx, now: int) -> int:
    """Held messages that are too old to be sent when the contact writes at last: their words are dropped."""
    return tx.run(
        Sql(
            """UPDATE outbox SET state = 'dead', sealed_message = NULL, detail = 'the contact did not write in time'
               WHERE state = 'held' AND expires_at <= :now"""
        ),
        now=now,
    ).rowcount


def unknown_attempts(tx: Tx, row_id: int) -> int:
    """How often a message was sent without an answer."""
    row = tx.one(Sql("SELECT count(*) FROM attempt WHERE outbox_id = :id AND outcome = 'unknown'"), id=row_id)
    return int(row[0]) if row else 0


def owner(tx: Tx, row_id: int) -> tuple[str, str] | None:
    """(pid, account) of a queued message."""
    row = tx.one(Sql("SELECT pid, account FROM outbox WHERE id = :id AND state = 'queued'"), id=row_id)
    return (row[0], row[1]) if row else None


def mark_sent(tx: Tx, row_id: int, token: str) -> None:
    """The platform took it; the text is dropped here (the chat keeps its own line)."""
    tx.run(_SENT, id=row_id, token=token)


def mark(tx: Tx, row_id: int, state: str, detail: str) -> None:
    """Put a message into an end state, or hold it until the contact writes."""
    tx.run(_STATE, id=row_id, state=state, detail=detail[:500])


def try_again(tx: Tx, row_id: int, not_before: int, detail: str) -> None:
    """Queue a further try."""
    tx.run(_AGAIN, id=row_id, not_before=not_before, detail=detail[:500])


def purge_marketing(tx: Tx, pid: str) -> int:
    """Drop queued marketing of a contact; returns how many."""
    return tx.run(_PURGE, pid=pid).rowcount


def release_held(tx: Tx, pid: str, now: int) -> int:
    """The contact wrote: what the closed window held back may go, if it is not too old."""
    return tx.run(_RELEASE, pid=pid, now=now).rowcount


def crashed(tx: Tx, before: int) -> list[tuple[int, int, int]]:
    """(outbox id, attempts, attempt id) of tries that began before `before` and never ended: their worker died. Locked,
    so that of two workers that look at once only one queues them again.
    """
    return [(row[0], row[1], row[2]) for row in tx.all(_CRASHED, before=before)]


def by_token(tx: Tx, account: str, token: str) -> tuple[int, str] | None:
    """(outbox id, pid) of a message by the platform's token."""
    row = tx.one(_TOKEN, account=account, token=token)
    return (row[0], row[1]) if row else None


def dead_letters(tx: Tx, count: int) -> list[dict[str, Any]]:
    """Messages that will not be tried again, newest first, without their words."""
    rows = tx.all(
        Sql(
            "SELECT id, account, pid, purpose, attempts, created_at, detail FROM outbox WHERE state = 'dead' ORDER BY id DESC LIMIT :count"
        ),
        count=count,
    )
    keys = ("id", "account", "contact", "purpose", "attempts", "created_at", "detail")
    return [dict(zip(keys, row, strict=True)) for row in rows]


def replay_dead(tx: Tx, row_id: int | None, now: int, expires_at: int) -> int:
    """Queue one dead letter (or all) again; returns how many. The gate is asked again before each goes out."""
    chosen = "" if row_id is None else "AND id = :id"
    sql = Sql(
        f"""UPDATE outbox SET state = 'queued', attempts = 0, not_before = :now, expires_at = :expires_at
            WHERE state = 'dead' AND sealed_message IS NOT NULL {chosen}"""
    )
    parameters: dict[str, object] = {"now": now, "expires_at": expires_at}
    if row_id is not None:
        parameters["id"] = row_id
    return tx.run(sql, **parameters).rowcount
