"""Tokens: the platforms' are renewed by one worker at a time, the API's are known by their hash alone."""

from __future__ import annotations

import threading

import pytest

from storage import token
from storage.error import Unavailable
from storage.moment import to_ms
from storage.store import Sql, Store
from storage.token import DatabaseVault
from tests.support.channel import SettableClock
from tests.support.house import together

KEY = "wechat:acme"


class Platform:
    """Gives out tokens T1, T2, … that live two hours, and counts."""

    def __init__(self) -> None:
        self.count = 0
        self._lock = threading.Lock()

    def fetch(self) -> tuple[str, int]:
        with self._lock:
            self.count += 1
            return f"T{self.count}", 7200


def vault_of(store: Store, clock: SettableClock) -> DatabaseVault:
    waiting = threading.Event()
    return DatabaseVault(store, clock, wait=lambda seconds: waiting.wait(seconds / 10) and None)


def test_workers_that_all_start_cold_fetch_one_token(store: Store, open_another, clock: SettableClock) -> None:
    platform = Platform()
    vaults = [vault_of(store, clock), vault_of(open_another(), clock)]
    answers = together(8, lambda number: vaults[number % 2].token(KEY, platform.fetch))
    assert (answers, platform.count) == (["T1"] * 8, 1)


def test_a_rejected_token_is_fetched_anew_once_for_all(store: Store, open_another, clock: SettableClock) -> None:
    platform = Platform()
    vaults = [vault_of(store, clock), vault_of(open_another(), clock)]
    vaults[0].token(KEY, platform.fetch)
    answers = together(8, lambda number: vaults[number % 2].token(KEY, platform.fetch, rejected="T1"))
    assert (answers, platform.count) == (["T2"] * 8, 2)


def test_a_token_is_renewed_five_minutes_before_it_ends(store: Store, clock: SettableClock) -> None:
    platform, vault = Platform(), vault_of(store, clock)
    assert vault.token(KEY, platform.fetch) == "T1"
    clock.advance(seconds=7200 - 301)
    assert vault.token(KEY, platform.fetch) == "T1"
    clock.advance(seconds=1)
    assert vault.token(KEY, platform.fetch) == "T2"


def test_a_short_lived_token_is_used_for_a_minute_at_least(store: Store, clock: SettableClock) -> None:
    calls: list[int] = []
    vault = vault_of(store, clock)

    def fetch() -> tuple[str, int]:
        calls.append(1)
        return "short", 10

    assert [vault.token(KEY, fetch), vault.token(KEY, fetch), len(calls)] == ["short", "short", 1]


def test_a_failing_fetch_passes_its_error_on_and_lets_the_next_one_try(store: Store, clock: SettableClock) -> None:
    platform, vault = Platform(), vault_of(store, clock)

    def fail() -> tuple[str, int]:
        raise ConnectionError("the platform is away")

    for _ in range(2):
        with pytest.raises(ConnectionError, match="the platform is away"):
            vault.token(KEY, fail)
    assert vault.token(KEY, platform.fetch) == "T1"


def test_a_worker_that_died_while_renewing_is_waited_for_fifteen_seconds(store: Store, clock: SettableClock) -> None:
    platform = Platform()
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        clock.advance(seconds=seconds)

    vault = DatabaseVault(store, clock, wait)
    store.write(lambda tx: vault._lease(tx, KEY))
    assert vault.token(KEY, platform.fetch) == "T1"
    assert 15 <= sum(waits) <= 15.5


def test_a_renewal_that_never_ends_is_unavailable(store: Store, clock: SettableClock) -> None:
    vault = DatabaseVault(store, clock, wait=lambda _seconds: None)
    store.write(lambda tx: vault._lease(tx, KEY))
    with pytest.raises(Unavailable, match="renewing the access token of wechat:acme"):
        vault.token(KEY, Platform().fetch)


def test_accounts_do_not_share_tokens(store: Store, clock: SettableClock) -> None:
    platform, vault = Platform(), vault_of(store, clock)
    assert [vault.token(key, platform.fetch) for key in ("a", "b", "a")] == ["T1", "T2", "T1"]


def test_a_platforms_token_is_not_stored_in_the_open(store: Store, clock: SettableClock) -> None:
    vault_of(store, clock).token(KEY, lambda: ("canary-token", 7200))
    assert b"canary-token" not in bytes(store.read(lambda tx: tx.all(Sql("SELECT sealed FROM access_token")))[0][0])


def test_an_api_token_is_known_until_it_is_revoked_and_stored_as_its_hash(store: Store) -> None:
    made = store.write(lambda tx: token.create(tx, "crm", ("check", "write"), "acme-viber", 1))
    assert made.startswith(token.PREFIX)
    found = store.read(lambda tx: token.find(tx, made))
    assert found == token.Token(1, "crm", frozenset({"check", "write"}), "acme-viber")
    assert made not in repr(store.read(lambda tx: tx.all(Sql("SELECT * FROM api_token"))))
    assert store.read(lambda tx: token.find(tx, made + "x")) is None
    assert store.write(lambda tx: token.revoke(tx, "crm", 2)) == 1
    assert store.read(lambda tx: token.find(tx, made)) is None


def test_the_last_use_of_an_api_token_is_kept_to_the_minute(store: Store, clock: SettableClock) -> None:
    store.write(lambda tx: token.create(tx, "crm", ("check",), None, 1))
    last_used = []
    for seconds in (0, 30, 61):
        now = to_ms(clock.now) + seconds * 1000
        store.write(lambda tx, now=now: token.touch(tx, 1, now))
        row = store.read(lambda tx: tx.one(Sql("SELECT last_used_at FROM api_token")))
        last_used.append((row[0] - to_ms(clock.now)) // 1000 if row else None)
    assert last_used == [0, 0, 61]
