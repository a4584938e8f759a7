"""The commands that look after the data: tokens, lists of contacts, erasure, the gate, the ledger, dead letters, the schema."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

import click
import pytest

from handlers.cli import option
from handlers.simulator.platform import Platform, WeChatBook
from tests.cli.conftest import SECRETS, Desk

ACCOUNT = ("--account", "acme-viber")
HEADER = "contact,change,topic,at,until,days,evidence\n"


def query(desk: Desk, sql: str, *parameters: object) -> list[Any]:
    """Ask or change the database behind the program's back."""
    connection = sqlite3.connect(desk.database)
    with connection:
        rows = connection.execute(sql, parameters).fetchall()
    connection.close()
    return rows


def verdicts(desk: Desk, *ids: str) -> dict[str, str]:
    """What the gate says of each id."""
    ended = desk.run("audience", "check", *ACCOUNT, given="\n".join(ids))
    assert ended.status == 0, ended.err
    answers = [json.loads(line) for line in ended.lines]
    return {one["recipient"]: one.get("reason", one["decision"]) for one in answers}


def imported(desk: Desk, rows: str, *more: str) -> tuple[int, str, str]:
    """Import rows under the usual header: exit status, what was said, what was refused."""
    ended = desk.run("contacts", "import", *ACCOUNT, *more, desk.file("list.csv", HEADER + rows))
    return ended.status, ended.out, ended.err


class TestToken:
    """`quietline token`."""

    def test_it_is_shown_once_and_only_its_hash_is_kept(self, desk: Desk) -> None:
        made = desk.run("token", "create", "--scopes", "check, write,check", "--name", "crm")
        token = made.out.strip()
        assert (made.status, made.err, made.lines) == (0, "", [token])
        assert token.startswith("ql_live_")
        assert token.encode() not in desk.database.read_bytes()
        assert desk.run("token", "list").lines == ["crm\tcheck,write\tall accounts\tnever used"]

    def test_revoking_is_for_every_token_of_the_name_and_once(self, desk: Desk) -> None:
        for account in ((), ACCOUNT):
            assert desk.run("token", "create", "--scopes", "check", "--name", "crm", *account).status == 0
        assert desk.run("token", "revoke", "--name", "crm").out == "2 revoked\n"
        again = desk.run("token", "revoke", "--name", "crm")
        assert (again.status, again.out) == (2, "")
        assert "there is no token 'crm' that could be revoked" in again.err
        assert desk.run("token", "list").lines == [
            "crm\tcheck\tall accounts\trevoked",
            "crm\tcheck\tacme-viber\trevoked",
        ]

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (("--scopes", "check,admin", "--name", "x"), "--scopes: admin is no scope; use check, write, export"),
            (("--scopes", ",", "--name", "x"), "--scopes: nothing is no scope"),
            (("--scopes", "check", "--name", "a\tb"), "--name: must be 1 to 64 printable characters"),
            (("--scopes", "check", "--name", " "), "--name: must be 1 to 64 printable characters"),
            (("--scopes", "check", "--name", "x", "--account", "nobody"), "there are acme-viber, acme-wechat"),
            (("--name", "x"), "Missing option '--scopes'"),
        ],
    )
    def test_a_wrong_wish_is_refused_and_makes_nothing(self, desk: Desk, options: tuple[str, ...], said: str) -> None:
        ended = desk.run("token", "create", *options)
        assert (ended.status, ended.out) == (2, "")
        assert said in ended.err
        assert desk.run("token", "list").lines == []


class TestImport:
    """`quietline contacts import`."""

    ROWS = "u1,opt_out,,,,,\nu2,opt_in,,,,,\nu3,opt_in,,,,,form 12\nu4,bogus,,,,,\n,opt_out,,,,,\nu5,opt_out,news,,,,\n"
    REFUSED = (
        "list.csv:3: refused: opted_in would raise consent and names no evidence",
        "list.csv:5: refused: change: 'bogus' is none of opt_out, opt_in, weekly, monthly, pause",
        "list.csv:6: refused: contact: must be a platform user id of 1 to 200 characters",
        "list.csv:7: refused: topic: 'news' is none of marketing",
    )

    def test_rows_that_raise_consent_or_make_no_sense_are_refused_with_line_and_reason(self, desk: Desk) -> None:
        status, out, err = imported(desk, self.ROWS)
        assert (status, out) == (1, "2 imported, 4 refused\n")
        assert [line.rpartition("/")[2] for line in err.splitlines()] == list(self.REFUSED)
        assert verdicts(desk, "u1", "u2", "u3") == {"u1": "opted_out", "u2": "unknown_contact", "u3": "allow"}

    def test_a_dry_run_says_the_same_and_changes_nothing(self, desk: Desk) -> None:
        status, out, err = imported(desk, self.ROWS, "--dry-run")
        assert (status, out) == (1, "2 would be imported, 4 refused\n")
        assert [line.rpartition("/")[2] for line in err.splitlines()] == list(self.REFUSED)
        assert verdicts(desk, "u1", "u3") == {"u1": "unknown_contact", "u3": "unknown_contact"}
        assert query(desk, "SELECT count(*) FROM ledger_event") == [(0,)]

    def test_a_second_run_changes_nothing(self, desk: Desk) -> None:
        rows = "u1,opt_out,,2026-01-02,,,\nu2,weekly,,2026-01-02,,,\nu3,pause,,2026-01-02,2036-01-01,,\n"
        assert imported(desk, rows) == (0, "3 imported, 0 refused\n", "")
        assert imported(desk, rows) == (0, "3 imported, 0 refused\n", "")
        assert query(desk, "SELECT count(*) FROM ledger_event") == [(3,)]

    def test_an_opt_out_is_not_lifted_by_a_later_list_without_evidence(self, desk: Desk) -> None:
        imported(desk, "u1,opt_out,,2026-01-02,,,\n")
        assert imported(desk, "u1,opt_in,,2026-02-02,,,\n")[0] == 1
        assert verdicts(desk, "u1") == {"u1": "opted_out"}
        assert imported(desk, "u1,opt_in,,2026-02-02,,,message 5\n")[0] == 0
        assert verdicts(desk, "u1") == {"u1": "allow"}

    def test_what_looks_like_a_formula_is_an_id_like_any_other(self, desk: Desk) -> None:
        ids = ["=cmd|'/c calc'!A1", "+1", "-1", "@a", "'; DROP TABLE subject; --"]
        assert imported(desk, "".join(f'"{one}",opt_out,,,,,\n' for one in ids))[0] == 0
        assert set(verdicts(desk, *ids).values()) == {"opted_out"}

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("contact;change\nu1;opt_out\n", "the column 'contact' is missing; the header is contact, change, topic"),
            ("contact,change,phone\nu1,opt_out,5\n", "there is no column 'phone'"),
            ("", "the column 'contact' is missing"),
            ("contact,change\nu1,opt_out\n".encode("utf-16"), "is not UTF-8 (byte 0): save it as CSV UTF-8"),
            ("contact,change\n退订,opt_out\n".encode("gb18030"), "is not UTF-8 (byte "),
            ('contact,change\n"u1,opt_out\n', "is no valid CSV"),
        ],
    )
    def test_a_file_that_is_no_list_is_refused_whole(self, desk: Desk, content: str | bytes, said: str) -> None:
        ended = desk.run("contacts", "import", *ACCOUNT, desk.file("list.csv", content))
        assert (ended.status, ended.out) == (2, "")
        assert said in ended.err
        assert "Traceback" not in ended.err

    def test_a_byte_order_mark_and_the_lines_of_windows_are_fine(self, desk: Desk) -> None:
        path = desk.file("list.csv", b"\xef\xbb\xbfcontact,change\r\nu1,opt_out\r\n")
        assert desk.run("contacts", "import", *ACCOUNT, path).out == "1 imported, 0 refused\n"

    def test_a_file_that_is_not_there_is_named(self, desk: Desk) -> None:
        ended = desk.run("contacts", "import", *ACCOUNT, "nowhere.csv")
        assert ended.status == 2
        assert "File 'nowhere.csv' does not exist" in ended.err


class TestErase:
    """`quietline contacts erase`."""

    def test_the_person_goes_and_the_opt_out_stays(self, desk: Desk) -> None:
        imported(desk, "u-erase-me,opt_out,,,,,\n")
        ended = desk.run("contacts", "erase", *ACCOUNT, "--contact", "u-erase-me", "--yes")
        assert (ended.status, ended.out) == (0, "erased; the suppression, if any, stays in force\n")
        assert verdicts(desk, "u-erase-me") == {"u-erase-me": "opted_out"}
        assert desk.run("ledger", "verify").status == 0

    def test_without_a_yes_nothing_happens(self, desk: Desk) -> None:
        imported(desk, "u1,opt_out,,,,,\n")
        ended = desk.run("contacts", "erase", *ACCOUNT, "--contact", "u1", given="n\n")
        assert ended.status == 130
        assert query(desk, "SELECT count(*) FROM ledger_event") == [(1,)]

    def test_somebody_unknown_is_no_success(self, desk: Desk) -> None:
        ended = desk.run("contacts", "erase", *ACCOUNT, "--contact", "nobody", "--yes")
        assert (ended.status, ended.out) == (2, "")
        assert "nobody of the id 'nobody' is known on acme-viber; nothing was changed" in ended.err


class TestAudience:
    """`quietline audience check`."""

    def test_ids_come_as_arguments_or_as_lines(self, desk: Desk) -> None:
        imported(desk, "u/1+=,opt_in,,,,,form 1\n")
        ended = desk.run("audience", "check", *ACCOUNT, given="u/1+=\r\n\nu2\n")
        allowed, denied = (json.loads(line) for line in ended.lines)
        assert set(allowed) == {"recipient", "decision", "expires_at"}
        assert (allowed["recipient"], allowed["decision"]) == ("u/1+=", "allow")
        assert denied == {"recipient": "u2", "decision": "deny", "reason": "unknown_contact", "until": None}

    def test_an_unknown_topic_is_denied(self, desk: Desk) -> None:
        imported(desk, "u1,opt_in,,,,,form 1\n")
        ended = desk.run("audience", "check", *ACCOUNT, "--topic", "nonsense", "u1")
        assert json.loads(ended.out)["decision"] == "deny"

    def test_an_unknown_account_is_told_those_there_are(self, desk: Desk) -> None:
        ended = desk.run("audience", "check", "--account", "nobody", "u1")
        assert ended.status == 2
        assert "there is no account 'nobody' in the settings; there are acme-viber, acme-wechat" in ended.err


class TestLedger:
    """`quietline ledger verify`."""

    def test_a_whole_chain_is_0(self, desk: Desk) -> None:
        imported(desk, "u1,opt_out,,,,,\nu2,opt_out,,,,,\n")
        ended = desk.run("ledger", "verify")
        assert (ended.status, ended.out, ended.err) == (0, "the chain holds: 2 events\n", "")

    @pytest.mark.parametrize(
        ("tampering", "said"),
        [
            ("UPDATE ledger_event SET after = 'opted_in' WHERE seq = 2", "BROKEN at event 2: its content was changed"),
            ("DELETE FROM ledger_event WHERE seq = 2", "BROKEN at event 2: event 2 is missing"),
            ("DELETE FROM ledger_event WHERE seq = 3", "BROKEN at event 3: events are missing at the end"),
        ],
    )
    def test_a_broken_chain_is_1_and_says_where(self, desk: Desk, tampering: str, said: str) -> None:
        imported(desk, "u1,opt_out,,,,,\nu2,opt_out,,,,,\nu3,opt_out,,,,,\n")
        for (name,) in query(desk, "SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            query(desk, f"DROP TRIGGER {name}")
        query(desk, tampering)
        ended = desk.run("ledger", "verify")
        assert ended.status == 1
        assert ended.out.startswith(said)

    def test_what_cannot_be_looked_at_is_2(self, desk: Desk) -> None:
        nothing = desk.run("ledger", "verify")
        assert (nothing.status, nothing.out) == (2, "")
        assert f"could not look: there is no database at {desk.database}" in nothing.err
        assert not desk.database.exists()
        desk.database.write_bytes(b"no database at all")
        assert desk.run("ledger", "verify").status == 2
        desk.config.unlink()
        assert desk.run("ledger", "verify").status == 2


class TestDeadletters:
    """`quietline deadletters`."""

    def test_without_any_it_says_so(self, desk: Desk) -> None:
        assert desk.run("deadletters", "list").out == "none\n"
        assert desk.run("deadletters", "replay").out == "0 messages and 0 events queued again\n"

    def test_a_dead_message_is_shown_with_its_reason_and_queued_again(self, desk: Desk) -> None:
        desk.run("token", "list")
        columns = {row[1]: row for row in query(desk, "PRAGMA table_info(outbox)")}
        values = {
            name: (b"" if row[2] == "BLOB" else 0 if "INT" in row[2] else "") for name, row in columns.items() if row[3]
        }
        values |= {
            "sealed_message": b"sealed",
            "id": 7,
            "state": "dead",
            "account": "acme-viber",
            "purpose": "reply",
            "detail": "refused: too long",
        }
        names, marks = ", ".join(values), ", ".join("?" for _ in values)
        query(desk, f"INSERT INTO outbox ({names}) VALUES ({marks})", *values.values())
        shown = desk.run("deadletters", "list").lines
        assert shown == ["7\t1970-01-01 00:00\tacme-viber\treply\t0 tries\trefused: too long"]
        other = desk.run("deadletters", "replay", "--id", "8")
        assert (other.status, other.out) == (2, "")
        assert "there is no dead message 8 whose words are still kept" in other.err
        assert desk.run("deadletters", "replay", "--id", "7").out == "1 message and 0 events queued again\n"
        assert desk.run("deadletters", "list").out == "none\n"


class TestDatabase:
    """`quietline database`."""

    def test_it_says_what_is_there_and_what_is_needed(self, desk: Desk) -> None:
        assert desk.run("database", "status").status == 2
        assert not desk.database.exists()
        made = desk.run("database", "upgrade")
        assert (made.status, made.err) == (0, "")
        version = made.out.split()[-1]
        assert desk.run("database", "status").out == f"has {version}, needs {version}\n"
        assert desk.run("database", "upgrade").out == made.out
        assert desk.run("token", "list").status == 0

    def test_it_touches_neither_strangers_nor_newer_tables(self, desk: Desk) -> None:
        query(desk, "CREATE TABLE orders (id)")
        ended = desk.run("database", "upgrade")
        assert ended.status == 2
        assert "tables of another program" in ended.err
        assert query(desk, "SELECT name FROM sqlite_master") == [("orders",)]
        desk.database.unlink()
        desk.run("database", "upgrade")
        query(desk, "UPDATE alembic_version SET version_num = '9999'")
        ended = desk.run("database", "upgrade")
        assert (ended.status, ended.err.count("\n")) == (2, 1)
        assert "schema of a newer Quietline" in ended.err


class TestChannels:
    """`quietline channels`, between the stand-in platforms."""

    @pytest.fixture
    def platform(self, desk: Desk) -> Iterator[Platform]:
        """Both platforms, which know the accounts of the settings."""
        with Platform() as platform:
            platform.viber.add_bot("acme-viber", SECRETS["ACME_VIBER_TOKEN"], "Acme")
            secrets = SECRETS["ACME_WECHAT_SECRET"], SECRETS["ACME_WECHAT_TOKEN"], SECRETS["ACME_WECHAT_KEY"]
            platform.wechat.add_account(WeChatBook("acme-wechat", "wx1234567890abcdef", *secrets))
            desk.replace('channel = "viber"', f'channel = "viber"\napi_url = "{platform.viber_api_url}"')
            desk.replace('channel = "wechat"', f'channel = "wechat"\napi_url = "{platform.wechat_api_url}"')
            yield platform

    def test_each_account_is_asked_and_what_is_missing_is_said(self, desk: Desk, platform: Platform) -> None:
        ended = desk.run("channels", "check")
        rows = [line.split("\t")[:3] for line in ended.lines]
        assert ended.status == 1
        assert ["acme-viber", "ok ", "token"] in rows
        assert ["acme-viber", "BAD", "webhook"] in rows
        assert ["acme-wechat", "ok ", "token"] in rows
        only = desk.run("channels", "check", "--account", "acme-wechat")
        assert {line.split("\t")[0] for line in only.lines} == {"acme-wechat"}

    def test_a_wrong_token_is_said_without_showing_it(self, desk: Desk, platform: Platform) -> None:
        platform.viber.bots.clear()
        ended = desk.run("channels", "check", "--account", "acme-viber")
        assert ended.status == 1
        assert ended.out.startswith("acme-viber\tBAD\ttoken\t")
        assert SECRETS["ACME_VIBER_TOKEN"] not in ended.out + ended.err

    def test_connecting_needs_to_know_where_we_are_reached(self, desk: Desk, platform: Platform) -> None:
        ended = desk.run("channels", "connect")
        assert ended.status == 2
        assert "server.public_url: is missing; set where the platforms reach you" in ended.err

    def test_a_wechat_account_is_told_what_to_enter(self, desk: Desk, platform: Platform) -> None:
        desk.add('[server]\npublic_url = "https://chat.example.com/"')
        ended = desk.run("channels", "connect", "--account", "acme-wechat")
        assert "https://chat.example.com/webhooks/wechat/acme-wechat" in ended.out

    def test_an_unknown_account_is_told_those_there_are(self, desk: Desk) -> None:
        ended = desk.run("channels", "check", "--account", "nobody")
        assert ended.status == 2
        assert "there are acme-viber, acme-wechat" in ended.err


class TestEntry:
    """The command itself."""

    def test_the_settings_file_may_be_named_by_the_environment(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir("/")
        assert desk.bare("token", "list").err.startswith("quietline: there is no settings file quietline.toml")
        monkeypatch.setenv("QUIETLINE_CONFIG", str(desk.config))
        assert desk.bare("token", "list").status == 0
        monkeypatch.delenv("QUIETLINE_CONFIG")
        monkeypatch.chdir(desk.folder)
        assert desk.bare("token", "list").status == 0

    @pytest.mark.parametrize("arguments", [("nonsense",), ("serve", "--nonsense"), ("serve", "--port", "x")])
    def test_a_wrong_command_is_2_with_a_hint(self, desk: Desk, arguments: tuple[str, ...]) -> None:
        ended = desk.bare(*arguments)
        assert (ended.status, ended.out) == (2, "")
        assert "Error: " in ended.err

    @pytest.mark.parametrize("arguments", [("--help",), ("-h",), ("serve", "--help"), ("--version",)])
    def test_help_is_0(self, desk: Desk, arguments: tuple[str, ...]) -> None:
        ended = desk.bare(*arguments)
        assert (ended.status, ended.err) == (0, "")
        assert "quietline" in ended.out

    def test_a_broken_phrase_file_stops_the_start_and_nothing_else(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from intents.error import PhraseFileError, Problem

        def fail() -> None:
            raise PhraseFileError((Problem("en/help.phrases", 3, 1, "this is wrong", "that is right"),) * 2)

        monkeypatch.setattr("handlers.cli.recognise.builtin_recogniser", fail)
        ended = desk.bare("classify", given="STOP\n")
        assert (ended.status, ended.out) == (2, "")
        assert ended.err == (
            "quietline: the phrase files cannot be used: en/help.phrases:3:1: this is wrong; that is right (and 1 more)\n"
        )
        assert desk.run("token", "list").status == 0


@pytest.mark.parametrize("is_watched", [True, False])
def test_progress_shows_on_a_terminal_only_and_never_on_standard_output(
    is_watched: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: is_watched)
    with option.progress("verifying", 2) as bar:
        bar.update(2)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert ("verifying" in captured.err) is is_watched
    assert isinstance(bar, click._termui_impl.ProgressBar)
