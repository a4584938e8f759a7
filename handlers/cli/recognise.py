"""`quietline classify` and `quietline rehearse`: what would be understood, and how a conversation would end."""

from __future__ import annotations

import json
from collections.abc import Iterator

import click

from handlers.cli.option import print_json, standard_input
from handlers.cli.rehearsal import Rehearsal, ScriptError
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
    for number, line in _lines():
        print_json(to_json(recogniser.read(_text(number, line))))


def _lines() -> Iterator[tuple[int, str]]:
    for number, line in enumerate(standard_input(), 1):
        yield number, line.removesuffix("\n").removesuffix("\r")


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


@click.command()
def rehearse() -> None:
    """Play conversation scripts from standard input through the real path, on a throw-away database.

    A script is a JSON line {"name", "channel": "viber" | "wechat", "turns": [{"user": "..."}]}; each turn comes one
    second after the one before. Each answer is a JSON line with suppressed, frequency (weekly, monthly, paused or
    null), case_opened, handed_over and the transcript.

    \b
    Example:
      echo '{"name":"x","channel":"viber","turns":[{"user":"STOP"},{"user":"weekly is fine"}]}' | quietline rehearse
    """
    with Rehearsal() as rehearsal:
        for number, line in _lines():
            if not line.strip():
                continue
            try:
                script = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise click.UsageError(f"standard input, line {number}: is no JSON: {error}") from None
            try:
                print_json(rehearsal.play(script))
            except ScriptError as error:
                raise click.UsageError(f"standard input, line {number}: {error}") from None
