"""What recognition is told, and which language is spoken."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.conversation import Conversation, Stage
from bot.domain.event import Origin, UtteranceReceived
from bot.engine import reading_context, step
from bot.option import parse
from intents.reading import Intent
from tests.unit.bot.world import SEVERAL, START, STOP, World, facts, message, read, sure, unsure


def test_recognition_is_told_the_question_its_options_and_their_words() -> None:
    world = World(facts(topics=SEVERAL))
    world.hears("STOP", STOP)
    context = reading_context(world.state, world.facts)
    assert context.question == "opt_out_offer"
    assert [one.number for one in context.options] == [1, 2, 3, 4]
    weekly = context.options[0]
    assert weekly.id == "opt_out_offer.weekly.1"
    assert weekly.words[0] == "At most weekly"
    assert {"每周最多一条", "每週最多一則", "once a week"} <= set(weekly.words)


def test_the_label_in_the_contacts_language_comes_first() -> None:
    world = World(facts(default_language="zh-Hans"))
    world.hears("退订", STOP)
    context = reading_context(world.state, world.facts)
    assert context.language == "zh-Hans"
    assert context.options[0].words[0] == "每周最多一条"


def test_topics_are_options_by_their_names() -> None:
    world = World(facts(topics=SEVERAL))
    world.hears("some topics", sure(Intent.FREQUENCY, choice="topics"))
    words = reading_context(world.state, world.facts).options[1].words
    assert {"Only New goods", "New goods", "新品"} <= set(words)


def test_recognition_is_told_the_contacts_date_and_the_announced_codes() -> None:
    late = facts(now=datetime(2026, 11, 20, 20, 0, tzinfo=UTC), zone="Asia/Shanghai")
    context = reading_context(Conversation(codes=frozenset({"T"})), late)
    assert context.today == "2026-11-21"
    assert context.announced_codes == {"T"}
    assert context.question is None


def test_a_question_waits_two_days_and_the_one_about_stopping_a_week() -> None:
    for intent, days in ((unsure(Intent.FREQUENCY, choice="less"), 2), (unsure(Intent.OPT_OUT), 7)):
        world = World()
        world.hears("words", intent)
        asked = world.facts.now
        for wait, is_open in ((timedelta(days=days), True), (timedelta(days=days, seconds=1), False)):
            later = replace(world.facts, now=asked + wait)
            assert (reading_context(world.state, later).question is not None) is is_open


@pytest.mark.parametrize(
    ("read_as", "remembered", "profile", "account", "spoken"),
    [
        ("zh-Hant", "en", "en", "en", "zh-Hant"),
        (None, "zh-Hans", "en_US", "en", "zh-Hans"),
        (None, None, "zh_TW", "en", "zh-Hant"),
        (None, None, None, "zh-Hans", "zh-Hans"),
        (None, None, "fr_FR", "zh-Hans", "en"),
        ("fr", "zh-Hans", None, "en", "zh-Hans"),
        (None, None, None, "tlh", "en"),
    ],
)
def test_the_contacts_own_language_is_spoken(
    read_as: str | None, remembered: str | None, profile: str | None, account: str, spoken: str
) -> None:
    known = facts(default_language=account, profile_language=profile)
    reading = replace(read("some words", STOP), language=read_as)
    event = UtteranceReceived(Origin("acme", "u1", "k", START), "some words")
    done = step(Conversation(language=remembered), event, known, reading)
    found = message(done)
    assert found is not None
    assert found.language == spoken


def test_the_platforms_language_in_the_event_counts_too() -> None:
    event = UtteranceReceived(Origin("acme", "u1", "k", START, language="zh_CN"), "🙂")
    found = message(step(Conversation(), event, facts(), read("🙂")))
    assert found is not None
    assert found.language == "zh-Hans"


@pytest.mark.parametrize("text", ["", "yes", "a.b", "a.b.c", "A.B.1", "a.b.1.2", "a.b.99999999999", "<b>.yes.1", None])
def test_what_we_never_sent_is_no_option(text: str | None) -> None:
    assert parse(text) is None


def test_option_ids_hold_question_answer_and_serial() -> None:
    found = parse("opt_out_offer.pause_30.12")
    assert found is not None
    assert (found.question, found.answer, found.serial, found.pause_days) == ("opt_out_offer", "pause_30", 12, 30)
    assert found.id == "opt_out_offer.pause_30.12"


def test_serials_grow_with_every_question() -> None:
    world = World()
    seen = []
    for words, intent in (("STOP", STOP), ("HELP", sure(Intent.HELP)), ("data", sure(Intent.PRIVACY))):
        world.hears(words, intent)
        seen.append(world.state.serial)
    assert seen == [1, 2, 3]
    assert world.state.stage is Stage.PRIVACY_CHOICE
