"""A real Chromium, headless, that can reach nothing but this machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.plugins.requirement import refuse

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",  # root, as in most containers, has no sandbox
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


def find_chromium() -> str | None:
    """The path of an installed Chromium or Chrome, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def chromium_browser() -> Iterator[Browser]:
    """One browser for each test process; each test opens its own context (`chromium_browser.new_context(locale=…)`) and closes it.

    Playwright's driver keeps an event loop in this thread while the browser lives: `asyncio.run` cannot be used in a test beside it.
    """
    path = find_chromium()
    if path is None:
        refuse("Chromium", "apt-get install chromium fonts-noto-cjk")
    # Imported late: whoever runs no browser test need not load the driver.
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()
