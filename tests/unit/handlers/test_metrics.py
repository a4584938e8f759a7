"""The figures for Prometheus: what is counted, and what is said while the database is away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from handlers.metrics import Metrics
from storage.error import Unavailable


class Store:
    """A database that can be away."""

    is_away = False

    def read(self, _work: Callable[[Any], Any]) -> tuple[dict[str, int], int]:
        """As the real one, with fixed figures."""
        if self.is_away:
            raise Unavailable("away")
        return {"outbox_queued": 3}, 41


class House:
    """What the figures need of the house."""

    def __init__(self) -> None:
        self.store = Store()


@pytest.fixture
def house() -> House:
    """A house with nothing but a database."""
    return House()


@pytest.fixture
def page(house: House) -> Callable[..., str]:
    """Make requests, then read the page."""
    app = Flask("quietline", static_folder=None)
    metrics = Metrics(app, house)  # type: ignore[arg-type]
    app.add_url_rule("/chats/<name>", "chat", lambda name: name)

    def read(*paths: str) -> str:
        for path in paths:
            app.test_client().get(path)
        return metrics.page().decode()

    return read


def test_queues_and_ledger_are_counted(page: Callable[..., str]) -> None:
    text = page()
    assert 'quietline_queue_depth{queue="outbox_queued"} 3.0' in text
    assert "quietline_ledger_events 41.0" in text
    assert "quietline_database_up 1.0" in text


def test_requests_are_counted_by_route_and_never_by_path(page: Callable[..., str]) -> None:
    text = page("/chats/mai", "/chats/li", "/secret-path")
    assert 'quietline_requests_total{method="GET",route="/chats/<name>",status="200"} 2.0' in text
    assert 'quietline_requests_total{method="any",route="unknown",status="404"} 1.0' in text
    assert 'quietline_request_seconds_count{route="/chats/<name>"} 2.0' in text
    assert "mai" not in text
    assert "secret" not in text


def test_without_a_database_the_page_says_so_and_keeps_its_figures(house: House, page: Callable[..., str]) -> None:
    page()
    house.store.is_away = True
    text = page("/chats/mai")
    assert "quietline_database_up 0.0" in text
    assert 'quietline_queue_depth{queue="outbox_queued"} 3.0' in text
    assert 'status="200"} 1.0' in text
