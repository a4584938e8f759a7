"""The words of all languages: groups by name, fillers, look-alikes and spellings, ready for looking up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

from intents.error import Problem
from intents.phrase import Choice, Gap, Group, Phrase, Slot, Word

MOST_ENTRIES = 3000
MASK = "look-alike"
DATED = "date-"  # <date-12-25> = christmas: a day that every language may name
UNITS = ("hour", "day", "week", "fortnight", "month", "quarter", "season", "year")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
# Groups that the code itself uses: all languages share them, and each may fill them in its words file.
SPECIAL = frozenset(
    (
        "filler",
        "opening",
        "closing",
        "connector",
        "turn",
        MASK,
        "other",
        "kind",
        "doubt",
        "urgent",
        "playful",
        "choice",
        "denial",
        "counter",
        "half",
        "monthmark",
        "monthend",
        "monthpart",
        "daymark",
        "endof",
        "until",
        "this",
        "next",
        "tomorrow",
        "later",
        *UNITS,
        *WEEKDAYS,
        *MONTHS,
        *tuple(f"ordinal-{number}" for number in range(1, 10)),
    )
)


Span = tuple[int, frozenset[str]]  # where an entry ends, and its tags


@dataclass(slots=True)
class Branch:
    """A node of the word trie: what may follow, and the tags of the words that end here."""

    then: dict[str, Branch] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()


def tag(language: str, name: str) -> str:
    """How a group is called inside the matcher. Special groups and numbers are shared by all languages."""
    return f"<{name}>" if name in SPECIAL or name.startswith(DATED) else f"<{language}:{name}>"


@dataclass(slots=True)
class Lexicon:
    """Word groups of every language in one trie, and the vocabulary that spelling correction aims at."""

    root: Branch = field(default_factory=Branch)
    vocabulary: set[str] = field(default_factory=set)
    numbers: dict[str, float] = field(default_factory=dict)
    dated: set[str] = field(default_factory=set)  # the tags of <date-12-25> and its like
    choices: dict[tuple[tuple[str, ...], ...], str] = field(default_factory=dict)

    def choice(self, language: str, ways: tuple[tuple[str, ...], ...]) -> str:
        """The name of the group for alternatives written inside a phrase (`stop|quit`); the same ways share one."""
        if ways not in self.choices:
            self.choices[ways] = name = f"|{len(self.choices)}"
            self.add(language, name, ways)
        return tag(language, self.choices[ways])

    def add(self, language: str, name: str, sequences: Iterable[Sequence[str]]) -> None:
        """Enter the words of one group."""
        label = tag(language, name)
        if name.startswith(DATED):
            self.dated.add(label)
        if name.replace(".", "").isdigit():
            self.numbers[label] = float(name)
        for sequence in sequences:
            node = self.root
            for word in sequence:
                node = node.then.setdefault(word, Branch())
            if label not in node.tags:
                node.tags |= {label}
            self.vocabulary.update(sequence)

    def spans(self, words: Sequence[str], start: int) -> Iterator[Span]:
        """(end, tags) of every group entry that begins at `start`, shortest first."""
        node, at = self.root, start
        while at < len(words):
            found = node.then.get(words[at])
            if found is None:
                return
            node, at = found, at + 1
            if node.tags:
                yield at, node.tags


class GroupTable:
    """The <groups> of one language while they are being put together: names to phrases, nested groups allowed."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.phrases: dict[str, list[Phrase]] = {}
        self._done: dict[str, tuple[tuple[str, ...], ...]] = {}
        self._open: set[str] = set()
        self.problems: list[Problem] = []

    def put(self, name: str, phrase: Phrase) -> None:
        """Add one line to a group."""
        self.phrases.setdefault(name, []).append(phrase)

    def sequences(self, name: str) -> tuple[tuple[str, ...], ...]:
        """Every word sequence of a group, nested groups written out."""
        if name not in self._done:
            self._open.add(name)
            found = [one for phrase in self.phrases.get(name, ()) for one in self._written_out(phrase)]
            self._open.discard(name)
            self._done[name] = tuple(dict.fromkeys(found))
        return self._done[name]

    def _written_out(self, phrase: Phrase) -> list[tuple[str, ...]]:
        out: list[tuple[str, ...]] = []
        for form in phrase.forms:
            ways: list[tuple[tuple[str, ...], ...]] = []
            for part in form:
                match part:
                    case Word(text):
                        ways.append(((text,),))
                    case Choice(several):
                        ways.append(several)
                    case Group(name):
                        ways.append(self._nested(name, phrase))
                    case Slot() | Gap():
                        self._fault(phrase, "a group cannot hold slots or ...", "use words and <groups> only")
                        return []
            out += [tuple(word for way in one for word in way) for one in product(*ways)]
            if len(out) > MOST_ENTRIES:
                self._fault(phrase, f"this line stands for more than {MOST_ENTRIES} entries", "split the group")
                return []
        return [one for one in out if one]

    def _nested(self, name: str, phrase: Phrase) -> tuple[tuple[str, ...], ...]:
        if name in self._open:
            self._fault(phrase, f"<{name}> contains itself", "take the circle out")
            return ()
        if name not in self.phrases:
            self._fault(phrase, f"there is no group <{name}>", "add it to words.phrases, or correct the name")
            return ()
        return self.sequences(name)

    def _fault(self, phrase: Phrase, wrong: str, right: str) -> None:
        self.problems.append(Problem(phrase.file, phrase.line, 1, wrong, right))
