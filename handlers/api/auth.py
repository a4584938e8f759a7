"""Who calls: a bearer token, looked up at every request, so that a revoked one fails at the next."""

from __future__ import annotations

import re
from contextlib import suppress
from http import HTTPStatus

from flask import request

from handlers.api.refusal import Refusal
from handlers.deps import House
from handlers.settings import Account
from storage import token
from storage.error import StorageError
from storage.moment import to_ms
from storage.token import Token

_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]{1,200}=*)", re.IGNORECASE)  # RFC 6750, section 2.1
TOUCH_MS = 60_000


class Doorman:
    """Lets known tokens in. Remembers in this process when it last wrote a token's use down, to spare commits."""

    __slots__ = ("_house", "_touched")

    def __init__(self, house: House) -> None:
        self._house = house
        self._touched: dict[int, int] = {}

    def admit(self, scope: str) -> Token:
        """The token of the current request. Raises `Refusal`: 401, the same for every cause; 403 without the scope."""
        secret = _BEARER.fullmatch(request.headers.get("Authorization", ""))
        found = self._house.store.read(lambda tx: token.find(tx, secret[1])) if secret else None
        if found is None:
            raise Refusal(
                HTTPStatus.UNAUTHORIZED,
                "send the header `Authorization: Bearer <token>` with a token made by `quietline token create`",
            )
        self._touch(found)
        if scope not in found.scopes:
            raise Refusal(
                HTTPStatus.FORBIDDEN, f"this needs a token with the scope {scope}: `quietline token create --scopes`"
            )
        return found

    def _touch(self, found: Token) -> None:
        now = to_ms(self._house.clock())
        if now - self._touched.get(found.id, -TOUCH_MS) < TOUCH_MS:
            return
        self._touched[found.id] = now
        with suppress(StorageError):  # a gate that can still read must not fall silent because this cannot be written
            self._house.store.write(lambda tx: token.touch(tx, found.id, now))


def account_of(house: House, caller: Token, name: str) -> Account:
    """The account that the caller names. Raises `Refusal` 404, the same for unknown and for not the token's."""
    account = house.settings.account(name)
    if account is None or caller.account not in (None, account.name):
        raise Refusal(HTTPStatus.NOT_FOUND, "account: this token knows no account of that name", "account")
    return account
