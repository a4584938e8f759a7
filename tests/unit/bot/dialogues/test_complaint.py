"""Complaints, suggestions, praise: from the announcement to the case, and the same grievance again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.dialogues.grievance import is_same, substance
from bot.domain.case import CaseKind, CaseStatus, Priority
from bot.domain.consent import ConsentKind, FrequencyChoice
from bot.domain.conversation import Holder, Stage
from bot.domain.effect import AddToCase, HandOver, OpenCase, StartTimer, WithdrawCase
from bot.domain.event import Medium, TimerName
from bot.domain.message import Purpose
from intents.reading import Cue, Intent, Recognised
from tests.unit.bot.world import (
    MAYBE_STOP,
    PERSON,
    WEEKLY,
    World,
    answers,
    facts,
    message,
    sure,
    unsure,
)

ANNOUNCED = sure(Intent.COMPLAINT)
LATE_PARCEL = sure(Intent.COMPLAINT, category="delivery")


def opened() -> World:
    world = World()
    world.hears("my parcel from Monday still is not here", LATE_PARCEL)
    return world


def case(world: World) -> OpenCase:
    (found,) = world.of(OpenCase)
    assert isinstance(found, OpenCase)
    return found


def test_a_full_complaint_opens_a_case_at_once_and_tells_number_and_clock() -> None:
    world = World()
    text = world.hears("my parcel from Monday still is not here", LATE_PARCEL)
    assert case(world) == OpenCase(
        "C-1", CaseKind.COMPLAINT, "delivery", Priority.NORMAL, "my parcel from Monday still is not here"
    )
    assert "C-1" in text
    assert "within 4 working hours" in text
    assert "within 24" in text
    assert world.state.stage is Stage.COMPLAINT_MORE


def test_urgency_is_priority() -> None:
    world = World()
    world.hears("the heater you sold is smoking", sure(Intent.COMPLAINT, category="product", urgency="high"))
    assert case(world).priority is Priority.HIGH


def test_an_announcement_alone_asks_what_happened_and_opens_nothing() -> None:
    world = World()
    text = world.hears("I have a complaint", ANNOUNCED)
    assert "what happened" in text
    assert not world.of(OpenCase)
    assert world.state.stage is Stage.COMPLAINT_DESCRIBE
    (clock,) = world.of(StartTimer)
    assert isinstance(clock, StartTimer)
    assert (clock.at - world.facts.now).total_seconds() == 600


def test_any_words_after_the_announcement_are_the_story() -> None:
    world = World()
    world.hears("我要投诉", ANNOUNCED)
    text = world.hears("店里买的面包里有一根线")
    assert case(world).summary == "我要投诉\n店里买的面包里有一根线"
    assert "编号C-1" in text


def test_a_picture_after_the_announcement_opens_the_case_with_its_mark() -> None:
    world = World()
    world.hears("I have a complaint", ANNOUNCED)
    world.sends(Medium.PICTURE)
    assert case(world).summary == "I have a complaint\n[picture]"
    world.sends(Medium.VIDEO)
    assert world.of(AddToCase) == [AddToCase("C-1", "[video]")]


@pytest.mark.parametrize(
    ("words", "intents", "cue"),
    [("forget it, no complaint", [ANNOUNCED], Cue.NEVER_MIND), ("forget it", [], Cue.NEVER_MIND), ("no", [], Cue.NO)],
)
def test_never_mind_after_the_announcement_leaves_no_case(words: str, intents: list[Recognised], cue: Cue) -> None:
    world = World()
    world.hears("I have a complaint", ANNOUNCED)
    assert "no complaint was recorded" in world.hears(words, *intents, cues={cue})
    assert world.state.stage is Stage.IDLE
    assert not world.of(OpenCase)


@pytest.mark.parametrize(
    ("story", "cue"),
    [
        ("hello, the blue vase came broken", Cue.GREETING),
        ("您好，昨天送来的花瓶碎了", Cue.GREETING),
        ("the vase came in three pieces, thanks", Cue.THANKS),
        ("no, the courier just left it out in the rain", Cue.NO),
    ],
)
def test_a_small_word_does_not_swallow_the_story(story: str, cue: Cue) -> None:
    world = World()
    world.hears("I have a complaint", ANNOUNCED)
    world.hears(story, cues={cue})
    assert case(world).summary == f"I have a complaint\n{story}"


def test_a_story_opened_elsewhere_does_not_end_up_in_the_case() -> None:
    world = World()
    world.hears("is anybody there", unsure(Intent.HUMAN))
    world.hears("my parcel from Monday is lost", LATE_PARCEL)
    assert case(world).summary == "my parcel from Monday is lost"


def test_the_clock_of_a_dropped_complaint_does_nothing() -> None:
    world = World()
    world.hears("I have a complaint", ANNOUNCED)
    world.hears("forget it", cues={Cue.NEVER_MIND})
    world.timer_fires(TimerName.COMPLAINT_ABANDONED)
    assert not world.of(OpenCase)


def test_an_announced_complaint_left_there_becomes_a_case_for_an_agent_to_ask() -> None:
    world = World()
    world.hears("I have a complaint", ANNOUNCED)
    text = world.timer_fires(TimerName.COMPLAINT_ABANDONED)
    assert case(world).summary == "I have a complaint"
    assert world.of(HandOver) == [HandOver("complaint_abandoned", "I have a complaint")]
    assert world.state.holder is Holder.WAITING
    assert "C-1" in text
    found = message(world.last)
    assert found is not None
    assert found.purpose is Purpose.SERVICE


def test_the_last_message_of_the_window_is_kept_in_reserve() -> None:
    world = World(facts(sends_left=1))
    world.hears("I have a complaint", ANNOUNCED)
    assert world.timer_fires(TimerName.COMPLAINT_ABANDONED) == ""
    assert world.of(OpenCase)


def test_another_clear_wish_while_telling_is_done_instead() -> None:
    world = World()
    world.hears("I have a complaint", ANNOUNCED)
    world.hears("one a week please", WEEKLY)
    assert world.facts.consent.frequency().choice is FrequencyChoice.WEEKLY
    assert not world.of(OpenCase)


def test_a_vague_wish_to_stop_inside_the_story_is_held_and_offered() -> None:
    world = World()
    world.hears("I have a complaint", ANNOUNCED)
    world.hears("these messages wake me up at night, I may not want them", MAYBE_STOP)
    assert world.changes[0].kind is ConsentKind.HELD
    assert answers(world.last) == ("stop", "less", "done")
    assert case(world)


def test_too_many_messages_is_a_story_and_a_bare_wish_for_fewer_is_a_wish() -> None:
    world = World()
    world.hears("I have a complaint", ANNOUNCED)
    world.hears("you send me three messages every single day", sure(Intent.FREQUENCY, choice="less"))
    assert case(world).category == "messages"
    assert answers(world.last) == ("stop", "less", "done")
    world = World()
    world.hears("I have a complaint", ANNOUNCED)
    world.hears("fewer please", sure(Intent.FREQUENCY, choice="less"))
    assert world.state.stage is Stage.FREQUENCY_CHOICE


def test_a_complaint_about_the_messages_offers_stop_and_less() -> None:
    world = World()
    world.hears("three messages a night is rude", sure(Intent.COMPLAINT, category="messages"))
    assert answers(world.last) == ("stop", "less", "done")
    world.taps("stop")
    assert world.is_stopped


def test_a_complaint_with_a_clear_wish_for_less_does_both() -> None:
    world = World()
    text = world.hears("parcel is late again, and write weekly at most", LATE_PARCEL, WEEKLY)
    assert world.facts.consent.frequency().choice is FrequencyChoice.WEEKLY
    assert "C-1" in text
    assert "at most one message a week" in text


def test_a_wish_for_less_with_a_grievance_about_the_messages_is_just_done() -> None:
    world = World()
    world.hears("too many messages, weekly please", sure(Intent.COMPLAINT, category="messages"), WEEKLY)
    assert not world.of(OpenCase)
    assert world.facts.consent.frequency().choice is FrequencyChoice.WEEKLY


def test_more_words_are_added_with_a_short_thanks() -> None:
    world = opened()
    assert world.hears("the order number is 5512-A") == "Thank you, I have added that to C-1."
    assert world.of(AddToCase) == [AddToCase("C-1", "the order number is 5512-A")]


@pytest.mark.parametrize("cue", [Cue.DONE, Cue.NO, Cue.SKIP])
def test_that_was_all_closes_the_question(cue: Cue) -> None:
    world = opened()
    assert world.hears("that's all", cues={cue}) == "Thank you. We will get back to you here."
    assert world.state.stage is Stage.IDLE


def test_yes_there_is_more_waits_for_it() -> None:
    world = opened()
    world.hears("yes", cues={Cue.YES})
    world.hears("it was order 99")
    assert world.of(AddToCase) == [AddToCase("C-1", "it was order 99")]


def test_never_mind_with_a_case_open_asks_before_it_is_withdrawn() -> None:
    world = opened()
    assert "withdraw your complaint C-1" in world.hears("never mind", cues={Cue.NEVER_MIND})
    assert not world.of(WithdrawCase)
    world.hears("yes", cues={Cue.YES})
    assert world.of(WithdrawCase) == [WithdrawCase("C-1")]
    assert world.state.case is None


def test_a_case_is_kept_when_its_withdrawal_is_declined() -> None:
    world = opened()
    world.hears("never mind", cues={Cue.NEVER_MIND})
    world.taps("no")
    assert not world.of(WithdrawCase)
    assert world.state.case == "C-1"


def test_the_same_grievance_again_opens_no_second_case_and_brings_a_person_the_third_time() -> None:
    world = World()
    texts = [world.hears("I paid for the chair and nobody sends it", LATE_PARCEL) for _ in range(5)]
    assert len(world.of(OpenCase)) == 1
    assert len(world.of(AddToCase)) == 4
    assert world.of(HandOver) == [HandOver("repeated_complaint", "I paid for the chair and nobody sends it")]
    assert "still not solved" in texts[2]
    assert texts[3:] == ["", ""]
    assert len(set(texts[:3])) == 3


def test_different_additions_bring_nobody() -> None:
    world = opened()
    for words in ("the box was the blue one", "and number 77 on the label", "the courier rang next door"):
        world.hears(words, LATE_PARCEL)
    assert not world.of(HandOver)
    assert len(world.of(AddToCase)) == 3


def test_the_same_grievance_later_on_still_finds_its_case() -> None:
    world = opened()
    world.hears("thanks", cues={Cue.THANKS})
    world.hears("still no parcel", LATE_PARCEL)
    assert len(world.of(OpenCase)) == 1


def test_another_grievance_later_on_is_another_case() -> None:
    world = opened()
    world.hears("thanks", cues={Cue.THANKS})
    world.hears("your shop assistant was very rude", sure(Intent.COMPLAINT, category="service"))
    assert len(world.of(OpenCase)) == 2


def test_words_for_a_case_that_was_solved_meanwhile_open_a_new_one() -> None:
    world = opened()
    solved = tuple(replace(one, status=CaseStatus.SOLVED) for one in world.facts.cases)
    world.facts = replace(world.facts, cases=solved)
    world.hears("it is broken again, same thing")
    assert len(world.of(OpenCase)) == 2


def test_a_suggestion_is_recorded_and_passed_on() -> None:
    world = World()
    text = world.hears("you could open on Sundays", sure(Intent.COMPLAINT, category="suggestion"))
    assert case(world).category == "suggestion"
    assert "passed on" in text
    assert "hours" not in text


def test_praise_is_thanked_for_and_recorded_without_a_clock() -> None:
    world = World()
    text = world.hears("the courier was lovely, thank you", sure(Intent.COMPLAINT, category="praise", urgency="high"))
    assert (case(world).category, case(world).priority) == ("praise", Priority.NORMAL)
    assert "hours" not in text
    assert world.state.stage is Stage.IDLE


def test_perhaps_praise_is_only_thanked_for() -> None:
    world = World()
    assert "kind of you" in world.hears("nice", unsure(Intent.COMPLAINT, category="praise"))
    assert not world.of(OpenCase)


def test_perhaps_a_complaint_is_asked_and_yes_opens_it_with_the_words_asked_about() -> None:
    world = World()
    world.hears("so the blue lamp came without its cable", unsure(Intent.COMPLAINT))
    assert answers(world.last) == ("yes", "no")
    world.hears("yes", cues={Cue.YES})
    assert "the blue lamp came without its cable" in case(world).summary


def test_perhaps_a_complaint_and_no_opens_nothing() -> None:
    world = World()
    world.hears("so the blue lamp came without its cable", unsure(Intent.COMPLAINT))
    world.taps("no")
    assert not world.of(OpenCase)
    world.hears("I have a complaint", ANNOUNCED)
    world.hears("the till was closed all morning long")
    assert case(world).summary == "I have a complaint\nthe till was closed all morning long"


def test_a_complaint_with_a_request_for_a_person_is_recorded_and_handed_over() -> None:
    world = World()
    text = world.hears("my parcel is lost, get me a person", LATE_PARCEL, PERSON)
    assert case(world).category == "delivery"
    assert world.of(HandOver)
    assert "C-1" in text
    assert "colleague" in text


def test_a_person_asked_for_with_the_same_grievance_finds_it_in_its_case() -> None:
    world = opened()
    world.hears("my parcel from Monday still is not here, a person now", LATE_PARCEL, PERSON)
    assert len(world.of(OpenCase)) == 1
    assert len(world.of(AddToCase)) == 1
    assert world.state.holder is Holder.WAITING


def test_perhaps_the_same_grievance_again_is_added_without_asking() -> None:
    world = opened()
    world.hears("thanks", cues={Cue.THANKS})
    world.hears("that parcel, hm", unsure(Intent.COMPLAINT, category="delivery"))
    assert world.of(AddToCase) == [AddToCase("C-1", "that parcel, hm", "delivery")]


def test_a_person_asked_for_while_telling_finds_the_announcement_in_a_case() -> None:
    world = World()
    world.hears("I have a complaint", ANNOUNCED)
    world.hears("rather a person", PERSON)
    assert case(world).summary == "I have a complaint\nrather a person"
    assert world.state.holder is Holder.WAITING


@pytest.mark.parametrize(
    ("text", "is_enough"),
    [
        ("I have a complaint", False),
        ("I want to complain about something", False),
        ("hello, I would like to make a complaint please", False),
        ("I have a complaint: the kettle leaks from the lid", True),
        ("我要投诉", False),
        ("您好，我想投诉一下", False),
        ("我要投诉，上周买的水壶一直漏水没人管", True),
        ("我要客訴，上週買的水壺一直漏水沒人管", True),
        ("", False),
    ],
)
def test_a_story_is_more_than_its_announcement(text: str, is_enough: bool) -> None:
    assert substance(text) is is_enough


def test_grievances_are_the_same_in_almost_the_same_words() -> None:
    assert is_same("my parcel never came!!", "My parcel never came")
    assert is_same("快递还没到啊", "快递还没到！")
    assert not is_same("my parcel never came", "your assistant was rude")
    assert not is_same("", "")


def test_a_complaint_is_taken_back_by_its_name_long_after() -> None:
    world = opened()
    world.taps("done")
    assert (
        world.hears("withdraw my complaint", cues={Cue.NEVER_MIND}) == "Would you like to withdraw your complaint C-1?"
    )
    assert "is withdrawn" in world.taps("yes")


def test_without_an_open_complaint_there_is_nothing_to_take_back() -> None:
    world = World()
    world.hears("withdraw my complaint", cues={Cue.NEVER_MIND})
    assert world.state.stage is not Stage.COMPLAINT_WITHDRAW


def test_a_sticker_is_no_story() -> None:
    world = World()
    world.hears("I have a complaint", sure(Intent.COMPLAINT))
    assert "in a few words" in world.sends(Medium.STICKER)
    assert not world.of(OpenCase)
