"""The ledger: without gaps, and without an edit that `verify` would not find."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator

import pytest

from bot.domain.consent import ConsentKind, Frequency, FrequencyChoice
from storage import erasure, ledger, subject
from storage.store import Row, Sql, Store, Tx
from tests.support.channel import NOW
from tests.support.house import KEYS, append, change_of, together

LENGTH = 5
TEXTS = ("kind", "account", "pid", "topic", "before", "after", "source", "actor", "revision")
HASHES = ("commitment", "previous_hash", "hash")
NUMBERS = ("recorded_at", "happened_at")
COLUMNS = (*TEXTS, *HASHES, *NUMBERS)


@pytest.fixture
def chain(store: Store) -> Store:
    """A short chain of two contacts."""
    for number in range(LENGTH):
        weekly = change_of(ConsentKind.FREQUENCY_SET, frequency=Frequency(FrequencyChoice.WEEKLY))
        append(store, f"u{number % 2}", change_of() if number % 2 else weekly, f"words {number}")
    return store


class _TakenBackError(Exception):
    pass


def verdict_after(store: Store, *statements: str, **parameters: object) -> ledger.Verdict:
    """What `verify` says of a tampered chain; the tampering is taken back."""
    found: list[ledger.Verdict] = []

    def work(tx: Tx) -> None:
        for statement in statements:
            assert tx.run(Sql(statement), **parameters).rowcount != 0, statement
        found.append(ledger.verify(tx))
        raise _TakenBackError

    with pytest.raises(_TakenBackError):
        store.write(work)
    return found[0]


def test_an_untouched_chain_holds(chain: Store) -> None:
    assert chain.read(ledger.verify) == ledger.verify_live(chain) == ledger.Verdict(LENGTH)


def test_an_empty_chain_holds(store: Store) -> None:
    assert store.read(ledger.verify) == ledger.Verdict(0)


def test_numbers_have_no_gaps_however_many_append_at_once(store: Store, open_another) -> None:
    stores = [store, open_another()]

    def work(number: int) -> list[int]:
        return [append(stores[number % 2], f"u{number}-{turn}") for turn in range(4)]

    numbers = [one for answer in together(8, work) for one in answer]
    assert sorted(numbers) == list(range(1, 33))
    assert store.read(ledger.verify) == ledger.Verdict(32)


def test_appending_raises_no_false_alarm_in_a_verification_under_way(store: Store, open_another) -> None:
    other, stop = open_another(), threading.Event()

    def write() -> None:
        while not stop.is_set():
            append(other)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        verdicts = [store.read(ledger.verify) for _ in range(5)] + [ledger.verify_live(store) for _ in range(5)]
    finally:
        stop.set()
        writer.join(20)
    assert [one.problem for one in verdicts if one.first_bad is not None] == []


@pytest.mark.parametrize("column", COLUMNS)
def test_every_edited_column_of_every_event_is_found(chain: Store, column: str) -> None:
    edit = (
        f"{column} + 1"
        if column in NUMBERS
        else f"'0' || substr({column}, 2)"
        if column in HASHES
        else f"{column} || 'x'"
    )
    if column in HASHES:
        edit = f"CASE WHEN substr({column}, 1, 1) = '0' THEN '1' ELSE '0' END || substr({column}, 2)"
    if column == "pid":
        edit = "'x' || substr(pid, 2)"
    for seq in range(1, LENGTH + 1):
        verdict = verdict_after(chain, f"UPDATE ledger_event SET {column} = {edit} WHERE seq = :seq", seq=seq)
        assert verdict.first_bad == seq, (column, seq, verdict)


def test_every_deleted_event_is_found(chain: Store) -> None:
    for seq in range(1, LENGTH + 1):
        verdict = verdict_after(chain, "DELETE FROM ledger_event WHERE seq = :seq", seq=seq)
        assert verdict.first_bad == seq


def test_every_run_of_events_cut_from_the_end_is_found(chain: Store) -> None:
    for seq in range(1, LENGTH + 1):
        verdict = verdict_after(chain, "DELETE FROM ledger_event WHERE seq >= :seq", seq=seq)
        assert verdict.first_bad == seq


@pytest.mark.parametrize("seq", [0, -1, LENGTH + 1, 100])
def test_an_event_slipped_in_is_found(chain: Store, seq: int) -> None:
    copied = "recorded_at, happened_at, kind, account, pid, topic, before, after, source, actor, revision, commitment, previous_hash, hash"
    insert = f"INSERT INTO ledger_event (seq, {copied}) SELECT {seq}, {copied} FROM ledger_event WHERE seq = 2"
    assert verdict_after(chain, insert).first_bad is not None


def test_an_event_slipped_in_between_is_found(chain: Store) -> None:
    copied = "recorded_at, happened_at, kind, account, pid, topic, before, after, source, actor, revision, commitment, previous_hash, hash"
    for seq in range(2, LENGTH + 1):
        verdict = verdict_after(
            chain,
            "UPDATE ledger_event SET seq = -seq WHERE seq >= :seq",
            "UPDATE ledger_event SET seq = 1 - seq WHERE seq < 0 AND seq <= :seq * 0",
            f"INSERT INTO ledger_event (seq, {copied}) SELECT :seq, {copied} FROM ledger_event WHERE seq = 1",
            seq=seq,
        )
        assert verdict.first_bad == seq


def test_every_swapped_pair_of_events_is_found(chain: Store) -> None:
    for one in range(1, LENGTH):
        for other in range(one + 1, LENGTH + 1):
            verdict = verdict_after(
                chain,
                "UPDATE ledger_event SET seq = -1 WHERE seq = :one AND :other > 0",
                "UPDATE ledger_event SET seq = :one WHERE seq = :other",
                "UPDATE ledger_event SET seq = :other WHERE seq = -1 AND :one > 0",
                one=one,
                other=other,
            )
            assert verdict.first_bad == one


@pytest.mark.parametrize("edit", ["seq = seq - 1", "seq = seq + 1", "hash = 'x'"])
def test_an_edited_head_is_found(chain: Store, edit: str) -> None:
    assert verdict_after(chain, f"UPDATE ledger_head SET {edit}").first_bad == LENGTH + 1


def test_a_missing_head_is_found(chain: Store) -> None:
    assert verdict_after(chain, "DELETE FROM ledger_head").first_bad == LENGTH + 1


def test_a_head_moved_back_with_the_tail_cut_is_still_found_by_its_hash(chain: Store) -> None:
    verdict = verdict_after(
        chain,
        "DELETE FROM ledger_event WHERE seq = 5",
        "UPDATE ledger_head SET seq = 4",
    )
    assert verdict.first_bad == LENGTH


def test_words_put_in_the_place_of_others_are_found(chain: Store) -> None:
    other = b"\x00" * 40
    for seq in range(1, LENGTH + 1):
        for column in ("salt", "sealed"):
            verdict = verdict_after(
                chain, f"UPDATE event_payload SET {column} = :other WHERE seq = :seq", other=other, seq=seq
            )
            assert verdict == ledger.Verdict(LENGTH, seq, "the kept words are not those that were recorded")


def test_words_sealed_anew_by_somebody_with_the_keys_are_found(chain: Store) -> None:
    row = chain.read(
        lambda tx: tx.one(
            Sql("SELECT p.pid, s.wrapped_key FROM event_payload p JOIN subject s ON s.pid = p.pid WHERE p.seq = 2")
        )
    )
    assert row is not None
    forged = KEYS.sealer(row[1]).seal('{"reason":null,"words":"never mind"}')
    verdict = verdict_after(chain, "UPDATE event_payload SET sealed = :forged WHERE seq = 2", forged=forged)
    assert verdict.first_bad == 2


def test_words_moved_to_another_event_are_found(chain: Store) -> None:
    verdict = verdict_after(
        chain, "DELETE FROM event_payload WHERE seq = 4", "UPDATE event_payload SET seq = 4 WHERE seq = 2"
    )
    assert verdict.first_bad == 4


@pytest.mark.parametrize(
    "statement",
    ["UPDATE subject SET wrapped_key = :junk", "UPDATE subject SET wrapped_key = NULL WHERE :junk IS NOT NULL"],
)
def test_a_damaged_subject_key_is_a_verdict_and_not_a_crash(chain: Store, statement: str) -> None:
    verdict = verdict_after(chain, statement, junk=b"\x01" * 60)
    assert verdict == ledger.Verdict(LENGTH, 1, "the kept words are not those that were recorded")


def mutations(count: int) -> Iterator[tuple[str, dict[str, object]]]:
    """Random edits: one character of one text of one event."""
    chosen = random.Random(20260302)
    for _ in range(count):
        column, seq = chosen.choice((*TEXTS, *HASHES)), chosen.randint(1, LENGTH)
        letter = chosen.choice("abcdef0123456789_ *")
        yield (
            f"UPDATE ledger_event SET {column} = CASE WHEN {column} = :letter THEN 'zz' ELSE :letter END WHERE seq = :seq",
            {"letter": letter, "seq": seq},
        )


def test_random_edits_are_all_found(chain: Store) -> None:
    missed = [one for one in mutations(60) if verdict_after(chain, one[0], **one[1]).first_bad is None]
    assert missed == []


def test_the_chain_holds_when_the_words_of_a_person_are_erased(chain: Store) -> None:
    pid = KEYS.pid("viber", "acme-viber", "u0")

    def erase(tx: Tx) -> None:
        locked = subject.find_locked(tx, pid)
        assert locked is not None
        erasure.erase(tx, locked, "request", 1_700_000_000_000, "console")

    chain.write(erase)
    assert chain.read(ledger.verify) == ledger.Verdict(LENGTH + 1)
    assert chain.read(lambda tx: tx.one(Sql("SELECT count(*) FROM event_payload WHERE pid = :pid"), pid=pid)) == (0,)


def test_a_row_names_nobody_and_holds_no_words(store: Store) -> None:
    append(
        store, "user-Kx7/9+Q==", change_of(ConsentKind.REASON_GIVEN, reason="too many parcels"), "my secret sentence"
    )
    row: Row | None = store.read(lambda tx: tx.one(Sql("SELECT * FROM ledger_event")))
    told = " ".join(map(str, row or ()))
    assert row is not None
    assert [one for one in ("Kx7", "parcels", "secret", "sentence") if one in told] == []


def test_the_same_words_leave_different_commitments(store: Store) -> None:
    append(store)
    append(store)
    found = store.read(lambda tx: tx.all(Sql("SELECT commitment FROM ledger_event")))
    assert len(set(found)) == 2


def test_the_feed_and_the_history_tell_what_was_recorded(chain: Store) -> None:
    fed = chain.read(lambda tx: ledger.feed(tx, 2, 2))
    assert [one["seq"] for one in fed] == [3, 4]
    assert "words" not in fed[0]
    history = chain.read(lambda tx: ledger.of_subject(tx, KEYS.pid("viber", "acme-viber", "u1")))
    assert [(one["seq"], one["kind"], one["words"]) for one in history] == [
        (4, "opted_out", "words 3"),
        (2, "opted_out", "words 1"),
    ]
    assert history[0]["happened_at"] == round(NOW.timestamp() * 1000)


def test_pages_join_without_a_seam(chain: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "_PAGE", Sql(ledger._PAGE.sqlite.replace(f"LIMIT {ledger.PAGE}", "LIMIT 2")))
    seen: list[int] = []
    assert ledger.verify_live(chain, seen.append) == ledger.Verdict(LENGTH)
    assert seen == [2, 2, 1]
    for seq in range(1, LENGTH + 1):
        assert verdict_after(chain, "UPDATE event_payload SET salt = sealed WHERE seq = :seq", seq=seq).first_bad == seq
