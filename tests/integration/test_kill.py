"""kill -9 at random instants under load: no acknowledged STOP is lost, no reply comes more than twice, the chain holds."""

from __future__ import annotations

import collections
import random
import threading
import time
import urllib.request
from functools import partial
from pathlib import Path

import pytest

from bot.domain.permit import Reason
from handlers import settings
from handlers.app import build_house
from handlers.services import audience
from handlers.simulator.platform import Platform
from storage import ledger
from tests.support.service import ServedProcess

WRITERS = 6
CHANNELS = ("viber", "wechat")


class Crowd:
    """Contacts who write STOP until told to go; remembers whose STOP was acknowledged and whose must be sent again."""

    def __init__(self, service: ServedProcess, round_number: int) -> None:
        self.acknowledged: list[tuple[str, str]] = []
        self._service, self._round = service, round_number
        self._gone = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(number,)) for number in range(WRITERS)]

    def start(self) -> None:
        """Let them write."""
        for thread in self._threads:
            thread.start()

    def leave(self) -> None:
        """Wait until everybody has gone."""
        self._gone.set()
        for thread in self._threads:
            thread.join()

    def _write(self, writer: int) -> None:
        number = 0
        while not self._gone.is_set():
            channel = CHANNELS[number % 2]
            user_id = f"r{self._round}w{writer}n{number}"
            platform = getattr(self._service.platform, channel)
            sent = platform.contact_says(channel, user_id, "STOP")
            if sent.status == 200:
                self.acknowledged.append((channel, user_id))
            elif not self._gone.is_set():
                self._again(platform, sent, (channel, user_id))
            number += 1

    def _again(self, platform: object, sent: object, who: tuple[str, str]) -> None:
        """What the platform does with a callback that was not answered: it is delivered again."""
        time.sleep(0.05)
        if platform.redeliver(sent).status == 200:  # type: ignore[attr-defined]
            self.acknowledged.append(who)


def one_round(platform: Platform, service: ServedProcess, number: int, chance: random.Random) -> int:
    """Load on the running service, kill it, start it again; returns how many STOPs were acknowledged in this round."""
    crowd = Crowd(service, number)
    crowd.start()
    time.sleep(chance.uniform(0.1, 1.2))
    service.kill()
    crowd.leave()
    service.start()
    _wait_for_quiet(service)
    still_allowed, verdict = _looked_at(service, crowd.acknowledged)
    assert still_allowed == [], f"round {number}: an acknowledged STOP was lost"
    assert _repeated(platform, crowd.acknowledged) == [], f"round {number}: a reply came more than twice"
    assert verdict.first_bad is None, f"round {number}: {verdict}"
    return len(crowd.acknowledged)


def _looked_at(service: ServedProcess, contacts: list[tuple[str, str]]) -> tuple[list[str], ledger.Verdict]:
    """(contacts to whom the gate would still say yes, what the ledger's check found), read beside the running service."""
    house = build_house(settings.load(service.config, service.environ))
    try:
        allowed: list[str] = []
        for channel in CHANNELS:
            ids = tuple(user_id for name, user_id in contacts if name == channel)
            question = audience.Question(house.account(channel), "marketing", ids)
            verdicts = house.store.read(partial(audience.judge, house=house, question=question))
            allowed += [
                one.recipient for one in verdicts if one.denial is None or one.denial.reason is not Reason.OPTED_OUT
            ]
        return allowed, ledger.verify_live(house.store)
    finally:
        house.store.close()


def _repeated(platform: Platform, contacts: list[tuple[str, str]]) -> list[str]:
    """Contacts on whose phone one reply stands more than twice."""
    worst = []
    for channel, user_id in contacts:
        bubbles = getattr(platform, channel).transcript.of(channel, user_id)
        replies = collections.Counter(one.text for one in bubbles if not one.is_from_contact)
        if any(count > 2 for count in replies.values()):
            worst.append(user_id)
    return worst


def _wait_for_quiet(service: ServedProcess) -> None:
    """Until nothing is queued any more (cut-off tries are taken up again at once)."""
    for _ in range(400):
        with urllib.request.urlopen(f"http://127.0.0.1:{service.port}/metrics", timeout=10) as answer:
            page = answer.read().decode()
        if 'quietline_queue_depth{queue="outbox_queued"} 0.0' in page:
            return
        time.sleep(0.05)
    raise AssertionError("the outbox did not empty")


@pytest.mark.timeout(300)
def test_no_acknowledged_stop_is_lost_when_the_service_is_killed(tmp_path: Path) -> None:
    chance = random.Random(20261121)
    with Platform() as platform:
        service = ServedProcess(tmp_path, platform).start()
        try:
            acknowledged = sum(one_round(platform, service, number, chance) for number in range(3))
        finally:
            service.kill()
    assert acknowledged > 0, "the load never got through, so nothing was proved"


@pytest.mark.slow
def test_a_hundred_kills_lose_no_acknowledged_stop(tmp_path: Path) -> None:
    chance = random.Random()
    with Platform() as platform:
        service = ServedProcess(tmp_path, platform).start()
        try:
            acknowledged = sum(one_round(platform, service, number, chance) for number in range(100))
        finally:
            service.kill()
    assert acknowledged > 1000
