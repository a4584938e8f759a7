"""The operator's handbook is complete: every setting, every command with its options, every metric; and nothing that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from handlers import settings as settings_module
from handlers.cli.main import cli
from handlers.setting_table import SettingsError
from storage import depth

HANDBOOK = (Path(__file__).parents[2] / "docs" / "operators.md").read_text(encoding="utf-8")
ACCOUNT_KEYS = {*settings_module.SHARED_KEYS, *settings_module.VIBER_KEYS, *settings_module.WECHAT_KEYS}


def known_to(section: str) -> set[str]:
    """The keys of a section, as the program names them when it meets one that it does not know."""
    document = {"accounts": [{"name": "a", "channel": "viber", "auth_token": "env:T"}], section: {"?": 1}}
    with pytest.raises(SettingsError) as refused:
        settings_module.parse(document, Path(), {"T": "t"})
    return set(str(refused.value).rpartition("known are ")[2].split(", "))


def sections() -> set[str]:
    """The names of the sections, the same way."""
    with pytest.raises(SettingsError) as refused:
        settings_module.parse({"?": 1}, Path(), {})
    return set(str(refused.value).rpartition("known are ")[2].split(", "))


def chapter(title: str) -> str:
    """The handbook from a heading to the next one of its rank or above."""
    rank, _, _ = title.partition(" ")
    start = HANDBOOK.index(f"{title}\n")
    end = re.search(rf"^#{{1,{len(rank)}}} ", HANDBOOK[start + len(title) :], re.MULTILINE)
    return HANDBOOK[start : start + len(title) + end.start()] if end else HANDBOOK[start:]


def rows(text: str) -> set[str]:
    """What the first cells of the tables name."""
    return {found[1] for found in re.finditer(r"^\| `([^`]+)`", text, re.MULTILINE)}


def commands(group: click.Group, path: str = "quietline") -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with its full name."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


COMMANDS = dict(commands(cli))


@pytest.mark.parametrize("section", ["server", "database", "agents"])
def test_every_setting_of_a_section_is_in_the_handbook_and_no_other(section: str) -> None:
    assert rows(chapter(f"### `[{section}]`")) == known_to(section)


def test_every_setting_of_an_account_is_in_the_handbook_and_no_other() -> None:
    assert rows(chapter("### `[[accounts]]`")) == ACCOUNT_KEYS


def test_folders_are_in_the_handbook() -> None:
    named = {f"{section}.{key}" for section in ("keys", "phrases") for key in known_to(section)}
    assert rows(chapter("### `[keys]` and `[phrases]`")) == named


def test_every_section_is_in_the_handbook() -> None:
    assert sections() == set(re.findall(r"`\[+(\w+)\]+`", "\n".join(re.findall(r"^### .*$", HANDBOOK, re.MULTILINE))))


def test_every_command_is_in_the_handbook_and_no_other() -> None:
    assert rows(chapter("## Commands")) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_in_the_handbook_with_its_options(name: str) -> None:
    row = next(line for line in HANDBOOK.splitlines() if line.startswith(f"| `{name}` "))
    options = [option for option in COMMANDS[name].params if isinstance(option, click.Option)]
    wanted = {spelling for option in options for spelling in (*option.opts, *option.secondary_opts)}
    assert set(re.findall(r"`(--[a-z-]+)`", row.split("|")[2])) == wanted


@pytest.mark.parametrize("name", COMMANDS)
def test_help_teaches_with_an_example_and_says_what_each_option_is(name: str) -> None:
    command = COMMANDS[name]
    shown = command.get_help(click.Context(command, info_name=name, max_content_width=200))
    assert re.search(r"\n  Examples?:\n    .*quietline ", shown), shown
    assert [one.name for one in command.params if isinstance(one, click.Option) and not one.help] == []


def test_every_command_that_touches_data_takes_the_settings_file() -> None:
    without = {name for name, command in COMMANDS.items() if "config" not in [one.name for one in command.params]}
    assert without == {"quietline demo", "quietline classify", "quietline rehearse"}


def test_every_queue_that_is_measured_is_in_the_handbook() -> None:
    queues = set(re.findall(r'queue="(\w+)"', chapter("## Watch")))
    assert queues == set(depth._QUEUES)


def test_the_names_of_the_handbook_lead_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+)", HANDBOOK)
    assert targets
    assert [one for one in targets if not (Path(__file__).parents[2] / "docs" / one).exists()] == []
