"""A clock that can be set back, so that the sample history lies in the past."""

from __future__ import annotations

from datetime import datetime, timedelta

from handlers.clock import system_clock


class ShiftedClock:
    """The machine's clock less `shift`. Set back only while nothing else runs."""

    def __init__(self) -> None:
        self.shift = timedelta(0)

    def __call__(self) -> datetime:
        """The moment that the demo believes in."""
        return system_clock() - self.shift
