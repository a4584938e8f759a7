"""The API as a program of the brand sees it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.caller import Caller, open_caller


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Caller]:
    """A new service with two accounts, and somebody who calls it."""
    caller = open_caller(tmp_path)
    try:
        yield caller
    finally:
        caller.house.store.close()
