"""What a caller is told when something is wrong, and the headers that every answer carries."""

from __future__ import annotations

from typing import NoReturn

import pytest
from flask import Flask, Response, abort, g
from flask.testing import FlaskClient

from handlers import errors
from storage.error import DamagedDatabaseError, Unavailable

CANARY = "canary-4711"


@pytest.fixture
def client() -> FlaskClient:
    """An application whose routes go wrong."""
    app = Flask("quietline", static_folder=None)
    app.before_request(lambda: setattr(g, "request_id", "r-1"))
    errors.install(app)
    for area in ("/api", "/webhooks"):
        app.add_url_rule(f"{area}/defect", f"{area}defect", defect, methods=["GET"])
        app.add_url_rule(f"{area}/away", f"{area}away", away, methods=["GET"])
        app.add_url_rule(f"{area}/damaged", f"{area}damaged", damaged, methods=["GET"])
        app.add_url_rule(f"{area}/abort/<int:status>", f"{area}abort", refuse, methods=["GET"])
        app.add_url_rule(f"{area}/fine", f"{area}fine", fine, methods=["GET", "POST"])
    return app.test_client()


def defect() -> NoReturn:
    """A defect of ours."""
    raise RuntimeError(CANARY)


def away() -> NoReturn:
    """No database."""
    raise Unavailable(CANARY)


def damaged() -> NoReturn:
    """A broken database."""
    raise DamagedDatabaseError(CANARY)


def refuse(status: int) -> NoReturn:
    """A refusal; 418 brings an answer of its own."""
    abort(Response("short and stout", 418, content_type="text/plain; charset=utf-8") if status == 418 else status)


def fine() -> Response:
    """An answer that has cache rules of its own."""
    return Response("ok", headers={"Cache-Control": "max-age=60"}, content_type="text/plain; charset=utf-8")


PROBLEMS = [
    ("/nowhere", "GET", 404),
    ("/api/defect", "GET", 500),
    ("/api/away", "GET", 503),
    ("/api/damaged", "GET", 503),
    ("/api/abort/401", "GET", 401),
    ("/api/abort/413", "GET", 413),
    ("/api/fine", "DELETE", 405),
]


@pytest.mark.parametrize(("path", "method", "status"), PROBLEMS)
def test_a_refusal_is_a_problem_document(client: FlaskClient, path: str, method: str, status: int) -> None:
    answer = client.open(path, method=method, query_string={"secret": CANARY})
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    document = answer.get_json(force=True)
    assert {"type", "title", "status", "detail", "instance", "request_id"} <= set(document)
    assert (document["status"], document["instance"], document["request_id"]) == (status, path, "r-1")
    assert CANARY not in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [("defect", 500), ("away", 503), ("damaged", 503), ("abort/403", 403), ("abort/413", 413), ("nowhere", 404)],
)
def test_a_platform_is_told_the_status_and_nothing_else(client: FlaskClient, path: str, status: int) -> None:
    answer = client.get(f"/webhooks/{path}")
    assert (answer.status_code, answer.data) == (status, b"")
    assert answer.content_type == "text/plain; charset=utf-8"


@pytest.mark.parametrize("area", ["api", "webhooks"])
def test_whoever_meets_no_database_is_told_to_come_back(client: FlaskClient, area: str) -> None:
    assert client.get(f"/{area}/away").headers["Retry-After"] == "5"


def test_without_a_database_the_answer_is_deny(client: FlaskClient) -> None:
    assert client.get("/api/away").get_json(force=True)["decision"] == "deny"


@pytest.mark.parametrize("area", ["api", "webhooks"])
def test_another_method_is_told_the_right_ones(client: FlaskClient, area: str) -> None:
    answer = client.delete(f"/{area}/fine")
    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


def test_an_answer_that_is_ready_is_given_as_it_is(client: FlaskClient) -> None:
    answer = client.get("/webhooks/abort/418")
    assert (answer.status_code, answer.text, answer.content_type) == (
        418,
        "short and stout",
        "text/plain; charset=utf-8",
    )


def test_without_credentials_the_scheme_is_named(client: FlaskClient) -> None:
    assert client.get("/api/abort/401").headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "path", ["/api/fine", "/nowhere", "/api/defect", "/webhooks/defect", "/webhooks/away", "/webhooks/abort/418"]
)
def test_every_answer_carries_the_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    for name, value in errors.HEADERS.items():
        assert headers[name] == (value if path != "/api/fine" or name != "Cache-Control" else "max-age=60")
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["X-Request-Id"] == "r-1"
