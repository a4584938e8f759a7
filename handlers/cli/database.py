"""`quietline database`: the tables' version."""

from __future__ import annotations

from pathlib import Path

import click

from handlers import settings as settings_module
from handlers.cli.option import config_option
from storage import migration


@click.group()
def database() -> None:
    """The database: which schema it has, and bringing it up to date."""


@database.command()
@config_option
def status(config: Path) -> None:
    """Show the schema the database has and the one this program needs."""
    settings = settings_module.load(config)
    click.echo(f"has {migration.current(settings.database.url) or 'none'}, needs {migration.head()}")


@database.command()
@config_option
def upgrade(config: Path) -> None:
    """Bring the tables up to date. Stop the service and make a backup first; a killed upgrade can be run again."""
    settings = settings_module.load(config)
    migration.upgrade(settings.database.url)
    click.echo(f"the database has schema {migration.head()}")
