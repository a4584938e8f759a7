"""CONTRIBUTING.md sends nobody to a file or a command that is not there."""

from __future__ import annotations

import re
from pathlib import Path

HOUSE = Path(__file__).parents[2]
GUIDE = (HOUSE / "CONTRIBUTING.md").read_text(encoding="utf-8")
FOLDERS = ("bot", "docs", "handlers", "intents", "locales", "storage", "tests")


def named_paths(text: str) -> set[str]:
    """The files and folders that a text names in code marks; of `a/<channel>/b`, the part that does not depend on the channel."""
    marked = re.findall(r"`([^`\s]+)`", text)
    fixed = {path.split("<")[0] for path in marked if path.split("/")[0] in FOLDERS and "/" in path}
    return {path if path.endswith(("/", ".py", ".md")) else path.rpartition("/")[0] for path in fixed}


def targets(makefile: str) -> set[str]:
    """The commands of the Makefile that `make help` explains."""
    return set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))


def test_every_file_that_the_guide_names_exists() -> None:
    paths = named_paths(GUIDE)
    assert len(paths) > 10
    assert sorted(path for path in paths if not (HOUSE / path).exists()) == []


def test_every_command_that_the_documents_name_exists() -> None:
    commands = targets((HOUSE / "Makefile").read_text(encoding="utf-8"))
    documents = [*HOUSE.glob("*.md"), *(HOUSE / "docs").rglob("*.md")]
    named = {
        name for document in documents for name in re.findall(r"`make ([a-z]+)", document.read_text(encoding="utf-8"))
    }
    assert {"demo", "test", "check"} <= named <= commands


def test_paths_are_recognised_in_a_text() -> None:
    text = "`bot/engine.py`, `tests/webhooks/<channel>/`, `tests/unit/test_<intent>.py`, `intents/phrases/en/<intent>.phrases` and `make x`"
    assert named_paths(text) == {"bot/engine.py", "tests/webhooks/", "tests/unit", "intents/phrases/en/"}
