"""Misbehaving on demand: what real platforms do on bad days, in an order that a test chooses."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from flask import Response, jsonify

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Fault:
    """One bad answer; make it with the functions below. `is_taken`: the request is carried out all the same, only the answer is bad."""

    kind: str
    number: int = 0
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    is_taken: bool = False


def http_status(number: int, is_taken: bool = False, **headers: str) -> Fault:
    """An HTTP error: `http_status(429, Retry_After="7")`."""
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return Fault("http", number, "<html>Error</html>", named, is_taken=is_taken)


def code(number: int, words: str = "as you asked") -> Fault:
    """The platform's own error code, in an orderly answer."""
    return Fault("code", number, words)


def garbled(body: str = "<html>Bad gateway</html>", is_taken: bool = False) -> Fault:
    """HTTP 200 with a body that is no JSON, or not the expected one."""
    return Fault("garbled", body=body, is_taken=is_taken)


def stall(seconds: float = 60.0, is_taken: bool = False) -> Fault:
    """No answer for so long."""
    return Fault("stall", seconds=seconds, is_taken=is_taken)


def drip(seconds: float = 0.05, is_taken: bool = False) -> Fault:
    """A body without end, one byte at a time with so much between."""
    return Fault("drip", seconds=seconds, is_taken=is_taken)


def flood(size: int = 1_000_000, is_taken: bool = False) -> Fault:
    """A body of so many bytes."""
    return Fault("flood", size, is_taken=is_taken)


def reset(is_taken: bool = False) -> Fault:
    """The connection is cut instead of an answer."""
    return Fault("reset", is_taken=is_taken)


class Faults:
    """The bad answers that are due, first in first out. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._due: list[tuple[str, Fault]] = []
        self._over = threading.Event()

    def add(self, fault: Fault, endpoint: str = "", times: int = 1) -> None:
        """Answer the next `times` requests so; `endpoint` = only those to e.g. `send_message` or `message/custom/send`."""
        with self._lock:
            self._due += [(endpoint, fault)] * times

    def clear(self) -> None:
        """Behave again."""
        with self._lock:
            self._due.clear()

    def stop(self) -> None:
        """End every stalled or dripping answer."""
        self._over.set()

    def take(self, endpoint: str) -> Fault | None:
        """The fault for this request, which is then used up."""
        with self._lock:
            for place, (wanted, fault) in enumerate(self._due):
                if wanted in ("", endpoint):
                    del self._due[place]
                    return fault
        return None

    def answer(self, endpoint: str, act: Callable[[], Json], refuse: Callable[[int, str], Json]) -> Response:
        """Do `act` and answer what it returns, unless a fault is due. `refuse` puts an error code into the platform's form."""
        fault = self.take(endpoint)
        if fault is None:
            return jsonify(act())
        if fault.is_taken:
            act()
        if fault.kind == "code":
            return jsonify(refuse(fault.number, fault.body))
        if fault.kind in ("http", "garbled"):
            return Response(fault.body, fault.number or 200, fault.headers, content_type="text/html; charset=utf-8")
        return Response(self._body(fault), 200, content_type="application/json")

    def _body(self, fault: Fault) -> Iterator[bytes]:
        if fault.kind == "reset":
            raise ConnectionResetError
        if fault.kind == "flood":
            yield b" " * fault.number
        while fault.kind == "drip" and not self._over.wait(fault.seconds):
            yield b" "
        if fault.kind == "stall":
            self._over.wait(fault.seconds)
            yield b"{}"
