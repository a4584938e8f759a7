"""`quietline classify` and `quietline rehearse`: what would be understood, and how a conversation would end."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import click

from handlers.cli.option import standard_input
from handlers.cli.rehearsal import Rehearsal, ScriptError
from intents.builtin import builtin_recogniser
from intents.contract import to_json


@click.command()
def classify() -> None:
    """Read messages from standard input and say what they mean, one JSON line each.

    A line is the message itself, or a JSON object {"text": "..."}.

    \b
    Examples:
      echo "please stop texting me" | quietline classify
      quietline classify < messages.txt > readings.jsonl
    """
    recogniser = builtin_recogniser()
    for number, line in _lines():
        reading = recogniser.read(_text(number, line))
        _print(to_json(reading))


def _lines() -> Iterator[tuple[int, str]]:
    for number, line in enumerate(standard_input(), 1):
        yield number, line.rstrip("\n")


def _text(number: int, line: str) -> str:
    if not line.lstrip().startswith("{"):
        return line
    try:
        document = json.loads(line)
    except json.JSONDecodeError:
        return line
    if not isinstance(document, dict) or not isinstance(document.get("text"), str):
        raise click.UsageError(f'standard input, line {number}: a JSON line must be {{"text": "..."}}')
    text: str = document["text"]
    return text


def _print(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")


@click.command()
def rehearse() -> None:
    """Play conversation scripts from standard input through the real path, on a throw-away database.

    A script is a JSON line {"name", "channel": "viber" | "wechat", "turns": [{"user": "..."}]}. Each answer is a
    JSON line
    with suppressed, frequency, case_opened, handed_over and the transcript.

    \b
    Example:
      echo '{"name":"x","channel":"viber","turns":[{"user":"STOP"},{"user":"weekly is fine"}]}' | quietline rehearse
    """
    with Rehearsal() as rehearsal:
        for number, line in _lines():
            if not line.strip():
                continue
            try:
                _print(rehearsal.play(json.loads(line)))
            except (json.JSONDecodeError, ScriptError) as error:
                raise click.UsageError(f"standard input, line {number}: {error}") from None
