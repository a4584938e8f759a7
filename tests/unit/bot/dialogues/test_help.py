"""Help, courtesy, status, and what is not understood."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bot.domain.conversation import Holder, Stage
from bot.domain.effect import HandOver
from bot.domain.event import Medium
from intents.reading import Cue, Intent
from tests.unit.bot.world import START_AGAIN, STOP, WEEKLY, World, answers, facts, sure

HELP = sure(Intent.HELP)
STATUS = sure(Intent.STATUS)


def test_help_says_what_can_be_done_and_changes_nothing() -> None:
    world = World()
    text = world.hears("HELP", HELP)
    assert "STOP" in text
    assert answers(world.last) == ("less", "stop", "complaint", "person")
    assert not world.changes
    assert world.hears("got it, thanks", cues={Cue.YES, Cue.THANKS}) == "You're welcome."
    assert world.state.stage is Stage.IDLE


def test_the_entries_of_help_can_be_chosen() -> None:
    world = World()
    world.hears("HELP", HELP)
    world.hears("3", choice="complaint")
    assert world.state.stage is Stage.COMPLAINT_DESCRIBE


def test_an_entry_that_only_occurs_in_a_sentence_is_not_chosen() -> None:
    world = World()
    world.hears("HELP", HELP)
    world.hears("does the stop at Main Street still exist?", choice="stop")
    assert not world.changes


def test_help_for_a_stopped_contact_offers_the_start() -> None:
    world = World()
    world.hears("STOP", STOP)
    world.hears("HELP", HELP)
    assert "start" in answers(world.last)


def test_help_is_never_the_same_twice_and_then_offers_a_person() -> None:
    world = World()
    texts = [world.hears("HELP", HELP) for _ in range(3)]
    assert len(set(texts)) == 3
    assert world.state.stage is Stage.HANDOVER_CONFIRM


def test_what_is_not_understood_brings_help_then_a_shorter_line_then_a_person() -> None:
    world = World()
    texts = [world.hears(f"blah number {turn} of many") for turn in range(3)]
    assert len(set(texts)) == 3
    assert len(texts[1]) < len(texts[0])
    assert world.state.stage is Stage.HANDOVER_CONFIRM
    world.hears("yes", cues={Cue.YES})
    assert world.of(HandOver) == [HandOver("not_understood", "blah number 2 of many")]


def test_it_goes_on_without_repeating_itself() -> None:
    world = World()
    texts = [world.hears(f"blah number {turn} of many") for turn in range(8)]
    assert all(one != other for one, other in pairwise(texts))


def test_misses_count_only_in_a_row() -> None:
    world = World()
    world.hears("blah blah blah")
    world.hears("weekly", WEEKLY)
    assert "didn't understand" in world.hears("blah blah blah")
    assert world.state.stage is Stage.MENU


@pytest.mark.parametrize("text", ["1", "42", "3️⃣", "1.", "２"])
def test_a_bare_number_does_nothing(text: str) -> None:
    world = World()
    assert "number" in world.hears(text)
    assert not world.changes
    assert world.state.holder is Holder.BOT


@pytest.mark.parametrize("text", ["😂😂", "❤️", "👍", "…", "!!!"])
def test_signs_alone_get_a_friendly_sign(text: str) -> None:
    world = World()
    replies = [world.hears(text) for _ in range(3)]
    assert set(replies) == {"🙂", "😊"}
    assert not world.changes


@pytest.mark.parametrize("cue", Cue)
def test_small_words_out_of_the_blue_get_a_short_courtesy(cue: Cue) -> None:
    world = World()
    text = world.hears("word", cues={cue})
    assert 0 < len(text) < 50
    assert world.state.stage is Stage.IDLE
    assert not world.changes


@pytest.mark.parametrize("medium", Medium)
def test_media_are_acknowledged_by_kind_and_not_twice_alike(medium: Medium) -> None:
    world = World()
    first, second = world.sends(medium), world.sends(medium)
    assert first
    assert second
    assert first != second


def test_a_greeting_before_a_long_question_is_not_all_that_was_said() -> None:
    world = World()
    text = world.hears("hello, until when is your shop in the old town open today", cues={Cue.GREETING})
    assert "didn't understand" in text
    assert world.hears("thank you ever so much for all your patience with me", cues={Cue.THANKS}) == "You're welcome."


def test_courtesy_leaves_a_serious_question_open() -> None:
    world = World()
    world.hears("delete my account", sure(Intent.ACCOUNT_DELETION))
    world.hears("thanks", cues={Cue.THANKS})
    assert world.state.stage is Stage.DELETION_REASON


def test_status_without_a_case_tells_the_settings() -> None:
    world = World()
    assert "no open request" in world.hears("status", STATUS)
    assert "not subscribed" in world.effects[-1].message.text  # type: ignore[union-attr]
    world.hears("weekly", WEEKLY)
    assert "at most one message a week" in world.hears("status", STATUS)
    world.hears("pause", sure(Intent.FREQUENCY, choice="paused", days=10))
    assert "paused until 30 November 2026" in world.hears("status", STATUS)
    world.hears("START", START_AGAIN)
    world.hears("hmm", sure(Intent.FREQUENCY, choice="topics", only=["x"]))
    assert "on hold" in world.hears("status", STATUS)
    world.hears("STOP", STOP)
    assert "unsubscribed" in world.hears("status", STATUS)


def test_status_of_a_case_tells_where_it_stands_on_the_contacts_clock() -> None:
    world = World(facts(zone="Asia/Shanghai"))
    world.hears("my parcel from Monday is lost", sure(Intent.COMPLAINT, category="delivery"))
    text = world.hears("any news", STATUS)
    assert "C-1: received" in text
    assert "Saturday 21 November, 17:00" in text
    assert world.state.stage is Stage.COMPLAINT_MORE
    again = world.hears("any news", STATUS)
    assert again != text
    assert text in again


def test_how_do_i_stop_is_asked_back_and_not_only_explained() -> None:
    from tests.unit.bot.world import MAYBE_STOP

    world = World()
    world.hears("how does one stop this", HELP, MAYBE_STOP)
    assert world.state.stage is Stage.OPT_OUT_CONFIRM


def test_the_settings_are_told_beside_a_case_only_to_who_asks_for_them() -> None:
    world = World()
    world.hears("my parcel from Monday is lost", sure(Intent.COMPLAINT, category="delivery"))
    assert "Messages:" not in world.hears("any news", STATUS)
    assert "Messages:" in world.hears("and am I still subscribed", STATUS)
