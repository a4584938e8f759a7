"""The lines of a chat: for the agents, and for the explanation of what was understood."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from storage.key import Sealer
from storage.store import Sql, Tx
from storage.subject import LockedSubject


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `author`: contact, bot, agent, platform. `reading` is the explanation (the `classify` form), for a
    contact's words.
    """

    at: int
    author: str
    text: str
    reading: dict[str, Any] | None = None
    choices: tuple[str, ...] = ()
    status: str | None = None
    id: int = 0


_ADD = Sql(
    """INSERT INTO chat_line (pid, at, author, sealed, outbox_id, status) VALUES (:pid, :at, :author, :sealed, :outbox_id, :status)"""
)
_LINES = Sql("SELECT id, at, author, sealed, status FROM chat_line WHERE pid = :pid ORDER BY id DESC LIMIT :count")
_STATUS = Sql("UPDATE chat_line SET status = :status WHERE outbox_id = :outbox_id")
_RANK = ("queued", "failed", "sent", "delivered", "seen")


def add(tx: Tx, subject: LockedSubject, line: Line, outbox_id: int | None = None) -> None:
    """Add a line to the chat."""
    body = json.dumps({"text": line.text, "reading": line.reading, "choices": line.choices}, ensure_ascii=True)
    tx.run(
        _ADD,
        pid=subject.pid,
        at=line.at,
        author=line.author,
        sealed=subject.sealer.seal(body),
        outbox_id=outbox_id,
        status=line.status,
    )


def lines(tx: Tx, pid: str, sealer: Sealer, count: int = 100) -> list[Line]:
    """The last lines, oldest first."""
    found = []
    for row_id, at, author, sealed, status in reversed(tx.all(_LINES, pid=pid, count=count)):
        body = json.loads(sealer.open(sealed))
        found.append(
            Line(at, author, body["text"], body.get("reading"), tuple(body.get("choices") or ()), status, row_id)
        )
    return found


def set_status(tx: Tx, outbox_id: int, status: str) -> None:
    """The delivery state of a line of ours. Never goes back: `seen` stays `seen` when a late `delivered` arrives."""
    row = tx.one(Sql("SELECT status FROM chat_line WHERE outbox_id = :outbox_id"), outbox_id=outbox_id)
    current = row[0] if row and row[0] in _RANK else "queued"
    if row and (status not in _RANK or _RANK.index(status) >= _RANK.index(current)):
        tx.run(_STATUS, outbox_id=outbox_id, status=status)
