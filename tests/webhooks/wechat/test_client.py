"""What becomes of a send to WeChat, on good days and on bad ones."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from bot.domain.message import Choice, Message
from handlers.channel import Outcome, SendResult
from handlers.settings import Secret
from handlers.simulator.platform import Fault, Platform, WeChatBook, fault, window
from handlers.webhooks.transport import BoundedSession
from handlers.webhooks.wechat.client import OUTCOMES, WeChatClient
from tests.support.channel import MemoryVault, SettableClock, permit, wechat_account

ACCOUNT, PERSON, SEND = "acme-wechat", "oPENID-canary-1", "message/custom/send"
DONE = Message("已停止。Done.", "zh-Hans")
QUESTION = Message("多久一次？", "zh-Hans", (Choice("f.weekly.1", "每周"), Choice("f.monthly.1", "每月")))


@pytest.fixture
def book(platform: Platform, clock: SettableClock) -> WeChatBook:
    """The account at the stand-in, with one follower who has just written."""
    account = wechat_account()
    book = platform.wechat.add_account(
        WeChatBook(ACCOUNT, account.app_id, str(account.app_secret), str(account.token), str(account.encoding_aes_key))
    )
    book.follower(PERSON).window.open(window.MESSAGE, clock())
    return book


@pytest.fixture
def vault() -> MemoryVault:
    """The shared tokens."""
    return MemoryVault()


@pytest.fixture
def wechat(platform: Platform, book: WeChatBook, clock: SettableClock, vault: MemoryVault) -> WeChatClient:
    """A client of that account."""
    account = wechat_account(api_url=platform.wechat_api_url)
    return WeChatClient(account, vault, clock, BoundedSession((2.0, 1.5), 3.0))


def seen(platform: Platform) -> list[str]:
    """The texts on the contact's phone."""
    return [bubble.text for bubble in platform.wechat.transcript.received(ACCOUNT, PERSON)]


def send(client: WeChatClient, message: Message = DONE, person: str = PERSON) -> SendResult:
    """Send with a permit."""
    return client.send(permit(), person, message)


def test_a_message_arrives_readable_with_tappable_options(wechat: WeChatClient, platform: Platform) -> None:
    assert send(wechat, QUESTION) == SendResult(Outcome.SENT, code=0)
    (bubble,) = platform.wechat.transcript.received(ACCOUNT, PERSON)
    assert bubble.text.startswith("多久一次？")
    assert [one.value for one in bubble.options] == ["f.weekly.1", "f.monthly.1"]


def test_the_token_is_fetched_once_for_many_sends(wechat: WeChatClient, book: WeChatBook) -> None:
    assert [send(wechat).outcome for _ in range(3)] == [Outcome.SENT] * 3
    assert book.token_fetches == 1


def test_two_workers_share_one_token(
    platform: Platform, book: WeChatBook, vault: MemoryVault, clock: SettableClock
) -> None:
    account = wechat_account(api_url=platform.wechat_api_url)
    clients = [WeChatClient(account, vault, clock) for _ in range(2)]
    assert [send(client).outcome for client in clients] == [Outcome.SENT] * 2
    assert book.token_fetches == 1


def test_nothing_is_sent_without_a_permit(wechat: WeChatClient, platform: Platform) -> None:
    with pytest.raises(TypeError):
        wechat.send(None, PERSON, DONE)  # type: ignore[arg-type]
    assert seen(platform) == []


@pytest.mark.parametrize("number", sorted({*OUTCOMES, 12345, 47001} - {0, 45065, 40001, 40014, 42001, 45002}))
def test_every_code_has_its_outcome(wechat: WeChatClient, platform: Platform, number: int) -> None:
    platform.faults.add(fault.code(number), SEND)
    result = send(wechat)
    assert (result.outcome, result.code) == (OUTCOMES.get(number, Outcome.REFUSED), number)
    assert result.detail.startswith(f"errcode {number}: as you asked")
    assert seen(platform) == []


def test_the_table_names_every_code_that_the_documents_name() -> None:
    documented = {-1, 40001, 40003, 40014, 40164, 40200, 40243, 42001, 43004, 43019, 43101, 45002, 45009, 45011}
    documented |= {45015, 45047, 48001, 48002, 48004, 50002, 61004, 89503, 40033, 45008, 45065}
    assert documented <= set(OUTCOMES)


@pytest.mark.parametrize(("number", "wait"), [(45011, 60), (45009, 6 * 3600 + 1), (-1, None)])
def test_quotas_say_how_long_to_wait(wechat: WeChatClient, platform: Platform, number: int, wait: int | None) -> None:
    platform.faults.add(fault.code(number), SEND)
    result = send(wechat)
    assert (result.outcome, result.retry_after) == (Outcome.RETRY, wait)


@pytest.mark.parametrize(
    ("prepare", "outcome", "code"),
    [
        (lambda book: book.followers.clear(), Outcome.UNREACHABLE, 40003),
        (lambda book: setattr(book.follower(PERSON), "is_following", False), Outcome.OPTED_OUT, 43004),
        (lambda book: setattr(book.follower(PERSON), "accepts", False), Outcome.OPTED_OUT, 48002),
        (lambda book: book.follower(PERSON).window.grants.clear(), Outcome.WINDOW_CLOSED, 45015),
        (lambda book: setattr(book, "app_secret", "changed"), Outcome.ACCOUNT_BLOCKED, 40125),
        (lambda book: setattr(book, "app_id", "wxchanged"), Outcome.ACCOUNT_BLOCKED, 40013),
        (lambda book: setattr(book, "refuses", 48004), Outcome.ACCOUNT_BLOCKED, 48004),
    ],
)
def test_the_stand_ins_own_refusals_are_understood(
    wechat: WeChatClient, book: WeChatBook, prepare: Callable[[object], object], outcome: Outcome, code: int
) -> None:
    prepare(book)
    result = send(wechat)
    assert (result.outcome, result.code) == (outcome, code)


def test_the_window_closes_after_five_messages_and_after_48_hours(
    wechat: WeChatClient, book: WeChatBook, clock: SettableClock
) -> None:
    outcomes = [send(wechat).code for _ in range(6)]
    assert outcomes == [0, 0, 0, 0, 0, 45047]
    book.follower(PERSON).window.open(window.MESSAGE, clock())
    clock.advance(hours=48)
    assert (send(wechat).outcome, send(wechat).code) == (Outcome.WINDOW_CLOSED, 45015)


@pytest.mark.parametrize("number", [40001, 40014, 42001])
def test_a_refused_token_is_renewed_once(
    wechat: WeChatClient, platform: Platform, book: WeChatBook, number: int
) -> None:
    platform.faults.add(fault.code(number), SEND)
    assert send(wechat).outcome is Outcome.SENT
    assert (book.token_fetches, len(book.forced)) == (3, 1)


@pytest.mark.parametrize("number", [40001, 40014, 42001])
def test_a_token_refused_again_and_again_blocks_the_account(
    wechat: WeChatClient, platform: Platform, book: WeChatBook, number: int
) -> None:
    platform.faults.add(fault.code(number), SEND, times=50)
    result = send(wechat)
    assert (result.outcome, result.code) == (Outcome.ACCOUNT_BLOCKED, number)
    assert book.token_fetches == 3


def test_a_token_that_another_program_replaced_is_fetched_without_force(wechat: WeChatClient, book: WeChatBook) -> None:
    send(wechat)
    book.invalidate_tokens()
    assert send(wechat).outcome is Outcome.SENT
    assert (book.token_fetches, book.forced) == (2, [])


def test_an_expired_token_is_replaced(wechat: WeChatClient, book: WeChatBook, clock: SettableClock) -> None:
    send(wechat)
    clock.advance(hours=2)
    assert send(wechat).outcome is Outcome.SENT
    assert book.token_fetches == 2


@pytest.mark.parametrize(
    ("bad", "outcome"),
    [
        (fault.reset(), Outcome.RETRY),
        (fault.stall(), Outcome.RETRY),
        (fault.garbled(), Outcome.RETRY),
        (fault.garbled("{}"), Outcome.RETRY),
        (fault.garbled('{"access_token":"","expires_in":7200}'), Outcome.RETRY),
        (fault.garbled('{"access_token":"x","expires_in":"soon"}'), Outcome.RETRY),
        (fault.http_status(500), Outcome.RETRY),
        (fault.http_status(503), Outcome.RETRY),
        (fault.code(-1), Outcome.RETRY),
        (fault.code(45009), Outcome.RETRY),
        (fault.code(40164), Outcome.ACCOUNT_BLOCKED),
        (fault.code(40243), Outcome.ACCOUNT_BLOCKED),
        (fault.code(89503), Outcome.ACCOUNT_BLOCKED),
    ],
    ids=lambda value: f"{value.kind}{value.number or ''}{value.body[:16]}" if isinstance(value, Fault) else str(value),
)
def test_without_a_token_nothing_has_been_sent(
    wechat: WeChatClient, platform: Platform, bad: Fault, outcome: Outcome
) -> None:
    platform.faults.add(bad, "stable_token")
    assert send(wechat).outcome is outcome
    assert seen(platform) == []
    assert send(wechat).outcome is Outcome.SENT


@pytest.mark.parametrize(
    ("bad", "outcome", "wait"),
    [
        (fault.http_status(429, Retry_After="7"), Outcome.RETRY, 7),
        (fault.http_status(503, Retry_After="Mon, 02 Mar 2026 10:01:00 GMT"), Outcome.RETRY, 60),
        (fault.http_status(500), Outcome.UNKNOWN, None),
        (fault.http_status(502), Outcome.UNKNOWN, None),
        (fault.http_status(403), Outcome.ACCOUNT_BLOCKED, None),
        (fault.http_status(302, Location="http://127.0.0.1:9/"), Outcome.UNKNOWN, None),
        (fault.http_status(413), Outcome.REFUSED, None),
        (fault.garbled(), Outcome.UNKNOWN, None),
        (fault.garbled(""), Outcome.UNKNOWN, None),
        (fault.garbled("[]"), Outcome.UNKNOWN, None),
        (fault.garbled("{}"), Outcome.UNKNOWN, None),
        (fault.garbled('{"errcode":"none"}'), Outcome.UNKNOWN, None),
        (fault.garbled('{"errcode":null}'), Outcome.UNKNOWN, None),
        (fault.garbled("[" * 60_000), Outcome.UNKNOWN, None),
        (fault.reset(), Outcome.UNKNOWN, None),
        (fault.stall(), Outcome.UNKNOWN, None),
        (fault.drip(), Outcome.UNKNOWN, None),
        (fault.flood(), Outcome.UNKNOWN, None),
    ],
    ids=lambda value: f"{value.kind}{value.number or ''}" if isinstance(value, Fault) else str(value),
)
def test_every_misbehaviour_has_its_outcome(
    wechat: WeChatClient, platform: Platform, bad: Fault, outcome: Outcome, wait: int | None
) -> None:
    platform.faults.add(bad, SEND)
    result = send(wechat)
    assert (result.outcome, result.retry_after) == (outcome, wait)
    assert send(wechat).outcome is Outcome.SENT


def test_an_answer_above_64_kib_is_not_read_to_its_end(wechat: WeChatClient, platform: Platform) -> None:
    for size, outcome in ((65_536, Outcome.SENT), (65_537, Outcome.UNKNOWN)):
        platform.faults.add(fault.garbled('{"errcode":0}'.ljust(size)), SEND)
        assert send(wechat).outcome is outcome


def test_a_proxy_of_the_environment_is_not_used(wechat: WeChatClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert send(wechat).outcome is Outcome.SENT


def test_no_connection_is_a_definite_failure(clock: SettableClock) -> None:
    assert send(WeChatClient(wechat_account(), MemoryVault(), clock)).outcome is Outcome.RETRY


def test_a_text_that_is_too_long_for_wechat_goes_in_shorter_parts(wechat: WeChatClient, platform: Platform) -> None:
    platform.faults.add(fault.code(45002), SEND)
    text = "退" * 600
    assert send(wechat, Message(text, "zh-Hans")).outcome is Outcome.SENT
    assert len(seen(platform)) == 2
    assert "".join(seen(platform)) == text


def test_a_text_that_stays_too_long_is_refused(wechat: WeChatClient, platform: Platform) -> None:
    platform.faults.add(fault.code(45002), SEND, times=9)
    result = send(wechat)
    assert (result.outcome, result.code, seen(platform)) == (Outcome.REFUSED, 45002, [])


def test_a_half_sent_long_message_is_repeated_once_at_most(wechat: WeChatClient, platform: Platform) -> None:
    platform.wechat.transcript.on_message(lambda _: platform.faults.add(fault.code(45011), SEND))
    result = send(wechat, Message("退" * 1000, "zh-Hans"))
    assert (result.outcome, result.code, len(seen(platform))) == (Outcome.UNKNOWN, 45011, 1)


def test_the_account_is_checked(wechat: WeChatClient) -> None:
    lines = wechat.check("https://chat.example.com/webhooks/wechat/acme-wechat")
    assert [(line.name, line.is_ok) for line in lines] == [("token", True), ("sending", True), ("webhook", True)]
    assert "https://chat.example.com/webhooks/wechat/acme-wechat" in lines[-1].detail


@pytest.mark.parametrize("number", [40164, 48001, 50002])
def test_what_is_missing_is_told_by_the_check(wechat: WeChatClient, platform: Platform, number: int) -> None:
    platform.faults.add(fault.code(number, "words of WeChat"), SEND)
    first = wechat.check(None)[0]
    assert first.is_ok is False
    assert f"errcode {number}: words of WeChat" in first.detail


def test_an_unreachable_wechat_is_told_by_the_check(clock: SettableClock) -> None:
    first = WeChatClient(wechat_account(), MemoryVault(), clock).check(None)[0]
    assert (first.name, first.is_ok) == ("connection", False)


def test_connecting_says_what_to_enter_where(wechat: WeChatClient) -> None:
    (line,) = wechat.connect("https://chat.example.com/webhooks/wechat/acme-wechat")
    for word in ("https://chat.example.com/webhooks/wechat/acme-wechat", "安全模式", "EncodingAESKey"):
        assert word in line.detail


def test_no_secret_token_text_or_id_ever_reaches_a_log_or_an_error(
    wechat: WeChatClient, platform: Platform, book: WeChatBook, vault: MemoryVault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    words = Message("canary words", "en")
    send(wechat, words)
    (token,) = vault.kept.values()
    platform.faults.add(fault.code(48001, f"token {token} secret {book.app_secret}"), SEND)
    details = [send(wechat, words).detail]
    for bad in (fault.reset(), fault.stall(), fault.garbled(), fault.http_status(500)):
        platform.faults.add(bad)
        details.append(send(wechat, words).detail)
    logged = caplog.text + " ".join(details)
    assert "token *** secret ***" in logged
    for secret in (token, book.app_secret, "canary words", PERSON):
        assert secret not in logged


def test_an_account_with_another_secret_is_told_apart(
    platform: Platform, book: WeChatBook, clock: SettableClock
) -> None:
    account = wechat_account(api_url=platform.wechat_api_url, app_secret=Secret("wrong-canary"))
    first = WeChatClient(account, MemoryVault(), clock).check(None)[0]
    assert (first.is_ok, "40125" in first.detail, "wrong-canary" in first.detail) == (False, True, False)
