"""`quietline classify`: what would be understood."""

from __future__ import annotations

import json

import click

from handlers.cli.stream import numbered_lines, print_json
from intents.builtin import builtin_recogniser
from intents.contract import to_json


@click.command()
def classify() -> None:
    """Read messages from standard input and say what they mean, one JSON line each.

    A line is the message itself, or a JSON object {"text": "..."}. Each answer holds the language and the intents, best
    first, with a decision (act, or confirm = ask first), the confidence (0 to 1), the slots and the reasons.

    \b
    Examples:
      echo "please stop texting me" | quietline classify
      quietline classify < messages.txt > readings.jsonl
    """
    recogniser = builtin_recogniser()
    for number, line in numbered_lines():
        print_json(to_json(recogniser.read(_text(number, line))))


def _text(number: int, line: str) -> str:
    if not line.lstrip().startswith("{"):
        return line
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):  # not JSON after all: somebody wrote a brace
        return line
    if not isinstance(document, dict) or not isinstance(document.get("text"), str):
        raise click.UsageError(f'standard input, line {number}: a JSON line must be {{"text": "..."}}')
    text: str = document["text"]
    return text
