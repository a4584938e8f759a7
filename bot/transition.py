"""The transition table: who answers what, and where that leads. The engine runs on it; docs/dialogue.md is drawn from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.dialogues import (
    account_deletion,
    arrival,
    complaint,
    courtesy,
    frequency,
    handover,
    opt_in,
    opt_out,
    opt_out_question,
    privacy,
    status,
)
from bot.dialogues import help as guidance
from bot.domain.conversation import Holder, Stage
from bot.trigger import Trigger
from bot.turn import Step, Turn

T = Trigger
S = Stage
Handler = Callable[[Turn], Step]


@dataclass(frozen=True, slots=True)
class Row:
    """In these stages, while these hold the chat, this trigger goes to `handler`, which leads to one of `leads_to` (empty = stays)."""

    stages: frozenset[Stage]
    trigger: Trigger
    handler: Handler
    leads_to: frozenset[Stage]
    stays: bool
    holders: frozenset[Holder]

    @property
    def name(self) -> str:
        """The handler as the document names it."""
        return f"{self.handler.__module__.rpartition('.')[2]}.{self.handler.__name__}"


ANY = tuple(Stage)
BOT = (Holder.BOT, Holder.WAITING)
EVERYBODY = tuple(Holder)
STAY = None


def _row(
    stages: Stage | Iterable[Stage],
    triggers: Trigger | Iterable[Trigger],
    handler: Handler,
    *leads_to: Stage | None,
    holders: Iterable[Holder] = BOT,
) -> list[Row]:
    where = frozenset({stages} if isinstance(stages, Stage) else stages)
    when = [triggers] if isinstance(triggers, Trigger) else list(triggers)
    to = frozenset(stage for stage in leads_to if stage is not None)
    return [Row(where, trigger, handler, to, None in leads_to, frozenset(holders)) for trigger in when]


_OPEN_COURTESY = (
    S.OPT_OUT_CONFIRM,
    S.OPT_IN_CONFIRM,
    S.COMPLAINT_CONFIRM,
    S.COMPLAINT_DESCRIBE,
    S.COMPLAINT_WITHDRAW,
    S.DELETION_REASON,
    S.DELETION_CONFIRM,
    S.PRIVACY_CHOICE,
    S.HANDOVER_CONFIRM,
)
_ASKING = (
    S.OPT_OUT_CONFIRM,
    S.OPT_IN_CONFIRM,
    S.COMPLAINT_CONFIRM,
    S.COMPLAINT_WITHDRAW,
    S.DELETION_CONFIRM,
    S.HANDOVER_CONFIRM,
    S.FREQUENCY_CHOICE,
    S.PAUSE_LENGTH,
    S.TOPIC_CHOICE,
)
_CHOOSING = (S.FREQUENCY_CHOICE, S.PAUSE_LENGTH, S.TOPIC_CHOICE)
_STOPPED = (S.OPT_OUT_OFFER, S.OPT_OUT_REASON)
_SMALL = (T.YES, T.NO, T.NEVER_MIND, T.DONE, T.SKIP)
_NEGATIVE = (T.NO, T.NEVER_MIND)
_AT_REST = (S.IDLE, S.MENU)
_ALL_LESS = (S.FREQUENCY_CHOICE, S.PAUSE_LENGTH, S.OPT_OUT_CONFIRM, S.IDLE)
_COMPLAINT_ENDS = (S.COMPLAINT_MORE, S.COMPLAINT_DESCRIBE, S.IDLE)

CHATTER = frozenset({T.YES, T.DONE, T.SKIP, T.THANKS, T.FAREWELL, T.EMOJI, T.NUMBER, T.MEDIA, T.WORDS})
"""What is left for the agent to answer while the contact waits for one who is in,"""

QUIET_STAGES = frozenset({S.IDLE, S.MENU, S.COMPLAINT_MORE, S.OPT_OUT_REASON})
"""unless a question of ours is open that it may answer."""

_GENERAL = [
    # interrupts
    *_row(
        ANY,
        T.STOP,
        opt_out.stop,
        S.OPT_OUT_OFFER,
        S.IDLE,
        *_COMPLAINT_ENDS,
        S.DELETION_REASON,
        S.DELETION_CONFIRM,
        STAY,
    ),
    *_row(ANY, T.START, opt_in.start, S.IDLE, S.COMPLAINT_MORE, holders=EVERYBODY),
    *_row(ANY, T.PERSON, complaint.with_person, S.IDLE, S.COMPLAINT_MORE, STAY),
    # answers with a meaning of their own
    *_row(ANY, T.FREQUENCY, frequency.chosen, *_ALL_LESS),
    *_row(ANY, T.CLOSED_OPTION, guidance.closed_option, STAY),
    # topics
    *_row(ANY, T.LESS, frequency.less, *_ALL_LESS, S.TOPIC_CHOICE),
    *_row(ANY, T.PAUSE, frequency.pause, S.PAUSE_LENGTH),
    *_row(ANY, T.TOPICS, frequency.topics, S.TOPIC_CHOICE, S.OPT_OUT_CONFIRM, S.IDLE),
    *_row(ANY, T.COMPLAINT, complaint.complained, *_COMPLAINT_ENDS, STAY),
    *_row(ANY, T.WITHDRAWAL, complaint.ask_withdrawal, S.COMPLAINT_WITHDRAW),
    *_row(ANY, T.DELETION, account_deletion.requested, S.DELETION_REASON, S.DELETION_CONFIRM, STAY),
    *_row(ANY, T.PRIVACY, privacy.requested, S.PRIVACY_CHOICE, S.IDLE),
    *_row(ANY, T.HELP, guidance.asked, S.MENU, S.HANDOVER_CONFIRM),
    *_row(ANY, T.STATUS, status.status, STAY),
    *_row(ANY, (T.PRIVACY_CHOSEN, T.NO_PERSONALISATION), guidance.closed_option, STAY),
    # uncertain readings
    *_row(ANY, T.UNSURE_STOP, opt_out_question.unsure, S.OPT_OUT_CONFIRM, S.IDLE),
    *_row(ANY, T.UNSURE_START, opt_in.unsure, S.OPT_IN_CONFIRM, S.IDLE),
    *_row(ANY, T.UNSURE_PERSON, handover.unsure, S.HANDOVER_CONFIRM),
    *_row(ANY, T.UNSURE_COMPLAINT, complaint.unsure, S.COMPLAINT_CONFIRM, S.COMPLAINT_MORE, STAY),
    # courtesy and the rest
    *_row(ANY, _SMALL, courtesy.small_word, S.IDLE),
    *_row(ANY, T.THANKS, courtesy.thanks_closing, S.IDLE),
    *_row(_OPEN_COURTESY, (T.THANKS, T.FAREWELL), courtesy.thanks, STAY),
    *_row(ANY, T.GREETING, courtesy.greeting, STAY),
    *_row(set(ANY) - set(_OPEN_COURTESY), T.FAREWELL, courtesy.farewell, S.IDLE),
    *_row(ANY, T.EMOJI, courtesy.emoji, STAY),
    *_row(ANY, T.NUMBER, guidance.number, STAY),
    *_row(ANY, T.MEDIA, courtesy.media, STAY),
    *_row(ANY, T.WORDS, guidance.not_understood, S.MENU, S.HANDOVER_CONFIRM),
    # the platform, the clock, the agents
    *_row(ANY, T.STARTED, arrival.started, S.MENU, STAY),
    *_row(ANY, T.FOLLOWED, arrival.followed, S.MENU, STAY),
    *_row(ANY, (T.SCANNED, T.UNKNOWN_MENU, T.VOID_TIMER), guidance.nothing, STAY, holders=EVERYBODY),
    *_row(ANY, T.LEFT, arrival.left, S.IDLE, holders=EVERYBODY),
    *_row(ANY, T.TOPIC_REFUSED, arrival.topic_refused, STAY, holders=EVERYBODY),
    *_row(ANY, (T.COMPLAINT_ABANDONED, T.QUESTION_LAPSED), guidance.nothing, STAY, holders=EVERYBODY),
    *_row(ANY, T.HANDOVER_UNANSWERED, handover.unanswered, STAY, holders=EVERYBODY),
    *_row(ANY, T.AGENT_TOOK_OVER, handover.taken, S.IDLE, holders=EVERYBODY),
    *_row(ANY, T.AGENT_HANDED_BACK, handover.given_back, S.IDLE, STAY, holders=EVERYBODY),
]

_QUESTIONS = [
    *_row(_ASKING, (T.WORDS, T.NUMBER, T.YES, T.DONE, T.SKIP), guidance.ask_again, S.MENU, S.HANDOVER_CONFIRM, STAY),
    # stopped; less was offered
    *_row(_STOPPED, T.WORDS, opt_out.explained, S.IDLE, S.MENU, S.HANDOVER_CONFIRM),
    *_row(_STOPPED, T.UNSURE_STOP, opt_out.explained, S.IDLE, S.MENU, S.HANDOVER_CONFIRM),
    *_row(_STOPPED, (T.COMPLAINT, T.UNSURE_COMPLAINT), opt_out.grumbled, *_COMPLAINT_ENDS, STAY),
    *_row(_STOPPED, T.LESS, opt_out.fewer, *_ALL_LESS, S.TOPIC_CHOICE),
    *_row(S.OPT_OUT_OFFER, T.NUMBER, guidance.ask_again, S.MENU, S.HANDOVER_CONFIRM, STAY),
    *_row(S.OPT_OUT_OFFER, (*_NEGATIVE, T.DONE, T.SKIP), opt_out.declined, S.OPT_OUT_REASON),
    *_row(S.OPT_OUT_OFFER, T.YES, opt_out.which, S.OPT_OUT_OFFER),
    # did they mean stop?
    *_row(S.OPT_OUT_CONFIRM, (T.YES, T.UNSURE_STOP), opt_out.stop, S.OPT_OUT_OFFER, S.IDLE, STAY),
    *_row(S.OPT_OUT_CONFIRM, (*_NEGATIVE, T.UNSURE_START), opt_out_question.kept, S.IDLE),
    *_row(S.OPT_OUT_CONFIRM, T.QUESTION_LAPSED, opt_out_question.lapsed, S.IDLE, holders=EVERYBODY),
    # did they mean start?
    *_row(S.OPT_IN_CONFIRM, (T.YES, T.UNSURE_START), opt_in.start, S.IDLE),
    *_row(S.OPT_IN_CONFIRM, _NEGATIVE, opt_in.declined, S.IDLE),
    # how often, how long, which topics
    *_row(_CHOOSING, _NEGATIVE, frequency.unchanged, S.IDLE),
    # complaints
    *_row(
        S.COMPLAINT_CONFIRM,
        (T.YES, T.UNSURE_COMPLAINT),
        complaint.confirmed,
        S.COMPLAINT_MORE,
        S.COMPLAINT_DESCRIBE,
        S.IDLE,
    ),
    *_row(S.COMPLAINT_CONFIRM, _NEGATIVE, complaint.not_one, S.IDLE),
    *_row(
        S.COMPLAINT_DESCRIBE,
        (T.WORDS, T.NUMBER, T.MEDIA, T.UNSURE_STOP, T.UNSURE_START),
        complaint.described,
        S.COMPLAINT_MORE,
        STAY,
    ),
    *_row(S.COMPLAINT_DESCRIBE, (T.COMPLAINT, T.UNSURE_COMPLAINT), complaint.described, S.COMPLAINT_MORE, S.IDLE, STAY),
    *_row(S.COMPLAINT_DESCRIBE, T.LESS, complaint.described_as_too_many, S.COMPLAINT_MORE, *_ALL_LESS, S.TOPIC_CHOICE),
    *_row(S.COMPLAINT_DESCRIBE, _NEGATIVE, complaint.dropped, S.IDLE),
    *_row(S.COMPLAINT_DESCRIBE, (T.YES, T.EMOJI, T.GREETING), complaint.describe_please, STAY),
    *_row(S.COMPLAINT_DESCRIBE, (T.DONE, T.SKIP), complaint.abandoned, S.COMPLAINT_MORE),
    *_row(S.COMPLAINT_DESCRIBE, T.COMPLAINT_ABANDONED, complaint.abandoned, S.COMPLAINT_MORE),
    *_row(
        S.COMPLAINT_MORE, (T.WORDS, T.NUMBER, T.MEDIA, T.UNSURE_COMPLAINT), complaint.added, S.COMPLAINT_MORE, S.IDLE
    ),
    *_row(S.COMPLAINT_MORE, (T.NO, T.DONE, T.SKIP), complaint.finished, S.IDLE),
    *_row(S.COMPLAINT_MORE, T.YES, complaint.go_on, STAY),
    *_row(S.COMPLAINT_MORE, T.NEVER_MIND, complaint.ask_withdrawal, S.COMPLAINT_WITHDRAW),
    *_row(S.COMPLAINT_WITHDRAW, (T.YES, T.NEVER_MIND, T.WITHDRAWAL), complaint.withdrawn, S.IDLE),
    *_row(S.COMPLAINT_WITHDRAW, T.NO, complaint.kept_open, S.IDLE),
    # closing the account
    *_row(
        S.DELETION_REASON,
        (T.WORDS, T.COMPLAINT, T.UNSURE_COMPLAINT, T.UNSURE_STOP),
        account_deletion.reasoned,
        S.DELETION_CONFIRM,
    ),
    *_row(S.DELETION_REASON, (T.YES, T.SKIP, T.DONE, T.DELETION), account_deletion.insisted, S.DELETION_CONFIRM),
    *_row(S.DELETION_REASON, _NEGATIVE, account_deletion.cancelled, S.IDLE),
    *_row(S.DELETION_REASON, T.NO_PERSONALISATION, account_deletion.no_personalisation, S.IDLE),
    *_row(S.DELETION_CONFIRM, (T.YES, T.DELETION), account_deletion.confirmed, S.IDLE),
    *_row(S.DELETION_CONFIRM, _NEGATIVE, account_deletion.cancelled, S.IDLE),
    # personal data
    *_row(S.PRIVACY_CHOICE, T.PRIVACY_CHOSEN, privacy.chosen, S.IDLE),
    *_row(S.PRIVACY_CHOICE, T.WORDS, privacy.described, S.IDLE, S.PRIVACY_CHOICE),
    *_row(S.PRIVACY_CHOICE, (T.YES, T.SKIP, T.DONE), privacy.ask_again, S.PRIVACY_CHOICE),
    *_row(S.PRIVACY_CHOICE, _NEGATIVE, privacy.cancelled, S.IDLE),
    # a person
    *_row(S.HANDOVER_CONFIRM, (T.YES, T.UNSURE_PERSON), handover.requested, S.IDLE, STAY),
    *_row(S.HANDOVER_CONFIRM, _NEGATIVE, handover.declined, S.IDLE),
]

_WAITING = [
    *_row((*_AT_REST, S.COMPLAINT_MORE), T.NEVER_MIND, handover.taken_back, S.IDLE, holders=[Holder.WAITING]),
    *_row(_AT_REST, T.NO, handover.taken_back, S.IDLE, holders=[Holder.WAITING]),
    *_row((*_AT_REST, S.COMPLAINT_MORE), T.GREETING, handover.still_waiting, STAY, holders=[Holder.WAITING]),
]

_AGENT = [
    *_row(ANY, set(T), guidance.nothing, STAY, holders=[Holder.AGENT]),
    *_row(ANY, T.STOP, opt_out.stop, S.IDLE, S.PRIVACY_CHOICE, STAY, holders=[Holder.AGENT]),
    *_row(ANY, T.UNSURE_STOP, opt_out_question.held_silently, STAY, holders=[Holder.AGENT]),
    *_row(ANY, T.FREQUENCY, frequency.tapped_aside, *_ALL_LESS, STAY, holders=[Holder.AGENT]),
    *_row(ANY, T.FOLLOWED, arrival.followed_silently, STAY, holders=[Holder.AGENT]),
]

TABLE: tuple[Row, ...] = (*_AGENT, *_GENERAL, *_QUESTIONS, *_WAITING)
"""All rows; where several fit, the last one counts: the agent's silence, then the general, then what a stage knows better."""

_INDEX = {(holder, stage, row.trigger): row for row in TABLE for holder in row.holders for stage in row.stages}


def row(holder: Holder, stage: Stage, trigger: Trigger) -> Row:
    """The one row that answers. Total: a test asks for every combination."""
    return _INDEX[holder, stage, trigger]
