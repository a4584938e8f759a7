"""Viber's way in: `POST /webhooks/viber/<account>`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import structlog
from flask import Blueprint, Response, abort, request

from bot.domain.event import ConversationStarted
from handlers.channel import Inbound
from handlers.clock import Clock
from handlers.settings import ViberAccount
from handlers.webhooks.answer import plain, read_body
from handlers.webhooks.document import MalformedError
from handlers.webhooks.viber import parse, render, security

log = structlog.get_logger("quietline.webhooks")

TYPES = ("application/json", "text/json", "text/plain")
JSON = "application/json; charset=utf-8"


def blueprint(accounts: Mapping[str, ViberAccount], inbound: Inbound, clock: Clock) -> Blueprint:
    """The routes of all Viber accounts. A callback is answered with 200 once everything in it is kept."""
    routes = Blueprint("viber", __name__)

    @routes.post("/webhooks/viber/<account>", provide_automatic_options=False)
    def receive(account: str) -> Response:
        known = accounts.get(account)
        if known is None:
            abort(404)
        raw = read_body(TYPES)
        if not security.is_genuine(known.auth_token, raw, request.headers.getlist(security.HEADER)):
            log.warning("callback_forged", channel="viber", account=account)
            return plain(403)
        return _accept(known, raw, inbound, clock)

    return routes


def _accept(account: ViberAccount, raw: bytes, inbound: Inbound, clock: Clock) -> Response:
    try:
        events = parse.parse(account.name, raw, clock())
    except MalformedError as error:
        log.warning("callback_malformed", channel="viber", account=account.name, reason=str(error))
        return plain(400)
    answers = []
    for event in events:
        welcome = partial(render.welcome, account.sender_name) if isinstance(event, ConversationStarted) else None
        answers.append(inbound.accept(account.name, event, raw, welcome))
    body = next(filter(None, answers), None)
    return Response(body, 200, content_type=JSON) if body else plain(200)
