"""`quietline rehearse`: how a conversation would end."""

from __future__ import annotations

import json

import click

from handlers.cli.rehearsal import Rehearsal, ScriptError
from handlers.cli.stream import numbered_lines, print_json


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
        for number, line in numbered_lines():
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
