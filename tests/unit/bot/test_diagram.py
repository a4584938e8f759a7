"""docs/dialogue.md is drawn from the table that the engine runs on."""

from __future__ import annotations

from pathlib import Path

from bot.diagram import document
from bot.domain.conversation import Stage
from bot.trigger import Trigger

PAGE = Path(__file__).parents[3] / "docs" / "dialogue.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == document(), "run `make docs`"


def test_the_page_shows_every_stage_and_every_trigger() -> None:
    page = document()
    assert all(f"`{one.value}`" in page for one in Stage)
    assert all(f"`{one.value}`" in page for one in Trigger)
