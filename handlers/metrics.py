"""Figures for Prometheus: requests, and what is waiting in the queues. No labels that name a person."""

from __future__ import annotations

import time

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from handlers.deps import House
from storage import depth
from storage.error import StorageError


class Metrics:
    """The service's own registry, so that several applications in one process do not mix."""

    def __init__(self, app: Flask, house: House) -> None:
        self._house = house
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "quietline_requests_total", "HTTP requests", ["route", "method", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "quietline_request_seconds",
            "Time to answer",
            ["route"],
            registry=self._registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 5),
        )
        self._depth = Gauge("quietline_queue_depth", "Rows that wait, by queue", ["queue"], registry=self._registry)
        self._ledger = Gauge("quietline_ledger_events", "Events in the consent ledger", registry=self._registry)
        self._is_up = Gauge("quietline_database_up", "1 = the database answers", registry=self._registry)
        app.before_request(self._begin)
        app.after_request(self._end)

    def _begin(self) -> None:
        g.began = time.perf_counter()

    def _end(self, response: Response) -> Response:
        route = str(request.url_rule) if request.url_rule else "unknown"
        self._requests.labels(route, request.method if request.url_rule else "any", response.status_code).inc()
        if "began" in g:
            self._seconds.labels(route).observe(time.perf_counter() - g.began)
        return response

    def page(self) -> bytes:
        """The exposition text. Without a database the queues keep their last figures, and `quietline_database_up`
        is 0.
        """
        try:
            waiting, events = self._house.store.read(depth.measure)
        except StorageError:
            self._is_up.set(0)
        else:
            self._is_up.set(1)
            self._ledger.set(events)
            for name, count in waiting.items():
                self._depth.labels(name).set(count)
        return generate_latest(self._registry)
