"""A group of commands that loads each one's module only when it is called: the whole house takes a second to import."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """`modules`: command -> "module:name" in `handlers.cli`."""

    def __init__(self, *arguments: Any, modules: dict[str, str] | None = None, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._modules = modules or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, loaded or not."""
        return sorted({*super().list_commands(ctx), *self._modules})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, loaded now if it was not."""
        if cmd_name not in self._modules:
            return super().get_command(ctx, cmd_name)
        module, _, name = self._modules[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"handlers.cli.{module}"), name)
        return command
