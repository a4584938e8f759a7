"""Our messages in Viber's form."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from bot.domain.message import Choice, Message
from handlers.webhooks.viber.render import TEXT_BYTES, keyboard, pieces, welcome


def buttons(*labels: str) -> list[dict[str, Any]]:
    """The buttons for options with these labels."""
    made = keyboard(tuple(Choice(f"q.a{place}.1", label) for place, label in enumerate(labels)))
    return cast("list[dict[str, Any]]", made["Buttons"]) if made else []


def test_a_tap_will_send_the_options_id() -> None:
    (button,) = buttons("Weekly")
    assert (button["ActionType"], button["ActionBody"], button["Text"]) == ("reply", "ql:q.a0.1", "Weekly")


def test_no_options_make_no_keyboard() -> None:
    assert keyboard(()) is None


def test_a_label_is_no_markup() -> None:
    (button,) = buttons('<b onclick="x">A & B</b>')
    assert button["Text"] == '&lt;b onclick="x"&gt;A &amp; B&lt;/b&gt;'


def test_a_long_label_is_cut_below_vibers_limit() -> None:
    (button,) = buttons("<" * 500)
    assert len(button["Text"]) <= 250
    assert button["Text"].endswith("…")


@pytest.mark.parametrize(
    ("labels", "columns"),
    [
        (["Yes", "No"], [3, 3]),
        (["Yes", "No", "Maybe"], [3, 3, 6]),
        (["Yes", "Rather once a week, on Mondays", "No"], [6, 6, 6]),
        (["每周一次", "每月一次", "暂停一个月", "全部停止"], [3, 3, 3, 3]),
        (["只保留订单与物流通知", "否", "是"], [6, 3, 3]),
    ],
)
def test_short_neighbours_share_a_row_and_every_row_is_full(labels: list[str], columns: list[int]) -> None:
    assert [button["Columns"] for button in buttons(*labels)] == columns
    assert sum(columns) % 6 == 0


def test_a_short_text_is_one_piece() -> None:
    assert pieces(Message("Done.", "en")) == ("Done.",)


@pytest.mark.parametrize("text", ["x" * 15_000, "退订" * 7000, "😀" * 7000, "line\n" * 4000])
def test_a_long_text_is_split_within_both_limits_and_loses_nothing(text: str) -> None:
    parts = pieces(Message(text, "en"))
    assert len(parts) > 1
    assert all(0 < len(part) <= 7000 and len(part.encode()) <= TEXT_BYTES for part in parts)
    assert "".join(parts).replace("\n", "") == text.replace("\n", "")


def test_without_a_keyboard_the_options_are_numbered_lines() -> None:
    message = Message("How often?", "en", (Choice("f.w.1", "Weekly"), Choice("f.m.1", "Monthly")))
    assert pieces(message, with_keyboard=False) == ("How often?\n\n1. Weekly\n2. Monthly",)


def test_the_welcome_is_vibers_json_with_readable_chinese() -> None:
    body = welcome("Acme", Message("您好", "zh-Hans", (Choice("h.stop.1", "退订"),)))
    fields = json.loads(body)
    assert (fields["type"], fields["text"], fields["sender"]) == ("text", "您好", {"name": "Acme"})
    assert fields["keyboard"]["Buttons"][0]["ActionBody"] == "ql:h.stop.1"
    assert "receiver" not in fields
    assert "您好" in body
