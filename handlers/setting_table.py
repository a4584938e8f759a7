"""One table of the settings file, read strictly: every mistake is told with the setting's name and what would be
right.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from handlers.refusal import StartError
from locales.language import LANGUAGES, normalise_tag

_HOURS = re.compile(r"\s*([0-9]{2}:[0-9]{2})\s*-\s*([0-9]{2}:[0-9]{2})\s*")


class SettingsError(StartError):
    """A setting is wrong. The message names it and says what would be right."""


class Secret(str):
    """A value that never shows itself."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret(***)"


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the document and its dotted name, for messages that say where."""

    name: str
    values: dict[str, Any]
    folder: Path
    environ: Mapping[str, str]

    def where(self, key: str) -> str:
        """The setting's dotted name."""
        return f"{self.name}.{key}" if self.name else key

    def known(self, *keys: str) -> None:
        """Refuse settings that do not exist."""
        for key in self.values:
            if key not in keys:
                near = difflib.get_close_matches(key, keys, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(keys)}"
                raise SettingsError(f"{self.where(key)}: there is no such setting; {hint}")

    def table(self, key: str, *keys: str) -> Table:
        """A section of this table."""
        values = self.values.get(key, {})
        if not isinstance(values, dict):
            raise SettingsError(f"{self.where(key)}: must be a section, written [{key}]")
        table = Table(self.where(key), values, self.folder, self.environ)
        table.known(*keys)
        return table

    def rows(self, key: str) -> list[Any]:
        """The sections of a list."""
        rows = self.values.get(key, [])
        if not isinstance(rows, list):
            raise SettingsError(f"{self.where(key)}: write one [[{key}]] section for each")
        return rows

    def item(self, key: str, index: int, row: Any) -> Table:
        """One section of a list."""
        if not isinstance(row, dict):
            raise SettingsError(f"{self.where(key)}: write one [[{key}]] section for each")
        label = row.get("name") if isinstance(row.get("name"), str) else index + 1
        return Table(f"{key}[{label}]", row, self.folder, self.environ)

    def _typed(self, key: str, kind: type, default: Any, say: str) -> Any:
        value = self.values.get(key, default)
        if value is None:
            raise SettingsError(f"{self.where(key)}: is missing; it must be {say}")
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise SettingsError(f"{self.where(key)}: must be {say}, not {value!r}")
        return value

    def text(self, key: str, default: str | None) -> str:
        """A text."""
        value: str = self._typed(key, str, default, "a text")
        if key in self.values and not value.strip():
            raise SettingsError(f"{self.where(key)}: must not be empty")
        if not value.isprintable():
            raise SettingsError(f"{self.where(key)}: must be printable, in one line; it holds {value!r}")
        return value

    def texts(self, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """A list of texts."""
        values = self._typed(key, list, list(default), "a list of texts")
        if not all(isinstance(one, str) for one in values):
            raise SettingsError(f"{self.where(key)}: must be a list of texts")
        return tuple(values)

    def flag(self, key: str, default: bool) -> bool:
        """true or false."""
        value: bool = self._typed(key, bool, default, "true or false")
        return value

    def number(self, key: str, default: int, low: int, high: int) -> int:
        """A whole number within bounds."""
        value: int = self._typed(key, int, default, f"a whole number from {low} to {high}")
        if not low <= value <= high:
            raise SettingsError(f"{self.where(key)}: must be from {low} to {high}, not {value}")
        return value

    def one_of(self, key: str, allowed: tuple[str, ...], default: str | None) -> str:
        """One of the allowed texts."""
        value = self._typed(key, str, default, f"one of {', '.join(map(str, allowed))}")
        if value not in allowed:
            raise SettingsError(f"{self.where(key)}: must be one of {', '.join(map(str, allowed))}, not {value!r}")
        return str(value)

    def address(self, key: str) -> str | None:
        """One IP address, None where it is left out."""
        if key not in self.values:
            return None
        value = self.text(key, None)
        try:
            return str(ipaddress.ip_address(value))
        except ValueError:
            raise SettingsError(f"{self.where(key)}: must be one IP address such as 10.0.0.1, not {value!r}") from None

    def url(self, key: str, default: str | None) -> str | None:
        """An http(s) address, None where it is left out."""
        if key not in self.values:
            return default
        value = self.text(key, None)
        if not _is_address(value):
            raise SettingsError(
                f"{self.where(key)}: must be an address such as https://chat.example.com, not {value!r}"
            )
        return value

    def path(self, key: str) -> Path | None:
        """A path relative to the settings file, None where it is left out."""
        return (self.folder / self.text(key, None)).resolve() if key in self.values else None

    def language(self, key: str, default: str) -> str:
        """One of our language tags."""
        value = self.text(key, default)
        tag = normalise_tag(value)
        if tag is None:
            raise SettingsError(f"{self.where(key)}: must be one of {', '.join(LANGUAGES)}, not {value!r}")
        return tag

    def zone(self, key: str, default: str) -> str:
        """A time zone's name."""
        value = self.text(key, default)
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise SettingsError(
                f"{self.where(key)}: {value!r} is no time zone; write one such as Asia/Shanghai"
            ) from None
        return value

    def span(self, key: str, value: str) -> tuple[time, time]:
        """Two times of day, written 09:00-18:00."""
        written = _HOURS.fullmatch(value)
        try:
            start, end = map(time.fromisoformat, written.groups() if written else ())
        except ValueError:
            raise SettingsError(f"{self.where(key)}: must be hours such as 09:00-18:00, not {value!r}") from None
        if start == end:
            raise SettingsError(f"{self.where(key)}: begins and ends at the same time")
        return start, end

    def required_secret(self, key: str) -> Secret:
        """A secret that must be there."""
        if key not in self.values:
            raise SettingsError(f'{self.where(key)}: is missing; write {key} = "env:NAME" or "file:PATH"')
        return self.secret(key)

    def secret(self, key: str) -> Secret:
        """A secret by reference. A literal is refused: settings files end up in repositories and tickets."""
        reference = self.values.get(key)
        if not isinstance(reference, str) or not reference.isprintable():  # it may be the secret itself: not shown
            reference = ""
        scheme, _, rest = reference.partition(":")
        if scheme == "env" and rest:
            value = self.environ.get(rest, "")
            source = f"the environment variable {rest}"
        elif scheme == "file" and rest:
            value, source = self._file(key, rest)
        else:
            raise SettingsError(
                f'{self.where(key)}: a secret never stands in the file; write "env:NAME" or "file:PATH"'
            )
        if not value.strip():
            raise SettingsError(f"{self.where(key)}: {source} is empty or not set")
        return Secret(value.strip())

    def _file(self, key: str, path: str) -> tuple[str, str]:
        try:
            return (self.folder / path).read_text(encoding="utf-8"), f"the file {path}"
        except OSError as error:
            raise SettingsError(f"{self.where(key)}: the file {path} cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise SettingsError(f"{self.where(key)}: the file {path} is no text in UTF-8") from None

    def aes_key(self, key: str) -> Secret | None:
        """WeChat's EncodingAESKey: 43 letters and digits."""
        value = self.required_secret(key)
        if len(value) != 43 or not value.isascii() or not value.isalnum():
            raise SettingsError(
                f"{self.where(key)}: an EncodingAESKey has 43 letters and digits, this has {len(value)} characters"
            )
        return value


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        has_port = parts.port != 0
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and has_port and not parts.query + parts.fragment
