"""Settings: one TOML file plus environment. A wrong setting stops the start with its name and what would be right."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bot.domain.channel import Channel
from bot.domain.facts import Topic
from bot.domain.permit import QuietHours, SendPolicy
from locales.language import LANGUAGES, normalise_tag


class SettingsError(Exception):
    """A setting is wrong. The message names it and says what would be right."""


class Secret(str):
    """A value that never shows itself."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret(***)"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """`[server]`. `public_url` is where the platforms reach us, without a path."""

    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str | None = None
    threads: int = 8
    trusted_proxy: str | None = None


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """`[database]`. `journal_mode` is SQLite's; the safe default is explained in docs/decisions."""

    url: str
    journal_mode: str = "truncate"


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """`[agents]`: when somebody can take a chat. `days` are 0 (Monday) to 6."""

    zone: str = "UTC"
    start: time = time(9)
    end: time = time(18)
    days: frozenset[int] = frozenset({0, 1, 2, 3, 4})
    always: bool = True
    first_response_hours: int = 4
    solution_hours: int = 24
    handover_wait_minutes: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """`[[accounts]]`, what both channels share."""

    name: str
    channel: Channel
    api_url: str
    brand: str
    default_language: str = "en"
    topics: tuple[Topic, ...] = (
        Topic("marketing", (("en", "offers and news"), ("zh-Hans", "优惠与资讯"), ("zh-Hant", "優惠與資訊"))),
    )
    unknown_contacts: str = "deny"
    follow_is_opt_in: bool = True
    quiet_hours: QuietHours | None = None

    @property
    def policy(self) -> SendPolicy:
        """What the gate obeys for this account."""
        return SendPolicy(
            frozenset(topic.id for topic in self.topics), self.unknown_contacts == "allow", self.quiet_hours
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ViberAccount(Account):
    """A Viber bot."""

    auth_token: Secret
    sender_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WeChatAccount(Account):
    """A WeChat official account, or a mini program (`kind`). `allow_plain` accepts callbacks that are not encrypted: only for tests."""

    app_id: str
    app_secret: Secret
    token: Secret
    encoding_aes_key: Secret
    previous_encoding_aes_key: Secret | None = None
    allow_plain: bool = False
    kind: str = "official_account"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the service was told. `keys_dir` holds the generated keys (mode 0600)."""

    accounts: tuple[Account, ...]
    database: DatabaseSettings
    keys_dir: Path
    server: ServerSettings = ServerSettings()
    agents: WorkingHours = WorkingHours()
    phrases_dir: Path | None = None
    source: Path | None = field(default=None, compare=False)

    def account(self, name: str) -> Account | None:
        """The account of that name, or None."""
        return next((one for one in self.accounts if one.name == name), None)


VIBER_API = "https://chatapi.viber.com/pa"
WECHAT_API = "https://api.weixin.qq.com"
KINDS = ("official_account", "mini_program")
JOURNAL_MODES = ("truncate", "wal")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def load(path: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check a settings file. Raises `SettingsError` with one clear sentence."""
    environ = os.environ if environ is None else environ
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(
            f"there is no settings file {path}: write one (README, 'Settings'), or try `quietline demo`, which needs none"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"the settings file {path} cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"the settings file {path} is no valid TOML: {error}") from None
    return parse(document, path.parent, environ, path)


def parse(document: dict[str, Any], folder: Path, environ: Mapping[str, str], source: Path | None = None) -> Settings:
    """Check a settings document. Relative paths are relative to `folder`."""
    top = _Table("", document, folder, environ)
    top.known("accounts", "server", "database", "keys", "phrases", "agents")
    accounts = tuple(_account(top.item("accounts", index, row)) for index, row in enumerate(top.rows("accounts")))
    if not accounts:
        raise SettingsError(
            "accounts: there is none; add an [[accounts]] section with name and channel (README, 'Settings')"
        )
    names = [one.name for one in accounts]
    if doubled := next((name for name in names if names.count(name) > 1), None):
        raise SettingsError(f"accounts: the name {doubled!r} stands twice; give each account its own")
    keys, phrases = top.table("keys", "dir"), top.table("phrases", "dir")
    return Settings(
        accounts=accounts,
        database=_database(top.table("database", "url", "journal_mode")),
        keys_dir=keys.path("dir") or folder / "keys",
        server=_server(top.table("server", "host", "port", "public_url", "threads", "trusted_proxy")),
        agents=_agents(
            top.table(
                "agents", "timezone", "hours", "days", "first_response_hours", "solution_hours", "handover_wait_minutes"
            )
        ),
        phrases_dir=phrases.path("dir"),
        source=source,
    )


def _database(table: _Table) -> DatabaseSettings:
    default = f"sqlite:///{(table.folder / 'quietline.sqlite3').resolve()}"
    url = table.text("url", default)
    if url.startswith(("env:", "file:")):
        url = table.secret("url") or default
    if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise SettingsError(
            "database.url: must begin with sqlite:/// or postgresql:// (a URL with a password goes in as env:NAME)"
        )
    return DatabaseSettings(url, table.one_of("journal_mode", JOURNAL_MODES, "truncate"))


def _server(table: _Table) -> ServerSettings:
    public_url = table.url("public_url", None)
    return ServerSettings(
        host=table.text("host", "127.0.0.1"),
        port=table.number("port", 8080, 0, 65535),
        public_url=public_url.rstrip("/") if public_url else None,
        threads=table.number("threads", 8, 1, 64),
        trusted_proxy=table.text("trusted_proxy", "") or None,
    )


def _agents(table: _Table) -> WorkingHours:
    zone = table.zone("timezone", "UTC")
    hours = table.text("hours", "")
    days = table.texts("days", DAYS[:5])
    if wrong := next((day for day in days if day not in DAYS), None):
        raise SettingsError(f"agents.days: {wrong!r} is no day; use {', '.join(DAYS)}")
    start, end = table.span("hours", hours) if hours else (time(9), time(18))
    return WorkingHours(
        zone=zone,
        start=start,
        end=end,
        days=frozenset(DAYS.index(day) for day in days),
        always=not hours,
        first_response_hours=table.number("first_response_hours", 4, 1, 720),
        solution_hours=table.number("solution_hours", 24, 1, 2160),
        handover_wait_minutes=table.number("handover_wait_minutes", 30, 1, 1440),
    )


SHARED_KEYS = (
    "name",
    "channel",
    "api_url",
    "brand",
    "default_language",
    "topics",
    "unknown_contacts",
    "follow_is_opt_in",
    "quiet_hours",
    "timezone",
)
VIBER_KEYS = ("auth_token", "sender_name")
WECHAT_KEYS = ("app_id", "app_secret", "token", "encoding_aes_key", "previous_encoding_aes_key", "allow_plain", "kind")


def _account(table: _Table) -> Account:
    channel = Channel(table.one_of("channel", tuple(Channel), None))
    table.known(*SHARED_KEYS, *(VIBER_KEYS if channel is Channel.VIBER else WECHAT_KEYS))
    name = table.text("name", None)
    if not name.replace("-", "").replace("_", "").isalnum() or not name.isascii():
        raise SettingsError(f"{table.name}.name: {name!r} goes into a URL; use ASCII letters, digits, - and _ only")
    shared: dict[str, Any] = {
        "name": name,
        "channel": channel,
        "api_url": (table.url("api_url", VIBER_API if channel is Channel.VIBER else WECHAT_API) or "").rstrip("/"),
        "brand": table.text("brand", name),
        "default_language": table.language("default_language", "en" if channel is Channel.VIBER else "zh-Hans"),
        "unknown_contacts": table.one_of("unknown_contacts", ("deny", "allow"), "deny"),
        "follow_is_opt_in": table.flag("follow_is_opt_in", True),
        "quiet_hours": _quiet_hours(table),
    }
    if "topics" in table.values:
        shared["topics"] = _topics(table)
    return _viber(table, shared) if channel is Channel.VIBER else _wechat(table, shared)


def _viber(table: _Table, shared: dict[str, Any]) -> ViberAccount:
    sender = table.text("sender_name", str(shared["brand"])[:28])
    if not 1 <= len(sender) <= 28:
        raise SettingsError(f"{table.name}.sender_name: Viber shows 1 to 28 characters, this has {len(sender)}")
    return ViberAccount(**shared, auth_token=table.required_secret("auth_token"), sender_name=sender)


def _wechat(table: _Table, shared: dict[str, Any]) -> WeChatAccount:
    return WeChatAccount(
        **shared,
        app_id=table.text("app_id", None),
        app_secret=table.required_secret("app_secret"),
        token=table.required_secret("token"),
        encoding_aes_key=table.aes_key("encoding_aes_key") or Secret(),
        previous_encoding_aes_key=table.aes_key("previous_encoding_aes_key")
        if "previous_encoding_aes_key" in table.values
        else None,
        allow_plain=table.flag("allow_plain", False),
        kind=table.one_of("kind", KINDS, "official_account"),
    )


def _quiet_hours(table: _Table) -> QuietHours | None:
    hours = table.text("quiet_hours", "")
    if not hours:
        return None
    start, end = table.span("quiet_hours", hours)
    return QuietHours(start, end, table.zone("timezone", "UTC"))


def _topics(table: _Table) -> tuple[Topic, ...]:
    """`topics = ["marketing", "events"]`, or with names: `topics = [{ id = "events", en = "events", zh-Hans = "活动" }]`."""
    topics = []
    for row in table.values["topics"] if isinstance(table.values["topics"], list) else [None]:
        entry = {"id": row} if isinstance(row, str) else row
        if (
            not isinstance(entry, dict)
            or not isinstance(entry.get("id"), str)
            or not entry["id"].replace("_", "").replace("-", "").isalnum()
        ):
            raise SettingsError(
                f'{table.name}.topics: write ["marketing", "events"] or [{{ id = "events", en = "events" }}]'
            )
        topics.append(
            Topic(
                entry["id"], tuple((normalise_tag(tag) or tag, str(name)) for tag, name in entry.items() if tag != "id")
            )
        )
    if not topics:
        raise SettingsError(f"{table.name}.topics: name at least one topic, or leave the setting out for 'marketing'")
    return tuple(topics)


@dataclass(frozen=True, slots=True)
class _Table:
    """One table of the document and its dotted name, for messages that say where."""

    name: str
    values: dict[str, Any]
    folder: Path
    environ: Mapping[str, str]

    def where(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def known(self, *keys: str) -> None:
        for key in self.values:
            if key not in keys:
                near = difflib.get_close_matches(key, keys, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(keys)}"
                raise SettingsError(f"{self.where(key)}: there is no such setting; {hint}")

    def table(self, key: str, *keys: str) -> _Table:
        values = self.values.get(key, {})
        if not isinstance(values, dict):
            raise SettingsError(f"{self.where(key)}: must be a section, written [{key}]")
        table = _Table(self.where(key), values, self.folder, self.environ)
        table.known(*keys)
        return table

    def rows(self, key: str) -> list[Any]:
        rows = self.values.get(key, [])
        if not isinstance(rows, list):
            raise SettingsError(f"{self.where(key)}: write one [[{key}]] section for each")
        return rows

    def item(self, key: str, index: int, row: Any) -> _Table:
        if not isinstance(row, dict):
            raise SettingsError(f"{self.where(key)}: write one [[{key}]] section for each")
        label = row.get("name") if isinstance(row.get("name"), str) else index + 1
        return _Table(f"{key}[{label}]", row, self.folder, self.environ)

    def _typed(self, key: str, kind: type, default: Any, say: str) -> Any:
        value = self.values.get(key, default)
        if value is None:
            raise SettingsError(f"{self.where(key)}: is missing; it must be {say}")
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise SettingsError(f"{self.where(key)}: must be {say}, not {value!r}")
        return value

    def text(self, key: str, default: str | None) -> str:
        value: str = self._typed(key, str, default, "a text")
        if key in self.values and not value.strip():
            raise SettingsError(f"{self.where(key)}: must not be empty")
        return value

    def texts(self, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        values = self._typed(key, list, list(default), "a list of texts")
        if not all(isinstance(one, str) for one in values):
            raise SettingsError(f"{self.where(key)}: must be a list of texts")
        return tuple(values)

    def flag(self, key: str, default: bool) -> bool:
        value: bool = self._typed(key, bool, default, "true or false")
        return value

    def number(self, key: str, default: int, low: int, high: int) -> int:
        value: int = self._typed(key, int, default, f"a whole number from {low} to {high}")
        if not low <= value <= high:
            raise SettingsError(f"{self.where(key)}: must be from {low} to {high}, not {value}")
        return value

    def one_of(self, key: str, allowed: tuple[str, ...], default: str | None) -> str:
        value = self.text(key, default)
        if value not in allowed:
            raise SettingsError(f"{self.where(key)}: must be one of {', '.join(map(str, allowed))}, not {value!r}")
        return value

    def url(self, key: str, default: str | None) -> str | None:
        if key not in self.values:
            return default
        value = self.text(key, None)
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
            raise SettingsError(
                f"{self.where(key)}: must be an address such as https://chat.example.com, not {value!r}"
            )
        return value

    def path(self, key: str) -> Path | None:
        return (self.folder / self.text(key, None)).resolve() if key in self.values else None

    def language(self, key: str, default: str) -> str:
        value = self.text(key, default)
        tag = normalise_tag(value)
        if tag is None:
            raise SettingsError(f"{self.where(key)}: must be one of {', '.join(LANGUAGES)}, not {value!r}")
        return tag

    def zone(self, key: str, default: str) -> str:
        value = self.text(key, default)
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise SettingsError(
                f"{self.where(key)}: {value!r} is no time zone; write one such as Asia/Shanghai"
            ) from None
        return value

    def span(self, key: str, value: str) -> tuple[time, time]:
        try:
            start, end = (time.fromisoformat(part.strip()) for part in value.split("-"))
        except ValueError:
            raise SettingsError(f"{self.where(key)}: must be hours such as 09:00-18:00, not {value!r}") from None
        if start == end:
            raise SettingsError(f"{self.where(key)}: begins and ends at the same time")
        return start, end

    def required_secret(self, key: str) -> Secret:
        if key not in self.values:
            raise SettingsError(f'{self.where(key)}: is missing; write {key} = "env:NAME" or "file:PATH"')
        return self.secret(key)

    def secret(self, key: str) -> Secret:
        """A secret by reference. A literal is refused: settings files end up in repositories and tickets."""
        reference = self.text(key, None)
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
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{self.where(key)}: the file {path} cannot be read: {error}") from None

    def aes_key(self, key: str) -> Secret | None:
        value = self.required_secret(key)
        if len(value) != 43 or not value.isascii() or not value.isalnum():
            raise SettingsError(
                f"{self.where(key)}: an EncodingAESKey has 43 letters and digits, this has {len(value)} characters"
            )
        return value
