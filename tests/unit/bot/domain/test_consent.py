"""Consent: registers that commute, and what they mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.consent import (
    ALL_TOPICS,
    Consent,
    ConsentChange,
    ConsentKind,
    Frequency,
    FrequencyChoice,
    Standing,
    only_lowers,
)

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MOMENTS = st.integers(0, 4).map(lambda minutes: START + timedelta(minutes=minutes))
CHANGES = st.builds(
    ConsentChange,
    kind=st.sampled_from(ConsentKind),
    at=MOMENTS,
    topic=st.sampled_from([ALL_TOPICS, "offers"]),
    frequency=st.sampled_from([None, Frequency(FrequencyChoice.WEEKLY), Frequency(FrequencyChoice.MONTHLY)]),
    until=st.one_of(st.none(), MOMENTS),
)


def after(*changes: ConsentChange) -> Consent:
    consent = Consent()
    for change in changes:
        consent = consent.with_change(change)
    return consent


def change(kind: ConsentKind, minute: int, topic: str = ALL_TOPICS, **more: object) -> ConsentChange:
    return ConsentChange(kind, START + timedelta(minutes=minute), topic, **more)  # type: ignore[arg-type]


@given(
    st.lists(CHANGES, max_size=7).flatmap(lambda found: st.tuples(st.just(found), st.permutations(found + found[:2])))
)
def test_any_order_with_any_duplicates_ends_the_same(orders: tuple[list[ConsentChange], list[ConsentChange]]) -> None:
    one, other = orders
    assert frozenset(after(*one).topics) == frozenset(after(*other).topics)


@given(st.lists(CHANGES, max_size=6), MOMENTS)
def test_after_the_last_stop_only_a_later_start_lets_anything_in(changes: list[ConsentChange], at: datetime) -> None:
    consent = after(*changes, ConsentChange(ConsentKind.OPTED_OUT, at))
    starts = [one for one in changes if one.kind is ConsentKind.OPTED_IN and one.at > at]
    for topic in (ALL_TOPICS, "offers"):
        is_in = consent.standing(topic) is Standing.OPTED_IN
        assert not is_in or any(one.topic in (ALL_TOPICS, topic) for one in starts)


def test_at_a_tie_the_stop_wins() -> None:
    assert after(change(ConsentKind.OPTED_IN, 1), change(ConsentKind.OPTED_OUT, 1)).is_opted_out("offers")


def test_following_opts_in_and_never_lifts_a_stop() -> None:
    assert after(change(ConsentKind.FOLLOWED, 1)).standing("offers") is Standing.OPTED_IN
    assert after(change(ConsentKind.OPTED_OUT, 1), change(ConsentKind.FOLLOWED, 9)).is_opted_out("offers")


def test_the_latest_word_counts_whether_it_was_said_of_one_topic_or_of_all() -> None:
    consent = after(change(ConsentKind.OPTED_OUT, 1), change(ConsentKind.OPTED_IN, 2, "offers"))
    assert consent.standing("offers") is Standing.OPTED_IN
    assert consent.standing("events") is Standing.OPTED_OUT
    assert consent.with_change(change(ConsentKind.OPTED_OUT, 3)).standing("offers") is Standing.OPTED_OUT
    assert consent.opted_out_at("offers") == START + timedelta(minutes=1)


def test_a_pause_and_a_hold_end_by_themselves() -> None:
    until = START + timedelta(days=3)
    consent = after(change(ConsentKind.PAUSED, 1, until=until), change(ConsentKind.HELD, 1, "offers", until=until))
    for moment, ends in ((START, until), (until, None)):
        assert consent.paused_until("offers", moment) == ends
        assert consent.held_until("offers", moment) == ends
    assert consent.held_until("events", START) is None


def test_a_topics_own_cap_goes_before_the_general_one() -> None:
    weekly, monthly = Frequency(FrequencyChoice.WEEKLY), Frequency(FrequencyChoice.MONTHLY)
    consent = after(
        change(ConsentKind.FREQUENCY_SET, 2, frequency=weekly),
        change(ConsentKind.FREQUENCY_SET, 1, "offers", frequency=monthly),
    )
    assert consent.frequency("offers") == monthly
    assert consent.frequency("events") == weekly


@pytest.mark.parametrize(
    ("frequency", "days"),
    [
        (Frequency(), 0),
        (Frequency(FrequencyChoice.WEEKLY), 7),
        (Frequency(FrequencyChoice.MONTHLY), 30),
        (Frequency(FrequencyChoice.EVERY_N_DAYS, 10), 10),
        (Frequency(FrequencyChoice.EVERY_N_DAYS, 0), 1),
    ],
)
def test_a_cap_is_a_period(frequency: Frequency, days: int) -> None:
    assert frequency.period == timedelta(days=days)


@given(st.lists(CHANGES, max_size=5), CHANGES)
def test_what_only_lowers_never_lets_more_through(changes: list[ConsentChange], more: ConsentChange) -> None:
    """What an import may do without evidence (I8 of the trust page: no bulk path raises consent)."""
    before = after(*changes)
    if not only_lowers(before, more):
        return
    now, later = before.with_change(more), START + timedelta(minutes=2)
    for topic in (ALL_TOPICS, "offers"):
        assert now.standing(topic) is not Standing.OPTED_IN or before.standing(topic) is Standing.OPTED_IN
        assert before.held_until(topic, later) is None or now.held_until(topic, later) is not None


@pytest.mark.parametrize(
    "kind", [ConsentKind.OPTED_IN, ConsentKind.FOLLOWED, ConsentKind.RESUMED, ConsentKind.HOLD_RELEASED]
)
def test_what_could_raise_consent_is_refused_without_evidence(kind: ConsentKind) -> None:
    assert not only_lowers(Consent(), change(kind, 1))
