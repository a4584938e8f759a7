"""What several commands share: the settings file, an open house, a progress bar."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import click

from handlers import settings as settings_module
from handlers.app import build_house
from handlers.deps import House
from handlers.settings import Account, Settings
from intents.recogniser import Recogniser
from storage import schema_version
from storage.error import DamagedDatabaseError, Unavailable

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
def opened_house(config: Path, *, must_exist: bool = False) -> Iterator[House]:
    """The house of a settings file, its database open; closed at the end. With `must_exist` an empty or missing
    database is refused and not created. No phrase file is read: a broken one must not keep anybody from looking after
    the data.
    """
    settings = settings_module.load(config)
    check_database(settings, must_exist=must_exist)
    house = build_house(settings, recogniser=_reading_nothing)
    try:
        yield house
    finally:
        house.store.close()


@cache
def _reading_nothing() -> Recogniser:
    return Recogniser.of(())


def check_database(settings: Settings, *, must_exist: bool = False) -> None:
    """Refuse, naming the place, what SQLite would only call "unable to open". Raises `storage.StorageError`."""
    url = settings.database.url
    if url.startswith("sqlite:///"):
        _check_file(Path(url.removeprefix("sqlite:///")), must_exist=must_exist)
    elif must_exist and not schema_version.holds_data(url):
        raise Unavailable("the database is empty: check database.url, and run `quietline serve` once")


def _check_file(path: Path, *, must_exist: bool) -> None:
    if not path.parent.is_dir():
        raise Unavailable(f"database.url: there is no folder {path.parent}: create it, or name another file")
    if path.is_dir():
        raise Unavailable(f"database.url: {path} is a folder: name a file in it, such as {path / 'quietline.sqlite3'}")
    is_empty = not path.exists() or path.stat().st_size == 0
    if is_empty and must_exist:
        raise Unavailable(f"there is no database at {path}: check database.url, and run `quietline serve` once")
    if not os.access(path.parent, os.W_OK | os.X_OK) or not (is_empty or os.access(path, os.R_OK | os.W_OK)):
        raise Unavailable(f"the database {path} may not be written: give this user the rights to it and to its folder")
    if not is_empty and not _begins_as_sqlite(path):
        raise DamagedDatabaseError(f"{path} is no SQLite database, or it is damaged: restore the latest backup")


def _begins_as_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\x00"


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
