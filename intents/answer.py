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
    """The option whose longest words occur, unless something denies them; a tie is no answer."""
    best: dict[str, int] = {}
    for option in options:
        for words in option.words:
            wanted = _wanted(words, library)
            if wanted and any(
                _occurs(wanted, clause.words, lattice) for clause, lattice in zip(clauses, lattices, strict=True)
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


def _occurs(wanted: list[str], words: list[str], lattice: Lattice) -> bool:
    size = len(wanted)
    return any(
        words[start : start + size] == wanted and not _denied(lattice, start) for start in range(len(words) - size + 1)
    )


def _denied(lattice: Lattice, start: int) -> bool:
    """Whether "not" stands within the three words before."""
    return any(end <= start for one in range(max(0, start - 3), start) for end in lattice.ends_of(one, "denial"))
