"""kill -9 at random instants under load: no acknowledged STOP is lost, no reply comes more than twice, the chain holds."""

from __future__ import annotations

import collections
import json
import random
import threading
import time
from pathlib import Path

import pytest

from handlers.simulator.platform import Platform
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


def one_round(folder: Path, platform: Platform, service: ServedProcess, number: int, chance: random.Random) -> int:
    """Load, kill, restart; returns how many STOPs were acknowledged in this round."""
    service.start()
    crowd = Crowd(service, number)
    crowd.start()
    time.sleep(chance.uniform(0.1, 1.2))
    service.kill()
    crowd.leave()
    service.start()
    _wait_for_quiet(service)
    service.stop()
    for channel in CHANNELS:
        ids = [user_id for name, user_id in crowd.acknowledged if name == channel]
        assert _still_allowed(service, channel, ids) == [], f"round {number}: an acknowledged STOP was lost"
    assert _repeated(platform, crowd.acknowledged) == [], f"round {number}: a reply came more than twice"
    verdict = service.run("ledger", "verify")
    assert verdict.returncode == 0, verdict.stdout
    assert (folder / "quietline.sqlite3").exists()
    return len(crowd.acknowledged)


def _still_allowed(service: ServedProcess, channel: str, ids: list[str]) -> list[str]:
    if not ids:
        return []
    answer = service.run("audience", "check", "--account", channel, standard_input="\n".join(ids))
    assert answer.returncode == 0, answer.stderr
    lines = [json.loads(line) for line in answer.stdout.splitlines()]
    assert len(lines) == len(ids)
    return [line["recipient"] for line in lines if line.get("reason") != "opted_out"]


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
    import urllib.request

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
        service = ServedProcess(tmp_path, platform)
        try:
            acknowledged = sum(one_round(tmp_path, platform, service, number, chance) for number in range(3))
        finally:
            service.kill()
    assert acknowledged > 0, "the load never got through, so nothing was proved"


@pytest.mark.slow
def test_a_hundred_kills_lose_no_acknowledged_stop(tmp_path: Path) -> None:
    chance = random.Random()
    with Platform() as platform:
        service = ServedProcess(tmp_path, platform)
        try:
            acknowledged = sum(one_round(tmp_path, platform, service, number, chance) for number in range(100))
        finally:
            service.kill()
    assert acknowledged > 1000
