"""The OpenAPI document, written by hand; a test holds it against the routes and against real answers."""

from __future__ import annotations

from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from flask import Response, jsonify

from handlers.api.ledger import MAX_EVENTS
from handlers.api.schema import ACCOUNT, CONTACT, SCHEMAS, Schema, ref, text

_JSON = "application/json"
_KEY = text(255, "Any printable ASCII of your own, such as a UUID. Kept 30 days.")
_ETAG = {"ETag": {"description": "Names the state of the contact's registers.", "schema": {"type": "string"}}}
_READ_REFUSALS = (400, 401, 403, 404, 422, 503)
_WRITE_REFUSALS = (*_READ_REFUSALS, 413, 415)


def _query(name: str, schema: Schema, description: str, *, required: bool) -> Schema:
    return {"name": name, "in": "query", "required": required, "description": description, "schema": schema}


def _header(name: str, schema: Schema, description: str, *, required: bool = False) -> Schema:
    return {"name": name, "in": "header", "required": required, "description": description, "schema": schema}


def _operation(
    name: str, summary: str, scope: str, gives: str, refusals: tuple[int, ...], **more: Any
) -> dict[str, Any]:
    headers = {"headers": _ETAG} if gives == "Preferences" else {}
    answer = {"description": "OK", "content": {_JSON: {"schema": ref(gives)}}, **headers}
    return {
        "operationId": name,
        "summary": summary,
        "security": [{"token": [scope]}],
        "responses": {
            "200": answer,
            **{str(status): {"$ref": f"#/components/responses/{status}"} for status in refusals},
        },
        **more,
    }


def _takes(name: str) -> Schema:
    return {"required": True, "content": {_JSON: {"schema": ref(name)}}}


_PATHS: dict[str, Any] = {
    "/api/v1/audience/check": {
        "post": _operation(
            "checkAudience",
            "May these people be sent to? With `claim`, each allowed one counts as sent.",
            "check",
            "AudienceAnswer",
            _WRITE_REFUSALS,
            description="Whatever is not a 200 means: send nothing. Recipients that stand twice are answered once.",
            parameters=[
                _header(
                    "Idempotency-Key",
                    _KEY,
                    "For claims. The same key and body give the same answer and count once; another body: 422.",
                )
            ],
            requestBody=_takes("AudienceQuestion"),
        )
    },
    "/api/v1/audience/release": {
        "post": _operation(
            "releaseClaims",
            "Give claimed sends back that were not used.",
            "check",
            "Released",
            _WRITE_REFUSALS,
            parameters=[_header("Idempotency-Key", _KEY, "The key of the claim that is given back.", required=True)],
            requestBody=_takes("Release"),
        )
    },
    "/api/v1/preferences": {
        "get": _operation(
            "readPreferences",
            "What stands for a contact, and what the gate says, topic by topic.",
            "check",
            "Preferences",
            _READ_REFUSALS,
            parameters=[
                _query("account", ACCOUNT, "The account's name.", required=True),
                _query("contact", CONTACT, "The platform id, percent-encoded: + is %2B.", required=True),
            ],
        ),
        "put": _operation(
            "changePreferences",
            "Change a contact's preferences: all of the changes, or none.",
            "write",
            "Preferences",
            (*_WRITE_REFUSALS, 412),
            description="A change that would let more be sent needs `evidence`.",
            parameters=[_header("If-Match", {"type": "string"}, "The ETag of the preferences that you read.")],
            requestBody=_takes("PreferenceChange"),
        ),
    },
    "/api/v1/ledger": {
        "get": _operation(
            "readLedger",
            "Consent events after a sequence number, oldest first.",
            "export",
            "LedgerPage",
            (400, 401, 403, 422, 503),
            description="Ask again with `after` = `next` while `more` is true, even when `events` is empty.",
            parameters=[
                _query(
                    "after", {"type": "integer", "minimum": 0, "default": 0}, "The last one you have.", required=False
                ),
                _query(
                    "limit",
                    {"type": "integer", "minimum": 1, "maximum": MAX_EVENTS, "default": MAX_EVENTS},
                    "How many events to look at.",
                    required=False,
                ),
            ],
        )
    },
    "/api/v1/openapi.json": {
        "get": {
            "operationId": "readDocument",
            "summary": "This document.",
            "security": [],
            "responses": {"200": {"description": "OK", "content": {_JSON: {"schema": {"type": "object"}}}}},
        }
    },
}
_MEANINGS = {
    400: "The request cannot be read: no JSON, a key twice, a bad header or query.",
    401: "No token, or one that is unknown or revoked; the answer does not say which.",
    403: "The token lacks the scope.",
    404: "There is no such account for this token.",
    412: "The preferences have changed since the ETag in If-Match.",
    413: "The body is too large.",
    415: "The body is not application/json in UTF-8.",
    422: "A field is missing, unknown or wrong (`field` names it), or an Idempotency-Key came with another request.",
    503: "The database is away: nothing was changed, and nothing may be sent.",
}


def _refusal(status: int) -> Schema:
    schema = ref("Problem")
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        schema = {"allOf": [schema, {"required": ["decision"]}]}
    return {"description": _MEANINGS[status], "content": {"application/problem+json": {"schema": schema}}}


DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Quietline",
        "version": version("quietline"),
        "description": "Every sender of the brand asks here before it sends. Handbook: docs/api.md.",
    },
    "paths": _PATHS,
    "components": {
        "schemas": SCHEMAS,
        "responses": {str(status): _refusal(status) for status in _MEANINGS},
        "securitySchemes": {
            "token": {
                "type": "http",
                "scheme": "bearer",
                "description": "`quietline token create`. Scopes: check, write, export.",
            }
        },
    },
}


def page() -> Response:
    """`GET /openapi.json`: the document."""
    return jsonify(DOCUMENT)
