"""The pseudonym's row: what every act upon a contact locks first."""

from __future__ import annotations

from dataclasses import dataclass

from storage.error import StorageError
from storage.key import Sealer
from storage.store import Row, Sql, Tx, chunks, in_list


@dataclass(frozen=True, slots=True)
class LockedSubject:
    """A subject whose row this transaction holds. `sealer` seals its texts; `is_new` = this transaction made it."""

    pid: str
    account: str
    sealer: Sealer
    last_marketing_at: int | None
    is_new: bool


_INSERT = Sql(
    """INSERT INTO subject (pid, account, wrapped_key, created_at) VALUES (:pid, :account, :wrapped_key, :created_at)
       ON CONFLICT (pid) DO NOTHING"""
)
_LOCK = Sql("SELECT account, wrapped_key, last_marketing_at FROM subject WHERE pid = :pid FOR UPDATE")
_REKEY = Sql("UPDATE subject SET wrapped_key = :wrapped_key, erased_at = NULL WHERE pid = :pid")
_MARKED = Sql("UPDATE subject SET last_marketing_at = :at WHERE pid = :pid")


def lock(tx: Tx, pid: str, account: str, now: int) -> LockedSubject:
    """Lock the subject, making it if it is new. Somebody who was erased and comes back gets a new key."""
    row = tx.one(_LOCK, pid=pid)
    is_new = row is None
    if row is None:
        tx.run(_INSERT, pid=pid, account=account, wrapped_key=tx.keys.new_wrapped_key(), created_at=now)
        row = tx.one(_LOCK, pid=pid)
        if row is None:
            raise StorageError(f"the subject {pid[:8]}… vanished while it was locked")
    account, wrapped, last_marketing_at = row
    if wrapped is None:
        wrapped = tx.keys.new_wrapped_key()
        tx.run(_REKEY, pid=pid, wrapped_key=wrapped)
    return LockedSubject(pid, account, tx.keys.sealer(wrapped), last_marketing_at, is_new)


def find_locked(tx: Tx, pid: str) -> LockedSubject | None:
    """Lock the subject if it exists and has not been erased."""
    row = tx.one(_LOCK, pid=pid)
    if row is None or row[1] is None:
        return None
    return LockedSubject(pid, row[0], tx.keys.sealer(row[1]), row[2], is_new=False)


def sealer_of(tx: Tx, pid: str) -> Sealer | None:
    """The subject's sealer for reading, None when there is none (any more)."""
    row = tx.one(Sql("SELECT wrapped_key FROM subject WHERE pid = :pid"), pid=pid)
    return tx.keys.sealer(row[0]) if row and row[0] is not None else None


def mark_marketing(tx: Tx, pid: str, at: int | None) -> None:
    """Remember when marketing last went out: what the frequency cap counts from."""
    tx.run(_MARKED, pid=pid, at=at)


def reach_of(tx: Tx, pids: list[str]) -> list[Row]:
    """(pid, last marketing at, left at, unreachable until) of the subjects among `pids` that are known,
    milliseconds.
    """
    rows: list[Row] = []
    for chunk in chunks(pids, 500):
        marks, values = in_list(chunk)
        sql = Sql(
            f"""SELECT s.pid, s.last_marketing_at, c.left_at, c.unreachable_until FROM subject s
                LEFT JOIN contact c ON c.pid = s.pid WHERE s.pid IN ({marks})"""
        )
        rows += tx.all(sql, **values)
    return rows


def lock_many(tx: Tx, pids: list[str], account: str, now: int, *, may_create: bool) -> set[str]:
    """Lock the subjects among `pids`, in one order for everybody (so that two claims cannot deadlock); `may_create` makes
    those that are missing. Returns the pseudonyms that are now locked. Cheap for ten thousand: no key is opened."""
    ordered = sorted(set(pids))
    locked = _lock_present(tx, ordered)
    missing = [pid for pid in ordered if pid not in locked]
    if missing and may_create:
        row = {"account": account, "created_at": now}
        tx.run_many(_INSERT, [{"pid": pid, "wrapped_key": tx.keys.new_wrapped_key(), **row} for pid in missing])
        locked |= _lock_present(tx, missing)
    return locked


def _lock_present(tx: Tx, pids: list[str]) -> set[str]:
    locked: set[str] = set()
    for chunk in chunks(pids, 500):
        marks, values = in_list(chunk)
        rows = tx.all(Sql(f"SELECT pid FROM subject WHERE pid IN ({marks}) ORDER BY pid FOR UPDATE"), **values)
        locked |= {row[0] for row in rows}
    return locked


def mark_marketing_many(tx: Tx, pids: list[str], at: int) -> None:
    """`mark_marketing` for many."""
    tx.run_many(_MARKED, [{"pid": pid, "at": at} for pid in pids])
