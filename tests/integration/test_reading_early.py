"""A long text is read before the transaction, so that nobody waits for it; the reading counts only under the same context."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.event import Origin, UtteranceReceived
from handlers.services import reading
from intents.reading import Context, Reading
from tests.support.journey import Journey, journey

STORY = "I wrote to you about the delivery. " * 20 + "Please stop sending me messages."


@pytest.fixture
def trip(tmp_path: Path) -> Iterator[Journey]:
    with journey(tmp_path) as built:
        yield built


def said(trip: Journey, text: str) -> UtteranceReceived:
    return UtteranceReceived(Origin("viber", "anna", "key", trip.clock.now), text)


def test_a_short_text_is_left_to_the_transaction(trip: Journey) -> None:
    assert reading.read_early(trip.house, trip.house.account("viber"), said(trip, "STOP")) is None


def test_a_long_text_is_read_under_the_context_that_the_transaction_will_find(trip: Journey) -> None:
    trip.says("viber", "anna", "STOP")
    early = reading.read_early(trip.house, trip.house.account("viber"), said(trip, STORY))
    assert early is not None
    assert early.context.question == "opt_out_offer"
    assert reading.read(trip.house, said(trip, STORY), early.context, early) is early.reading


def test_an_early_reading_under_another_context_is_not_used(trip: Journey) -> None:
    early = reading.Early(Context(question="opt_out_offer"), Reading(text="something else", language=None))
    found = reading.read(trip.house, said(trip, STORY), Context(), early)
    assert found is not None
    assert found.text == STORY


def test_the_stop_at_the_end_of_a_long_text_takes_effect(trip: Journey) -> None:
    trip.says("viber", "anna", STORY)
    assert trip.consent("viber", "anna").is_opted_out("marketing")
