"""Requests about personal data."""

from __future__ import annotations

import pytest

from bot.domain.case import CaseKind
from bot.domain.conversation import Stage
from bot.domain.effect import OpenCase
from intents.reading import Cue, Intent
from tests.unit.bot.world import World, answers, sure

PRIVACY = sure(Intent.PRIVACY)


@pytest.mark.parametrize(
    ("words", "request_"),
    [
        ("where did you get my number", "source"),
        ("你们怎么拿到我的号码的", "source"),
        ("please export everything you hold on me", "see"),
        ("我想匯出", "see"),
        ("erase what you store of me", "delete"),
    ],
)
def test_a_clear_request_opens_its_case_at_once(words: str, request_: str) -> None:
    world = World()
    text = world.hears(words, PRIVACY)
    (case,) = world.of(OpenCase)
    assert isinstance(case, OpenCase)
    assert (case.kind, case.category, case.summary) == (CaseKind.PRIVACY, request_, words)
    assert "C-1" in text


def test_the_deadline_is_told() -> None:
    assert "within one month" in World().hears("a copy of my data", PRIVACY)


def test_the_slot_counts_before_the_words() -> None:
    world = World()
    world.hears("a copy of my data", sure(Intent.PRIVACY, request="source"))
    assert world.of(OpenCase)[0].category == "source"  # type: ignore[attr-defined]


def test_what_is_unclear_is_asked() -> None:
    world = World()
    world.hears("about my privacy", PRIVACY)
    assert answers(world.last) == ("see", "delete", "source", "cancel")
    world.taps("delete")
    (case,) = world.of(OpenCase)
    assert isinstance(case, OpenCase)
    assert case.category == "delete"
    assert "about my privacy" in case.summary


def test_the_answer_may_come_in_words_or_after_another_try() -> None:
    world = World()
    world.hears("about my privacy", PRIVACY)
    world.hears("hm well")
    assert world.state.stage is Stage.PRIVACY_CHOICE
    world.hears("download it")
    assert world.of(OpenCase)


def test_never_mind_requests_nothing() -> None:
    world = World()
    world.hears("about my privacy", PRIVACY)
    world.hears("forget it", cues={Cue.NEVER_MIND})
    assert not world.of(OpenCase)
    assert world.state.stage is Stage.IDLE


def test_the_same_request_is_not_opened_twice() -> None:
    world = World()
    world.hears("a copy of my data", PRIVACY)
    assert "already recorded as C-1" in world.hears("download my data", PRIVACY)
    assert len(world.of(OpenCase)) == 1
