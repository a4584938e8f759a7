"""The stand-in's WeChat: callbacks of contacts, signed and encrypted, and the API calls with WeChat's own checks and codes."""

from __future__ import annotations

import html
import json
import re
import secrets
import threading
from datetime import datetime
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlencode

from flask import Blueprint, Response, request

from handlers.clock import Clock
from handlers.simulator.platform import window
from handlers.simulator.platform.bubble import Bubble, Option, Transcript
from handlers.simulator.platform.callback import Poster, Sent
from handlers.simulator.platform.envelope import BrokenAnswerError, Fields, from_xml, signature, to_xml, unwrap, wrap
from handlers.simulator.platform.fault import Faults
from handlers.simulator.platform.wechat_book import TEXT_BYTES, Refusal, WeChatBook, text_of

PASSIVE_CHARACTERS = 1097
BROKEN = "该公众号提供的服务出现故障，请稍后再试"
_LINK = re.compile(r'<a href="weixin://bizmsgmenu\?([^"]+)">(.*?)</a>', re.DOTALL)

Json = dict[str, Any]


class WeChatPlatform:
    """All accounts. Acts of contacts (`contact_says` …) call the service's webhook and return what it answered, decrypted."""

    def __init__(self, clock: Clock, faults: Faults, poster: Poster) -> None:
        self._clock, self._faults, self._poster = clock, faults, poster
        self._lock = threading.RLock()
        self._ids = count(23_456_789_012_345_678)
        self.books: dict[str, WeChatBook] = {}
        self.transcript = Transcript()

    def add_account(self, book: WeChatBook) -> WeChatBook:
        """Open an account."""
        self.books[book.account] = book
        return book

    def contact_says(self, account: str, openid: str, text: str) -> Sent:
        """The contact writes."""
        self._show(account, openid, text)
        return self._message(account, openid, {"MsgType": "text", "Content": text})

    def contact_taps(self, account: str, openid: str, option: str | int) -> Sent:
        """The contact taps a link, by label, id or place from 1: a text with `bizmsgmenuid`, which opens the small window only."""
        tapped = self.transcript.find(account, openid, option)
        words = tapped.label
        self._show(account, openid, words)
        fields: Fields = {"MsgType": "text", "Content": words, "bizmsgmenuid": tapped.value}
        return self._message(account, openid, fields, window.ACT)

    def contact_sends(self, account: str, openid: str, kind: str, **fields: Any) -> Sent:
        """The contact sends an `image`, `voice` …, with its fields (`Recognition` for recognised speech)."""
        self._show(account, openid, f"[{kind}]")
        return self._message(account, openid, {"MsgType": kind, **fields})

    def follow(self, account: str, openid: str, scene: str = "") -> Sent:
        """The contact follows the account, through a QR code if `scene` is given."""
        self.books[account].follower(openid).is_following = True
        return self.event(account, openid, "subscribe", window.ACT, EventKey=f"qrscene_{scene}" if scene else "")

    def unfollow(self, account: str, openid: str) -> Sent:
        """The contact leaves."""
        self.books[account].follower(openid).is_following = False
        return self.event(account, openid, "unsubscribe", EventKey="")

    def clicks_menu(self, account: str, openid: str, key: str) -> Sent:
        """The contact clicks an entry of the account's own menu."""
        return self.event(account, openid, "CLICK", window.ACT, EventKey=key)

    def scans(self, account: str, openid: str, scene: str = "1") -> Sent:
        """A follower scans the account's QR code."""
        return self.event(account, openid, "SCAN", window.ACT, EventKey=scene, Ticket="TICKET")

    def enters(self, account: str, openid: str) -> Sent:
        """The contact opens a mini program's customer-service chat."""
        return self.event(account, openid, "user_enter_tempsession", window.ENTRY, SessionFrom="menu")

    def event(self, account: str, openid: str, name: str, opens: str = "", **fields: object) -> Sent:
        """Any other event, with its fields; `opens` = the window it opens."""
        if opens:
            self.books[account].follower(openid).window.open(opens, self._clock())
        return self._call(account, openid, {"MsgType": "event", "Event": name, **fields})

    def redeliver(self, sent: Sent) -> Sent:
        """Make a callback once more, as WeChat does after five seconds: the same content, signed and encrypted afresh."""
        return self._deliver(self.books[sent.account], sent.user_id, sent.payload)

    def _message(self, account: str, openid: str, fields: Fields, opens: str = window.MESSAGE) -> Sent:
        self.books[account].follower(openid).window.open(opens, self._clock())
        return self._call(account, openid, {**fields, "MsgId": next(self._ids)})

    def _call(self, account: str, openid: str, fields: Fields) -> Sent:
        book = self.books[account]
        head: Fields = {
            "ToUserName": book.original_id,
            "FromUserName": openid,
            "CreateTime": int(self._clock().timestamp()),
        }
        content: Fields = {**head, **fields}
        payload = to_xml(content) if book.form == "xml" else json.dumps(content, ensure_ascii=False).encode()
        return self._deliver(book, openid, payload)

    def _deliver(self, book: WeChatBook, openid: str, payload: bytes) -> Sent:
        stamp, nonce = str(int(self._clock().timestamp())), str(secrets.randbelow(10**9))
        query = {"signature": signature(book.token, stamp, nonce), "timestamp": stamp, "nonce": nonce, "openid": openid}
        body = payload
        if book.mode != "plain":
            wrapped = wrap(book.aes_key, book.app_id, payload)
            query |= {"encrypt_type": "aes", "msg_signature": signature(book.token, stamp, nonce, wrapped)}
            body = _envelope(book, wrapped, payload)
        kind = "text/xml" if book.form == "xml" else "application/json"
        answer = self._poster(f"{book.webhook_url}?{urlencode(query)}", body, {"Content-Type": kind})
        try:
            reply = self._opened(book, openid, answer.status, answer.body)
        except BrokenAnswerError as error:
            return Sent(book.account, openid, payload, answer.status, "", f"{BROKEN} ({error})", answer)
        return Sent(book.account, openid, payload, answer.status, reply, "", answer)

    def _opened(self, book: WeChatBook, openid: str, status: int, body: bytes) -> str:
        if status != 200:
            raise BrokenAnswerError(f"HTTP {status}")
        if body in (b"", b"success"):
            return body.decode()
        if book.form == "json":
            raise BrokenAnswerError("a mini program's callback is answered with success")
        plain = body if book.mode == "plain" else _decrypted(book, from_xml(body))
        fields = from_xml(plain)
        if (fields.get("ToUserName"), fields.get("FromUserName")) != (openid, book.original_id):
            raise BrokenAnswerError("the reply is addressed to somebody else")
        if not fields.get("CreateTime", "").isdecimal() or not fields.get("Content"):
            raise BrokenAnswerError("the reply has no time or no content")
        if len(fields["Content"].encode()) > TEXT_BYTES or len(fields["Content"]) > PASSIVE_CHARACTERS:
            raise BrokenAnswerError("the reply is too long")
        self._show_sent(book, openid, fields["Content"], "", dict(fields))
        return plain.decode()

    def _show(self, account: str, openid: str, text: str) -> None:
        self.transcript.show(Bubble("wechat", account, openid, True, text, self._clock()))

    def _show_sent(self, book: WeChatBook, openid: str, content: str, token: str, raw: Fields) -> None:
        links = [(parse_qs(query), label) for query, label in _LINK.findall(content)]
        options = tuple(Option(query["msgmenucontent"][0], query["msgmenuid"][0]) for query, _ in links)
        text = html.unescape(_LINK.sub(lambda link: link[2], content))
        self.transcript.show(Bubble("wechat", book.account, openid, False, text, self._clock(), options, token, raw))

    def routes(self) -> Blueprint:
        """The API calls below `/cgi-bin`."""
        routes = Blueprint("wechat_stand_in", __name__)

        @routes.post("/stable_token")
        def stable_token() -> Response:
            return self._faults.answer("stable_token", lambda: _answered(self._stable_token), _refused)

        @routes.post("/message/custom/send")
        def send() -> Response:
            return self._faults.answer("message/custom/send", lambda: _answered(self._send), _refused)

        return routes

    def _stable_token(self) -> Json:
        asked = _json_body()
        if asked.get("grant_type") != "client_credential":
            raise Refusal(40002, "invalid grant_type")
        book = next((one for one in self.books.values() if one.app_id == asked.get("appid")), None)
        if book is None:
            raise Refusal(40013, "invalid appid")
        if book.app_secret != asked.get("secret"):
            raise Refusal(40125, "invalid appsecret")
        with self._lock:
            token, seconds = book.stable_token(self._clock(), asked.get("force_refresh") is True)
        return {"access_token": token, "expires_in": seconds}

    def _send(self) -> Json:
        now = self._clock()
        book = self._authorised(now)
        if b"\\u" in request.get_data():
            raise Refusal(40033, "invalid charset. please check your request, if include \\uxxxx will create fail!")
        asked = _json_body()
        openid, text = str(asked.get("touser", "")), text_of(asked)
        with self._lock:
            follower = book.followers.get(openid)
            if follower is None:
                raise Refusal(40003, "invalid openid")
            if not follower.is_following:
                raise Refusal(43004, "require subscribe")
            if not follower.accepts:
                raise Refusal(48002, "user block")
            if refused := book.refuses or follower.window.spend(now):
                raise Refusal(refused, "response out of time limit or subscription is canceled")
        self._show_sent(book, openid, text, str(next(self._ids)), asked)
        return {"errcode": 0, "errmsg": "ok"}

    def _authorised(self, now: datetime) -> WeChatBook:
        token = request.args.get("access_token", "")
        if not token:
            raise Refusal(41001, "access_token missing")
        verdicts = [(book, book.token_error(token, now)) for book in self.books.values()]
        if good := next((book for book, error in verdicts if not error), None):
            return good
        raise Refusal(max((error for _, error in verdicts), default=40001), "invalid credential")


def _envelope(book: WeChatBook, wrapped: str, payload: bytes) -> bytes:
    fields: Fields = {"ToUserName": book.original_id, "Encrypt": wrapped}
    if book.form == "json":
        return json.dumps(fields).encode()
    body = to_xml(fields)
    return body if book.mode == "secure" else payload.replace(b"</xml>", b"") + body.replace(b"<xml>", b"")


def _decrypted(book: WeChatBook, fields: dict[str, str]) -> bytes:
    parts = (fields.get("TimeStamp", ""), fields.get("Nonce", ""), fields.get("Encrypt", ""))
    if fields.get("MsgSignature") != signature(book.token, *parts):
        raise BrokenAnswerError("the answer's signature is wrong")
    return unwrap(book.aes_key, book.app_id, parts[2])


def _answered(act: Any) -> Json:
    try:
        answer: Json = act()
    except Refusal as refusal:
        return _refused(refusal.errcode, str(refusal))
    return answer


def _refused(errcode: int, words: str) -> Json:
    return {"errcode": errcode, "errmsg": f"{words} rid: 5f3e1b2c-0a1b2c3d"}


def _json_body() -> Json:
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise Refusal(47001, "data format error")
    return body
