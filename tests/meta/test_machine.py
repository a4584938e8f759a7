"""What the tests themselves stand on: the closed network, the real database server, the real browser."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.plugins.network import NetworkRefusedError, is_local

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.plugins.postgresql import PostgresqlServer

OUTSIDE = "192.0.2.1"  # RFC 5737: an address for documents, nobody's


class Page(http.server.BaseHTTPRequestHandler):
    """One page for the browser."""

    def do_GET(self) -> None:
        """Answer with a sentence in Chinese."""
        body = "<!doctype html><title>t</title><p id=p>退订成功</p>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 (the name is the parent's)
        """Say nothing."""


@pytest.fixture
def page_address() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_a_connection_beyond_loopback_is_refused(closed_network: list[str]) -> None:
    with socket.socket() as client, pytest.raises(NetworkRefusedError):
        client.connect((OUTSIDE, 80))
    with pytest.raises(NetworkRefusedError):
        socket.create_connection(("example.org", 80))
    assert closed_network == [OUTSIDE, "example.org"]
    closed_network.clear()


def test_a_datagram_beyond_loopback_is_refused(closed_network: list[str]) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as client, pytest.raises(NetworkRefusedError):
        client.sendto(b"x", (OUTSIDE, 53))
    assert closed_network == [OUTSIDE]
    closed_network.clear()


def test_a_connection_on_loopback_is_made() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        peer, _ = server.accept()
        peer.close()
        assert client.recv(1) == b""


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", b"localhost", "", None, "0.0.0.0"])
def test_loopback_counts_as_local(host: object) -> None:
    assert is_local(host)


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.org", "localhost.example.org", b"example.org"])
def test_everything_else_does_not_count_as_local(host: object) -> None:
    assert not is_local(host)


@pytest.mark.postgresql
@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_an_empty_database_of_its_own(postgresql_database: str, turn: int) -> None:
    with psycopg.connect(postgresql_database.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE guest (turn integer)")
        connection.execute("INSERT INTO guest VALUES (%s)", (turn,))
        assert connection.execute("SELECT turn FROM guest").fetchall() == [(turn,)]


@pytest.mark.postgresql
def test_the_database_server_is_new_enough_and_durable(postgresql_url: str) -> None:
    with psycopg.connect(postgresql_url.replace("+psycopg", "")) as connection:
        assert connection.info.server_version >= 150000
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)


@pytest.mark.postgresql
def test_a_database_can_be_made_after_a_template(postgresql_server: PostgresqlServer) -> None:
    template = postgresql_server.create()
    with psycopg.connect(postgresql_server.url(template).replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE furniture ()")
    copy = postgresql_server.create(template)
    with psycopg.connect(postgresql_server.url(copy).replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT to_regclass('furniture')::text").fetchone() == ("furniture",)
    postgresql_server.drop(copy)
    postgresql_server.drop(template)


@pytest.mark.browser
def test_the_browser_shows_a_page_of_this_machine(chromium_browser: Browser, page_address: str) -> None:
    page = chromium_browser.new_page(locale="zh-CN")
    page.goto(page_address)
    assert page.locator("#p").inner_text() == "退订成功"
    page.close()


@pytest.mark.browser
def test_the_browser_reaches_nothing_else(chromium_browser: Browser) -> None:
    from playwright.sync_api import Error

    page = chromium_browser.new_page()
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://example.org/")
    page.close()
