"""Channels, and what the conversation must know of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    """Where a contact writes."""

    VIBER = "viber"
    WECHAT = "wechat"


@dataclass(frozen=True, slots=True)
class WindowGrant:
    """What a contact's act buys us on a channel with a sending window: `messages` sends within `seconds`.

    WeChat: a message 5 in 48 h; following, scanning, a menu click or a tapped menu option 3 in one minute (rules of
    2023-06-12).
    """

    messages: int
    seconds: int
