"""Reading what a platform sent, strictly: a document has one meaning, or it is refused."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

JSON_DEPTH = 32
XML_DEPTH = 16
TEXT_LIMIT = 7000
CLOCK_LEEWAY = timedelta(minutes=5)
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_LAST_MS = 253_402_300_799_000  # the year 9999

Payload = dict[str, object]
"""A document's fields. From XML: text, a nested `Payload`, or a list of them where an element is repeated."""


class MalformedError(Exception):
    """The body is no document that we would read in one way only. The message says what is wrong, not what it held."""


def read_json(raw: bytes) -> Payload:
    """The object in `raw`: strict UTF-8, no key twice, no NaN or infinity, no NUL or lone surrogate, at most 32 deep.

    Raises `MalformedError`.
    """
    try:
        document = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite
        )
    except RecursionError:
        raise MalformedError("the JSON is nested too deep") from None
    except ValueError as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise MalformedError(f"no JSON: {type(error).__name__}") from None
    if not isinstance(document, dict):
        raise MalformedError("the JSON is no object")
    for text in _texts(document, JSON_DEPTH):
        if _NO_TEXT.search(text):
            raise MalformedError("the JSON holds a NUL or half a character")
    return document


def _unique(pairs: list[tuple[str, object]]) -> Payload:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise MalformedError("a key stands twice in the JSON")
    return fields


def _no_constant(name: str) -> object:
    raise MalformedError(f"{name} is no JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise MalformedError("a number in the JSON is infinite")
    return number


def _texts(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        if depth == 0:
            raise MalformedError("the JSON is nested too deep")
        for part in (*value.keys(), *value.values()) if isinstance(value, dict) else value:
            yield from _texts(part, depth - 1)


def read_xml(raw: bytes) -> Payload:
    """The fields of the `<xml>` element in `raw`: strict UTF-8, no DOCTYPE or entity, at most 16 deep, no attributes.

    Raises `MalformedError`.
    """
    parser = DefusedXMLParser(target=_Builder(), forbid_dtd=True)
    try:
        parser.feed(raw.decode("utf-8"))
        root: object = parser.close()
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise MalformedError(f"no XML that we read: {type(error).__name__}") from None
    if not isinstance(root, dict):
        raise MalformedError("the XML has no fields")
    return root


class _Builder:
    """Makes dictionaries while the parser reads, so that depth is bounded before anything is built."""

    def __init__(self) -> None:
        self._open: list[tuple[str, Payload, list[str]]] = []
        self._root: object = None

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        if len(self._open) == XML_DEPTH:
            raise MalformedError("the XML is nested too deep")
        if not self._open and tag != "xml":
            raise MalformedError("the XML's root is not <xml>")
        self._open.append((tag, {}, []))

    def data(self, text: str) -> None:
        self._open[-1][2].append(text)

    def end(self, tag: str) -> None:
        _, fields, texts = self._open.pop()
        value: object = fields or "".join(texts)
        if not self._open:
            self._root = value
            return
        parent = self._open[-1][1]
        if tag not in parent:
            parent[tag] = value
        elif isinstance(earlier := parent[tag], list):
            earlier.append(value)
        else:
            parent[tag] = [earlier, value]

    def close(self) -> object:
        return self._root


def word(payload: Payload, key: str) -> str:
    """The field as text: "" when it is absent, null, repeated or nested. Numbers come as their digits."""
    value = payload.get(key)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def nested(payload: Payload, key: str) -> Payload:
    """The field as fields: empty when it is absent or something else."""
    value = payload.get(key)
    return value if isinstance(value, dict) else {}


def clipped(text: str) -> str:
    """At most 7,000 characters: the longest utterance that either platform lets a contact write."""
    return text[:TEXT_LIMIT]


def fingerprint(*parts: str) -> str:
    """A name for an event by its parts, in 32 hex digits. Ids of people go into permanent keys in this form only."""
    return sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def platform_time(milliseconds: int | None, now: datetime) -> datetime:
    """The platform's time, aware, UTC; `now` when there is none, or when it lies more than five minutes ahead."""
    if milliseconds is None or not 0 <= milliseconds <= _LAST_MS:
        return now
    at = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return now if at > now + CLOCK_LEEWAY else at
