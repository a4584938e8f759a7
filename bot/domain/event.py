"""What can happen to a conversation: a closed union, made by the channels, the clock and the agents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.channel import WindowGrant


@dataclass(frozen=True, slots=True)
class Origin:
    """Who and when. `key` identifies the event on its account for ever (permanent deduplication); `at` is the
    platform's time (aware, UTC).

    `language` is the platform profile's language tag as given ("zh_CN", "en"), `name` the display name if the
    platform sent one.
    `grant` is what this act adds to the account's sending window, None where the channel has none or the act buys
    nothing.
    """

    account: str
    user_id: str
    key: str
    at: datetime
    language: str | None = None
    name: str | None = None
    grant: WindowGrant | None = None


class Medium(StrEnum):
    """In what form something arrived."""

    TEXT = "text"
    VOICE = "voice"
    PICTURE = "picture"
    VIDEO = "video"
    FILE = "file"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACT = "contact"
    LINK = "link"
    OTHER = "other"


class Departure(StrEnum):
    """How a contact left on the platform itself."""

    UNSUBSCRIBED = "unsubscribed"  # Viber: "receive messages" switched off
    UNFOLLOWED = "unfollowed"  # WeChat: must erase the person
    AUTHORIZATION_REVOKED = "authorization_revoked"  # WeChat: must erase the person


class DeliveryStatus(StrEnum):
    """What the platform reports of a message that we sent."""

    DELIVERED = "delivered"
    SEEN = "seen"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class UtteranceReceived:
    """Words: typed, or spoken and recognised by the platform. At most 7,000 characters."""

    origin: Origin
    text: str
    medium: Medium = Medium.TEXT


@dataclass(frozen=True, slots=True)
class ButtonTapped:
    """An offered option was tapped. `option` is the id that we sent (`question.answer.serial`), `label` what the
    contact saw.
    """

    origin: Origin
    option: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class MediaReceived:
    """A picture, sticker, unrecognised voice …: nothing to read, but to be acknowledged. `caption` may hold words."""

    origin: Origin
    medium: Medium
    caption: str = ""


@dataclass(frozen=True, slots=True)
class MenuClicked:
    """An entry of the account's own menu (WeChat CLICK). `menu_key` may be the name of an intent, e.g. `opt_out`."""

    origin: Origin
    menu_key: str


@dataclass(frozen=True, slots=True)
class ConversationStarted:
    """The chat was opened (Viber): one welcome message may be the answer. This is no subscription."""

    origin: Origin
    subscribed: bool


@dataclass(frozen=True, slots=True)
class Followed:
    """The contact followed (WeChat `subscribe`) or subscribed (Viber `subscribed`) to the account."""

    origin: Origin
    scene: str = ""


@dataclass(frozen=True, slots=True)
class ProfileScanned:
    """A follower scanned the account's QR code again, or opened its chat: buys a short window, asks nothing."""

    origin: Origin


@dataclass(frozen=True, slots=True)
class LeftPlatform:
    """The contact left on the platform itself. `must_erase`: the platform's rules ask to delete all we hold of the
    person.
    """

    origin: Origin
    how: Departure
    must_erase: bool


@dataclass(frozen=True, slots=True)
class TopicRefused:
    """The contact refused subscription-message templates in the platform's settings (WeChat)."""

    origin: Origin
    template_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeliveryReported:
    """The platform's word about a message of ours, by the token it gave us when it was sent."""

    origin: Origin
    message_token: str
    status: DeliveryStatus
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Ignored:
    """Something that asks nothing of us. `reason` says why, in words for the log; `key` where the platform names
    one.
    """

    reason: str
    key: str = ""


class TimerName(StrEnum):
    """Clocks that a conversation sets for itself."""

    COMPLAINT_ABANDONED = "complaint_abandoned"  # a complaint was announced and left there
    HANDOVER_UNANSWERED = "handover_unanswered"  # nobody took the chat over
    QUESTION_LAPSED = "question_lapsed"  # an open question nobody answered


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A clock ran out. `serial` is the conversation's turn that set it: a later turn makes it void."""

    origin: Origin
    name: TimerName
    serial: int


@dataclass(frozen=True, slots=True)
class AgentTookOver:
    """A member of staff holds the chat now: the bot is silent, STOP and START still work."""

    origin: Origin
    agent: str


@dataclass(frozen=True, slots=True)
class AgentHandedBack:
    """The member of staff gave the chat back to the bot."""

    origin: Origin
    agent: str


ContactEvent = (
    UtteranceReceived
    | ButtonTapped
    | MediaReceived
    | MenuClicked
    | ConversationStarted
    | Followed
    | ProfileScanned
    | LeftPlatform
    | TopicRefused
    | TimerFired
    | AgentTookOver
    | AgentHandedBack
)
"""What the engine steps on."""

PlatformEvent = (
    UtteranceReceived
    | ButtonTapped
    | MediaReceived
    | MenuClicked
    | ConversationStarted
    | Followed
    | ProfileScanned
    | LeftPlatform
    | TopicRefused
    | DeliveryReported
)
"""What a platform can tell us of a contact."""

ChannelEvent = PlatformEvent | Ignored
"""What a channel's `parse` may return. `DeliveryReported` concerns a message, not the conversation."""
