"""Stopping, the offer of less, the reason, and what is uncertain."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.consent import HOLD, ConsentKind, FrequencyChoice
from bot.domain.conversation import Conversation, Holder, Stage
from bot.domain.effect import HandOver, OpenCase, PurgeMarketing, RecordConsent, Say, StartTimer
from bot.domain.event import MediaReceived, Medium, MenuClicked, TimerName
from intents.reading import Cue, Intent
from tests.unit.bot.world import (
    MAYBE_STOP,
    MONTHLY,
    PERSON,
    SEVERAL,
    START_AGAIN,
    STOP,
    World,
    answers,
    facts,
    origin,
    read,
    said,
    sure,
    unsure,
)


def stopped(**changed: object) -> World:
    world = World(facts(**changed))
    world.hears("STOP", STOP)
    return world


def test_a_stop_is_recorded_then_confirmed_once_with_less_as_an_offer() -> None:
    world = World()
    text = world.hears("STOP", STOP)
    assert [type(one) for one in world.last.effects] == [RecordConsent, PurgeMarketing, Say]
    assert world.is_stopped
    assert text.startswith("You're unsubscribed.")
    assert "tell us why" in text
    assert answers(world.last) == ("weekly", "monthly", "pause_30")


def test_topics_are_offered_only_where_there_are_several() -> None:
    assert "topics" in answers(stopped(topics=SEVERAL).last)


@pytest.mark.parametrize(
    ("tap", "choice", "words"),
    [
        ("weekly", FrequencyChoice.WEEKLY, "at most one message a week"),
        ("monthly", FrequencyChoice.MONTHLY, "at most one message a month"),
    ],
)
def test_less_after_a_stop_is_an_explicit_way_back_said_as_such(tap: str, choice: FrequencyChoice, words: str) -> None:
    world = stopped()
    text = world.taps(tap)
    assert not world.is_stopped
    assert world.facts.consent.frequency().choice is choice
    assert "subscribed again" in text
    assert words in text
    assert world.state.stage is Stage.IDLE


def test_less_in_words_after_a_stop_is_the_same_way_back() -> None:
    world = stopped()
    text = world.hears("one a month would be fine", MONTHLY)
    assert not world.is_stopped
    assert "subscribed again" in text


def test_a_pause_after_a_stop_says_until_when_and_what_then() -> None:
    world = stopped()
    text = world.taps("pause_30")
    assert not world.is_stopped
    assert "20 December 2026" in text
    assert world.facts.consent.paused_until("marketing", world.facts.now) == world.facts.now + timedelta(days=30)


def test_the_reason_is_kept_with_its_code_and_nothing_more_is_asked() -> None:
    world = stopped()
    text = world.hears("you write far too often")
    assert world.changes[-1].kind is ConsentKind.REASON_GIVEN
    assert world.changes[-1].reason == "too_many: you write far too often"
    assert world.is_stopped
    assert answers(world.last) == ()
    assert text == "Thank you for telling us. Everything stays stopped."


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("我从没注册过", "never_signed_up"),
        ("不感兴趣了", "not_relevant"),
        ("天天傳，受不了", "too_many"),
        ("搬家了", "other"),
        ("I did not sign up for this", "never_signed_up"),
    ],
)
def test_reasons_are_told_apart_in_every_language(words: str, code: str) -> None:
    world = stopped()
    world.hears(words)
    assert world.changes[-1].reason == f"{code}: {words}"


def test_a_reason_that_came_with_the_stop_is_kept_and_not_asked_for() -> None:
    world = World()
    text = world.hears("please stop, you send too many", STOP)
    assert world.changes[-1].reason == "too_many: please stop, you send too many"
    assert "why" not in text
    assert answers(world.last) == ("weekly", "monthly", "pause_30")


def test_grumbling_about_the_messages_after_a_stop_is_the_reason_and_no_case() -> None:
    world = stopped()
    world.hears("it was annoying to get these at night", sure(Intent.COMPLAINT, category="messages"))
    assert world.changes[-1].kind is ConsentKind.REASON_GIVEN
    assert not world.of(OpenCase)


def test_a_real_complaint_after_a_stop_is_a_case() -> None:
    world = stopped()
    world.hears("and my parcel never arrived", sure(Intent.COMPLAINT, category="delivery"))
    assert world.of(OpenCase)
    assert world.is_stopped


def test_too_many_after_a_stop_is_the_reason_but_fewer_is_a_wish() -> None:
    world = stopped()
    world.hears("too many", sure(Intent.FREQUENCY, choice="less"))
    assert world.changes[-1].reason == "too_many: too many"
    world = stopped()
    world.hears("could it be fewer", sure(Intent.FREQUENCY, choice="less"))
    assert world.state.stage is Stage.FREQUENCY_CHOICE
    assert world.is_stopped


def test_a_question_after_a_stop_is_not_taken_for_the_reason() -> None:
    world = stopped()
    world.hears("what are your opening hours?")
    assert world.changes[-1].kind is ConsentKind.OPTED_OUT


def test_no_to_less_stays_stopped_and_a_reason_is_still_understood() -> None:
    world = stopped()
    assert world.hears("no", cues={Cue.NO}) == "All right, everything stays stopped."
    assert world.state.stage is Stage.OPT_OUT_REASON
    world.hears("I moved away")
    assert world.changes[-1].reason == "other: I moved away"


@pytest.mark.parametrize(
    "cue", [Cue.NO, Cue.NEVER_MIND, Cue.DONE, Cue.SKIP, Cue.THANKS, Cue.FAREWELL, Cue.YES, Cue.GREETING]
)
def test_no_small_word_lifts_a_stop(cue: Cue) -> None:
    world = stopped()
    world.hears("word", cues={cue})
    assert world.is_stopped


def test_yes_to_less_asks_which_and_stays_stopped() -> None:
    world = stopped()
    world.hears("yes", cues={Cue.YES})
    assert answers(world.last) == ("weekly", "monthly", "pause_30")
    assert world.is_stopped


def test_thanks_closes_the_offer_quietly() -> None:
    world = stopped()
    assert world.hears("ok thanks", cues={Cue.YES, Cue.THANKS}) == "You're welcome."
    assert world.state.stage is Stage.IDLE


def test_a_stop_that_sounds_like_the_reason_is_kept_as_the_reason() -> None:
    world = stopped()
    assert world.hears("I never signed up for this", STOP) == "Thank you for telling us. Everything stays stopped."
    assert "never_signed_up: I never signed up for this" in [one.reason for one in world.changes]


def test_a_repeated_stop_is_recorded_and_answered_shortly_without_another_offer() -> None:
    world = stopped()
    for _ in range(2):
        text = world.hears("STOP", STOP)
        assert "already unsubscribed" in text
        assert answers(world.last) == ()
    assert len([one for one in world.changes if one.kind is ConsentKind.OPTED_OUT]) == 3
    world.taps("weekly")
    assert not world.is_stopped


def test_vague_words_after_a_stop_leave_it_stopped() -> None:
    world = stopped()
    world.hears("don't really need these", MAYBE_STOP)
    assert world.is_stopped
    assert world.state.stage is Stage.IDLE


def test_stop_start_stop_each_counts() -> None:
    world = stopped()
    world.hears("start", START_AGAIN)
    assert not world.is_stopped
    world.hears("no, stop", STOP)
    assert world.is_stopped


def test_a_stop_with_a_complaint_does_both_and_says_both_in_one_message() -> None:
    world = World()
    text = world.hears(
        "stop this, and my parcel from last week never came", STOP, sure(Intent.COMPLAINT, category="delivery")
    )
    kinds = [type(one) for one in world.last.effects]
    assert kinds == [RecordConsent, PurgeMarketing, OpenCase, Say]
    assert "unsubscribed" in text
    assert "C-1" in text
    assert answers(world.last) == ("weekly", "monthly", "pause_30", "done")
    assert world.state.stage is Stage.COMPLAINT_MORE


def test_a_stop_with_a_known_complaint_adds_to_its_case() -> None:
    world = World()
    world.hears("my parcel from last week never came", sure(Intent.COMPLAINT, category="delivery"))
    text = world.hears("my parcel never came, stop all this", STOP, sure(Intent.COMPLAINT, category="delivery"))
    assert len(world.of(OpenCase)) == 1
    assert "unsubscribed" in text
    assert world.is_stopped


def test_a_stop_with_a_request_for_a_person_does_both() -> None:
    world = World()
    text = world.hears("stop, and give me a person", STOP, PERSON)
    assert world.is_stopped
    assert world.state.holder is Holder.WAITING
    assert "unsubscribed" in text
    assert "colleague" in text


def test_a_stop_with_an_account_deletion_stops_and_goes_on_with_the_deletion() -> None:
    world = World()
    text = world.hears("stop, delete my account", STOP, sure(Intent.ACCOUNT_DELETION))
    assert world.is_stopped
    assert "unsubscribed" in text
    assert world.state.stage is Stage.DELETION_REASON


def test_a_stop_with_a_request_about_data_does_both() -> None:
    world = World()
    text = world.hears("stop and erase what you hold of me", STOP, sure(Intent.PRIVACY))
    assert world.is_stopped
    assert "unsubscribed" in text
    assert "delete your data is recorded as C-1" in text
    world = World()
    world.hears("stop, and my privacy", STOP, sure(Intent.PRIVACY))
    assert world.is_stopped
    assert world.state.stage is Stage.PRIVACY_CHOICE


def test_a_no_that_opens_a_reason_is_the_reason() -> None:
    world = stopped()
    world.hears("no thanks, you have been writing to me every day", cues={Cue.NO, Cue.THANKS})
    assert world.changes[-1].kind is ConsentKind.REASON_GIVEN


def test_a_bare_stop_while_a_complaint_is_being_told_keeps_the_complaint_open() -> None:
    world = World()
    world.hears("I have a complaint", sure(Intent.COMPLAINT))
    text = world.hears("STOP", STOP)
    assert world.is_stopped
    assert "tell me what happened" in text
    assert world.state.stage is Stage.COMPLAINT_DESCRIBE
    world.hears("the vase came broken")
    assert world.of(OpenCase)


def test_a_stop_while_an_agent_holds_the_chat_is_confirmed_once_and_leaves_the_agent_there() -> None:
    world = World()
    world.agent_takes_over()
    text = world.hears("STOP", STOP)
    assert world.is_stopped
    assert text.startswith("You're unsubscribed.")
    assert answers(world.last) == ()
    assert world.state.holder is Holder.AGENT


def test_a_vague_stop_said_to_an_agent_holds_marketing_without_a_word() -> None:
    world = World()
    world.agent_takes_over()
    assert world.hears("not sure I want these", MAYBE_STOP) == ""
    assert world.facts.consent.held_until("marketing", world.facts.now)


def test_a_stop_beneath_a_picture_stops() -> None:
    world = World()
    world.happens(MediaReceived(origin(world.at()), Medium.PICTURE, "STOP"), read("STOP", STOP))
    assert world.is_stopped


def test_a_menu_entry_named_opt_out_stops() -> None:
    world = World()
    world.happens(MenuClicked(origin(world.at()), "opt_out"))
    assert world.is_stopped


def test_what_is_uncertain_is_asked_and_held_meanwhile() -> None:
    world = World()
    text = world.hears("hmm, are these really for me", MAYBE_STOP)
    assert world.changes[0].kind is ConsentKind.HELD
    assert world.changes[0].until == world.facts.now + HOLD
    assert [one.name for one in world.of(StartTimer)] == [TimerName.QUESTION_LAPSED]  # type: ignore[attr-defined]
    assert answers(world.last) == ("stop", "less", "no")
    assert "on hold for now" in text
    assert not world.is_stopped


def maybe() -> World:
    world = World()
    world.hears("hmm, are these really for me", MAYBE_STOP)
    return world


def test_yes_stops() -> None:
    world = maybe()
    world.hears("yes", cues={Cue.YES})
    assert world.is_stopped
    assert world.state.stage is Stage.OPT_OUT_OFFER


def test_a_second_vague_wish_stops() -> None:
    world = maybe()
    world.hears("just put an end to it", MAYBE_STOP)
    assert world.is_stopped


def test_the_stop_option_stops_by_tap_and_by_number() -> None:
    world = maybe()
    world.taps("stop")
    assert world.is_stopped
    world = maybe()
    world.hears("1", choice="stop")
    assert world.is_stopped


@pytest.mark.parametrize("cue", [Cue.NO, Cue.NEVER_MIND])
def test_no_releases_the_hold_and_changes_nothing_else(cue: Cue) -> None:
    world = maybe()
    world.hears("no, keep them", cues={cue})
    assert world.facts.consent.held_until("marketing", world.facts.now) is None
    assert [one.kind for one in world.changes] == [ConsentKind.HELD, ConsentKind.HOLD_RELEASED]


def test_keep_them_coming_read_as_a_start_is_a_no_to_stopping() -> None:
    world = maybe()
    assert "as before" in world.hears("keep them coming", START_AGAIN)
    assert world.facts.consent.held_until("marketing", world.facts.now) is None


def test_a_no_with_a_wish_is_the_wish() -> None:
    world = maybe()
    world.hears("no, once a month is fine", MONTHLY, cues={Cue.NO}, choice="no")
    assert world.facts.consent.frequency().choice is FrequencyChoice.MONTHLY
    assert world.facts.consent.held_until("marketing", world.facts.now) is None


def test_less_asks_how_often_and_dropping_it_releases_the_hold() -> None:
    world = maybe()
    world.taps("less")
    assert world.state.stage is Stage.FREQUENCY_CHOICE
    assert world.facts.consent.held_until("marketing", world.facts.now)
    world.hears("never mind", cues={Cue.NEVER_MIND})
    assert world.facts.consent.held_until("marketing", world.facts.now) is None


def test_no_answer_closes_the_question_without_a_word() -> None:
    world = maybe()
    assert world.timer_fires(TimerName.QUESTION_LAPSED) == ""
    assert world.state.stage is Stage.IDLE
    assert not world.is_stopped


def test_the_clock_of_an_answered_question_does_nothing() -> None:
    world = maybe()
    world.hears("no", cues={Cue.NO})
    before = world.state
    world.timer_fires(TimerName.QUESTION_LAPSED)
    assert world.state == before


def test_words_that_answer_nothing_bring_the_question_once_more_and_then_help() -> None:
    world = maybe()
    assert world.hears("lovely weather").startswith("Sorry, I didn't understand. Please choose")
    assert answers(world.last) == ("stop", "less", "no")
    world.hears("blue and green")
    assert world.state.stage is Stage.MENU


def test_less_or_perhaps_nothing_is_asked_and_held_and_said_again_it_stops() -> None:
    world = World()
    world.hears("no more of these", sure(Intent.FREQUENCY, choice="less"), MAYBE_STOP)
    assert world.changes[0].kind is ConsentKind.HELD
    assert world.state.stage is Stage.OPT_OUT_CONFIRM
    world.hears("no more of these", sure(Intent.FREQUENCY, choice="less"), MAYBE_STOP)
    assert world.is_stopped


def test_a_stopped_contact_is_not_asked_whether_to_stop() -> None:
    world = stopped()
    world.hears("thanks", cues={Cue.THANKS})
    assert "already unsubscribed" in world.hears("hmm, do I need these", MAYBE_STOP)


def test_an_old_weekly_button_still_does_what_it_says_and_an_old_no_does_not() -> None:
    world = stopped()
    old = world.state.choices[0]
    world.hears("hello", cues={Cue.GREETING})
    world.hears("help", sure(Intent.HELP))
    world.taps_id(old)
    assert not world.is_stopped
    world = maybe()
    keep = world.state.choices[2]
    world.hears("STOP", STOP)
    before = world.facts.consent
    assert "closed" in world.taps_id(keep)
    assert world.facts.consent == before
    assert "older question" in world.taps_id(keep)


def test_a_question_from_days_ago_is_not_answered_by_a_number_today() -> None:
    world = World()
    world.hears("less please", sure(Intent.FREQUENCY, choice="less"))
    world.facts = replace(world.facts, now=world.facts.now + timedelta(days=3))
    text = world.hears("1")
    assert "number" in text
    assert not [one for one in world.changes if one.kind is ConsentKind.FREQUENCY_SET]


def test_after_a_topic_choice_a_stop_counts_again() -> None:
    world = stopped(topics=SEVERAL)
    world.taps("topics")
    world.taps("topic_events")
    assert not world.is_stopped
    world.hears("STOP", STOP)
    assert world.is_stopped
    assert answers(world.last)


def test_every_language_has_its_confirmation() -> None:
    for words, expected in (("退订", "已为您退订"), ("取消訂閱", "已為您取消訂閱")):
        world = World()
        tag = "zh-Hant" if "訂" in words else "zh-Hans"
        assert expected in world.hears(words, STOP, language=tag)


def test_a_code_does_not_change_the_language() -> None:
    world = World(facts(default_language="zh-Hans"))
    assert "已为您退订" in world.hears("TD", STOP, language="en")


def test_the_confirm_question_remembers_nothing_of_an_older_state() -> None:
    world = World(state=Conversation(stage=Stage.COMPLAINT_MORE, case="C-7", serial=3))
    done = world.hears("hmm", unsure(Intent.OPT_OUT))
    assert "Shall I stop" in done
    assert said(world.last) == done
    assert not world.of(HandOver)
