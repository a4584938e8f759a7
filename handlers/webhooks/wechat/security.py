"""Is this callback from WeChat, what does it hold, and our answers in the same envelope.

SHA-1 and AES-CBC are the platform's choice; the secrecy of the token and of the AES key carries them. Nothing of
wechatpy's crypto is used: it compares with `!=`, never verifies the padding and accepts an empty token.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha1

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from werkzeug.datastructures import MultiDict

from handlers.settings import WeChatAccount
from handlers.webhooks.document import MalformedError, Payload, read_json, read_xml, word

WINDOW_SECONDS = 300
PAD_BLOCK = 32
NONCE_LIMIT = 64
ECHO_LIMIT = 256

Query = MultiDict[str, str]


class ForgedError(Exception):
    """The request cannot be trusted. It says nothing more: every reason gets the same answer."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A callback that is genuine: its content, and the AES key that opened it (None: it came in plain)."""

    payload: bytes
    key: bytes | None


def read(raw: bytes) -> Payload:
    """The fields of a document that may be XML or JSON. Raises `MalformedError`."""
    return read_json(raw) if raw.lstrip()[:1] == b"{" else read_xml(raw)


def sign(*parts: str) -> str:
    """WeChat's signature over some texts: SHA-1 of the sorted texts joined, in hex."""
    return sha1("".join(sorted(parts)).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def verify_echo(account: WeChatAccount, query: Query, now: datetime) -> str:
    """The `echostr` to send back, in plain, when the address is entered in the console. Raises `ForgedError`."""
    echo = _one(query, "echostr")
    if len(echo) > ECHO_LIMIT:
        raise ForgedError
    _check(account, query, now, "signature")
    return echo


def open_callback(account: WeChatAccount, raw: bytes, query: Query, now: datetime) -> Opened:
    """Verify and decrypt one callback. Raises `ForgedError` for whatever is wrong.

    In the console's compatible mode the body repeats everything in plain beside `<Encrypt>`: those fields are signed by
    nobody and never read. In plain mode the signature covers no body at all, so it is refused unless `allow_plain`.
    """
    if query.getlist("encrypt_type") == ["aes"]:
        return _open_encrypted(account, raw, query, now)
    if not account.allow_plain or query.getlist("encrypt_type") not in ([], ["raw"]):
        raise ForgedError
    _check(account, query, now, "signature")
    return Opened(raw, None)


def _open_encrypted(account: WeChatAccount, raw: bytes, query: Query, now: datetime) -> Opened:
    try:
        envelope = word(read(raw), "Encrypt")
    except MalformedError:
        raise ForgedError from None
    if not envelope:
        raise ForgedError
    _check(account, query, now, "msg_signature", envelope)
    for key in _keys(account):
        if (payload := decrypt(key, account.app_id, envelope)) is not None:
            return Opened(payload, key)
    raise ForgedError


def _check(account: WeChatAccount, query: Query, now: datetime, name: str, *more: str) -> None:
    """The signature and the time. The texts are joined without separators: an exact timestamp keeps digits in place."""
    stamp, nonce, given = _one(query, "timestamp"), _one(query, "nonce"), _one(query, name)
    expected = sign(account.token, stamp, nonce, *more)
    is_signed = hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))
    is_stamp = len(stamp) == 10 and stamp.isascii() and stamp.isdecimal()
    if not account.token or not is_signed or not is_stamp or len(nonce) > NONCE_LIMIT:
        raise ForgedError
    if abs(int(stamp) - now.timestamp()) > WINDOW_SECONDS:
        raise ForgedError


def _one(query: Query, name: str) -> str:
    values = query.getlist(name)
    if len(values) != 1 or not values[0]:
        raise ForgedError
    return values[0]


def _keys(account: WeChatAccount) -> Iterator[bytes]:
    """The current key, then the previous one: WeChat goes on using the old key for a while after a change."""
    for key in (account.encoding_aes_key, account.previous_encoding_aes_key):
        if key:
            yield aes_key(key)


def aes_key(encoding_aes_key: str) -> bytes:
    """The 32 bytes of an EncodingAESKey of 43 characters."""
    return base64.b64decode(encoding_aes_key + "=")


def decrypt(key: bytes, app_id: str, envelope: str) -> bytes | None:
    """The message inside `Encrypt`; None when key, padding, length or app id are wrong."""
    try:
        cipher = base64.b64decode(envelope, validate=True)
    except ValueError:
        return None
    if len(cipher) < PAD_BLOCK or len(cipher) % 16:
        return None
    decryptor = Cipher(AES(key), CBC(key[:16])).decryptor()
    padded = decryptor.update(cipher) + decryptor.finalize()
    pad = padded[-1]
    if not 1 <= pad <= PAD_BLOCK or padded[-pad:] != bytes([pad]) * pad:
        return None
    return _content(padded[:-pad], app_id.encode())


def _content(plain: bytes, app_id: bytes) -> bytes | None:
    length = int.from_bytes(plain[16:20], "big")
    content, tail = plain[20 : 20 + length], plain[20 + length :]
    return content if len(content) == length and hmac.compare_digest(tail, app_id) else None


def encrypt(key: bytes, app_id: str, text: str, salt: bytes | None = None) -> str:
    """The `Encrypt` of a reply. `salt`: 16 bytes, random unless a test vector fixes them."""
    content = text.encode()
    plain = (salt or secrets.token_bytes(16)) + len(content).to_bytes(4, "big") + content + app_id.encode()
    pad = PAD_BLOCK - len(plain) % PAD_BLOCK
    encryptor = Cipher(AES(key), CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()


def seal(account: WeChatAccount, key: bytes, text: str, now: datetime) -> str:
    """The encrypted XML answer, with the key that opened the question."""
    stamp, nonce = str(int(now.timestamp())), str(secrets.randbelow(10**10))
    envelope = encrypt(key, account.app_id, text)
    return (
        f"<xml><Encrypt><![CDATA[{envelope}]]></Encrypt>"
        f"<MsgSignature><![CDATA[{sign(account.token, stamp, nonce, envelope)}]]></MsgSignature>"
        f"<TimeStamp>{stamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
    )
