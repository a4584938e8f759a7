"""The answer to an open question: a number, an ordinal, or the words of an offered option."""

from __future__ import annotations

from collections.abc import Sequence

from intents.clause import Clause, split
from intents.lattice import Lattice
from intents.library import Library
from intents.normalise import fold
from intents.reading import Context, Option

_MOST_WORDS = 14  # a longer message is more than an answer


def chosen(clauses: Sequence[Clause], lattices: Sequence[Lattice], context: Context, library: Library) -> str | None:
    """The id of the option that the message names, or None when it names none or several."""
    if not context.options or sum(len(clause.words) for clause in clauses) > _MOST_WORDS:
        return None
    number = _number(lattices)
    if number is not None:
        return next((option.id for option in context.options if option.number == number), None)
    return _by_words(clauses, lattices, context.options, library)


def _number(lattices: Sequence[Lattice]) -> int | None:
    """The number typed, when a clause is nothing but "2", "第二个", "option two" or "the second one"."""
    found: set[int] = set()
    for lattice in lattices:
        for start in lattice.first:
            found.update(_number_from(lattice, start))
    return found.pop() if len(found) == 1 else None


def _number_from(lattice: Lattice, start: int) -> list[int]:
    size = len(lattice.words)
    begins = {start}
    for _ in range(2):
        begins |= {end for one in begins if one < size for end in lattice.ends_of(one, "choice")}
    out = []
    for begin in begins:
        if begin >= size:
            continue
        for end, value in lattice.slots[begin].get("number", ()):
            stops = {end} | (set(lattice.ends_of(end, "choice")) if end < size else set())
            if stops & lattice.last and value.number == int(value.number):
                out.append(int(value.number))
        for ordinal in range(1, 10):
            for end in lattice.ends_of(begin, f"ordinal-{ordinal}"):
                stops = {end} | (set(lattice.ends_of(end, "choice")) if end < size else set())
                if stops & lattice.last:
                    out.append(ordinal)
    return out


def _by_words(
    clauses: Sequence[Clause], lattices: Sequence[Lattice], options: Sequence[Option], library: Library
) -> str | None:
    """The option whose longest words make up most of a clause, unless something denies them; a tie is no answer."""
    best: dict[str, int] = {}
    for option in options:
        for words in option.words:
            wanted = _wanted(words, library)
            if wanted and any(
                _names(wanted, clause.words, lattice) for clause, lattice in zip(clauses, lattices, strict=True)
            ):
                best[option.id] = max(best.get(option.id, 0), len(wanted))
    longest = max(best.values(), default=0)
    winners = [one for one, size in best.items() if size == longest]
    return winners[0] if len(winners) == 1 else None


_KEPT: dict[tuple[str, str], list[str]] = {}
_MOST_KEPT = 4096


def _wanted(text: str, library: Library) -> list[str]:
    """An option's words as they are read. The same few options are offered all day, so they are folded once for each revision."""
    key = (library.revision, text)
    if key not in _KEPT:
        if len(_KEPT) >= _MOST_KEPT:
            _KEPT.clear()
        _KEPT[key] = [word for clause in _folded(text, library) for word in clause.words]
    return _KEPT[key]


def _folded(text: str, library: Library) -> list[Clause]:
    folded, _ = fold(text, library.lexicon.vocabulary)
    return split(folded, library.spelling, [])


def _names(wanted: list[str], words: list[str], lattice: Lattice) -> bool:
    """Whether the words stand in the clause and little else does: "does the stop at Main Street exist?" chooses no "stop"."""
    size = len(wanted)
    starts = [at for at in range(len(words) - size + 1) if words[at : at + size] == wanted and not _denied(lattice, at)]
    if not starts:
        return False
    before, after = _unspent(lattice), _unspent_after(lattice)
    return any(before[at] + after[at + size] <= size for at in starts)


_AROUND = ("filler", "opening", "closing", "connector", "turn", "choice")


def _unspent(lattice: Lattice) -> list[int]:
    """For every position the least number of words before it that say something of their own."""
    least = list(range(len(lattice.words) + 1))
    for start in range(len(lattice.words)):
        least[start + 1] = min(least[start + 1], least[start] + 1)
        for group in _AROUND:
            for end in lattice.ends_of(start, group):
                least[end] = min(least[end], least[start])
    return least


def _unspent_after(lattice: Lattice) -> list[int]:
    """The same for the words from a position to the end."""
    size = len(lattice.words)
    least = [size - at for at in range(size + 1)]
    for start in range(size - 1, -1, -1):
        ends = [end for group in _AROUND for end in lattice.ends_of(start, group)]
        least[start] = min([least[start + 1] + 1, *(least[end] for end in ends)])
    return least


def _denied(lattice: Lattice, start: int) -> bool:
    """Whether "not" stands within the three words before."""
    return any(end <= start for one in range(max(0, start - 3), start) for end in lattice.ends_of(one, "denial"))
