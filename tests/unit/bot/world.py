"""A host in memory for the engine's tests: it keeps what the effects say, and reads with readings built by hand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.domain.case import CaseFact, CaseStatus
from bot.domain.channel import Channel
from bot.domain.consent import Consent, ConsentChange, Standing
from bot.domain.conversation import Conversation
from bot.domain.effect import AddToCase, Effect, OpenCase, RecordConsent, Say, StartTimer, WithdrawCase
from bot.domain.event import (
    AgentHandedBack,
    AgentTookOver,
    ButtonTapped,
    ContactEvent,
    MediaReceived,
    Medium,
    Origin,
    TimerFired,
    TimerName,
    UtteranceReceived,
)
from bot.domain.facts import Facts, Topic
from bot.domain.message import Message
from bot.engine import Step, step
from intents.reading import Cue, Decision, Intent, Reading, Recognised

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

MARKETING = (Topic("marketing"),)
SEVERAL = (
    Topic("offers", (("en", "Offers"), ("zh-Hans", "优惠"), ("zh-Hant", "優惠"))),
    Topic("new_goods", (("en", "New goods"), ("zh-Hans", "新品"), ("zh-Hant", "新品"))),
    Topic("events", (("en", "Events"), ("zh-Hans", "活动"), ("zh-Hant", "活動"))),
)


def sure(intent: Intent, **slots: str | int | list[str]) -> Recognised:
    """An intent that was read clearly."""
    return Recognised(intent, Decision.ACT, 0.97, slots)


def unsure(intent: Intent, **slots: str | int | list[str]) -> Recognised:
    """An intent that was read, but not clearly enough to act upon."""
    return Recognised(intent, Decision.CONFIRM, 0.6, slots)


STOP = sure(Intent.OPT_OUT)
START_AGAIN = sure(Intent.OPT_IN)
PERSON = sure(Intent.HUMAN)
WEEKLY = sure(Intent.FREQUENCY, choice="weekly")
MONTHLY = sure(Intent.FREQUENCY, choice="monthly")
MAYBE_STOP = unsure(Intent.OPT_OUT)


def facts(**changed: object) -> Facts:
    """Facts of one moment, everything at its plainest."""
    plain = Facts(
        now=START,
        channel=Channel.VIBER,
        brand="Acme",
        default_language="en",
        topics=MARKETING,
        consent=Consent(),
        cases=(),
        new_case_number="C-1",
    )
    return replace(plain, **changed)  # type: ignore[arg-type]


def origin(at: datetime = START, key: str = "k") -> Origin:
    """Where an event came from."""
    return Origin("acme", "u1", key, at)


def read(
    text: str,
    *intents: Recognised,
    cues: set[Cue] | None = None,
    answer: str | None = None,
    language: str | None = None,
) -> Reading:
    """A reading as recognition would give it."""
    tag = language or (
        "zh-Hans" if any("一" <= char <= "鿿" for char in text) else "en" if any(map(str.isalpha, text)) else None
    )
    return Reading(text=text, language=tag, intents=intents, cues=frozenset(cues or ()), answer=answer)


@dataclass
class World:
    """One contact's conversation. Each turn comes `tick` after the one before."""

    facts: Facts = field(default_factory=facts)
    state: Conversation = field(default_factory=Conversation)
    effects: list[Effect] = field(default_factory=list)
    tick: timedelta = timedelta(seconds=1)
    cases_opened: int = 0

    def happens(self, event: ContactEvent, reading: Reading | None = None) -> Step:
        """One event, its effects applied."""
        done = step(self.state, event, self.facts, reading)
        self.state = done.state
        for one in done.effects:
            self._apply(one)
        self.effects.extend(done.effects)
        self.last = done
        return done

    def at(self) -> datetime:
        """The next moment."""
        self.facts = replace(self.facts, now=self.facts.now + self.tick)
        return self.facts.now

    def hears(
        self,
        text: str,
        *intents: Recognised,
        cues: set[Cue] | None = None,
        choice: str | None = None,
        language: str | None = None,
    ) -> str:
        """The contact writes; `choice` is the answer of the open question that recognition finds in the words. Returns what the bot says."""
        at = self.at()
        answer = next((one for one in self.state.choices if one.split(".")[1] == choice), None)
        assert choice is None or answer is not None, f"{choice} is not offered: {self.state.choices}"
        done = self.happens(
            UtteranceReceived(origin(at), text), read(text, *intents, cues=cues, answer=answer, language=language)
        )
        return said(done)

    def taps(self, answer: str) -> str:
        """The contact taps one of the options that are open."""
        return self.taps_id(next(one for one in self.state.choices if one.split(".")[1] == answer))

    def taps_id(self, option_id: str) -> str:
        """The contact taps an option, perhaps an old one."""
        return said(self.happens(ButtonTapped(origin(self.at()), option_id)))

    def sends(self, medium: Medium) -> str:
        """The contact sends a picture or the like."""
        return said(self.happens(MediaReceived(origin(self.at()), medium)))

    def agent_takes_over(self) -> str:
        """An agent takes the chat."""
        return said(self.happens(AgentTookOver(origin(self.at()), "mei")))

    def agent_hands_back(self) -> str:
        """The agent gives it back."""
        return said(self.happens(AgentHandedBack(origin(self.at()), "mei")))

    def timer_fires(self, name: TimerName) -> str:
        """The newest clock of that name runs out."""
        clock = [one for one in self.effects if isinstance(one, StartTimer) and one.name is name][-1]
        self.facts = replace(self.facts, now=max(clock.at, self.facts.now))
        return said(self.happens(TimerFired(origin(clock.at), name, clock.serial)))

    def _apply(self, effect: Effect) -> None:
        match effect:
            case RecordConsent(change=change):
                self.facts = replace(self.facts, consent=self.facts.consent.with_change(change))
            case OpenCase():
                self._open(effect)
            case WithdrawCase(number=number):
                cases = tuple(
                    replace(one, status=CaseStatus.WITHDRAWN) if one.number == number else one
                    for one in self.facts.cases
                )
                self.facts = replace(self.facts, cases=cases)
            case AddToCase(number=number):
                assert any(one.number == number for one in self.facts.cases), "words for a case that is not there"
            case _:
                pass

    def _open(self, effect: OpenCase) -> None:
        self.cases_opened += 1
        now = self.facts.now
        case = CaseFact(
            effect.number,
            effect.kind,
            effect.category,
            CaseStatus.RECEIVED,
            now,
            now + timedelta(hours=4),
            now + timedelta(hours=24),
        )
        self.facts = replace(self.facts, cases=(*self.facts.cases, case), new_case_number=f"C-{self.cases_opened + 1}")

    @property
    def is_stopped(self) -> bool:
        """Whether the gate would say that the contact is out."""
        return all(self.facts.consent.standing(one.id) is Standing.OPTED_OUT for one in self.facts.topics)

    @property
    def changes(self) -> list[ConsentChange]:
        """Every consent change so far."""
        return [one.change for one in self.effects if isinstance(one, RecordConsent)]

    def of(self, kind: type[Effect]) -> list[Effect]:
        """The effects of one kind so far."""
        return [one for one in self.effects if isinstance(one, kind)]


def message(done: Step) -> Message | None:
    """The one message of a step."""
    found = [one.message for one in done.effects if isinstance(one, Say)]
    assert len(found) <= 1, "more than one message"
    return found[0] if found else None


def said(done: Step) -> str:
    """The words of a step's message, "" if there is none."""
    found = message(done)
    return found.text if found else ""


def answers(done: Step) -> tuple[str, ...]:
    """The answers offered in a step's message."""
    found = message(done)
    return tuple(one.id.split(".")[1] for one in found.choices) if found else ()
