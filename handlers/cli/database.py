"""`quietline database`: the tables' version."""

from __future__ import annotations

from pathlib import Path

import click
from alembic.util import CommandError

from handlers import settings as settings_module
from handlers.cli.option import check_database, config_option
from storage import migration
from storage.error import SchemaError
from storage.key import load_keys


@click.group()
def database() -> None:
    """The database: which schema it has, and bringing it up to date."""


@database.command()
@config_option
def status(config: Path) -> None:
    """Show the schema the database has and the one this program needs.

    \b
    Example:
      quietline database status
    """
    settings = settings_module.load(config)
    check_database(settings, must_exist=True)
    click.echo(f"has {migration.current(settings.database.url) or 'none'}, needs {migration.head()}")


@database.command()
@config_option
def upgrade(config: Path) -> None:
    """Bring the tables up to date. Stop the service and make a backup first; a killed upgrade can be run again.

    \b
    Example:
      quietline database upgrade
    """
    settings = settings_module.load(config)
    check_database(settings)
    if migration.current(settings.database.url) is None:
        load_keys(settings.keys_dir, may_create=True)  # tables without keys would be taken for data whose keys are lost
        migration.ensure(settings.database.url)  # refuses tables of another program
    try:
        migration.upgrade(settings.database.url)
    except CommandError:
        raise SchemaError("the database has the schema of a newer Quietline: run that version") from None
    click.echo(f"the database has schema {migration.head()}")
