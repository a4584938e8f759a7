"""The command's entry: groups, and one clear sentence for everything that can be wrong."""

from __future__ import annotations

import sys
from importlib.metadata import version
from io import TextIOWrapper

import click

from handlers import logs
from handlers.cli.lazy import LazyGroup
from handlers.refusal import StartError
from intents.error import PhraseFileError
from storage.error import StorageError

COMMANDS = {
    "audience": "audience:audience",
    "channels": "channel:channels",
    "classify": "recognise:classify",
    "contacts": "contact:contacts",
    "database": "database:database",
    "deadletters": "deadletter:deadletters",
    "demo": "serve:demo",
    "desk": "desk:desk",
    "ledger": "ledger:ledger",
    "rehearse": "rehearse:rehearse",
    "serve": "serve:serve",
    "token": "token:token",
}
"""Each command's module in `handlers.cli` and its name there; loaded when it is called, so that `classify` starts at once."""
WRONG = 2


@click.group(
    cls=LazyGroup,
    modules=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Begin with `quietline demo`: two phones in your browser, no credentials needed.",
)
@click.version_option(version("quietline"), prog_name="quietline")
def cli() -> None:
    """Unsubscribe and complaint conversations for Viber bots and WeChat official accounts.

    Run it (serve, demo), ask it (classify, rehearse, audience check), look after it (channels, contacts, ledger,
    deadletters, token, database). Every command that touches data takes --config FILE.
    """


def main() -> None:
    """Run the command line. Exit status 0 = done, 1 = the answer is no, 2 = it could not be done (a sentence says
    why).
    """
    logs.configure()
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        cli(standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(WRONG)
    except (StartError, StorageError) as error:
        click.echo(f"quietline: {error}", err=True)
        sys.exit(WRONG)
    except PhraseFileError as error:
        more = f" (and {len(error.problems) - 1} more)" if error.problems[1:] else ""
        click.echo(f"quietline: the phrase files cannot be used: {error.problems[0]}{more}", err=True)
        sys.exit(WRONG)


if __name__ == "__main__":
    main()
