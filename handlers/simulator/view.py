"""What the page shows of one contact: the phone, and everything that the service knows and decides behind it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.domain.consent import ALL_TOPICS, Consent
from handlers.deps import House, has_window
from handlers.services import audience
from handlers.settings import Account
from handlers.simulator.feed import Contact, Feeds, Item
from handlers.simulator.overhear import Readings
from handlers.simulator.platform.callback import Sent
from intents.reading import Reading, Reason
from locales import catalogue
from locales.language import LANGUAGES
from storage import case, chat, consent, contact, ledger, subject
from storage.contact import Person
from storage.moment import to_ms
from storage.store import Sql, Tx

ITEMS, LINES, EVENTS, WIRE = 80, 40, 12, 1500

Json = dict[str, Any]

_FLAG = Sql("SELECT reason, state, agent, raised_at FROM flag WHERE pid = :pid ORDER BY id DESC LIMIT 1")
_UNSENT = ("queued", "held", "failed")


class View:
    """Reads, and never changes anything."""

    def __init__(self, house: House, feeds: Feeds, readings: Readings) -> None:
        self._house, self._feeds, self._readings = house, feeds, readings

    def side(self, who: Contact, last: Sent | None) -> Json:
        """One contact's whole state, all of one moment."""
        return self._house.store.read(lambda tx: self._side(tx, who, last))

    def people(self, account: str) -> list[Json]:
        """The contacts of an account, for the choice of a phone."""
        found = self._feeds.contacts(account)
        return [{"id": one.user_id, "name": one.name, "language": one.language} for one in found]

    def _side(self, tx: Tx, who: Contact, last: Sent | None) -> Json:
        account, now = self._house.account(who.account), self._house.clock()
        pid = self._house.pid(account, who.user_id)
        sealer = subject.sealer_of(tx, pid)
        person = contact.load(tx, pid, sealer)
        lines = chat.lines(tx, pid, sealer, LINES) if sealer else []
        items = self._feeds.items(who)
        return {
            "contact": {"id": who.user_id, "name": who.name, "language": who.language, "pid": pid[:12]},
            "items": [_item(place, one) for place, one in enumerate(items)][-ITEMS:],
            "readings": [self._reading(one) for one in lines if one.author == "contact"][-6:],
            "conversation": _conversation(person, account, lines, now),
            "topics": self._topics(tx, account, who, pid, now),
            "ledger": _ledger(tx, pid),
            "cases": [_case(one) for one in case.of_subject(tx, pid)],
            "flag": _flag(tx, pid),
            "unsent": [_unsent(one) for one in lines if one.status in _UNSENT],
            "wire": _wire(last, account) if last else None,
        }

    def _reading(self, line: chat.Line) -> Json:
        kept = self._readings.find(line.text) if line.reading else None
        short: Json = {"id": line.id, "at": line.at, "text": line.text, "reading": line.reading}
        return {**short, "full": _full(kept)} if kept else short

    def _topics(self, tx: Tx, account: Account, who: Contact, pid: str, now: datetime) -> list[Json]:
        registers = consent.load(tx, pid)
        rows = []
        for topic in account.topics:
            verdict = audience.judge(tx, self._house, audience.Question(account, topic.id, (who.user_id,)))[0]
            denial = verdict.denial
            gate: Json = {"allowed": denial is None}
            if denial is not None:
                gate |= {"reason": denial.reason.value, "until": _ms(denial.until)}
            rows.append(
                {"id": topic.id, "names": dict(topic.names), **_standing(registers, topic.id, now), "gate": gate}
            )
        return rows


def _standing(registers: Consent, topic: str, now: datetime) -> Json:
    frequency = registers.frequency(topic)
    return {
        "standing": registers.standing(topic).value,
        "frequency": frequency.choice.value,
        "days": frequency.days,
        "paused_until": _ms(registers.paused_until(topic, now)),
        "held_until": _ms(registers.held_until(topic, now)),
    }


def _item(place: int, item: Item) -> Json:
    shown: Json = {"id": place, "kind": item.kind, "at": item.at}
    if item.kind == "note":
        return {**shown, "words": item.words, "facts": item.facts}
    more: Json = {"parts": list(item.parts), "options": list(item.options), "medium": item.medium}
    return {**shown, **more, "again": item.is_again}


def _full(reading: Reading) -> Json:
    return {
        "language": reading.language,
        "answer": reading.answer,
        "answer_names": _answer_names(reading.answer),
        "cues": sorted(cue.value for cue in reading.cues),
        "folds": [_reason(one) for one in reading.folds],
        "rivals": [_reason(one) for one in reading.rivals],
        "because": [[_reason(why) for why in one.because] for one in reading.intents],
        "revision": reading.revision[:10],
    }


def _answer_names(option_id: str | None) -> dict[str, str]:
    """How the chosen answer reads, by language; empty for one that only this contact's question knows, such as a topic."""
    answer = option_id.split(".")[1] if option_id and option_id.count(".") == 2 else ""
    key = f"option.{answer}"
    return {tag: catalogue.say(tag, key) for tag in LANGUAGES} if answer and catalogue.has(key) else {}


def _reason(reason: Reason) -> Json:
    return {
        "layer": reason.layer,
        "text": reason.text,
        "phrase": reason.phrase,
        "file": reason.file,
        "line": reason.line,
        "distance": reason.distance,
    }


def _conversation(person: Person | None, account: Account, lines: list[chat.Line], now: datetime) -> Json | None:
    if person is None:
        return None
    state = person.conversation
    window: Json | None = None
    if has_window(account):
        window = {"left": person.wallet.left(now), "until": _ms(person.wallet.closes_at(now))}
    return {
        "stage": state.stage.value,
        "holder": state.holder.value,
        "language": state.language,
        "serial": state.serial,
        "case": state.case,
        "misses": state.misses,
        "choices": _choices(state.choices, lines),
        "window": window,
        "left_at": _ms(person.left_at),
    }


def _choices(option_ids: tuple[str, ...], lines: list[chat.Line]) -> list[Json]:
    """The open question's options with the labels under which the contact saw them."""
    shown = next((one.choices for one in reversed(lines) if one.author == "bot" and one.choices), ())
    labels = shown if len(shown) == len(option_ids) else option_ids
    return [{"id": one, "label": label} for one, label in zip(option_ids, labels, strict=True)]


def _ledger(tx: Tx, pid: str) -> list[Json]:
    keys = ("seq", "recorded_at", "kind", "topic", "before", "after", "source", "actor", "reason", "words")
    return [
        {**{key: event[key] for key in keys}, "hash": event["hash"][:10], "all": event["topic"] == ALL_TOPICS}
        for event in ledger.of_subject(tx, pid, EVENTS)
    ]


def _case(found: Any) -> Json:
    return {
        "number": found.number,
        "kind": found.kind.value,
        "category": found.category,
        "status": found.status.value,
        "opened_at": _ms(found.opened_at),
        "first_response_due_at": _ms(found.first_response_due_at),
        "solution_due_at": _ms(found.solution_due_at),
    }


def _flag(tx: Tx, pid: str) -> Json | None:
    row = tx.one(_FLAG, pid=pid)
    return dict(zip(("reason", "state", "agent", "at"), row, strict=True)) if row else None


def _unsent(line: chat.Line) -> Json:
    return {"id": line.id, "at": line.at, "author": line.author, "text": line.text[:120], "status": line.status}


def _wire(sent: Sent, account: Account) -> Json:
    return {
        "path": f"/webhooks/{account.channel.value}/{account.name}",
        "status": sent.status,
        "payload": sent.payload.decode("utf-8", "replace")[:WIRE],
        "sealed": sent.raw.body.decode("utf-8", "replace")[:200] if sent.reply else "",
        "reply": sent.reply[:WIRE],
    }


def _ms(moment: datetime | None) -> int | None:
    return to_ms(moment)
