"""Whatever comes, the API answers with what its document says, and never with a defect."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from handlers.api.document import DOCUMENT
from handlers.api.route import ROUTES
from tests.api.caller import Caller, open_caller

EXAMPLES = settings(max_examples=150)
routes = st.sampled_from([(route.method, route.path) for route in ROUTES])
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12)
anything = st.recursive(
    leaves, lambda part: st.lists(part, max_size=4) | st.dictionaries(st.text(max_size=9), part, max_size=4)
)
headers = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=20)
names = st.sampled_from(["acme", "other", "nobody"]) | st.text(max_size=5)
ids = st.text(max_size=8) | st.just("01234+/5678==")
changes = st.fixed_dictionaries(
    {"kind": st.sampled_from(["opt_out", "opt_in", "frequency", "pause", "resume", "dance"])},
    optional={
        "topic": st.sampled_from(["*", "marketing", "events", "lottery"]) | anything,
        "frequency": st.sampled_from(["weekly", "monthly", "every_n_days", "as_it_comes"]) | anything,
        "days": st.integers() | anything,
        "until": st.datetimes().map(lambda moment: moment.isoformat() + "Z") | st.text(max_size=30),
        "evidence": st.text(max_size=8) | anything,
    },
)
nearly = st.fixed_dictionaries(
    {"account": names},
    optional={
        "topic": st.sampled_from(["marketing", "events"]) | anything,
        "recipients": st.lists(ids, max_size=5) | anything,
        "claim": st.booleans() | anything,
        "contact": ids | anything,
        "changes": st.lists(changes, max_size=4) | anything,
    },
)


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """One service for all examples of this module."""
    caller = open_caller(tmp_path_factory.mktemp("fuzz"))
    try:
        yield caller
    finally:
        caller.house.store.close()


def expect_documented(method: str, path: str, response: TestResponse) -> None:
    """An answer whose status the document names for this route, in the form that goes with it."""
    assert str(response.status_code) in DOCUMENT["paths"][f"/api/v1{path}"][method.lower()]["responses"]
    kind = "application/json" if response.status_code == 200 else "application/problem+json"
    assert response.content_type == kind
    assert isinstance(response.get_json(), dict)


@EXAMPLES
@given(route=routes, body=st.binary(max_size=200))
def test_any_bytes(fuzzed: Caller, route: tuple[str, str], body: bytes) -> None:
    response = fuzzed.call(*route, data=body, content_type="application/json", headers={"Idempotency-Key": "k"})
    expect_documented(*route, response)


@EXAMPLES
@given(route=routes, body=anything)
def test_any_json(fuzzed: Caller, route: tuple[str, str], body: Any) -> None:
    response = fuzzed.call(*route, json=body, headers={"Idempotency-Key": "k"})
    expect_documented(*route, response)


@EXAMPLES
@given(route=routes, body=nearly)
def test_what_is_nearly_right(fuzzed: Caller, route: tuple[str, str], body: Any) -> None:
    fuzzed.clock.pass_by(seconds=1)
    response = fuzzed.call(*route, json=body, headers={"Idempotency-Key": "k"})
    expect_documented(*route, response)


@EXAMPLES
@given(route=routes, query=st.binary(max_size=60))
def test_any_query(fuzzed: Caller, route: tuple[str, str], query: bytes) -> None:
    method, path = route
    response = fuzzed.call(method, path, environ_overrides={"QUERY_STRING": query.decode("latin-1")})
    expect_documented(method, path, response)


@EXAMPLES
@given(
    route=routes,
    name=st.sampled_from(["Idempotency-Key", "If-Match", "Content-Type", "Content-Encoding", "Authorization"]),
    value=headers,
)
def test_any_header(fuzzed: Caller, route: tuple[str, str], name: str, value: str) -> None:
    response = fuzzed.call(*route, data="{}", headers={"Content-Type": "application/json", name: value})
    expect_documented(*route, response)
