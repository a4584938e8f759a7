"""The invented brand of the demo: two accounts, three topics, secrets that live as long as the process."""

from __future__ import annotations

import secrets
import string
from pathlib import Path
from typing import Any

from handlers.settings import Settings, ViberAccount, WeChatAccount, parse
from handlers.simulator.platform import Platform, WeChatBook

VIBER, WECHAT = "lumen-viber", "lumen-wechat"
THREADS = 12  # a page that polls must never take the last one from a webhook

TOPICS: list[dict[str, str]] = [
    {"id": "marketing", "en": "offers and news", "zh-Hans": "优惠与资讯", "zh-Hant": "優惠與資訊"},
    {"id": "new_arrivals", "en": "new arrivals", "zh-Hans": "新品上架", "zh-Hant": "新品上架"},
    {"id": "events", "en": "tastings and events", "zh-Hans": "品茶活动", "zh-Hant": "品茶活動"},
]

CAMPAIGNS = {
    "marketing": {
        "en": "Autumn offer: two tins of roasted oolong for the price of one, until Sunday.",
        "zh-Hans": "秋日优惠：焙火乌龙买一送一，截至周日。",
        "zh-Hant": "秋日優惠：焙火烏龍買一送一，至週日止。",
    },
    "new_arrivals": {
        "en": "New on the shelf: white tea from the first spring picking.",
        "zh-Hans": "新品上架：头春白茶，今日开售。",
        "zh-Hant": "新品上架：頭春白茶，今日開賣。",
    },
    "events": {
        "en": "Tasting evening this Thursday at seven. Twelve seats, five cups each.",
        "zh-Hans": "本周四晚七点品茶会，十二席，每席五盏。",
        "zh-Hant": "本週四晚七點品茶會，十二席，每席五盞。",
    },
}
"""What the campaign button sends, by topic and language."""

Environ = dict[str, str]


def invent_secrets() -> Environ:
    """Fresh secrets under the names that the settings refer to."""
    letters = string.ascii_letters + string.digits
    return {
        "LUMEN_VIBER_TOKEN": f"{secrets.token_hex(8)}-{secrets.token_hex(8)}-{secrets.token_hex(8)}",
        "LUMEN_WECHAT_SECRET": secrets.token_hex(16),
        "LUMEN_WECHAT_TOKEN": secrets.token_hex(12),
        "LUMEN_WECHAT_AES_KEY": "".join(secrets.choice(letters) for _ in range(42))
        + "A",  # 43 of base64, two bits over
    }


def settings(folder: Path, platform: Platform, environ: Environ, public_url: str) -> Settings:
    """The settings of the demo, checked by the same code as a settings file. `platform` must be listening."""
    shared: dict[str, Any] = {"topics": TOPICS}
    document = {
        "server": {"public_url": public_url, "threads": THREADS},
        "accounts": [
            {
                **shared,
                "name": VIBER,
                "channel": "viber",
                "brand": "Lumen Tea",
                "default_language": "en",
                "api_url": platform.viber_api_url,
                "auth_token": "env:LUMEN_VIBER_TOKEN",
            },
            {
                **shared,
                "name": WECHAT,
                "channel": "wechat",
                "brand": "Lumen Tea",
                "default_language": "zh-Hans",
                "api_url": platform.wechat_api_url,
                "app_id": "wx" + secrets.token_hex(8),
                "app_secret": "env:LUMEN_WECHAT_SECRET",
                "token": "env:LUMEN_WECHAT_TOKEN",
                "encoding_aes_key": "env:LUMEN_WECHAT_AES_KEY",
            },
        ],
    }
    return parse(document, folder, environ)


def open_accounts(platform: Platform, checked: Settings, base_url: str) -> None:
    """Open both accounts at the stand-in, connected to our webhooks under `base_url`."""
    for account in checked.accounts:
        url = f"{base_url}/webhooks/{account.channel.value}/{account.name}"
        match account:
            case ViberAccount():
                platform.viber.add_bot(account.name, account.auth_token, account.sender_name, url)
            case WeChatAccount():
                platform.wechat.add_account(
                    WeChatBook(
                        account.name,
                        account.app_id,
                        account.app_secret,
                        account.token,
                        account.encoding_aes_key,
                        webhook_url=url,
                    )
                )
