"""Our messages in WeChat's form: text whose options are tappable links and numbers. Limit: 2,000 UTF-8 bytes a text."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import quote

from bot.domain.message import Choice, Message

BYTE_LIMIT = 2000
"""Error 45002 comes above 2,048, measured; whether that counts bytes or characters is not documented."""

PASSIVE_LIMIT = 1090
"""Characters of a passive reply: reported to fail above about 1,097, links counted as they are written."""

_OPTIONS_SHARE = 1500
_HINT = {
    "en": "Tap one, or reply with its number.",
    "zh-Hans": "点一下，或回复数字。",
    "zh-Hant": "點一下，或回覆數字。",
}
_MARKUP = re.compile(r"<(?=[A-Za-z/!?])")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

Json = dict[str, object]


def pieces(message: Message, limit: int = BYTE_LIMIT) -> tuple[str, ...]:
    """The message in texts of at most `limit` bytes, cut between characters; the options end the last one, whole."""
    options = _options(message, limit)
    text = clean(message.text)
    parts: list[str] = []
    while len((text + options).encode()) > limit:
        part = _cut(text, limit)
        parts.append(part)
        text = text[len(part) :].lstrip("\n")
    return (*parts, (text + options).lstrip("\n"))


def one_piece(message: Message, limit: int = BYTE_LIMIT) -> str:
    """The message in one text, for an answer that has one part only: words too many are cut with "…", options never."""
    text, options = clean(message.text), _options(message, limit)
    if len(text + options) > PASSIVE_LIMIT:
        options = _options(message, limit, with_links=False)
    if len((text + options).encode()) <= limit and len(text + options) <= PASSIVE_LIMIT:
        return text + options
    room = _cut(text, limit - len((options + "…").encode()))[: PASSIVE_LIMIT - len(options) - 1]
    return room + "…" + options


def passive_reply(message: Message, recipient: str, sender: str, at: datetime) -> str:
    """The XML that answers a callback, before encryption. `recipient` = the contact's OpenID, `sender` = our `gh_…` id."""
    return (
        f"<xml><ToUserName>{_cdata(recipient)}</ToUserName><FromUserName>{_cdata(sender)}</FromUserName>"
        f"<CreateTime>{int(at.timestamp())}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content>{_cdata(one_piece(message))}</Content></xml>"
    )


def kefu(user_id: str, text: str) -> Json:
    """The request of the customer-service API for one text."""
    return {"touser": user_id, "msgtype": "text", "text": {"content": text}}


def clean(text: str) -> str:
    """The text without control characters, and without markup: `<` before a letter becomes full-width."""
    return _MARKUP.sub("＜", _CONTROL.sub("", text.replace("\r\n", "\n")))


def _options(message: Message, limit: int, with_links: bool = True) -> str:
    """The options as links, as numbered lines where links would fill the message, and how to answer."""
    if not message.choices:
        return ""
    hint = _HINT.get(message.language, _HINT["en"])
    linked = "\n".join(_link(number, choice) for number, choice in enumerate(message.choices, 1))
    if not with_links or len(linked.encode()) > min(_OPTIONS_SHARE, limit - 200):
        linked = "\n".join(f"{number} {clean(choice.label)[:60]}" for number, choice in enumerate(message.choices, 1))
    return f"\n\n{linked}\n{hint}"


def _link(number: int, choice: Choice) -> str:
    """A tap sends the label as the contact's words, with the option's id; the number is for clients without links."""
    label = clean(choice.label).replace("\n", " ")
    target = f"weixin://bizmsgmenu?msgmenucontent={quote(label, safe='')}&msgmenuid={quote(choice.id, safe='')}"
    return f'<a href="{target}">{number} {label}</a>'


def _cut(text: str, limit: int) -> str:
    """The longest beginning within `limit` bytes, ending at a line's end if one is near; at least one character."""
    head = text.encode()[:limit].decode(errors="ignore") or text[:1]
    if len(head) == len(text):
        return head
    line = head.rfind("\n", len(head) // 2)
    return head[:line] if line > 0 else head


def _cdata(text: str) -> str:
    return f"<![CDATA[{_CONTROL.sub('', text).replace(']]>', ']]]]><![CDATA[>')}]]>"
