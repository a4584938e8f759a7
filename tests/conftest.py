"""What every test run shares: loud skips, the closed network, the real browser and the real database server."""

from __future__ import annotations

from hypothesis import settings

pytest_plugins = [
    "tests.plugins.requirement",
    "tests.plugins.network",
    "tests.plugins.postgresql",
    "tests.plugins.chromium",
]

# Busy machines are slow: how long an example took says nothing about it.
settings.register_profile("quietline", deadline=None, print_blob=True)
settings.load_profile("quietline")
