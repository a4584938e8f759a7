"""Viber's REST API through viberbot, whose traps are mended here: no timeouts, the token in logs, untyped errors."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from typing import Any

from viberbot import Api, BotConfiguration
from viberbot.api.api_request_sender import ApiRequestSender
from viberbot.api.consts import VIBER_BOT_USER_AGENT
from viberbot.api.message_sender import MessageSender
from viberbot.api.messages import TextMessage

from bot.domain.message import Message
from bot.domain.permit import SendPermit
from handlers.channel import CheckResult, Outcome, SendResult
from handlers.clock import Clock, system_clock
from handlers.settings import ViberAccount
from handlers.webhooks.transport import AnswerLostError, BoundedSession, NotSentError, http_outcome, retry_after, said
from handlers.webhooks.viber import render

OUTCOMES: dict[int, Outcome] = {
    0: Outcome.SENT,
    1: Outcome.REFUSED,  # invalidUrl
    2: Outcome.ACCOUNT_BLOCKED,  # invalidAuthToken
    3: Outcome.REFUSED,  # badData
    4: Outcome.REFUSED,  # missingData
    5: Outcome.UNREACHABLE,  # receiverNotRegistered
    6: Outcome.OPTED_OUT,  # receiverNotSubscribed
    7: Outcome.ACCOUNT_BLOCKED,  # publicAccountBlocked: the bot, not the contact
    8: Outcome.ACCOUNT_BLOCKED,  # publicAccountNotFound
    9: Outcome.ACCOUNT_BLOCKED,  # publicAccountSuspended
    10: Outcome.ACCOUNT_BLOCKED,  # webhookNotSet
    11: Outcome.UNREACHABLE,  # receiverNoSuitableDevice
    12: Outcome.RETRY,  # tooManyRequests
    13: Outcome.UNREACHABLE,  # apiVersionNotSupported, after the simpler form was tried
    14: Outcome.REFUSED,  # incompatibleWithVersion, after the simpler form was tried
    15: Outcome.ACCOUNT_BLOCKED,  # publicAccountNotAuthorized
    16: Outcome.REFUSED,  # inchatReplyMessageNotAllowed
    17: Outcome.REFUSED,  # publicAccountIsNotInline
    18: Outcome.REFUSED,  # noPublicChat
    19: Outcome.REFUSED,  # cannotSendBroadcast
    20: Outcome.REFUSED,  # broadcastNotAllowed
    21: Outcome.UNREACHABLE,  # unsupportedCountry
    22: Outcome.REFUSED,  # paymentUnsupported
    23: Outcome.WINDOW_CLOSED,  # freeMessagesExceeded: free again once the contact writes and opens a session
    24: Outcome.WINDOW_CLOSED,  # noBalance: same
}
"""Every status of Viber's table. Any other number is a general error that may be retried."""

RETRY_AFTER = {12: 3600}
"""Status 12 means 100 messages to one contact within an hour: the hour has to pass, unless the contact writes."""

SIMPLER = (13, 14)
EVENT_TYPES = ["delivered", "seen", "failed", "subscribed", "unsubscribed", "conversation_started"]

_silent = logging.getLogger("quietline.viberbot")  # which would log tokens and texts
_silent.addHandler(logging.NullHandler())
_silent.setLevel(logging.CRITICAL + 1)
_silent.propagate = False


class ViberError(Exception):
    """Viber answered, and it was no "ok". `status` is Viber's own number, None when HTTP failed already."""

    def __init__(self, outcome: Outcome, status: int | None, words: str, wait: int | None = None) -> None:
        super().__init__(words)
        self.result = SendResult(outcome, code=status, detail=words, retry_after=wait)


class _Sender(ApiRequestSender):  # type: ignore[misc]
    """Posts on a bounded session, with the token in the header only, and raises typed errors."""

    def __init__(self, configuration: BotConfiguration, api_url: str, session: BoundedSession, clock: Clock) -> None:
        super().__init__(_silent, api_url, configuration, VIBER_BOT_USER_AGENT)
        self._session, self._clock = session, clock

    def post_request(self, endpoint: str, payload: str) -> dict[str, Any]:
        """The answer's fields when Viber says "ok". Raises `ViberError`, `NotSentError` or `AnswerLostError`."""
        body = _without_token(json.loads(payload))
        token = self._bot_configuration.auth_token
        headers = {
            "X-Viber-Auth-Token": token,
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": VIBER_BOT_USER_AGENT,
        }
        data = json.dumps(body, ensure_ascii=False).encode()
        response = self._session.post(f"{self._viber_bot_api_url}/{endpoint}", data=data, headers=headers)
        if outcome := http_outcome(response.status_code):
            wait = retry_after(response.headers.get("Retry-After"), self._clock())
            raise ViberError(outcome, None, f"HTTP {response.status_code}", wait)
        return _fields(response.content, token)


def _without_token(body: dict[str, Any]) -> dict[str, Any]:
    """viberbot puts the token into every body, and an avatar that is null."""
    if isinstance(sender := body.get("sender"), dict):
        body["sender"] = {key: value for key, value in sender.items() if value is not None}
    return {key: value for key, value in body.items() if key != "auth_token"}


def _fields(content: bytes, token: str) -> dict[str, Any]:
    try:
        fields = json.loads(content)
    except (ValueError, RecursionError):
        raise AnswerLostError("an answer that is no JSON") from None
    status = fields.get("status") if isinstance(fields, dict) else None
    if not isinstance(status, int) or isinstance(status, bool):
        raise AnswerLostError("an answer without a status")
    if status != 0:
        words = said(f"status {status}: {fields.get('status_message', '')}", token)
        raise ViberError(OUTCOMES.get(status, Outcome.RETRY), status, words, RETRY_AFTER.get(status))
    fields.setdefault("message_token", "")
    return dict(fields)


class _QuietApi(Api):  # type: ignore[misc]
    """viberbot's API object with our sender, and with a logger that says nothing."""

    def __init__(self, configuration: BotConfiguration, sender: _Sender) -> None:
        super().__init__(configuration)
        self._logger = _silent
        self._request_sender = sender
        self._message_sender = MessageSender(_silent, sender, configuration)


class ViberClient:
    """One bot's way out. Safe to share between threads."""

    def __init__(
        self, account: ViberAccount, clock: Clock = system_clock, session: BoundedSession | None = None
    ) -> None:
        configuration = BotConfiguration(auth_token=str(account.auth_token), name=account.sender_name, avatar=None)
        self._sender = _Sender(configuration, account.api_url, session or BoundedSession(), clock)
        self._api = _QuietApi(configuration, self._sender)

    def send(self, permit: SendPermit, user_id: str, message: Message) -> SendResult:
        """Send one message, in parts if it is long, with its options as buttons. Never raises for what Viber or the
        network does. A receiver whose Viber is too old for buttons (status 13, 14) gets numbered lines instead."""
        if not isinstance(permit, SendPermit):
            raise TypeError("nothing is sent without a permit")
        result = self._send_parts(user_id, message, with_keyboard=True)
        if result.code in SIMPLER and message.choices:
            return self._send_parts(user_id, message, with_keyboard=False)
        return result

    def _send_parts(self, user_id: str, message: Message, with_keyboard: bool) -> SendResult:
        parts = render.pieces(message, with_keyboard)
        buttons = render.keyboard(message.choices) if with_keyboard else None
        result = SendResult(Outcome.SENT)
        for place, part in enumerate(parts):
            is_last = place == len(parts) - 1
            result = self._send_text(user_id, part, buttons if is_last else None)
            if result.outcome is not Outcome.SENT:
                break
        else:
            return result
        if place and result.outcome is Outcome.RETRY:  # the contact has read the beginning: repeat it once at most
            return replace(result, outcome=Outcome.UNKNOWN)
        return result

    def _send_text(self, user_id: str, text: str, buttons: render.Json | None) -> SendResult:
        message = TextMessage(text=text, keyboard=buttons, min_api_version=render.MIN_API_VERSION)
        try:
            (token,) = self._api.send_messages(user_id, [message])
        except ViberError as refusal:
            return refusal.result
        except NotSentError as error:
            return SendResult(Outcome.RETRY, detail=str(error))
        except AnswerLostError as error:
            return SendResult(Outcome.UNKNOWN, detail=str(error))
        return SendResult(Outcome.SENT, message_token=str(token), code=0)

    def check(self, webhook_url: str | None) -> list[CheckResult]:
        """Ask Viber about the account: token, webhook, event types."""
        info, problem = self._call("get_account_info", {})
        if problem:
            return [CheckResult("token", is_ok=False, detail=problem)]
        kept = str(info.get("webhook") or "")
        lines = [CheckResult("token", is_ok=True, detail=f"Viber knows the bot as {said(info.get('name', '?'))!r}")]
        lines.append(_webhook_line(kept, webhook_url))
        types = info.get("event_types")
        missing = [name for name in EVENT_TYPES if isinstance(types, list) and name not in types]
        words = (
            f"missing: {', '.join(missing)}; run `quietline channels connect`" if missing else "all that we use are on"
        )
        return [*lines, CheckResult("event types", is_ok=not missing, detail=words)]

    def connect(self, webhook_url: str) -> list[CheckResult]:
        """Register the webhook; Viber calls it while this waits. `send_name` stays off: we need nobody's name."""
        request = {"url": webhook_url, "event_types": EVENT_TYPES, "send_name": False, "send_photo": False}
        _, problem = self._call("set_webhook", request)
        words = problem or f"Viber calls {webhook_url}"
        return [CheckResult("webhook", is_ok=not problem, detail=words)]

    def _call(self, endpoint: str, request: dict[str, Any]) -> tuple[dict[str, Any], str]:
        try:
            return self._sender.post_request(endpoint, json.dumps(request)), ""
        except (ViberError, NotSentError, AnswerLostError) as error:
            return {}, str(error)


def _webhook_line(kept: str, wanted: str | None) -> CheckResult:
    if not kept:
        return CheckResult("webhook", is_ok=False, detail="none is registered; run `quietline channels connect`")
    if wanted and kept != wanted:
        detail = f"Viber calls {said(kept)}, not {wanted}; run `quietline channels connect`"
        return CheckResult("webhook", is_ok=False, detail=detail)
    return CheckResult("webhook", is_ok=True, detail=f"Viber calls {said(kept)}")
