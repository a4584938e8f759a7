"""The platform's way to the service: one POST of a callback, and what came back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import requests

ANSWER_SECONDS = 5.0
"""WeChat cuts the connection after this; Viber's limit is about the same."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The service's answer. `status` 0 = none came."""

    status: int
    content_type: str = ""
    body: bytes = b""


Poster = Callable[[str, bytes, dict[str, str]], Answer]
"""Posts bytes with headers to an address (query included). A test can put a Flask test client here."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A callback that was made. `payload` is its content before signing and encrypting, `reply` the answer after decrypting:
    Viber's welcome JSON, WeChat's reply XML or `success`. `problem` = what the platform would complain about."""

    account: str
    user_id: str
    payload: bytes
    status: int
    reply: str = ""
    problem: str = ""
    raw: Answer = Answer(0)


def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """Post over HTTP, as a platform does: five seconds, no redirects."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            response = session.post(url, data=body, headers=headers, timeout=ANSWER_SECONDS, allow_redirects=False)
    except requests.RequestException:
        return Answer(0)
    return Answer(response.status_code, response.headers.get("Content-Type", ""), response.content)
