"""What both channels' routes have in common."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.domain.event import ChannelEvent
from bot.domain.message import Message
from handlers.simulator.platform import Platform, WeChatBook
from handlers.webhooks import blueprints, make_client
from handlers.webhooks.viber.client import ViberClient
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


def test_every_account_has_its_way_in_and_out() -> None:
    viber, wechat = viber_account(), wechat_account()
    assert isinstance(make_client(viber, MemoryVault(), lambda: NOW), ViberClient)
    assert isinstance(make_client(wechat, MemoryVault(), lambda: NOW), WeChatClient)
    made = blueprints([viber, wechat], RecordingInbound(), lambda: NOW)
    assert [blueprint.name for blueprint in made] == ["viber", "wechat"]
