"""From matches to intents: guards first, then the best phrase of each intent, then what intents mean to each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from intents import explain
from intents.clause import QUOTE, Clause
from intents.day import iso
from intents.lattice import Lattice
from intents.library import TOO_MANY
from intents.matcher import Match
from intents.reading import Context, Decision, Intent, Reason, Recognised
from intents.slot import Value

_SURE = {"keywords": 0.99, "clauses": 0.98, "codes": 0.97, "act": 0.95, "ask": 0.6}
_PART_OF_CLAUSE = 0.07
_PER_EDIT = 0.05
# Groups whose words say by themselves that messages are meant.
_NAMED = (":message>", ":unsubscribe>", ":me>", ":消息>", ":退订>", ":订阅>")
_DEFAULT_DAYS = {"weekly": 7, "monthly": 30}
# Best first among equally sure intents: the more particular wish before the more general one.
_ORDER = (
    Intent.OPT_IN,
    Intent.ACCOUNT_DELETION,
    Intent.STATUS,
    Intent.PRIVACY,
    Intent.FREQUENCY,
    Intent.COMPLAINT,
    Intent.OPT_OUT,
    Intent.HUMAN,
    Intent.HELP,
)


@dataclass(slots=True)
class Found:
    """An intent on its way to the reading."""

    intent: Intent
    match: Match
    decision: Decision
    confidence: float
    because: list[Reason] = field(default_factory=list)

    @property
    def acts(self) -> bool:
        """Whether it would be acted upon."""
        return self.decision is Decision.ACT

    @property
    def place(self) -> tuple[int, int]:
        """Where its phrase begins, to tell what was said later."""
        return self.match.clause, self.match.start

    def soften(self, why: str) -> None:
        """Ask instead of acting."""
        if self.acts:
            self.decision, self.confidence = Decision.CONFIRM, min(self.confidence, 0.6)
            self.because.append(explain.guard(why))


@dataclass(slots=True)
class Verdict:
    """The intents that stand, best first, and why others fell."""

    intents: tuple[Recognised, ...]
    rivals: tuple[Reason, ...]


def decide(
    matches: Sequence[Match], clauses: Sequence[Clause], lattices: Sequence[Lattice], context: Context
) -> Verdict:
    """Weigh every match of a message against the others."""
    rivals: list[Reason] = []
    wishes = _alone([one for one in matches if one.rule.subject != "cues"], matches, lattices)
    standing = _unguarded(wishes, clauses, lattices, rivals)
    found = {intent: best for intent in Intent if (best := _best(intent, standing, clauses, lattices, context))}
    _soften_play(found, lattices)
    _soften_pronoun(found, lattices)
    _soften_echo(found, clauses)
    _soften_doubt(found, lattices)
    _weigh(found, rivals)
    ranked = sorted(found.values(), key=lambda one: (not one.acts, _ORDER.index(one.intent), -one.confidence))
    return Verdict(tuple(_recognised(one, standing, lattices, context) for one in ranked), tuple(rivals))


def _alone(wishes: Sequence[Match], matches: Sequence[Match], lattices: Sequence[Lattice]) -> list[Match]:
    """Keywords and codes only where nothing else is said but courtesies and the same keyword again."""
    idle = {
        at for at, lattice in enumerate(lattices) if len(lattice.words) in lattice.first or lattice.words == [QUOTE]
    }
    idle |= {one.clause for one in matches if one.rule.subject == "cues" and one.whole}
    lone = {one.clause for one in wishes if one.rule.section in ("keywords", "codes")}
    busy = set(range(len(lattices))) - idle - lone
    return [one for one in wishes if not busy or one.rule.section not in ("keywords", "codes")]


def _unguarded(
    matches: Sequence[Match], clauses: Sequence[Clause], lattices: Sequence[Lattice], rivals: list[Reason]
) -> list[Match]:
    guards = [(one, _reach(one, lattices[one.clause])) for one in matches if one.rule.section == "not"]
    standing: list[Match] = []
    dropped: set[tuple[str, int]] = set()
    for match in matches:
        if match.rule.section == "not":
            continue
        held = next(
            (
                guard
                for guard, (start, end) in guards
                if guard.clause == match.clause
                and guard.rule.subject == match.rule.subject
                and start < max(match.end, match.start + 1)
                and match.start < end
            ),
            None,
        )
        if held is None:
            standing.append(match)
        elif (match.rule.subject, match.clause) not in dropped:
            dropped.add((match.rule.subject, match.clause))
            reason = explain.matched(held, clauses[held.clause].text)
            rivals.append(replace(reason, layer="rival", text=f"{match.rule.subject}: {reason.text}"))
    return standing


def _reach(guard: Match, lattice: Lattice) -> tuple[int, int]:
    """How far a guard reaches: its own words, and on a side that is open (...) to the end of the clause."""
    start = 0 if guard.rule.open_start else guard.start
    end = len(lattice.words) if guard.rule.open_end else guard.end
    return start, max(end, start + 1)


def _best(
    intent: Intent, standing: Sequence[Match], clauses: Sequence[Clause], lattices: Sequence[Lattice], context: Context
) -> Found | None:
    candidates = [_weighed(one, context, lattices) for one in standing if one.rule.subject == intent.value]
    if not candidates:
        return None
    match, decision, confidence = max(
        candidates,
        key=lambda one: (one[1] is Decision.ACT, one[2], one[0].rule.size, one[0].clause, one[0].end - one[0].start),
    )
    because = [explain.matched(match, clauses[match.clause].text)]
    return Found(intent, match, decision, confidence, because)


def _weighed(match: Match, context: Context, lattices: Sequence[Lattice]) -> tuple[Match, Decision, float]:
    section = match.rule.section
    confidence = _SURE[section] - (0 if match.whole else _PART_OF_CLAUSE)
    confidence -= _PER_EDIT * min(match.edits, 3)
    acts = section in ("keywords", "clauses", "act")
    if section == "codes":
        said = "".join(lattices[match.clause].words[match.start : match.end]).upper()
        acts = said in {code.upper() for code in context.announced_codes}
        confidence = _SURE["codes"] if acts else 0.5
    return match, Decision.ACT if acts else Decision.CONFIRM, max(0.3, confidence)


def _soften_play(found: dict[Intent, Found], lattices: Sequence[Lattice]) -> None:
    """A bare "stop" among laughter is a joke more often than a wish."""
    one = found.get(Intent.OPT_OUT)
    if one and one.acts and one.match.rule.size <= 2 and any(lattice.has("playful") for lattice in lattices):
        one.soften("laughter beside so short a wish: better ask")


def _soften_pronoun(found: dict[Intent, Found], lattices: Sequence[Lattice]) -> None:
    """ "Stop it" beside a transfer or a song may mean that: without a word for messages, better ask."""
    for intent in (Intent.OPT_OUT, Intent.OPT_IN):
        one = found.get(intent)
        if one is None or not one.acts or not any(lattice.has("other") for lattice in lattices):
            continue
        lattice = lattices[one.match.clause]
        here = range(one.match.start, max(one.match.end, one.match.start + 1))
        if not any(tag.endswith(_NAMED) for at in here if at < len(lattice.at) for tag in lattice.tags(at)):
            one.soften("something else is spoken of, and messages are not named: better ask")


def _soften_echo(found: dict[Intent, Found], clauses: Sequence[Clause]) -> None:
    """ "Unsubscribe? Why would I?" repeats the word in wonder: a keyword with a question mark before more words is asked about."""
    one = found.get(Intent.OPT_OUT)
    if one is None or one.match.rule.section != "clauses":
        return
    if clauses[one.match.clause].question and one.match.clause < len(clauses) - 1:
        one.soften("the word was repeated as a question: better ask")


def _soften_doubt(found: dict[Intent, Found], lattices: Sequence[Lattice]) -> None:
    """ "I may not want these any more" is no decision yet."""
    for intent in (Intent.OPT_OUT, Intent.OPT_IN, Intent.ACCOUNT_DELETION):
        one = found.get(intent)
        if one and one.acts and lattices[one.match.clause].has("doubt"):
            one.soften("said in doubt: better ask")


def _weigh(found: dict[Intent, Found], rivals: list[Reason]) -> None:
    """What one intent means for another."""

    def drop(intent: Intent, why: str) -> None:
        if intent in found:
            del found[intent]
            rivals.append(explain.rival(intent.value, why))

    acting = {intent for intent, one in found.items() if one.acts}
    asking = set(found) - acting
    if Intent.OPT_IN in acting and Intent.OPT_OUT in found:
        _later_wins(found, rivals)
    elif Intent.OPT_IN in asking and Intent.OPT_OUT in acting:
        drop(Intent.OPT_IN, "the wish to stop is clearer")
    if Intent.FREQUENCY in acting and Intent.OPT_OUT in found:
        _less_or_none(found, rivals)
    elif Intent.FREQUENCY in asking and Intent.OPT_OUT in acting:
        drop(Intent.FREQUENCY, "the wish to stop is clearer")
    clearer = acting & {Intent.ACCOUNT_DELETION, Intent.STATUS, Intent.HELP, Intent.PRIVACY, Intent.HUMAN}
    if Intent.COMPLAINT in acting and Intent.OPT_OUT in asking and found[Intent.OPT_OUT].match.rule.section == "codes":
        clearer.add(Intent.COMPLAINT)
    if Intent.OPT_OUT in asking and clearer:
        drop(Intent.OPT_OUT, "another intent explains the message better")
    for weak in (Intent.COMPLAINT, Intent.HELP, Intent.HUMAN, Intent.STATUS, Intent.PRIVACY, Intent.ACCOUNT_DELETION):
        if weak in asking and acting:
            drop(weak, "another intent is clearer")
    if Intent.HELP in found and len(found) > 1:
        drop(Intent.HELP, "another intent answers the question")


def _later_wins(found: dict[Intent, Found], rivals: list[Reason]) -> None:
    """Start and stop in one message: the clear one, or else the one said last."""
    back, out = found[Intent.OPT_IN], found[Intent.OPT_OUT]
    loser = Intent.OPT_IN if out.acts and out.place[0] > back.place[0] else Intent.OPT_OUT
    del found[loser]
    rivals.append(explain.rival(loser.value, "the opposite was said later or more clearly"))


def _less_or_none(found: dict[Intent, Found], rivals: list[Reason]) -> None:
    """Less and stop in one message: a stop that was said later stands, an earlier one is asked about, a vague one falls."""
    less, out = found[Intent.FREQUENCY], found[Intent.OPT_OUT]
    if out.acts and less.match.rule.choice == TOO_MANY:
        del found[Intent.FREQUENCY]
        rivals.append(explain.rival("frequency", "how many come is the reason for the end that was asked for"))
    elif not out.acts:
        del found[Intent.OPT_OUT]
        rivals.append(explain.rival("opt_out", "less was asked for, not an end"))
    elif out.place[0] > less.place[0]:
        del found[Intent.FREQUENCY]
        rivals.append(explain.rival("frequency", "an end was asked for later"))
    else:
        out.soften("less is asked for in the same message: better ask")


def _recognised(one: Found, standing: Sequence[Match], lattices: Sequence[Lattice], context: Context) -> Recognised:
    slots: dict[str, str | int | list[str]] = {}
    if one.intent is Intent.FREQUENCY:
        slots = _frequency(one, standing, context)
    elif one.intent is Intent.PRIVACY and one.match.rule.choice:
        slots = {"request": one.match.rule.choice}
    elif one.intent is Intent.COMPLAINT:
        slots = _complaint(one, standing, lattices)
    return Recognised(one.intent, one.decision, round(one.confidence, 3), slots, tuple(one.because))


def _frequency(one: Found, standing: Sequence[Match], context: Context) -> dict[str, str | int | list[str]]:
    """choice, days, until, only, without."""
    slots: dict[str, str | int | list[str]] = {
        "choice": "less" if one.match.rule.choice in ("", TOO_MANY) else one.match.rule.choice
    }
    for match in (
        one.match,
        *(each for each in standing if each.rule.subject == "frequency" and each is not one.match),
    ):
        for name, value in match.slots:
            if isinstance(value, str):
                said = slots.setdefault(name, [])
                if isinstance(said, list) and not said:
                    said.append(value)
            elif name == "duration":
                slots.setdefault("days", value.days)
            elif name == "date":
                _until(slots, value, context.today)
    return _settled(slots)


def _until(slots: dict[str, str | int | list[str]], value: Value, today: str | None) -> None:
    if day := iso(value.name, today):
        slots.setdefault("until", day)


def _settled(slots: dict[str, str | int | list[str]]) -> dict[str, str | int | list[str]]:
    """ "Every 7 days" is weekly, "every 30 days" monthly."""
    if slots["choice"] == "every_n_days":
        days = slots.get("days")
        if days is None:
            slots["choice"] = "less"
        elif days == 7:
            slots = {**slots, "choice": "weekly"}
        elif isinstance(days, int) and 28 <= days <= 31:
            slots = {**slots, "choice": "monthly"}
    if slots["choice"] in _DEFAULT_DAYS:
        slots.pop("days", None)
    return slots


def _complaint(one: Found, standing: Sequence[Match], lattices: Sequence[Lattice]) -> dict[str, str | int | list[str]]:
    named = [
        each.rule.choice for each in (one.match, *standing) if each.rule.subject == "complaint" and each.rule.choice
    ]
    urgent = any(lattice.has("urgent") for lattice in lattices)
    return {"category": named[0] if named else "other", "urgency": "high" if urgent else "normal"}
