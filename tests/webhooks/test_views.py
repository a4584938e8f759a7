"""What both channels' routes have in common."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from bot.domain.event import ChannelEvent
from bot.domain.message import Message
from handlers.simulator.platform import Platform, WeChatBook
from handlers.webhooks import blueprints, make_client
from handlers.webhooks.viber.client import ViberClient
from handlers.webhooks.viber.security import HEADER, sign
from handlers.webhooks.wechat.client import WeChatClient
from storage.error import Unavailable
from tests.support.channel import (
    AES_KEY,
    NOW,
    MemoryVault,
    RecordingInbound,
    SettableClock,
    app_of,
    poster_to,
    viber_account,
    wechat_account,
)


class ClosedInbound:
    """A fake `Inbound` whose database is away."""

    def accept(
        self, account: str, event: ChannelEvent, raw: bytes, direct: Callable[[Message], str] | None
    ) -> str | None:
        """Keep nothing."""
        raise Unavailable(account)


@pytest.mark.parametrize("channel", ["viber", "wechat"])
def test_what_could_not_be_kept_is_never_acknowledged(channel: str, clock: SettableClock) -> None:
    viber, wechat = viber_account(), wechat_account()
    platform = Platform(clock, poster_to(app_of(ClosedInbound(), clock, viber, wechat)))
    platform.viber.add_bot(
        "acme-viber", str(viber.auth_token), webhook_url="http://localhost/webhooks/viber/acme-viber"
    )
    platform.wechat.add_account(
        WeChatBook("acme-wechat", wechat.app_id, "x", str(wechat.token), AES_KEY, webhook_url="http://localhost/webhooks/wechat/acme-wechat")
    )  # fmt: skip
    acts = {"viber": platform.viber.contact_says, "wechat": platform.wechat.contact_says}
    with pytest.raises(Unavailable):
        acts[channel](f"acme-{channel}", "person", "STOP")


def test_a_forgery_and_an_unreadable_body_are_logged_without_what_they_held(clock: SettableClock) -> None:
    viber, wechat = viber_account(), wechat_account()
    client = app_of(RecordingInbound(), clock, viber, wechat).test_client()
    body, signed = b"canary-body", {HEADER: sign(viber.auth_token, b"canary-body")}
    with capture_logs() as logged:
        client.post("/webhooks/viber/acme-viber?sig=canary", data=body, headers={HEADER: "canary"})
        client.post("/webhooks/wechat/acme-wechat?nonce=canary", data=body)
        client.get("/webhooks/wechat/acme-wechat?echostr=canary")
        client.post("/webhooks/viber/acme-viber", data=body, headers=signed)
    assert [(entry["event"], entry["account"]) for entry in logged] == [
        ("callback_forged", "acme-viber"),
        ("callback_forged", "acme-wechat"),
        ("callback_forged", "acme-wechat"),
        ("callback_malformed", "acme-viber"),
    ]
    assert "canary" not in str(logged)


def test_every_account_has_its_way_in_and_out() -> None:
    viber, wechat = viber_account(), wechat_account()
    assert isinstance(make_client(viber, MemoryVault(), lambda: NOW), ViberClient)
    assert isinstance(make_client(wechat, MemoryVault(), lambda: NOW), WeChatClient)
    made = blueprints([viber, wechat], RecordingInbound(), lambda: NOW)
    assert [blueprint.name for blueprint in made] == ["viber", "wechat"]
