"""The phrase files that come with Quietline."""

from __future__ import annotations

from functools import cache

from intents.recogniser import Recogniser


@cache
def builtin_recogniser() -> Recogniser:
    """A recogniser over the shipped phrase files of English and Chinese."""
    return Recogniser()
