"""Why a start is refused: every such error is one sentence that says what would be right."""

from __future__ import annotations


class StartError(Exception):
    """Something outside the program keeps it from starting. Its text is shown as it is, without a trace."""
