"""Starting again."""

from __future__ import annotations

import pytest

from bot.domain.consent import ConsentKind, Standing
from bot.domain.conversation import Holder, Stage
from intents.reading import Cue, Intent
from tests.unit.bot.world import MAYBE_STOP, SEVERAL, START_AGAIN, STOP, WEEKLY, World, answers, facts, sure, unsure


def test_a_start_says_what_comes_and_how_to_stop() -> None:
    world = World()
    world.hears("STOP", STOP)
    text = world.hears("START", START_AGAIN)
    assert not world.is_stopped
    assert "news and offers" in text
    assert "write STOP" in text
    kinds = [one.kind for one in world.changes[-3:]]
    assert kinds == [ConsentKind.OPTED_IN, ConsentKind.RESUMED, ConsentKind.HOLD_RELEASED]


def test_a_first_start_does_not_speak_of_again() -> None:
    text = World().hears("subscribe me", START_AGAIN)
    assert text.startswith("Done. You will hear from Acme")


def test_a_start_ends_a_pause_and_a_hold() -> None:
    world = World()
    world.hears("pause for a month", sure(Intent.FREQUENCY, choice="paused", days=30))
    world.hears("hmm", MAYBE_STOP)
    world.hears("START", START_AGAIN)
    assert world.facts.consent.paused_until("marketing", world.facts.now) is None
    assert world.facts.consent.held_until("marketing", world.facts.now) is None


def test_a_start_keeps_the_cap_and_says_so() -> None:
    world = World()
    world.hears("weekly", WEEKLY)
    world.hears("STOP", STOP)
    assert "at most one message a week" in world.hears("START", START_AGAIN)


def test_who_gets_messages_already_is_told_so() -> None:
    world = World()
    world.hears("START", START_AGAIN)
    assert "already" in world.hears("subscribe me", START_AGAIN)


def test_a_start_with_a_complaint_does_both() -> None:
    world = World()
    world.hears("STOP", STOP)
    text = world.hears(
        "send them again, and where is my parcel", START_AGAIN, sure(Intent.COMPLAINT, category="delivery")
    )
    assert not world.is_stopped
    assert "subscribed again" in text
    assert "C-1" in text


def test_a_start_is_done_while_an_agent_holds_the_chat() -> None:
    world = World()
    world.hears("STOP", STOP)
    world.agent_takes_over()
    assert "again" in world.hears("START", START_AGAIN)
    assert not world.is_stopped
    assert world.state.holder is Holder.AGENT


def test_perhaps_a_start_is_asked_and_changes_nothing_until_yes() -> None:
    world = World()
    world.hears("STOP", STOP)
    world.hears("maybe some of it back", unsure(Intent.OPT_IN))
    assert world.is_stopped
    assert world.state.stage is Stage.OPT_IN_CONFIRM
    assert answers(world.last) == ("yes", "no")
    world.taps("yes")
    assert world.facts.consent.standing("marketing") is Standing.OPTED_IN


@pytest.mark.parametrize("cue", [Cue.NO, Cue.NEVER_MIND])
def test_no_leaves_it_stopped(cue: Cue) -> None:
    world = World()
    world.hears("STOP", STOP)
    world.hears("maybe some of it back", unsure(Intent.OPT_IN))
    world.hears("no", cues={cue})
    assert world.is_stopped


def test_perhaps_a_start_of_who_gets_messages_changes_nothing() -> None:
    world = World()
    world.hears("START", START_AGAIN)
    before = world.facts.consent
    assert "already" in world.hears("hm, on again?", unsure(Intent.OPT_IN))
    assert world.facts.consent == before


def test_a_start_with_a_frequency_is_the_frequency_and_a_start() -> None:
    world = World(facts())
    world.hears("STOP", STOP)
    world.hears("resume, but weekly", START_AGAIN, WEEKLY)
    assert not world.is_stopped
    assert world.facts.consent.frequency().choice == "weekly"


def test_a_start_that_brings_back_more_topics_is_no_already() -> None:
    world = World(facts(topics=SEVERAL))
    world.hears("only events", sure(Intent.FREQUENCY, choice="topics", only=["events"]))
    assert "already" in (text := world.hears("hm, on again?", unsure(Intent.OPT_IN)))
    assert "Acme: Events," in text
    assert "will hear from Acme: Offers, New goods, Events," in world.hears("START", START_AGAIN)
