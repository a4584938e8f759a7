"""`quietline audience`: may these people be sent to?"""

from __future__ import annotations

from pathlib import Path

import click

from handlers.cli.option import (
    account_option,
    chosen_account,
    config_option,
    opened_house,
)
from handlers.cli.stream import print_json, standard_input
from handlers.services import audience as audience_service
from storage.store import chunks


@click.group()
def audience() -> None:
    """The gate: who may be sent to."""


@audience.command()
@config_option
@account_option
@click.option("--topic", default="marketing", show_default=True, help="What would be sent.")
@click.argument("recipients", nargs=-1)
def check(config: Path, account_name: str, topic: str, recipients: tuple[str, ...]) -> None:
    """Ask for platform user ids (as arguments, or one a line on standard input). One JSON line for each.

    An "allow" is good until expires_at (60 seconds): ask again before a later send. Nothing is counted: sends that
    shall count against weekly and monthly go through POST /api/v1/audience/check with "claim": true.

    \b
    Examples:
      quietline audience check --account acme-viber 01234567890A=
      quietline audience check --account acme-viber --topic events < ids.txt
    """
    ids = list(recipients) or [line.strip() for line in standard_input() if line.strip()]
    with opened_house(config) as house:
        account = chosen_account(house.settings, account_name)
        for chunk in chunks(ids, audience_service.MAX_RECIPIENTS):
            question = audience_service.Question(account, topic, tuple(chunk))
            _print(audience_service.ask(house, question))


def _print(answer: dict[str, object]) -> None:
    for recipient in answer["allowed"]:  # type: ignore[attr-defined]
        print_json({"recipient": recipient, "decision": "allow", "expires_at": answer["expires_at"]})
    for denied in answer["denied"]:  # type: ignore[attr-defined]
        print_json({"decision": "deny", **denied})
