"""An account at the stand-in's WeChat, its followers, and its access tokens."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from handlers.simulator.platform.window import Window

TOKEN_LIFE = timedelta(seconds=7200)
RENEWED_BEFORE = timedelta(minutes=5)
FORCED_A_DAY = 20
TEXT_BYTES = 2048


class Refusal(Exception):  # noqa: N818 - an answer of the platform, not a mistake of ours
    """A code of WeChat's table."""

    def __init__(self, errcode: int, words: str = "refused") -> None:
        super().__init__(words)
        self.errcode = errcode


@dataclass(slots=True)
class Follower:
    """One invented contact. `accepts` False = "receive messages" is off."""

    openid: str
    is_following: bool = True
    accepts: bool = True
    window: Window = field(default_factory=Window)


@dataclass(slots=True)
class WeChatBook:
    """An official account or mini program. `account` is the service's name for it; `refuses` = an error code for every send.

    `mode` is `secure`, `compatible` or `plain`; `form` is `xml` or `json`. Changing `aes_key` takes effect at once, as at WeChat.
    """

    account: str
    app_id: str
    app_secret: str
    token: str
    aes_key: str
    original_id: str = "gh_0123456789ab"
    webhook_url: str = ""
    mode: str = "secure"
    form: str = "xml"
    refuses: int = 0
    followers: dict[str, Follower] = field(default_factory=dict)
    tokens: list[tuple[str, datetime]] = field(default_factory=list)
    token_fetches: int = 0
    forced: list[datetime] = field(default_factory=list)

    def follower(self, openid: str) -> Follower:
        """The contact of that OpenID, made when first asked for."""
        return self.followers.setdefault(openid, Follower(openid))

    def stable_token(self, now: datetime, is_forced: bool) -> tuple[str, int]:
        """The token of `stable_token`: the same one until five minutes before its end, unless a new one is forced."""
        self.token_fetches += 1
        if is_forced:
            self.forced = [at for at in self.forced if at > now - timedelta(days=1)]
            if len(self.forced) >= FORCED_A_DAY:
                raise Refusal(45009, "reach max api daily quota limit")
            self.forced.append(now)
            self.tokens.clear()
        if not self.tokens or self.tokens[-1][1] - now < RENEWED_BEFORE:
            self.tokens.append((f"token-{secrets.token_hex(32)}", now + TOKEN_LIFE))
        token, end = self.tokens[-1]
        return token, int((end - now).total_seconds())

    def token_error(self, token: str, now: datetime) -> int:
        """0 for a token that works, else WeChat's code."""
        end = next((end for kept, end in self.tokens if kept == token), None)
        if end is None:
            return 40001
        return 0 if now < end else 42001

    def invalidate_tokens(self) -> None:
        """Forget every token, as when another program has fetched a new one."""
        self.tokens.clear()


def text_of(asked: dict[str, Any]) -> str:
    """The text of a customer-service request. Raises `Refusal`."""
    part = asked.get("text")
    content = part.get("content") if isinstance(part, dict) else None
    if asked.get("msgtype") != "text":
        raise Refusal(40008, "invalid message type")
    if not isinstance(content, str) or not content:
        raise Refusal(44004, "empty content")
    if len(content.encode()) > TEXT_BYTES:
        raise Refusal(45002, "content size out of limit")
    return content
