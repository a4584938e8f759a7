"""What can be wrong with phrase files: errors that name file, line and column, in words a marketer reads."""

from __future__ import annotations

from dataclasses import dataclass


class IntentsError(Exception):
    """Root of everything that the package `intents` raises."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a phrase file: where it is (line and column count from 1), what is wrong and what would be right."""

    file: str
    line: int
    column: int
    wrong: str
    right: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.wrong}; {self.right}"


class PhraseFileError(IntentsError):
    """A set of phrase files that cannot be used; `problems` holds every fault found, in the order of the files."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
