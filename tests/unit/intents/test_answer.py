"""Answers to an open question."""

from __future__ import annotations

import pytest

from intents.builtin import builtin_recogniser
from intents.reading import Context, Cue, Option

OPTIONS = (
    Option("weekly", 1, ("Once a week", "weekly", "每周一次")),
    Option("monthly", 2, ("Once a month", "monthly", "每月一次")),
    Option("pause", 3, ("Pause for a while", "pause", "暂停")),
    Option("none", 4, ("Stop everything", "全部停止")),
)
CONTEXT = Context(question="less_instead", options=OPTIONS)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("2", "monthly"),
        ("２", "monthly"),
        ("2️⃣", "monthly"),
        ("二", "monthly"),
        ("第二个", "monthly"),
        ("the second one please", "monthly"),
        ("option 2", "monthly"),
        ("选3", "pause"),
        ("第四项", "none"),
        ("weekly would be fine", "weekly"),
        ("wekly", "weekly"),
        ("好，每周一次吧", "weekly"),
        ("stop everything", "none"),
        ("Once a MONTH!", "monthly"),
    ],
)
def test_a_number_or_the_words_choose_an_option(text: str, answer: str) -> None:
    assert builtin_recogniser().read(text, CONTEXT).answer == answer


@pytest.mark.parametrize(
    "text",
    [
        "7",
        "not weekly",
        "weekly or monthly?",
        "what?",
        "my order 2 weeks ago came with weekly coupons and I have not seen a single one of them so far",
    ],
)
def test_what_names_no_single_option_is_no_answer(text: str) -> None:
    assert builtin_recogniser().read(text, CONTEXT).answer is None


@pytest.mark.parametrize(
    "text",
    [
        "does the pause button at the front desk still work?",
        "my weekly shop on Fridays takes an hour",
        "那个暂停营业的分店什么时候开门",
        "我每周一次的瑜伽课改时间了",
    ],
)
def test_the_words_of_an_option_inside_a_sentence_about_something_else_choose_nothing(text: str) -> None:
    assert builtin_recogniser().read(text, CONTEXT).answer is None


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("hm, ok then, let's go with weekly please", "weekly"),
        ("I think monthly is best", "monthly"),
        ("那就暂停吧，谢谢", "pause"),
        ("还是每月一次好一点", "monthly"),
    ],
)
def test_courtesies_around_an_option_do_not_hide_it(text: str, answer: str) -> None:
    assert builtin_recogniser().read(text, CONTEXT).answer == answer


def test_without_options_a_number_answers_nothing() -> None:
    reading = builtin_recogniser().read("2")
    assert reading.answer is None
    assert not reading.intents


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("yes please", Cue.YES),
        ("好的", Cue.YES),
        ("nope", Cue.NO),
        ("不用了，谢谢", Cue.NO),
        ("never mind", Cue.NEVER_MIND),
        ("算了，不投诉了", Cue.NEVER_MIND),
        ("that's all", Cue.DONE),
        ("就这些", Cue.DONE),
        ("skip", Cue.SKIP),
        ("跳过", Cue.SKIP),
        ("thanks a lot!", Cue.THANKS),
        ("多謝晒", Cue.THANKS),
        ("good evening", Cue.GREETING),
        ("在吗", Cue.GREETING),
        ("bye bye", Cue.FAREWELL),
        ("再见", Cue.FAREWELL),
    ],
)
def test_small_words_are_cues(text: str, cue: Cue) -> None:
    assert cue in builtin_recogniser().read(text).cues


def test_a_small_word_inside_a_longer_clause_is_no_cue() -> None:
    assert not builtin_recogniser().read("yes prime minister is on tv tonight").cues
