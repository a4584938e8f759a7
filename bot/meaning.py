"""What an event means at this point of the conversation: one trigger of the transition table.

The order is the promise: interrupts (stop, start, a person), the open question's answer, a new topic, what is uncertain, courtesy.
"""

from __future__ import annotations

from bot import tone, wish
from bot.dialogues.grievance import substance, withdrawn_case
from bot.domain.conversation import Holder, Stage
from bot.domain.event import (
    AgentHandedBack,
    AgentTookOver,
    ButtonTapped,
    ConversationStarted,
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
from bot.trigger import Trigger
from bot.turn import Turn
from intents.reading import Cue, Decision, Intent

_OWN_MEANING = {
    "stop": Trigger.STOP,
    "start": Trigger.START,
    "person": Trigger.PERSON,
    "weekly": Trigger.FREQUENCY,
    "monthly": Trigger.FREQUENCY,
    "less": Trigger.LESS,
    "pause": Trigger.PAUSE,
    "topics": Trigger.TOPICS,
    "complaint": Trigger.COMPLAINT,
    "help": Trigger.HELP,
    "status": Trigger.STATUS,
}
"""Answers that mean the same whenever they are tapped; an old button does what it says."""

_QUESTION_BOUND = {
    "yes": Trigger.YES,
    "no": Trigger.NO,
    "done": Trigger.DONE,
    "skip": Trigger.SKIP,
    "go_on": Trigger.SKIP,
    "cancel": Trigger.NEVER_MIND,
    "see": Trigger.PRIVACY_CHOSEN,
    "delete": Trigger.PRIVACY_CHOSEN,
    "source": Trigger.PRIVACY_CHOSEN,
    "no_personalisation": Trigger.NO_PERSONALISATION,
}
"""Answers that mean something only while their question is open."""

_SURE = {
    Intent.COMPLAINT: Trigger.COMPLAINT,
    Intent.ACCOUNT_DELETION: Trigger.DELETION,
    Intent.PRIVACY: Trigger.PRIVACY,
    Intent.HELP: Trigger.HELP,
    Intent.STATUS: Trigger.STATUS,
}
_UNSURE = {
    Intent.OPT_OUT: Trigger.UNSURE_STOP,
    Intent.OPT_IN: Trigger.UNSURE_START,
    Intent.HUMAN: Trigger.UNSURE_PERSON,
    Intent.COMPLAINT: Trigger.UNSURE_COMPLAINT,
    Intent.ACCOUNT_DELETION: Trigger.DELETION,
    Intent.PRIVACY: Trigger.PRIVACY,
    Intent.FREQUENCY: Trigger.LESS,
    Intent.HELP: Trigger.HELP,
    Intent.STATUS: Trigger.STATUS,
}
_MENU = {intent.value: trigger for intent, trigger in _SURE.items()} | {
    Intent.OPT_OUT.value: Trigger.STOP,
    Intent.OPT_IN.value: Trigger.START,
    Intent.FREQUENCY.value: Trigger.LESS,
    Intent.HUMAN.value: Trigger.PERSON,
}
_CUES = (
    (Cue.NEVER_MIND, Trigger.NEVER_MIND),
    (Cue.NO, Trigger.NO),
    (Cue.YES, Trigger.YES),
    (Cue.DONE, Trigger.DONE),
    (Cue.SKIP, Trigger.SKIP),
    (Cue.THANKS, Trigger.THANKS),
    (Cue.FAREWELL, Trigger.FAREWELL),
    (Cue.GREETING, Trigger.GREETING),
)
_BY_ITSELF: dict[type, Trigger] = {
    ConversationStarted: Trigger.STARTED,
    Followed: Trigger.FOLLOWED,
    ProfileScanned: Trigger.SCANNED,
    LeftPlatform: Trigger.LEFT,
    TopicRefused: Trigger.TOPIC_REFUSED,
    AgentTookOver: Trigger.AGENT_TOOK_OVER,
    AgentHandedBack: Trigger.AGENT_HANDED_BACK,
}
"""Events that mean one thing only. A test holds this against the union of events."""

_TIMERS = {
    TimerName.COMPLAINT_ABANDONED: (Trigger.COMPLAINT_ABANDONED, Stage.COMPLAINT_DESCRIBE),
    TimerName.QUESTION_LAPSED: (Trigger.QUESTION_LAPSED, Stage.OPT_OUT_CONFIRM),
}
_SUBJECT = {
    Stage.COMPLAINT_CONFIRM: Trigger.COMPLAINT,
    Stage.COMPLAINT_DESCRIBE: Trigger.COMPLAINT,
    Stage.COMPLAINT_MORE: Trigger.COMPLAINT,
    Stage.COMPLAINT_WITHDRAW: Trigger.COMPLAINT,
    Stage.DELETION_REASON: Trigger.DELETION,
    Stage.DELETION_CONFIRM: Trigger.DELETION,
}
"""What a question is about: "forget it, no complaint" drops the subject, although it names it."""

_COURTESY = (Trigger.THANKS, Trigger.FAREWELL, Trigger.GREETING)
_TELLING = frozenset(
    {
        Stage.COMPLAINT_DESCRIBE,
        Stage.COMPLAINT_MORE,
        Stage.OPT_OUT_OFFER,
        Stage.OPT_OUT_REASON,
        Stage.DELETION_REASON,
    }
)
"""Where we asked for the contact's own words."""

_JUST_STOPPED = frozenset({Stage.OPT_OUT_OFFER, Stage.OPT_OUT_REASON})

_UNASKED = frozenset({Stage.IDLE, Stage.MENU})
"""Where nothing was asked: a small word there answers nothing, and never hides an intent beside it."""

_BUSINESS_STAGES = frozenset(
    {Stage.OPT_OUT_CONFIRM, Stage.OPT_IN_CONFIRM, Stage.COMPLAINT_CONFIRM, Stage.COMPLAINT_WITHDRAW}
) | {
    Stage.DELETION_CONFIRM,
    Stage.DELETION_REASON,
    Stage.HANDOVER_CONFIRM,
}
"""Questions that a yes answers: there, "yes, thanks" is a yes; elsewhere it is thanks."""


def trigger_of(turn: Turn) -> Trigger:
    """The trigger of a turn. Total."""
    match turn.event:
        case UtteranceReceived():
            return _utterance(turn)
        case MediaReceived(medium=Medium.STICKER):
            return Trigger.EMOJI
        case MediaReceived(caption=caption):
            found = _utterance(turn) if caption.strip() else Trigger.MEDIA
            return Trigger.MEDIA if found in (Trigger.WORDS, Trigger.EMOJI, Trigger.NUMBER) else found
        case ButtonTapped():
            return _chosen(turn) or Trigger.CLOSED_OPTION
        case MenuClicked(menu_key=key):
            return _MENU.get(key, Trigger.UNKNOWN_MENU)
        case TimerFired():
            return _timer(turn, turn.event)
        case _:
            return _BY_ITSELF[type(turn.event)]


def _timer(turn: Turn, event: TimerFired) -> Trigger:
    state = turn.state
    if event.name is TimerName.HANDOVER_UNANSWERED:
        is_due = event.serial == state.serial or (
            state.handover_due_at is not None and turn.facts.now >= state.handover_due_at
        )
        return Trigger.HANDOVER_UNANSWERED if state.holder is Holder.WAITING and is_due else Trigger.VOID_TIMER
    trigger, stage = _TIMERS[event.name]
    return trigger if state.stage is stage and event.serial == state.serial else Trigger.VOID_TIMER


def _chosen(turn: Turn) -> Trigger | None:
    """What a chosen option means. Own meaning: always; an answer to a question: only to the one that is open."""
    option = turn.option
    if option is None:
        return None
    if option.pause_days or option.topic_slug:
        return Trigger.FREQUENCY
    if option.answer in _OWN_MEANING:
        return _OWN_MEANING[option.answer]
    is_open = option.id in turn.state.choices
    return _QUESTION_BOUND.get(option.answer) if is_open else None


def _utterance(turn: Turn) -> Trigger:
    """Interrupts, then the open question's answer, then a new topic, then what is uncertain, then courtesy."""
    reading = turn.reading
    if reading.acts(Intent.OPT_OUT):
        return Trigger.STOP
    has_wish = reading.acts(Intent.FREQUENCY) and wish.of_slots(turn) is not None
    if reading.acts(Intent.OPT_IN) and not has_wish:
        return Trigger.START
    if reading.acts(Intent.HUMAN):
        return Trigger.PERSON
    if tone.is_brief(turn.words) and withdrawn_case(turn):
        return Trigger.WITHDRAWAL
    chosen = None if _speaks_of_something_else(turn) else _chosen(turn)
    if chosen and not (has_wish and chosen in (Trigger.YES, Trigger.NO, Trigger.LESS, Trigger.PAUSE, Trigger.TOPICS)):
        return chosen
    found = _topic(turn, has_wish=has_wish)
    if found is None and turn.state.stage in _JUST_STOPPED and turn.wants(Intent.OPT_IN):
        return Trigger.UNSURE_START  # "actually no, keep them": the no is said to the stop, not to the offer of less
    return found or _small_word(turn) or _uncertain(turn) or _rest(turn)


def _speaks_of_something_else(turn: Turn) -> bool:
    """Whether an entry of the menu only occurs in the words: nothing was asked, so it must make up most of them to be chosen."""
    return turn.state.stage is Stage.MENU and not tone.is_brief(turn.words)


def _topic(turn: Turn, *, has_wish: bool) -> Trigger | None:
    sure = [one.intent for one in turn.reading.intents if one.decision is Decision.ACT]
    if has_wish and Intent.ACCOUNT_DELETION not in sure and not _is_other_complaint(turn):
        return Trigger.FREQUENCY
    found = next((_SURE[one] for one in sure if one in _SURE), None)
    if Intent.ACCOUNT_DELETION in sure:
        found = Trigger.DELETION
    if found is None:
        return Trigger.LESS if Intent.FREQUENCY in sure and not turn.wants(Intent.OPT_OUT) else None
    if found is _SUBJECT.get(turn.state.stage) and turn.hears(Cue.NEVER_MIND):
        return None
    if found is Trigger.HELP and turn.wants(Intent.OPT_OUT):
        return None
    return found


def _is_other_complaint(turn: Turn) -> bool:
    """Whether there is a complaint about something else than our messages: a wish for fewer of them does not answer that."""
    found = turn.reading.find(Intent.COMPLAINT)
    return (
        found is not None
        and found.decision is Decision.ACT
        and found.slots.get("category") not in (None, "other", "messages")
    )


def _small_word(turn: Turn) -> Trigger | None:
    cues = turn.reading.cues
    if Cue.YES in cues and Cue.THANKS in cues and turn.state.stage not in _BUSINESS_STAGES:
        return Trigger.THANKS
    found = next((trigger for cue, trigger in _CUES if cue in cues), None)
    if found is None or _says_more(turn, found):
        return None
    is_open = turn.state.stage in _UNASKED or found in _COURTESY
    return None if is_open and turn.reading.intents else found


def _says_more(turn: Turn, found: Trigger) -> bool:
    """Whether the small word only opens or ends a story: "hello, the vase came broken and nobody answers"."""
    if found in (Trigger.NEVER_MIND, Trigger.DONE) or Cue.DONE in turn.reading.cues:
        return False
    if turn.state.stage is Stage.COMPLAINT_DESCRIBE and found in _COURTESY:
        return substance(turn.words)
    is_closing = found in (Trigger.THANKS, Trigger.FAREWELL)
    return (turn.state.stage in _TELLING or (turn.state.stage in _UNASKED and not is_closing)) and tone.is_story(
        turn.words
    )


def _uncertain(turn: Turn) -> Trigger | None:
    unsure = [one.intent for one in turn.reading.intents]
    if Intent.OPT_OUT in unsure:
        return Trigger.UNSURE_STOP
    return next((_UNSURE[one] for one in unsure), None)


def _rest(turn: Turn) -> Trigger:
    text = turn.reading.text.strip()
    if text and (tone.is_laughter(text) or not any(char.isalnum() for char in text)):
        is_calm = turn.state.stage in _TELLING or not (tone.is_puzzled(text) or tone.is_angry(text))
        return Trigger.EMOJI if is_calm else Trigger.WORDS
    if (
        text
        and all(char.isnumeric() or not char.isalnum() for char in text)
        and not any("一" <= char <= "鿿" for char in text)
    ):
        return Trigger.NUMBER
    return Trigger.WORDS
