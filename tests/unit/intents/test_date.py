"""Dates of a pause: told exactly, or not at all."""

from __future__ import annotations

import pytest

from intents.builtin import builtin_recogniser
from intents.day import iso
from intents.reading import Context, Intent

TODAY = Context(today="2026-03-04")  # a Wednesday


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("pause until 15 April please", "2026-04-15"),
        ("pause until April 15th", "2026-04-15"),
        ("pause the messages until the 3rd of May", "2026-05-03"),
        ("pause until the 2nd", "2026-04-02"),
        ("pause until 1 February 2028", "2028-02-01"),
        ("pause until the end of May", "2026-05-31"),
        ("pause until the end of the month", "2026-03-31"),
        ("pause until the end of next month", "2026-04-30"),
        ("pause until the end of the year", "2026-12-31"),
        ("pause until Christmas", "2026-12-25"),
        ("pause until 4/15", "2026-04-15"),
        ("pause until 15.4.2027", "2027-04-15"),
        ("pause until 2027-04-05", "2027-04-05"),
        ("pause until friday", "2026-03-06"),
        ("pause until next friday", "2026-03-13"),
        ("pause until May", "2026-05-01"),
        ("先停到4月15号吧", "2026-04-15"),
        ("暂停到四月二十五号", "2026-04-25"),
        ("暫停到四月三十日", "2026-04-30"),
        ("停到2027年3月1日", "2027-03-01"),
        ("暂停到15号", "2026-03-15"),
        ("暂停到2号", "2026-04-02"),
        ("停到月底", "2026-03-31"),
        ("暂停到二月底", "2027-02-28"),
        ("暂停到下个月十号", "2026-04-10"),
        ("停到年底", "2026-12-31"),
        ("暂停到下周五", "2026-03-13"),
        ("暂停到周五", "2026-03-06"),
        ("暂停到圣诞节", "2026-12-25"),
    ],
)
def test_a_date_is_the_day_that_was_said(text: str, until: str) -> None:
    found = builtin_recogniser().read(text, TODAY).find(Intent.FREQUENCY)
    assert found is not None
    assert (found.slots["choice"], found.slots.get("until")) == ("paused", until)


@pytest.mark.parametrize(
    "text",
    [
        "pause until 4/5",
        "pause until 31 February",
        "pause until my exams are over",
        "pause until the middle of May",
        "暂停到5月中",
        "暂停到下个月中旬",
        "暂停到明年三月",
        "暂停到国庆后",
        "暂停到4月31号",
    ],
)
def test_a_date_that_cannot_be_told_is_left_out(text: str) -> None:
    found = builtin_recogniser().read(text, TODAY).find(Intent.FREQUENCY)
    assert found is not None
    assert found.slots["choice"] == "paused"
    assert "until" not in found.slots


@pytest.mark.parametrize("name", ["friday", "04-15", "end:this:month", "day:3", "tomorrow"])
def test_without_today_only_a_full_date_is_known(name: str) -> None:
    assert iso(name, None) is None
    assert iso("2027-04-15", None) == "2027-04-15"


@pytest.mark.parametrize(
    ("name", "today", "until"),
    [
        ("day:31", "2026-04-02", "2026-05-31"),
        ("day:31", "2026-01-31", None),
        ("day:31", "2026-12-31", "2027-01-31"),
        ("02-29", "2027-03-01", "2028-02-29"),
        ("end:02", "2027-12-01", "2028-02-29"),
        ("end:this:week", "2026-03-08", "2026-03-08"),
        ("end:next:month", "2026-12-05", "2027-01-31"),
        ("friday", "9999-12-31", None),
        ("2027-13-40", "2026-03-04", None),
    ],
)
def test_the_edges_of_the_calendar_hold(name: str, today: str, until: str | None) -> None:
    assert iso(name, today) == until
