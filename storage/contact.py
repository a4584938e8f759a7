"""The person behind a subject: where to send, and where the conversation stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from bot.domain.conversation import Conversation
from bot.domain.quota import Wallet
from storage import codec
from storage.key import Sealer
from storage.moment import from_ms, to_ms
from storage.store import Sql, Tx
from storage.subject import LockedSubject


@dataclass(frozen=True, slots=True)
class Person:
    """One contact. `conversation` is sealed where it is stored, because it holds the contact's words."""

    pid: str
    account: str
    user_id: str
    profile_language: str | None
    conversation: Conversation
    wallet: Wallet
    left_at: datetime | None
    unreachable_until: datetime | None
    last_seen_at: datetime | None

    @classmethod
    def new(cls, pid: str, account: str, user_id: str) -> Self:
        """Somebody of whom nothing is known yet."""
        return cls(pid, account, user_id, None, Conversation(), Wallet(), None, None, None)


_COLUMNS = "account, user_id, profile_language, sealed_conversation, wallet, left_at, unreachable_until, last_seen_at"
_LOAD = Sql(f"SELECT {_COLUMNS} FROM contact WHERE pid = :pid")
_SAVE = Sql(
    """INSERT INTO contact (pid, account, user_id, profile_language, sealed_conversation, wallet, left_at, unreachable_until,
                            last_seen_at)
       VALUES (:pid, :account, :user_id, :profile_language, :sealed_conversation, :wallet, :left_at, :unreachable_until,
               :last_seen_at)
       ON CONFLICT (pid) DO UPDATE SET profile_language = excluded.profile_language,
         sealed_conversation = excluded.sealed_conversation, wallet = excluded.wallet, left_at = excluded.left_at,
         unreachable_until = excluded.unreachable_until, last_seen_at = excluded.last_seen_at"""
)
_WALLET = Sql("UPDATE contact SET wallet = :wallet WHERE pid = :pid")
_UNREACHABLE = Sql("UPDATE contact SET unreachable_until = :until WHERE pid = :pid")


def load(tx: Tx, pid: str, sealer: Sealer | None) -> Person | None:
    """The contact, None if nobody is known (any more)."""
    row = tx.one(_LOAD, pid=pid)
    if row is None:
        return None
    account, user_id, language, sealed, wallet, left_at, unreachable_until, last_seen_at = row
    conversation = codec.decode_conversation(sealer.open(sealed)) if sealed and sealer else Conversation()
    return Person(
        pid,
        account,
        user_id,
        language,
        conversation,
        codec.decode_wallet(wallet),
        from_ms(left_at),
        from_ms(unreachable_until),
        from_ms(last_seen_at),
    )


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a contact can be written to, and what the platform still lets through: all that a send needs to know."""

    user_id: str
    wallet: Wallet
    left_at: datetime | None
    unreachable_until: datetime | None


_REACH = Sql("SELECT user_id, wallet, left_at, unreachable_until FROM contact WHERE pid = :pid")


def reach(tx: Tx, pid: str) -> Reach | None:
    """How the contact can be reached; the conversation is neither opened nor read. None if nobody is known (any more)."""
    row = tx.one(_REACH, pid=pid)
    return Reach(row[0], codec.decode_wallet(row[1]), from_ms(row[2]), from_ms(row[3])) if row else None


def save(tx: Tx, subject: LockedSubject, person: Person, now: int) -> None:
    """Write the contact. The subject is locked by this transaction."""
    tx.run(
        _SAVE,
        pid=subject.pid,
        account=subject.account,
        user_id=person.user_id,
        profile_language=person.profile_language,
        sealed_conversation=subject.sealer.seal(codec.encode_conversation(person.conversation)),
        wallet=codec.encode_wallet(person.wallet),
        left_at=to_ms(person.left_at),
        unreachable_until=to_ms(person.unreachable_until),
        last_seen_at=to_ms(person.last_seen_at) or now,
    )


def save_wallet(tx: Tx, pid: str, wallet: Wallet) -> None:
    """Write what is left of the sending window."""
    tx.run(_WALLET, pid=pid, wallet=codec.encode_wallet(wallet))


def mark_unreachable(tx: Tx, pid: str, until: int | None) -> None:
    """Remember that the platform cannot reach the contact until then."""
    tx.run(_UNREACHABLE, pid=pid, until=until)
