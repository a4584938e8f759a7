"""The closed network: a test that leaves the machine, or only looks up a name to do so, fails."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "ftp_proxy")


class NetworkRefusedError(OSError):
    """A test wanted to leave the loopback interface. An OSError, so that the code under test behaves as on an unplugged machine."""


def is_local(host: object) -> bool:
    """Whether `host` (a name or an address, as text or bytes) is this machine's loopback, or nothing at all (the wildcard)."""
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name is None or name in {"", "localhost"}:
        return True
    try:
        address = ipaddress.ip_address(str(name).split("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def pytest_configure() -> None:
    """Forget the proxies of the machine: loopback requests would leave through them."""
    for name in PROXIES:
        os.environ.pop(name, None)
        os.environ.pop(name.upper(), None)


@pytest.fixture(autouse=True)
def closed_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Refuse every connection beyond loopback in this process, and fail the test that tried; yields the refused targets.

    A test of the refusal itself clears the list.
    """
    refused: list[str] = []
    connect, connect_ex, sendto = socket.socket.connect, socket.socket.connect_ex, socket.socket.sendto
    getaddrinfo = socket.getaddrinfo

    def guard(host: object) -> None:
        if not is_local(host):
            refused.append(str(host))
            raise NetworkRefusedError(f"tests stay on loopback: {host!r}")

    def guard_address(open_socket: socket.socket, address: Any) -> None:
        if open_socket.family in {socket.AF_INET, socket.AF_INET6} and isinstance(address, tuple):
            guard(address[0])

    def guarded_connect(self: socket.socket, address: Any) -> None:
        guard_address(self, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        guard_address(self, address)
        return connect_ex(self, address)

    def guarded_sendto(self: socket.socket, data: bytes, *rest: Any) -> Any:
        guard_address(self, rest[-1])
        return sendto(self, data, *rest)

    def guarded_getaddrinfo(host: Any, *rest: Any, **options: Any) -> Any:
        guard(host)
        return getaddrinfo(host, *rest, **options)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    monkeypatch.setattr(socket.socket, "sendto", guarded_sendto)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
    yield refused
    if refused:
        pytest.fail(f"this test wanted to leave the machine: {', '.join(refused)}", pytrace=False)
