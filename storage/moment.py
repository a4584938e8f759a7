"""Times as they are stored: milliseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import overload

from storage.error import DamagedDatabaseError


@overload
def to_ms(moment: datetime) -> int: ...
@overload
def to_ms(moment: None) -> None: ...
def to_ms(moment: datetime | None) -> int | None:
    """The stored form of an aware moment."""
    return None if moment is None else round(moment.timestamp() * 1000)


@overload
def from_ms(milliseconds: int) -> datetime: ...
@overload
def from_ms(milliseconds: None) -> None: ...
def from_ms(milliseconds: int | None) -> datetime | None:
    """The aware moment of a stored time. Raises `DamagedDatabaseError` for what is no time: whoever reads it must deny."""
    if milliseconds is None:
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        raise DamagedDatabaseError("a stored time cannot be read: restore the latest backup") from None
