"""A clause as a lattice: at every position, what begins there and where it ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from intents.clause import OPAQUE, QUOTE, Clause
from intents.lexicon import MASK, Lexicon, Span
from intents.lexicon import tag as label
from intents.slot import Slots, ends_of, values

_FILLER, _OPENING = label("", "filler"), label("", "opening")
_CLOSING, _CONNECTOR, _MASK = label("", "closing"), label("", "connector"), label("", MASK)
_TURN = label("", "turn")


@dataclass(slots=True)
class Lattice:
    """What the matcher walks over: `at[i]` holds the words and groups that begin at i, each with its end and its tags."""

    words: list[str]
    edits: list[int]
    at: list[list[Span]]
    slots: Slots
    fillers: list[list[int]]
    first: set[int] = field(default_factory=set)  # where a whole clause may begin: after fillers and openings
    last: set[int] = field(default_factory=set)  # where it may end: before fillers and closings
    starts: set[int] = field(default_factory=set)  # the same, and after a connector
    ends: set[int] = field(default_factory=set)
    masked: list[tuple[int, int]] = field(default_factory=list)

    def ends_of(self, start: int, group: str) -> list[int]:
        """Where the words of a group that begin at `start` end; only for groups that all languages share."""
        return ends_of(self.at[start], f"<{group}>")

    def has(self, group: str) -> bool:
        """Whether words of a shared group occur anywhere."""
        return any(f"<{group}>" in tags for spans in self.at for _, tags in spans)

    def tags(self, start: int) -> Iterator[str]:
        """Every tag of what begins at `start`."""
        return (tag for _, tags in self.at[start] for tag in tags)


def build(clause: Clause, lexicon: Lexicon) -> Lattice:
    """Look every position up once; hide look-alikes; find where phrases may begin and end. Linear in the clause."""
    words = list(clause.words)
    spans = [list(lexicon.spans(words, start)) for start in range(len(words))]
    masked = _hide(words, spans)
    if masked:
        kept = {start: [one for one in spans[start] if one[0] == end] for start, end in masked}
        spans = [kept.get(start) or list(lexicon.spans(words, start)) for start in range(len(words))]
    for start, found in enumerate(spans):
        found.append((start + 1, frozenset((words[start],))))
    fillers = [ends_of(found, _FILLER) for found in spans]
    lattice = Lattice(words, clause.edits, spans, values(words, spans, lexicon), fillers, masked=masked)
    _bounds(lattice, clause.soft)
    return lattice


def _hide(words: list[str], spans: list[list[Span]]) -> list[tuple[int, int]]:
    """Overwrite look-alikes (退订金, bus stop) with an opaque sign, the longest first from the left."""
    masked: list[tuple[int, int]] = []
    dated = _dated(spans)
    start = 0
    while start < len(words):
        ends = [end for end in ends_of(spans[start], _MASK) if dated.isdisjoint(range(start, end))]
        if not ends:
            start += 1
            continue
        masked.append((start, ends[-1]))
        words[start : ends[-1]] = [OPAQUE] * (ends[-1] - start)
        start = ends[-1]
    return masked


def _dated(spans: list[list[Span]]) -> set[int]:
    """The words of "until the end of May": no look-alike ("until the end") hides them."""
    found: set[int] = set()
    for start, begun in enumerate(spans):
        for at in ends_of(begun, "<until>"):
            for end in ends_of(spans[at], "<endof>") if at < len(spans) else ():
                found.update(range(start, end + 1))
    return found


def _bounds(lattice: Lattice, soft: set[int]) -> None:
    size = len(lattice.words)
    quotes = [at for at, word in enumerate(lattice.words) if word == QUOTE]
    lattice.first = _forward({0, *(at + 1 for at in quotes)}, lattice, (_FILLER, _OPENING))
    begin, finish = set(lattice.first), {size, *quotes}
    for start, spans in enumerate(lattice.at):
        for end, tags in spans:
            if _CONNECTOR in tags:
                begin.add(end)
                finish.add(start)
            if _TURN in tags:
                begin.add(end)
    begin |= soft
    finish |= soft
    lattice.starts = _forward(begin, lattice, (_FILLER, _OPENING, _CONNECTOR, _TURN))
    lattice.last = _backward({size, *quotes}, lattice)
    lattice.ends = _backward(finish, lattice)


def _forward(begin: set[int], lattice: Lattice, skip: tuple[str, ...]) -> set[int]:
    reached = set(begin)
    for start in range(len(lattice.words)):
        if start in reached:
            reached.update(end for end, tags in lattice.at[start] if not tags.isdisjoint(skip))
    return reached


def _backward(finish: set[int], lattice: Lattice) -> set[int]:
    reached = set(finish)
    for start in range(len(lattice.words) - 1, -1, -1):
        if any(end in reached and (_FILLER in tags or _CLOSING in tags) for end, tags in lattice.at[start]):
            reached.add(start)
    return reached
