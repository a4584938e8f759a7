"""`quietline deadletters`: messages that could not be sent, events that could not be processed."""

from __future__ import annotations

from pathlib import Path

import click

from handlers.cli.option import config_option, opened_house
from handlers.services.turn import REPLY_LIVES
from storage import inbox, outbox
from storage.moment import from_ms, to_ms


@click.group()
def deadletters() -> None:
    """What was given up: see why, and try again. The gate is asked again before anything goes out."""


@deadletters.command("list")
@config_option
@click.option(
    "--count", default=50, show_default=True, type=click.IntRange(1, 10_000), help="How many at most, newest first."
)
def list_dead(config: Path, count: int) -> None:
    """List what will not be tried again by itself: messages of ours with id, time (UTC), account, purpose, tries and why;
    then incoming events that could not be processed.

    \b
    Example:
      quietline deadletters list --count 20
    """
    with opened_house(config) as house:
        rows, events = house.store.read(lambda tx: (outbox.dead_letters(tx, count), inbox.dead_events(tx, count)))
    for row in rows:
        when = from_ms(row["created_at"])
        click.echo(
            f"{row['id']}\t{when:%Y-%m-%d %H:%M}\t{row['account']}\t{row['purpose']}\t{row['attempts']} tries\t{row['detail']}"
        )
    for event in events:
        when = from_ms(event["received_at"])
        problem = f"{event['attempts']} tries\t{event['problem']}"
        click.echo(f"event {event['id']}\t{when:%Y-%m-%d %H:%M}\t{event['account']}\tincoming\t{problem}")
    if not rows and not events:
        click.echo("none")


@deadletters.command()
@config_option
@click.option("--id", "row_id", type=click.IntRange(1), help="Only this message (default: all).")
def replay(config: Path, row_id: int | None) -> None:
    """Queue dead messages (and dead incoming events) again.

    \b
    Examples:
      quietline deadletters replay --id 42
      quietline deadletters replay
    """
    with opened_house(config) as house:
        now = house.clock()
        times = to_ms(now), to_ms(now + REPLY_LIVES)
        messages = house.store.write(lambda tx: outbox.replay_dead(tx, row_id, *times))
        events = 0 if row_id is not None else house.store.write(lambda tx: inbox.replay_dead(tx, times[0]))
    if row_id is not None and not messages:
        raise click.ClickException(
            f"there is no dead message {row_id} whose words are still kept: see `quietline deadletters list`"
        )
    click.echo(f"{_count(messages, 'message')} and {_count(events, 'event')} queued again")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
