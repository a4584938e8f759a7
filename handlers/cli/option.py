"""What several commands share: the settings file, an open house, a progress bar."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

import click

from handlers import settings as settings_module
from handlers.app import build_house
from handlers.deps import House
from handlers.settings import Account, Settings

config_option = click.option(
    "--config",
    "config",
    type=click.Path(path_type=Path),
    default=Path("quietline.toml"),
    show_default=True,
    envvar="QUIETLINE_CONFIG",
    help="The settings file (TOML).",
)
account_option = click.option(
    "--account", "account_name", required=True, help="The account's name in the settings file."
)


@contextmanager
def opened_house(config: Path) -> Iterator[House]:
    """The house of a settings file, its database open; closed at the end."""
    house = build_house(settings_module.load(config))
    try:
        yield house
    finally:
        house.store.close()


def chosen_account(settings: Settings, name: str) -> Account:
    """The account of that name, or a usage error that lists those there are."""
    account = settings.account(name)
    if account is None:
        names = ", ".join(one.name for one in settings.accounts)
        raise click.UsageError(f"--account: there is no account {name!r} in the settings; there are {names}")
    return account


@contextmanager
def progress(label: str, length: int) -> Iterator[click._termui_impl.ProgressBar[int]]:
    """A progress bar on standard error, so that standard output stays clean; hidden where nobody watches."""
    with click.progressbar(length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield bar


def standard_input() -> TextIO:
    """Standard input as UTF-8 text, whatever the terminal's locale; only line feeds end a line, bytes that are no
    UTF-8 are replaced.
    """
    return TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace", newline="\n")
