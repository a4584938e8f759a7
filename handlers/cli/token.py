"""`quietline token`: keys of the HTTP API."""

from __future__ import annotations

from pathlib import Path

import click

from handlers.cli.option import chosen_account, config_option, opened_house
from storage import token as tokens
from storage.moment import from_ms, to_ms
from storage.store import Sql

MAX_NAME = 64


@click.group()
def token() -> None:
    """API tokens: create, list, revoke. A token is shown once; only its hash is kept."""


@token.command()
@config_option
@click.option("--name", required=True, help="What it is for; shown in lists and in the ledger as the actor.")
@click.option("--scopes", required=True, help=f"Comma-separated, of: {', '.join(tokens.SCOPES)}.")
@click.option("--account", "account_name", help="Only for this account (default: every account).")
def create(config: Path, name: str, scopes: str, account_name: str | None) -> None:
    """Create a token and print it once.

    check: ask the gate, claim sends, read preferences. write: change preferences. export: read the ledger.

    \b
    Examples:
      quietline token create --scopes check,write --name crm
      quietline token create --scopes check --name shop --account acme-viber
    """
    if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise click.UsageError(f"--name: must be 1 to {MAX_NAME} printable characters")
    wanted = tuple(dict.fromkeys(scope.strip() for scope in scopes.split(",") if scope.strip()))
    wrong = [scope for scope in wanted if scope not in tokens.SCOPES]
    if wrong or not wanted:
        raise click.UsageError(f"--scopes: {', '.join(wrong) or 'nothing'} is no scope; use {', '.join(tokens.SCOPES)}")
    with opened_house(config) as house:
        if account_name:
            chosen_account(house.settings, account_name)
        now = to_ms(house.clock())
        click.echo(house.store.write(lambda tx: tokens.create(tx, name, wanted, account_name, now)))


@token.command("list")
@config_option
def list_tokens(config: Path) -> None:
    """List the tokens: name, scopes, account, last use (UTC). Never the token itself.

    \b
    Example:
      quietline token list
    """
    with opened_house(config) as house:
        rows = house.store.read(
            lambda tx: tx.all(Sql("SELECT name, scopes, account, last_used_at, revoked_at FROM api_token ORDER BY id"))
        )
    for name, scopes, account, used, revoked in rows:
        last = f"last used {from_ms(used):%Y-%m-%d %H:%M}" if used else "never used"
        click.echo(f"{name}\t{scopes}\t{account or 'all accounts'}\t{'revoked' if revoked else last}")


@token.command()
@config_option
@click.option("--name", required=True, help="The token's name.")
def revoke(config: Path, name: str) -> None:
    """Revoke every token of that name, at once.

    \b
    Example:
      quietline token revoke --name crm
    """
    with opened_house(config) as house:
        now = to_ms(house.clock())
        count = house.store.write(lambda tx: tokens.revoke(tx, name, now))
    if not count:
        raise click.ClickException(f"there is no token {name!r} that could be revoked: see `quietline token list`")
    click.echo(f"{count} revoked")
