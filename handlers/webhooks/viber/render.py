"""Our messages in Viber's form: text and keyboard. Limits: 7,000 characters, 30 KB a request, 250 a button."""

from __future__ import annotations

import html
import json
import unicodedata
from itertools import pairwise

from bot.domain.message import Choice, Message
from handlers.webhooks.viber.parse import ACTION_PREFIX

TEXT_LIMIT = 7000
TEXT_BYTES = 24_000  # leaves 6 KB of the 30 for the keyboard and the envelope
LABEL_LIMIT = 60
MIN_API_VERSION = 1  # nothing below needs more; a higher number would hide the message from old clients
_HALF_ROW = 14  # columns of text that fit half a phone's width, a Chinese character counting two

Json = dict[str, object]


def pieces(message: Message, with_keyboard: bool = True) -> tuple[str, ...]:
    """The message's words in parts that Viber takes. Without a keyboard the options stand in the text, numbered."""
    text = message.text if with_keyboard or not message.choices else f"{message.text}\n\n{_numbered(message.choices)}"
    parts = []
    while text:
        end = _fitting(text)
        parts.append(text[:end])
        text = text[end:].lstrip("\n")
    return tuple(parts) or ("",)


def keyboard(choices: tuple[Choice, ...]) -> Json | None:
    """One button for each option; a tap comes back as the text `ql:<option id>`. The input field stays, for STOP."""
    if not choices:
        return None
    buttons: list[Json] = [
        {
            "Columns": columns,
            "Rows": 1,
            "ActionType": "reply",
            "ActionBody": ACTION_PREFIX + choice.id,
            "Text": html.escape(_label(choice), quote=False),
            "TextSize": "regular",
        }
        for choice, columns in zip(choices, _columns(choices), strict=True)
    ]
    return {"Type": "keyboard", "DefaultHeight": False, "Buttons": buttons}


def welcome(sender_name: str, message: Message) -> str:
    """The body that answers `conversation_started`: the one message that may go before a subscription, in one part."""
    body: Json = {
        "sender": {"name": sender_name},
        "type": "text",
        "text": pieces(message)[0],
        "min_api_version": MIN_API_VERSION,
    }
    if buttons := keyboard(message.choices):
        body["keyboard"] = buttons
    return json.dumps(body, ensure_ascii=False)


def _numbered(choices: tuple[Choice, ...]) -> str:
    return "\n".join(f"{number}. {choice.label}" for number, choice in enumerate(choices, 1))


def _fitting(text: str) -> int:
    """How many characters of `text` fit one message, ending at a line's end if one is near."""
    end = min(len(text), TEXT_LIMIT)
    while len(text[:end].encode()) > TEXT_BYTES:
        end = end * TEXT_BYTES // len(text[:end].encode()) - 1
    if end == len(text):
        return end
    line = text.rfind("\n", end // 2, end)
    return line if line > 0 else end


def _label(choice: Choice) -> str:
    return choice.label if len(choice.label) <= LABEL_LIMIT else choice.label[: LABEL_LIMIT - 1] + "…"


def _width(choice: Choice) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in _label(choice))


def _columns(choices: tuple[Choice, ...]) -> list[int]:
    """Two short neighbours share a row of six columns; everything else has its own row."""
    widths: list[int] = []
    short = [_width(choice) <= _HALF_ROW for choice in choices]
    for this, following in pairwise([*short, False]):
        if widths.count(3) % 2:
            widths.append(3)
        else:
            widths.append(3 if this and following else 6)
    return widths
