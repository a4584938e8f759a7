"""What becomes of a send to Viber, on good days and on bad ones."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from bot.domain.message import Choice, Message
from handlers.channel import Outcome, SendResult
from handlers.settings import Secret
from handlers.simulator.platform import Fault, Platform, fault
from handlers.webhooks.transport import BoundedSession
from handlers.webhooks.viber.client import OUTCOMES, ViberClient
from tests.support.channel import RecordingInbound, SettableClock, app_of, permit, poster_to, viber_account

ACCOUNT, PERSON = "acme-viber", "user/1+2=="
QUESTION = Message("How often?", "en", (Choice("f.weekly.1", "Weekly"), Choice("f.monthly.1", "每月一次")))
DONE = Message("Done. 已停止。", "en")


@pytest.fixture
def viber(platform: Platform, clock: SettableClock) -> ViberClient:
    """A client of a connected bot with one subscriber, on the stand-in."""
    account = viber_account(api_url=platform.viber_api_url)
    bot = platform.viber.add_bot(ACCOUNT, account.auth_token, webhook_url="http://127.0.0.1:9/hook")
    bot.subscriber(PERSON).is_subscribed = True
    return ViberClient(account, clock, BoundedSession((2.0, 1.5), 3.0))


def seen(platform: Platform) -> list[str]:
    """The texts on the contact's phone."""
    return [bubble.text for bubble in platform.viber.transcript.received(ACCOUNT, PERSON)]


def send(client: ViberClient, message: Message = DONE, person: str = PERSON) -> SendResult:
    """Send with a permit."""
    return client.send(permit(), person, message)


def test_a_message_arrives_with_its_buttons_and_brings_its_token(viber: ViberClient, platform: Platform) -> None:
    result = send(viber, QUESTION)
    (bubble,) = platform.viber.transcript.received(ACCOUNT, PERSON)
    assert (result.outcome, result.message_token) == (Outcome.SENT, bubble.token)
    assert (bubble.text, [one.label for one in bubble.options]) == ("How often?", ["Weekly", "每月一次"])
    assert bubble.raw["sender"] == {"name": "Acme"}
    assert "auth_token" not in bubble.raw


def test_a_long_message_arrives_in_parts_with_the_buttons_at_the_end(viber: ViberClient, platform: Platform) -> None:
    assert send(viber, Message("退" * 9000, "zh-Hans", QUESTION.choices)).outcome is Outcome.SENT
    first, second = platform.viber.transcript.received(ACCOUNT, PERSON)
    assert (first.text + second.text, first.options, len(second.options)) == ("退" * 9000, (), 2)


def test_nothing_is_sent_without_a_permit(viber: ViberClient, platform: Platform) -> None:
    with pytest.raises(TypeError):
        viber.send(None, PERSON, DONE)  # type: ignore[arg-type]
    assert seen(platform) == []


@pytest.mark.parametrize("status", [*range(1, 25), 99, -7])
def test_every_status_has_its_outcome(viber: ViberClient, platform: Platform, status: int) -> None:
    platform.faults.add(fault.code(status))
    result = send(viber)
    assert (result.outcome, result.code) == (OUTCOMES.get(status, Outcome.RETRY), status)
    assert result.detail == f"status {status}: as you asked"
    assert seen(platform) == []


def test_the_table_names_every_status_of_vibers_own() -> None:
    assert sorted(OUTCOMES) == list(range(25))


@pytest.mark.parametrize(
    ("prepare", "outcome", "code"),
    [
        (lambda bot: setattr(bot, "token", "rotated"), Outcome.ACCOUNT_BLOCKED, 2),
        (lambda bot: setattr(bot, "status", 7), Outcome.ACCOUNT_BLOCKED, 7),
        (lambda bot: setattr(bot, "webhook_url", ""), Outcome.ACCOUNT_BLOCKED, 10),
        (lambda bot: setattr(bot.subscriber(PERSON), "is_subscribed", False), Outcome.OPTED_OUT, 6),
        (lambda bot: bot.subscribers.clear(), Outcome.UNREACHABLE, 5),
    ],
)
def test_the_stand_ins_own_refusals_are_understood(
    viber: ViberClient, platform: Platform, prepare: Callable[[object], object], outcome: Outcome, code: int
) -> None:
    prepare(platform.viber.bots[ACCOUNT])
    result = send(viber)
    assert (result.outcome, result.code) == (outcome, code)


def test_the_hundred_and_first_message_in_an_hour_waits_for_the_hour(
    viber: ViberClient, platform: Platform, clock: SettableClock
) -> None:
    platform.viber.bots[ACCOUNT].subscriber(PERSON).sent = [clock()] * 99
    assert send(viber).outcome is Outcome.SENT
    refused = send(viber)
    assert (refused.outcome, refused.code, refused.retry_after) == (Outcome.RETRY, 12, 3600)
    clock.advance(seconds=3601)
    assert send(viber).outcome is Outcome.SENT


@pytest.mark.parametrize("status", [13, 14])
def test_an_old_phone_gets_the_options_as_numbered_lines(viber: ViberClient, platform: Platform, status: int) -> None:
    platform.faults.add(fault.code(status))
    assert send(viber, QUESTION).outcome is Outcome.SENT
    assert seen(platform) == ["How often?\n\n1. Weekly\n2. 每月一次"]


def test_a_phone_that_is_too_old_for_everything_is_unreachable(viber: ViberClient, platform: Platform) -> None:
    platform.viber.bots[ACCOUNT].subscriber(PERSON).api_version = 0
    result = send(viber, QUESTION)
    assert (result.outcome, result.code) == (Outcome.UNREACHABLE, 13)


@pytest.mark.parametrize(
    ("bad", "outcome", "wait"),
    [
        (fault.http_status(429, Retry_After="7"), Outcome.RETRY, 7),
        (fault.http_status(503, Retry_After="Mon, 02 Mar 2026 10:01:00 GMT"), Outcome.RETRY, 60),
        (fault.http_status(503, Retry_After="soon"), Outcome.RETRY, None),
        (fault.http_status(503, Retry_After="999999999999"), Outcome.RETRY, 86_400),
        (fault.http_status(500), Outcome.UNKNOWN, None),
        (fault.http_status(502), Outcome.UNKNOWN, None),
        (fault.http_status(504), Outcome.UNKNOWN, None),
        (fault.http_status(401), Outcome.ACCOUNT_BLOCKED, None),
        (fault.http_status(404), Outcome.ACCOUNT_BLOCKED, None),
        (fault.http_status(302, Location="http://127.0.0.1:9/"), Outcome.ACCOUNT_BLOCKED, None),
        (fault.http_status(400), Outcome.REFUSED, None),
        (fault.garbled(), Outcome.UNKNOWN, None),
        (fault.garbled(""), Outcome.UNKNOWN, None),
        (fault.garbled("[]"), Outcome.UNKNOWN, None),
        (fault.garbled("{}"), Outcome.UNKNOWN, None),
        (fault.garbled('{"status":"0"}'), Outcome.UNKNOWN, None),
        (fault.garbled('{"status":true}'), Outcome.UNKNOWN, None),
        (fault.garbled("[" * 60_000), Outcome.UNKNOWN, None),
        (fault.reset(), Outcome.UNKNOWN, None),
        (fault.stall(), Outcome.UNKNOWN, None),
        (fault.drip(), Outcome.UNKNOWN, None),
        (fault.flood(), Outcome.UNKNOWN, None),
    ],
    ids=lambda value: f"{value.kind}{value.number or ''}" if isinstance(value, Fault) else str(value),
)
def test_every_misbehaviour_has_its_outcome(
    viber: ViberClient, platform: Platform, bad: Fault, outcome: Outcome, wait: int | None
) -> None:
    platform.faults.add(bad)
    result = send(viber)
    assert (result.outcome, result.retry_after) == (outcome, wait)
    assert send(viber).outcome is Outcome.SENT


@pytest.mark.parametrize(
    "bad",
    [
        fault.reset(is_taken=True),
        fault.stall(is_taken=True),
        fault.garbled(is_taken=True),
        fault.http_status(500, is_taken=True),
    ],
    ids=lambda bad: bad.kind,
)
def test_a_message_that_arrived_without_our_knowing_is_unknown(
    viber: ViberClient, platform: Platform, bad: Fault
) -> None:
    platform.faults.add(bad)
    assert send(viber).outcome is Outcome.UNKNOWN
    assert len(seen(platform)) == 1


def test_an_ok_without_a_token_counts_as_sent(viber: ViberClient, platform: Platform) -> None:
    platform.faults.add(fault.garbled('{"status":0}'))
    assert send(viber) == SendResult(Outcome.SENT, message_token="", code=0)


def test_an_answer_above_64_kib_is_not_read_to_its_end(viber: ViberClient, platform: Platform) -> None:
    for size, outcome in ((65_536, Outcome.SENT), (65_537, Outcome.UNKNOWN)):
        platform.faults.add(fault.garbled('{"status":0}'.ljust(size)))
        assert send(viber).outcome is outcome


def test_a_proxy_of_the_environment_is_not_used(viber: ViberClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert send(viber).outcome is Outcome.SENT


def test_no_connection_is_a_definite_failure(clock: SettableClock) -> None:
    client = ViberClient(viber_account(), clock, BoundedSession((0.5, 0.5)))
    assert send(client).outcome is Outcome.RETRY


def test_a_half_sent_long_message_is_repeated_once_at_most(viber: ViberClient, platform: Platform) -> None:
    platform.viber.transcript.on_message(lambda _: platform.faults.add(fault.http_status(429, Retry_After="7")))
    result = send(viber, Message("x" * 8000, "en"))
    assert (result.outcome, result.retry_after, len(seen(platform))) == (Outcome.UNKNOWN, 7, 1)


def test_the_account_is_checked_and_connected(viber: ViberClient, platform: Platform, clock: SettableClock) -> None:
    account = viber_account(api_url=platform.viber_api_url)
    inbound = RecordingInbound()
    platform.viber._poster = poster_to(app_of(inbound, clock, account))
    bot, url = platform.viber.bots[ACCOUNT], "http://localhost/webhooks/viber/acme-viber"
    assert [line.is_ok for line in viber.check(url)] == [True, False, True]
    assert [line.is_ok for line in viber.connect(url)] == [True]
    assert bot.webhook_url == url
    assert [line.is_ok for line in viber.check(url)] == [True, True, True]
    assert not {"client_status", "action"} & set(bot.event_types)


def test_a_webhook_that_does_not_answer_is_not_connected(viber: ViberClient, platform: Platform) -> None:
    (line,) = viber.connect("http://127.0.0.1:9/nobody")
    assert (line.is_ok, "status 1" in line.detail) == (False, True)
    assert platform.viber.bots[ACCOUNT].webhook_url == "http://127.0.0.1:9/hook"


def test_missing_webhook_and_events_are_told(viber: ViberClient, platform: Platform) -> None:
    bot = platform.viber.bots[ACCOUNT]
    bot.webhook_url, bot.event_types = "", ("message",)
    lines = {line.name: line for line in viber.check("https://chat.example.com/webhooks/viber/acme-viber")}
    assert (lines["webhook"].is_ok, lines["event types"].is_ok) == (False, False)
    assert "conversation_started" in lines["event types"].detail


def test_a_wrong_token_is_told_by_the_check(platform: Platform, clock: SettableClock) -> None:
    client = ViberClient(viber_account(api_url=platform.viber_api_url, auth_token=Secret("wrong-canary")), clock)
    (line,) = client.check(None)
    assert (line.name, line.is_ok) == ("token", False)
    assert "wrong-canary" not in line.detail


def test_no_token_text_or_id_ever_reaches_a_log(
    viber: ViberClient, platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = platform.viber.bots[ACCOUNT].token
    platform.faults.add(fault.code(3, f"token {token} is odd"), times=1)
    details = [send(viber).detail]
    for bad in (fault.reset(), fault.garbled(), fault.http_status(500)):
        platform.faults.add(bad)
        details.append(send(viber, Message("canary words", "en")).detail)
    send(viber)
    logged = caplog.text + " ".join(details)
    assert "status 3: token *** is odd" in logged
    for secret in (token, "canary words", PERSON):
        assert secret not in logged
