"""Everything that can be wrong at the start stops it: one clear sentence on standard error, exit status 2, no trace."""

from __future__ import annotations

import re
import socket
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from storage import migration, schema_version
from tests.cli.conftest import SECRETS, Desk
from tests.support.service import quietline


def sentence(desk: Desk) -> str:
    """The one sentence with which `serve` refuses to start."""
    ended = desk.run("serve", "--port", "0")
    assert ended.status == 2, ended.err
    assert ended.out == ""
    lines = ended.err.splitlines()
    assert len(lines) == 1, ended.err
    assert lines[0].startswith("quietline: ")
    for secret in SECRETS.values():
        assert secret not in ended.err
    return lines[0].removeprefix("quietline: ")


WRONG_SETTINGS = {
    "no TOML": ("", "[[[", "is no valid TOML: "),
    "an unknown setting": (
        "auth_token",
        "auth_tokn",
        "acme-viber].auth_tokn: there is no such setting; did you mean 'auth_token'?",
    ),
    "an unknown section": ("", "[servr]\nport = 1", "servr: there is no such setting; did you mean 'server'?"),
    "a setting without likeness": (
        "",
        "[server]\nqqqq = 1",
        "server.qqqq: there is no such setting; known are host, port",
    ),
    "a wrong type": ("", '[server]\nport = "80"', "server.port: must be a whole number from 0 to 65535, not '80'"),
    "a truth for a number": ("", "[server]\nport = true", "server.port: must be a whole number"),
    "a number out of bounds": ("", "[server]\nthreads = 0", "server.threads: must be from 1 to 64, not 0"),
    "a missing secret": (
        "env:ACME_VIBER_TOKEN",
        "env:NOT_SET",
        "acme-viber].auth_token: the environment variable NOT_SET is empty or not set",
    ),
    "a missing secret file": (
        "env:ACME_VIBER_TOKEN",
        "file:none.txt",
        "the file none.txt cannot be read: No such file or directory",
    ),
    "a literal secret": (
        "env:ACME_VIBER_TOKEN",
        "abcdef",
        'auth_token: a secret never stands in the file; write "env:NAME" or "file:PATH"',
    ),
    "a left out secret": ('auth_token = "env:ACME_VIBER_TOKEN"', "", "auth_token: is missing; write auth_token ="),
    "a bad AES key": (
        "env:ACME_WECHAT_KEY",
        "env:ACME_WECHAT_TOKEN",
        "encoding_aes_key: an EncodingAESKey has 43 letters and digits, this has 23",
    ),
    "two accounts of a name": ("acme-wechat", "acme-viber", "the name 'acme-viber' stands twice"),
    "a name that breaks URLs": ("acme-wechat", "acme/wechat", "goes into a URL; use ASCII letters"),
    "an unknown channel": ('channel = "wechat"', 'channel = "sms"', "channel: must be one of viber, wechat, not 'sms'"),
    "no channel": ('channel = "wechat"', "", "channel: is missing; it must be one of viber, wechat"),
    "a proxy that is no address": (
        "",
        '[server]\ntrusted_proxy = "nginx"',
        "server.trusted_proxy: must be one IP address such as 10.0.0.1",
    ),
    "a public address with a path": (
        "",
        '[server]\npublic_url = "https://x.example/bot"',
        "server.public_url: has a path",
    ),
    "a public address that is none": (
        "",
        '[server]\npublic_url = "https://[x"',
        "server.public_url: must be an address such as",
    ),
    "an unknown time zone": (
        "",
        '[agents]\ntimezone = "Mars"',
        "agents.timezone: 'Mars' is no time zone; write one such as Asia/Shanghai",
    ),
    "hours that are none": (
        "",
        '[agents]\nhours = "9-18"',
        "agents.hours: must be hours such as 09:00-18:00, not '9-18'",
    ),
    "a password in the file": (
        "",
        '[database]\nurl = "postgresql://u:pw-canary@h/d"',
        "database.url: a password never stands in the file",
    ),
    "an unknown database": (
        "",
        '[database]\nurl = "mysql://h/d"',
        "database.url: must begin with sqlite:/// or postgresql://",
    ),
    "a database in memory": ("", '[database]\nurl = "sqlite:///:memory:"', "database.url: must name a file"),
    "an unsafe journal": (
        "",
        '[database]\njournal_mode = "delete"',
        "database.journal_mode: must be one of truncate, wal",
    ),
}


@pytest.mark.parametrize(("old", "new", "said"), WRONG_SETTINGS.values(), ids=WRONG_SETTINGS)
def test_a_wrong_setting_is_named_with_what_would_be_right(desk: Desk, old: str, new: str, said: str) -> None:
    desk.add("\n" + new) if not old else desk.replace(old, new)
    refusal = sentence(desk)
    assert said in refusal
    assert "pw-canary" not in refusal
    assert not desk.database.exists()


def test_no_settings_file(desk: Desk) -> None:
    desk.config.unlink()
    assert "there is no settings file" in sentence(desk)


def test_settings_without_an_account(desk: Desk) -> None:
    desk.config.write_text("")
    assert sentence(desk).startswith("accounts: there is none; add an [[accounts]] section")


def test_settings_that_are_not_utf8(desk: Desk) -> None:
    desk.config.write_bytes(b'x = "\xff"')
    assert "is not UTF-8 (byte 5)" in sentence(desk)


def test_settings_that_are_a_folder(desk: Desk) -> None:
    desk.config.unlink()
    desk.config.mkdir()
    assert sentence(desk).endswith("cannot be read: Is a directory")


def test_a_secret_of_a_wrong_type_is_not_shown(desk: Desk) -> None:
    desk.replace('"env:ACME_VIBER_TOKEN"', "445566778899")
    assert "445566778899" not in sentence(desk)


def test_a_busy_port(desk: Desk) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ended = desk.run("serve", "--port", str(port))
    assert ended.status == 2
    assert re.fullmatch(rf"quietline: 127\.0\.0\.1:{port} is in use by another program: .*--port.*\n", ended.err)
    assert not desk.database.exists()


def damage(desk: Desk) -> str:
    """Bytes of no meaning in the place of the database."""
    desk.database.write_bytes(bytes(range(256)) * 40)
    return f"{desk.database} is no SQLite database, or it is damaged: restore the latest backup"


def damage_inside(desk: Desk) -> str:
    """A database that begins well and goes on badly."""
    assert desk.run("token", "list").status == 0
    content = desk.database.read_bytes()
    desk.database.write_bytes(content[:100] + b"\xff" * (len(content) - 100))
    return "damaged"


def put_folder(desk: Desk) -> str:
    """A folder in the place of the database."""
    desk.database.mkdir()
    return f"{desk.database} is a folder: name a file in it"


def point_nowhere(desk: Desk) -> str:
    """A database in a folder that is not there."""
    desk.add('[database]\nurl = "sqlite:///nowhere/quietline.sqlite3"')
    return f"there is no folder {desk.folder / 'nowhere'}: create it"


def put_strangers_tables(desk: Desk) -> str:
    """Another program's database."""
    with sqlite3.connect(desk.database) as connection:
        connection.execute("CREATE TABLE orders (id)")
    connection.close()
    return "the database holds tables of another program: set [database] url to an empty one"


def set_schema(desk: Desk, version: str) -> None:
    """Pretend that another version of the program made the tables."""
    assert desk.run("token", "list").status == 0
    with sqlite3.connect(desk.database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
    connection.close()


def make_newer(desk: Desk) -> str:
    """Tables of a newer program."""
    set_schema(desk, "9999")
    return "the database has the schema 9999 of a newer Quietline"


def ask_for_wal(desk: Desk) -> str:
    """The journal mode that this SQLite cannot be trusted with."""
    desk.add('[database]\njournal_mode = "wal"')
    return "database.journal_mode: WAL can corrupt the file with SQLite"


def lose_one_key(desk: Desk) -> str:
    """One of the two keys is gone."""
    assert desk.run("token", "list").status == 0
    (desk.folder / "keys" / "wrap.key").unlink()
    return "wrap.key is missing beside pid.key: restore it from the backup of the keys"


def lose_both_keys(desk: Desk) -> str:
    """Both keys are gone, the data are not."""
    assert desk.run("token", "list").status == 0
    for name in ("pid.key", "wrap.key"):
        (desk.folder / "keys" / name).unlink()
    return "but the database already holds data: restore pid.key and wrap.key there"


def open_key(desk: Desk) -> str:
    """A key that everybody may read."""
    assert desk.run("token", "list").status == 0
    path = desk.folder / "keys" / "pid.key"
    path.chmod(0o644)
    return f"the key {path} may be read by others (mode 0644): chmod 600 {path}"


def spoil_key(desk: Desk) -> str:
    """A key that is none."""
    assert desk.run("token", "list").status == 0
    (desk.folder / "keys" / "pid.key").write_text("no key")
    return "is damaged: it must hold 64 hex digits"


def ask_nobody(desk: Desk) -> str:
    """A PostgreSQL that is not there."""
    desk.add('[database]\nurl = "postgresql://quietline@127.0.0.1:1/quietline"')
    return "Connection refused"


@pytest.mark.parametrize(
    "spoil",
    [
        damage,
        damage_inside,
        put_folder,
        point_nowhere,
        put_strangers_tables,
        make_newer,
        lose_one_key,
        lose_both_keys,
        open_key,
        spoil_key,
        ask_nobody,
    ],
)
def test_a_database_that_cannot_be_used(desk: Desk, spoil: Callable[[Desk], str]) -> None:
    said = spoil(desk)
    assert said in sentence(desk)


def test_wal_is_refused_where_sqlite_can_corrupt_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    said = ask_for_wal(desk)
    monkeypatch.setattr("storage.sqlite.wal_is_safe", lambda _version: False)
    assert said in sentence(desk)


def test_a_folder_that_may_not_be_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda path, _mode: Path(path) != desk.folder)
    assert f"the database {desk.database} may not be written" in sentence(desk)


def test_an_older_schema_names_the_command_that_mends_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert desk.run("token", "list").status == 0
    monkeypatch.setattr(migration, "head", lambda: "9999")
    monkeypatch.setattr(schema_version, "HEAD", "9999")
    assert "older schema" in (said := sentence(desk))
    assert "make a backup, then run `quietline database upgrade`" in said


def test_the_real_command_ends_with_one_line_and_no_trace(desk: Desk) -> None:
    damage(desk)
    ended = subprocess.run(
        [*quietline(), "serve", "--config", str(desk.config), "--port", "0"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 1
    assert "Traceback" not in ended.stderr


@pytest.mark.postgresql
def test_an_empty_postgresql_is_no_ledger_to_verify(desk: Desk, postgresql_database: str) -> None:
    desk.add(f'[database]\nurl = "{postgresql_database}"')
    ended = desk.run("ledger", "verify")
    assert (ended.status, ended.out) == (2, "")
    assert "could not look: the database is empty: check database.url" in ended.err
    assert desk.run("database", "upgrade").status == 0
    assert desk.run("ledger", "verify").out == "the chain holds: 0 events\n"


@pytest.mark.postgresql
def test_a_postgresql_that_does_not_know_us_is_named_without_the_password(
    desk: Desk, postgresql_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgresql_database.replace("quietline@", "quietline:pw-canary@")
    monkeypatch.setenv("DATABASE_URL", f"{url}_that_is_not_there")
    desk.add('[database]\nurl = "env:DATABASE_URL"')
    said = sentence(desk)
    assert "does not exist" in said
    assert "pw-canary" not in said
