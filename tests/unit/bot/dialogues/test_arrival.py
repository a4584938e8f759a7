"""Coming and going on the platform itself."""

from __future__ import annotations

import pytest

from bot.domain.consent import ConsentKind, Standing
from bot.domain.conversation import Conversation, Holder, Stage
from bot.domain.effect import ErasePerson, HandBack, PurgeMarketing, RecordConsent, Say
from bot.domain.event import (
    ConversationStarted,
    Departure,
    Followed,
    LeftPlatform,
    MenuClicked,
    ProfileScanned,
    TopicRefused,
)
from intents.reading import Intent
from tests.unit.bot.world import SEVERAL, STOP, World, answers, facts, origin, said, sure


def test_opening_the_chat_brings_a_welcome_that_says_what_is_sent_and_how_to_stop() -> None:
    world = World(facts(topics=SEVERAL))
    text = said(world.happens(ConversationStarted(origin(), subscribed=False)))
    assert "Offers, New goods, Events" in text
    assert "STOP" in text
    assert answers(world.last) == ("less", "stop", "complaint", "person")
    assert not world.changes


def test_opening_it_again_brings_nothing_new() -> None:
    world = World()
    world.happens(ConversationStarted(origin(), subscribed=False))
    assert said(world.happens(ConversationStarted(origin(), subscribed=False))) == ""


def test_opening_the_chat_leaves_an_open_question_open() -> None:
    world = World()
    world.hears("delete my account", sure(Intent.ACCOUNT_DELETION))
    world.happens(ConversationStarted(origin(), subscribed=True))
    assert world.state.stage is Stage.DELETION_REASON


def test_a_stopped_contact_is_welcomed_as_one() -> None:
    world = World()
    world.hears("STOP", STOP)
    world.hears("bye", sure(Intent.HELP))
    assert "unsubscribed" in said(world.happens(ConversationStarted(origin(), subscribed=True)))


def test_following_opts_an_unknown_contact_in_to_the_default_topic() -> None:
    world = World(facts(topics=SEVERAL))
    text = said(world.happens(Followed(origin())))
    assert [(one.kind, one.topic) for one in world.changes] == [(ConsentKind.FOLLOWED, "offers")]
    assert "Thank you for following Acme. What you will get here: Offers." in text


def test_following_never_lifts_a_stop_and_says_so() -> None:
    world = World()
    world.hears("STOP", STOP)
    world.hears("HELP", sure(Intent.HELP))
    text = said(world.happens(Followed(origin(world.at()))))
    assert world.is_stopped
    assert "still send you nothing" in text
    world.taps("start")
    assert not world.is_stopped


def test_following_is_no_consent_where_the_account_says_so() -> None:
    world = World(facts(follow_is_opt_in=False))
    text = said(world.happens(Followed(origin())))
    assert not world.changes
    assert "only if you ask" in text


def test_following_while_an_agent_holds_the_chat_is_recorded_without_a_word() -> None:
    world = World(state=Conversation(holder=Holder.AGENT))
    assert said(world.happens(Followed(origin()))) == ""
    assert world.facts.consent.standing("marketing") is Standing.OPTED_IN


@pytest.mark.parametrize("holder", Holder)
@pytest.mark.parametrize("stage", Stage)
def test_leaving_stops_and_where_the_platform_asks_erases_without_a_word(stage: Stage, holder: Holder) -> None:
    world = World(state=Conversation(stage=stage, holder=holder, serial=5, draft="words", language="zh-Hans"))
    done = world.happens(LeftPlatform(origin(), Departure.UNFOLLOWED, must_erase=True))
    kinds = [type(one) for one in done.effects if not isinstance(one, HandBack)]
    assert kinds == [RecordConsent, PurgeMarketing, ErasePerson]
    assert world.state == Conversation(serial=5)
    assert world.is_stopped


def test_switching_messages_off_on_viber_erases_nothing() -> None:
    world = World()
    done = world.happens(LeftPlatform(origin(), Departure.UNSUBSCRIBED, must_erase=False))
    assert [type(one) for one in done.effects] == [RecordConsent, PurgeMarketing]


def test_refused_templates_are_topics_that_are_out() -> None:
    world = World()
    world.happens(TopicRefused(origin(), ("t1", "t2")))
    assert [(one.kind, one.topic) for one in world.changes] == [
        (ConsentKind.OPTED_OUT, "template:t1"),
        (ConsentKind.OPTED_OUT, "template:t2"),
    ]
    assert not world.of(Say)


def test_scanning_the_code_again_and_unknown_menu_entries_do_nothing() -> None:
    world = World()
    for event in (ProfileScanned(origin()), MenuClicked(origin(), "shop")):
        assert world.happens(event).effects == ()


@pytest.mark.parametrize("intent", Intent)
def test_a_menu_entry_named_like_an_intent_is_that_intent(intent: Intent) -> None:
    world = World()
    assert said(world.happens(MenuClicked(origin(world.at()), intent.value)))
