"""The stand-in platform as a fixture."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from handlers.simulator.platform import Platform
from tests.support.channel import SettableClock


@pytest.fixture
def clock() -> SettableClock:
    """The clock of service and platform."""
    return SettableClock()


@pytest.fixture
def platform(clock: SettableClock) -> Iterator[Platform]:
    """Both platforms, listening on loopback."""
    with Platform(clock) as running:
        yield running
