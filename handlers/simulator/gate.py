"""The campaign's question to the gate, asked as a campaign system asks it: over HTTP, with a token of its own."""

from __future__ import annotations

import requests
from flask import Flask

from handlers.deps import House
from handlers.simulator.act import Gate
from handlers.simulator.feed import Contact
from storage import token
from storage.moment import to_ms

PATH = "/api/v1/audience/check"


def has_api(app: Flask) -> bool:
    """Whether the application offers the audience check."""
    return any(rule.rule == PATH for rule in app.url_map.iter_rules())


def through_api(house: House, base_url: str) -> Gate:
    """A gate that asks `POST /api/v1/audience/check` of the running service."""
    now = to_ms(house.clock())
    bearer = house.store.write(lambda tx: token.create(tx, "demo campaign", ("check",), None, now))

    def ask(who: Contact, topic: str) -> dict[str, object]:
        question = {"account": who.account, "topic": topic, "recipients": [who.user_id], "claim": False}
        with requests.Session() as session:
            session.trust_env = False  # a proxy of the machine has no business on loopback
            headers = {"Authorization": f"Bearer {bearer}"}
            answer = session.post(f"{base_url}{PATH}", json=question, headers=headers, timeout=5)
        answer.raise_for_status()
        found: dict[str, object] = answer.json()
        return found

    return ask
