"""A campaign system for tests: the real application on a real database, a clock that stands still, tokens of every kind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

from bot.domain.consent import ConsentChange, ConsentKind
from handlers.app import build, build_house
from handlers.deps import House
from handlers.services import consent
from handlers.settings import parse
from intents.recogniser import Recogniser
from storage import token
from storage.moment import to_ms

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SPEECHLESS = Recogniser.of(())  # nobody writes to the API, so there is nothing to recognise
SETTINGS = {
    "accounts": [
        {"name": "acme", "channel": "viber", "auth_token": "env:TOKEN", "topics": ["marketing", "events"]},
        {"name": "other", "channel": "viber", "auth_token": "env:TOKEN", "unknown_contacts": "allow"},
    ]
}


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        """Let time pass."""
        self.now += timedelta(**time)


class Caller:
    """Speaks to the API as a program of the brand does."""

    def __init__(self, house: House, clock: Clock) -> None:
        self.house, self.clock = house, clock
        self.app = build(house).app
        self.token = self.make_token("check", "write", "export")

    def make_token(self, *scopes: str, account: str | None = None, name: str = "crm") -> str:
        """A new token."""
        return self.house.store.write(lambda tx: token.create(tx, name, scopes, account, to_ms(self.clock())))

    def call(self, method: str, path: str, **request: Any) -> TestResponse:
        """One request with the caller's token, unless another `token` is named; "" sends none."""
        secret = request.pop("token", self.token)
        headers = {**({"Authorization": f"Bearer {secret}"} if secret else {}), **request.pop("headers", {})}
        return self.app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **request)

    def ask(self, recipients: list[str], **more: Any) -> TestResponse:
        """`POST /audience/check`; `key` is the Idempotency-Key."""
        headers = {"Idempotency-Key": more.pop("key")} if "key" in more else {}
        secret = more.pop("token", self.token)
        body = {"account": "acme", "topic": "marketing", "recipients": recipients, **more}
        return self.call("POST", "/audience/check", json=body, headers=headers, token=secret)

    def release(self, recipients: list[str], key: str, account: str = "acme") -> TestResponse:
        """`POST /audience/release`."""
        body = {"account": account, "recipients": recipients}
        return self.call("POST", "/audience/release", json=body, headers={"Idempotency-Key": key})

    def show(self, contact: str, account: str = "acme", **request: Any) -> TestResponse:
        """`GET /preferences`."""
        return self.call("GET", "/preferences", query_string={"account": account, "contact": contact}, **request)

    def change(self, contact: str, *changes: dict[str, Any], account: str = "acme", **request: Any) -> TestResponse:
        """`PUT /preferences`."""
        body = {"account": account, "contact": contact, "changes": list(changes)}
        return self.call("PUT", "/preferences", json=body, **request)

    def opt_in(self, contact: str, *, weekly: bool = False) -> None:
        """The contact opts in, a minute before now; `weekly` = wants one message a week."""
        changes: list[dict[str, Any]] = [{"kind": "opt_in", "evidence": "form 7"}]
        if weekly:
            changes.append({"kind": "frequency", "frequency": "weekly"})
        assert self.change(contact, *changes).status_code == 200
        self.clock.pass_by(minutes=1)

    def stop(self, contact: str, account: str = "acme") -> None:
        """The contact says STOP in the chat."""
        change = ConsentChange(ConsentKind.OPTED_OUT, at=self.clock())
        named = self.house.account(account)
        self.house.store.write(
            lambda tx: consent.change(tx, self.house, named, contact, change, consent.Act("message", "contact"))
        )

    def topic(self, contact: str, name: str = "marketing") -> dict[str, Any]:
        """What stands for a contact on one topic."""
        topics = self.show(contact).get_json()["topics"]
        return next(one for one in topics if one["topic"] == name)


def open_caller(folder: Path, database_url: str | None = None) -> Caller:
    """A caller of a new service whose files are in `folder`; its database too, unless it has an address."""
    clock = Clock()
    database = {"database": {"url": database_url}} if database_url else {}
    settings = parse({**SETTINGS, **database}, folder, {"TOKEN": "4453b6ac12345678-9f02b8c1a5d3e7f0-1a2b3c4d5e6f7081"})
    return Caller(build_house(settings, clock, lambda: SPEECHLESS), clock)
