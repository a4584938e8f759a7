"""docs/dialogue.md, drawn from the transition table: diagrams and the whole table in words.

Run `make docs` after a change of the table.
"""

from __future__ import annotations

from collections import Counter

from bot import transition
from bot.domain.conversation import Holder, Stage
from bot.transition import Row
from bot.trigger import Trigger

_HEAD = """# The conversation, drawn from its table

This page is generated from `bot/transition.py`, the table that the engine itself runs on; a test fails when it is out of date. To write it
anew: `make docs`.

A stage is the question that is open; a trigger is what an event or a reading means at that point (`bot/meaning.py`). The order: first the
interrupts (stop, start, a person), then the answer to the open question, then a new topic, then what is uncertain, then courtesy. What a
stage answers in its own way is listed under the stage.

A question waits 48 hours for an answer; the one about stopping waits as long as marketing is held, seven days. Options that carry their
own meaning (stop, start, weekly, monthly, a pause, a topic) are honoured however old they are; yes, no and the like only while their
question is open.
"""
_PARTS = (
    ("Stopping and starting", ("opt_out", "opt_out_question", "opt_in")),
    ("How often, which topics, a pause", ("frequency",)),
    ("Complaints", ("complaint",)),
    ("Closing the account, personal data", ("account_deletion", "privacy")),
    ("A person, help, arriving", ("handover", "help", "arrival")),
)


def document() -> str:
    """The whole page, ending in a newline."""
    parts = [_HEAD]
    for title, modules in _PARTS:
        parts.append(f"## {title}\n\n```mermaid\nstateDiagram-v2\n{_diagram(modules)}\n```\n")
    parts.append("## In every stage\n\nUnless the stage's own table below says otherwise.\n\n" + _table(_general()))
    parts += [f"## In `{stage.value}`\n\n" + _table(_own(stage)) for stage in Stage if _own(stage)]
    parts.append(_holders())
    return "\n".join(parts)


def _diagram(modules: tuple[str, ...]) -> str:
    edges: dict[tuple[str, str], list[str]] = {}
    drawn = [("any_stage", row) for row in _general()]
    drawn += [(_state(stage), row) for stage in Stage for row in _own(stage)]
    for source, row in drawn:
        if row.name.partition(".")[0] in modules:
            for target in _ends(source, row):
                edges.setdefault((source, target), []).append(row.trigger.value)
    return "\n".join(f"    {source} --> {target}: {', '.join(names)}" for (source, target), names in edges.items())


def _ends(source: str, row: Row) -> list[str]:
    ends = [_state(stage) for stage in Stage if stage in row.leads_to]
    stays = row.stays and source != "any_stage" and source not in ends
    return [*ends, source] if stays else ends


def _state(stage: Stage) -> str:
    return "[*]" if stage is Stage.IDLE else stage.value


def _answer(stage: Stage, trigger: Trigger) -> Row:
    return transition.row(Holder.BOT, stage, trigger)


def _general() -> list[Row]:
    """For each trigger the row that answers in the most stages."""
    found = (Counter(_answer(stage, trigger) for stage in Stage) for trigger in Trigger)
    return [counted.most_common(1)[0][0] for counted in found]


def _own(stage: Stage) -> list[Row]:
    """What the stage answers in its own way."""
    usual = _general()
    return [row for row in (_answer(stage, trigger) for trigger in Trigger) if row not in usual]


def _table(rows: list[Row]) -> str:
    lines = ["| trigger | answered by | what it does | leads to |", "|---|---|---|---|"]
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(f"{row.name}|{_targets(row)}", []).append(row)
    for same in grouped.values():
        triggers = ", ".join(f"`{row.trigger.value}`" for row in same)
        lines.append(f"| {triggers} | `{same[0].name}` | {_promise(same[0])} | {_targets(same[0])} |")
    return "\n".join(lines) + "\n"


def _promise(row: Row) -> str:
    return " ".join((row.handler.__doc__ or "").split("\n\n")[0].split()).replace("|", "\\|")


def _targets(row: Row) -> str:
    stages = [f"`{stage.value}`" for stage in Stage if stage in row.leads_to]
    return ", ".join([*stages, "stays"] if row.stays else stages)


def _holders() -> str:
    silent = {row.trigger for row in transition.TABLE if Holder.AGENT in row.holders and row.name != "help.nothing"}
    answered = ", ".join(f"`{one.value}`" for one in Trigger if one in silent)
    chatter = ", ".join(f"`{one.value}`" for one in Trigger if one in transition.CHATTER)
    quiet = ", ".join(f"`{one.value}`" for one in Stage if one in transition.QUIET_STAGES)
    taken_back = next(row for row in transition.TABLE if row.holders == {Holder.WAITING})
    where = ", ".join(f"`{one.value}`" for one in Stage if one in taken_back.stages)
    return (
        "## While a person is asked for, or holds the chat\n\n"
        f"While an agent holds the chat, everything is left to the agent but: {answered}.\n\n"
        f"While the contact waits for an agent who is in, these are left for the agent: {chatter}, in the stages {quiet}. "
        f"`never_mind` in {where} gives the chat back (`{taken_back.name}`).\n"
    )
