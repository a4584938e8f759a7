"""When a request to delete or to see data needs an identity check: only when something about it is odd.

Whoever writes from a chat has shown that the chat is theirs; asking for papers as a rule would be an obstacle.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from bot.domain.case import CaseFact, CaseKind, CaseStatus

LATELY = timedelta(days=30)
_NAMED = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+|(?<!\d)\+?\d(?:[ -]?\d){9,14}(?!\d)", re.ASCII)
"""An e-mail address or a telephone number: another account than the chat's own may be meant."""


def looks_suspicious(words: str, cases: tuple[CaseFact, ...], now: datetime) -> bool:
    """Whether the words name an account by address or number, or a deletion was asked for and taken back lately."""
    took_back = any(
        one.kind is CaseKind.ACCOUNT_DELETION and one.status is CaseStatus.WITHDRAWN and now - one.opened_at < LATELY
        for one in cases
    )
    return took_back or _NAMED.search(words[:7000]) is not None
