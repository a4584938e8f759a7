"""The keeper of a throw-away PostgreSQL cluster: a process that outlives neither the test run nor the cluster.

    python cluster.py BINARIES FOLDER GUARDIAN

creates a cluster in FOLDER (which must not exist; the folder above belongs to the run) with the programs in BINARIES, writes its port to FOLDER.port
when it answers, and ends it and removes its files when it is told to (SIGTERM) or when the process GUARDIAN, the test run, is gone, whatever ended it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

PATIENCE = 60.0  # seconds for a cluster to start or to stop
PAUSE = 0.1  # seconds between two looks
ATTEMPTS = 5  # another program may take the free port before PostgreSQL does


def identity() -> dict[str, Any]:
    """Arguments of Popen that leave root's identity, which PostgreSQL refuses; empty for everybody else."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    raise SystemExit("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody")


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_alive(pid: int) -> bool:
    """Whether the process still exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def initialise(binaries: Path, folder: Path) -> None:
    """Create the cluster's files, owned by the identity that will run it."""
    person = identity()
    folder.mkdir(mode=0o700)
    if person:
        os.chown(folder, person["user"], person["group"])
    command: list[str | Path] = [
        binaries / "initdb",
        "--pgdata",
        folder / "data",
        "--username",
        "quietline",
        "--auth",
        "trust",
    ]
    command += ["--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions"]
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, **person)


def start(binaries: Path, folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    """Start the server on a free port; returns the process and the port once it answers."""
    for _ in range(ATTEMPTS):
        port = free_port()
        options = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "max_connections": 200}
        command: list[str | Path] = [binaries / "postgres", "-D", folder / "data"]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with folder.with_suffix(".log").open("ab") as log:
            server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True, **identity())
        if answers(binaries, port, server):
            return server, port
        stop(server)
    raise SystemExit(f"PostgreSQL does not start; it said:\n{folder.with_suffix('.log').read_text()}")


def answers(binaries: Path, port: int, server: subprocess.Popen[bytes]) -> bool:
    """Wait until the server accepts connections (True) or has given up (False)."""
    ask: list[str | Path] = [binaries / "pg_isready", "--quiet", "--host", "127.0.0.1", "--port", str(port)]
    deadline = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < deadline:
        if subprocess.run(ask, check=False).returncode == 0:
            return server.poll() is None
        time.sleep(PAUSE)
    return False


def stop(server: subprocess.Popen[bytes]) -> None:
    """End the server: quickly and politely, then without asking."""
    if server.poll() is not None:
        return
    server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
    try:
        server.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)  # its immediate one
        server.wait(PATIENCE)


def keep(binaries: Path, folder: Path, guardian: int) -> None:
    """Run a cluster for as long as the guardian lives."""
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: asked.append(number))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the guardian's business
    server = None
    try:
        initialise(binaries, folder)
        server, port = start(binaries, folder)
        note = folder.with_suffix(".port")
        note.with_suffix(".new").write_text(str(port))
        note.with_suffix(".new").rename(note)
        while not asked and is_alive(guardian) and server.poll() is None:
            time.sleep(PAUSE)
    finally:
        if server is not None:
            stop(server)
        # Nobody else is left to clear away what the run shared when the run itself was killed.
        shutil.rmtree(folder if is_alive(guardian) else folder.parent, ignore_errors=True)


if __name__ == "__main__":
    keep(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
