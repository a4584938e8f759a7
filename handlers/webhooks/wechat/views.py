"""WeChat's way in: `GET|POST /webhooks/wechat/<account>`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import structlog
from flask import Blueprint, Response, abort, request

from bot.domain.event import ChannelEvent, DeliveryReported, Ignored, LeftPlatform, TopicRefused
from bot.domain.message import Message
from handlers.channel import Inbound
from handlers.clock import Clock
from handlers.settings import WeChatAccount
from handlers.webhooks.answer import plain, read_body
from handlers.webhooks.document import MalformedError, Payload, word
from handlers.webhooks.wechat import parse, render, security

log = structlog.get_logger("quietline.webhooks")

TYPES = ("text/xml", "application/xml", "text/plain", "application/json", "text/json")
XML = "text/xml; charset=utf-8"
SUCCESS = "success"
"""Tells WeChat that the callback has arrived and that no answer follows; always sent in plain."""

_UNANSWERED = (DeliveryReported, Ignored, LeftPlatform, TopicRefused)


def blueprint(accounts: Mapping[str, WeChatAccount], inbound: Inbound, clock: Clock) -> Blueprint:
    """The routes of all WeChat accounts. A POST is answered, with the reply or `success`, once all is kept."""
    routes = Blueprint("wechat", __name__)
    path = "/webhooks/wechat/<account>"

    def known(account: str) -> WeChatAccount:
        return accounts.get(account) or abort(404)

    @routes.get(path, provide_automatic_options=False)
    def echo(account: str) -> Response:
        try:
            return plain(200, security.verify_echo(known(account), request.args, clock()))
        except security.ForgedError:
            return _forged(account)

    @routes.post(path, provide_automatic_options=False)
    def receive(account: str) -> Response:
        settings = known(account)
        raw = read_body(TYPES)
        try:
            opened = security.open_callback(settings, raw, request.args, clock())
        except security.ForgedError:
            return _forged(account)
        return _accept(settings, opened, inbound, clock)

    return routes


def _forged(account: str) -> Response:
    log.warning("callback_forged", channel="wechat", account=account)
    return plain(403)


def _accept(account: WeChatAccount, opened: security.Opened, inbound: Inbound, clock: Clock) -> Response:
    try:
        payload = security.read(opened.payload)
    except MalformedError as error:
        log.warning("callback_malformed", channel="wechat", account=account.name, reason=str(error))
        return plain(400)
    reply = None
    for event in parse.events(account.name, payload, clock()):
        direct = None if reply else _direct(account, event, payload, clock)
        answer = inbound.accept(account.name, event, opened.payload, direct)
        reply = reply or answer
    if not reply:
        return plain(200, SUCCESS)
    body = security.seal(account, opened.key, reply, clock()) if opened.key else reply
    return Response(body, 200, content_type=XML)


def _direct(
    account: WeChatAccount, event: ChannelEvent, payload: Payload, clock: Clock
) -> Callable[[Message], str] | None:
    """How a message becomes the answer itself. A mini program takes none here, and nobody reads one after leaving."""
    if account.kind == "mini_program" or isinstance(event, _UNANSWERED):
        return None
    return partial(render.passive_reply, recipient=event.origin.user_id, sender=word(payload, "ToUserName"), at=clock())
