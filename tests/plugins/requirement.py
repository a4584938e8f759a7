"""What a machine may lack: a loud skip that says how to get it, or a failure where everything has to run."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

REQUIRE_ALL = "QUIETLINE_REQUIRE_ALL"
SIGN = "NOT RUN:"


def refuse(what: str, remedy: str) -> NoReturn:
    """Skip the test for want of `what`, saying the `remedy`; fail it when `QUIETLINE_REQUIRE_ALL=1`, as continuous integration sets it."""
    sentence = f"{SIGN} {what} is missing. To run this test: {remedy}"
    if os.environ.get(REQUIRE_ALL) == "1":
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once for each missing thing how many tests did not run, where nobody can overlook it."""
    counts: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if SIGN in reason:
            sentence = reason[reason.index(SIGN) + len(SIGN) :].strip()
            counts[sentence] = counts.get(sentence, 0) + 1
    for sentence, count in sorted(counts.items()):
        terminalreporter.section("NOT EVERYTHING WAS TESTED", sep="!", red=True, bold=True)
        terminalreporter.write_line(f"{count} test(s) were skipped: {sentence}", red=True, bold=True)
