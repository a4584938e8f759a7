"""Is this callback from Viber? `X-Viber-Content-Signature` = hex HMAC-SHA256(auth token, raw body)."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from hashlib import sha256

HEADER = "X-Viber-Content-Signature"


def sign(auth_token: str, raw: bytes) -> str:
    """The signature that Viber would give these bytes: 64 lower-case hex digits."""
    return hmac.new(auth_token.encode(), raw, sha256).hexdigest()


def is_genuine(auth_token: str, raw: bytes, signatures: Sequence[str]) -> bool:
    """Whether exactly one signature came, and it is right; compared in constant time, over the bytes as they arrived.

    Only the header counts. Viber seems to repeat the value as `?sig=`, but no document promises it, and a value in the
    address lands in every access log on the way. Time is not signed: `message_token` keeps replays without effect.
    """
    if not auth_token or len(signatures) != 1:
        return False
    return hmac.compare_digest(sign(auth_token, raw).encode(), signatures[0].encode("utf-8", "replace"))
