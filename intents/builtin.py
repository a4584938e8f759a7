"""The phrase files that come with Quietline."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from intents.phrasefile import Source
from intents.recogniser import Recogniser


def builtin_sources() -> tuple[Source, ...]:
    """The shipped files, named as people see them: "en/opt_out.phrases"."""
    folder = files("intents").joinpath("phrases")
    return tuple(
        Source(f"{language.name}/{file.name}", file.read_text(encoding="utf-8"))
        for language in sorted(folder.iterdir(), key=lambda one: one.name)
        if language.is_dir()
        for file in sorted(language.iterdir(), key=lambda one: one.name)
        if file.name.endswith(".phrases")
    )


@cache
def builtin_recogniser() -> Recogniser:
    """A recogniser over the shipped phrase files of English and Chinese."""
    return Recogniser.of(builtin_sources())
