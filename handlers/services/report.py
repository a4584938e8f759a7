"""What the platforms tell of our messages: delivered, seen, failed."""

from __future__ import annotations

from bot.domain.event import DeliveryReported
from storage import chat, outbox
from storage.store import Tx


def note_delivery(tx: Tx, account: str, event: DeliveryReported) -> None:
    """Put the platform's word beside the message; reports of messages that are not ours (any more) are passed over."""
    found = outbox.by_token(tx, account, event.message_token)
    if found is None:
        return
    chat.set_status(tx, found[0], event.status.value)
