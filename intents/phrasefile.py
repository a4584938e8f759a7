"""Phrase files: text that marketers edit, read line by line into sections.

A file is UTF-8 text of at most 256 KiB. `# …` is a comment, `[name]` or `[name: detail]` begins a section, every other line
belongs to the section above it. A line that begins with blanks continues the line above.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from intents.error import Problem

MOST_BYTES = 256 * 1024
_HEADER = re.compile(r"\[\s*([^\]:]+?)\s*(?::\s*([^\]]*?)\s*)?\]\s*$")
_WIDE = str.maketrans({"［": "[", "］": "]", "【": "[", "】": "]", "：": ":", "＃": "#", "＝": "=", "\t": " "})


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a section: its text without comment and outer blanks, and where it begins (from 1)."""

    text: str
    number: int
    column: int


@dataclass(frozen=True, slots=True)
class Section:
    """A section: `[act: weekly]` has name `act` and detail `weekly`."""

    name: str
    detail: str
    number: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A phrase file before it is read: its name as shown to people ("en/opt_out.phrases") and its text."""

    name: str
    text: str

    @property
    def language(self) -> str:
        """The folder, which is the language."""
        return self.name.rpartition("/")[0].rpartition("/")[2]

    @property
    def subject(self) -> str:
        """The file name without its ending: an intent, or `words`, `spelling`, `cues`."""
        return self.name.rpartition("/")[2].removesuffix(".phrases")


Allowed = Mapping[str, frozenset[str]]  # section name -> details it may carry ("" = none)


def read(source: Source, allowed: Allowed) -> tuple[tuple[Section, ...], tuple[Problem, ...]]:
    """Split a file into sections; what is wrong comes back beside what could be read. Never raises."""
    if len(source.text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        return (), (
            Problem(
                source.name, 1, 1, "the file is larger than 256 KiB", "move phrases to another file or remove some"
            ),
        )
    problems: list[Problem] = []
    sections: list[Section] = []
    header: tuple[str, str, int] | None = None
    skipping = False
    lines: list[Line] = []

    def close() -> None:
        if header is not None:
            sections.append(Section(*header, tuple(lines)))
        lines.clear()

    for line in _lines(source.text):
        if not line.text.startswith("["):
            if header is None and not skipping:
                problems.append(_stray(source, line, allowed))
            elif header is not None:
                lines.append(line)
            continue
        close()
        header, problem = _header(source, line, allowed)
        skipping = header is None
        if problem:
            problems.append(problem)
    close()
    return tuple(sections), tuple(problems)


def _lines(text: str) -> Iterator[Line]:
    """Lines that say something, continuations joined."""
    pending: Line | None = None
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        line = raw.translate(_WIDE)
        body = re.split(r"(?:^|\s)#", line, maxsplit=1)[0].rstrip()
        if not body.strip():
            continue
        column = len(body) - len(body.lstrip()) + 1
        if pending and column > 1 and not body.lstrip().startswith("["):
            pending = Line(f"{pending.text} {body.strip()}", pending.number, pending.column)
            continue
        if pending:
            yield pending
        pending = Line(body.strip(), number, column)
    if pending:
        yield pending


def _stray(source: Source, line: Line, allowed: Allowed) -> Problem:
    return Problem(
        source.name, line.number, line.column, "this line stands before any section", f"begin with {_names(allowed)}"
    )


def _names(allowed: Allowed) -> str:
    return ", ".join(f"[{name}]" for name in allowed)


def _header(source: Source, line: Line, allowed: Allowed) -> tuple[tuple[str, str, int] | None, Problem | None]:
    """The section that a header line begins, or None for a section to leave out."""
    found = _HEADER.match(line.text)
    if not found:
        return None, Problem(
            source.name, line.number, line.column, "this section name is not closed", "write it like [act]"
        )
    name, detail = found.group(1).lower().replace("never mind", "never_mind"), (found.group(2) or "").lower()
    if name not in allowed:
        wrong = f"there is no section [{name}] in this file"
        return None, Problem(source.name, line.number, line.column + 1, wrong, f"use {_names(allowed)}")
    if detail not in allowed[name] and "*" not in allowed[name]:
        choices = ", ".join(f"[{name}: {one}]" if one else f"[{name}]" for one in sorted(allowed[name]))
        return None, Problem(
            source.name, line.number, line.column + 1, f"[{name}: {detail}] is not known here", f"use {choices}"
        )
    return (name, detail, line.number), None
