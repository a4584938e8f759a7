"""What the bot says: one catalogue of texts per language, `<tag>.toml` beside this file.

A text may hold placeholders such as `{brand}`, only those of `PLACEHOLDERS`. They are replaced exactly and once: braces inside a value stay
as they are, and no format language is understood (a marketer's or a contact's braces can do nothing).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from locales.language import LANGUAGES

FALLBACK = "en"
"""The language for everyone whose own we do not speak."""

PLACEHOLDERS = frozenset(
    {
        "brand",
        "number",
        "hours",
        "solution_hours",
        "date",
        "moment",
        "days",
        "weeks",
        "topic",
        "topics",
        "kept",
        "status",
        "settings",
        "frequency",
    }
    | {"day", "month", "year", "weekday", "time"}
)
"""Every name that a text may hold in braces."""

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


class UnknownTextError(LookupError):
    """A key that no catalogue has: a defect of ours."""


def say(language: str, key: str, **values: str) -> str:
    """The text of `key` (`section.name`) in `language` (English where we do not speak it), with `values` in their places.

    Raises `UnknownTextError` for a key that is not there. A placeholder without a value stays visible, so that tests find it.
    """
    texts = catalogue(language)
    if key not in texts:
        raise UnknownTextError(key)
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), texts[key])


def has(key: str) -> bool:
    """Whether there is such a text."""
    return key in catalogue(FALLBACK)


@cache
def words(language: str, key: str) -> tuple[str, ...]:
    """A list of words kept as `one|two|three`; none if there is no such key."""
    listed = catalogue(language).get(key, "")
    return tuple(word.strip() for word in listed.split("|") if word.strip())


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """All texts of one language by key. Loaded once."""
    tag = language if language in LANGUAGES else FALLBACK
    source = resources.files("locales").joinpath(f"{tag}.toml").read_text(encoding="utf-8")
    return {
        f"{section}.{name}": text for section, texts in tomllib.loads(source).items() for name, text in texts.items()
    }


def placeholders(text: str) -> frozenset[str]:
    """The names in braces that a text holds."""
    return frozenset(_PLACEHOLDER.findall(text))
