"""Whatever is wrong with a WeChat callback, the answer is the same to the byte: nothing to learn about key or padding."""

from __future__ import annotations

import base64
from urllib.parse import urlencode

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from handlers.webhooks.wechat import security
from tests.support.channel import AES_KEY, NOW, RecordingInbound, app_of, wechat_account

ACCOUNT = wechat_account()
KEY = security.aes_key(AES_KEY)
TEXT = "<xml><MsgType>text</MsgType></xml>"
GOOD = security.encrypt(KEY, ACCOUNT.app_id, TEXT)


def encrypted(plain: bytes) -> str:
    """Exactly these bytes under the right key."""
    encryptor = Cipher(AES(KEY), CBC(KEY[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


def turned(envelope: str) -> str:
    """The same with its last bit turned."""
    cipher = base64.b64decode(envelope)
    return base64.b64encode(cipher[:-1] + bytes([cipher[-1] ^ 1])).decode()


SIGNED_BUT_WRONG = {
    "a turned bit": turned(GOOD),
    "one block": encrypted(b"x" * 16),
    "no padding": encrypted(b"\0" * 64),
    "33 of padding": encrypted(b"x" * 31 + bytes([33]) * 33),
    "padding alone": encrypted(bytes([32]) * 32),
    "a length beyond the end": encrypted(b"r" * 16 + b"\xff" * 4 + b"x" * 11 + b"\1"),
    "another app": security.encrypt(KEY, "wx0000000000000000", TEXT),
    "a longer app id": security.encrypt(KEY, ACCOUNT.app_id + "x", TEXT),
    "no app id": security.encrypt(KEY, "", TEXT),
    "another key": security.encrypt(bytes(32), ACCOUNT.app_id, TEXT),
    "no Base64": "!" * 64,
    "broken Base64": GOOD[:20] + "\n" + GOOD[20:],
    "not whole blocks": GOOD[:-4],
}


def test_every_forgery_gets_the_same_answer() -> None:
    inbound = RecordingInbound()
    client = app_of(inbound, lambda: NOW, ACCOUNT).test_client()

    def answer(envelope: str, **changes: str) -> tuple[int, bytes, list[tuple[str, str]]]:
        stamp = str(int(NOW.timestamp()))
        signature = security.sign(ACCOUNT.token, stamp, "n", envelope)
        asked = {"timestamp": stamp, "nonce": "n", "encrypt_type": "aes", "msg_signature": signature, **changes}
        body = f"<xml><Encrypt><![CDATA[{envelope}]]></Encrypt></xml>"
        response = client.post(
            f"/webhooks/wechat/{ACCOUNT.name}?{urlencode(asked)}", data=body, content_type="text/xml"
        )
        return response.status_code, response.data, sorted(response.headers.items())

    assert answer(GOOD)[0] == 200
    refused = {name: answer(envelope) for name, envelope in SIGNED_BUT_WRONG.items()}
    refused["no signature"] = answer(GOOD, msg_signature="0" * 40)
    refused["an old stamp"] = answer(GOOD, timestamp="1500000000")
    refused["plain mode"] = answer(GOOD, encrypt_type="raw")
    expected = refused["no signature"]
    assert expected[:2] == (403, b"")
    assert {name: one for name, one in refused.items() if one != expected} == {}
    assert len(inbound.events) == 1
