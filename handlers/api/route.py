"""The routes as a table: each names the scope that its caller needs. Only the OpenAPI document is public."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response

from handlers.api import audience, document, ledger, preference, refusal
from handlers.api.auth import Doorman
from handlers.deps import House
from storage.token import Token

PREFIX = "/api/v1"


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path under `PREFIX`, and the scope that a token needs for it."""

    method: str
    path: str
    scope: str
    answer: Callable[[House, Token], Response]


ROUTES = (
    Route("POST", "/audience/check", "check", audience.check),
    Route("POST", "/audience/release", "check", audience.release),
    Route("GET", "/preferences", "check", preference.show),
    Route("PUT", "/preferences", "write", preference.change),
    Route("GET", "/ledger", "export", ledger.feed),
)


def blueprint(house: House) -> Blueprint:
    """Every route under /api/v1."""
    api, doorman = Blueprint("api", __name__, url_prefix=PREFIX), Doorman(house)
    api.register_error_handler(refusal.Refusal, refusal.answer)
    for route in ROUTES:
        _add(api, route.method, route.path, _guarded(route, house, doorman))
    _add(api, "GET", "/openapi.json", document.page)  # public: it says nothing that this repository does not
    return api


def _guarded(route: Route, house: House, doorman: Doorman) -> Callable[[], Response]:
    def view() -> Response:
        return route.answer(house, doorman.admit(route.scope))

    return view


def _add(api: Blueprint, method: str, path: str, view: Callable[[], Response]) -> None:
    endpoint = f"{method.lower()}{path.replace('/', '_').replace('.', '_')}"
    # No automatic OPTIONS: other sites' pages have no business here, so there is no CORS preflight to answer.
    api.add_url_rule(path, endpoint, view, methods=[method], provide_automatic_options=False)
