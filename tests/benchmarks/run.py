"""`make bench`: the path of a message against its bare parts, in one run, as ratios.

Measured on loopback: a bare Flask route on our server; both webhooks of `quietline serve` (signature, decryption, recognition, conversation, ledger,
outbox, durable commit, and for WeChat the encrypted reply; Viber's replies go out to a stub meanwhile); the bare database's durable commits with the same
journal mode on the same disk; recognition alone. Absolute figures are this machine's; the ratios are what to compare.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import os
import secrets
import signal
import socket
import socketserver
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from handlers.simulator.platform import envelope
from intents.builtin import builtin_recogniser
from tests.benchmarks import load

VIBER_TOKEN = "benchmark-viber-token"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
SENTENCES = (
    "STOP",
    "please don't send me these any more",
    "weekly is fine",
    "退订",
    "一周一条就够了",
    "thanks a lot",
    "where is my parcel, it should have been here on monday",
    "我要找人工客服",
    "what are your opening hours?",
    "以后别再给我推了",
)
CONFIG = """
[server]
port = {port}
[[accounts]]
name = "viber"
channel = "viber"
auth_token = "env:VIBER"
api_url = "http://127.0.0.1:{stub}/pa"
[[accounts]]
name = "wechat"
channel = "wechat"
app_id = "wxbench"
app_secret = "env:VIBER"
token = "env:VIBER"
encoding_aes_key = "env:AES"
api_url = "http://127.0.0.1:{stub}"
"""
BARE = """
import sys
from flask import Flask, request
from handlers.server import Server, bind
app = Flask("bare")
@app.post("/webhooks/<channel>/<account>")
def echo(channel, account):
    request.get_data()
    return ""
Server(app, bind("127.0.0.1", int(sys.argv[1])), 8, None).run()
"""


def main() -> None:
    """Run every measurement and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=3000, help="messages of each measurement")
    count = parser.parse_args().messages
    with tempfile.TemporaryDirectory(prefix="quietline-bench-", dir=Path.cwd()) as name:
        rows = measure(Path(name), count)
    sys.stdout.write(_table(rows))


def measure(folder: Path, count: int) -> dict[str, float]:
    """All figures: requests, commits or messages a second, and seconds where the name says so."""
    figures: dict[str, float] = {}
    _say("bare Flask route")
    port = _free_port()
    with _process([sys.executable, "-c", BARE, str(port)], port) as bare_id:
        spent = _processor_seconds(bare_id)
        bare = load.run(port, _viber_requests(count))
        figures["bare route CPU ms"] = (_processor_seconds(bare_id) - spent) / count * 1000
    figures |= {"bare route": bare.rate, "bare route p99 s": bare.p99}
    _say("the service")
    with _stub() as stub:
        figures |= _service(folder, count, stub)
    _say("bare database")
    figures["bare commits"] = _bare_commits(folder / "bare.sqlite3", 400)
    _say("recognition alone")
    figures["recognition"] = _recognition(count)
    return figures


def _service(folder: Path, count: int, stub: int) -> dict[str, float]:
    port = _free_port()
    config = folder / "quietline.toml"
    config.write_text(CONFIG.format(port=port, stub=stub), encoding="utf-8")
    command = [str(Path(sys.executable).with_name("quietline")), "serve", "--config", str(config)]
    figures: dict[str, float] = {}
    with _process(command, port, {"VIBER": VIBER_TOKEN, "AES": AES_KEY}) as service_id:
        for name, requests in (("viber", _viber_requests(count)), ("wechat", _wechat_requests(count))):
            spent = _processor_seconds(service_id)
            began = time.perf_counter()
            result = load.run(port, requests)
            _drain(port)
            whole = time.perf_counter() - began
            figures[f"{name} CPU ms"] = (_processor_seconds(service_id) - spent) / count * 1000
            if result.failures:
                sys.exit(f"{name}: {result.failures} of {count} answers were not 200")
            figures |= {name: result.rate, f"{name} p99 s": result.p99, f"{name}, replies sent": count / whole}
            single = load.run(port, (_viber_requests if name == "viber" else _wechat_requests)(count // 10), 1)
            figures[f"{name}, one at a time"] = single.rate
            _drain(port)
    return figures


def _processor_seconds(process_id: int) -> float:
    """User and system time of a process so far: less shaken by what else the machine does than the clock on the wall."""
    fields = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _drain(port: int) -> None:
    """Wait until every reply has been sent, so that one measurement does not pay for the one before."""
    while True:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
            if b'quietline_queue_depth{queue="outbox_queued"} 0.0' in answer.read():
                return
        time.sleep(0.02)


def _viber_requests(count: int) -> list[bytes]:
    requests = []
    for number in range(count):
        event = {
            "event": "message",
            "timestamp": int(time.time() * 1000),
            "message_token": secrets.randbits(62),
            "sender": {"id": f"bench{number % 500}==", "name": "B"},
            "message": {"type": "text", "text": SENTENCES[number % len(SENTENCES)]},
        }
        body = json.dumps(event).encode()
        signature = hmac.new(VIBER_TOKEN.encode(), body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Viber-Content-Signature": signature}
        requests.append(load.request("/webhooks/viber/viber", body, headers))
    return requests


def _wechat_requests(count: int) -> list[bytes]:
    requests = []
    for number in range(count):
        now = int(time.time())
        xml = (
            f"<xml><ToUserName>gh_bench</ToUserName><FromUserName>o{number % 500}</FromUserName><CreateTime>{now}</CreateTime>"
            f"<MsgType>text</MsgType><Content><![CDATA[{SENTENCES[number % len(SENTENCES)]}]]></Content>"
            f"<MsgId>{secrets.randbits(62)}</MsgId></xml>"
        )
        query, body = seal(xml, now)
        requests.append(load.request(f"/webhooks/wechat/wechat?{query}", body, {"Content-Type": "text/xml"}))
    return requests


def seal(xml: str, now: int) -> tuple[str, bytes]:
    """The query string and the encrypted body of a WeChat callback."""
    wrapped = envelope.wrap(AES_KEY, "wxbench", xml.encode())
    nonce = secrets.token_hex(5)
    signed = envelope.signature(VIBER_TOKEN, str(now), nonce, wrapped)
    query = f"timestamp={now}&nonce={nonce}&encrypt_type=aes&msg_signature={signed}&openid=o"
    return query, f"<xml><ToUserName>gh_bench</ToUserName><Encrypt><![CDATA[{wrapped}]]></Encrypt></xml>".encode()


def _bare_commits(path: Path, count: int) -> float:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = TRUNCATE")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, body TEXT)")
    began = time.perf_counter()
    for _ in range(count):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO row (body) VALUES (?)", ("x" * 300,))
        connection.execute("COMMIT")
    took = time.perf_counter() - began
    connection.close()
    return count / took


def _recognition(count: int) -> float:
    recogniser = builtin_recogniser()
    for sentence in SENTENCES:
        recogniser.read(sentence)
    began = time.perf_counter()
    for number in range(count):
        recogniser.read(SENTENCES[number % len(SENTENCES)])
    return count / (time.perf_counter() - began)


class _Stub(socketserver.StreamRequestHandler):
    """A platform that accepts everything at once."""

    def handle(self) -> None:
        while line := self.rfile.readline():
            length = 0
            while line.strip():
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
                line = self.rfile.readline()
            self.rfile.read(length)
            body = (
                b'{"status":0,"message_token":%d,"errcode":0,"access_token":"t","expires_in":7200}'
                % secrets.randbits(60)
            )
            self.wfile.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
            )


@contextmanager
def _stub() -> Iterator[int]:
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Stub)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@contextmanager
def _process(command: list[str], port: int, environ: dict[str, str] | None = None) -> Iterator[int]:
    process = subprocess.Popen(command, env={**os.environ, **(environ or {})}, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            sys.exit(f"the process ended with {process.returncode} before it was ready")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit("the process was not ready within 30 s")


def _say(what: str) -> None:
    sys.stderr.write(f"measuring: {what}\n")


def _table(figures: dict[str, float]) -> str:
    bare, commits, one_read = figures["bare route"], figures["bare commits"], figures["recognition"]
    rows = [
        ("bare Flask route on the same server", f"{bare:,.0f} requests/s", "1"),
        (
            "Viber webhook → reply",
            f"{figures['viber']:,.0f} messages/s",
            f"{figures['viber'] / bare:.2f} of the bare route",
        ),
        (
            "Viber, until every reply has left",
            f"{figures['viber, replies sent']:,.0f} messages/s",
            f"{figures['viber, replies sent'] / bare:.2f} of the bare route",
        ),
        (
            "WeChat webhook → reply",
            f"{figures['wechat']:,.0f} messages/s",
            f"{figures['wechat'] / bare:.2f} of the bare route",
        ),
        (
            "p99 under this load: bare, Viber, WeChat",
            " / ".join(f"{figures[f'{n} p99 s'] * 1000:.0f} ms" for n in ("bare route", "viber", "wechat")),
            "",
        ),
        (
            "processor time a message: bare route, Viber with its reply sent, WeChat with its reply",
            " / ".join(f"{figures[f'{name} CPU ms']:.2f} ms" for name in ("bare route", "viber", "wechat")),
            f"{figures['viber CPU ms'] / figures['bare route CPU ms']:.1f} and {figures['wechat CPU ms'] / figures['bare route CPU ms']:.1f} bare routes",
        ),
        ("bare database, durable commits (TRUNCATE + FULL)", f"{commits:,.0f} commits/s", "1"),
        (
            "Viber path, 16 at once",
            f"{figures['viber']:,.0f} messages/s",
            f"{figures['viber'] / commits:.2f} of the bare commits",
        ),
        (
            "WeChat path, 16 at once",
            f"{figures['wechat']:,.0f} messages/s",
            f"{figures['wechat'] / commits:.2f} of the bare commits",
        ),
        (
            "Viber path, one at a time",
            f"{figures['viber, one at a time']:,.0f} messages/s",
            f"{figures['viber, one at a time'] / commits:.2f} of the bare commits",
        ),
        (
            "WeChat path, one at a time",
            f"{figures['wechat, one at a time']:,.0f} messages/s",
            f"{figures['wechat, one at a time'] / commits:.2f} of the bare commits",
        ),
        (
            "recognition alone",
            f"{one_read:,.0f} messages/s",
            f"{1e6 / one_read:.0f} µs a message, {figures['wechat'] / one_read:.2f} of the WeChat path's time",
        ),
    ]
    lines = ["| what | figure | ratio |", "|---|---|---|", *(f"| {a} | {b} | {c} |" for a, b, c in rows)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
