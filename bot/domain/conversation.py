"""Where one conversation stands. Stored as JSON with a version; `storage` upcasts older versions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Holder(StrEnum):
    """Who answers the contact."""

    BOT = "bot"
    WAITING = "waiting"  # flagged; an agent may come, the bot answers only what is safe
    AGENT = "agent"


class Stage(StrEnum):
    """The open question, or none. The transition table is over these."""

    IDLE = "idle"
    OPT_OUT_OFFER = "opt_out_offer"  # stopped; less was offered and the reason asked
    OPT_OUT_REASON = "opt_out_reason"  # stopped; only the reason is open
    OPT_OUT_CONFIRM = "opt_out_confirm"  # uncertain: did they mean stop? marketing is held
    OPT_IN_CONFIRM = "opt_in_confirm"  # uncertain: did they mean start again?
    FREQUENCY_CHOICE = "frequency_choice"  # how often?
    PAUSE_LENGTH = "pause_length"  # how long?
    TOPIC_CHOICE = "topic_choice"  # which topics to keep?
    COMPLAINT_CONFIRM = "complaint_confirm"  # uncertain: is it a complaint?
    COMPLAINT_DESCRIBE = "complaint_describe"  # announced; waiting for what happened
    COMPLAINT_MORE = "complaint_more"  # case open; anything to add?
    DELETION_REASON = "deletion_reason"  # why, once, with alternatives
    DELETION_CONFIRM = "deletion_confirm"  # really?
    PRIVACY_CHOICE = "privacy_choice"  # see, export, delete, where from?
    HANDOVER_CONFIRM = "handover_confirm"  # uncertain: a person?
    COMPLAINT_WITHDRAW = "complaint_withdraw"  # case open and "never mind" was said: take it back?
    MENU = "menu"  # nothing asked; what we can do was shown, and may be chosen by its number


@dataclass(frozen=True, slots=True)
class Conversation:
    """The bot's memory of one contact.

    `serial` grows with every message of ours that asks something: option ids carry it, so an old link cannot answer
    a new question.
    `choices` are the option ids offered by the open question, in the order shown. `case` is the case being talked
    about, `draft` words
    collected before a case is open. `said` are the keys of our last messages (newest last, few), so that nothing is
    said twice in a row.
    `codes` are one-letter opt-out codes announced to this contact. `repeats` counts the same grievance in a row,
    `misses` what was not understood.
    `last_words` is the grievance last told. `handover_due_at` is when a hand-over that nobody took is given back to
    the bot.
    """

    version: int = 1
    language: str | None = None
    stage: Stage = Stage.IDLE
    asked_at: datetime | None = None
    serial: int = 0
    choices: tuple[str, ...] = ()
    holder: Holder = Holder.BOT
    case: str | None = None
    draft: str = ""
    said: tuple[str, ...] = ()
    codes: frozenset[str] = field(default_factory=frozenset)
    repeats: int = 0
    misses: int = 0
    last_words: str = ""
    handover_due_at: datetime | None = None
