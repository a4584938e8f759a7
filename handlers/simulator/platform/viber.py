"""The stand-in's Viber: bots, their subscribers, and the REST calls with Viber's own checks and numbers."""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from itertools import count
from typing import Any

from flask import Blueprint, Response, request

from handlers.clock import Clock
from handlers.simulator.platform.bubble import Bubble, Option, Transcript
from handlers.simulator.platform.callback import Poster, Sent
from handlers.simulator.platform.fault import Faults
from handlers.simulator.platform.viber_bot import (
    ALL_EVENTS,
    MANDATORY,
    Json,
    Refusal,
    Subscriber,
    ViberBot,
    buttons,
    check_message,
)

REQUEST_BYTES = 30 * 1024
HOURLY_MESSAGES = 100


class ViberPlatform:
    """All bots. Acts of contacts (`contact_says` …) call the service's webhook and return what it answered."""

    def __init__(self, clock: Clock, faults: Faults, poster: Poster) -> None:
        self._clock, self._faults, self._poster = clock, faults, poster
        self._lock = threading.RLock()
        self._tokens = count(5_000_000_000_000_000_001)
        self.bots: dict[str, ViberBot] = {}
        self.transcript = Transcript()

    def add_bot(self, account: str, token: str, name: str = "Bot", webhook_url: str = "") -> ViberBot:
        """Open a bot. With `webhook_url` it is connected already."""
        bot = ViberBot(account, token, name, webhook_url)
        self.bots[account] = bot
        return bot

    def contact_says(self, account: str, user_id: str, text: str) -> Sent:
        """The contact writes; a first message subscribes silently."""
        self._show(account, user_id, text)
        return self._message(account, user_id, {"type": "text", "text": text})

    def contact_taps(self, account: str, user_id: str, option: str | int) -> Sent:
        """The contact taps a button of the last keyboard, by label, value or place from 1."""
        tapped = self.transcript.find(account, user_id, option)
        self._show(account, user_id, tapped.label)
        return self._message(account, user_id, {"type": "text", "text": tapped.value})

    def contact_sends(self, account: str, user_id: str, kind: str, **fields: Any) -> Sent:
        """The contact sends a `picture`, `sticker` …, with its fields."""
        self._show(account, user_id, f"[{kind}]")
        return self._message(account, user_id, {"type": kind, **fields})

    def conversation_started(self, account: str, user_id: str) -> Sent:
        """The contact opens the chat; the answer may be a welcome message."""
        person = self.bots[account].subscriber(user_id)
        facts = {"type": "open", "user": self._profile(person), "subscribed": person.is_subscribed}
        return self._call(account, user_id, "conversation_started", facts)

    def follow(self, account: str, user_id: str) -> Sent:
        """The contact subscribes."""
        person = self.bots[account].subscriber(user_id)
        person.is_subscribed = True
        return self._call(account, user_id, "subscribed", {"user": self._profile(person)})

    def unfollow(self, account: str, user_id: str) -> Sent:
        """The contact switches "receive messages" off."""
        self.bots[account].subscriber(user_id).is_subscribed = False
        return self._call(account, user_id, "unsubscribed", {"user_id": user_id})

    def report(self, account: str, user_id: str, token: str, event: str, desc: str | None = None) -> Sent:
        """Report a message as `delivered`, `seen` or `failed`."""
        facts: Json = {"message_token": int(token), "user_id": user_id}
        return self._call(account, user_id, event, facts if desc is None else {**facts, "desc": desc})

    def redeliver(self, sent: Sent) -> Sent:
        """Make a callback once more, as Viber does until it gets a 200: the same bytes."""
        return self._deliver(self.bots[sent.account], sent.user_id, sent.payload)

    def _message(self, account: str, user_id: str, message: Json) -> Sent:
        person = self.bots[account].subscriber(user_id)
        person.is_subscribed, person.sent = True, []
        return self._call(account, user_id, "message", {"sender": self._profile(person), "message": message})

    def _profile(self, person: Subscriber) -> Json:
        return {
            "id": person.user_id,
            "name": person.name,
            "language": person.language,
            "country": "UA",
            "api_version": person.api_version,
        }

    def _call(self, account: str, user_id: str, event: str, facts: Json) -> Sent:
        bot = self.bots[account]
        if event not in (*MANDATORY, *bot.event_types):
            return Sent(account, user_id, b"", 0, problem=f"the bot does not want {event} events")
        body: Json = {
            "event": event,
            "timestamp": round(self._clock().timestamp() * 1000),
            "chat_hostname": "SN-CHAT-00_",
            "message_token": next(self._tokens),
            **facts,
        }
        return self._deliver(bot, user_id, json.dumps(body, ensure_ascii=False).encode())

    def _deliver(self, bot: ViberBot, user_id: str, payload: bytes) -> Sent:
        signature = hmac.new(bot.token.encode(), payload, sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Viber-Content-Signature": signature}
        answer = self._poster(bot.webhook_url, payload, headers)
        reply = answer.body.decode("utf-8", "replace")
        problem = "" if answer.status == 200 else f"HTTP {answer.status}: Viber will try again"
        if reply and not problem:
            problem = self._welcome(bot, user_id, reply)
        return Sent(bot.account, user_id, payload, answer.status, reply, problem, answer)

    def _welcome(self, bot: ViberBot, user_id: str, reply: str) -> str:
        try:
            message = json.loads(reply)
            check_message(message, bot.subscriber(user_id))
        except (ValueError, Refusal) as error:
            return f"the welcome message is not shown: {error}"
        self._show_sent(bot, user_id, message, "")
        return ""

    def _show(self, account: str, user_id: str, text: str) -> None:
        self.transcript.show(Bubble("viber", account, user_id, True, text, self._clock()))

    def _show_sent(self, bot: ViberBot, user_id: str, message: Json, token: str) -> None:
        options = tuple(Option(one.get("Text", ""), one["ActionBody"]) for one in buttons(message))
        text = str(message.get("text", ""))
        self.transcript.show(
            Bubble("viber", bot.account, user_id, False, text, self._clock(), options, token, raw=message)
        )

    def routes(self) -> Blueprint:
        """The REST calls."""
        routes = Blueprint("viber_stand_in", __name__)
        calls = {"send_message": self._send, "set_webhook": self._set_webhook, "get_account_info": self._info}

        @routes.post("/<endpoint>")
        def call(endpoint: str) -> Response:
            if endpoint not in calls:
                return Response("not found", 404)
            return self._faults.answer(endpoint, lambda: self._answered(calls[endpoint]), _refused)

        return routes

    def _answered(self, act: Any) -> Json:
        try:
            bot = self._authorised()
            return {"status": 0, "status_message": "ok", **act(bot, _json_body())}
        except Refusal as refusal:
            return _refused(refusal.status, str(refusal))

    def _authorised(self) -> ViberBot:
        token = request.headers.get("X-Viber-Auth-Token")
        if not token:
            raise Refusal(2, "missing_auth_token")
        bot = next((one for one in self.bots.values() if one.token == token), None)
        if bot is None:
            raise Refusal(2, "invalidAuthToken")
        if bot.status:
            raise Refusal(bot.status, "publicAccountBlocked")
        return bot

    def _send(self, bot: ViberBot, body: Json) -> Json:
        with self._lock:
            if not bot.webhook_url:
                raise Refusal(10, "webhookNotSet")
            receiver = body.get("receiver")
            if not isinstance(receiver, str):
                raise Refusal(4, "missing receiver")
            person = bot.subscribers.get(receiver)
            if person is None:
                raise Refusal(5, "receiverNotRegistered")
            check_message(body, person)
            self._count(person)
            token = str(next(self._tokens))
        self._show_sent(bot, receiver, body, token)
        return {"message_token": int(token), "chat_hostname": "SN-CHAT-00_", "billing_status": 1}

    def _count(self, person: Subscriber) -> None:
        if not person.is_subscribed:
            raise Refusal(6, "notSubscribed")
        hour_ago = self._clock() - timedelta(hours=1)
        person.sent = [at for at in person.sent if at > hour_ago]
        if len(person.sent) >= HOURLY_MESSAGES:
            raise Refusal(12, "tooManyRequests")
        person.sent.append(self._clock())

    def _set_webhook(self, bot: ViberBot, body: Json) -> Json:
        url = body.get("url")
        if not isinstance(url, str):
            raise Refusal(4, "missing url")
        before, bot.webhook_url = bot.webhook_url, url
        if url and self._call(bot.account, "", "webhook", {}).status != 200:
            bot.webhook_url = before
            raise Refusal(1, "Result is not 200: java.net.ConnectException: Connection refused")
        wanted = body.get("event_types")
        bot.event_types = (*MANDATORY, *wanted) if isinstance(wanted, list) else ALL_EVENTS
        return {"chat_hostname": "SN-CHAT-00_", "event_types": _unique(bot.event_types)}

    def _info(self, bot: ViberBot, _body: Json) -> Json:
        return {
            "id": f"pa:{bot.account}",
            "name": bot.name,
            "uri": bot.account,
            "webhook": bot.webhook_url,
            "event_types": _unique(bot.event_types),
            "subscribers_count": sum(one.is_subscribed for one in bot.subscribers.values()),
        }


def _json_body() -> Json:
    if len(request.get_data()) > REQUEST_BYTES:
        raise Refusal(3, "request is larger than 30 KB")
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Refusal(3, "the body is no JSON object")
    return body


def _refused(status: int, words: str) -> Json:
    return {"status": status, "status_message": words, "chat_hostname": "SN-CHAT-00_"}


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
