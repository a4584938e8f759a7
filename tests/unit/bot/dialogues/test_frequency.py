"""How often, which topics, a pause."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.domain.consent import ConsentKind, Frequency, FrequencyChoice, Standing
from bot.domain.conversation import Stage
from intents.reading import Cue, Intent
from tests.unit.bot.world import MARKETING, SEVERAL, START_AGAIN, STOP, WEEKLY, World, answers, facts, sure, unsure


def wish(**slots: str | int | list[str]) -> World:
    """A contact who gets messages, wishes, in English."""
    world = World(facts(topics=SEVERAL))
    world.hears("START", START_AGAIN)
    world.hears("the wish", sure(Intent.FREQUENCY, **slots))
    return world


def standings(world: World) -> list[Standing]:
    return [world.facts.consent.standing(one.id) for one in SEVERAL]


@pytest.mark.parametrize(
    ("slots", "expected"),
    [
        ({"choice": "weekly"}, Frequency(FrequencyChoice.WEEKLY)),
        ({"choice": "monthly"}, Frequency(FrequencyChoice.MONTHLY)),
        ({"choice": "every_n_days", "days": 10}, Frequency(FrequencyChoice.EVERY_N_DAYS, 10)),
        ({"choice": "every_n_days", "days": 7}, Frequency(FrequencyChoice.WEEKLY)),
        ({"choice": "every_n_days", "days": 30}, Frequency(FrequencyChoice.MONTHLY)),
    ],
)
def test_a_cap_in_words_is_set_and_nothing_else(slots: dict[str, str | int | list[str]], expected: Frequency) -> None:
    world = wish(**slots)
    assert world.facts.consent.frequency() == expected
    assert [one.kind for one in world.changes[3:]] == [ConsentKind.FREQUENCY_SET]
    assert world.state.stage is Stage.IDLE


def test_every_few_days_is_said_in_words() -> None:
    world = World()
    assert "at most one message every 10 days" in world.hears(
        "x", sure(Intent.FREQUENCY, choice="every_n_days", days=10)
    )


@pytest.mark.parametrize(("days", "text"), [(1, "one message a day"), (14, "every 2 weeks"), (21, "every 3 weeks")])
def test_a_day_and_whole_weeks_are_called_so(days: int, text: str) -> None:
    assert text in World().hears("x", sure(Intent.FREQUENCY, choice="every_n_days", days=days))


def test_leaving_a_topic_names_what_is_left_and_what_is_kept() -> None:
    text = World(facts(topics=SEVERAL)).hears("no events", sure(Intent.FREQUENCY, choice="topics", without=["events"]))
    assert text == "Done. You will no longer get: Events. You still get: Offers, New goods."


def test_leaving_the_last_topic_is_a_stop_and_said_as_such() -> None:
    world = World(facts(topics=SEVERAL))
    world.hears("only events", sure(Intent.FREQUENCY, choice="topics", only=["events"]))
    text = world.hears("no events either", sure(Intent.FREQUENCY, choice="topics", without=["events"]))
    assert "You're unsubscribed" in text
    assert world.is_stopped


def test_a_cap_of_somebody_unknown_is_an_opt_in() -> None:
    world = World()
    world.hears("one a week please", WEEKLY)
    assert world.facts.consent.standing("marketing") is Standing.OPTED_IN


def test_a_pause_in_words_is_no_opt_in() -> None:
    world = World()
    world.hears("pause for two weeks", sure(Intent.FREQUENCY, choice="paused", days=14))
    assert [one.kind for one in world.changes] == [ConsentKind.PAUSED]


def test_a_pause_until_a_date_ends_where_the_day_begins_for_the_contact() -> None:
    world = World(facts(zone="Asia/Shanghai", default_language="zh-Hans"))
    text = world.hears("12月8号之前别发", sure(Intent.FREQUENCY, choice="paused", until="2026-12-08"))
    assert world.changes[-1].until == datetime(2026, 12, 7, 16, 0, tzinfo=UTC)
    assert "2026年12月8日" in text


@pytest.mark.parametrize(
    "slots",
    [
        {},
        {"until": "2020-01-01"},
        {"until": "some day"},
        {"until": "9999-12-31"},
        {"days": 0},
        {"days": -1},
        {"days": 100000},
    ],
)
def test_a_pause_without_a_usable_length_is_asked_for(slots: dict[str, str | int]) -> None:
    world = wish(choice="paused", **slots)
    assert world.state.stage is Stage.PAUSE_LENGTH
    assert answers(world.last) == ("pause_14", "pause_30", "pause_90")
    world.taps("pause_14")
    assert "4 December 2026" in world.effects[-1].message.text  # type: ignore[union-attr]


def test_a_weekly_wish_ends_a_pause() -> None:
    world = wish(choice="paused", days=30)
    world.hears("weekly then", WEEKLY)
    assert world.facts.consent.paused_until("offers", world.facts.now) is None


def test_less_asks_how_often_with_the_stop_among_the_answers() -> None:
    world = wish(choice="less")
    assert answers(world.last) == ("weekly", "monthly", "pause_30", "topics", "stop")
    world.taps("stop")
    assert world.is_stopped


def test_less_after_a_stop_says_that_all_is_stopped() -> None:
    world = World()
    world.hears("STOP", STOP)
    text = world.hears("could I get it less often", unsure(Intent.FREQUENCY, choice="less"))
    assert "stopped at the moment" in text
    assert "stop" not in answers(world.last)
    assert world.is_stopped


@pytest.mark.parametrize("cue", [Cue.NO, Cue.NEVER_MIND])
def test_dropping_the_question_changes_nothing(cue: Cue) -> None:
    world = wish(choice="less")
    before = world.facts.consent
    assert world.hears("no", cues={cue}) == "All right, nothing changes."
    assert world.facts.consent == before


def test_only_one_topic_keeps_it_and_leaves_the_others() -> None:
    world = wish(choice="topics", only=["new goods"])
    assert standings(world) == [Standing.OPTED_OUT, Standing.OPTED_IN, Standing.OPTED_OUT]


def test_without_a_topic_leaves_just_that_one() -> None:
    world = wish(choice="topics", without=["Events"])
    assert standings(world) == [Standing.OPTED_IN, Standing.OPTED_IN, Standing.OPTED_OUT]


def test_topics_are_known_by_their_names_in_every_language() -> None:
    assert standings(wish(choice="topics", only=["新品"])) == [
        Standing.OPTED_OUT,
        Standing.OPTED_IN,
        Standing.OPTED_OUT,
    ]


def test_only_one_topic_after_a_stop_is_a_way_back_to_it_alone() -> None:
    world = World(facts(topics=SEVERAL))
    world.hears("STOP", STOP)
    text = world.hears("only events then", sure(Intent.FREQUENCY, choice="topics", only=["events"]))
    assert standings(world) == [Standing.OPTED_OUT, Standing.OPTED_OUT, Standing.OPTED_IN]
    assert "only: Events" in text


def test_without_one_topic_after_a_stop_is_a_way_back_to_the_others() -> None:
    world = World(facts(topics=SEVERAL))
    world.hears("STOP", STOP)
    world.hears("all but events", sure(Intent.FREQUENCY, choice="topics", without=["events"]))
    assert standings(world) == [Standing.OPTED_IN, Standing.OPTED_IN, Standing.OPTED_OUT]


def test_a_topic_that_is_not_ours_is_asked_for() -> None:
    world = wish(choice="topics", only=["horoscopes"])
    assert world.state.stage is Stage.TOPIC_CHOICE
    assert answers(world.last) == ("topic_offers", "topic_new_goods", "topic_events")
    world.taps("topic_events")
    assert standings(world) == [Standing.OPTED_OUT, Standing.OPTED_OUT, Standing.OPTED_IN]


def test_where_there_is_one_topic_the_choice_is_explained_asked_and_held() -> None:
    world = World(facts(topics=MARKETING))
    text = world.hears("only order updates", sure(Intent.FREQUENCY, choice="topics", only=["order updates"]))
    assert "only one kind" in text
    assert [one.kind for one in world.changes] == [ConsentKind.HELD]
    assert world.state.stage is Stage.OPT_OUT_CONFIRM


def test_a_tap_makes_the_same_changes_whatever_the_state() -> None:
    """Else a tap and a stop would not commute."""
    fresh, stopped = World(), World()
    stopped.hears("STOP", STOP)
    for world in (fresh, stopped):
        world.taps_id("opt_out_offer.weekly.1")
    assert [one.kind for one in fresh.changes] == [one.kind for one in stopped.changes[1:]]


def test_an_older_choice_that_comes_late_does_not_claim_to_hold() -> None:
    from bot.domain.event import ButtonTapped
    from tests.unit.bot.world import START, origin, said

    world = World()
    world.hears("monthly please", sure(Intent.FREQUENCY, choice="monthly"))
    late = world.happens(ButtonTapped(origin(START), "opt_out_offer.weekly.1"))
    assert "later choice stays" in said(late)
    assert world.facts.consent.frequency().choice is FrequencyChoice.MONTHLY


def test_a_tap_for_a_topic_that_is_gone_asks_instead() -> None:
    world = World(facts(topics=SEVERAL))
    world.taps_id("topic_choice.topic_gone.1")
    assert world.state.stage is Stage.FREQUENCY_CHOICE
    assert not world.changes


def test_a_tapped_choice_counts_while_an_agent_holds_the_chat_but_words_are_left_to_the_agent() -> None:
    world = World()
    world.hears("STOP", STOP)
    weekly = world.state.choices[0]
    world.agent_takes_over()
    assert world.hears("weekly", WEEKLY) == ""
    assert world.is_stopped
    assert "subscribed again" in world.taps_id(weekly)
    assert not world.is_stopped
