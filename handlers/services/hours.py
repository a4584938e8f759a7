"""When agents can take a chat: working hours in one zone."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.settings import WorkingHours


def is_open(hours: WorkingHours, now: datetime) -> bool:
    """Whether somebody is there now."""
    if hours.always:
        return True
    local = now.astimezone(ZoneInfo(hours.zone))
    clock = local.time().replace(tzinfo=None)
    if hours.start < hours.end:
        return local.weekday() in hours.days and hours.start <= clock < hours.end
    yesterday = (local.weekday() - 1) % 7
    return (local.weekday() in hours.days and clock >= hours.start) or (yesterday in hours.days and clock < hours.end)


def back_at(hours: WorkingHours, now: datetime) -> datetime | None:
    """When somebody will be there next (in the hours' zone); None when somebody is there now, or no day is a working
    day.
    """
    if is_open(hours, now) or not hours.days:
        return None
    local = now.astimezone(ZoneInfo(hours.zone))
    for ahead in range(8):
        day = local + timedelta(days=ahead)
        opens = day.replace(hour=hours.start.hour, minute=hours.start.minute, second=0, microsecond=0)
        if day.weekday() in hours.days and opens > local:
            return opens
    return None
