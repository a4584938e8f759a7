"""Readable transcripts, played through the real webhooks: what stands in the file is what happens, word for word. `play.py` explains the lines.

After a change that is meant, write them anew with `QUIETLINE_REWRITE=1 .venv/bin/python -m pytest tests/conversations` and read the diff.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conversations.play import played

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*/*.txt"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_conversation_goes_as_its_transcript_says(file: Path, tmp_path: Path) -> None:
    script = file.read_text(encoding="utf-8")
    actual = played(script, tmp_path)
    if os.environ.get("QUIETLINE_REWRITE"):
        file.write_text(actual, encoding="utf-8")
    assert actual == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_transcript_says_in_its_first_line_what_it_shows(file: Path) -> None:
    assert file.read_text(encoding="utf-8").startswith("# ")


def test_there_are_transcripts_in_both_languages() -> None:
    assert {file.parent.name for file in FILES} == {"en", "zh"}
