"""The whole journey in one process: the stand-in platform calls the real application, whose messages go back to it over real HTTP.

The clock is settable and shared; delivery runs when `settle` is called, so nothing waits and nothing races unless a test wants it to.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.domain.consent import Consent
from handlers import app as app_module
from handlers import settings as settings_module
from handlers.simulator.platform import Bubble, Platform, WeChatBook
from handlers.simulator.platform.callback import Answer
from storage import case, consent, contact, ledger, subject
from storage.contact import Person
from tests.support.channel import AES_KEY, SettableClock

VIBER_TOKEN = "445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9"
ENVIRON = {"VIBER": VIBER_TOKEN, "SECRET": "app-secret", "TOKEN": "callback-token", "AES": AES_KEY}


class Journey:
    """A service between two platforms. Accounts: `viber`, `wechat`, and `mini` (a mini program)."""

    def __init__(self, folder: Path, platform: Platform, clock: SettableClock, more: dict[str, Any]) -> None:
        self.platform, self.clock = platform, clock
        each = more.pop("each_account", {})
        document = {"accounts": [one | each for one in _accounts(platform)], **more}
        settings = settings_module.parse(document, folder, ENVIRON)
        self.house = app_module.build_house(settings, clock)
        self.service = app_module.build(self.house)
        self.client = self.service.app.test_client()
        base = "http://service.invalid/webhooks"
        platform.viber.add_bot("viber", VIBER_TOKEN, webhook_url=f"{base}/viber/viber")
        for name, app_id in (("wechat", "wx0000000000000001"), ("mini", "wx0000000000000002")):
            book = WeChatBook(
                name, app_id, "app-secret", "callback-token", AES_KEY, webhook_url=f"{base}/wechat/{name}"
            )
            platform.wechat.add_account(book)

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        """The platform's way in: the test client instead of a socket."""
        parts = urlsplit(url)
        answer = self.service.app.test_client().post(f"{parts.path}?{parts.query}", data=body, headers=headers)
        return Answer(answer.status_code, answer.headers.get("Content-Type", ""), answer.data)

    def settle(self) -> None:
        """Send everything that is due, and fire the clocks that ran out."""
        self.service.worker.fire_timers()
        while self.service.delivery.run_due():
            pass

    def says(self, account: str, user_id: str, text: str) -> list[str]:
        """A contact writes; what then stands on the phone, from us, that did not before."""
        before = len(self.phone(account, user_id))
        sent = self.side(account).contact_says(account, user_id, text)
        assert (sent.status, sent.problem) == (200, "")
        self.settle()
        return [one.text for one in self.phone(account, user_id)[before:] if not one.is_from_contact]

    def side(self, account: str) -> Any:
        """The stand-in of the account's channel."""
        return self.platform.viber if account == "viber" else self.platform.wechat

    def phone(self, account: str, user_id: str) -> tuple[Bubble, ...]:
        """Everything on a contact's phone."""
        bubbles: tuple[Bubble, ...] = self.side(account).transcript.of(account, user_id)
        return bubbles

    def pid(self, account: str, user_id: str) -> str:
        """The contact's pseudonym."""
        return self.house.pid(self.house.account(account), user_id)

    def consent(self, account: str, user_id: str) -> Consent:
        """The contact's registers."""
        return self.house.store.read(lambda tx: consent.load(tx, self.pid(account, user_id)))

    def ledger(self, account: str, user_id: str) -> list[dict[str, Any]]:
        """The contact's ledger events, oldest first."""
        return self.house.store.read(lambda tx: ledger.of_subject(tx, self.pid(account, user_id)))[::-1]

    def person(self, account: str, user_id: str) -> Person | None:
        """The contact's row."""
        pid = self.pid(account, user_id)
        return self.house.store.read(lambda tx: contact.load(tx, pid, subject.sealer_of(tx, pid)))

    def cases(self, account: str, user_id: str) -> tuple[Any, ...]:
        """The contact's cases."""
        return self.house.store.read(lambda tx: case.of_subject(tx, self.pid(account, user_id)))


def _accounts(platform: Platform) -> list[dict[str, Any]]:
    wechat = {
        "channel": "wechat",
        "app_secret": "env:SECRET",
        "token": "env:TOKEN",
        "encoding_aes_key": "env:AES",
        "api_url": platform.wechat_api_url,
    }
    return [
        {
            "name": "viber",
            "channel": "viber",
            "auth_token": "env:VIBER",
            "api_url": platform.viber_api_url,
            "brand": "Acme",
        },
        {"name": "wechat", "app_id": "wx0000000000000001", "brand": "Acme", **wechat},
        {"name": "mini", "app_id": "wx0000000000000002", "brand": "Acme", "kind": "mini_program", **wechat},
    ]


@contextmanager
def journey(folder: Path, **more: Any) -> Iterator[Journey]:
    """A journey on a database in `folder`; `more` are further sections of the settings, `each_account` is for every account."""
    clock = SettableClock()
    late: list[Journey] = []  # the platform must exist before the service that it calls

    def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
        return late[0].post(url, body, headers)

    with Platform(clock, poster=post) as platform:
        built = Journey(folder, platform, clock, more)
        late.append(built)
        try:
            yield built
        finally:
            built.house.store.close()
