"""Attacks on the running parts: a house on a real database, with the platforms as fakes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from storage import migration
from storage.store import open_store
from tests.support.channel import SettableClock
from tests.support.house import KEYS, Home


@pytest.fixture(autouse=True)
def quiet_log() -> Iterator[list[Any]]:
    """What was logged. Captured, because drawing a traceback for the terminal takes longer than the test."""
    with capture_logs() as entries:
        yield entries


@pytest.fixture
def clock() -> SettableClock:
    """The clock of the house."""
    return SettableClock()


@pytest.fixture
def home(tmp_path: Path, clock: SettableClock) -> Iterator[Home]:
    """A house with a Viber and a WeChat account whose platforms are fakes."""
    url = f"sqlite:///{tmp_path}/quietline.sqlite3"
    migration.upgrade(url)
    store = open_store(url, KEYS)
    try:
        yield Home(store, url, clock)
    finally:
        store.close()
