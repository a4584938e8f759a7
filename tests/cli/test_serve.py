"""`quietline serve` as a process: it starts on nothing but accounts, survives kill -9, stops when told, and keeps quiet about secrets."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.errors import HEADERS
from handlers.simulator.platform import Platform
from tests.cli.conftest import EXAMPLE, SECRETS
from tests.support.service import quietline

CANARY = "canary-4711"
WORDS = "please-do-not-log-these-words STOP"
PATIENCE = 60  # seconds; the machine may be busy


@dataclass(slots=True)
class Served:
    """A running service, its port and what it logs."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None
    port: int = 0
    starts: int = field(default=0)

    @property
    def log_file(self) -> Path:
        """Where the present process logs."""
        return self.folder / f"log-{self.starts}.jsonl"

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What was logged, each line read as what it must be."""
        return [json.loads(line) for line in self.log_file.read_text(encoding="ascii").splitlines()]

    def start(self) -> None:
        """Start it on any free port and wait until it is ready."""
        self.starts += 1
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(
                [*quietline(), "serve", "--config", str(self.folder / "quietline.toml"), "--port", "0"],
                env={**os.environ, **SECRETS},
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + PATIENCE
        while not self._is_ready():
            assert self.process.poll() is None, self.log_file.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def _is_ready(self) -> bool:
        written = self.log_file.read_text()
        if "\n" not in written:
            return False
        self.port = self.lines[0]["port"]
        try:
            return self.ask("GET", "/readyz").status == 200
        except OSError:
            return False

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(
                method, path, body or None, {name.replace("_", "-"): one for name, one in headers.items()}
            )
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def end(self, sign: signal.Signals) -> int:
        """Send a signal; the exit status."""
        assert self.process is not None
        self.process.send_signal(sign)
        return self.process.wait(timeout=PATIENCE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Served]:
    """A service of the design's example on an empty folder, not yet started."""
    (tmp_path / "quietline.toml").write_text(EXAMPLE)
    served = Served(tmp_path)
    yield served
    if served.process and served.process.poll() is None:
        served.process.kill()
        served.process.wait()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One service for all the questions below; its platforms are not there, so that sending fails."""
    folder = tmp_path_factory.mktemp("served")
    here = 'api_url = "http://127.0.0.1:9"\n'
    text = EXAMPLE.replace('channel = "viber"\n', f'channel = "viber"\n{here}').replace(
        'channel = "wechat"\n', f'channel = "wechat"\n{here}'
    )
    (folder / "quietline.toml").write_text(text)
    service = Served(folder)
    service.start()
    yield service
    assert service.process is not None
    service.process.kill()
    service.process.wait()


def test_it_starts_on_an_empty_folder_survives_kill_and_stops_when_told(fresh: Served) -> None:
    fresh.start()
    assert json.loads(fresh.ask("GET", "/readyz").body) == {"status": "ready", "accounts": 2}
    assert (fresh.folder / "quietline.sqlite3").exists()
    modes = {path.name: path.stat().st_mode & 0o777 for path in (fresh.folder / "keys").iterdir()}
    assert modes == {"pid.key": 0o600, "wrap.key": 0o600}
    assert fresh.end(signal.SIGKILL) == -signal.SIGKILL
    fresh.start()
    assert fresh.end(signal.SIGTERM) == 0
    assert [line["event"] for line in fresh.lines] == ["starting", "stopped"]
    fresh.start()
    assert fresh.end(signal.SIGINT) == 0


def test_the_first_line_tells_the_versions_that_matter_for_safety(served: Served) -> None:
    first = served.lines[0]
    assert (first["event"], first["port"], first["host"]) == ("starting", served.port, "127.0.0.1")
    assert set(first["versions"]) == {"sqlite", "expat", "openssl"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("GET", "/metrics", 200),
        ("GET", "/nowhere", 404),
        ("POST", "/healthz", 405),
        ("POST", "/webhooks/viber/acme-viber", 403),
        ("GET", "/webhooks/wechat/acme-wechat", 403),
        ("GET", "/webhooks/viber/nobody", 405),
        ("POST", "/webhooks/viber/nobody", 404),
        ("GET", "/api/v1/ledger", 401),
    ],
)
def test_every_answer_carries_the_headers_and_no_version(served: Served, method: str, path: str, status: int) -> None:
    answer = served.ask(method, path)
    assert answer.status == status
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert answer.headers["X-Request-Id"]
    assert not answer.headers.get("Server")


def test_a_path_that_is_not_there_is_a_problem_document(served: Served) -> None:
    answer = served.ask("GET", f"/nowhere?token={CANARY}")
    assert answer.headers["Content-Type"] == "application/problem+json"
    document = json.loads(answer.body)
    assert (document["status"], document["instance"]) == (404, "/nowhere")
    assert document["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/webhooks/viber/acme-viber"])
def test_trace_is_refused_everywhere(served: Served, path: str) -> None:
    answer = served.ask("TRACE", path, Cookie=CANARY)
    assert (answer.status, answer.body) == (405, b"")
    assert "TRACE" not in answer.headers["Allow"]


def test_the_figures_name_the_queues_and_the_requests(served: Served) -> None:
    served.ask("GET", "/healthz")
    text = served.ask("GET", "/metrics").body.decode()
    assert "quietline_database_up 1.0" in text
    assert 'quietline_queue_depth{queue="outbox_dead"} ' in text
    assert 'quietline_requests_total{method="GET",route="/healthz",status="200"} ' in text


_PATHS = st.one_of(
    st.sampled_from(["/", "//", "/webhooks/", "/webhooks/viber/%00", "/webhooks/wechat/acme-wechat", "/api/v1/preferences"]),
    st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#"), max_size=30).map(lambda path: f"/{path}"),
    st.binary(max_size=12).map(lambda raw: "/" + "".join(f"%{byte:02x}" for byte in raw)),
)  # fmt: skip


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"]),
    path=_PATHS,
    body=st.binary(max_size=200),
    kind=st.sampled_from(["", "application/json", "text/xml", "multipart/form-data; boundary=x", "nonsense;;;"]),
)
def test_nothing_that_is_asked_is_a_defect(served: Served, method: str, path: str, body: bytes, kind: str) -> None:
    answer = served.ask(method, path, body, Content_Type=kind)
    assert answer.status < 500
    assert answer.status == 400 or answer.headers["X-Content-Type-Options"] == "nosniff"


def test_logs_hold_no_secret_no_words_and_no_query(served: Served) -> None:
    with Platform() as platform:  # it knows how a real callback is signed
        bot = platform.viber.add_bot("acme-viber", SECRETS["ACME_VIBER_TOKEN"])
        bot.webhook_url = f"http://127.0.0.1:{served.port}/webhooks/viber/acme-viber"
        said = platform.viber.contact_says("acme-viber", f"user-{CANARY}=", WORDS)
    assert said.status == 200
    served.ask("POST", f"/webhooks/viber/acme-viber?sig={CANARY}", CANARY.encode(), X_Viber_Content_Signature=CANARY)
    served.ask("POST", f"/webhooks/wechat/acme-wechat?msg_signature={CANARY}", b"<xml>" + CANARY.encode())
    served.ask("GET", f"/api/v1/ledger?after={CANARY}", Authorization=f"Bearer {CANARY}", Cookie=CANARY)
    served.ask("POST", "/api/v1/audience/check", b"x" * 100_000, Content_Type="application/json")
    deadline = time.monotonic() + PATIENCE
    while not _attempted(served) and time.monotonic() < deadline:
        time.sleep(0.1)
    logged = served.log_file.read_text()
    assert len(served.lines) >= 1
    for secret in (*SECRETS.values(), CANARY, "please-do-not-log"):
        assert secret not in logged


def _attempted(served: Served) -> bool:
    """Whether the reply was tried, which fails here: it waits for its next try."""
    return 'quietline_queue_depth{queue="outbox_queued"} 1.0' in served.ask("GET", "/metrics").body.decode()
