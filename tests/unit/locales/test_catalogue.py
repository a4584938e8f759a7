"""The texts: complete in every language, short enough for every channel, and without a word that promotes."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest

import bot
from bot.domain.case import CaseStatus
from bot.domain.consent import FrequencyChoice
from locales.catalogue import (
    FALLBACK,
    PLACEHOLDERS,
    UnknownTextError,
    catalogue,
    has,
    placeholders,
    say,
    words,
)
from locales.language import LANGUAGES

LISTS = ("words.", "reason.", "tone.", "date.months", "date.weekdays", "complaint.announcements", "complaint.called")
WECHAT_BYTES = 2000
VIBER_CHARACTERS = 7000
MOST_OPTIONS = 5
PROMOTION = re.compile(
    r"discount|\bsale\b|\bdeals?\b|coupon|voucher|\bfree\b|gift|don't miss|limited|exclusive|https?:|[%$€]"
    r"|优惠|折扣|打折|红包|礼|券|特价|促销|立减|抢|秒杀|限时|會員價|優惠|紅包|禮|特價|促銷|搶|限時",
    re.IGNORECASE,
)
SOURCE = Path(bot.__file__).parent


def is_list(key: str) -> bool:
    return key.startswith(LISTS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_texts(language: str) -> None:
    assert set(catalogue(language)) == set(catalogue(FALLBACK))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_has_the_same_placeholders_but_those_of_dates(language: str) -> None:
    for key, text in catalogue(language).items():
        assert placeholders(text) <= PLACEHOLDERS, key
        if not key.startswith("date."):
            assert placeholders(text) == placeholders(catalogue(FALLBACK)[key]), key
        assert text.count("{") == len(re.findall(r"\{[a-z_]+\}", text)), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty_or_has_stray_spaces(language: str) -> None:
    for key, text in catalogue(language).items():
        assert text.strip() == text, key
        assert text, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_fits_both_channels_with_the_most_options_beneath(language: str) -> None:
    labels = sorted((text for key, text in catalogue(language).items() if key.startswith("option.")), key=len)
    longest = [_link(label) for label in labels[-MOST_OPTIONS:]]
    for key, text in catalogue(language).items():
        if is_list(key):
            continue
        assert len(text) < VIBER_CHARACTERS, key
        assert len(text.encode()) + sum(len(one.encode()) for one in longest) <= WECHAT_BYTES, key


def _link(label: str) -> str:
    """An option as WeChat shows it."""
    return f'\n9. <a href="weixin://bizmsgmenu?msgmenucontent={quote(label)}&msgmenuid=opt_out_confirm.answer.123456">{label}</a>'


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_but_the_topics_name_promotes_anything(language: str) -> None:
    for key, text in catalogue(language).items():
        if not is_list(key) and not key.startswith("topic."):
            assert not PROMOTION.search(text), (key, text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_chinese_texts_speak_to_the_contact_politely(language: str) -> None:
    if language == "en":
        return
    for key, text in catalogue(language).items():
        assert is_list(key) or "你" not in text, key


def test_traditional_texts_use_traditional_characters_and_words() -> None:
    simplified = re.compile(r"[订阅发么请这问题时间务应联关说谢让给还进处单号码设讯复选择账删]")
    mainland = re.compile(r"賬|信息|短信|軟件|默認|用戶|視頻|回復「|注銷|登出")
    for key, text in catalogue("zh-Hant").items():
        assert not simplified.search(text), key
        assert not mainland.search(text), key


def test_a_value_is_put_in_exactly_and_once() -> None:
    text = say("en", "opt_in.confirm", brand="{topics}", topics="X{0.__class__}")
    assert text == "Would you like to get messages from {topics} again (X{0.__class__})?"


def test_a_placeholder_without_a_value_stays_visible() -> None:
    assert "{brand}" in say("en", "opt_out.done")


def test_an_unknown_key_is_a_defect_and_an_unknown_language_is_english() -> None:
    with pytest.raises(UnknownTextError, match="no_such"):
        say("en", "no_such.key")
    assert say("tlh", "courtesy.thanks") == say("en", "courtesy.thanks")
    assert not has("no_such.key")


def test_lists_are_words_without_spaces_around() -> None:
    assert words("en", "words.less")[:2] == ("less", "fewer")
    assert words("en", "no_such.key") == ()


def test_every_key_that_the_dialogues_name_is_there() -> None:
    named = set()
    for path in SOURCE.rglob("*.py"):
        found = re.findall(
            r'\b(?:line|varied|say)\((?:[a-z_.]+, )?"([a-z_]+\.[a-z_]+)"', path.read_text(encoding="utf-8")
        )
        named |= set(found)
    assert len(named) > 70
    assert {key for key in named if not has(key)} == set()


def test_every_text_is_used() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))
    built = (
        "option.",
        "words.",
        "reason.",
        "media.",
        "case_status.",
        "frequency.",
        "topic.",
        "privacy.",
        "date.",
        "tone.",
    )
    for key in catalogue(FALLBACK):
        plain = key.removesuffix("_again")
        assert key.startswith(built) or f'"{plain}"' in source or f'"{key}"' in source, key


def test_every_value_that_becomes_part_of_a_key_has_its_text() -> None:
    assert all(has(f"case_status.{one.value}") for one in CaseStatus)
    assert all(has(f"frequency.{one.value}") for one in FrequencyChoice)
    assert all(
        has(f"{key}_again") for key in catalogue(FALLBACK) if key.startswith("media.") and not key.endswith("_again")
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_we_tell_people_to_write_is_named_alike_everywhere(language: str) -> None:
    """The words in our texts are promises: STOP and START, 退订 and 恢复订阅, 取消訂閱 and 恢復訂閱."""
    stop, start = {"en": ("STOP", "START"), "zh-Hans": ("退订", "恢复订阅"), "zh-Hant": ("取消訂閱", "恢復訂閱")}[
        language
    ]
    assert stop in say(language, "opt_in.started")
    assert start in say(language, "opt_out.already")
