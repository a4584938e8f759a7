"""Matching: all phrases of all intents in one tree, walked once over a clause.

The cost depends on how much of the phrases a clause really contains, not on how many phrases there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from intents.lattice import Lattice
from intents.lexicon import tag
from intents.phrase import Choice, Form, Gap, Group, Part, Phrase, Slot, Word
from intents.slot import Value

WIDEST_GAP = 8
LONGEST_CAPTURE = 8
STEPS_PER_MESSAGE = 1_500
CAPTURES = frozenset({"only", "without"})
KIND = " kind"  # {only kind} and {without kind} take nothing but the words of <kind>


@dataclass(frozen=True, slots=True)
class Rule:
    """What a phrase says: in which section of which subject it stands."""

    subject: str  # an intent's value, or "cues"
    section: str  # keywords, clauses, codes, act, ask, not, or a cue's value
    choice: str
    phrase: Phrase
    open_start: bool
    open_end: bool
    size: int  # literal words and groups, the measure of how specific it is


@dataclass(slots=True)
class Node:
    """A node of the phrase tree."""

    then: dict[str, Node] = field(default_factory=dict)
    slots: dict[str, Node] = field(default_factory=dict)
    gap: Node | None = None
    rules: list[Rule] = field(default_factory=list)


Said = tuple[tuple[str, Value | str], ...]
State = tuple["Node", int, Said]


@dataclass(frozen=True, slots=True)
class Match:
    """A rule found in a clause, from word `start` to `end`."""

    rule: Rule
    clause: int
    start: int
    end: int
    slots: Said
    edits: int
    whole: bool  # it covers its clause, but for words that do not matter


class Budget:
    """Counts the steps spent on a message, so that no text can cost more than a fixed amount."""

    __slots__ = ("left",)

    def __init__(self, steps: int = STEPS_PER_MESSAGE) -> None:
        self.left = steps


class Tree:
    """The phrases, ready to match. `bound` begins where a clause begins, `free` (phrases with a leading ...) anywhere."""

    def __init__(self) -> None:
        self.bound = Node()
        self.free = Node()

    def add(self, language: str, form: Form, rule: Rule, choices: Mapping[tuple[tuple[str, ...], ...], str]) -> None:
        """Enter one form of a phrase."""
        node = self.free if rule.open_start else self.bound
        inner = form[rule.open_start : len(form) - rule.open_end]
        for part in inner:
            node = _step(node, part, language, choices)
        node.rules.append(rule)

    def find(self, lattice: Lattice, clause: int, budget: Budget) -> Iterator[Match]:
        """Every rule that the clause satisfies."""
        free = self.free.then.keys()
        for start in range(len(lattice.words)):
            if start in lattice.starts:
                yield from self._walk(self.bound, lattice, clause, start, budget)
            if lattice.slots[start] or any(not free.isdisjoint(tags) for _, tags in lattice.at[start]):
                yield from self._walk(self.free, lattice, clause, start, budget)
            if budget.left <= 0:
                return

    def _walk(self, root: Node, lattice: Lattice, clause: int, start: int, budget: Budget) -> Iterator[Match]:
        stack: list[State] = [(root, start, ())]
        seen: set[tuple[int, int]] = set()
        while stack and budget.left > 0:
            node, at, slots = stack.pop()
            key = (id(node), at)
            if key in seen:
                continue
            seen.add(key)
            budget.left -= 1
            for rule in node.rules:
                if found := _accepted(rule, lattice, clause, start, at, slots):
                    yield found
            if at < len(lattice.words):
                stack.extend(_onward(node, lattice, at, slots, skip=node is not root))


def _onward(node: Node, lattice: Lattice, at: int, slots: Said, *, skip: bool) -> Iterator[State]:
    """The states that one word, a filler, a gap or a slot leads to."""
    keys = node.then.keys()
    for end, tags in lattice.at[at]:
        if not keys.isdisjoint(tags):
            for tag in sorted(keys & tags):
                yield node.then[tag], end, slots
    if skip and (node.then or node.gap or node.slots):
        for end in lattice.fillers[at]:
            yield node, end, slots
    if node.gap is not None:
        yield from _over(node.gap, lattice, at, slots)
    if node.slots:
        yield from _slots(node, lattice, at, slots)


def _over(node: Node, lattice: Lattice, at: int, slots: Said) -> Iterator[State]:
    """Where a gap may stop: only where the phrase can go on."""
    keys = node.then.keys()
    for stop in range(at, min(at + WIDEST_GAP, len(lattice.words) - 1) + 1):
        if node.slots or any(not keys.isdisjoint(tags) for _, tags in lattice.at[stop]):
            yield node, stop, slots


def _step(node: Node, part: Part, language: str, choices: Mapping[tuple[tuple[str, ...], ...], str]) -> Node:
    match part:
        case Word(text):
            return node.then.setdefault(text, Node())
        case Choice(ways):
            return node.then.setdefault(tag(language, choices[ways]), Node())
        case Group(name):
            return node.then.setdefault(tag(language, name), Node())
        case Slot(name):
            return node.slots.setdefault(name, Node())
        case Gap():
            if node.gap is None:
                node.gap = Node()
            return node.gap


def _slots(node: Node, lattice: Lattice, at: int, slots: Said) -> Iterator[State]:
    for name, child in node.slots.items():
        if name.endswith(KIND):
            for end in lattice.ends_of(at, "kind"):
                yield child, end, (*slots, (name.removesuffix(KIND), _said(lattice.words[at:end])))
            continue
        if name in CAPTURES:
            stop = min(at + LONGEST_CAPTURE, len(lattice.words))
            for end in range(at + 1, stop + 1):
                yield child, end, (*slots, (name, _said(lattice.words[at:end])))
            continue
        for end, value in lattice.slots[at].get(name, ()):
            yield child, end, (*slots, (name, value))


def _said(words: list[str]) -> str:
    out = ""
    for word in words:
        out += (" " if out and word.isascii() and out[-1].isascii() else "") + word
    return out


def _accepted(rule: Rule, lattice: Lattice, clause: int, start: int, end: int, slots: Said) -> Match | None:
    """The match, if the rule may end here. Keywords need a whole clause; an open end may stand anywhere."""
    whole = start in lattice.first and end in lattice.last
    if rule.section in ("keywords", "clauses", "codes") and not whole:
        return None
    if not rule.open_end and end not in lattice.ends:
        return None
    edits = sum(lattice.edits[start:end])
    return Match(rule, clause, start, end, slots, edits, whole)
