"""Lines in, lines out: standard input and output of the commands that read or answer many."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from io import TextIOWrapper
from typing import TextIO

import click


def numbered_lines() -> Iterator[tuple[int, str]]:
    """The lines of standard input with their numbers from 1, without their ends."""
    for number, line in enumerate(standard_input(), 1):
        yield number, line.removesuffix("\n").removesuffix("\r")


def standard_input() -> TextIO:
    """Standard input as UTF-8 text, whatever the terminal's locale (a byte order mark is dropped); only line feeds end
    a line, bytes that are no UTF-8 are replaced.
    """
    return TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", errors="replace", newline="\n")


def print_json(document: object) -> None:
    """One JSON line on standard output, at once. What UTF-8 cannot carry (half a surrogate pair) is escaped.

    When whoever reads us has seen enough (`| head`), the command ends with status 0.
    """
    line = json.dumps(document, ensure_ascii=False)
    if not line.isascii() and any("\ud800" <= character <= "\udfff" for character in line):
        line = json.dumps(document, ensure_ascii=True)
    try:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except BrokenPipeError:  # nothing more may be written, not even what Python flushes at the exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise click.exceptions.Exit(0) from None
