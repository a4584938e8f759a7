"""Settings: one TOML file plus environment. A wrong setting stops the start with its name and what would be right."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.domain.channel import Channel
from bot.domain.facts import Topic
from bot.domain.permit import QuietHours, SendPolicy
from handlers.setting_table import Secret, SettingsError, Table
from locales.language import LANGUAGES, normalise_tag


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
    """A WeChat official account, or a mini program (`kind`). `allow_plain` accepts callbacks that are not encrypted:
    only for tests.
    """

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
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise SettingsError(
            f"there is no settings file {path}: write one (docs/operators.md, 'Settings'), or try `quietline demo`, which needs none"
        ) from None
    except OSError as error:
        raise SettingsError(f"the settings file {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"the settings file {path} is not UTF-8 (byte {error.start}): save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"the settings file {path} is no valid TOML: {error}") from None
    return parse(document, path.parent, environ, path)


def parse(document: dict[str, Any], folder: Path, environ: Mapping[str, str], source: Path | None = None) -> Settings:
    """Check a settings document. Relative paths are relative to `folder`."""
    top = Table("", document, folder, environ)
    top.known("accounts", "server", "database", "keys", "phrases", "agents")
    accounts = tuple(_account(top.item("accounts", index, row)) for index, row in enumerate(top.rows("accounts")))
    if not accounts:
        raise SettingsError(
            "accounts: there is none; add an [[accounts]] section with name and channel (docs/operators.md, 'Settings')"
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


def _database(table: Table) -> DatabaseSettings:
    written = table.text("url", "sqlite:///quietline.sqlite3")
    is_reference = written.startswith(("env:", "file:"))
    url = table.secret("url") if is_reference else written
    if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise SettingsError(
            "database.url: must begin with sqlite:/// or postgresql:// (a URL with a password goes in as env:NAME)"
        )
    if url.startswith("sqlite:///"):
        url = _sqlite(url.removeprefix("sqlite:///"), table.folder)
    elif not is_reference and _has_password(url):
        raise SettingsError('database.url: a password never stands in the file; write the whole URL as "env:NAME"')
    return DatabaseSettings(url, table.one_of("journal_mode", JOURNAL_MODES, "truncate"))


def _sqlite(path: str, folder: Path) -> str:
    """The URL with an absolute path: a command works on the same file wherever it is started."""
    if path in ("", ":memory:") or "?" in path:
        raise SettingsError("database.url: must name a file, such as sqlite:///quietline.sqlite3")
    return f"sqlite:///{(folder / path).resolve()}"


def _has_password(url: str) -> bool:
    try:
        return urlsplit(url).password is not None or "password=" in urlsplit(url).query
    except ValueError:
        raise SettingsError("database.url: is no address; write postgresql://USER@HOST/DATABASE") from None


def _server(table: Table) -> ServerSettings:
    public_url = table.url("public_url", None)
    if public_url and urlsplit(public_url).path.strip("/"):
        raise SettingsError(
            f"server.public_url: has a path; leave it out: the platforms call /webhooks/… below {public_url!r}"
        )
    return ServerSettings(
        host=table.text("host", "127.0.0.1"),
        port=table.number("port", 8080, 0, 65535),
        public_url=public_url.rstrip("/") if public_url else None,
        threads=table.number("threads", 8, 1, 64),
        trusted_proxy=table.address("trusted_proxy"),
    )


def _agents(table: Table) -> WorkingHours:
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


def _account(table: Table) -> Account:
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


def _viber(table: Table, shared: dict[str, Any]) -> ViberAccount:
    sender = table.text("sender_name", str(shared["brand"])[:28])
    if not 1 <= len(sender) <= 28:
        raise SettingsError(f"{table.name}.sender_name: Viber shows 1 to 28 characters, this has {len(sender)}")
    return ViberAccount(**shared, auth_token=table.required_secret("auth_token"), sender_name=sender)


def _wechat(table: Table, shared: dict[str, Any]) -> WeChatAccount:
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


def _quiet_hours(table: Table) -> QuietHours | None:
    hours = table.text("quiet_hours", "")
    if not hours:
        return None
    start, end = table.span("quiet_hours", hours)
    return QuietHours(start, end, table.zone("timezone", "UTC"))


def _topics(table: Table) -> tuple[Topic, ...]:
    """`topics = ["marketing", "events"]`, or with names: `topics = [{ id = "events", en = "events", zh-Hans = "活动"
    }]`.
    """
    rows = table.values["topics"]
    topics = tuple(_topic(table, row) for row in (rows if isinstance(rows, list) else [None]))
    if not topics:
        raise SettingsError(f"{table.name}.topics: name at least one topic, or leave the setting out for 'marketing'")
    ids = [topic.id for topic in topics]
    if doubled := next((one for one in ids if ids.count(one) > 1), None):
        raise SettingsError(f"{table.name}.topics: {doubled!r} stands twice")
    return topics


def _topic(table: Table, row: Any) -> Topic:
    entry = {"id": row} if isinstance(row, str) else row
    if not isinstance(entry, dict) or not all(isinstance(one, str) and one.strip() for one in entry.values()):
        entry = {}
    if not str(entry.get("id", "")).replace("_", "").replace("-", "").isalnum():
        raise SettingsError(
            f'{table.name}.topics: write ["marketing", "events"] or [{{ id = "events", en = "events" }}]'
        )
    names = {normalise_tag(tag): name for tag, name in entry.items() if tag != "id"}
    if None in names:
        raise SettingsError(
            f"{table.name}.topics: a topic has an id and a name in {', '.join(LANGUAGES)}, nothing else"
        )
    return Topic(entry["id"], tuple((str(tag), name) for tag, name in names.items()))
