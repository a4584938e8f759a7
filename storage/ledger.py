"""The consent ledger: append-only, hash-chained, payload apart.

Each row's hash covers the row and the hash before it, so that any edit, deletion, insertion or reordering is found
by `verify`. A row holds no
words and no names, only a commitment (SHA-256 of salt and payload); erasing the payload leaves the chain valid.
Honest limit: somebody who can
write the database *and* recompute every later hash and the head is not found without an exported checkpoint
(docs/decisions/0004).
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.domain.consent import ConsentChange
from storage.error import DamagedDatabaseError, StorageError
from storage.key import Sealer
from storage.moment import to_ms
from storage.store import Sql, Store, Tx
from storage.subject import LockedSubject

GENESIS = "0" * 64
SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a change came from. `source`: message, button, platform, agent, api, import, timer, erasure. `actor`:
    who acted
    (contact, system, an agent's or token's name). `revision`: the phrase revision that read it, "" where none did."""

    recorded_at: int
    source: str
    actor: str = "contact"
    revision: str = ""


_COLUMNS = (
    "seq",
    "recorded_at",
    "happened_at",
    "kind",
    "account",
    "pid",
    "topic",
    "before",
    "after",
    "source",
    "actor",
    "revision",
    "commitment",
    "previous_hash",
)
_HEAD = Sql("SELECT seq, hash FROM ledger_head WHERE id = 1 FOR UPDATE")
_MOVE_HEAD = Sql("UPDATE ledger_head SET seq = :seq, hash = :hash WHERE id = 1")
_APPEND = Sql(
    f"""INSERT INTO ledger_event ({", ".join(_COLUMNS)}, hash)
        VALUES ({", ".join(":" + name for name in _COLUMNS)}, :hash)"""
)
_PAYLOAD = Sql("INSERT INTO event_payload (seq, pid, salt, sealed) VALUES (:seq, :pid, :salt, :sealed)")


def append(
    tx: Tx, subject: LockedSubject, change: ConsentChange, origin: Provenance, states: tuple[str, str], words: str
) -> int:
    """Append one event; returns its sequence number. Gapless: the head row is locked until the commit."""
    head = tx.one(_HEAD)
    if head is None:
        raise DamagedDatabaseError("the ledger's head is missing: restore the latest backup")
    seq: int = head[0] + 1
    previous_hash = head[1]
    salt = secrets.token_bytes(SALT_BYTES)
    payload = _payload(change, words)
    row: dict[str, Any] = {
        "seq": seq,
        "recorded_at": origin.recorded_at,
        "happened_at": to_ms(change.at),
        "kind": change.kind.value,
        "account": subject.account,
        "pid": subject.pid,
        "topic": change.topic,
        "before": states[0],
        "after": states[1],
        "source": origin.source,
        "actor": origin.actor,
        "revision": origin.revision,
        "commitment": hashlib.sha256(salt + payload.encode("utf-8", "surrogatepass")).hexdigest(),
        "previous_hash": previous_hash,
    }
    row_hash = hash_row(tuple(row.values()))
    tx.run(_APPEND, **row, hash=row_hash)
    tx.run(_PAYLOAD, seq=seq, pid=subject.pid, salt=salt, sealed=subject.sealer.seal(payload))
    tx.run(_MOVE_HEAD, seq=seq, hash=row_hash)
    return seq


def hash_row(values: tuple[Any, ...]) -> str:
    """SHA-256 over 0x00 and the row's columns as a canonical JSON array, in the order of `_COLUMNS`."""
    canonical = json.dumps(values, ensure_ascii=True, separators=(",", ":"), default=repr)
    return hashlib.sha256(b"\x00" + canonical.encode("ascii")).hexdigest()


def _payload(change: ConsentChange, words: str) -> str:
    return json.dumps(
        {"words": words, "reason": change.reason}, ensure_ascii=True, separators=(",", ":"), sort_keys=True
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found. `first_bad` is the first sequence number that does not hold, None = the chain is whole."""

    count: int
    first_bad: int | None = None
    problem: str = ""


PAGE = 5000
BEFORE_ALL = -(2**63)
"""Below every number that a row can have: an event slipped in before the first is found, too."""
_PAGE = Sql(f"SELECT {', '.join(_COLUMNS)}, hash FROM ledger_event WHERE seq > :after ORDER BY seq LIMIT {PAGE}")
_PAYLOADS = Sql("SELECT seq, salt, sealed, pid FROM event_payload WHERE seq > :after AND seq <= :last ORDER BY seq")


@dataclass(frozen=True, slots=True)
class _Link:
    """How far a verification came: the last event's number and hash."""

    seq: int = 0
    hash: str = GENESIS


def verify(tx: Tx, progress: Callable[[int], None] = lambda _count: None) -> Verdict:
    """Recompute the whole chain, and the commitments of the payloads that still exist. Reads in pages: memory stays
    flat.
    """
    return _verified(lambda work: work(tx), progress)


def verify_live(store: Store, progress: Callable[[int], None] = lambda _count: None) -> Verdict:
    """The same, each page in a transaction of its own: a service that writes meanwhile is not held up (on SQLite a
    reader keeps the writer from committing).
    """
    return _verified(store.read, progress)


def _verified(
    read: Callable[[Callable[[Tx], _Link | Verdict]], _Link | Verdict], progress: Callable[[int], None]
) -> Verdict:
    link: _Link | Verdict = _Link()
    while isinstance(link, _Link):
        before = link
        link = read(partial(_next_page, link=before))
        if isinstance(link, _Link):
            progress(link.seq - before.seq)
    return link


def _next_page(tx: Tx, link: _Link) -> _Link | Verdict:
    page = tx.all(_PAGE, after=link.seq or BEFORE_ALL)
    if not page:
        head = tx.one(Sql("SELECT seq, hash FROM ledger_head WHERE id = 1"))
        if head is None or (head[0], head[1]) != (link.seq, link.hash):
            return Verdict(link.seq, link.seq + 1, "events are missing at the end: the head names another last event")
        return Verdict(link.seq)
    for row in page:
        *columns, row_hash = row
        if problem := _problem(tuple(columns), row_hash, link.seq + 1, link.hash):
            return Verdict(link.seq, link.seq + 1, problem)
        link = _Link(link.seq + 1, row_hash)
    if bad := _bad_payload(tx, page):
        return Verdict(link.seq, bad, "the kept words are not those that were recorded")
    return link


def _problem(columns: tuple[Any, ...], row_hash: str, expected: int, previous: str) -> str:
    if columns[0] != expected:
        return f"event {expected} is missing: the next one is {columns[0]}"
    if columns[-1] != previous:
        return "it does not follow the event before it"
    return "" if hash_row(columns) == row_hash else "its content was changed"


def _bad_payload(tx: Tx, page: list[tuple[Any, ...]]) -> int | None:
    commitments = {row[0]: row[-3] for row in page}
    sealers: dict[str, Sealer | None] = {}
    for seq, salt, sealed, pid in tx.all(_PAYLOADS, after=page[0][0] - 1, last=page[-1][0]):
        if pid not in sealers:
            sealers[pid] = _sealer(tx, pid)
        if not _payload_holds(sealers[pid], salt, sealed, commitments[seq]):
            return int(seq)
    return None


def _sealer(tx: Tx, pid: str) -> Sealer | None:
    row = tx.one(Sql("SELECT wrapped_key FROM subject WHERE pid = :pid"), pid=pid)
    try:
        return tx.keys.sealer(row[0]) if row and row[0] else None
    except StorageError:
        return None


def _payload_holds(sealer: Sealer | None, salt: bytes, sealed: bytes, commitment: str) -> bool:
    try:
        payload = sealer.open(sealed) if sealer else None
    except StorageError:
        return False
    return (
        payload is not None
        and hashlib.sha256(bytes(salt) + payload.encode("utf-8", "surrogatepass")).hexdigest() == commitment
    )


_FEED = Sql(
    """SELECT seq, recorded_at, happened_at, kind, account, pid, topic, before, after, source, actor, revision, hash
       FROM ledger_event WHERE seq > :after ORDER BY seq LIMIT :count"""
)
_OF_SUBJECT = Sql(
    """SELECT e.seq, e.recorded_at, e.happened_at, e.kind, e.topic, e.before, e.after, e.source, e.actor, e.revision, e.hash, p.sealed
       FROM ledger_event e LEFT JOIN event_payload p ON p.seq = e.seq WHERE e.pid = :pid ORDER BY e.seq DESC LIMIT :count"""
)
FEED_KEYS = (
    "seq",
    "recorded_at",
    "happened_at",
    "kind",
    "account",
    "contact",
    "topic",
    "before",
    "after",
    "source",
    "actor",
    "phrase_revision",
    "hash",
)


def feed(tx: Tx, after: int, count: int) -> list[dict[str, Any]]:
    """Events after a sequence number, oldest first, without words or names."""
    return [dict(zip(FEED_KEYS, row, strict=True)) for row in tx.all(_FEED, after=after, count=count)]


def of_subject(tx: Tx, pid: str, count: int = 50) -> list[dict[str, Any]]:
    """A subject's events, newest first, with the words where they are still kept."""
    row = tx.one(Sql("SELECT wrapped_key FROM subject WHERE pid = :pid"), pid=pid)
    sealer = tx.keys.sealer(row[0]) if row and row[0] else None
    keys = (
        "seq",
        "recorded_at",
        "happened_at",
        "kind",
        "topic",
        "before",
        "after",
        "source",
        "actor",
        "phrase_revision",
        "hash",
    )
    events = []
    for *values, sealed in tx.all(_OF_SUBJECT, pid=pid, count=count):
        payload = json.loads(sealer.open(sealed)) if sealer and sealed else {}
        events.append(
            {**dict(zip(keys, values, strict=True)), "words": payload.get("words"), "reason": payload.get("reason")}
        )
    return events
