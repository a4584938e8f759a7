"""Requests to the platforms: every wait and answer bounded, no redirects, no proxy, no secret in a log."""

from __future__ import annotations

import email.utils
import io
import logging
import re
import time
from datetime import datetime
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError
from urllib3.response import HTTPResponse

from handlers.channel import Outcome

CONNECT_SECONDS = 3.05
READ_SECONDS = 10.0
ANSWER_LIMIT = 65_536
_DAY = 86_400
_DETAIL = 200


class NotSentError(Exception):
    """No connection came about: the platform has not seen the request."""


class AnswerLostError(Exception):
    """The request went out, but no whole answer came back: it may have been carried out."""


class _BoundedAdapter(HTTPAdapter):
    """Reads the whole answer within `seconds` and 64 KiB. Its exceptions hold no address: ours contain tokens."""

    def __init__(self, seconds: float) -> None:
        super().__init__(max_retries=0)
        self._seconds = seconds

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        deadline = time.monotonic() + self._seconds
        try:
            response = super().send(request, *args, **{**kwargs, "stream": True})
        except requests.ConnectTimeout:
            raise NotSentError("no connection in time") from None
        except requests.RequestException as error:
            raise _lost(error) from None
        response.raw = io.BytesIO(_whole(response.raw, deadline))
        return response


def _lost(error: requests.RequestException) -> NotSentError | AnswerLostError:
    cause = error.args[0] if error.args else None
    refused = isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
    if refused or isinstance(error, requests.exceptions.SSLError):
        return NotSentError(f"no connection: {type(error).__name__}")
    return AnswerLostError(f"no answer: {type(error).__name__}")


def _whole(raw: HTTPResponse, deadline: float) -> bytes:
    body = b""
    try:
        while chunk := raw.read1(8192, decode_content=True):
            body += chunk
            if len(body) > ANSWER_LIMIT:
                raise AnswerLostError("an answer above 64 KiB")
            if time.monotonic() > deadline:
                raise AnswerLostError("an answer without end")
    except (HTTPError, OSError) as error:
        raise AnswerLostError(f"a broken answer: {type(error).__name__}") from None
    finally:
        raw.close()
    return body


class BoundedSession(requests.Session):
    """A session for one account, for all threads.

    `timeout` = (connect, between two bytes), `whole` = until the answer's last byte, counted while its body is
    read; all in seconds. Raises `NotSentError` and `AnswerLostError` instead of requests' own exceptions.
    """

    def __init__(self, timeout: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS), whole: float = 15.0) -> None:
        super().__init__()
        self.trust_env = False
        self._timeout = timeout
        self.headers["Accept-Encoding"] = "identity"
        self.mount("https://", _BoundedAdapter(whole))
        self.mount("http://", _BoundedAdapter(whole))

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """As `requests.Session.request`, with our timeout and without redirects."""
        return super().request(*args, **{**kwargs, "timeout": self._timeout, "allow_redirects": False})


def http_outcome(status: int) -> Outcome | None:
    """What an HTTP status alone means for a send; None for 200, where the body decides.

    A 5xx is UNKNOWN: a gateway says 500, 502 or 504 also after the platform has taken the message. 503 and 429 say
    that it was not taken.
    """
    if status == 200:
        return None
    if status in (408, 425, 429, 503):
        return Outcome.RETRY
    if status >= 500:
        return Outcome.UNKNOWN
    return Outcome.REFUSED if status in (400, 413, 415, 422) else Outcome.ACCOUNT_BLOCKED


def retry_after(header: str | None, now: datetime) -> int | None:
    """The seconds of a `Retry-After` header, given as seconds or as a date; at most a day, None if it says neither."""
    if not header:
        return None
    if header.strip().isascii() and header.strip().isdecimal():
        return min(int(header.strip()[:9]), _DAY)
    try:
        seconds = (email.utils.parsedate_to_datetime(header) - now).total_seconds()
    except (ValueError, TypeError):
        return None
    return max(0, min(int(seconds), _DAY))


def said(text: object, *secrets: str) -> str:
    """The platform's own words for people: one line, at most 200 characters, without any of `secrets`."""
    words = " ".join(str(text).split())
    for secret in filter(None, secrets):
        words = words.replace(secret, "***")
    return "".join(character for character in words if character.isprintable())[:_DETAIL]


class _Scrubber(logging.Filter):
    """urllib3 logs every address at DEBUG, and WeChat's addresses hold the access token."""

    _TOKEN = re.compile(r"(access_token|secret)=[^&\s\"']+")

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._TOKEN.sub(r"\1=***", record.getMessage()), None
        return True


logging.getLogger("urllib3.connectionpool").addFilter(_Scrubber())
