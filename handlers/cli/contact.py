"""`quietline contacts`: import opt-outs from elsewhere, erase a person."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from handlers.cli.option import account_option, chosen_account, config_option, opened_house, progress
from handlers.deps import House
from handlers.services import consent as consent_service
from handlers.services import roster
from handlers.settings import Account
from storage.store import Tx

BATCH = 200


@click.group()
def contacts() -> None:
    """People: lists from other systems, and the right to be forgotten."""


@contacts.command("import")
@config_option
@account_option
@click.option("--dry-run", is_flag=True, help="Only say what would happen to each row.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_contacts(config: Path, account_name: str, dry_run: bool, file: Path) -> None:
    """Import consent from a CSV file (UTF-8, with a header): contact, change[, topic, at, until, days, evidence].

    `change` is opt_out, opt_in, weekly, monthly or pause. An import can only lower consent; a row that would raise it
    (opt_in) is refused unless its `evidence` column names what proves it (a message id, a signed form).
    Dates are 2026-11-21 or 2026-11-21T10:00:00+08:00 (without a zone: UTC); `days` is the length of a pause. Without a
    topic the row is about all of them. Refused rows are listed with their line and the reason, and make the exit status
    1; the others are imported. Running it twice changes nothing more.

    \b
    Examples:
      quietline contacts import --account acme-viber --dry-run optouts.csv
      quietline contacts import --account acme-viber optouts.csv
    """
    with opened_house(config) as house:
        account = chosen_account(house.settings, account_name)
        try:
            rows = roster.read(file, account, house.clock())
        except roster.RosterError as error:
            raise click.ClickException(f"{file}: {error}") from None
        refused = [row for row in rows if row.problem]
        good = [row for row in rows if not row.problem]
        refused += _import(house, account, good, file.name, is_dry=dry_run)
    for row in sorted(refused, key=lambda one: one.line):
        click.echo(f"{file}:{row.line}: refused: {row.problem}", err=True)
    done = len(rows) - len(refused)
    click.echo(f"{done} {'would be imported' if dry_run else 'imported'}, {len(refused)} refused")
    if refused:
        sys.exit(1)


def _import(house: House, account: Account, rows: list[roster.Row], source: str, *, is_dry: bool) -> list[roster.Row]:
    refused = []
    with progress("importing", len(rows)) as bar:
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            refused += roster.run(house, account, batch, source, is_dry=is_dry)
            bar.update(len(batch))
    return refused


@contacts.command()
@config_option
@account_option
@click.option("--contact", "user_id", required=True, help="The platform's user id.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(config: Path, account_name: str, user_id: str, yes: bool) -> None:
    """Erase a person: names, words and ids are destroyed, the opt-out stays in force. It cannot be undone.

    \b
    Example:
      quietline contacts erase --account acme-viber --contact 01234567890A=
    """
    with opened_house(config) as house:
        account = chosen_account(house.settings, account_name)
        if not yes:
            click.confirm(f"Erase {user_id} on {account.name} for good?", abort=True)
        act = consent_service.Act("erasure", "command line", "request")

        def work(tx: Tx) -> bool:
            return consent_service.erase(tx, house, account, user_id, act)

        if not house.store.write(work):
            raise click.ClickException(f"nobody of the id {user_id!r} is known on {account.name}; nothing was changed")
    click.echo("erased; the suppression, if any, stays in force")
