"""One transcript on its way through the real webhooks: acting lines are done, and what came of each is told in lines.

Head: `channel: viber` or `channel: wechat`; if needed `topics: several` (offers, new goods, events), `hours: 09:00-18:00` (when agents are in;
the play begins on Monday 2 March 2026 at 10:00 UTC), `profile: zh-Hant` (the platform's language of the contact).
Lines that act: `contact> words`, `tap> the option's label` (the newest that is shown), `sends> sticker` (a kind of the channel), `speaks> words` (a voice
message that WeChat recognised), `wait> 10 minutes`, `agent> take over | hand back | words`, `open>` (Viber), `follow>`, `leave>`.
Lines that follow: `bot< message`, `      [option] [option]`, `ledger< kind topic: before -> after`, `case< number kind category (priority) status`,
`flag< reason state`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from handlers.services import desk
from storage.store import Sql
from tests.support.journey import Journey, journey

UNITS = {"minutes": 60, "hours": 3600, "days": 86400}
ACTING = re.compile(r"(contact|tap|sends|speaks|wait|agent|open|follow|leave)> ?(.*)")
SEVERAL = [
    {"id": "offers", "en": "offers", "zh-Hans": "优惠", "zh-Hant": "優惠"},
    {"id": "new_goods", "en": "new arrivals", "zh-Hans": "新品", "zh-Hant": "新品"},
    {"id": "events", "en": "events", "zh-Hans": "活动", "zh-Hant": "活動"},
]
_NUMBER = re.compile(r"(?<![A-Za-z0-9])C\d{8}(?!\d)")
_HEAD = re.compile(r"^(channel|topics|hours|profile): (\S+)$", re.MULTILINE)
_CASES = Sql("SELECT number, kind, category, priority, status FROM case_record WHERE pid = :pid ORDER BY opened_at")
_FLAGS = Sql("SELECT reason, state FROM flag WHERE pid = :pid ORDER BY id")


def played(script: str, folder: Path) -> str:
    """The transcript as it really goes: the script's comments and acting lines, each with what followed."""
    head = dict(_HEAD.findall(script))
    language = "zh-Hans" if re.search(r"[\u3400-\u9fff]", script) else "en"
    lines: list[str] = []
    with journey(folder, **_settings(head)) as trip:
        trip.platform.viber.bots["viber"].subscriber("anna").language = head.get("profile", language)
        play = Play(trip, head["channel"])
        for line in script.splitlines():
            if act := ACTING.match(line):
                lines += [line, *play.act(act.group(1), act.group(2))]
            elif line.startswith("#") or not line or _HEAD.match(line):
                lines.append(line)
    return "\n".join(lines) + "\n"


def _settings(head: dict[str, str]) -> dict[str, Any]:
    more: dict[str, Any] = {"agents": {"hours": head["hours"]}} if "hours" in head else {}
    return {**more, "each_account": {"topics": SEVERAL}} if "topics" in head else more


class Play:
    """A contact called anna at one account; `act` does a line and says what came of it."""

    def __init__(self, trip: Journey, account: str) -> None:
        self._trip, self._account, self._side = trip, account, trip.side(account)
        self._seen_phone, self._seen_ledger = 0, 0
        self._told: dict[str, list[str]] = {}
        self._numbers: dict[str, str] = {}

    def act(self, kind: str, words: str) -> list[str]:
        """Do what an acting line says; the lines that must follow it."""
        match kind:
            case "wait":
                amount, unit = words.split()
                self._trip.clock.advance(seconds=int(amount) * UNITS[unit])
            case "agent":
                self._agent(words)
            case _:
                self._contact(kind, words)
        self._trip.clock.advance(seconds=1)
        self._trip.settle()
        return self._news()

    def _contact(self, kind: str, words: str) -> None:
        side, account = self._side, self._account
        match kind:
            case "contact":
                side.contact_says(account, "anna", words)
            case "tap":
                self._tap(words)
            case "sends":
                side.contact_sends(account, "anna", words, **_media(words))
            case "speaks":
                side.contact_sends(account, "anna", "voice", **_media("voice"), Recognition=words)
            case "open":
                side.conversation_started(account, "anna")
            case "follow":
                side.follow(account, "anna")
            case "leave":
                side.unfollow(account, "anna")
            case _:
                raise AssertionError(f"no such line: {kind}>")

    def _tap(self, label: str) -> None:
        """Tap the newest option with this label, though other questions may have come since: old ones stay on the phone."""
        bubbles = reversed(self._trip.phone(self._account, "anna"))
        value = next(option.value for one in bubbles for option in one.options if option.label == label)
        fields = {"text": value} if self._account == "viber" else {"Content": label, "bizmsgmenuid": value}
        self._side.contact_sends(self._account, "anna", "text", **fields)

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
        found = (*self._bot(), *self._ledger(), *self._fresh("case", _CASES), *self._fresh("flag", _FLAGS))
        return [_NUMBER.sub(self._numbered, one) for one in found]

    def _numbered(self, found: re.Match[str]) -> str:
        return self._numbers.setdefault(found.group(), f"C#{len(self._numbers) + 1}")

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

    def _fresh(self, name: str, sql: Sql) -> list[str]:
        pid = self._trip.pid(self._account, "anna")
        rows = [self._row(name, *row) for row in self._trip.house.store.read(lambda tx: tx.all(sql, pid=pid))]
        fresh = [one for one in rows if one not in self._told.get(name, [])]
        self._told[name] = rows
        return fresh

    @staticmethod
    def _row(name: str, *row: Any) -> str:
        if name == "flag":
            return f"flag< {row[0]} {row[1]}"
        number, kind, category, priority, status = row
        return f"case< {number} {kind} {category} ({priority}) {status}"


def _media(kind: str) -> dict[str, Any]:
    """The fields that the channel sends with such a message."""
    fields: dict[str, dict[str, Any]] = {
        "sticker": {"sticker_id": 46105},
        "picture": {"media": "https://example.org/p.jpg", "text": ""},
        "image": {"PicUrl": "https://example.org/p.jpg", "MediaId": "m1"},
        "voice": {"MediaId": "m1", "Format": "amr"},
        "video": {"media": "https://example.org/v.mp4", "size": 1000, "MediaId": "m1", "ThumbMediaId": "t1"},
        "location": {"location": {"lat": 50.0, "lon": 30.0}, "Location_X": "50", "Location_Y": "30", "Label": ""},
    }
    return fields.get(kind, {})
