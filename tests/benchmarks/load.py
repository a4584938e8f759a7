"""A load generator for loopback: raw HTTP/1.1 on kept connections, so that the client costs little beside the server."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a load: requests a second, seconds at the median and at the 99th percentile, answers that were not 200."""

    rate: float
    median: float
    p99: float
    failures: int


def request(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """The bytes of one POST."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def run(port: int, requests: list[bytes], connections: int = 16) -> Run:
    """Send every request once over `connections` kept connections, as fast as they are answered."""
    shares = [requests[number::connections] for number in range(connections)]
    times: list[list[float]] = [[] for _ in shares]
    failures = [0] * connections
    threads = [
        threading.Thread(target=_send, args=(port, share, times[number], failures, number))
        for number, share in enumerate(shares)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    every = sorted(second for one in times for second in one)
    return Run(len(every) / took, every[len(every) // 2], every[int(len(every) * 0.99)], sum(failures))


def _send(port: int, requests: list[bytes], times: list[float], failures: list[int], number: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = connection.makefile("rb")
        for one in requests:
            began = time.perf_counter()
            connection.sendall(one)
            status = stream.readline().split()
            length = 0
            while (line := stream.readline().strip()) != b"":
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            stream.read(length)
            times.append(time.perf_counter() - began)
            failures[number] += status[1:2] != [b"200"]
        stream.close()
