"""Counts what happens and serves the counts to Prometheus, through its own client library (the extra `metrics`).

Knows no events and no speech. Numbers only: no text, no voices, no addresses.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from wyoming_kokoro.errors import SettingsError
from wyoming_kokoro.server.observing import Observer, Phrases
from wyoming_kokoro.settings import Networks

try:
    from prometheus_client import (
        CollectorRegistry,
        Counter,
        Gauge,
        Histogram,
        ProcessCollector,
        make_wsgi_app,
    )
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
    from prometheus_client.registry import Collector
except ImportError as error:
    raise SettingsError("--metrics-port needs the extra metrics: pip install '.[metrics]'") from error

_LOGGER = logging.getLogger(__name__)

_FIRST_SOUND_S = (0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0, 10.0)
_RTF = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0)
_TIMEOUT_S = 10.0  # of whoever asks and then says nothing


_PREFIX = "wyoming_kokoro_"


class _PhraseCounts(Collector):
    """Reads what the cache has counted when somebody asks."""

    def __init__(self, phrases: Phrases) -> None:
        self._phrases = phrases

    def collect(self) -> Iterator[Metric]:
        """See `Collector`."""
        asked = CounterMetricFamily(f"{_PREFIX}phrases", "Speech looked for in the cache", labels=["found"])
        asked.add_metric(["yes"], self._phrases.n_hits)
        asked.add_metric(["no"], self._phrases.n_misses)
        yield asked
        yield GaugeMetricFamily(
            f"{_PREFIX}phrase_bytes", "Speech kept in memory to say it again", self._phrases.n_bytes
        )


class Metrics(Observer):
    """The counts of one server."""

    def __init__(
        self,
        n_connections: Callable[[], int],
        n_requests: Callable[[], int],
        phrases: Phrases | None = None,
    ) -> None:
        """The first two tell how many there are now; phrases: those that are kept, if any are."""
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)  # memory, open files, processor time
        if phrases is not None:
            self.registry.register(_PhraseCounts(phrases))
        name = _PREFIX
        self._requests = Counter(f"{name}requests", "Requests for speech", ["kind"], registry=self.registry)
        self._errors = Counter(f"{name}errors", "Errors sent, by code", ["code"], registry=self.registry)
        self._cancelled = Counter(
            f"{name}cancelled", "Requests that their client gave up", registry=self.registry
        )
        self._first_sound = Histogram(
            f"{name}first_sound_seconds",
            "Work until an utterance's first sound",
            buckets=_FIRST_SOUND_S,
            registry=self.registry,
        )
        self._rtf = Histogram(
            f"{name}rtf", "Seconds of work per second of speech", buckets=_RTF, registry=self.registry
        )
        self._audio = Counter(f"{name}audio_seconds", "Speech made", registry=self.registry)
        Gauge(f"{name}connections", "Open connections", registry=self.registry).set_function(n_connections)
        Gauge(f"{name}requests_waiting", "Requests not answered yet", registry=self.registry).set_function(
            n_requests
        )

    def requested(self, *, streamed: bool) -> None:
        """See `Observer`."""
        self._requests.labels("stream" if streamed else "plain").inc()

    def failed(self, code: str) -> None:
        """See `Observer`."""
        self._errors.labels(code).inc()

    def cancelled(self) -> None:
        """See `Observer`."""
        self._cancelled.inc()

    def spoken(self, first_s: float, work_s: float, audio_s: float) -> None:
        """See `Observer`."""
        self._audio.inc(audio_s)
        if audio_s:
            self._first_sound.observe(first_s)
            self._rtf.observe(work_s / audio_s)


@contextlib.contextmanager
def serving(metrics: Metrics, host: str, port: int, networks: Networks) -> Iterator[int]:
    """Serves the counts over HTTP on threads of its own, to clients from these networks; yields the port.

    Raises `SettingsError` where it cannot listen.
    """

    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

        def verify_request(self, _request: object, client_address: tuple[str, int]) -> bool:
            return networks.has(client_address[0])

    class Handler(WSGIRequestHandler):
        timeout = _TIMEOUT_S

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name there
            _LOGGER.debug(format, *arguments)

    try:
        server = make_server(host, port, make_wsgi_app(metrics.registry), Server, Handler)
    except OSError as error:
        raise SettingsError(
            f"--metrics-port {port}: cannot listen there: {error.strerror or error}; choose another"
        ) from error
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
