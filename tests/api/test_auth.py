"""Who may call, and that nobody learns why not."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from handlers.api.route import ROUTES, Route
from storage import token
from storage.error import Unavailable
from storage.moment import to_ms
from storage.store import Sql, Tx
from tests.api.caller import Caller

PROTECTED = [pytest.param(route, id=f"{route.method} {route.path}") for route in ROUTES]


def body_of(response: TestResponse) -> dict[str, object]:
    """The problem document without the request's own id."""
    problem = dict(response.get_json())
    problem.pop("request_id")
    return problem


def last_used(api: Caller) -> int | None:
    row = api.house.store.read(lambda tx: tx.one(Sql("SELECT max(last_used_at) FROM api_token")))
    assert row is not None
    return row[0]


@pytest.mark.parametrize("route", PROTECTED)
def test_every_route_wants_a_token(api: Caller, route: Route) -> None:
    response = api.call(route.method, route.path, token="")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize("route", PROTECTED)
def test_every_route_wants_its_scope(api: Caller, route: Route) -> None:
    others = {"check", "write", "export"} - {route.scope}
    response = api.call(route.method, route.path, token=api.make_token(*others))
    assert response.status_code == 403
    assert route.scope in response.get_json()["detail"]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "Bearer ql_live_nobody",
        "Bearer two words",
        "Bearer " + "x" * 5000,
        "Bearer \u00e9\u00e9\u00e9",
        "Token ql_live_nobody",
    ],
)
def test_the_answer_never_says_what_is_wrong_with_the_token(api: Caller, header: str) -> None:
    refused = api.call("GET", "/ledger", token="", headers={"Authorization": header})
    assert refused.status_code == 401
    assert body_of(refused) == body_of(api.call("GET", "/ledger", token=""))


def test_a_revoked_token_fails_at_the_next_request(api: Caller) -> None:
    assert api.call("GET", "/ledger").status_code == 200
    api.house.store.write(lambda tx: token.revoke(tx, "crm", to_ms(api.clock())))
    revoked = api.call("GET", "/ledger")
    assert revoked.status_code == 401
    assert body_of(revoked) == body_of(api.call("GET", "/ledger", token="ql_live_nobody"))


def test_a_token_in_the_address_is_no_token(api: Caller) -> None:
    assert api.call("GET", f"/ledger?access_token={api.token}", token="").status_code == 401
    refused = api.call("GET", f"/ledger?access_token={api.token}")
    assert refused.status_code == 422
    assert api.token not in refused.get_data(as_text=True)


def test_the_scheme_may_be_written_in_any_case(api: Caller) -> None:
    assert api.call("GET", "/ledger", token="", headers={"Authorization": f"bEARER {api.token}"}).status_code == 200


def test_another_accounts_object_looks_like_an_unknown_one(api: Caller) -> None:
    bound = api.make_token("check", "write", "export", account="other")
    for account in ("acme", "nobody"):
        asked = api.ask(["ann"], account=account, token=bound)
        shown = api.show("ann", account=account, token=bound)
        changed = api.change("ann", {"kind": "opt_out"}, account=account, token=bound)
        assert [asked.status_code, shown.status_code, changed.status_code] == [404, 404, 404]
    unknown = body_of(api.ask(["ann"], account="nobody", token=bound))
    assert body_of(api.ask(["ann"], account="acme", token=bound)) == unknown
    assert api.ask(["ann"], account="other", token=bound).status_code == 200


def test_a_token_of_one_account_writes_nothing_to_another(api: Caller) -> None:
    api.opt_in("ann")
    bound = api.make_token("write", account="other")
    api.change("ann", {"kind": "opt_out"}, token=bound)
    assert api.topic("ann")["standing"] == "opted_in"


def test_the_last_use_is_written_down_to_the_minute(api: Caller) -> None:
    assert last_used(api) is None
    api.call("GET", "/ledger")
    first = to_ms(api.clock())
    assert last_used(api) == first
    api.clock.pass_by(seconds=30)
    api.call("GET", "/ledger")
    assert last_used(api) == first
    api.clock.pass_by(seconds=31)
    api.call("GET", "/ledger")
    assert last_used(api) == first + 61_000


def test_requests_within_a_minute_cost_one_commit_for_the_last_use(
    api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    touched: list[int] = []
    monkeypatch.setattr(token, "touch", lambda _tx, _id, now: touched.append(now))
    for _ in range(3):
        api.clock.pass_by(seconds=25)
        api.call("GET", "/ledger")
    assert len(touched) == 1


def test_a_gate_that_cannot_write_the_last_use_still_answers(api: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_tx: Tx, _id: int, _now: int) -> None:
        raise Unavailable("the disk is full")

    monkeypatch.setattr(token, "touch", refuse)
    assert api.ask(["ann"]).status_code == 200


def test_other_sites_pages_are_not_invited(api: Caller) -> None:
    preflight = api.call(
        "OPTIONS",
        "/audience/check",
        token="",
        headers={"Origin": "https://example.com", "Access-Control-Request-Method": "POST"},
    )
    assert preflight.status_code == 405
    assert not [name for name, _ in preflight.headers if name.lower().startswith("access-control")]
