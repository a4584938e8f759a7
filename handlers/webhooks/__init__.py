"""Viber and WeChat callbacks in, messages out: one small folder per channel, all shaped alike.

`views` (HTTP in), `security`, `parse`, `render`, `client` (HTTP out). This module is where a channel is plugged in: a
new one adds a branch to each of the two functions below.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint

from handlers.channel import ChannelClient, Inbound, TokenVault
from handlers.clock import Clock
from handlers.settings import Account, ViberAccount, WeChatAccount
from handlers.webhooks.viber import client as viber_client
from handlers.webhooks.viber import views as viber_views
from handlers.webhooks.wechat import client as wechat_client
from handlers.webhooks.wechat import views as wechat_views


def make_client(account: Account, vault: TokenVault, clock: Clock) -> ChannelClient:
    """The way out of one account. Make it once and share it: it keeps connections open and is safe between threads."""
    match account:
        case ViberAccount():
            return viber_client.ViberClient(account, clock)
        case WeChatAccount():
            return wechat_client.WeChatClient(account, vault, clock)
    raise TypeError(f"no channel for {type(account).__name__}")


def blueprints(accounts: Iterable[Account], inbound: Inbound, clock: Clock) -> list[Blueprint]:
    """The ways in of all accounts, one blueprint for each channel."""
    accounts = tuple(accounts)
    viber = {one.name: one for one in accounts if isinstance(one, ViberAccount)}
    wechat = {one.name: one for one in accounts if isinstance(one, WeChatAccount)}
    return [viber_views.blueprint(viber, inbound, clock), wechat_views.blueprint(wechat, inbound, clock)]
