"""Every way to ask wrongly, and the sentence that says what would be right."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from storage.store import Sql
from tests.api.caller import Caller, open_caller

JSON = "application/json"
ASK = {"account": "acme", "topic": "marketing", "recipients": ["ann"]}
ASK_TEXT = json.dumps(ASK)
MIB = 1_048_576


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """One service for all of this module: nothing here is ever written."""
    caller = open_caller(tmp_path_factory.mktemp("bad"))
    try:
        yield caller
    finally:
        caller.house.store.close()


def raw(text: str | bytes, kind: str = JSON, **headers: str) -> dict[str, Any]:
    return {"data": text, "content_type": kind, "headers": headers}


def ask(**more: Any) -> dict[str, Any]:
    """A check with some fields put in the place of good ones; `None` takes a field away."""
    return {"json": {name: value for name, value in {**ASK, **more}.items() if value is not None}}


def edit(*changes: Any, **more: Any) -> dict[str, Any]:
    return {"json": {"account": "acme", "contact": "ann", "changes": list(changes), **more}}


BAD_BODIES = [
    (raw(""), 400, "one JSON object"),
    (raw("{"), 400, "line 1, column 2"),
    (raw("[]"), 400, "no object"),
    (raw("null"), 400, "no object"),
    (raw('"text"'), 400, "no object"),
    (raw(b"\xff\xfe"), 400, "UTF-8"),
    (raw(ASK_TEXT.encode("utf-16")), 400, "UTF-8"),
    (raw('{"account": "acme", "account": "acme"}'), 400, "twice"),
    (raw('{"claim": NaN}'), 400, "NaN"),
    (raw('{"claim": -Infinity}'), 400, "Infinity"),
    (raw('{"claim": 1e999}'), 400, "infinite"),
    (raw('{"topic": "\\u0000"}'), 400, "NUL"),
    (raw('{"topic": "\\ud800"}'), 400, "half a character"),
    (raw('{"topic": ' + "[" * 40 + "]" * 40 + "}"), 400, "deep"),
    (raw("[" * 100_000), 400, "deep"),
    (raw('{"claim": ' + "9" * 5000 + "}"), 400, "JSON"),
    (raw(ASK_TEXT, "text/plain"), 415, "application/json"),
    (raw(ASK_TEXT, ""), 415, "application/json"),
    (raw(ASK_TEXT, "application/json; charset=gbk"), 415, "UTF-8"),
    (raw(ASK_TEXT, **{"Content-Encoding": "gzip"}), 415, "not compressed"),
    (raw(" " * (2 * MIB + 1)), 413, "2,097,152 bytes"),
    (raw(" " * (3 * MIB)), 413, "several requests"),
]
BAD_CHECKS = [
    (ask(account=None), 422, "account: is missing"),
    (ask(account=7), 422, "account: must be a text"),
    (ask(account=""), 422, "account: must be a text of 1 to 100"),
    (ask(account="nobody"), 404, "account"),
    (ask(topic=None), 422, "topic: is missing"),
    (ask(topic=["marketing"]), 422, "topic: must be a text"),
    (ask(recipients=None), 422, "recipients: is missing"),
    (ask(recipients=[]), 422, "recipients: must be a list of 1 to 10,000 texts, and this has 0"),
    (ask(recipients="ann"), 422, "recipients: must be a list"),
    (ask(recipients={"ann": 1}), 422, "recipients: must be a list"),
    (ask(recipients=["ann", 7]), 422, "recipients[1]: must be a text of 1 to 200"),
    (ask(recipients=["ann", ""]), 422, "recipients[1]"),
    (ask(recipients=["a" * 201]), 422, "recipients[0]"),
    (ask(claim="yes"), 422, "claim: must be true or false"),
    (ask(claim=1), 422, "claim: must be true or false"),
    (ask(recipient=["ann"]), 422, "recipient: there is no such field here; did you mean recipients?"),
    (ask(force=True), 422, "force: there is no such field here; known are account, topic, recipients, claim"),
    (ask(**{"x" * 50_000: 1}), 422, "there is no such field"),
    ({**ask(), "headers": {"Idempotency-Key": "x" * 256}}, 400, "Idempotency-Key: must be 1 to 255"),
    ({**ask(), "headers": {"Idempotency-Key": ""}}, 400, "Idempotency-Key"),
    ({**ask(), "headers": {"Idempotency-Key": "schl\u00fcssel"}}, 400, "printable ASCII"),
]
BAD_EDITS = [
    (edit(), 422, "changes: must be a list of 1 to 50 objects, and this has 0"),
    (edit(*[{"kind": "opt_out"}] * 51), 422, "changes: must be a list of 1 to 50"),
    (edit("opt_out"), 422, "changes[0]: must be an object"),
    (edit({}), 422, "changes[0].kind: is missing; it must be one of opt_out, opt_in"),
    (edit({"kind": "unsubscribe"}), 422, "changes[0].kind: must be one of opt_out"),
    (edit({"kind": ["opt_out"]}), 422, "changes[0].kind"),
    (edit({"kind": "opt_out", "days": 3}), 422, "changes[0].days: there is no such field here"),
    (edit({"kind": "opt_out", "topic": "lottery"}), 422, "changes[0].topic: must be one of *, marketing, events"),
    (edit({"kind": "opt_out", "topic": None}), 422, "changes[0].topic"),
    (edit({"kind": "opt_out", "evidence": "x" * 1001}), 422, "changes[0].evidence"),
    (edit({"kind": "frequency"}), 422, "changes[0].frequency: is missing"),
    (edit({"kind": "frequency", "frequency": "hourly"}), 422, "weekly, monthly"),
    (edit({"kind": "frequency", "frequency": "weekly", "days": 3}), 422, "every_n_days only"),
    (edit({"kind": "frequency", "frequency": "every_n_days"}), 422, "changes[0].days: is missing"),
    (edit({"kind": "frequency", "frequency": "every_n_days", "days": 0}), 422, "from 1 to 365"),
    (edit({"kind": "frequency", "frequency": "every_n_days", "days": 1.5}), 422, "whole number"),
    (edit({"kind": "frequency", "frequency": "every_n_days", "days": True}), 422, "whole number"),
    (edit({"kind": "pause"}), 422, "changes[0].until: a pause needs either"),
    (edit({"kind": "pause", "days": 2, "until": "2027-01-01T00:00:00Z"}), 422, "either until"),
    (edit({"kind": "pause", "days": 99_999}), 422, "from 1 to 3650"),
    (edit({"kind": "pause", "until": "tomorrow"}), 422, "as 2026-12-24T18:00:00Z"),
    (edit({"kind": "pause", "until": "2027-01-01"}), 422, "with its offset"),
    (edit({"kind": "pause", "until": "2027-01-01T00:00:00"}), 422, "with its offset"),
    (edit({"kind": "pause", "until": "9999-12-31T23:59:59-12:00"}), 422, "with its offset"),
    (edit({"kind": "pause", "until": "2026-11-21T12:00:00Z"}), 422, "must lie ahead"),
    (edit({"kind": "pause", "until": "2099-01-01T00:00:00Z"}), 422, "at most 3650 days"),
    (edit({"kind": "opt_out"}, contact="x" * 201), 422, "contact"),
    (edit({"kind": "opt_out"}, account="nobody"), 404, "account"),
    (edit({"kind": "opt_out"}, topics=[]), 422, "topics: there is no such field here"),
    (raw(" " * 65_537), 413, "65,536 bytes"),
]
BAD_QUERIES = [
    ("/preferences", 422, "account: is missing"),
    ("/preferences?account=acme", 422, "contact: is missing"),
    ("/preferences?account=acme&contact=", 422, "contact: must be a text"),
    ("/preferences?account=acme&contact=ann&contact=bob", 400, "twice"),
    ("/preferences?account=acme&contact=%ff", 400, "percent-encoded UTF-8"),
    ("/preferences?account=acme&contact=%00", 422, "NUL"),
    ("/preferences?account=acme&contact", 400, "name=value"),
    ("/preferences?" + "&".join(f"a{number}=1" for number in range(30)), 400, "at most twenty"),
    ("/preferences?account=nobody&contact=ann", 404, "account"),
    ("/ledger?after=-1", 422, "after: must be a whole number from 0"),
    ("/ledger?after=1.5", 422, "whole number"),
    ("/ledger?after=9223372036854775808", 422, "whole number"),
    ("/ledger?after=" + "9" * 5000, 422, "whole number"),
    ("/ledger?after=%D9%A1", 422, "whole number"),
    ("/ledger?limit=0", 422, "from 1 to 1000"),
    ("/ledger?limit=1001", 422, "from 1 to 1000"),
    ("/ledger?since=3", 422, "since: there is no such field here"),
]


def expect_refusal(api: Caller, response: Any, status: int, sentence: str) -> None:
    """A problem document of that status with that sentence, and nothing written."""
    problem = response.get_json()
    assert (response.status_code, response.content_type) == (status, "application/problem+json")
    assert sentence in problem["detail"]
    assert (problem["status"], problem["instance"]) == (status, response.request.path)
    assert problem["request_id"] == response.headers["X-Request-Id"]
    assert len(problem["detail"]) < 400
    assert api.house.store.read(lambda tx: tx.one(Sql("SELECT count(*) FROM ledger_event"))) == (0,)


@pytest.mark.parametrize("path", ["/audience/check", "/audience/release"])
@pytest.mark.parametrize(("request_", "status", "sentence"), BAD_BODIES)
def test_a_body_that_is_no_json_object(
    api: Caller, path: str, request_: dict[str, Any], status: int, sentence: str
) -> None:
    headers = {"Idempotency-Key": "k", **request_["headers"]}
    expect_refusal(api, api.call("POST", path, **{**request_, "headers": headers}), status, sentence)


@pytest.mark.parametrize(("request_", "status", "sentence"), BAD_CHECKS)
def test_a_check_that_is_wrong(api: Caller, request_: dict[str, Any], status: int, sentence: str) -> None:
    expect_refusal(api, api.call("POST", "/audience/check", **request_), status, sentence)


@pytest.mark.parametrize(("request_", "status", "sentence"), BAD_EDITS)
def test_an_edit_that_is_wrong(api: Caller, request_: dict[str, Any], status: int, sentence: str) -> None:
    expect_refusal(api, api.call("PUT", "/preferences", **request_), status, sentence)


@pytest.mark.parametrize(("path", "status", "sentence"), BAD_QUERIES)
def test_a_query_that_is_wrong(api: Caller, path: str, status: int, sentence: str) -> None:
    expect_refusal(api, api.call("GET", path), status, sentence)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/audience/check", {"POST"}),
        ("DELETE", "/preferences", {"GET", "HEAD", "PUT"}),
        ("POST", "/ledger", {"GET", "HEAD"}),
        ("TRACE", "/ledger", {"GET", "HEAD"}),
    ],
)
def test_another_method_is_told_the_right_ones(api: Caller, method: str, path: str, allowed: set[str]) -> None:
    response = api.call(method, path)
    assert response.status_code == 405
    assert {name.strip() for name in response.headers["Allow"].split(",")} == allowed
    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize("path", ["", "/", "/audience", "/audience/check/", "/preferences/01234+/5678==", "/../ledger"])
def test_a_path_that_is_not_there(api: Caller, path: str) -> None:
    response = api.call("GET", path)
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"


def test_a_body_of_two_mebibytes_is_read(api: Caller) -> None:
    padded = ASK_TEXT + " " * (2 * MIB - len(ASK_TEXT))
    assert api.call("POST", "/audience/check", **raw(padded)).status_code == 200


def test_nobody_without_a_token_gets_a_body_read(api: Caller) -> None:
    assert api.call("POST", "/audience/check", **raw(" " * (3 * MIB)), token="").status_code == 401
