"""Closing the account."""

from __future__ import annotations

import pytest

from bot.domain.case import CaseKind, Priority
from bot.domain.consent import ConsentKind
from bot.domain.conversation import Stage
from bot.domain.effect import OpenCase, PurgeMarketing, RecordConsent, Say
from intents.reading import Cue, Intent
from tests.unit.bot.world import STOP, World, answers, facts, sure, unsure

DELETE = sure(Intent.ACCOUNT_DELETION)


def asked(**changed: object) -> World:
    world = World(facts(**changed))
    world.hears("delete my account", DELETE)
    return world


def test_why_is_asked_once_with_the_alternatives() -> None:
    world = asked()
    text = world.effects[-1].message.text  # type: ignore[union-attr]
    assert "may I ask why" in text
    assert answers(world.last) == ("go_on", "less", "pause_30", "no_personalisation", "cancel")
    assert not world.changes


def test_reason_then_yes_stops_everything_and_opens_the_case() -> None:
    world = asked()
    world.hears("I moved abroad")
    assert world.state.stage is Stage.DELETION_CONFIRM
    text = world.hears("yes", cues={Cue.YES})
    kinds = [type(one) for one in world.last.effects]
    assert kinds == [RecordConsent, PurgeMarketing, RecordConsent, OpenCase, Say]
    assert world.is_stopped
    assert world.changes[-1].reason == "other: I moved abroad"
    assert world.of(OpenCase) == [
        OpenCase("C-1", CaseKind.ACCOUNT_DELETION, "account_deletion", Priority.NORMAL, "I moved abroad")
    ]
    assert "C-1" in text
    assert "15 working days" in text


@pytest.mark.parametrize("way", ["delete", "skip", "yes", "tap"])
def test_insisting_goes_on_without_a_reason(way: str) -> None:
    world = asked()
    match way:
        case "delete":
            world.hears("just delete it", DELETE)
        case "skip":
            world.hears("rather not say", cues={Cue.SKIP})
        case "yes":
            world.hears("yes", cues={Cue.YES})
        case _:
            world.taps("go_on")
    assert world.state.stage is Stage.DELETION_CONFIRM
    world.hears("delete it!", DELETE)
    assert world.of(OpenCase)
    assert all(one.kind is not ConsentKind.REASON_GIVEN for one in world.changes)


@pytest.mark.parametrize("cue", [Cue.NO, Cue.NEVER_MIND])
@pytest.mark.parametrize("is_late", [True, False])
def test_changing_ones_mind_changes_nothing(cue: Cue, is_late: bool) -> None:
    world = asked()
    if is_late:
        world.taps("go_on")
    assert "stays as it is" in world.hears("no", cues={cue})
    assert not world.of(OpenCase)
    assert not world.is_stopped


def test_an_alternative_is_done_instead() -> None:
    world = asked()
    world.taps("pause_30")
    assert world.facts.consent.paused_until("marketing", world.facts.now)
    assert not world.of(OpenCase)


def test_less_personal_messages_are_a_request_of_their_own() -> None:
    world = asked()
    text = world.taps("no_personalisation")
    (case,) = world.of(OpenCase)
    assert isinstance(case, OpenCase)
    assert (case.kind, case.category) == (CaseKind.PRIVACY, "no_personalisation")
    assert "account stays" in text


def test_identity_is_checked_only_when_something_is_suspicious() -> None:
    for looks_suspicious in (True, False):
        world = asked(looks_suspicious=looks_suspicious)
        world.taps("go_on")
        text = world.taps("yes")
        (case,) = world.of(OpenCase)
        assert isinstance(case, OpenCase)
        assert case.needs_identity_check is looks_suspicious
        assert ("account is yours" in text) is looks_suspicious


def test_a_grievance_said_with_it_is_the_reason_and_not_asked_for_again() -> None:
    world = World()
    world.hears("third broken lamp, delete my account", sure(Intent.COMPLAINT, category="product"), DELETE)
    assert world.state.stage is Stage.DELETION_CONFIRM
    world.taps("yes")
    assert world.changes[-1].reason == "other: third broken lamp, delete my account"


def test_an_uncertain_wish_is_asked_the_same_way() -> None:
    world = World()
    world.hears("maybe I should leave altogether", unsure(Intent.ACCOUNT_DELETION))
    assert world.state.stage is Stage.DELETION_REASON


def test_a_second_request_names_the_first() -> None:
    world = asked()
    world.taps("go_on")
    world.taps("yes")
    assert "already recorded as C-1" in world.hears("delete my account", DELETE)
    assert len(world.of(OpenCase)) == 1


def test_a_reason_told_with_the_request_is_not_asked_for_again_and_kept() -> None:
    world = World()
    text = world.hears("please close my account, I never use it and it only costs me time", DELETE)
    assert "thank you for telling us why" in text
    world.taps("go_on")
    world.taps("yes")
    assert next(one.reason for one in world.changes if one.reason).startswith("other: please close my account, I never")


def test_a_stop_instead_of_the_deletion_says_that_the_account_stays() -> None:
    world = asked()
    world.taps("go_on")
    text = world.hears("STOP", STOP)
    assert "You're unsubscribed" in text
    assert "Your account stays as it is." in text
    assert not world.of(OpenCase)
