"""Playing conversation scripts: the real services and storage, a clock of our own, and a channel that only listens."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bot.domain.channel import WindowGrant
from bot.domain.consent import Consent, FrequencyChoice
from bot.domain.event import Origin, UtteranceReceived
from bot.domain.message import Message
from bot.domain.permit import SendPermit
from handlers import app as app_module
from handlers import settings as settings_module
from handlers.channel import CheckResult, Outcome, SendResult
from storage import consent
from storage.store import Sql, Tx

GRANTS = {"wechat": WindowGrant(5, 48 * 3600), "viber": None}
ACCOUNTS = [
    {"name": "viber", "channel": "viber", "auth_token": "env:ANY", "brand": "Quietline"},
    {
        "name": "wechat",
        "channel": "wechat",
        "app_id": "wx0",
        "app_secret": "env:ANY",
        "token": "env:ANY",
        "encoding_aes_key": "env:KEY",
    },
]


class ScriptError(Exception):
    """A script is not what `rehearse` reads. Says what would be right."""


class _Listener:
    """A channel that delivers into a transcript."""

    def __init__(self, heard: Callable[[Message], None]) -> None:
        self._heard = heard

    def send(self, _permit: SendPermit, _user_id: str, message: Message) -> SendResult:
        """Hear it."""
        self._heard(message)
        return SendResult(Outcome.SENT, message_token="rehearsal")  # noqa: S106 - an id, no secret

    def check(self, _webhook_url: str | None) -> list[CheckResult]:
        """Nothing to check."""
        return []

    def connect(self, _webhook_url: str) -> list[CheckResult]:
        """Nothing to connect."""
        return []


class Rehearsal:
    """A service on a throw-away database. Use as a context manager."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="quietline-rehearsal-")
        environ = {"ANY": "rehearsal", "KEY": "a" * 43}
        settings = settings_module.parse({"accounts": ACCOUNTS}, Path(self._folder.name), environ)
        self._now = datetime.now(UTC)
        self._house = app_module.build_house(settings, clock=lambda: self._now)
        self._service = app_module.build(self._house)
        self._heard: list[Message] = []
        self._house.clients = dict.fromkeys(GRANTS, _Listener(self._heard.append))
        self._numbers = itertools.count(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._house.store.close()
        self._folder.cleanup()

    def play(self, script: Any) -> dict[str, Any]:
        """Play one script as a new contact; the outcome, in the form of `score_dialogs.py`."""
        name, channel, turns = _checked(script)
        user_id = f"contact-{next(self._numbers)}"
        transcript: list[dict[str, str]] = []
        for text in turns:
            transcript.append({"from": "contact", "text": text})
            transcript += [{"from": "bot", "text": _shown(message)} for message in self._say(channel, user_id, text)]
            self._now += timedelta(seconds=1)
            self._service.worker.fire_timers()
        return {"name": name, **self._outcome(channel, user_id), "transcript": transcript}

    def _say(self, channel: str, user_id: str, text: str) -> list[Message]:
        self._heard.clear()
        origin = Origin(channel, user_id, f"event-{next(self._numbers)}", self._now, grant=GRANTS[channel])
        direct = self._hear_directly if channel == "wechat" else None
        self._service.inbound.accept(channel, UtteranceReceived(origin, text), text.encode(), direct)
        while self._service.delivery.run_due():
            pass
        return list(self._heard)

    def _hear_directly(self, message: Message) -> str:
        self._heard.append(message)
        return message.text

    def _outcome(self, channel: str, user_id: str) -> dict[str, Any]:
        pid = self._house.pid(self._house.account(channel), user_id)

        def look(tx: Tx) -> dict[str, Any]:
            registers = consent.load(tx, pid)
            return {
                "suppressed": registers.is_opted_out("marketing"),
                "frequency": _frequency(registers, self._now),
                "case_opened": tx.one(Sql("SELECT 1 FROM case_record WHERE pid = :pid LIMIT 1"), pid=pid) is not None,
                "handed_over": tx.one(Sql("SELECT 1 FROM flag WHERE pid = :pid LIMIT 1"), pid=pid) is not None,
            }

        return self._house.store.read(look)


def _checked(script: Any) -> tuple[str, str, list[str]]:
    wanted = 'a script is {"name": "...", "channel": "viber" or "wechat", "turns": [{"user": "..."}]}'
    if (
        not isinstance(script, dict)
        or script.get("channel") not in tuple(GRANTS)
        or not isinstance(script.get("turns"), list)
    ):
        raise ScriptError(wanted)
    turns: list[str] = []
    for turn in script["turns"]:
        if not isinstance(turn, dict) or not isinstance(turn.get("user"), str):
            raise ScriptError(wanted)
        turns.append(turn["user"])
    return str(script.get("name", "")), script["channel"], turns


def _frequency(registers: Consent, now: datetime) -> str | None:
    if registers.paused_until("marketing", now):
        return "paused"
    choice = registers.frequency("marketing").choice
    return choice.value if choice in (FrequencyChoice.WEEKLY, FrequencyChoice.MONTHLY) else None


def _shown(message: Message) -> str:
    return "\n".join(
        [message.text, *(f"[{number} {choice.label}]" for number, choice in enumerate(message.choices, 1))]
    )
