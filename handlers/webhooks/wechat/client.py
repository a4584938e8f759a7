"""WeChat's customer-service API through wechatpy, whose traps are mended here: endless waits, endless refreshes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from wechatpy import WeChatClient as WeChatSdk
from wechatpy.exceptions import WeChatClientException

from bot.domain.message import Message
from bot.domain.permit import SendPermit
from handlers.channel import CheckResult, Outcome, SendResult, TokenVault
from handlers.clock import Clock
from handlers.settings import WeChatAccount
from handlers.webhooks.transport import AnswerLostError, BoundedSession, NotSentError, http_outcome, retry_after, said
from handlers.webhooks.wechat import render

OUTCOMES: dict[int, Outcome] = {
    0: Outcome.SENT,
    -1: Outcome.RETRY,  # system busy
    40001: Outcome.ACCOUNT_BLOCKED,  # AppSecret wrong or token not the latest, after one refresh
    40003: Outcome.UNREACHABLE,  # OpenID of another account, or of nobody
    40013: Outcome.ACCOUNT_BLOCKED,  # AppID wrong
    40014: Outcome.ACCOUNT_BLOCKED,  # token invalid, after one refresh
    40033: Outcome.REFUSED,  # \u escapes in the request
    40125: Outcome.ACCOUNT_BLOCKED,  # AppSecret wrong
    40164: Outcome.ACCOUNT_BLOCKED,  # our IP address is not on the account's list
    40200: Outcome.REFUSED,  # a message type that test accounts may not send
    40243: Outcome.ACCOUNT_BLOCKED,  # AppSecret frozen
    42001: Outcome.ACCOUNT_BLOCKED,  # token expired, after one refresh
    43004: Outcome.OPTED_OUT,  # the contact does not follow the account
    43019: Outcome.UNREACHABLE,  # on the account's blacklist
    43101: Outcome.OPTED_OUT,  # the contact refused this template
    45002: Outcome.REFUSED,  # too long, after shorter parts were tried
    45008: Outcome.REFUSED,  # too many articles
    45009: Outcome.RETRY,  # the day's quota is used up
    45011: Outcome.RETRY,  # the minute's quota is used up
    45015: Outcome.WINDOW_CLOSED,  # 48 hours without a word of the contact
    45047: Outcome.WINDOW_CLOSED,  # the window's messages are used up
    45065: Outcome.SENT,  # a mass sending with this client id was taken before
    48001: Outcome.ACCOUNT_BLOCKED,  # the account may not use this API
    48002: Outcome.OPTED_OUT,  # the contact switched "receive messages" off
    48004: Outcome.ACCOUNT_BLOCKED,  # the API was taken away after violations
    50002: Outcome.ACCOUNT_BLOCKED,  # the account is limited
    61004: Outcome.ACCOUNT_BLOCKED,  # our IP address is not on the account's list
    89503: Outcome.ACCOUNT_BLOCKED,  # an administrator must confirm our IP address
}
"""Every return code that a send or a token can meet. Any other is a refusal that is shown, not retried."""

STALE_TOKEN = (40001, 40014, 42001)
TOO_LONG = 45002
_SHORTER = 1000
_BEIJING = timezone(timedelta(hours=8))
_SEND = "message/custom/send"
_PROBE = "quietline-channels-check"


class WeChatError(Exception):
    """WeChat answered, and it was no "ok". `code` is WeChat's own number, None when HTTP failed already."""

    def __init__(self, outcome: Outcome, code: int | None, words: str, wait: int | None = None) -> None:
        super().__init__(words)
        self.code = code
        self.result = SendResult(outcome, code=code, detail=words, retry_after=wait)


class _Sdk(WeChatSdk):  # type: ignore[misc]
    """wechatpy's client on our session, towards the account's own address, without its own token handling."""

    def __init__(self, account: WeChatAccount, session: BoundedSession) -> None:
        super().__init__(account.app_id, str(account.app_secret), auto_retry=False)
        self.API_BASE_URL = f"{account.api_url}/cgi-bin/"
        self._http = session


class WeChatClient:
    """One account's way out. Safe to share between threads."""

    def __init__(
        self, account: WeChatAccount, vault: TokenVault, clock: Clock, session: BoundedSession | None = None
    ) -> None:
        self._account, self._vault, self._clock = account, vault, clock
        self._sdk = _Sdk(account, session or BoundedSession())

    def send(self, permit: SendPermit, user_id: str, message: Message) -> SendResult:
        """Send one message by the customer-service API, in parts if it is long: each costs one message of the window.
        Never raises for what WeChat or the network does."""
        if not isinstance(permit, SendPermit):
            raise TypeError("nothing is sent without a permit")
        result, is_begun = self._send_parts(user_id, render.pieces(message))
        if result.code == TOO_LONG and not is_begun:
            result, _ = self._send_parts(user_id, render.pieces(message, _SHORTER))
        return result

    def _send_parts(self, user_id: str, parts: tuple[str, ...]) -> tuple[SendResult, bool]:
        result = SendResult(Outcome.SENT)
        for place, part in enumerate(parts):
            result = self._send_text(user_id, part)
            if result.outcome is Outcome.RETRY and place:  # the contact has read the beginning: repeat it once at most
                result = replace(result, outcome=Outcome.UNKNOWN)
            if result.outcome is not Outcome.SENT:
                return result, place > 0
        return result, True

    def _send_text(self, user_id: str, text: str) -> SendResult:
        try:
            answer = self._with_token(lambda token: self._post(_SEND, render.kefu(user_id, text), token))
        except WeChatError as refusal:
            return refusal.result
        except NotSentError as error:
            return SendResult(Outcome.RETRY, detail=str(error))
        except AnswerLostError as error:
            return SendResult(Outcome.UNKNOWN, detail=str(error))
        return SendResult(Outcome.SENT, message_token=str(answer.get("msgid") or ""), code=0)

    def _with_token(self, call: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
        """Make a call with the shared token; once more with a fresh one if WeChat refuses it, never oftener."""
        token = self._token(None)
        try:
            return call(token)
        except WeChatError as error:
            if error.code not in STALE_TOKEN:
                raise
        return call(self._token(token))

    def _token(self, rejected: str | None) -> str:
        try:
            return self._vault.token(f"wechat:{self._account.app_id}", lambda: self._fetch_token(rejected), rejected)
        except AnswerLostError as error:  # the message itself has not left: a definite failure
            raise NotSentError(f"no access token: {error}") from None
        except WeChatError as error:
            if error.result.outcome is not Outcome.UNKNOWN:
                raise
            raise NotSentError(f"no access token: {error}") from None

    def _fetch_token(self, rejected: str | None) -> tuple[str, int]:
        """Ask `stable_token`. It repeats the token that it believes in: only if that is the rejected one, a new one is
        forced, which WeChat allows 20 times a day."""
        token, seconds = self._stable_token(is_forced=False)
        return self._stable_token(is_forced=True) if token == rejected else (token, seconds)

    def _stable_token(self, is_forced: bool) -> tuple[str, int]:
        request = {
            "grant_type": "client_credential",
            "appid": self._account.app_id,
            "secret": str(self._account.app_secret),
            "force_refresh": is_forced,
        }
        answer = self._post("stable_token", request, None)
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(seconds, int):
            raise AnswerLostError("an answer without a token")
        return token, seconds

    def _post(self, endpoint: str, request: dict[str, Any], token: str | None) -> dict[str, Any]:
        """One call. Raises `WeChatError`, `NotSentError` or `AnswerLostError`, whose words hold no token or secret."""
        params = {} if token is None else {"access_token": token}
        secrets = (token or "", str(self._account.app_secret), str(self._account.token))
        try:
            answer = self._sdk.post(endpoint, data=request, params=params or [])
        except WeChatClientException as error:
            raise self._refusal(error, secrets) from None
        except (ValueError, TypeError, RecursionError):  # an errcode that is no number
            raise AnswerLostError("an answer that makes no sense") from None
        if not isinstance(answer, dict):  # wechatpy hands back what is no JSON as it came
            raise AnswerLostError("an answer that is no JSON")
        if "errcode" not in answer and "access_token" not in answer:
            raise AnswerLostError("an answer without errcode")
        return answer

    def _refusal(self, error: WeChatClientException, secrets: tuple[str, ...]) -> WeChatError:
        code: int | None = error.errcode
        if code is None:
            status, header = error.response.status_code, error.response.headers.get("Retry-After")
            outcome = http_outcome(status) or Outcome.UNKNOWN
            return WeChatError(outcome, None, f"HTTP {status}", retry_after(header, self._clock()))
        words = said(f"errcode {code}: {error.errmsg}", *secrets)
        return WeChatError(OUTCOMES.get(code, Outcome.REFUSED), code, words, self._wait(code))

    def _wait(self, code: int) -> int | None:
        """45011 lasts a minute; 45009 until midnight in Beijing, when WeChat counts afresh."""
        if code == 45011:
            return 60
        return _until_midnight(self._clock()) if code == 45009 else None

    def check(self, webhook_url: str | None) -> list[CheckResult]:
        """Ask WeChat about the account: AppID and secret, our IP address, the right to send. It does not tell the
        callback address that it was given."""
        try:
            self._with_token(self._probe)
        except WeChatError as error:
            return [CheckResult("token", is_ok=False, detail=str(error)), *_console_lines(webhook_url)]
        except (NotSentError, AnswerLostError) as error:
            return [CheckResult("connection", is_ok=False, detail=str(error)), *_console_lines(webhook_url)]
        token = CheckResult("token", is_ok=True, detail="WeChat accepts AppID and AppSecret")
        right = CheckResult("sending", is_ok=True, detail="the customer-service API is granted")
        return [token, right, *_console_lines(webhook_url)]

    def _probe(self, token: str) -> dict[str, Any]:
        """Send to an OpenID that cannot exist: 40003 means that only the receiver was wrong."""
        try:
            return self._post(_SEND, render.kefu(_PROBE, "check"), token)
        except WeChatError as error:
            if error.code == 40003:
                return {}
            raise

    def connect(self, webhook_url: str) -> list[CheckResult]:
        """WeChat has no call for this: say what to enter in its console."""
        return _console_lines(webhook_url)


def _console_lines(webhook_url: str | None) -> list[CheckResult]:
    address = webhook_url or "<[server] public_url>/webhooks/wechat/<account>"
    words = (
        f"WeChat's console, 设置与开发 > 基本配置 > 服务器配置: URL = {address}; Token and EncodingAESKey as in the"
        " settings; 消息加解密方式 = 安全模式; then 启用. The service must be running: WeChat calls it at once."
    )
    return [CheckResult("webhook", is_ok=True, detail=words)]


def _until_midnight(now: datetime) -> int:
    local = now.astimezone(_BEIJING)
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return int((midnight - local).total_seconds()) + 1
