"""The layers of recognition in their order: text -> `Reading`.

normalise (folds) -> clauses and spelling -> lattice (groups, look-alikes, slots) -> matcher (phrases) -> decide (guards, weights).
"""

from __future__ import annotations

from collections.abc import Iterable

from intents.answer import chosen
from intents.clause import Clause, split
from intents.decide import decide
from intents.lattice import Lattice, build
from intents.library import Library, load
from intents.matcher import Budget, Match
from intents.normalise import fold
from intents.phrasefile import Source
from intents.reading import Context, Cue, Reading
from intents.tongue import detect

_CUES = frozenset(cue.value for cue in Cue)


class Recogniser:
    """Reads messages with one set of phrase files (one revision). Immutable and safe to share between threads."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.revision = library.revision

    @classmethod
    def of(cls, sources: Iterable[Source]) -> Recogniser:
        """A recogniser over phrase files. Raises `PhraseFileError` that names every fault by file, line and column."""
        return cls(load(sources))

    def read(self, text: str, context: Context = Context()) -> Reading:
        """Understand one message. Never raises for any text; linear in its length."""
        library = self.library
        folded, folds = fold(text, library.lexicon.vocabulary)
        clauses = split(folded, library.spelling, folds)
        live = _unquoted(clauses)
        lattices = [build(clause, library.lexicon) for clause in live]
        matches = self._matches(lattices)
        verdict = decide(matches, live, lattices, context)
        pinyin = any(fold.text.endswith("(pinyin)") for fold in folds)
        return Reading(
            text=text,
            language=detect(text, library.languages, pinyin=pinyin, before=context.language),
            intents=verdict.intents,
            answer=chosen(live, lattices, context, library),
            cues=_cues(matches),
            folds=tuple(folds),
            clauses=tuple(clause.text for clause in clauses),
            rivals=verdict.rivals,
            revision=self.revision,
        )

    def _matches(self, lattices: list[Lattice]) -> list[Match]:
        """Every phrase found. The end and the beginning are read first, should a monstrous text use up the budget."""
        budget = Budget()
        found: list[Match] = []
        order = sorted(range(len(lattices)), key=lambda at: min(at, len(lattices) - 1 - at))
        for at in order:
            found += self.library.tree.find(lattices[at], at, budget)
        return sorted(
            found, key=lambda one: (one.clause, one.start, one.end, one.rule.phrase.file, one.rule.phrase.line)
        )


def _cues(matches: list[Match]) -> frozenset[Cue]:
    """The cues of clauses that are nothing else; where several fit one clause, those with the most words (还是算了 is no 是)."""
    whole = [one for one in matches if one.rule.subject == "cues" and one.whole and one.rule.section in _CUES]
    longest: dict[int, int] = {}
    for one in whole:
        longest[one.clause] = max(longest.get(one.clause, 0), one.rule.size)
    return frozenset(Cue(one.rule.section) for one in whole if one.rule.size == longest[one.clause])


def _unquoted(clauses: list[Clause]) -> list[Clause]:
    """Quoted words are somebody else's, unless the whole message is quoted."""
    live = [clause for clause in clauses if not clause.quoted]
    return live if any(word not in ("❝", "◌") for clause in live for word in clause.words) else clauses
