"""What a contact wants: shown, and changed all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import Response, jsonify, request

from handlers.api.audience import MAX_ID
from handlers.api.auth import account_of
from handlers.api.body import BODY_LIMIT, read_body, read_query
from handlers.api.change import WantedChange, read_changes
from handlers.api.refusal import Refusal, wrong
from handlers.api.standing import entity_tag, represent
from handlers.deps import House
from handlers.services import consent as service
from handlers.settings import Account
from storage import consent, subject
from storage.moment import from_ms, to_ms
from storage.store import Tx
from storage.token import Token

Shown = tuple[dict[str, Any], str]


def show(house: House, caller: Token) -> Response:
    """`GET /preferences`: what stands, topic by topic. Somebody unknown gets the same form."""
    fields = read_query("account", "contact")
    account = account_of(house, caller, fields.text("account", 100))
    contact = fields.text("contact", MAX_ID)
    return _answer(*house.store.read(lambda tx: _shown(tx, house, account, contact)))


def change(house: House, caller: Token) -> Response:
    """`PUT /preferences`: every change of the request, or none. With `If-Match`, only while the registers are those."""
    fields, now = read_body(BODY_LIMIT), from_ms(to_ms(house.clock()))
    fields.known("account", "contact", "changes")
    account = account_of(house, caller, fields.text("account", 100))
    contact = fields.text("contact", MAX_ID)
    edit = _Edit(house, account, contact, caller.name, now)
    wanted, is_expected = read_changes(fields, account, now), _precondition()
    return _answer(*house.store.write(lambda tx: edit.apply(tx, wanted, is_expected)))


def _precondition() -> Callable[[str], bool]:
    if "If-Match" not in request.headers:
        return lambda _tag: True
    return request.if_match.contains  # a weak or malformed tag matches nothing: RFC 9110 section 13.1.1


@dataclass(frozen=True, slots=True)
class _Edit:
    """Changes to one contact by one token, all at `now`: a later word of the contact's own stays above them."""

    house: House
    account: Account
    contact: str
    actor: str
    now: datetime

    def apply(self, tx: Tx, wanted: Iterable[WantedChange], is_expected: Callable[[str], bool]) -> Shown:
        """Record the changes. A `Refusal` on the way takes all of them back."""
        pid = self.house.pid(self.account, self.contact)
        subject.lock(tx, pid, self.account.name, to_ms(self.now))
        if not is_expected(entity_tag(pid, consent.load(tx, pid))):
            raise Refusal(
                HTTPStatus.PRECONDITION_FAILED,
                "If-Match: the preferences have changed since that ETag; read them again and decide anew",
                "If-Match",
            )
        for one in wanted:
            self._record(tx, one)
        return _shown(tx, self.house, self.account, self.contact)

    def _record(self, tx: Tx, one: WantedChange) -> None:
        act = service.Act("api", self.actor, one.evidence)
        try:
            service.change(tx, self.house, self.account, self.contact, one.change, act)
        except service.EvidenceMissingError:
            raise wrong(
                f"{one.where}.evidence",
                "is missing; this change would let more be sent: say what shows that the contact wants it "
                "(message id, form, recording)",
            ) from None


def _shown(tx: Tx, house: House, account: Account, contact: str) -> Shown:
    shown = represent(tx, house, account, contact)
    return shown, entity_tag(shown["pseudonym"], consent.load(tx, shown["pseudonym"]))


def _answer(shown: dict[str, Any], tag: str) -> Response:
    response = jsonify(shown)
    response.set_etag(tag)
    return response
