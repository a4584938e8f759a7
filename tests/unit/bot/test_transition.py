"""The transition table answers everything, and leads where it says."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest

from bot import meaning, transition
from bot.domain.case import CaseFact, CaseKind, CaseStatus
from bot.domain.consent import Consent, ConsentChange, ConsentKind
from bot.domain.conversation import Conversation, Holder, Stage
from bot.domain.effect import AddToCase, OpenCase, RecordConsent, Say
from bot.domain.event import (
    AgentHandedBack,
    AgentTookOver,
    ButtonTapped,
    ContactEvent,
    ConversationStarted,
    Departure,
    Followed,
    LeftPlatform,
    MediaReceived,
    Medium,
    MenuClicked,
    ProfileScanned,
    TimerFired,
    TimerName,
    TopicRefused,
    UtteranceReceived,
)
from bot.domain.facts import Facts
from bot.engine import reading_context, step
from bot.trigger import Trigger
from intents.reading import Cue, Decision, Intent, Reading, Recognised
from tests.unit.bot.world import MARKETING, SEVERAL, START, facts, origin, read, sure, unsure

STATES = {
    Stage.OPT_OUT_OFFER: ("weekly", "monthly", "pause_30"),
    Stage.OPT_OUT_CONFIRM: ("stop", "less", "no"),
    Stage.PRIVACY_CHOICE: ("see", "delete", "source", "cancel"),
    Stage.DELETION_REASON: ("go_on", "less", "pause_30", "no_personalisation", "cancel"),
    Stage.PAUSE_LENGTH: ("pause_14", "pause_30"),
    Stage.TOPIC_CHOICE: ("topic_offers", "topic_events"),
}


def state(stage: Stage, holder: Holder = Holder.BOT) -> Conversation:
    """A conversation in `stage`, as our own messages would have left it."""
    answers = STATES.get(stage, ("yes", "no"))
    choices = tuple(f"{stage.value}.{one}.7" for one in answers) if stage is not Stage.IDLE else ()
    return Conversation(
        stage=stage, serial=7, choices=choices, holder=holder, case="C-9", draft="a draft", asked_at=START
    )


def readings() -> list[Reading]:
    found = [read("something else"), read("42"), read("🙂"), read(""), read("withdraw my complaint")]
    found += [read("words", Recognised(intent, decision, 0.9)) for intent in Intent for decision in Decision]
    found += [read("words", cues={cue}) for cue in Cue]
    found += [
        read("words", sure(Intent.FREQUENCY, choice="weekly")),
        read("words", sure(Intent.FREQUENCY, choice="every_n_days", days=-3)),
        read("words", sure(Intent.FREQUENCY, choice="every_n_days", days=10)),
        read("words", sure(Intent.FREQUENCY, choice="paused")),
        read("words", sure(Intent.FREQUENCY, choice="paused", until="not a date")),
        read("words", sure(Intent.FREQUENCY, choice="paused", until="9999-12-31")),
        read("words", sure(Intent.FREQUENCY, choice="paused", until="2026-12-24")),
        read("words", sure(Intent.FREQUENCY, choice="topics", only=["offers"])),
        read("words", sure(Intent.FREQUENCY, choice="topics", without=["offers", "marketing"])),
        read("words", sure(Intent.FREQUENCY, choice="nonsense")),
        read("words", sure(Intent.COMPLAINT, category="delivery", urgency="high")),
        read("words", sure(Intent.COMPLAINT, category="praise")),
        read("words", sure(Intent.COMPLAINT, category="suggestion")),
        read("words", sure(Intent.COMPLAINT, category="messages"), unsure(Intent.OPT_OUT)),
        read("words", sure(Intent.OPT_OUT), sure(Intent.COMPLAINT, category="delivery"), sure(Intent.HUMAN)),
        read("words", sure(Intent.OPT_OUT), sure(Intent.ACCOUNT_DELETION)),
    ]
    return found


def events(stage: Stage) -> list[tuple[ContactEvent, Reading | None]]:
    """Every kind of event, the words with every kind of reading."""
    at = origin(START + timedelta(minutes=1))
    answers = [*meaning._OWN_MEANING, *meaning._QUESTION_BOUND, "pause_30", "topic_offers", "topic_gone", "nonsense"]
    found: list[tuple[ContactEvent, Reading | None]] = [(UtteranceReceived(at, one.text), one) for one in readings()]
    found += [(UtteranceReceived(at, "words"), None), (UtteranceReceived(at, "words", Medium.VOICE), read("words"))]
    found += [(MediaReceived(at, medium), None) for medium in Medium]
    found += [(MediaReceived(at, Medium.PICTURE, one.text), one) for one in readings()[:8]]
    found += [(MenuClicked(at, key), None) for key in ("opt_out", "privacy", "unheard_of")]
    found += [(ButtonTapped(at, option), None) for option in ("", "garbage", "a.b", "a.b.c", "x.yes.7")]
    found += [(ButtonTapped(at, f"{stage.value}.{answer}.7"), None) for answer in answers]
    found += [(ButtonTapped(at, f"opt_out_confirm.{answer}.3"), None) for answer in answers]
    found += [(TimerFired(at, name, serial), None) for name in TimerName for serial in (3, 7)]
    found += [(LeftPlatform(at, how, must_erase), None) for how in Departure for must_erase in (True, False)]
    found += [(ConversationStarted(at, False), None), (Followed(at), None), (ProfileScanned(at), None)]
    found += [(TopicRefused(at, ("t1", "t2")), None), (TopicRefused(at, ()), None)]
    found += [(AgentTookOver(at, "mei"), None), (AgentHandedBack(at, "mei"), None)]
    return found


def situations() -> list[Facts]:
    """Facts that differ in what the dialogues look at."""
    out = Consent().with_change(ConsentChange(ConsentKind.OPTED_OUT, START - timedelta(days=1)))
    inside = Consent().with_change(ConsentChange(ConsentKind.OPTED_IN, START - timedelta(days=1)))
    cases = tuple(
        CaseFact(f"C-{number}", kind, category, CaseStatus.RECEIVED, START, START, START)
        for number, kind, category in (
            (9, CaseKind.COMPLAINT, "delivery"),
            (8, CaseKind.ACCOUNT_DELETION, "account_deletion"),
        )
    )
    return [
        facts(topics=MARKETING),
        facts(topics=SEVERAL, consent=out, agents_are_in=False, default_language="zh-Hans", looks_suspicious=True),
        facts(
            topics=SEVERAL,
            consent=inside,
            agents_are_in=False,
            agents_back_at=START + timedelta(hours=9),
            cases=cases,
            sends_left=0,
        ),
        facts(topics=(), follow_is_opt_in=False, default_language="fr", profile_language="de", sends_left=1),
    ]


def test_every_holder_stage_and_trigger_has_a_row() -> None:
    for holder, stage, each in itertools.product(Holder, Stage, Trigger):
        assert transition.row(holder, stage, each).trigger is each


def test_every_kind_of_event_is_known() -> None:
    handled = {UtteranceReceived, MediaReceived, ButtonTapped, MenuClicked, TimerFired, *meaning._BY_ITSELF}
    assert handled == set(get_args(ContactEvent))


def test_the_sample_brings_every_trigger() -> None:
    found = set()
    for stage in Stage:
        for event, reading in events(stage):
            found.update(meaning.trigger_of(_turn(state(stage), event, one, reading)) for one in situations())
    waiting = replace(state(Stage.IDLE), holder=Holder.WAITING)
    found.add(meaning.trigger_of(_turn(waiting, TimerFired(origin(), TimerName.HANDOVER_UNANSWERED, 7), facts(), None)))
    assert found == set(Trigger)


def _turn(before: Conversation, event: ContactEvent, known: Facts, reading: Reading | None):  # type: ignore[no-untyped-def]
    from bot import engine

    return engine._turn(before, event, known, reading or Reading("", None))


@pytest.mark.parametrize("holder", Holder)
@pytest.mark.parametrize("stage", Stage)
def test_every_stage_answers_every_event_and_leads_where_the_table_says(stage: Stage, holder: Holder) -> None:
    for known, (event, reading) in itertools.product(situations(), events(stage)):
        before = state(stage, holder)
        done = step(before, event, known, reading)
        row = transition.row(holder, stage, meaning.trigger_of(_turn(before, event, known, reading)))
        where = f"{row.name}: {stage} --{row.trigger}--> {done.state.stage}"
        is_quiet = holder is Holder.WAITING and row.trigger in transition.CHATTER
        stays = (row.stays or is_quiet) and done.state.stage is stage
        assert stays or done.state.stage in row.leads_to, where
        assert _is_sound(before, done.state), where
        assert sum(isinstance(one, Say) for one in done.effects) <= 1, where
        assert "{" not in "".join(one.message.text for one in done.effects if isinstance(one, Say)), where
        assert reading_context(done.state, known).question in (None, done.state.stage.value)
        assert sum(isinstance(one, OpenCase) for one in done.effects) <= 1, where
        assert all(one.number for one in done.effects if isinstance(one, AddToCase)), where


def _is_sound(before: Conversation, after: Conversation) -> bool:
    """A question that was asked anew has a new serial, which its options carry; at rest nothing can be chosen."""
    serials = {int(one.rsplit(".", 1)[1]) for one in after.choices}
    is_new = after.choices != before.choices
    return (
        after.serial >= before.serial
        and len(after.said) <= 4
        and (not is_new or serials <= {after.serial})
        and not (after.stage is Stage.IDLE and after.choices)
    )


def test_every_stage_but_rest_can_be_reached() -> None:
    reached = {stage for row in transition.TABLE for stage in row.leads_to}
    assert reached == set(Stage)


@pytest.mark.parametrize("stage", Stage)
def test_the_agent_is_not_disturbed(stage: Stage) -> None:
    """While an agent holds the chat only a stop, a start and a tapped option are answered."""
    for known, (event, reading) in itertools.product(situations(), events(stage)):
        before = state(stage, Holder.AGENT)
        done = step(before, event, known, reading)
        kind = meaning.trigger_of(_turn(before, event, known, reading))
        if any(isinstance(one, Say) for one in done.effects):
            assert kind in (Trigger.STOP, Trigger.START, Trigger.FREQUENCY, Trigger.AGENT_HANDED_BACK), kind
        assert done.state.holder is Holder.AGENT or kind in (Trigger.AGENT_HANDED_BACK, Trigger.LEFT)


def test_changes_of_consent_are_dated_by_the_contact_and_not_by_our_clock() -> None:
    late = facts(now=START + timedelta(days=3))
    for stage in Stage:
        for event, reading in events(stage):
            for one in step(state(stage), event, late, reading).effects:
                assert not isinstance(one, RecordConsent) or one.change.at == event.origin.at
