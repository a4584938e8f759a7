"""A set of phrase files made ready: words, spellings and phrases of every language. Everything wrong is reported at once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from intents.error import PhraseFileError, Problem
from intents.lexicon import MASK, GroupTable, Lexicon
from intents.matcher import Rule, Tree
from intents.phrase import Choice, Form, Gap, Group, Phrase, Word, parse
from intents.phrasefile import Allowed, Line, Section, Source, read
from intents.reading import Cue, Intent
from intents.script import plain
from intents.spelling import Spelling, combinations
from intents.token import words

_NONE = frozenset({""})
TOO_MANY = "too many"  # said of the amount: a wish for less, but beside a clear stop only its reason
CHOICES = {
    Intent.FREQUENCY: frozenset({"weekly", "monthly", "every_n_days", "paused", "topics", "less", TOO_MANY}),
    Intent.PRIVACY: frozenset({"see", "delete", "source"}),
    Intent.COMPLAINT: frozenset(
        {"delivery", "product", "refund", "service", "messages", "privacy", "suggestion", "praise", "other"}
    ),
}
EXAMPLES = frozenset({"match", "no match"})
_CUES: Allowed = {cue.value: _NONE for cue in Cue} | {"examples": frozenset(cue.value for cue in Cue)}
_WORDS: Allowed = dict.fromkeys(
    (
        *("language", "words", "fillers", "openings", "closings", "connectors", "turns"),
        *("look-alikes", "other things", "urgent", "playful"),
    ),
    _NONE,
)
_SPELLING: Allowed = dict.fromkeys(
    ("spelling", "close words", "real words", "sounds", "sound-alike words", "pinyin"), _NONE
)
_ENTRY = re.compile(r"([^=]+?)\s*=\s*(.+)")
_HEADERS = frozenset({"tag", "script", "variant", "letters"})
_PLAIN_GROUPS = {
    "fillers": "filler",
    "openings": "opening",
    "closings": "closing",
    "connectors": "connector",
    "turns": "turn",
    "look-alikes": MASK,
    "other things": "other",
    "urgent": "urgent",
    "playful": "playful",
}


@dataclass(frozen=True, slots=True)
class Language:
    """The header of a language folder: its tag, its script (Latin, Han, Cyrillic), and what tells a variant from it."""

    folder: str
    tag: str
    script: str
    variant: str = ""
    letters: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """A message that a file promises to understand (or not): for `Recogniser.check`."""

    subject: str
    matches: bool
    text: str
    file: str
    line: int


@dataclass(slots=True)
class Library:
    """Phrase files made ready for reading messages."""

    lexicon: Lexicon = field(default_factory=Lexicon)
    spelling: Spelling = field(default_factory=Spelling)
    tree: Tree = field(default_factory=Tree)
    languages: list[Language] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    phrases: list[tuple[str, str, str, Phrase]] = field(default_factory=list)  # language, subject, section, phrase
    problems: list[Problem] = field(default_factory=list)
    revision: str = ""


def allowed(subject: str) -> Allowed | None:
    """The sections that a file may have, by its name; None = no such file."""
    if subject == "words":
        return _WORDS
    if subject == "spelling":
        return _SPELLING
    if subject == "cues":
        return _CUES
    if subject not in set(Intent):
        return None
    choices = CHOICES.get(Intent(subject), frozenset()) | {""}
    return {
        "keywords": choices,
        "clauses": choices,
        "codes": _NONE,
        "act": choices,
        "ask": choices,
        "not": _NONE,
        "examples": EXAMPLES,
    }


def load(sources: Iterable[Source]) -> Library:
    """Make phrase files ready. Raises `PhraseFileError` with every problem when there is one."""
    library = compose(sources)
    if library.problems:
        raise PhraseFileError(tuple(library.problems))
    return library


def compose(sources: Iterable[Source]) -> Library:
    """The same, but problems stay in the library beside all that could be read: for editors. Never raises."""
    given = sorted(sources, key=lambda source: source.name)
    library = Library(revision=_revision(given))
    by_language: dict[str, list[Source]] = {}
    for source in given:
        by_language.setdefault(source.language, []).append(source)
    for language, group in by_language.items():
        _Folder(library, language, group).compose()
    library.spelling.vocabulary = library.lexicon.vocabulary
    return library


def _revision(sources: Sequence[Source]) -> str:
    """A name that changes with any byte of any file."""
    digest = hashlib.sha256()
    for source in sources:
        digest.update(f"{source.name}\0{source.text}\0".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:12]


class _Folder:
    """One language on its way into the library."""

    def __init__(self, library: Library, language: str, sources: Sequence[Source]) -> None:
        self.library = library
        self.language = language
        self.sources = sources
        self.groups = GroupTable(language)

    def compose(self) -> None:
        sections = {source.name: self._sections(source) for source in self.sources}
        ordered = sorted(self.sources, key=lambda source: source.subject != "words")
        for source in ordered:
            for section in sections[source.name]:
                match source.subject:
                    case "words":
                        self._words(source, section)
                    case "spelling":
                        self._spelling(source, section)
                    case _:
                        self._phrases(source, section)
        for name in self.groups.phrases:
            self.library.lexicon.add(self.language, name, self.groups.sequences(name))
        self.library.problems += self.groups.problems

    def _sections(self, source: Source) -> tuple[Section, ...]:
        sections_allowed = allowed(source.subject)
        if sections_allowed is None:
            right = "name it after an intent, or words, spelling, cues"
            self.library.problems.append(Problem(source.name, 1, 1, f"nothing is known as {source.subject}", right))
            return ()
        sections, problems = read(source, sections_allowed)
        self.library.problems += problems
        return sections

    def _problem(self, source: Source, line: Line, wrong: str, right: str, offset: int = 0) -> None:
        self.library.problems.append(Problem(source.name, line.number, line.column + offset, wrong, right))

    def _parsed(self, source: Source, line: Line, text: str, offset: int = 0) -> Phrase | None:
        found = parse(text, source.name, line.number, line.column + offset)
        if isinstance(found, Problem):
            self.library.problems.append(found)
            return None
        return found

    def _words(self, source: Source, section: Section) -> None:
        if section.name == "language":
            self._header(source, section)
            return
        for line in section.lines:
            if section.name == "words":
                self._group(source, line)
            elif phrase := self._parsed(source, line, line.text):
                self.groups.put(_PLAIN_GROUPS[section.name], phrase)

    def _group(self, source: Source, line: Line) -> None:
        found = re.match(r"<([^<>(){}|=]+)>\s*=\s*(?=\S)", line.text)
        if not found:
            self._problem(source, line, "this is no group of words", "write <name> = word | another word")
            return
        if phrase := self._parsed(source, line, line.text[found.end() :], found.end()):
            self.groups.put(found.group(1).strip(), phrase)

    def _header(self, source: Source, section: Section) -> None:
        entries = {}
        for line in section.lines:
            found = _ENTRY.match(line.text)
            if not found or found.group(1) not in _HEADERS:
                self._problem(source, line, "this says nothing about the language", "write tag = en, script = Latin")
            else:
                entries[found.group(1)] = found.group(2)
        tag = entries.get("tag", self.language)
        script = entries.get("script", "Latin")
        self.library.languages.append(
            Language(self.language, tag, script, entries.get("variant", ""), entries.get("letters", ""))
        )

    def _spelling(self, source: Source, section: Section) -> None:
        spelling = self.library.spelling
        for line in section.lines:
            if section.name in ("close words", "real words", "sound-alike words"):
                self._listed(section.name, plain(line.text))
                continue
            found = _ENTRY.match(line.text)
            if not found:
                self._problem(source, line, "there is no = in this line", "write right = wrong | other wrong")
                continue
            right, wrongs = plain(found.group(1)), [plain(one).strip() for one in found.group(2).split("|")]
            if section.name == "spelling":
                for wrong in wrongs:
                    spelling.listed["".join(words(wrong))] = words(right)
            elif section.name == "pinyin":
                spelling.syllables.update(dict.fromkeys(wrongs, right))
            else:
                spelling.sounds.update({f"\0{right}": "".join(wrongs).replace(" ", "")})

    def _listed(self, section: str, text: str) -> None:
        spelling = self.library.spelling
        if section == "close words":
            spelling.fuzzy += words(text)
        elif section == "real words":
            spelling.real.update(text.split())
        else:
            alike = {key[1:]: value for key, value in spelling.sounds.items() if key.startswith("\0")}
            for word in text.split():
                for wrong in combinations(word, alike):
                    if wrong not in spelling.real:
                        spelling.sounds.setdefault(wrong, word)

    def _phrases(self, source: Source, section: Section) -> None:
        if section.name == "examples":
            subject = source.subject if source.subject != "cues" else section.detail
            self.library.examples += [
                Example(subject, section.detail != "no match", line.text, source.name, line.number)
                for line in section.lines
            ]
            return
        for line in section.lines:
            if phrase := self._parsed(source, line, line.text):
                self._enter(source, section, phrase)

    def _enter(self, source: Source, section: Section, phrase: Phrase) -> None:
        self.library.phrases.append((self.language, source.subject, section.name, phrase))
        for form in phrase.forms:
            for part in form:
                if isinstance(part, Group) and part.name not in self.groups.phrases:
                    wrong, right = f"there is no group <{part.name}>", "add it to words.phrases, or correct the name"
                    self.library.problems.append(Problem(phrase.file, phrase.line, 1, wrong, right))
                    return
                if isinstance(part, Word):
                    self.library.lexicon.vocabulary.add(part.text)
                elif isinstance(part, Choice):
                    self.library.lexicon.choice(self.language, part.ways)
            rule = _rule(source, section, phrase, form)
            self.library.tree.add(self.language, form, rule, self.library.lexicon.choices)


def _rule(source: Source, section: Section, phrase: Phrase, form: Form) -> Rule:
    return Rule(
        subject=source.subject,
        section=section.name,
        choice=section.detail,
        phrase=phrase,
        open_start=isinstance(form[0], Gap),
        open_end=isinstance(form[-1], Gap),
        size=sum(not isinstance(part, Gap) for part in form),
    )
