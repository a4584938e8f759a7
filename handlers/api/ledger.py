"""The ledger as a feed: what was decided, in order, for systems that keep a copy."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from handlers.api.body import read_query
from handlers.deps import House
from storage import ledger
from storage.moment import from_ms
from storage.token import Token

MAX_EVENTS = 1000
_LAST = 2**63 - 1


def feed(house: House, caller: Token) -> Response:
    """`GET /ledger`: events after a sequence number, oldest first, without words or names; the token's account only.

    Looks at `limit` events, whoever they belong to, so that its cost is flat: there may be fewer while `more` is true.
    """
    fields = read_query("after", "limit")
    after, limit = fields.number("after", 0, _LAST, 0), fields.number("limit", 1, MAX_EVENTS, MAX_EVENTS)
    rows = house.store.read(lambda tx: ledger.feed(tx, after, limit + 1))
    page = rows[:limit]
    return jsonify(
        {
            "events": [_event(row) for row in page if caller.account in (None, row["account"])],
            "next": page[-1]["seq"] if page else after,
            "more": len(rows) > limit,
        }
    )


def _event(row: dict[str, Any]) -> dict[str, Any]:
    """One event as the API says it: moments as text, the pseudonym under a name that nobody takes for a platform id."""
    event = {name: value for name, value in row.items() if name != "contact"}
    return {
        **event,
        "pseudonym": row["contact"],
        "recorded_at": _iso(row["recorded_at"]),
        "happened_at": _iso(row["happened_at"]),
    }


def _iso(milliseconds: int) -> str:
    return from_ms(milliseconds).isoformat(timespec="milliseconds")
