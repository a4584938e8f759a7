"""Settings: what the example alone gives, what each setting does, and what is refused beyond the errors of a start."""

from __future__ import annotations

import tomllib
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.facts import Topic
from bot.domain.permit import QuietHours
from handlers import settings as settings_module
from handlers.setting_table import Secret, SettingsError
from handlers.settings import Settings, ViberAccount, WeChatAccount
from tests.cli.conftest import EXAMPLE, SECRETS
from tests.support.channel import AES_KEY, OLD_AES_KEY

FOLDER = Path("/srv/quietline")


def parse(more: str = "", **environ: str) -> Settings:
    """The settings of the example and something more."""
    return settings_module.parse(tomllib.loads(EXAMPLE + more), FOLDER, {**SECRETS, **environ})


def account(more: str, **environ: str) -> Any:
    """The example's second account, with something more."""
    return parse(more, **environ).accounts[1]


def refusal(more: str, **environ: str) -> str:
    """Why the example with something more is refused."""
    with pytest.raises(SettingsError) as refused:
        parse(more, **environ)
    return str(refused.value)


def test_the_accounts_alone_are_enough() -> None:
    settings = parse()
    viber, wechat = settings.accounts
    assert isinstance(viber, ViberAccount)
    assert isinstance(wechat, WeChatAccount)
    assert (viber.auth_token, viber.sender_name, viber.default_language) == (
        SECRETS["ACME_VIBER_TOKEN"],
        "acme-viber",
        "en",
    )
    assert (viber.api_url, wechat.api_url) == ("https://chatapi.viber.com/pa", "https://api.weixin.qq.com")
    assert (wechat.default_language, wechat.kind, wechat.allow_plain) == ("zh-Hans", "official_account", False)
    assert wechat.previous_encoding_aes_key is None
    assert settings.database.url == "sqlite:////srv/quietline/quietline.sqlite3"
    assert settings.database.journal_mode == "truncate"
    assert settings.keys_dir == FOLDER / "keys"
    assert (settings.server.host, settings.server.port, settings.server.threads) == ("127.0.0.1", 8080, 8)
    assert settings.server.public_url is settings.server.trusted_proxy is settings.phrases_dir is None
    assert settings.agents.always


def test_an_account_denies_unknown_contacts_and_takes_a_follow_for_an_opt_in() -> None:
    for one in parse().accounts:
        assert (one.unknown_contacts, one.follow_is_opt_in, one.quiet_hours) == ("deny", True, None)
        assert one.policy.topics == {"marketing"}
        assert not one.policy.unknown_is_allowed


def test_paths_are_relative_to_the_settings_file() -> None:
    settings = parse('[database]\nurl = "sqlite:///data/q.db"\n[keys]\ndir = "k"\n[phrases]\ndir = "../phrases"')
    assert settings.database.url == "sqlite:////srv/quietline/data/q.db"
    assert (settings.keys_dir, settings.phrases_dir) == (FOLDER / "k", Path("/srv/phrases"))
    assert parse('[database]\nurl = "sqlite:////var/q.db"').database.url == "sqlite:////var/q.db"


def test_a_database_address_with_a_password_comes_from_the_environment() -> None:
    url = "postgresql://quietline:pw@db.example/quietline"
    settings = parse('[database]\nurl = "env:DATABASE_URL"', DATABASE_URL=url)
    assert settings.database.url == url
    assert "pw" not in repr(settings)
    plain = parse('[database]\nurl = "postgresql+psycopg://quietline@db.example/quietline"')
    assert plain.database.url.startswith("postgresql+psycopg://")


@pytest.mark.parametrize("url", ["postgresql://u:pw@h/d", "postgresql://h/d?user=u&password=pw", "postgresql://[h/d"])
def test_a_literal_database_password_is_refused_and_not_repeated(url: str) -> None:
    said = refusal(f'[database]\nurl = "{url}"')
    assert said.startswith("database.url: ")
    assert "pw" not in said


def test_secrets_come_from_files_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "viber.token").write_text(" from-a-file\n")
    document = tomllib.loads(EXAMPLE.replace("env:ACME_VIBER_TOKEN", "file:viber.token"))
    viber = settings_module.parse(document, tmp_path, SECRETS).accounts[0]
    assert isinstance(viber, ViberAccount)
    assert viber.auth_token == "from-a-file"


def test_a_secret_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "viber.token").write_bytes(b"\xff\xfe")
    document = tomllib.loads(EXAMPLE.replace("env:ACME_VIBER_TOKEN", "file:viber.token"))
    with pytest.raises(SettingsError, match="is no text in UTF-8"):
        settings_module.parse(document, tmp_path, SECRETS)


def test_secrets_do_not_show_themselves() -> None:
    shown = repr(parse())
    for name, value in SECRETS.items():
        assert value not in shown, name
    assert repr(Secret("x")) == "Secret(***)"


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "quietline.toml"
    path.write_bytes(b"\xef\xbb\xbf" + EXAMPLE.encode())
    settings = settings_module.load(path, SECRETS)
    assert (settings.source, len(settings.accounts)) == (path, 2)


def test_the_server_is_told_where_it_stands() -> None:
    server = parse(
        '[server]\nhost = "::"\nport = 0\nthreads = 64\npublic_url = "https://chat.example.com/"\ntrusted_proxy = "10.0.0.1"'
    ).server
    assert (server.host, server.port, server.threads) == ("::", 0, 64)
    assert (server.public_url, server.trusted_proxy) == ("https://chat.example.com", "10.0.0.1")


@pytest.mark.parametrize(
    "url", ["chat.example.com", "ftp://x", "https://", "https://x?a=b", "https://x#a", "http://x:99999", "http://:80"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    assert "server.public_url: must be an address such as https://chat.example.com" in refusal(
        f'[server]\npublic_url = "{url}"'
    )


def test_agents_have_hours() -> None:
    agents = parse(
        '[agents]\ntimezone = "Asia/Shanghai"\nhours = "22:00 - 06:30"\ndays = ["sat", "sun"]\n'
        "first_response_hours = 1\nsolution_hours = 2\nhandover_wait_minutes = 3"
    ).agents
    assert (agents.zone, agents.start, agents.end, agents.days) == ("Asia/Shanghai", time(22), time(6, 30), {5, 6})
    assert (agents.always, agents.first_response_hours, agents.solution_hours) == (False, 1, 2)
    assert agents.handover_wait_minutes == 3


@pytest.mark.parametrize(
    "hours", ["9:00-18:00", "09:00", "09:00-18:00-20:00", "09:00+02:00-18:00", "25:00-26:00", "0900-1800"]
)
def test_hours_are_written_in_one_way(hours: str) -> None:
    assert "agents.hours: must be hours such as 09:00-18:00" in refusal(f'[agents]\nhours = "{hours}"')


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('[agents]\nhours = "09:00-09:00"', "agents.hours: begins and ends at the same time"),
        ('[agents]\ndays = ["monday"]', "agents.days: 'monday' is no day; use mon, tue"),
        ('[agents]\ndays = "mon"', "agents.days: must be a list of texts, not 'mon'"),
        ("[agents]\ndays = [1]", "agents.days: must be a list of texts"),
        ("[agents]\nsolution_hours = 9999", "agents.solution_hours: must be from 1 to 2160, not 9999"),
        ('[server]\nhost = " "', "server.host: must not be empty"),
        ('[keys]\ndir = "a\\u0000b"', "keys.dir: must be printable, in one line"),
        ('[database]\nurl = "sqlite:///a\\nb"', "database.url: must be printable, in one line"),
        ('brand = ""', "accounts[acme-wechat].brand: must not be empty"),
        ('follow_is_opt_in = "yes"', "accounts[acme-wechat].follow_is_opt_in: must be true or false, not 'yes'"),
        ('default_language = "uk"', "accounts[acme-wechat].default_language: must be one of en, zh-Hans, zh-Hant"),
        ('unknown_contacts = "maybe"', "accounts[acme-wechat].unknown_contacts: must be one of deny, allow"),
        ('kind = "bot"', "accounts[acme-wechat].kind: must be one of official_account, mini_program, not 'bot'"),
        ('sender_name = "x"', "accounts[acme-wechat].sender_name: there is no such setting"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_with_what_would_be_right(more: str, said: str) -> None:
    assert said in refusal(more)


def test_sections_are_sections_and_lists_are_lists() -> None:
    for document, said in (
        (
            {"server": 1, "accounts": [{"name": "a", "channel": "viber", "auth_token": "env:ACME_VIBER_TOKEN"}]},
            "server: must be a section, written [server]",
        ),
        ({"accounts": {}}, "accounts: write one [[accounts]] section for each"),
        ({"accounts": [1]}, "accounts: write one [[accounts]] section for each"),
        ({"accounts": [{"name": 1, "channel": "viber"}]}, "accounts[1].name: must be a text, not 1"),
    ):
        with pytest.raises(SettingsError) as refused:
            settings_module.parse(document, FOLDER, SECRETS)
        assert str(refused.value) == said


def test_a_sender_name_fits_viber() -> None:
    document = tomllib.loads(EXAMPLE)
    document["accounts"][0]["brand"] = "A brand whose name is longer than Viber shows"
    viber = settings_module.parse(document, FOLDER, SECRETS).accounts[0]
    assert isinstance(viber, ViberAccount)
    assert viber.sender_name == "A brand whose name is longer"
    document["accounts"][0]["sender_name"] = "x" * 29
    with pytest.raises(SettingsError, match="sender_name: Viber shows 1 to 28 characters, this has 29"):
        settings_module.parse(document, FOLDER, SECRETS)


def test_a_wechat_account_may_have_two_keys_and_be_a_mini_program() -> None:
    wechat = account(
        'previous_encoding_aes_key = "env:OLD"\nkind = "mini_program"\nallow_plain = true', OLD=OLD_AES_KEY
    )
    assert (wechat.encoding_aes_key, wechat.previous_encoding_aes_key) == (AES_KEY, OLD_AES_KEY)
    assert (wechat.kind, wechat.allow_plain) == ("mini_program", True)
    assert "43 letters and digits, this has 3" in refusal('previous_encoding_aes_key = "env:OLD"', OLD="old")


def test_an_account_has_its_quiet_hours_and_topics() -> None:
    one = account(
        'quiet_hours = "22:00-08:00"\ntimezone = "Asia/Shanghai"\nunknown_contacts = "allow"\n'
        'topics = ["marketing", { id = "events", en = "events", zh_CN = "活动" }]'
    )
    assert one.quiet_hours == QuietHours(time(22), time(8), "Asia/Shanghai")
    assert one.topics == (Topic("marketing", ()), Topic("events", (("en", "events"), ("zh-Hans", "活动"))))
    assert one.policy.topics == {"marketing", "events"}
    assert one.policy.unknown_is_allowed


@pytest.mark.parametrize(
    ("topics", "said"),
    [
        ("[]", "name at least one topic"),
        ('"marketing"', 'write ["marketing", "events"] or'),
        ("[1]", 'write ["marketing", "events"] or'),
        ('["a b"]', 'write ["marketing", "events"] or'),
        ('[{ en = "events" }]', 'write ["marketing", "events"] or'),
        ('[{ id = "a", en = 1 }]', 'write ["marketing", "events"] or'),
        ('[{ id = "a", uk = "x" }]', "a topic has an id and a name in en, zh-Hans, zh-Hant, nothing else"),
        ('["a", { id = "a" }]', "'a' stands twice"),
    ],
)
def test_topics_that_are_none_are_refused(topics: str, said: str) -> None:
    assert said in refusal(f"topics = {topics}")


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_KEYS = {
    "server": ["host", "port", "public_url", "threads", "trusted_proxy"],
    "database": ["url", "journal_mode"],
    "keys": ["dir"],
    "phrases": ["dir"],
    "agents": ["timezone", "hours", "days", "first_response_hours", "solution_hours", "handover_wait_minutes"],
}
_WRONG = st.one_of(
    *(st.tuples(st.just(section), st.sampled_from(keys), _VALUES) for section, keys in _KEYS.items()),
    st.tuples(
        st.sampled_from(["0", "1"]),
        st.sampled_from([*settings_module.SHARED_KEYS, *settings_module.VIBER_KEYS, *settings_module.WECHAT_KEYS]),
        _VALUES,
    ),
)


@given(_WRONG)
def test_whatever_stands_in_the_file_is_read_or_refused_with_its_name(wrong: tuple[str, str, Any]) -> None:
    place, key, value = wrong
    document: dict[str, Any] = tomllib.loads(EXAMPLE)
    section = document["accounts"][int(place)] if place.isdigit() else document.setdefault(place, {})
    section[key] = value
    try:
        settings = settings_module.parse(document, FOLDER, SECRETS)
    except SettingsError as error:
        assert key in str(error) or str(error).startswith("accounts")
    else:
        assert len(settings.accounts) == 2
