"""How something was said where no intent was read."""

from __future__ import annotations

import pytest

from bot import tone
from bot.domain.conversation import Stage
from intents.reading import Cue, Intent
from tests.unit.bot.world import MAYBE_STOP, STOP, World, answers, facts, sure, unsure


@pytest.mark.parametrize("text", ["ok", "OK!", "好的。", "知道了", "喔～", "Got it."])
def test_an_acknowledgement_is_known(text: str) -> None:
    assert tone.is_acknowledgement(text)


@pytest.mark.parametrize("text", ["", "yes please", "是的，每周一次", "okra", "好想要"])
def test_other_words_are_no_acknowledgement(text: str) -> None:
    assert not tone.is_acknowledgement(text)


@pytest.mark.parametrize("text", ["哈哈哈", "hahaha", "Haha!", "lol", "233333", "呵呵", "XD"])
def test_laughter_is_known(text: str) -> None:
    assert tone.is_laughter(text)


@pytest.mark.parametrize("text", ["", "hello", "hi", "he", "2", "hello haha", "哈尔滨"])
def test_other_words_are_no_laughter(text: str) -> None:
    assert not tone.is_laughter(text)


@pytest.mark.parametrize("text", ["why?", "你们是谁呀？", "还会收到吗", "處理到哪一步了呢", "？"])
def test_a_question_is_known_by_its_end(text: str) -> None:
    assert tone.is_question(text)


def test_a_statement_is_no_question() -> None:
    assert not tone.is_question("太多了")
    assert not tone.is_question("you write too often")


def test_laughter_gets_a_friendly_sign_and_question_marks_get_words() -> None:
    world = World()
    assert world.hears("哈哈哈") == "😊"
    assert "没听明白" in world.hears("???")


def test_an_angry_face_gets_no_smile() -> None:
    world = World()
    assert "didn't understand" in world.hears("😡😡")
    assert "complaint" in answers(world.last)


def test_an_ok_after_a_stop_is_no_yes_to_less() -> None:
    world = World()
    world.hears("STOP", STOP)
    assert world.hears("ok", cues={Cue.YES}) == "All right, everything stays stopped."
    assert answers(world.last) == ()
    assert world.is_stopped


def test_a_small_word_never_hides_an_uncertain_wish() -> None:
    world = World()
    world.hears("well hello, hmm, perhaps no more of these", MAYBE_STOP, cues={Cue.YES})
    assert world.state.stage is Stage.OPT_OUT_CONFIRM


def test_a_long_message_that_starts_with_yes_is_no_mere_yes() -> None:
    world = World()
    text = world.hears("yes well the thing I wanted to know was about the blue vase", cues={Cue.YES})
    assert "didn't understand" in text


def test_one_odd_word_in_latin_letters_does_not_change_the_language() -> None:
    world = World()
    world.hears("帮助", sure(Intent.HELP))
    assert "抱歉" in world.hears("asdkjh", language="en")
    assert "I still didn't understand" in world.hears("what do you mean by that", language="en")


def test_a_code_in_full_width_letters_does_not_change_the_language() -> None:
    world = World(facts(profile_language="zh-CN"))
    assert "已为您退订" in world.hears("ＴＤ", STOP, language="en")


def test_a_single_word_is_no_story_of_a_complaint_but_asked_about_only_once() -> None:
    world = World()
    world.hears("I have a complaint", sure(Intent.COMPLAINT))
    assert "in a few words what happened" in world.hears("well")
    assert "C-1" in world.hears("broken")


def test_whoever_stopped_is_not_asked_to_start_again() -> None:
    world = World()
    world.hears("STOP", STOP)
    world.hears("do you even listen to what people say?")
    assert answers(world.last) == ("complaint", "person")


def test_how_often_is_answered_without_speaking_of_requests() -> None:
    world = World()
    assert world.hears("what are my settings?", sure(Intent.STATUS)) == "Messages: you are not subscribed."
    assert "no open request" in world.hears("any news?", sure(Intent.STATUS))


def test_a_maybe_and_a_greeting_ask_about_the_maybe() -> None:
    world = World()
    world.hears("hello, a person perhaps", unsure(Intent.HUMAN), cues={Cue.GREETING})
    assert world.state.stage is Stage.HANDOVER_CONFIRM
