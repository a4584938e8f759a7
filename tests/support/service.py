"""A real `quietline serve` in a process of its own, between the stand-in platform and a folder of data. It may be killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

from handlers.simulator.platform import Platform, WeChatBook

VIBER_TOKEN = "445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
SECRETS = {"T_VIBER": VIBER_TOKEN, "T_SECRET": "app-secret", "T_TOKEN": "callback-token", "T_AES": AES_KEY}
CONFIG = """
[server]
port = {port}
[database]
url = "{database}"
[[accounts]]
name = "viber"
channel = "viber"
auth_token = "env:T_VIBER"
api_url = "{viber}"
[[accounts]]
name = "wechat"
channel = "wechat"
app_id = "wx1234567890abcdef"
app_secret = "env:T_SECRET"
token = "env:T_TOKEN"
encoding_aes_key = "env:T_AES"
api_url = "{wechat}"
default_language = "en"
"""


class ServedProcess:
    """`with ServedProcess(folder, platform) as service:`; the accounts are `viber` and `wechat`, known to the platform."""

    def __init__(self, folder: Path, platform: Platform, database: str | None = None) -> None:
        self.platform = platform
        self.port = _free_port()
        self.config = folder / "quietline.toml"
        self.database = database or f"sqlite:///{folder}/quietline.sqlite3"
        self.config.write_text(
            CONFIG.format(
                port=self.port, database=self.database, viber=platform.viber_api_url, wechat=platform.wechat_api_url
            ),
            encoding="utf-8",
        )
        base = f"http://127.0.0.1:{self.port}/webhooks"
        platform.viber.add_bot("viber", VIBER_TOKEN, webhook_url=f"{base}/viber/viber")
        book = WeChatBook("wechat", "wx1234567890abcdef", "app-secret", "callback-token", AES_KEY)
        book.webhook_url = f"{base}/wechat/wechat"
        platform.wechat.add_account(book)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environ(self) -> dict[str, str]:
        """The environment that the settings' secrets come from."""
        return {**os.environ, **SECRETS}

    def start(self) -> Self:
        """Start it, and wait until it is ready."""
        self._process = subprocess.Popen(
            [*quietline(), "serve", "--config", str(self.config)],
            env=self.environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 30
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the service did not become ready: exit status {self._process.poll()}")
            time.sleep(0.05)
        return self

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def kill(self) -> None:
        """End it without warning, as a crash does."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
        self._wait()

    def stop(self) -> None:
        """End it politely."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        self._wait()

    def _wait(self) -> None:
        if self._process:
            self._process.wait(timeout=30)
            self._process = None

    def run(self, *arguments: str, standard_input: str = "") -> subprocess.CompletedProcess[str]:
        """Run another command of the command line on the same settings."""
        return subprocess.run(
            [*quietline(), *arguments, "--config", str(self.config)],
            env=self.environ,
            input=standard_input,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()


def quietline() -> list[str]:
    """The command, by this interpreter."""
    return [sys.executable, "-m", "handlers.cli.main"]


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
