"""`quietline desk`: flagged chats on the terminal, until the web console is there."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from pathlib import Path

import click

from handlers.cli.option import config_option, opened_house
from handlers.deps import House
from handlers.services import desk as desk_service
from storage.moment import from_ms
from storage.store import Sql

agent_option = click.option(
    "--agent", default=getpass.getuser, show_default="your user name", help="Who you are; the ledger says so."
)


@click.group()
def desk() -> None:
    """Chats that want a person: see who waits, read, take over, write, hand back."""


@desk.command("list")
@config_option
def list_waiting(config: Path) -> None:
    """List flagged chats, the longest wait first: since (UTC), account, why, who holds it, the chat's id.

    \b
    Example:
      quietline desk list
    """
    with opened_house(config) as house:
        rows = desk_service.waiting(house)
    for row in rows:
        since = from_ms(row["raised_at"])
        click.echo(
            f"{since:%Y-%m-%d %H:%M}\t{row['account']}\t{row['reason']}\t{row['agent'] or 'nobody'}\t{row['chat'][:12]}"
        )
    if not rows:
        click.echo("nobody is waiting")


@desk.command()
@config_option
@click.argument("chat")
def show(config: Path, chat: str) -> None:
    """Show a chat's last lines. CHAT is its id from `quietline desk list`.

    \b
    Example:
      quietline desk show 3f9c0a1b2d4e
    """
    with opened_house(config) as house:
        for line in desk_service.lines(house, _pid(house, chat)):
            status = f" ({line.status})" if line.status else ""
            click.echo(f"{from_ms(line.at):%m-%d %H:%M} {line.author:>8}  {_visible(line.text)}{status}")


@desk.command()
@config_option
@agent_option
@click.argument("chat")
def take(config: Path, agent: str, chat: str) -> None:
    """Take a chat over: the bot is silent, STOP and START still work.

    \b
    Example:
      quietline desk take 3f9c0a1b2d4e --agent mai
    """
    with opened_house(config) as house:
        _do(lambda: desk_service.take_over(house, _pid(house, chat), agent))
    click.echo("it is yours; write with `quietline desk say`, end with `quietline desk back`")


@desk.command()
@config_option
@agent_option
@click.argument("chat")
@click.argument("text")
def say(config: Path, agent: str, chat: str, text: str) -> None:
    """Write to the contact. The running service sends it, if the platform's window lets it through.

    \b
    Example:
      quietline desk say 3f9c0a1b2d4e "Your refund is on its way."
    """
    with opened_house(config) as house:
        _do(lambda: desk_service.reply(house, _pid(house, chat), agent, text))
    click.echo("queued")


@desk.command()
@config_option
@agent_option
@click.argument("chat")
def back(config: Path, agent: str, chat: str) -> None:
    """Hand a chat back to the bot.

    \b
    Example:
      quietline desk back 3f9c0a1b2d4e
    """
    with opened_house(config) as house:
        _do(lambda: desk_service.hand_back(house, _pid(house, chat), agent))
    click.echo("the bot answers again")


def _do(work: Callable[[], object]) -> None:
    try:
        work()
    except (desk_service.ChatHeldError, desk_service.ChatUnknownError) as error:
        raise click.ClickException(str(error)) from None


def _pid(house: House, chat: str) -> str:
    """The whole id of a chat from its first characters."""
    sql = Sql("SELECT pid FROM subject WHERE pid >= :low AND pid < :high LIMIT 2")
    rows = house.store.read(lambda tx: tx.all(sql, low=chat, high=chat + "g")) if chat else []
    if len(rows) != 1:
        raise click.UsageError(
            f"CHAT: {chat!r} names {'no chat' if not rows else 'several chats'}; copy it from `quietline desk list`"
        )
    pid: str = rows[0][0]
    return pid


def _visible(text: str) -> str:
    """The text without what could steer a terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
