"""The HTTP side that both channels share: one bounded read of the body, and answers with exact content types."""

from __future__ import annotations

from collections.abc import Collection

from flask import Response, abort, request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

BODY_LIMIT = 65_536
PLAIN = "text/plain; charset=utf-8"


def plain(status: int, text: str = "") -> Response:
    """A short answer in plain text; empty by default."""
    return Response(text, status, content_type=PLAIN)


def read_body(types: Collection[str]) -> bytes:
    """The raw body, read once. Ends the request with 413 above 64 KiB, with 415 for a content type that is named and is
    not in `types`."""
    if request.mimetype and request.mimetype not in types:
        abort(plain(415))
    request.max_content_length = BODY_LIMIT
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        abort(plain(413))
    except ClientDisconnected:
        abort(plain(400))
