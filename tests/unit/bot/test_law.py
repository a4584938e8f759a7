"""The laws of the conversation, for any course it may take."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.consent import Consent, Standing
from bot.domain.conversation import Conversation, Holder, Stage
from bot.domain.effect import ErasePerson, PurgeMarketing, RecordConsent, Say
from bot.domain.event import (
    ButtonTapped,
    ContactEvent,
    Departure,
    Followed,
    LeftPlatform,
    MediaReceived,
    Medium,
    MenuClicked,
    Origin,
    TimerFired,
    TimerName,
    UtteranceReceived,
)
from bot.engine import Step, reading_context, step
from intents.reading import Cue, Decision, Intent, Reading, Recognised
from tests.unit.bot.world import SEVERAL, START, START_AGAIN, STOP, World, facts, message, origin, read

INTENTS = st.lists(
    st.builds(
        Recognised,
        st.sampled_from(Intent),
        st.sampled_from(Decision),
        st.just(0.9),
        st.fixed_dictionaries(
            {},
            optional={
                "choice": st.sampled_from(["weekly", "monthly", "every_n_days", "paused", "topics", "less"]),
                "days": st.integers(-5, 5000),
                "category": st.sampled_from(["delivery", "messages", "praise", "suggestion", "other"]),
                "only": st.just(["offers"]),
            },
        ),
    ),
    max_size=3,
    unique_by=lambda one: one.intent,
)
WORDS = st.sampled_from(
    ["hello there", "这周的包裹一直没有到我很着急", "one two three four five six", "1", "🙂", "ok", "why?"]
)


@st.composite
def courses(draw: st.DrawFn) -> list[tuple[str, object]]:
    """A course of turns: words, taps of what is open or was, media, clocks, agents."""
    turn = st.one_of(
        st.tuples(st.just("words"), st.tuples(WORDS, INTENTS, st.sets(st.sampled_from(Cue), max_size=2))),
        st.tuples(st.just("tap"), st.integers(0, 5)),
        st.tuples(
            st.just("old tap"), st.sampled_from(["opt_out_offer.weekly.1", "opt_out_confirm.no.1", "menu.stop.2"])
        ),
        st.tuples(st.just("media"), st.sampled_from(Medium)),
        st.tuples(st.just("clock"), st.sampled_from(TimerName)),
        st.tuples(st.just("agent"), st.booleans()),
        st.tuples(st.just("leave"), st.booleans()),
        st.tuples(st.just("follow"), st.none()),
        st.tuples(st.just("wait"), st.sampled_from([timedelta(minutes=20), timedelta(days=3)])),
    )
    return draw(st.lists(turn, max_size=8))


def play(world: World, course: list[tuple[str, object]]) -> list[Step]:
    """Play a course; the steps taken."""
    steps = []
    for kind, what in course:
        done = _turn(world, kind, what)
        if done is not None:
            steps.append(done)
    return steps


def _turn(world: World, kind: str, what: object) -> Step | None:
    at = origin(world.at())
    match kind, what:
        case "words", (str(text), list(intents), set(cues)):
            return world.happens(UtteranceReceived(at, text), read(text, *intents, cues=cues))
        case "tap", int(place) if world.state.choices:
            return world.happens(ButtonTapped(at, world.state.choices[place % len(world.state.choices)]))
        case "old tap", str(option):
            return world.happens(ButtonTapped(at, option))
        case "media", Medium() as medium:
            return world.happens(MediaReceived(at, medium))
        case "clock", TimerName() as name:
            return world.happens(TimerFired(at, name, world.state.serial))
        case "agent", bool(takes):
            world.agent_takes_over() if takes else world.agent_hands_back()
            return world.last
        case "leave", bool(must_erase):
            return world.happens(LeftPlatform(at, Departure.UNFOLLOWED, must_erase))
        case "follow", None:
            return world.happens(Followed(at))
        case "wait", timedelta() as pause:
            world.facts = replace(world.facts, now=world.facts.now + pause)
    return None


@given(courses(), INTENTS, WORDS)
def test_stop_takes_effect_after_any_course_and_exactly_one_message_follows(
    course: list[tuple[str, object]], beside: list[Recognised], words: str
) -> None:
    world = World(facts(topics=SEVERAL))
    play(world, course)
    holder = world.state.holder
    world.hears(words, STOP, *(one for one in beside if one.intent is not Intent.OPT_OUT))
    kinds = [type(one) for one in world.last.effects]
    assert world.is_stopped
    assert kinds.index(RecordConsent) < kinds.index(PurgeMarketing) < kinds.index(Say)
    assert kinds.count(Say) == 1
    assert kinds[-1] is Say
    assert holder is not Holder.AGENT or world.state.holder is Holder.AGENT


@given(courses())
def test_nothing_but_an_explicit_choice_lifts_a_stop(course: list[tuple[str, object]]) -> None:
    world = World(facts(topics=SEVERAL))
    world.hears("STOP", STOP)
    for kind, what in course:
        was_stopped, choices = world.is_stopped, world.state.choices
        done = _turn(world, kind, what)
        if done is None or world.is_stopped or not was_stopped:
            continue
        was_asked = kind in ("tap", "old tap") or bool(choices)
        intents = {one.intent for one in what[1]} if kind == "words" else set()  # type: ignore[index]
        assert was_asked or intents & {Intent.OPT_IN, Intent.FREQUENCY}, (kind, what)
        assert kind in ("words", "tap", "old tap")


@given(courses())
def test_consent_is_recorded_before_anything_is_said(course: list[tuple[str, object]]) -> None:
    for done in play(World(), course):
        kinds = [type(one) for one in done.effects]
        assert kinds.count(Say) <= 1
        assert Say not in kinds[:-1]


@given(courses())
def test_nothing_is_said_twice_in_a_row_without_an_effect(course: list[tuple[str, object]]) -> None:
    last = ""
    for done in play(World(), course):
        found = message(done)
        if any(isinstance(one, ErasePerson) for one in done.effects):
            last = ""
        if found is None:
            continue
        has_effect = len(done.effects) > 1
        assert has_effect or found.text != last, found.text
        last = found.text


@given(courses())
def test_an_option_of_the_open_question_is_always_understood(course: list[tuple[str, object]]) -> None:
    world = World(facts(topics=SEVERAL))
    play(world, course)
    is_open = reading_context(world.state, world.facts).question is not None  # neither lapsed nor the agent's
    for option in world.state.choices if is_open else ():
        done = step(world.state, ButtonTapped(origin(world.facts.now), option), world.facts)
        assert not any(key.startswith("unclear.closed") for key in done.state.said[-1:])


def _own_meaning() -> list[ContactEvent]:
    """Events that carry their own meaning, each at its own second; two share one, where the stop wins."""

    def at(second: int, key: str) -> Origin:
        return origin(START + timedelta(seconds=second), key)

    return [
        UtteranceReceived(at(10, "a"), "STOP"),
        UtteranceReceived(at(20, "b"), "START"),
        ButtonTapped(at(30, "c"), "opt_out_offer.weekly.1"),
        ButtonTapped(at(25, "d"), "opt_out_offer.pause_30.1"),
        Followed(at(5, "e")),
        LeftPlatform(at(30, "f"), Departure.UNSUBSCRIBED, False),
    ]


def _reading(event: ContactEvent) -> Reading | None:
    if not isinstance(event, UtteranceReceived):
        return None
    return read(event.text, STOP if event.text == "STOP" else START_AGAIN)


def _consent_after(events: tuple[ContactEvent, ...], before: Conversation = Conversation()) -> Consent:
    world = World(state=before)
    for event in events:
        world.facts = replace(world.facts, now=max(world.facts.now, event.origin.at))
        world.happens(event, _reading(event))
    return world.facts.consent


def test_events_with_their_own_meaning_commute_in_all_720_orders() -> None:
    ends = {frozenset(_consent_after(order).topics) for order in itertools.permutations(_own_meaning())}
    assert len(ends) == 1
    assert Consent(tuple(ends.pop())).standing("marketing") is Standing.OPTED_OUT


@settings(max_examples=60)
@given(
    st.permutations(
        [
            MenuClicked(origin(START + timedelta(seconds=3)), "opt_out"),
            ButtonTapped(origin(START + timedelta(seconds=6)), "topic_choice.topic_offers.4"),
            ButtonTapped(origin(START + timedelta(seconds=5)), "frequency_choice.monthly.2"),
            MenuClicked(origin(START + timedelta(seconds=4)), "opt_in"),
        ]
    ),
    st.sampled_from(Stage),
    st.sampled_from([Holder.BOT, Holder.WAITING]),
)
def test_they_commute_from_every_stage_with_topics_too(
    events: list[ContactEvent], stage: Stage, holder: Holder
) -> None:
    world = World(facts(topics=SEVERAL), Conversation(stage=stage, holder=holder))
    for event in events:
        world.happens(event)
    standings = [world.facts.consent.standing(one.id) for one in SEVERAL]
    assert standings == [Standing.OPTED_IN, Standing.OPTED_OUT, Standing.OPTED_OUT]


def test_a_start_older_than_the_stop_does_not_claim_to_have_restarted() -> None:
    world = World()
    world.hears("STOP", STOP)
    late = UtteranceReceived(origin(START - timedelta(hours=1)), "START")
    done = world.happens(late, read("START", START_AGAIN))
    assert world.is_stopped
    found = message(done)
    assert found is not None
    assert "stays stopped" in found.text


def test_a_stop_older_than_the_start_does_not_claim_to_have_stopped() -> None:
    world = World()
    world.hears("START", START_AGAIN)
    done = world.happens(UtteranceReceived(origin(START - timedelta(hours=1)), "STOP"), read("STOP", STOP))
    found = message(done)
    assert not world.is_stopped
    assert found is not None
    assert "earlier STOP" in found.text
