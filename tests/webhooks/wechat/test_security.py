"""Only what WeChat signed and encrypted for this account is believed."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from werkzeug.datastructures import MultiDict

from handlers.settings import Secret, WeChatAccount
from handlers.simulator.platform import envelope
from handlers.webhooks.wechat import security
from handlers.webhooks.wechat.security import ForgedError, Query, aes_key, decrypt, encrypt, open_callback, sign
from tests.support.channel import AES_KEY, NOW, OLD_AES_KEY, wechat_account
from tests.webhooks.wechat.sample import TEXT, VECTORS, Vector

STAMP = str(int(NOW.timestamp()))


def at(timestamp: str) -> datetime:
    """The moment of a timestamp."""
    return datetime.fromtimestamp(int(timestamp), UTC)


def owner(vector: Vector) -> WeChatAccount:
    """The account of a vector."""
    return wechat_account(app_id=vector.app_id, token=Secret(vector.token), encoding_aes_key=Secret(vector.aes_key))


def body_of(wrapped: str) -> bytes:
    """The outer document of an encrypted callback."""
    return f"<xml><ToUserName><![CDATA[gh]]></ToUserName><Encrypt><![CDATA[{wrapped}]]></Encrypt></xml>".encode()


def query_of(account: WeChatAccount, wrapped: str, stamp: str = STAMP, **changes: str) -> Query:
    """The query of a genuine callback, with changes."""
    facts = {
        "signature": sign(account.token, stamp, "77"),
        "timestamp": stamp,
        "nonce": "77",
        "openid": "o1",
        "encrypt_type": "aes",
        "msg_signature": sign(account.token, stamp, changes.get("nonce", "77"), wrapped),
    }
    return MultiDict({**facts, **changes})


def refuses(account: WeChatAccount, raw: bytes, query: Query, now: datetime = NOW) -> bool:
    """Whether a callback is refused as forged."""
    try:
        open_callback(account, raw, query, now)
    except ForgedError as error:
        return str(error) == ""
    return False


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.token)
def test_every_published_callback_opens(vector: Vector) -> None:
    query: Query = MultiDict(
        {"encrypt_type": "aes", "timestamp": vector.timestamp, "nonce": vector.nonce}
        | {"msg_signature": vector.msg_signature, "signature": "not looked at"}
    )
    opened = open_callback(owner(vector), body_of(vector.encrypt), query, at(vector.timestamp))
    assert vector.holds in opened.payload.decode()
    assert opened.key == aes_key(vector.aes_key)


def test_the_published_reply_is_reproduced() -> None:
    key = aes_key("A" * 43)
    wrapped = encrypt(key, "wxba5fad812f8e6fb9", '{"demo_resp":"good luck"}', b"707722b803182950")
    assert wrapped == "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
    assert sign("AAAAA", "1713424427", "415670741", wrapped) == "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"


def test_the_published_chinese_ciphertext_is_reproduced() -> None:
    wrapped = encrypt(aes_key(AES_KEY), "wxb11529c136998cb6", "我是中文abcd123", b"aaaabbbbccccdddd")
    assert wrapped == "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg=="


@pytest.mark.parametrize(
    ("token", "stamp", "nonce", "signature"),
    [
        ("AAAAA", "1714036504", "1514711492", "f464b24fc39322e44b38aa78f5edd27bd1441696"),
        ("AAAAA", "1714037059", "486452656", "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
        ("test", "1410685589", "test", "f21891de399b4e33a1a93c9a7b8a8fffb5a443ff"),
    ],
)
def test_the_published_plain_signatures_pass(token: str, stamp: str, nonce: str, signature: str) -> None:
    account = wechat_account(token=Secret(token))
    query = MultiDict({"signature": signature, "timestamp": stamp, "nonce": nonce, "echostr": "4375120948345356249"})
    assert security.verify_echo(account, query, at(stamp)) == "4375120948345356249"


def forgeries() -> Iterator[tuple[str, bytes, Query]]:
    """Everything that must be refused, beginning with a genuine callback that is changed in one thing."""
    account = wechat_account()
    key, app_id = aes_key(AES_KEY), account.app_id
    salt = b"0123456789abcdef"  # fixed: every worker has to see the same forgeries
    wrapped = encrypt(key, app_id, TEXT, salt)
    genuine = query_of(account, wrapped)

    def without(name: str) -> Query:
        return MultiDict({key: value for key, value in genuine.items() if key != name})

    def twice(name: str) -> Query:
        return MultiDict([*genuine.items(multi=True), (name, genuine[name])])

    for name in ("timestamp", "nonce", "msg_signature", "encrypt_type"):
        yield f"without {name}", body_of(wrapped), without(name)
        yield f"{name} twice", body_of(wrapped), twice(name)
        yield f"empty {name}", body_of(wrapped), query_of(account, wrapped, **{name: ""})
    yield "wrong signature", body_of(wrapped), query_of(account, wrapped, msg_signature="0" * 40)
    yield "no ASCII", body_of(wrapped), query_of(account, wrapped, msg_signature="é" * 40)
    yield "half a character", body_of(wrapped), query_of(account, wrapped, msg_signature="\udcff" * 40)
    yield "the plain signature", body_of(wrapped), query_of(account, wrapped, msg_signature=genuine["signature"])
    yield "another type", body_of(wrapped), query_of(account, wrapped, encrypt_type="raw")
    yield "another body", body_of(encrypt(key, app_id, TEXT, salt[::-1])), genuine
    yield "a long nonce", body_of(wrapped), query_of(account, wrapped, nonce="7" * 65)
    for stamp in (
        "0000000001",
        "0" + STAMP,
        STAMP + "0",
        STAMP[:-1],
        "17720 3200",
        "１７７２４４５６００",
        "-772445600",
        "1_72445600",
    ):
        yield f"the time {stamp}", body_of(wrapped), query_of(account, wrapped, stamp)
    for raw in (
        b"",
        b"{}",
        b"[]",
        b"<xml/>",
        b"<xml></xml",
        TEXT.encode(),
        b"\xff\xfe",
        b'{"Encrypt":7}',
        b"<a><Encrypt/></a>",
    ):
        yield f"the body {raw[:9]!r}", raw, genuine
    entity = b'<!DOCTYPE xml [<!ENTITY a "b">]>' + body_of(wrapped)
    yield "a document type", entity, genuine
    yield "two envelopes", body_of(wrapped).replace(b"</xml>", b"<Encrypt>x</Encrypt></xml>"), genuine
    yield "too deep", b"<xml>" + b"<a>" * 20 + b"</a>" * 20 + body_of(wrapped)[5:], genuine
    yield "another app", body_of(other := encrypt(key, "wx999", TEXT, salt)), query_of(account, other)
    yield "no app", body_of(other := encrypt(key, "", TEXT, salt)), query_of(account, other)
    yield "another key", body_of(other := encrypt(aes_key(OLD_AES_KEY), app_id, TEXT, salt)), query_of(account, other)
    for odd in ("AAAA", "A" * 43, "A" * 64, "!!!!", wrapped[:-4], wrapped + "AAAA", wrapped.replace("=", "")[:-1]):
        yield f"the envelope {odd[:9]}…", body_of(odd), query_of(account, odd)


@pytest.mark.parametrize(("raw", "query"), [pytest.param(raw, query, id=name) for name, raw, query in forgeries()])
def test_every_forgery_is_refused_without_a_word(raw: bytes, query: Query) -> None:
    assert refuses(wechat_account(), raw, query)


def padded(tail: bytes, app_id: str) -> str:
    """A content whose padding is `tail`."""
    key = aes_key(AES_KEY)
    plain = b"r" * 16 + (4).to_bytes(4, "big") + b"test" + app_id.encode()
    plain += b"x" * (-len(plain + tail) % 16) if not tail else b""
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + tail) + encryptor.finalize()).decode()


@pytest.mark.parametrize(
    ("app_id", "tail", "opens"),
    [
        ("a" * 8, b"\x20" * 32, True),
        ("a" * 7, b"\x01", True),
        ("a" * 8, b"\x10" * 16, True),
        ("a" * 7, b"\x21" * 33, False),
        ("a" * 8, b"\x21" * 48, False),
        ("a" * 8, b"\x00" * 16, False),
        ("a" * 8, b"\x0f" + b"\x10" * 15, False),
        ("a" * 8, b"\x10" * 15 + b"\x0f" + b"\x10" * 16, False),
        ("a" * 8, b"\xff" * 32, False),
    ],
)
def test_the_padding_is_checked_to_the_last_byte(app_id: str, tail: bytes, opens: bool) -> None:
    assert (decrypt(aes_key(AES_KEY), app_id, padded(tail, app_id)) == b"test") is opens


def test_an_empty_envelope_holds_nothing() -> None:
    assert decrypt(aes_key(AES_KEY), "wx1", "") is None


def test_a_length_beyond_the_content_is_refused_even_without_an_app_id() -> None:
    key = aes_key(AES_KEY)
    plain = b"r" * 16 + (5).to_bytes(4, "big") + b"test" + b"\x08" * 8
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    assert decrypt(key, "", base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()) is None


@pytest.mark.parametrize(
    ("seconds", "is_refused"), [(-301, True), (-300, False), (0, False), (300, False), (301, True)]
)
def test_the_time_may_differ_by_five_minutes(seconds: int, is_refused: bool) -> None:
    account = wechat_account()
    wrapped = encrypt(aes_key(AES_KEY), account.app_id, TEXT)
    raw, query = body_of(wrapped), query_of(account, wrapped)
    assert refuses(account, raw, query, NOW + timedelta(seconds=seconds)) is is_refused


def test_digits_cannot_move_between_time_and_nonce() -> None:
    account = wechat_account()
    wrapped = encrypt(aes_key(AES_KEY), account.app_id, TEXT)
    query = query_of(account, wrapped)
    moved = MultiDict({**query, "timestamp": STAMP + "7", "nonce": "7"})
    assert sign(account.token, STAMP, "77", wrapped) == query["msg_signature"]
    assert refuses(account, body_of(wrapped), moved)


def test_the_plain_fields_of_the_compatible_mode_are_never_read() -> None:
    account = wechat_account()
    wrapped = encrypt(aes_key(AES_KEY), account.app_id, TEXT)
    raw = body_of(wrapped).replace(b"</xml>", b"<Content>STOP</Content><MsgType>text</MsgType></xml>")
    assert open_callback(account, raw, query_of(account, wrapped), NOW).payload == TEXT.encode()


def test_both_keys_open_during_a_rotation_and_the_one_that_worked_is_told() -> None:
    account = wechat_account(previous_encoding_aes_key=Secret(OLD_AES_KEY))
    for key in (AES_KEY, OLD_AES_KEY):
        wrapped = encrypt(aes_key(key), account.app_id, TEXT)
        assert open_callback(account, body_of(wrapped), query_of(account, wrapped), NOW).key == aes_key(key)


def test_a_plain_callback_is_refused_unless_the_account_allows_it() -> None:
    query = query_of(wechat_account(), "")
    for name in ("encrypt_type", "msg_signature"):
        query.pop(name)
    assert refuses(wechat_account(), TEXT.encode(), query)
    opened = open_callback(wechat_account(allow_plain=True), TEXT.encode(), query, NOW)
    assert (opened.payload, opened.key) == (TEXT.encode(), None)
    assert refuses(wechat_account(allow_plain=True), TEXT.encode(), MultiDict({**query, "signature": "0" * 40}))
    assert refuses(wechat_account(allow_plain=True), TEXT.encode(), MultiDict({**query, "encrypt_type": "des"}))


def test_an_account_that_allows_plain_still_checks_what_comes_encrypted() -> None:
    account = wechat_account(allow_plain=True)
    wrapped = encrypt(aes_key(AES_KEY), account.app_id, TEXT)
    assert refuses(account, body_of(wrapped), query_of(account, wrapped, msg_signature="0" * 40))


def test_an_empty_token_verifies_nothing() -> None:
    account = wechat_account(token=Secret(""))
    wrapped = encrypt(aes_key(AES_KEY), account.app_id, TEXT)
    assert refuses(account, body_of(wrapped), query_of(account, wrapped))


def test_a_sealed_answer_opens_on_the_other_side() -> None:
    account = wechat_account()
    fields = envelope.from_xml(security.seal(account, aes_key(AES_KEY), "<xml>您好 ]]&gt;</xml>", NOW).encode())
    parts = (account.token, fields["TimeStamp"], fields["Nonce"], fields["Encrypt"])
    assert fields["MsgSignature"] == envelope.signature(*parts)
    assert envelope.unwrap(AES_KEY, account.app_id, fields["Encrypt"]).decode() == "<xml>您好 ]]&gt;</xml>"


def test_two_sealed_answers_never_look_alike() -> None:
    account = wechat_account()
    assert len({security.seal(account, aes_key(AES_KEY), "same", NOW) for _ in range(5)}) == 5
