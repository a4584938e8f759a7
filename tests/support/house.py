"""A house for tests: real storage, real recognition and conversation, fakes in the place of the platforms."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.domain.channel import WindowGrant
from bot.domain.consent import Consent, ConsentChange, ConsentKind
from bot.domain.event import (
    ButtonTapped,
    ChannelEvent,
    Departure,
    Followed,
    LeftPlatform,
    Origin,
    UtteranceReceived,
)
from bot.domain.message import Message, Purpose
from bot.domain.permit import SendPermit
from handlers.channel import CheckResult, Outcome, SendResult
from handlers.delivery import Delivery
from handlers.deps import House
from handlers.services import audience
from handlers.services import consent as consent_service
from handlers.services.inbound import InboundService
from handlers.settings import Account, DatabaseSettings, Settings
from handlers.worker import Worker
from intents.builtin import builtin_recogniser
from storage import consent, outbox, subject
from storage.key import Keyring
from storage.ledger import Provenance
from storage.moment import to_ms
from storage.store import Sql, Store, Tx
from tests.support.channel import SettableClock, viber_account, wechat_account

KEYS = Keyring(bytes(range(32)), bytes(range(32, 64)))
MESSAGE_GRANT = WindowGrant(5, 48 * 3600)
SENT = SendResult(Outcome.SENT, message_token="t")


class FakeClient:
    """A platform that does as told: answers with `results` in turn, then with SENT; or asks `answer` each time."""

    def __init__(self, *results: SendResult) -> None:
        self.results = list(results)
        self.answer: Callable[[str, Message], SendResult] | None = None
        self.sent: list[tuple[str, str]] = []
        self._lock = threading.Lock()

    def send(self, permit: SendPermit, user_id: str, message: Message) -> SendResult:
        """As `ChannelClient.send`."""
        assert isinstance(permit, SendPermit)
        with self._lock:
            self.sent.append((user_id, message.text))
            number = len(self.sent)
            told = self.results.pop(0) if self.results else None
        if self.answer:
            return self.answer(user_id, message)
        return told or SendResult(Outcome.SENT, message_token=f"token-{number}")

    def check(self, webhook_url: str | None) -> list[CheckResult]:
        """As `ChannelClient.check`."""
        return []

    def connect(self, webhook_url: str) -> list[CheckResult]:
        """As `ChannelClient.connect`."""
        return []

    @property
    def texts(self) -> list[str]:
        """What was sent, in order."""
        return [text for _, text in self.sent]


class Home:
    """A house and shortcuts to it. The contact is `u1` on the Viber account unless said otherwise."""

    def __init__(self, store: Store, url: str, clock: SettableClock, *accounts: Account) -> None:
        self.clock, self.store, self.client = clock, store, FakeClient()
        self.accounts = accounts or (viber_account(), wechat_account())
        settings = Settings(self.accounts, DatabaseSettings(url), Path("unused"))
        clients = {one.name: self.client for one in self.accounts}
        self.house = House(settings, store, builtin_recogniser, clients, clock)
        self.inbound = InboundService(self.house)
        self.delivery = Delivery(self.house)
        self.worker = Worker(self.house, self.inbound, self.delivery)
        self._serial = 0

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file of ours."""
        return self.house.settings.database.url.startswith("sqlite")

    @property
    def viber(self) -> Account:
        """The Viber account."""
        return self.house.account("acme-viber")

    @property
    def wechat(self) -> Account:
        """The WeChat account."""
        return self.house.account("acme-wechat")

    def pid(self, user: str = "u1", account: Account | None = None) -> str:
        """The contact's pseudonym."""
        return self.house.pid(account or self.viber, user)

    def origin(
        self, user: str = "u1", account: Account | None = None, at: datetime | None = None, key: str | None = None
    ) -> Origin:
        """Where an event comes from; a new key each time unless given."""
        self._serial += 1
        account = account or self.viber
        grant = MESSAGE_GRANT if account.channel.value == "wechat" else None
        return Origin(account.name, user, key or f"event-{self._serial}", at or self.clock.now, grant=grant)

    def accept(self, event: ChannelEvent, *, is_direct: bool = False) -> str | None:
        """Hand an event in as a channel's view does."""
        assert not hasattr(event, "key"), "an ignored event has no account"
        return self.inbound.accept(event.origin.account, event, b"raw", render if is_direct else None)  # type: ignore[union-attr]

    def say(self, text: str, *, is_direct: bool = False, **origin: Any) -> str | None:
        """The contact writes."""
        return self.accept(UtteranceReceived(self.origin(**origin), text), is_direct=is_direct)

    def tap(self, option: str, **origin: Any) -> str | None:
        """The contact taps an option."""
        return self.accept(ButtonTapped(self.origin(**origin), option, "a label"))

    def follow(self, **origin: Any) -> str | None:
        """The contact follows."""
        return self.accept(Followed(self.origin(**origin)))

    def leave(self, *, must_erase: bool = False, **origin: Any) -> str | None:
        """The contact leaves on the platform."""
        how = Departure.UNFOLLOWED if must_erase else Departure.UNSUBSCRIBED
        return self.accept(LeftPlatform(self.origin(**origin), how, must_erase))

    def consent(self, user: str = "u1", account: Account | None = None) -> Consent:
        """The contact's registers, in the order of the topics."""
        found = self.store.read(lambda tx: consent.load(tx, self.pid(user, account)))
        return Consent(tuple(sorted(found.topics, key=lambda one: one.topic)))

    def opt_in(self, user: str = "u1", account: Account | None = None, at: datetime | None = None) -> None:
        """Consent with evidence, from elsewhere."""
        change = ConsentChange(ConsentKind.OPTED_IN, at or self.clock.now)
        self.change(change, user, account)

    def change(self, change: ConsentChange, user: str = "u1", account: Account | None = None) -> None:
        """A change of consent from elsewhere, with evidence."""
        act = consent_service.Act("api", "crm", "a signed form")
        where = account or self.viber
        self.store.write(lambda tx: consent_service.change(tx, self.house, where, user, change, act))

    def gate(
        self, user: str = "u1", account: Account | None = None, *, claim: bool = False, key: str | None = None
    ) -> str:
        """`allow`, or the reason of the denial."""
        question = audience.Question(account or self.viber, "marketing", (user,), claim, key)
        answer = audience.ask(self.house, question)
        return "allow" if answer["allowed"] else str(answer["denied"][0]["reason"])

    def erase(self, user: str = "u1", account: Account | None = None) -> bool:
        """Erase on request."""
        where, act = account or self.viber, consent_service.Act("request", "console", "request")
        return self.store.write(lambda tx: consent_service.erase(tx, self.house, where, user, act))

    def queue(
        self,
        text: str,
        purpose: Purpose = Purpose.REPLY,
        user: str = "u1",
        account: Account | None = None,
        lives: timedelta = timedelta(hours=48),
    ) -> int:
        """Put a message to the contact into the outbox; returns its id."""
        now = to_ms(self.clock.now)
        where = account or self.viber

        def work(tx: Tx) -> int:
            locked = subject.lock(tx, self.pid(user, where), where.name, now)
            topic = "marketing" if purpose is Purpose.MARKETING else "*"
            times = now, now, to_ms(self.clock.now + lives)
            return outbox.put(tx, locked, Message(text, "en", purpose=purpose), topic, times)

        return self.store.write(work)

    def rows(self, sql: str, **parameters: object) -> list[tuple[Any, ...]]:
        """Look into the tables."""
        return [tuple(row) for row in self.store.read(lambda tx: tx.all(Sql(sql), **parameters))]

    def outbox(self) -> list[tuple[int, str, str | None]]:
        """(id, state, detail) of every message, oldest first."""
        return self.rows("SELECT id, state, detail FROM outbox ORDER BY id")

    def states(self) -> list[str]:
        """The states of every message, oldest first."""
        return [row[1] for row in self.outbox()]

    def kinds(self, user: str = "u1", account: Account | None = None) -> list[str]:
        """The kinds of the contact's ledger events, oldest first."""
        sql = "SELECT kind FROM ledger_event WHERE pid = :pid ORDER BY seq"
        return [row[0] for row in self.rows(sql, pid=self.pid(user, account))]


def render(message: Message) -> str:
    """A message as a direct answer."""
    return "\n".join([message.text, *(f"{place} {one.label}" for place, one in enumerate(message.choices, start=1))])


def together(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Run `work(0)` … `work(count - 1)` in as many threads, all let go at the same moment; their answers, errors among them."""
    answers: list[Any] = [None] * count
    gate = threading.Barrier(count)

    def run(number: int) -> None:
        gate.wait()
        try:
            answers[number] = work(number)
        except Exception as error:  # noqa: BLE001 - the test judges it
            answers[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return answers


def change_of(kind: ConsentKind = ConsentKind.OPTED_OUT, at: datetime | None = None, **facts: Any) -> ConsentChange:
    """A change of consent."""
    return ConsentChange(kind, at or SettableClock().now, **facts)


def append(store: Store, user: str = "u1", change: ConsentChange | None = None, words: str = "please stop") -> int:
    """Record one change for a contact of the Viber account; returns the ledger's length afterwards."""
    wanted = change or change_of()
    now = to_ms(wanted.at)

    def work(tx: Tx) -> int:
        locked = subject.lock(tx, tx.keys.pid("viber", "acme-viber", user), "acme-viber", now)
        consent.record(tx, locked, wanted, Provenance(now, "message", revision="r1"), words)
        row = tx.one(Sql("SELECT seq FROM ledger_head"))
        return int(row[0]) if row else 0

    return store.write(work)
