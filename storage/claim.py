"""Claimed sends of campaigns, and the answers kept under idempotency keys."""

from __future__ import annotations

import base64

from storage import subject
from storage.store import Sql, Tx

_INSERT = Sql("INSERT INTO send_claim (pid, topic, at, idempotency) VALUES (:pid, :topic, :at, :idempotency)")
_RELEASE = Sql(
    "UPDATE send_claim SET released_at = :now WHERE pid = :pid AND idempotency = :idempotency AND released_at IS NULL"
)
_LATEST = Sql("SELECT max(at) FROM send_claim WHERE pid = :pid AND released_at IS NULL")
_FIND = Sql("SELECT request_hash, status, response FROM idempotency_key WHERE key_hash = :key_hash")
_RESERVE = Sql(
    """INSERT INTO idempotency_key (key_hash, request_hash, status, response, created_at)
       VALUES (:key_hash, '', 0, '', 0) ON CONFLICT (key_hash) DO NOTHING"""
)
_KEEP = Sql(
    """INSERT INTO idempotency_key (key_hash, request_hash, status, response, created_at)
       VALUES (:key_hash, :request_hash, :status, :response, :created_at)
       ON CONFLICT (key_hash) DO UPDATE SET request_hash = excluded.request_hash, status = excluded.status,
         response = excluded.response, created_at = excluded.created_at WHERE idempotency_key.status = 0"""
)


def count_send(tx: Tx, pid: str, topic: str, at: int, idempotency: str | None = None) -> None:
    """Count one send against the frequency cap."""
    tx.run(_INSERT, pid=pid, topic=topic, at=at, idempotency=idempotency)
    subject.mark_marketing(tx, pid, at)


def count_sends(tx: Tx, pids: list[str], topic: str, at: int, idempotency: str | None) -> None:
    """`count_send` for many."""
    tx.run_many(_INSERT, [{"pid": pid, "topic": topic, "at": at, "idempotency": idempotency} for pid in pids])
    subject.mark_marketing_many(tx, pids, at)


def release(tx: Tx, pid: str, idempotency: str, now: int) -> bool:
    """Give a claimed send back that was not used; True if there was one."""
    changed = tx.run(_RELEASE, pid=pid, idempotency=idempotency, now=now).rowcount > 0
    if changed:
        row = tx.one(_LATEST, pid=pid)
        subject.mark_marketing(tx, pid, row[0] if row else None)
    return changed


def forget_answers(tx: Tx, before: int) -> int:
    """Drop the answers kept under idempotency keys that are older; returns how many."""
    return tx.run(Sql("DELETE FROM idempotency_key WHERE created_at < :before"), before=before).rowcount


def find_answer(tx: Tx, key_hash: str) -> tuple[str, int, str] | None:
    """(request hash, status, response) kept under an idempotency key; None = the first call, which now holds the key.

    A second call that comes while the first is under way waits here for its end, and gets its answer.
    """
    tx.run(_RESERVE, key_hash=key_hash)
    row = tx.one(_FIND, key_hash=key_hash)
    if row is None or row[1] == 0:
        return None
    return row[0], row[1], tx.keys.vault.open(base64.b64decode(row[2]))


def keep_answer(tx: Tx, key_hash: str, request_hash: str, answer: tuple[int, str], now: int) -> None:
    """Keep an answer, to be given again, the same, to a repeated call. Sealed: it names platform users."""
    response = base64.b64encode(tx.keys.vault.seal(answer[1])).decode("ascii")
    tx.run(_KEEP, key_hash=key_hash, request_hash=request_hash, status=answer[0], response=response, created_at=now)
