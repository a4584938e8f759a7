"""A request that is refused: the status and the sentence that says what would be right."""

from __future__ import annotations

from http import HTTPStatus

import structlog
from flask import Response, request

from handlers.errors import problem

log = structlog.get_logger("quietline.api")


class Refusal(Exception):  # noqa: N818 - an answer on its way, not a defect
    """Ends the request with a problem document. `field` names what is wrong, "" = the request as a whole."""

    def __init__(self, status: int, detail: str, field: str = "") -> None:
        super().__init__(detail)
        self.status, self.detail, self.field = status, detail, field


def wrong(field: str, what: str) -> Refusal:
    """422: the request was read, but this field of it is not what it must be."""
    return Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, f"{field}: {what}", field)


def unreadable(what: str) -> Refusal:
    """400: the request cannot be read in one way only."""
    return Refusal(HTTPStatus.BAD_REQUEST, what)


def answer(refusal: Refusal) -> Response:
    """The problem document. Denials of access are logged, without anything that the caller sent."""
    if refusal.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        log.warning("api_denied", status=refusal.status, method=request.method, route=str(request.url_rule))
    more: dict[str, object] = {"field": refusal.field} if refusal.field else {}
    return problem(refusal.status, refusal.detail, **more)
