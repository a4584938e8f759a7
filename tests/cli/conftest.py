"""The command line in this process: real commands on a real folder, with what it printed and how it ended."""

from __future__ import annotations

import io
import logging
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from handlers.cli.main import main
from tests.support.channel import AES_KEY

EXAMPLE = """
[[accounts]]
name = "acme-viber"
channel = "viber"
auth_token = "env:ACME_VIBER_TOKEN"
[[accounts]]
name = "acme-wechat"
channel = "wechat"
app_id = "wx1234567890abcdef"
app_secret = "env:ACME_WECHAT_SECRET"
token = "env:ACME_WECHAT_TOKEN"
encoding_aes_key = "env:ACME_WECHAT_KEY"
"""
"""The accounts of the design: these alone start the service."""

SECRETS = {
    "ACME_VIBER_TOKEN": "canary-viber-445da6az1s345z78",
    "ACME_WECHAT_SECRET": "canary-secret-0123456789",
    "ACME_WECHAT_TOKEN": "canary-token-9876543210",
    "ACME_WECHAT_KEY": AES_KEY,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """What it printed on standard output."""
        return self.out.split("\n")[:-1]


class Desk:
    """A folder with settings, and the commands on it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self._monkeypatch = folder, monkeypatch
        self.config = folder / "quietline.toml"
        self.config.write_text(EXAMPLE, encoding="utf-8")
        self.database = folder / "quietline.sqlite3"
        for name, value in SECRETS.items():
            monkeypatch.setenv(name, value)

    def add(self, text: str) -> None:
        """Add to the settings."""
        self.config.write_text(self.config.read_text(encoding="utf-8") + text, encoding="utf-8")

    def replace(self, old: str, new: str) -> None:
        """Change the settings."""
        text = self.config.read_text(encoding="utf-8")
        assert old in text
        self.config.write_text(text.replace(old, new, 1), encoding="utf-8")

    def file(self, name: str, content: str | bytes) -> str:
        """A file in the folder; returns its path."""
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def run(self, *arguments: str, given: bytes | str = b"") -> Outcome:
        """Run a command on the folder's settings, with `given` on standard input."""
        return self.bare(*arguments, "--config", str(self.config), given=given)

    def bare(self, *arguments: str, given: bytes | str = b"") -> Outcome:
        """Run a command without the settings."""
        streams = {name: io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for name in ("stdout", "stderr")}
        sent = given.encode() if isinstance(given, str) else given
        with self._monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["quietline", *arguments])
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(sent), encoding="utf-8"))
            for name, stream in streams.items():
                patch.setattr(sys, name, stream)
            status = _ended()
        out, err = (_written(stream) for stream in streams.values())
        return Outcome(status, out, err)


def _ended() -> int:
    try:
        main()
    except SystemExit as done:
        assert isinstance(done.code, int)
        return done.code
    return 0


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A folder of settings; what the command line changes in this process is put back."""
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(logging.getLogger(), "handlers", list(logging.getLogger().handlers))
    return Desk(tmp_path, monkeypatch)
