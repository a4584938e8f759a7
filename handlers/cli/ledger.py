"""`quietline ledger`: prove that nobody changed the record."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from handlers.cli.option import config_option, opened_house, progress
from handlers.setting_table import SettingsError
from storage import ledger as ledger_store
from storage.error import StorageError
from storage.store import Sql, Store


@click.group()
def ledger() -> None:
    """The consent ledger: append-only, hash-chained."""


@ledger.command()
@config_option
def verify(config: Path) -> None:
    """Recompute the whole chain.

    Exit status 0: the chain holds. 1: it does not (the first bad sequence number is printed). 2: it could not be
    looked at.

    \b
    Example:
      quietline ledger verify --config quietline.toml
    """
    try:
        with opened_house(config, must_exist=True) as house:
            verdict = _verify(house.store)
    except (SettingsError, StorageError) as error:
        click.echo(f"quietline: could not look: {error}", err=True)
        sys.exit(2)
    if verdict.first_bad is not None:
        click.echo(f"BROKEN at event {verdict.first_bad}: {verdict.problem}")
        sys.exit(1)
    click.echo(f"the chain holds: {verdict.count} events")


def _verify(store: Store) -> ledger_store.Verdict:
    """Page by page, so that a running service is not held up."""
    row = store.read(lambda tx: tx.one(Sql("SELECT count(*) FROM ledger_event")))
    with progress("verifying", row[0] if row else 0) as bar:
        return ledger_store.verify_live(store, bar.update)
