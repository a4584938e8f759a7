"""Lists from other systems: each row can lower consent; raising it needs evidence."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.domain.consent import ALL_TOPICS, ConsentChange, ConsentKind, Frequency, FrequencyChoice, only_lowers
from handlers.deps import House
from handlers.services import consent as consent_service
from handlers.settings import Account
from storage import consent, subject
from storage.moment import to_ms
from storage.store import Tx

COLUMNS = ("contact", "change", "topic", "at", "until", "days", "evidence")
CHANGES = ("opt_out", "opt_in", "weekly", "monthly", "pause")
MAX_ID = 200
LONGEST_PAUSE_DAYS = 3660


class RosterError(Exception):
    """The file as a whole cannot be read. Says what would be right."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row. Either `change` is set, or `problem` says why the row is refused."""

    line: int
    contact: str
    change: ConsentChange | None = None
    evidence: str = ""
    problem: str = ""


def read(path: Path, account: Account, now: datetime) -> list[Row]:
    """All rows of a CSV file, judged. Raises `RosterError` for a file without the needed columns or of another
    encoding.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            _check_header(reader.fieldnames)
            return [_row(reader.line_num, record, account, now) for record in reader]
    except UnicodeDecodeError as error:
        raise RosterError(f"is not UTF-8 (byte {error.start}): save it as CSV UTF-8") from None
    except csv.Error as error:
        raise RosterError(f"is no valid CSV: {error}") from None


def _check_header(found: object) -> None:
    names = list(found) if isinstance(found, list | tuple) else []
    missing = [name for name in COLUMNS[:2] if name not in names]
    unknown = [name for name in names if name not in COLUMNS]
    if missing or unknown:
        wrong = f"the column {missing[0]!r} is missing" if missing else f"there is no column {unknown[0]!r}"
        raise RosterError(f"{wrong}; the header is {', '.join(COLUMNS)} (contact and change are needed)")


def _row(line: int, record: dict[str | None, str | None], account: Account, now: datetime) -> Row:
    cells = {str(key): (value or "").strip() for key, value in record.items() if key is not None}
    contact = cells.get("contact", "")
    if None in record:
        return Row(line, contact, problem="it has more cells than the header")
    if not 1 <= len(contact) <= MAX_ID:
        return Row(line, contact, problem="contact: must be a platform user id of 1 to 200 characters")
    try:
        return Row(line, contact, _change(cells, account, now), cells.get("evidence", ""))
    except ValueError as error:
        return Row(line, contact, problem=str(error))


def _change(cells: dict[str, str], account: Account, now: datetime) -> ConsentChange:
    topic = cells.get("topic") or ALL_TOPICS
    if topic != ALL_TOPICS and topic not in account.policy.topics:
        raise ValueError(f"topic: {topic!r} is none of {', '.join(sorted(account.policy.topics))}")
    at = min(_moment("at", cells["at"]) if cells.get("at") else now, now)
    match cells.get("change", ""):
        case "opt_out":
            return ConsentChange(ConsentKind.OPTED_OUT, at, topic)
        case "opt_in":
            return ConsentChange(ConsentKind.OPTED_IN, at, topic)
        case "weekly" | "monthly" as choice:
            return ConsentChange(ConsentKind.FREQUENCY_SET, at, topic, frequency=Frequency(FrequencyChoice(choice)))
        case "pause":
            return ConsentChange(ConsentKind.PAUSED, at, topic, until=_pause_end(cells, at))
        case other:
            raise ValueError(f"change: {other!r} is none of {', '.join(CHANGES)}")


def _pause_end(cells: dict[str, str], at: datetime) -> datetime:
    if cells.get("until"):
        until = _moment("until", cells["until"])
        if not at < until <= at + timedelta(days=LONGEST_PAUSE_DAYS):
            raise ValueError("until: must be after the change, and within ten years of it")
        return until
    if (
        cells.get("days", "").isascii()
        and cells.get("days", "").isdigit()
        and 1 <= int(cells["days"]) <= LONGEST_PAUSE_DAYS
    ):
        return at + timedelta(days=int(cells["days"]))
    raise ValueError("pause: fill until (2027-01-31) or days (1 to 3650)")


def _moment(name: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{name}: {text!r} is no date; write 2026-11-21 or 2026-11-21T10:00:00+08:00") from None
    if not 2000 <= moment.year <= 2200:
        raise ValueError(f"{name}: the year {moment.year} is out of range; write 2026-11-21")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def apply(tx: Tx, house: House, account: Account, rows: list[Row], source: str) -> list[Row]:
    """Import judged rows in one transaction; returns those that are refused because they would raise consent without
    evidence.

    A row whose change is already in force writes nothing, so a second run changes nothing.
    """
    refused = []
    for row in sorted(rows, key=lambda one: house.pid(account, one.contact)):
        if row.change is None:
            continue
        locked = subject.lock(tx, house.pid(account, row.contact), account.name, to_ms(house.clock()))
        before = consent.load(tx, locked.pid)
        if not row.evidence and not only_lowers(before, row.change):
            refused.append(replace(row, problem=f"{row.change.kind.value} would raise consent and names no evidence"))
        elif before.with_change(row.change) != before:
            consent_service.record(tx, house, locked, row.change, consent_service.Act("import", source, row.evidence))
    return refused


class _DryRunError(Exception):
    """Carries the outcome of a dry run out of the transaction that is rolled back."""

    def __init__(self, refused: list[Row]) -> None:
        super().__init__()
        self.refused = refused


def run(house: House, account: Account, rows: list[Row], source: str, *, is_dry: bool) -> list[Row]:
    """Import rows, or (dry) do the same and take it all back; returns the refused ones."""

    def work(tx: Tx) -> list[Row]:
        refused = apply(tx, house, account, rows, source)
        if is_dry:
            raise _DryRunError(refused)
        return refused

    try:
        return house.store.write(work)
    except _DryRunError as dry:
        return dry.refused
