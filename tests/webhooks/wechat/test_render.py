"""Our messages in WeChat's form."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit
from xml.etree.ElementTree import fromstring

import pytest

from bot.domain.message import Choice, Message
from handlers.webhooks.wechat.render import BYTE_LIMIT, PASSIVE_LIMIT, clean, kefu, one_piece, passive_reply, pieces
from tests.support.channel import NOW

WEEKLY, MONTHLY = Choice("opt_out.weekly.12", "每周一次"), Choice("opt_out.monthly.12", "A&B <1/月>")


def content(message: Message) -> str:
    """The text of a passive reply."""
    return fromstring(passive_reply(message, "oPENID", "gh_1", NOW)).findtext("Content") or ""


def test_options_are_tappable_links_with_their_numbers() -> None:
    (text,) = pieces(Message("已停止。", "zh-Hans", (WEEKLY, MONTHLY)))
    first, second = (line for line in text.splitlines() if line.startswith("<a "))
    assert first.endswith('msgmenuid=opt_out.weekly.12">1 每周一次</a>')
    target = urlsplit(second.split('"')[1])
    assert (target.scheme, target.netloc) == ("weixin", "bizmsgmenu")
    assert parse_qs(target.query) == {"msgmenucontent": ["A&B <1/月>"], "msgmenuid": ["opt_out.monthly.12"]}
    assert second.endswith(">2 A&B <1/月></a>")


@pytest.mark.parametrize(
    ("language", "hint"), [("en", "its number"), ("zh-Hans", "回复数字"), ("zh-Hant", "回覆數字"), ("uk", "its number")]
)
def test_a_hint_says_that_numbers_work_too(language: str, hint: str) -> None:
    assert hint in pieces(Message("?", language, (WEEKLY,)))[-1]
    assert hint not in pieces(Message("?", language))[-1]


@pytest.mark.parametrize(
    "words", ["x]]></Content><MsgType><![CDATA[image]]></MsgType><Content><![CDATA[y", "]]>", "]]]]>>", "a & b < c"]
)
def test_words_cannot_leave_their_place_in_the_reply(words: str) -> None:
    reply = fromstring(passive_reply(Message(words, "en"), "oPENID", "gh_1", NOW))
    assert [child.tag for child in reply] == ["ToUserName", "FromUserName", "CreateTime", "MsgType", "Content"]
    assert reply.findtext("Content") == clean(words)
    assert reply.findtext("MsgType") == "text"


def test_addresses_cannot_leave_their_place_either() -> None:
    reply = fromstring(passive_reply(Message("x", "en"), "o]]><a/>", "gh]]>", NOW))
    assert (reply.findtext("ToUserName"), reply.findtext("FromUserName")) == ("o]]><a/>", "gh]]>")
    assert reply.findtext("CreateTime") == str(int(NOW.timestamp()))


def test_words_are_no_links() -> None:
    text = content(Message('You wrote: <a href="http://evil.example">here</a> and <A\nhref=x> </a>, 1 < 2', "en"))
    assert "<a" not in text.lower()
    assert "</a" not in text
    assert "1 < 2" in text


def test_a_label_cannot_close_its_link() -> None:
    (text,) = pieces(Message("?", "en", (Choice("a.b.1", '"></a><a href="http://evil.example">'),)))
    assert text.count("<a ") == text.count("</a>") == 1


def test_control_characters_are_dropped_and_line_ends_kept() -> None:
    assert clean("a\x00b\x08c\x1b[31m\r\nd\te\x7f\x85\ufffe\ud800") == "abc[31m\nd\te"


@pytest.mark.parametrize("text", ["x" * 5000, "退订" * 2000, "😀" * 3000, "一行\n" * 900, "<a" * 900])
def test_a_long_text_is_split_within_the_limit_and_loses_nothing(text: str) -> None:
    parts = pieces(Message(text, "zh-Hans", (WEEKLY, MONTHLY)))
    assert len(parts) > 1
    assert all(len(part.encode()) <= BYTE_LIMIT for part in parts)
    assert parts[-1].count("</a>") == 2
    assert "".join(parts).replace("\n", "").startswith(clean(text).replace("\n", ""))


@pytest.mark.parametrize("text", ["x" * 5000, "退" * 3000, "😀" * 3000])
def test_an_answer_of_one_piece_keeps_its_options(text: str) -> None:
    piece = one_piece(Message(text, "zh-Hans", (WEEKLY, MONTHLY)))
    assert len(piece.encode()) <= BYTE_LIMIT
    assert len(piece) <= PASSIVE_LIMIT
    assert "…\n\n" in piece
    assert "1 每周一次" in piece
    assert "2 A&B" in piece


def test_a_passive_reply_keeps_its_words_rather_than_its_links() -> None:
    words = "word " * 150
    piece = one_piece(Message(words, "en", (WEEKLY, MONTHLY, Choice("opt_out.pause.12", "A pause of one month"))))
    assert piece.startswith(words)
    assert "<a " not in piece
    assert "\n3 A pause of one month" in piece
    assert len(piece) <= PASSIVE_LIMIT


def test_options_that_would_fill_the_message_become_numbered_lines() -> None:
    many = tuple(Choice(f"topics.t{place}.1", "很长的选项名称" * 3) for place in range(9))
    (text,) = pieces(Message("?", "zh-Hans", many))
    assert "<a" not in text
    assert "\n9 很长的选项名称" in text


@pytest.mark.parametrize("limit", [600, 1000, 2000])
def test_a_smaller_limit_is_kept_too(limit: int) -> None:
    parts = pieces(Message("退" * 1500, "zh-Hans", (WEEKLY, MONTHLY)), limit)
    assert all(len(part.encode()) <= limit for part in parts)


def test_the_customer_service_request_is_a_text() -> None:
    assert kefu("oPENID", "您好") == {"touser": "oPENID", "msgtype": "text", "text": {"content": "您好"}}
