"""How much is waiting: for the metrics and the operator."""

from __future__ import annotations

from storage.store import Sql, Tx

_QUEUES = {
    "outbox_queued": Sql("SELECT count(*) FROM outbox WHERE state = 'queued'"),
    "outbox_held": Sql("SELECT count(*) FROM outbox WHERE state = 'held'"),
    "outbox_dead": Sql("SELECT count(*) FROM outbox WHERE state = 'dead'"),
    "inbox_pending": Sql("SELECT count(*) FROM inbox WHERE state = 'pending'"),
    "inbox_dead": Sql("SELECT count(*) FROM inbox WHERE state = 'dead'"),
    "flags_open": Sql("SELECT count(*) FROM flag WHERE state = 'open'"),
}


def measure(tx: Tx) -> tuple[dict[str, int], int]:
    """(rows waiting by queue, events in the ledger). Each count goes over an index of the waiting rows only."""
    waiting = {}
    for name, sql in _QUEUES.items():
        row = tx.one(sql)
        waiting[name] = int(row[0]) if row else 0
    head = tx.one(Sql("SELECT seq FROM ledger_head WHERE id = 1"))
    return waiting, int(head[0]) if head else 0
