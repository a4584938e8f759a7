"""A missing browser or database never passes silently."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plugins.requirement import REQUIRE_ALL, refuse

HOUSE = Path(__file__).parents[2]
WANTING = """
from tests.plugins.requirement import refuse

def test_of_a_telescope():
    refuse("a telescope", "apt-get install telescope")

def test_of_the_naked_eye():
    assert True
"""


def run_without_telescope(folder: Path, required: str) -> subprocess.CompletedProcess[str]:
    """Run a test file of its own in which one test lacks something."""
    (folder / "test_wanting.py").write_text(WANTING)
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.plugins.requirement",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        folder,
    ]
    environment = {"PATH": os.defpath, "PYTHONPATH": str(HOUSE), REQUIRE_ALL: required}
    return subprocess.run(
        [*command, "-c", os.devnull, folder], env=environment, cwd=folder, capture_output=True, text=True, check=False
    )


def test_a_missing_thing_skips_and_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REQUIRE_ALL, raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt-get install telescope"):
        refuse("a telescope", "apt-get install telescope")


def test_a_missing_thing_fails_where_everything_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REQUIRE_ALL, "1")
    with pytest.raises(pytest.fail.Exception, match="apt-get install telescope"):
        refuse("a telescope", "apt-get install telescope")


def test_the_end_of_a_run_names_what_was_missing(tmp_path: Path) -> None:
    run = run_without_telescope(tmp_path, required="")
    assert run.returncode == 0, run.stdout
    assert "NOT EVERYTHING WAS TESTED" in run.stdout
    assert "1 test(s) were skipped: a telescope is missing. To run this test: apt-get install telescope" in run.stdout


def test_a_run_that_requires_everything_fails_for_want_of_it(tmp_path: Path) -> None:
    run = run_without_telescope(tmp_path, required="1")
    assert run.returncode == 1, run.stdout
    assert "1 failed, 1 passed" in run.stdout
