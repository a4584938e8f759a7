"""The OpenAPI document says what the API does: its routes, its answers, its refusals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from bot.domain.permit import Reason
from handlers.api.change import KINDS
from handlers.api.route import ROUTES
from tests.api.caller import Caller
from tests.api.schema import faults, resolve

HANDBOOK = Path(__file__).parents[2] / "docs" / "api.md"


def document_of(api: Caller) -> dict[str, Any]:
    response = api.call("GET", "/openapi.json", token="")
    assert response.status_code == 200
    assert response.content_type == "application/json"
    return dict(response.get_json())


def schema_of(document: dict[str, Any], response: TestResponse, method: str, path: str) -> dict[str, Any]:
    """The schema that the document gives for this answer; a KeyError when it does not speak of it."""
    answer = document["paths"][path][method.lower()]["responses"][str(response.status_code)]
    if "$ref" in answer:
        answer = resolve(answer["$ref"], document)
    return dict(answer["content"][response.content_type]["schema"])


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from ([value["$ref"]] if isinstance(value.get("$ref"), str) else [])
        for part in value.values():
            yield from references(part)
    elif isinstance(value, list):
        for part in value:
            yield from references(part)


def test_every_route_is_in_the_document_and_nothing_else(api: Caller) -> None:
    routes = {
        (method, rule.rule)
        for rule in api.app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in (rule.methods or set()) - {"HEAD"}
    }
    written = {(method.upper(), path) for path, methods in document_of(api)["paths"].items() for method in methods}
    assert written == routes
    assert ("POST", "/api/v1/audience/check") in written


def test_every_operation_names_the_scope_that_its_route_wants(api: Caller) -> None:
    paths = document_of(api)["paths"]
    named = {
        (method.upper(), path): operation["security"]
        for path, methods in paths.items()
        for method, operation in methods.items()
    }
    wanted: dict[tuple[str, str], list[Any]] = {
        (route.method, f"/api/v1{route.path}"): [{"token": [route.scope]}] for route in ROUTES
    }
    assert named == wanted | {("GET", "/api/v1/openapi.json"): []}


def test_every_reference_points_at_something(api: Caller) -> None:
    document = document_of(api)
    targets = set(references(document))
    assert targets
    assert all(resolve(target, document) for target in targets)


def test_every_schema_and_refusal_is_used(api: Caller) -> None:
    document = document_of(api)
    parts = {
        f"#/components/{kind}/{name}" for kind in ("schemas", "responses") for name in document["components"][kind]
    }
    assert parts == set(references(document))


def test_operations_have_names_of_their_own(api: Caller) -> None:
    names = [one["operationId"] for methods in document_of(api)["paths"].values() for one in methods.values()]
    assert len(set(names)) == len(names)


ASK = {"account": "acme", "topic": "marketing", "recipients": ["ann", "bob"]}
SET = {"account": "acme", "contact": "ann"}
GOOD: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/audience/check", {"json": ASK}),
    ("POST", "/audience/check", {"json": {**ASK, "claim": True}, "headers": {"Idempotency-Key": "k"}}),
    (
        "POST",
        "/audience/release",
        {"json": {"account": "acme", "recipients": ["ann"]}, "headers": {"Idempotency-Key": "k"}},
    ),
    ("GET", "/preferences", {"query_string": SET}),
    ("PUT", "/preferences", {"json": {**SET, "changes": [{"kind": "opt_out"}]}}),
    ("PUT", "/preferences", {"json": {**SET, "changes": [{"kind": "opt_in", "topic": "events", "evidence": "form"}]}}),
    ("PUT", "/preferences", {"json": {**SET, "changes": [{"kind": "pause", "days": 5}]}}),
    ("PUT", "/preferences", {"json": {**SET, "changes": [{"kind": "pause", "until": "2027-01-01T00:00:00Z"}]}}),
    ("PUT", "/preferences", {"json": {**SET, "changes": [{"kind": "resume", "evidence": "call"}]}}),
    (
        "PUT",
        "/preferences",
        {"json": {**SET, "changes": [{"kind": "frequency", "frequency": "every_n_days", "days": 9}]}},
    ),
    ("GET", "/ledger", {}),
]


@pytest.mark.parametrize(("method", "path", "request_"), GOOD)
def test_a_good_request_and_its_answer_are_as_the_document_says(
    api: Caller, method: str, path: str, request_: dict[str, Any]
) -> None:
    api.opt_in("ann", weekly=True)
    document = document_of(api)
    if "json" in request_:
        operation = document["paths"][f"/api/v1{path}"][method.lower()]
        wanted = operation["requestBody"]["content"]["application/json"]["schema"]
        assert list(faults(request_["json"], wanted, document)) == []
    response = api.call(method, path, **request_)
    assert response.status_code == 200
    assert list(faults(response.get_json(), schema_of(document, response, method, f"/api/v1{path}"), document)) == []


@pytest.mark.parametrize(
    ("method", "path", "request_", "status"),
    [
        ("POST", "/audience/check", {"data": "{", "content_type": "application/json"}, 400),
        ("POST", "/audience/check", {"token": ""}, 401),
        ("POST", "/audience/check", {"json": {**ASK, "account": "nobody"}}, 404),
        ("POST", "/audience/check", {"data": "x=1", "content_type": "application/x-www-form-urlencoded"}, 415),
        ("POST", "/audience/check", {"json": {**ASK, "topics": 1}}, 422),
        ("PUT", "/preferences", {"data": "x" * 65_537, "content_type": "application/json"}, 413),
        (
            "PUT",
            "/preferences",
            {"json": {**SET, "changes": [{"kind": "opt_out"}]}, "headers": {"If-Match": '"x"'}},
            412,
        ),
    ],
)
def test_a_refusal_is_as_the_document_says(
    api: Caller, method: str, path: str, request_: dict[str, Any], status: int
) -> None:
    document = document_of(api)
    response = api.call(method, path, **request_)
    assert response.status_code == status
    assert list(faults(response.get_json(), schema_of(document, response, method, f"/api/v1{path}"), document)) == []


def test_the_judge_finds_what_is_wrong(api: Caller) -> None:
    document = document_of(api)
    wanted = {"$ref": "#/components/schemas/AudienceAnswer"}
    answer = api.ask(["ann"]).get_json()
    assert list(faults(answer, wanted, document)) == []
    assert list(faults({**answer, "more": 1}, wanted, document)) == ["it.more is not in the document"]
    assert list(faults({**answer, "allowed": [""]}, wanted, document)) == ["it.allowed[0] has a size of 0"]
    assert list(faults({"allowed": [], "denied": []}, wanted, document)) == ["it.expires_at is missing"]
    assert re.search("fits 0", " ".join(faults({"kind": "dance"}, {"$ref": "#/components/schemas/Change"}, document)))


def test_the_handbook_names_every_route_reason_and_status(api: Caller) -> None:
    handbook = HANDBOOK.read_text(encoding="utf-8")
    document = document_of(api)
    routes = {f"`{route.method} /api/v1{route.path}` | {route.scope} |" for route in ROUTES}
    reasons = {f"| `{reason}` |" for reason in Reason}
    kinds = {f"| `{kind}` |" for kind in KINDS}
    statuses = {f"| {status} |" for status in (*document["components"]["responses"], "405")}
    assert {text for text in routes | reasons | kinds | statuses if text not in handbook} == set()
