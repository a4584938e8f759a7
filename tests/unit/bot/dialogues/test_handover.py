"""To a person and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.consent import FrequencyChoice
from bot.domain.conversation import Holder, Stage
from bot.domain.effect import HandBack, HandOver, StartTimer
from bot.domain.event import Medium, TimerName
from bot.domain.message import Purpose
from bot.engine import reading_context
from intents.reading import Cue, Intent
from tests.unit.bot.world import PERSON, START, STOP, WEEKLY, World, answers, facts, message, sure, unsure

TAIPEI = ZoneInfo("Asia/Taipei")


def waiting(**changed: object) -> World:
    world = World(facts(**changed))
    world.hears("a person please", PERSON)
    return world


def test_a_person_is_called_and_the_contact_told() -> None:
    world = World()
    text = world.hears("a person please", PERSON)
    assert text == "A colleague will be with you shortly."
    assert world.of(HandOver) == [HandOver("asked_for_person", "a person please")]
    assert world.state.holder is Holder.WAITING
    (clock,) = world.of(StartTimer)
    assert clock == StartTimer(
        TimerName.HANDOVER_UNANSWERED, world.facts.now + timedelta(minutes=30), world.state.serial
    )


def test_outside_hours_the_place_is_kept_and_the_return_is_told() -> None:
    back = datetime(2026, 11, 23, 9, 0, tzinfo=TAIPEI)
    world = World(facts(agents_are_in=False, agents_back_at=back, zone="Asia/Taipei", default_language="zh-Hant"))
    text = world.hears("請轉真人", PERSON, language="zh-Hant")
    assert "11月23日（週一）09:00" in text
    assert world.state.holder is Holder.WAITING
    (clock,) = world.of(StartTimer)
    assert isinstance(clock, StartTimer)
    assert clock.at == back + timedelta(minutes=30)


def test_outside_hours_the_bot_stays_helpful() -> None:
    world = waiting(agents_are_in=False)
    assert world.hears("hello", cues={Cue.GREETING})
    assert world.hears("what do you do", sure(Intent.HELP))


def test_within_hours_chatter_is_left_for_the_agent() -> None:
    world = waiting()
    before = world.state
    assert world.hears("some long story about my day") == ""
    assert world.sends(Medium.PICTURE) == ""
    assert world.hears("🙂") == ""
    assert world.state == replace(before, misses=0)


def test_within_hours_a_hello_is_answered_once_and_then_left_for_the_agent() -> None:
    world = waiting()
    assert world.hears("hello?", cues={Cue.GREETING}) == "You are in the queue; a colleague will be with you shortly."
    assert world.hears("hello??", cues={Cue.GREETING}) == ""


def test_that_is_all_is_answered_while_waiting_because_we_asked() -> None:
    world = waiting()
    world.hears("the lamp came broken", sure(Intent.COMPLAINT, category="product"))
    assert "get back to you" in world.taps("done")


def test_while_waiting_wishes_are_still_done() -> None:
    world = waiting()
    assert world.hears("STOP", STOP)
    assert world.is_stopped
    world.hears("weekly is fine", WEEKLY)
    assert world.facts.consent.frequency().choice is FrequencyChoice.WEEKLY
    assert world.hears("how is my request", sure(Intent.STATUS))
    assert world.state.holder is Holder.WAITING


def test_asked_again_the_place_is_kept_and_nobody_is_flagged_twice() -> None:
    world = waiting()
    assert "queue" in world.hears("a person!", PERSON)
    assert len(world.of(HandOver)) == 1


def test_never_mind_gives_the_chat_back() -> None:
    world = waiting()
    world.hears("no need any more", cues={Cue.NEVER_MIND})
    assert world.of(HandBack) == [HandBack("contact")]
    assert world.state.holder is Holder.BOT


def test_no_while_waiting_gives_the_chat_back_too() -> None:
    world = waiting()
    assert "assistant again" in world.hears("no, leave it", cues={Cue.NO})
    assert world.state.holder is Holder.BOT


def test_a_hello_outside_working_hours_tells_when_somebody_is_back() -> None:
    world = World(facts(agents_are_in=False, agents_back_at=START + timedelta(hours=10)))
    world.hears("a person please", PERSON)
    assert "You are in the queue" in world.hears("hello?", cues={Cue.GREETING})
    assert world.state.holder is Holder.WAITING


def test_if_nobody_comes_the_bot_says_so_and_answers_again() -> None:
    world = waiting()
    text = world.timer_fires(TimerName.HANDOVER_UNANSWERED)
    assert "To ask again" in text
    assert world.of(HandBack) == [HandBack("nobody_came")]
    assert world.state.holder is Holder.BOT
    found = message(world.last)
    assert found is not None
    assert found.purpose is Purpose.SERVICE


def test_the_clock_runs_on_through_other_questions() -> None:
    world = waiting()
    first = world.of(StartTimer)[-1]
    world.hears("STOP", STOP)
    second = world.of(StartTimer)[-1]
    assert isinstance(first, StartTimer)
    assert isinstance(second, StartTimer)
    assert second.at == first.at
    assert second.serial == world.state.serial
    world.timer_fires(TimerName.HANDOVER_UNANSWERED)
    assert world.state.holder is Holder.BOT


def test_the_clock_is_void_once_an_agent_came() -> None:
    world = waiting()
    world.agent_takes_over()
    assert world.timer_fires(TimerName.HANDOVER_UNANSWERED) == ""
    assert world.state.holder is Holder.AGENT


def test_the_agent_is_announced_once_and_leaves_with_a_word() -> None:
    world = waiting()
    assert world.agent_takes_over() == "A colleague has joined the chat."
    assert world.agent_takes_over() == ""
    assert world.hears("so my parcel", sure(Intent.COMPLAINT, category="delivery")) == ""
    assert world.hears("and another thing") == ""
    assert "assistant again" in world.agent_hands_back()
    assert world.of(HandBack) == [HandBack("agent")]
    assert world.hears("HELP", sure(Intent.HELP))


def test_one_message_of_the_window_is_kept_in_reserve() -> None:
    world = waiting()
    world.facts = replace(world.facts, sends_left=1)
    assert world.agent_takes_over() == ""
    assert world.agent_hands_back() == ""
    assert world.state.holder is Holder.BOT
    world.hears("a person please", PERSON)
    assert world.timer_fires(TimerName.HANDOVER_UNANSWERED) == ""
    assert world.state.holder is Holder.BOT


def test_a_number_said_to_an_agent_answers_no_question_of_ours() -> None:
    world = World()
    world.hears("hmm", unsure(Intent.OPT_OUT))
    world.state = replace(world.state, holder=Holder.AGENT)
    assert reading_context(world.state, world.facts).options == ()


def test_perhaps_a_person_is_asked() -> None:
    world = World()
    world.hears("is anybody there", unsure(Intent.HUMAN))
    assert answers(world.last) == ("yes", "no")
    world.taps("yes")
    assert world.state.holder is Holder.WAITING
    assert world.of(HandOver) == [HandOver("asked_for_person", "is anybody there")]


def test_the_account_says_how_long_an_agent_is_waited_for() -> None:
    world = waiting(handover_wait_minutes=5)
    (clock,) = world.of(StartTimer)
    assert isinstance(clock, StartTimer)
    assert clock.at == world.facts.now + timedelta(minutes=5)


@pytest.mark.parametrize("cue", [Cue.NO, Cue.NEVER_MIND])
def test_no_person_is_fine_too(cue: Cue) -> None:
    world = World()
    world.hears("is anybody there", unsure(Intent.HUMAN))
    world.hears("no", cues={cue})
    assert world.state.holder is Holder.BOT
    assert world.state.stage is Stage.IDLE
