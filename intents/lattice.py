"""A clause as a lattice: at every position, what begins there and where it ends."""

from __future__ import annotations

from dataclasses import dataclass, field

from intents.clause import OPAQUE, QUOTE, Clause
from intents.lexicon import MASK, Lexicon
from intents.lexicon import tag as label
from intents.slot import Value, values

_FILLER, _OPENING = label("", "filler"), label("", "opening")
_CLOSING, _CONNECTOR, _MASK = label("", "closing"), label("", "connector"), label("", MASK)
_TURN = label("", "turn")
Ends = dict[str, list[int]]


@dataclass(slots=True)
class Lattice:
    """What the matcher walks over: `at[i]` maps a word or group to the positions where it may end."""

    words: list[str]
    edits: list[int]
    at: list[Ends]
    slots: list[dict[str, list[tuple[int, Value]]]]
    fillers: list[list[int]]
    first: set[int] = field(default_factory=set)  # where a whole clause may begin: after fillers and openings
    last: set[int] = field(default_factory=set)  # where it may end: before fillers and closings
    starts: set[int] = field(default_factory=set)  # the same, and after a connector
    ends: set[int] = field(default_factory=set)
    masked: list[tuple[int, int]] = field(default_factory=list)

    def ends_of(self, start: int, group: str) -> list[int]:
        """Where the words of a group that begin at `start` end; only for groups that all languages share."""
        return self.at[start].get(f"<{group}>", [])

    def has(self, group: str) -> bool:
        """Whether words of a shared group occur anywhere."""
        return any(f"<{group}>" in ends for ends in self.at)


def build(clause: Clause, lexicon: Lexicon) -> Lattice:
    """Look every position up once; hide look-alikes; find where phrases may begin and end. Linear in the clause."""
    words = list(clause.words)
    spans = [list(lexicon.spans(words, start)) for start in range(len(words))]
    masked = _hide(words, spans)
    if masked:
        kept = {start: [one for one in spans[start] if one[0] == end] for start, end in masked}
        spans = [kept.get(start) or list(lexicon.spans(words, start)) for start in range(len(words))]
    at: list[Ends] = []
    for start, found in enumerate(spans):
        ends: Ends = {words[start]: [start + 1]}
        for end, tags in found:
            for one in tags:
                ends.setdefault(one, []).append(end)
        at.append(ends)
    fillers = [ends.get(_FILLER, []) for ends in at]
    lattice = Lattice(words, clause.edits, at, values(words, at, lexicon), fillers, masked=masked)
    _bounds(lattice, clause.soft)
    return lattice


def _hide(words: list[str], spans: list[list[tuple[int, tuple[str, ...]]]]) -> list[tuple[int, int]]:
    """Overwrite look-alikes (退订金, bus stop) with an opaque sign, the longest first from the left."""
    masked: list[tuple[int, int]] = []
    start = 0
    while start < len(words):
        ends = [end for end, tags in spans[start] if _MASK in tags]
        if not ends:
            start += 1
            continue
        masked.append((start, ends[-1]))
        words[start : ends[-1]] = [OPAQUE] * (ends[-1] - start)
        start = ends[-1]
    return masked


def _bounds(lattice: Lattice, soft: set[int]) -> None:
    size = len(lattice.words)
    quotes = [at for at, word in enumerate(lattice.words) if word == QUOTE]
    lattice.first = _forward({0, *(at + 1 for at in quotes)}, lattice, (_FILLER, _OPENING))
    begin, finish = set(lattice.first), {size, *quotes}
    for start, ends in enumerate(lattice.at):
        for end in ends.get(_CONNECTOR, ()):
            begin.add(end)
            finish.add(start)
        begin.update(ends.get(_TURN, ()))
    begin |= soft
    finish |= soft
    lattice.starts = _forward(begin, lattice, (_FILLER, _OPENING, _CONNECTOR, _TURN))
    lattice.last = _backward({size, *quotes}, lattice)
    lattice.ends = _backward(finish, lattice)


def _forward(begin: set[int], lattice: Lattice, skip: tuple[str, ...]) -> set[int]:
    reached = set(begin)
    for start in range(len(lattice.words)):
        if start in reached:
            for one in skip:
                reached.update(lattice.at[start].get(one, ()))
    return reached


def _backward(finish: set[int], lattice: Lattice) -> set[int]:
    reached = set(finish)
    for start in range(len(lattice.words) - 1, -1, -1):
        for one in (_FILLER, _CLOSING):
            if any(end in reached for end in lattice.at[start].get(one, ())):
                reached.add(start)
    return reached
