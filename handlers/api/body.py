"""Reading a request once, bounded and strictly: one JSON object, or the fields of a query."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from urllib.parse import parse_qsl

from flask import request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from handlers.api.field import Fields
from handlers.api.refusal import Refusal, unreadable, wrong
from handlers.webhooks.document import MalformedError, read_json

AUDIENCE_LIMIT = 2 * 1_048_576
BODY_LIMIT = 65_536
MAX_QUERY_FIELDS = 20
_KEY = re.compile(r"[\x20-\x7e]{1,255}")


def read_body(limit: int) -> Fields:
    """The JSON object of the request. Raises `Refusal`: 415 other type, 413 above `limit` bytes, 400 no JSON."""
    _require_json()
    request.max_content_length = limit
    try:
        raw = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise Refusal(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"the body is larger than {limit:,} bytes: send it in several requests",
        ) from None
    except ClientDisconnected:
        raise unreadable("the body ended before its announced length") from None
    try:
        return Fields(read_json(raw))
    except MalformedError as error:
        raise unreadable(f"the body must be one JSON object in UTF-8: {error}{_place(error)}") from None


def _place(error: MalformedError) -> str:
    cause = error.__context__  # the parser's own error knows where
    return f" at line {cause.lineno}, column {cause.colno}" if isinstance(cause, json.JSONDecodeError) else ""


def _require_json() -> None:
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if request.mimetype != "application/json" or charset not in ("utf-8", "utf8") or encoding != "identity":
        raise Refusal(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send JSON in UTF-8, not compressed, as `Content-Type: application/json`"
        )


def read_query(*known: str) -> Fields:
    """The fields of the query, each at most once. Raises `Refusal`: 400 if it cannot be read, 422 if not `known`."""
    try:
        pairs = _pairs(request.query_string.decode("ascii"))
    except ValueError:
        raise unreadable("the query must be name=value pairs in percent-encoded UTF-8, at most twenty") from None
    fields = Fields(dict(pairs))
    fields.known(*known)
    if len(pairs) != len(fields.values):
        raise unreadable("a field stands twice in the query")
    for name, value in pairs:
        if "\0" in value:
            raise wrong(name, "must not hold a NUL")
        if " " in value:
            raise wrong(name, "holds a space; a + of an id is written %2B in a query")
    return fields


def _pairs(query: str) -> list[tuple[str, str]]:
    if not query:
        return []
    return parse_qsl(
        query, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=MAX_QUERY_FIELDS
    )


def idempotency_key() -> str | None:
    """The `Idempotency-Key` header, None when there is none. Raises `Refusal` 400 unless 1 to 255 printable ASCII."""
    value = request.headers.get("Idempotency-Key")
    if value is not None and not _KEY.fullmatch(value):
        raise unreadable("Idempotency-Key: must be 1 to 255 printable ASCII characters, such as a UUID")
    return value
