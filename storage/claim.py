"""Claimed sends of campaigns, and the answers kept under idempotency keys."""

from __future__ import annotations

from storage import subject
from storage.store import Sql, Tx

_INSERT = Sql("INSERT INTO send_claim (pid, topic, at, idempotency) VALUES (:pid, :topic, :at, :idempotency)")
_RELEASE = Sql(
    "UPDATE send_claim SET released_at = :now WHERE pid = :pid AND idempotency = :idempotency AND released_at IS NULL"
)
_LATEST = Sql("SELECT max(at) FROM send_claim WHERE pid = :pid AND released_at IS NULL")
_FIND = Sql("SELECT request_hash, status, response FROM idempotency_key WHERE key_hash = :key_hash")
_KEEP = Sql(
    """INSERT INTO idempotency_key (key_hash, request_hash, status, response, created_at)
       VALUES (:key_hash, :request_hash, :status, :response, :created_at) ON CONFLICT (key_hash) DO NOTHING"""
)


def count_send(tx: Tx, pid: str, topic: str, at: int, idempotency: str | None = None) -> None:
    """Count one send against the frequency cap."""
    tx.run(_INSERT, pid=pid, topic=topic, at=at, idempotency=idempotency)
    subject.mark_marketing(tx, pid, at)


def release(tx: Tx, pid: str, idempotency: str, now: int) -> bool:
    """Give a claimed send back that was not used; True if there was one."""
    changed = tx.run(_RELEASE, pid=pid, idempotency=idempotency, now=now).rowcount > 0
    if changed:
        row = tx.one(_LATEST, pid=pid)
        subject.mark_marketing(tx, pid, row[0] if row else None)
    return changed


def find_answer(tx: Tx, key_hash: str) -> tuple[str, int, str] | None:
    """(request hash, status, response) kept under an idempotency key."""
    row = tx.one(_FIND, key_hash=key_hash)
    return (row[0], row[1], row[2]) if row else None


def keep_answer(tx: Tx, key_hash: str, request_hash: str, answer: tuple[int, str], now: int) -> None:
    """Keep an answer. It is given again, the same, to a repeated call."""
    tx.run(_KEEP, key_hash=key_hash, request_hash=request_hash, status=answer[0], response=answer[1], created_at=now)
