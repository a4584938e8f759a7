"""Readable transcripts, played through the real webhooks: what stands in the file is what happens, word for word.

Lines that act: `contact> words`, `tap> the option's label`, `wait> 10 minutes`, `agent> take over | hand back | words`, `follow>`, `leave>`.
Lines that must follow: `bot< message`, `      [option] [option]`, `ledger< kind topic: before -> after`, `case< kind category (priority)`,
`flag< reason`. `channel: viber` or `channel: wechat` comes first, `#` is a comment.

After a change that is meant, write them anew with `QUIETLINE_REWRITE=1 .venv/bin/python -m pytest tests/conversations` and read the diff.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from handlers.services import desk
from storage.store import Sql
from tests.support.journey import Journey, journey

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*/*.txt"))
UNITS = {"minutes": 60, "hours": 3600, "days": 86400}
NUMBER = re.compile(r"\bC\d{8}\b")


class Play:
    """One transcript on its way: acts on a line, and says what came of it."""

    def __init__(self, trip: Journey, account: str) -> None:
        self._trip, self._account = trip, account
        self._seen_phone = self._seen_ledger = self._seen_flags = 0
        self._cases: dict[str, str] = {}

    def act(self, kind: str, words: str) -> list[str]:
        """Do what an acting line says; the lines that must follow it."""
        side, account = self._trip.side(self._account), self._account
        match kind:
            case "contact":
                side.contact_says(account, "anna", words)
            case "tap":
                side.contact_taps(account, "anna", self._place(words))
            case "follow":
                side.follow(account, "anna")
            case "leave":
                side.unfollow(account, "anna")
            case "wait":
                amount, unit = words.split()
                self._trip.clock.advance(seconds=int(amount) * UNITS[unit])
            case "agent":
                self._agent(words)
            case _:
                raise AssertionError(f"no such line: {kind}>")
        self._trip.clock.advance(seconds=1)
        self._trip.settle()
        return self._news()

    def _place(self, label: str) -> int:
        asked = [one for one in self._trip.phone(self._account, "anna") if one.options][-1]
        return [option.label for option in asked.options].index(label) + 1

    def _agent(self, words: str) -> None:
        pid = self._trip.pid(self._account, "anna")
        match words:
            case "take over":
                desk.take_over(self._trip.house, pid, "mia")
            case "hand back":
                desk.hand_back(self._trip.house, pid, "mia")
            case _:
                desk.reply(self._trip.house, pid, "mia", words)

    def _news(self) -> list[str]:
        return [
            NUMBER.sub(self._numbered, one) for one in (*self._bot(), *self._ledger(), *self._case(), *self._flags())
        ]

    def _numbered(self, found: re.Match[str]) -> str:
        return self._cases.setdefault(found.group(), f"C#{len(self._cases) + 1}")

    def _bot(self) -> list[str]:
        bubbles = self._trip.phone(self._account, "anna")
        lines = []
        for bubble in bubbles[self._seen_phone :]:
            if bubble.is_from_contact:
                continue
            lines.append("bot< " + bubble.text.replace("\n\n", "\n").replace("\n", "\n     "))
            if bubble.options and self._account == "viber":  # at WeChat they stand in the text
                lines.append("     " + " ".join(f"[{option.label}]" for option in bubble.options))
        self._seen_phone = len(bubbles)
        return lines

    def _ledger(self) -> list[str]:
        events = self._trip.ledger(self._account, "anna")
        fresh = events[self._seen_ledger :]
        self._seen_ledger = len(events)
        return [f"ledger< {one['kind']} {one['topic']}: {one['before']} -> {one['after']}" for one in fresh]

    def _case(self) -> list[str]:
        pid = self._trip.pid(self._account, "anna")
        sql = Sql(
            "SELECT number, kind, category, priority, status FROM case_record WHERE pid = :pid ORDER BY opened_at"
        )
        rows = self._trip.house.store.read(lambda tx: tx.all(sql, pid=pid))
        lines = [
            f"case< {number} {kind} {category} ({priority}) {status}"
            for number, kind, category, priority, status in rows
        ]
        fresh = [one for one in lines if one not in getattr(self, "_told", ())]
        self._told = lines
        return fresh

    def _flags(self) -> list[str]:
        pid = self._trip.pid(self._account, "anna")
        sql = Sql("SELECT reason, state FROM flag WHERE pid = :pid ORDER BY id")
        rows = [
            f"flag< {reason} {state}" for reason, state in self._trip.house.store.read(lambda tx: tx.all(sql, pid=pid))
        ]
        fresh = [one for one in rows if one not in getattr(self, "_flagged", ())]
        self._flagged = rows
        return fresh


def played(script: str, folder: Path) -> str:
    """The transcript as it really goes: the script's comments and acting lines, each with what followed."""
    lines: list[str] = []
    account = re.search(r"^channel: (viber|wechat)$", script, re.MULTILINE)
    assert account, "the first line names the channel"
    language = "zh-Hans" if re.search(r"[\u3400-\u9fff]", script) else "en"
    with journey(folder) as trip:
        trip.platform.viber.bots["viber"].subscriber("anna").language = language
        play = Play(trip, account.group(1))
        for line in script.splitlines():
            act = re.match(r"(contact|tap|wait|agent|follow|leave)> ?(.*)", line)
            if act:
                lines += [line, *play.act(act.group(1), act.group(2))]
            elif line.startswith(("#", "channel:")) or not line:
                lines.append(line)
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_conversation_goes_as_its_transcript_says(file: Path, tmp_path: Path) -> None:
    script = file.read_text(encoding="utf-8")
    actual = played(script, tmp_path)
    if os.environ.get("QUIETLINE_REWRITE"):
        file.write_text(actual, encoding="utf-8")
    assert actual == file.read_text(encoding="utf-8")


def test_there_are_transcripts_in_both_languages() -> None:
    assert {file.parent.name for file in FILES} == {"en", "zh"}
