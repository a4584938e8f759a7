"""Cases, the flags that ask for a person, and the clocks of conversations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.domain.case import CaseFact, CaseKind, CaseStatus
from bot.domain.effect import OpenCase
from storage.moment import from_ms
from storage.store import Sql, Tx
from storage.subject import LockedSubject

_OF_SUBJECT = Sql(
    """SELECT number, kind, category, status, opened_at, first_response_due_at, solution_due_at FROM case_record
       WHERE pid = :pid ORDER BY opened_at DESC LIMIT 5"""
)
_OPEN = Sql(
    """INSERT INTO case_record (number, pid, account, kind, category, priority, status, opened_at, first_response_due_at,
                                solution_due_at, needs_identity_check)
       VALUES (:number, :pid, :account, :kind, :category, :priority, 'received', :opened_at, :first_response_due_at,
               :solution_due_at, :needs_identity_check)"""
)
_NOTE = Sql("INSERT INTO case_note (number, pid, at, author, sealed) VALUES (:number, :pid, :at, :author, :sealed)")
_CATEGORY = Sql("UPDATE case_record SET category = :category WHERE number = :number AND pid = :pid")
_STATUS = Sql("UPDATE case_record SET status = :status WHERE number = :number AND pid = :pid")
_RAISE = Sql(
    """INSERT INTO flag (pid, account, reason, sealed_words, raised_at, state)
       VALUES (:pid, :account, :reason, :sealed_words, :raised_at, 'open')"""
)
_CLOSE_FLAGS = Sql("UPDATE flag SET state = 'closed', closed_at = :now WHERE pid = :pid AND state IN ('open', 'taken')")
_TAKE_FLAGS = Sql("UPDATE flag SET state = 'taken', agent = :agent WHERE pid = :pid AND state = 'open'")
_START = Sql(
    """INSERT INTO timer (pid, account, name, serial, at, state, attempts) VALUES (:pid, :account, :name, :serial, :at, 'waiting', 0)"""
)
_DUE = Sql(
    """SELECT id, pid, account, name, serial, at FROM timer WHERE state = 'waiting' AND at <= :now ORDER BY at LIMIT :count"""
)
_TAKE_TIMER = Sql("UPDATE timer SET state = 'done' WHERE id = :id AND state = 'waiting'")


def of_subject(tx: Tx, pid: str) -> tuple[CaseFact, ...]:
    """The subject's latest cases, newest first."""
    return tuple(
        CaseFact(
            number, CaseKind(kind), category, CaseStatus(status), from_ms(opened), from_ms(first), from_ms(solution)
        )
        for number, kind, category, status, opened, first, solution in tx.all(_OF_SUBJECT, pid=pid)
    )


def open_case(tx: Tx, subject: LockedSubject, case: OpenCase, times: tuple[int, int, int]) -> None:
    """Open a case and keep the words. `times` = (now, first response due, solution due)."""
    now, first_response_due_at, solution_due_at = times
    tx.run(
        _OPEN,
        number=case.number,
        pid=subject.pid,
        account=subject.account,
        kind=case.kind.value,
        category=case.category,
        priority=case.priority.value,
        opened_at=now,
        first_response_due_at=first_response_due_at,
        solution_due_at=solution_due_at,
        needs_identity_check=case.needs_identity_check,
    )
    if case.summary:
        note(tx, subject, case.number, case.summary, now)


def note(tx: Tx, subject: LockedSubject, number: str, text: str, now: int, author: str = "contact") -> None:
    """Add words to a case."""
    tx.run(_NOTE, number=number, pid=subject.pid, at=now, author=author, sealed=subject.sealer.seal(text))


def set_category(tx: Tx, pid: str, number: str, category: str) -> None:
    """A better category for the contact's own case."""
    tx.run(_CATEGORY, number=number, pid=pid, category=category)


def set_status(tx: Tx, pid: str, number: str, status: CaseStatus) -> None:
    """A new status for the contact's own case."""
    tx.run(_STATUS, number=number, pid=pid, status=status.value)


def raise_flag(tx: Tx, subject: LockedSubject, reason: str, words: str, now: int) -> None:
    """Put the chat before the agents."""
    sealed = subject.sealer.seal(words) if words else None
    tx.run(_RAISE, pid=subject.pid, account=subject.account, reason=reason, sealed_words=sealed, raised_at=now)


def hold(tx: Tx, subject: LockedSubject, agent: str, now: int) -> None:
    """An agent holds the chat, flagged or not."""
    tx.run(_TAKE_FLAGS, pid=subject.pid, agent=agent)
    if holder(tx, subject.pid) is None:
        raise_flag(tx, subject, "taken_over", "", now)
        tx.run(_TAKE_FLAGS, pid=subject.pid, agent=agent)


def holder(tx: Tx, pid: str) -> str | None:
    """The agent who holds the chat, None = nobody does."""
    row = tx.one(Sql("SELECT agent FROM flag WHERE pid = :pid AND state = 'taken' ORDER BY id DESC LIMIT 1"), pid=pid)
    return row[0] if row else None


def open_flags(tx: Tx, count: int) -> list[dict[str, Any]]:
    """Chats that want a person or are held by one, the longest wait first, without words."""
    rows = tx.all(
        Sql(
            """SELECT pid, account, reason, raised_at, state, agent FROM flag WHERE state IN ('open', 'taken')
               ORDER BY raised_at LIMIT :count"""
        ),
        count=count,
    )
    return [dict(zip(("chat", "account", "reason", "raised_at", "state", "agent"), row, strict=True)) for row in rows]


def close_flags(tx: Tx, pid: str, now: int) -> None:
    """Nobody is needed any more."""
    tx.run(_CLOSE_FLAGS, pid=pid, now=now)


def number_is_free(tx: Tx, number: str) -> bool:
    """Whether no case has this number."""
    return tx.one(Sql("SELECT 1 FROM case_record WHERE number = :number"), number=number) is None


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A clock that ran out."""

    id: int
    pid: str
    account: str
    name: str
    serial: int
    at: int


def start_timer(tx: Tx, subject: LockedSubject, name: str, serial: int, at: int) -> None:
    """Set a clock."""
    tx.run(_START, pid=subject.pid, account=subject.account, name=name, serial=serial, at=at)


def due_timers(tx: Tx, now: int, count: int) -> list[DueTimer]:
    """Clocks that ran out and were not handled yet."""
    return [DueTimer(*row) for row in tx.all(_DUE, now=now, count=count)]


def take_timer(tx: Tx, timer_id: int) -> bool:
    """Claim a clock; False when another worker has it."""
    return tx.run(_TAKE_TIMER, id=timer_id).rowcount == 1
