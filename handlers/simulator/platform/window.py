"""WeChat's sending window, as WeChat counts it (rules of 2023-06-12)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

MESSAGE, ACT, ENTRY = "message", "act", "entry"
_BUYS = {MESSAGE: (5, timedelta(hours=48)), ACT: (3, timedelta(minutes=1)), ENTRY: (2, timedelta(minutes=1))}


@dataclass(slots=True)
class Window:
    """What one contact's acts allow: for each kind of act the sends left and the end."""

    grants: dict[str, tuple[int, datetime]] = field(default_factory=dict)

    def open(self, kind: str, now: datetime) -> None:
        """The contact wrote (`MESSAGE`), clicked, followed or scanned (`ACT`), or entered a mini program's chat (`ENTRY`)."""
        sends, span = _BUYS[kind]
        self.grants[kind] = (sends, now + span)

    def spend(self, now: datetime) -> int:
        """Take one send: 0, or the code with which WeChat refuses (45015 too late, 45047 too many)."""
        alive = sorted((end, left, kind) for kind, (left, end) in self.grants.items() if now < end)
        if not alive:
            return 45015
        for end, left, kind in alive:
            if left:
                self.grants[kind] = (left - 1, end)
                return 0
        return 45047

    def left(self, now: datetime) -> int:
        """How many sends WeChat would still take."""
        return sum(left for left, end in self.grants.values() if now < end)
