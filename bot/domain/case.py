"""Cases: one complaint or request, with its clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CaseKind(StrEnum):
    """Why a case exists."""

    COMPLAINT = "complaint"
    ACCOUNT_DELETION = "account_deletion"
    PRIVACY = "privacy"


class CaseStatus(StrEnum):
    """Where a case stands."""

    RECEIVED = "received"
    INVESTIGATING = "investigating"
    ANSWERED = "answered"
    SOLVED = "solved"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"


class Priority(StrEnum):
    """How soon an agent should look."""

    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class CaseFact:
    """What the conversation knows of a case. Times are aware, UTC."""

    number: str
    kind: CaseKind
    category: str
    status: CaseStatus
    opened_at: datetime
    first_response_due_at: datetime
    solution_due_at: datetime

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.status not in (CaseStatus.SOLVED, CaseStatus.WITHDRAWN)
