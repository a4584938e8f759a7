"""No room for a byte: writes are refused and come again, the gate denies or is right, and it goes on without a restart (I26)."""

from __future__ import annotations

import json
import resource
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from handlers.simulator.platform import Platform
from tests.support.service import ServedProcess

pytestmark = pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="limits of another process are Linux's")


@contextmanager
def full_disk(service: ServedProcess, room: int) -> Iterator[None]:
    """No file of the service may grow beyond `room` bytes."""
    assert service._process is not None
    pid = service._process.pid
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def ask(service: ServedProcess, token: str, who: str, *, claim: bool) -> tuple[int, dict[str, object]]:
    """An audience check over HTTP."""
    body = json.dumps({"account": "viber", "topic": "marketing", "recipients": [who], "claim": claim}).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    address = f"http://127.0.0.1:{service.port}/api/v1/audience/check"
    try:
        with urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_a_full_disk_refuses_denies_and_is_got_over(tmp_path: Path) -> None:
    with Platform() as platform, ServedProcess(tmp_path, platform) as service:
        token = service.run("token", "create", "--scopes", "check", "--name", "crm").stdout.split()[-1]
        assert platform.viber.contact_says("viber", "stopped", "STOP").status == 200
        for room in (0, 1024, 8192):
            with full_disk(service, room):
                refused = [
                    platform.viber.contact_says("viber", f"v{room}", "STOP"),
                    platform.wechat.contact_says("wechat", f"w{room}", "STOP"),
                ]
                assert [one.status for one in refused] == [503, 503]
                status, answer = ask(service, token, "stopped", claim=False)
                assert status == 503 or answer["allowed"] == []
                assert ask(service, token, "stopped", claim=True)[1].get("allowed", []) == []
            assert platform.viber.redeliver(refused[0]).status == 200
            assert platform.wechat.redeliver(refused[1]).status == 200
            _, answer = ask(service, token, f"v{room}", claim=False)
            assert [one["reason"] for one in answer["denied"]] == ["opted_out"]  # type: ignore[attr-defined]
        assert service.run("ledger", "verify").returncode == 0
