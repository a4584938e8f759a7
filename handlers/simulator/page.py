"""The demo's page and the routes it lives on. Everything that changes something needs this run's token and our own origin."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Blueprint, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from handlers.errors import problem
from handlers.settings import Account
from handlers.simulator.act import Acts
from handlers.simulator.brand import TOPICS
from handlers.simulator.feed import Contact, Feeds
from handlers.simulator.view import View
from handlers.webhooks.document import MalformedError, read_json
from locales.language import LANGUAGES

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADER = "X-Demo-Token"
LONGEST = 7000  # characters of one message
WAITING = 40  # acts that may wait; more are refused
BODY = 65_536
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

Json = dict[str, Any]

log = structlog.get_logger("quietline.demo")


class Queue:
    """Acts one after the other, in a thread of their own: an act calls our own webhook and must not hold a web thread meanwhile."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="demo-act")
        self._room = threading.BoundedSemaphore(WAITING)

    def put(self, act: Callable[[], None]) -> bool:
        """Do it soon; False when too much is waiting."""
        if not self._room.acquire(blocking=False):
            return False
        self._pool.submit(self._do, act)
        return True

    def _do(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception:  # the next act must still be done; the log says what happened
            log.exception("demo_act_failed")
        finally:
            self._room.release()

    def stop(self) -> None:
        """Drop what waits and finish what is under way."""
        self._pool.shutdown(wait=True, cancel_futures=True)


class Page:
    """The routes over one running demo. `is_private`: only requests that name this machine as their host are answered."""

    def __init__(
        self, accounts: tuple[Account, ...], view: View, acts: Acts, feeds: Feeds, *, is_private: bool
    ) -> None:
        self._accounts = {one.channel.value: one.name for one in accounts}
        self._view, self._acts, self._feeds = view, acts, feeds
        self._is_private = is_private
        self._token = secrets.token_urlsafe(24)
        self.queue = Queue()

    def blueprint(self) -> Blueprint:
        """Every route of the demo."""
        routes = Blueprint(
            "demo", __name__, static_folder="static", static_url_path="/demo/static", template_folder="templates"
        )
        routes.before_request(self._guard)
        routes.after_request(_headers)
        routes.add_url_rule("/", "home", lambda: redirect("/demo"))
        routes.add_url_rule("/demo", "page", lambda: render_template("demo.html", token=self._token, topics=TOPICS))
        routes.add_url_rule("/demo/state", "state", self._state)
        routes.add_url_rule("/demo/act", "act", self._act, methods=["POST"])
        routes.add_url_rule("/demo/contact", "contact", self._contact, methods=["POST"])
        return routes

    def _guard(self) -> Response | None:
        if self._is_private and urlsplit(f"//{request.host}").hostname not in LOOPBACK:
            return problem(403, "the demo answers only under the name of this machine, such as 127.0.0.1")
        if request.endpoint in ("demo.state", "demo.act", "demo.contact"):
            given = request.headers.get(HEADER, "")
            if not hmac.compare_digest(given.encode(), self._token.encode()):
                return problem(403, "this page belongs to an earlier run of the demo: load it again")
        if request.method == "POST" and request.headers.get("Origin") != request.host_url.rstrip("/"):
            return problem(403, "only the demo's own page may do this")
        return None

    def _state(self) -> AnyResponse:
        shown: Json = {"sides": {}, "people": {}}
        for channel, account in self._accounts.items():
            shown["people"][channel] = self._view.people(account)
            who = self._feeds.find(account, request.args.get(channel, ""))
            if who:
                shown["sides"][channel] = self._view.side(who, self._acts.last(who))
        body = json.dumps(shown, ensure_ascii=True, separators=(",", ":"))
        digest = hashlib.sha256(body.encode()).hexdigest()[:16]
        if request.args.get("since") == digest:
            return Response(status=204)
        return Response(f'{{"digest":"{digest}",{body[1:]}', content_type="application/json")

    def _body(self) -> Json:
        if (request.content_length or 0) > BODY:
            abort(413)
        try:
            return dict(read_json(request.get_data()))
        except MalformedError as error:
            abort(400, f"send a JSON object: {error}")

    def _contact(self) -> AnyResponse:
        body = self._body()
        channel, language, name = (str(body.get(key) or "") for key in ("channel", "language", "name"))
        if channel not in self._accounts or language not in LANGUAGES or not name.strip():
            return problem(400, "name a channel, a language and a name")
        who = self._acts.enter(channel, self._accounts[channel], name.strip()[:40], language)
        self.queue.put(lambda: self._acts.follow(who))
        return Response(json.dumps({"id": who.user_id, "name": who.name}), 201, content_type="application/json")

    def _act(self) -> AnyResponse:
        body = self._body()
        who = self._feeds.find(self._accounts.get(str(body.get("channel")), ""), str(body.get("contact")))
        if who is None:
            return problem(404, "there is no such contact in the demo")
        act = self._chosen(who, str(body.get("act")), body.get("value"))
        if act is None:
            return problem(400, "there is no such act, or its value is missing")
        if not self.queue.put(act):
            return problem(429, "too much at once: wait a moment")
        return Response('{"accepted":true}', 202, content_type="application/json")

    def _chosen(self, who: Contact, name: str, value: object) -> Callable[[], None] | None:
        plain: dict[str, Callable[[Contact], None]] = {
            "sticker": self._acts.sticker,
            "picture": self._acts.picture,
            "open_chat": self._acts.open_chat,
            "follow": self._acts.follow,
            "leave": self._acts.leave,
            "redeliver": self._acts.redeliver,
            "take_over": self._acts.take_over,
            "hand_back": self._acts.hand_back,
        }
        worded: dict[str, Callable[[Contact, str], None]] = {
            "say": self._acts.say,
            "tap": self._acts.tap,
            "speak": self._acts.speak,
            "reply": self._acts.reply,
            "campaign": self._acts.campaign,
        }
        if name in plain:
            return lambda: plain[name](who)
        words = _words(value)
        if name not in worded or not words:
            return None
        if name == "campaign" and words not in {one["id"] for one in TOPICS}:
            return None
        return lambda: worded[name](who, words)


def _words(value: object) -> str:
    """What was typed, without halves of characters, cut to what a message may hold."""
    text = value if isinstance(value, str) else ""
    return text.encode("utf-8", "ignore").decode()[:LONGEST].strip()


def _headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CSP
    if request.endpoint == "demo.static":
        response.headers["Cache-Control"] = "no-cache"
    return response
