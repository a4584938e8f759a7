"""An identity check is asked for only when something is odd."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.case import CaseFact, CaseKind, CaseStatus
from bot.domain.suspicion import looks_suspicious

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def deletion(status: CaseStatus, days_ago: int) -> CaseFact:
    opened = NOW - timedelta(days=days_ago)
    return CaseFact("C1", CaseKind.ACCOUNT_DELETION, "account_deletion", status, opened, opened, opened)


@pytest.mark.parametrize("words", ["delete my account", "注销账号", "order 20260211 is fine", "", "room 12, floor 3"])
def test_an_ordinary_request_is_not_suspicious(words: str) -> None:
    assert not looks_suspicious(words, (), NOW)


@pytest.mark.parametrize(
    "words", ["delete the account of jo@example.com", "注销 13800138000 的账号", "erase +44 7700 900123"]
)
def test_a_request_that_names_another_account_is_suspicious(words: str) -> None:
    assert looks_suspicious(words, (), NOW)


def test_a_deletion_taken_back_lately_is_suspicious_and_long_ago_is_not() -> None:
    assert looks_suspicious("delete it", (deletion(CaseStatus.WITHDRAWN, 3),), NOW)
    assert not looks_suspicious("delete it", (deletion(CaseStatus.WITHDRAWN, 40),), NOW)
    assert not looks_suspicious("delete it", (deletion(CaseStatus.RECEIVED, 3),), NOW)
