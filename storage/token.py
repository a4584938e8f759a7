"""API tokens (only their hash is kept) and the platforms' access tokens (sealed, renewed by one worker at a time)."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from storage.error import Unavailable
from storage.moment import to_ms
from storage.store import Sql, Store, Tx

SCOPES = ("check", "write", "export")
PREFIX = "ql_live_"


@dataclass(frozen=True, slots=True)
class Token:
    """A known API token. `account` None = every account."""

    id: int
    name: str
    scopes: frozenset[str]
    account: str | None


def create(tx: Tx, name: str, scopes: tuple[str, ...], account: str | None, now: int) -> str:
    """A new API token, shown once: only its SHA-256 is kept."""
    token = PREFIX + secrets.token_urlsafe(32)
    tx.run(
        Sql(
            """INSERT INTO api_token (name, token_hash, scopes, account, created_at)
               VALUES (:name, :token_hash, :scopes, :account, :created_at)"""
        ),
        name=name,
        token_hash=_hash(token),
        scopes=",".join(scopes),
        account=account,
        created_at=now,
    )
    return token


def find(tx: Tx, token: str) -> Token | None:
    """The token, unless it is unknown or revoked."""
    row = tx.one(
        Sql("SELECT id, name, scopes, account FROM api_token WHERE token_hash = :token_hash AND revoked_at IS NULL"),
        token_hash=_hash(token),
    )
    return Token(row[0], row[1], frozenset(row[2].split(",")), row[3]) if row else None


def touch(tx: Tx, token_id: int, now: int) -> None:
    """Remember the last use, to the minute."""
    tx.run(
        Sql(
            """UPDATE api_token SET last_used_at = :now WHERE id = :id AND (last_used_at IS NULL OR last_used_at < :minute_ago)"""
        ),
        id=token_id,
        now=now,
        minute_ago=now - 60_000,
    )


def revoke(tx: Tx, name: str, now: int) -> int:
    """Revoke every token of that name; returns how many."""
    return tx.run(
        Sql("UPDATE api_token SET revoked_at = :now WHERE name = :name AND revoked_at IS NULL"), name=name, now=now
    ).rowcount


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


LEASE_MS = 15_000
MARGIN_MS = 300_000
_ENSURE = Sql(
    "INSERT INTO access_token (name, expires_at, leased_until) VALUES (:name, 0, 0) ON CONFLICT (name) DO NOTHING"
)
_READ = Sql("SELECT sealed, expires_at FROM access_token WHERE name = :name")
_LEASE = Sql("UPDATE access_token SET leased_until = :until WHERE name = :name AND leased_until < :now")
_SET = Sql("UPDATE access_token SET sealed = :sealed, expires_at = :expires_at, leased_until = 0 WHERE name = :name")
_FREE = Sql("UPDATE access_token SET leased_until = 0 WHERE name = :name")


class DatabaseVault:
    """`handlers.channel.TokenVault` over a database: all workers share a token, and one at a time renews it."""

    def __init__(self, store: Store, clock: Callable[[], datetime], wait: Callable[[float], None] = time.sleep) -> None:
        self._store, self._clock, self._wait = store, clock, wait

    def token(self, key: str, fetch: Callable[[], tuple[str, int]], rejected: str | None = None) -> str:
        """The shared token; see `TokenVault.token`. Waits for another worker that is renewing it, and takes over when its
        lease of 15 s has run out.
        """
        for _ in range(LEASE_MS // 100 + 10):
            kept = self._store.read(lambda tx: self._kept(tx, key))
            if kept and kept[0] != rejected and kept[1] - MARGIN_MS > to_ms(self._clock()):
                return kept[0]
            if self._store.write(lambda tx: self._lease(tx, key)):
                return self._renew(key, fetch, kept[0] if kept else None, rejected)
            self._wait(0.1)
        raise Unavailable(f"another worker has been renewing the access token of {key} for too long")

    def _renew(self, key: str, fetch: Callable[[], tuple[str, int]], kept: str | None, rejected: str | None) -> str:
        current = self._store.read(lambda tx: self._kept(tx, key))
        if current and current[0] not in (kept, rejected):
            self._store.write(lambda tx: tx.run(_FREE, name=key))
            return current[0]
        try:
            token, lives = fetch()
        except BaseException:
            self._store.write(lambda tx: tx.run(_FREE, name=key))
            raise
        expires_at = to_ms(self._clock()) + max(lives * 1000, MARGIN_MS + 60_000)
        self._store.write(lambda tx: tx.run(_SET, name=key, sealed=tx.keys.vault.seal(token), expires_at=expires_at))
        return token

    def _kept(self, tx: Tx, key: str) -> tuple[str, int] | None:
        row = tx.one(_READ, name=key)
        return (tx.keys.vault.open(row[0]), row[1]) if row and row[0] else None

    def _lease(self, tx: Tx, key: str) -> bool:
        now = to_ms(self._clock())
        tx.run(_ENSURE, name=key)
        return tx.run(_LEASE, name=key, now=now, until=now + LEASE_MS).rowcount == 1
