"""Which of our languages a platform's tag means."""

from __future__ import annotations

import pytest

from locales.language import LANGUAGES, normalise_tag


@pytest.mark.parametrize(
    ("tag", "ours"),
    [
        ("zh_CN", "zh-Hans"),
        ("zh_TW", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh-Hant-MO", "zh-Hant"),
        ("zh", "zh-Hans"),
        ("zh-SG", "zh-Hans"),
        ("EN_us", "en"),
        ("fr", None),
        ("", None),
        (None, None),
        *((tag, tag) for tag in LANGUAGES),
    ],
)
def test_a_platforms_tag_is_one_of_ours_or_none(tag: str | None, ours: str | None) -> None:
    assert normalise_tag(tag) == ours
