"""Complaints, suggestions and praise: acknowledge, collect, open one case, tell its number and clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot import tone, wish
from bot.dialogues import frequency, frequency_change, handover
from bot.dialogues.grievance import (
    category,
    is_same,
    is_stop_unsure,
    is_told,
    known_case,
    priority,
    substance,
    withdrawn_case,
)
from bot.domain.case import CaseKind, Priority
from bot.domain.conversation import Holder, Stage
from bot.domain.effect import AddToCase, Effect, OpenCase, WithdrawCase
from bot.domain.event import TimerFired, TimerName
from bot.domain.message import Purpose
from bot.standing import hold, is_out
from bot.turn import Line, Step, Turn, ask, line, remark, silence, tell, timer
from intents.reading import Intent

PATIENCE = timedelta(minutes=10)
"""How long an announced complaint waits for its description before an agent asks."""

REPEATS = 2
"""So many repetitions of one grievance bring an agent."""


def complained(turn: Turn) -> Step:
    """A complaint: the same again, a full one, or only the announcement of one."""
    if known_case(turn) or is_told(turn):
        return taken_in(turn)
    return announced(turn)


def taken_in(turn: Turn, before: tuple[Line, ...] = (), effects: tuple[Effect, ...] = ()) -> Step:
    """Put what was told where it belongs: into the open case that it is about, else into a new one."""
    known = known_case(turn)
    if known is None:
        return opened(turn, before, effects)
    is_more = turn.state.stage is Stage.COMPLAINT_MORE and not is_same(turn.words, turn.state.last_words)
    return _added(turn, known.number, before, effects, is_repeat=not is_more)


def with_person(turn: Turn) -> Step:
    """A person, please; what was told of a complaint beside it is written down for that person."""
    if not is_told(turn):
        return handover.requested(turn)
    if known := known_case(turn):
        return handover.requested(turn, effects=(AddToCase(known.number, turn.words),))
    return opened(turn)


def announced(turn: Turn, before: tuple[Line, ...] = (), effects: tuple[Effect, ...] = ()) -> Step:
    """A complaint without its story: ask for it; if nothing comes, an agent asks."""
    draft = turn.words if turn.wants(Intent.COMPLAINT) and turn.is_typed else turn.state.draft
    effects = (*effects, timer(turn, TimerName.COMPLAINT_ABANDONED, PATIENCE))
    return ask(turn, *before, line("complaint.describe"), stage=Stage.COMPLAINT_DESCRIBE, effects=effects, draft=draft)


def described(turn: Turn) -> Step:
    """The story of an announced complaint, in whatever words; a single one is asked about once more."""
    if turn.is_typed and tone.is_scrap(turn.words) and not turn.state.misses:
        return remark(turn, line("complaint.describe_again"), is_restated=False, misses=1)
    return opened(turn)


def described_as_too_many(turn: Turn) -> Step:
    """ "Too many messages" as the story of an announced complaint; a bare wish for fewer is just that."""
    return opened(turn) if turn.is_typed and substance(turn.words) else frequency.less(turn)


def opened(turn: Turn, before: tuple[Line, ...] = (), effects: tuple[Effect, ...] = ()) -> Step:
    """Open the case with the contact's own words, and tell number and clock."""
    number, kind = turn.facts.new_case_number, category(turn)
    if found := _wish_beside(turn):
        changed = frequency_change.changes(turn, found)
        before = (*before, frequency_change.result(turn, found, changed))
        effects = (*effects, *changed)
    if is_stop_unsure(turn):
        effects = (*effects, hold(turn))
    effects = (*effects, OpenCase(number, CaseKind.COMPLAINT, kind, priority(turn), _summary(turn)))
    memory: dict[str, Any] = {"case": number, "repeats": 0, "last_words": turn.words}
    if kind == "praise":
        return tell(turn, *before, line("complaint.praise"), effects=effects, **memory)
    if kind == "suggestion":
        return ask(
            turn,
            *before,
            line("complaint.suggestion", number=number),
            stage=Stage.COMPLAINT_MORE,
            effects=effects,
            **memory,
        )
    return _ask_more(turn, before, effects, memory)


def _ask_more(turn: Turn, before: tuple[Line, ...], effects: tuple[Effect, ...], memory: dict[str, Any]) -> Step:
    """Number and clock, what else can be done about the messages, and the question for more - unless a person takes over from here."""
    number, facts = turn.facts.new_case_number, turn.facts
    clock = {"hours": str(facts.first_response_hours), "solution_hours": str(facts.solution_hours)}
    beside, answers = _beside(turn)
    lines = (*before, line("complaint.opened", number=number, **clock), *beside)
    if turn.reading.acts(Intent.HUMAN) and turn.state.holder is Holder.BOT:
        flag = handover.flag(turn, "asked_for_person")
        flagged = (*effects, flag.effect)
        return ask(turn, *lines, *flag.lines, stage=Stage.COMPLAINT_MORE, effects=flagged, **(memory | flag.memory))
    lines = (*lines, line("complaint.more"))
    return ask(turn, *lines, stage=Stage.COMPLAINT_MORE, answers=(*answers, "done"), effects=effects, **memory)


def _beside(turn: Turn) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    """What is offered about the messages beside the complaint."""
    if turn.reading.acts(Intent.OPT_OUT):
        return (line("opt_out.less"),), ("weekly", "monthly", "pause_30")
    if (category(turn) == "messages" or is_stop_unsure(turn)) and not is_out(turn):
        return (line("complaint.messages"),), ("stop", "less")
    return (), ()


def _wish_beside(turn: Turn) -> wish.Wish | None:
    """A clear wish for fewer messages that came with the complaint, unless everything was stopped with it."""
    is_wanted = turn.reading.acts(Intent.FREQUENCY) and not turn.reading.acts(Intent.OPT_OUT)
    return wish.of_slots(turn) if is_wanted else None


def _summary(turn: Turn) -> str:
    is_ours = turn.state.stage in (Stage.COMPLAINT_CONFIRM, Stage.COMPLAINT_DESCRIBE)
    return "\n".join(part for part in (turn.state.draft if is_ours else "", turn.words) if part)


def added(turn: Turn) -> Step:
    """More words for the case that is open, unless it is not open any more."""
    known = next((one for one in turn.facts.cases if one.number == turn.state.case), None)
    if turn.state.case is None or (known and not known.is_open):
        return opened(turn)
    return _added(turn, turn.state.case, is_repeat=is_same(turn.words, turn.state.last_words))


def _added(
    turn: Turn,
    number: str,
    before: tuple[Line, ...] = (),
    effects: tuple[Effect, ...] = (),
    *,
    is_repeat: bool,
) -> Step:
    """`before` and `effects` go first: a stop that came with the grievance is never left unsaid."""
    read = category(turn)
    effects = (*effects, AddToCase(number, turn.words, None if read == "other" else read))
    repeats = turn.state.repeats + 1 if is_repeat else 0
    memory: dict[str, Any] = {"case": number, "repeats": repeats, "last_words": turn.words}
    if is_repeat and not before and turn.state.holder is not Holder.BOT:
        return silence(turn, effects=effects, **memory)
    if repeats >= REPEATS and turn.state.holder is Holder.BOT:
        flag = handover.flag(turn, "repeated_complaint")
        said = line("complaint.person", number=number)
        return ask(
            turn,
            *before,
            said,
            *flag.lines,
            stage=Stage.COMPLAINT_MORE,
            effects=(*effects, flag.effect),
            **(memory | flag.memory),
        )
    key = "complaint.repeated" if is_repeat else "complaint.added"
    return ask(
        turn,
        *before,
        line(key, number=number),
        stage=Stage.COMPLAINT_MORE,
        answers=("done",),
        effects=effects,
        **memory,
    )


def finished(turn: Turn) -> Step:
    """That was all."""
    return tell(turn, line("complaint.finished", number=turn.state.case or ""))


def go_on(turn: Turn) -> Step:
    """Yes, there is more: let it come."""
    return remark(turn, line("complaint.go_on"), is_restated=False)


def describe_please(turn: Turn) -> Step:
    """Nothing that tells the story yet."""
    return remark(turn, line("complaint.describe_again"), is_restated=False)


def dropped(turn: Turn) -> Step:
    """Never mind, before a case was open: there is none."""
    return tell(turn, line("complaint.dropped"))


def unsure(turn: Turn) -> Step:
    """Perhaps a complaint: ask; praise is simply thanked for."""
    if category(turn) == "praise":
        return remark(turn, line("complaint.thanks_for_praise"), is_restated=False)
    if known := known_case(turn):
        return _added(turn, known.number, is_repeat=is_same(turn.words, turn.state.last_words))
    return ask(turn, line("complaint.confirm"), stage=Stage.COMPLAINT_CONFIRM, answers=("yes", "no"), draft=turn.words)


def confirmed(turn: Turn) -> Step:
    """Yes, a complaint: open it with the words that were asked about, if they say enough."""
    draft = turn.state.draft
    return opened(turn) if substance(draft) else announced(turn)


def not_one(turn: Turn) -> Step:
    """No, no complaint."""
    return tell(turn, line("complaint.not_one"))


def ask_withdrawal(turn: Turn) -> Step:
    """Never mind, with a case open: perhaps the case, perhaps only the question."""
    named = withdrawn_case(turn)
    number = named.number if named else turn.state.case or ""
    said = line("complaint.withdraw", number=number)
    return ask(turn, said, stage=Stage.COMPLAINT_WITHDRAW, answers=("yes", "no"), case=number or None)


def kept_open(turn: Turn) -> Step:
    """No, not the case."""
    return tell(turn, line("complaint.kept", number=turn.state.case or ""))


def withdrawn(turn: Turn) -> Step:
    """Yes, take it back."""
    number = turn.state.case or ""
    effects = (WithdrawCase(number),) if number else ()
    return tell(turn, line("complaint.withdrawn", number=number), effects=effects, case=None, last_words="")


def abandoned(turn: Turn) -> Step:
    """Announced and left there: open the case all the same, for an agent to ask."""
    number, draft = turn.facts.new_case_number, turn.state.draft
    flag = handover.flag(turn, "complaint_abandoned", draft)
    effects = (OpenCase(number, CaseKind.COMPLAINT, "other", Priority.NORMAL, draft), flag.effect)
    memory: dict[str, Any] = {"case": number, "last_words": draft} | flag.memory
    purpose = Purpose.SERVICE if isinstance(turn.event, TimerFired) else Purpose.REPLY
    said = line("complaint.abandoned", number=number)
    step = ask(turn, said, stage=Stage.COMPLAINT_MORE, effects=effects, purpose=purpose, **memory)
    return step if handover.is_room(turn) else Step(step.state, effects)
