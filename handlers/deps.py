"""What the parts of the service share: settings, store, clock, recogniser. Made once at start (`app.build_house`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.domain.channel import Channel
from handlers.channel import ChannelClient
from handlers.clock import Clock, system_clock
from handlers.settings import Account, Settings
from intents.recogniser import Recogniser
from storage.store import Store


@dataclass(slots=True)
class House:
    """The running service. `recogniser` answers the live phrase revision; `wake` tells the delivery that something
    is waiting.
    """

    settings: Settings
    store: Store
    recogniser: Callable[[], Recogniser]
    clients: Mapping[str, ChannelClient]
    clock: Clock = system_clock
    wake: Callable[[], None] = field(default=lambda: None)

    def account(self, name: str) -> Account:
        """The account of that name. Raises KeyError for an unknown one: routes check before."""
        account = self.settings.account(name)
        if account is None:
            raise KeyError(name)
        return account

    def pid(self, account: Account, user_id: str) -> str:
        """The pseudonym of a platform user on an account."""
        return self.store.keys.pid(account.channel.value, account.name, user_id)


def has_window(account: Account) -> bool:
    """Whether the channel lets us send only for a while after the contact's act."""
    return account.channel is Channel.WECHAT
