"""`quietline channels`: does each account work, and registering its webhook."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from handlers.cli.option import config_option, opened_house
from handlers.deps import House
from handlers.settings import Account


@click.group()
def channels() -> None:
    """The accounts on Viber and WeChat."""


@channels.command()
@config_option
@click.option("--account", "account_name", help="Only this account (default: all).")
def check(config: Path, account_name: str | None) -> None:
    """Ask each platform: is the token valid, is the webhook registered, which rights are missing?

    Exit status 1 when something is not as it should be.

    \b
    Examples:
      quietline channels check
      quietline channels check --account acme-viber
    """
    with opened_house(config) as house:
        is_fine = [_report(house, account, connect=False) for account in _accounts(house, account_name)]
    if not all(is_fine):
        sys.exit(1)


@channels.command()
@config_option
@click.option("--account", "account_name", help="Only this account (default: all).")
def connect(config: Path, account_name: str | None) -> None:
    """Register the webhook (Viber), or say what to enter in the platform's console (WeChat).

    The service must be running and reachable at [server] public_url: Viber calls it while this command waits.

    \b
    Example:
      quietline channels connect --account acme-viber
    """
    with opened_house(config) as house:
        if not house.settings.server.public_url:
            raise click.UsageError(
                'server.public_url: is missing; set where the platforms reach you, such as "https://chat.example.com"'
            )
        is_fine = [_report(house, account, connect=True) for account in _accounts(house, account_name)]
    if not all(is_fine):
        sys.exit(1)


def _accounts(house: House, name: str | None) -> list[Account]:
    found = [one for one in house.settings.accounts if name in (None, one.name)]
    if not found:
        names = ", ".join(one.name for one in house.settings.accounts)
        raise click.UsageError(f"--account: there is no account {name!r}; there are {names}")
    return found


def _report(house: House, account: Account, *, connect: bool) -> bool:
    public_url = house.settings.server.public_url
    url = f"{public_url}/webhooks/{account.channel}/{account.name}" if public_url else None
    client = house.clients[account.name]
    results = client.connect(url) if connect and url else client.check(url)
    for one in results:
        click.echo(f"{account.name}\t{'ok ' if one.is_ok else 'BAD'}\t{one.name}\t{one.detail}")
    return all(one.is_ok for one in results)
