"""A client of a Wyoming server: a connection, a request, and what a player hears of the answer.

Knows of servers nothing but the protocol. Seconds are those of `time.perf_counter`.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import numpy as np
from wyoming.event import Event, async_read_event

from dev.bench import figures
from wyoming_kokoro.server.framing import to_bytes

AUDIBLE = 0.01  # of full scale
_BYTES_PER_SAMPLE = 2
_PATIENCE_S = 120.0  # for one event; the reference takes 10 s over the longest text


class ServerError(Exception):
    """A server that did not do what Wyoming servers do; the message says which and what."""


@dataclass(frozen=True)
class Address:
    """Where a server listens."""

    name: str
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Address:
        """Reads NAME=HOST:PORT. Raises `ValueError`, saying what would be right."""
        match = re.fullmatch(r"([^=]+)=(?:tcp://)?(?:\[([^\]]+)\]|([^\s:\[\]]+)):(\d{1,5})", text)
        if match is None:
            raise ValueError(f"{text!r} is not NAME=HOST:PORT")
        return cls(match[1], match[2] or match[3], int(match[4]))


@dataclass(frozen=True)
class Heard:
    """An answer as a player meets it; times are from the moment that `hear` was told."""

    first_chunk_s: float

    first_sound_s: float
    """To the first chunk with a sample above 1 % of full scale."""

    sound_at_s: float
    """Where in the audio that sample lies."""

    gap_s: float
    """See `figures.gap_s`."""

    total_s: float
    audio_s: float


@dataclass(frozen=True)
class Spoken:
    """One plain request on a connection of its own, timed from its last byte."""

    connect_s: float
    describe_s: float
    heard: Heard


class Connection:
    """One connection to a server. Raises `ServerError` for what no client could do anything with."""

    def __init__(self, address: Address) -> None:
        self._address = address

    async def __aenter__(self) -> Connection:
        try:
            self._reader, self._writer = await asyncio.open_connection(self._address.host, self._address.port)
        except OSError as error:
            raise self.error(f"cannot be reached: {error}") from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    async def send(self, event_type: str, data: dict[str, Any] | None = None) -> None:
        """Returns when the last byte is with the system."""
        self._writer.write(to_bytes(Event(event_type, data or {})))
        await self._writer.drain()

    async def receive(self) -> Event:
        """The next event."""
        try:
            event = await asyncio.wait_for(async_read_event(self._reader), _PATIENCE_S)
        except asyncio.TimeoutError as error:  # before Python 3.11 not the built-in one
            raise self.error(f"said nothing for {_PATIENCE_S:.0f} s") from error
        if event is None:
            raise self.error("closed the connection before its answer was complete")
        if event.type == "error":
            raise self.error(f"answered with an error: {(event.data or {}).get('text')}")
        return event

    async def describe(self) -> tuple[float, Event]:
        """The seconds it took, and the answer."""
        start_s = time.perf_counter()
        await self.send("describe")
        while (event := await self.receive()).type != "info":
            pass
        return time.perf_counter() - start_s, event

    def error(self, what: str) -> ServerError:
        """An error that names the server."""
        return ServerError(f"{self._address.name} ({self._address.host}:{self._address.port}) {what}")


async def speak(address: Address, text: str, voice: str | None) -> Spoken:
    """Has a text spoken; without a voice in the server's own. Raises `ServerError`."""
    start_s = time.perf_counter()
    async with Connection(address) as connection:
        connect_s = time.perf_counter() - start_s
        describe_s, _ = await connection.describe()
        await connection.send("synthesize", request(voice, text=text))
        heard = await hear(connection, time.perf_counter(), "audio-stop")
        return Spoken(connect_s, describe_s, heard)


def request(voice: str | None, **data: Any) -> dict[str, Any]:
    """The data of a request, with the voice if there is one."""
    return {**data, "voice": {"name": voice}} if voice else data


async def hear(connection: Connection, start_s: float, last: str) -> Heard:
    """Listens until the event `last`. Raises `ServerError`, also where nothing is to be heard."""
    first_sound_s = sound_at_s = None
    n_bytes, bytes_per_s = 0, 0
    arrivals: list[tuple[float, float]] = []
    while (event := await connection.receive()).type != last:
        if event.type == "audio-start":
            bytes_per_s = _bytes_per_s(event.data or {}, connection)
        if event.type != "audio-chunk" or not event.payload:
            continue
        if not bytes_per_s:
            raise connection.error("sent sound before its audio-start")
        now_s = time.perf_counter() - start_s
        arrivals.append((now_s, len(event.payload) / bytes_per_s))
        if first_sound_s is None and (sample := first_audible(event.payload)) is not None:
            first_sound_s = now_s
            sound_at_s = (n_bytes + sample * _BYTES_PER_SAMPLE) / bytes_per_s
        n_bytes += len(event.payload)
    total_s = time.perf_counter() - start_s
    if first_sound_s is None or sound_at_s is None:
        raise connection.error("sent no sound")
    return Heard(
        arrivals[0][0],
        first_sound_s,
        sound_at_s,
        figures.gap_s(arrivals),
        total_s,
        audio_s=n_bytes / bytes_per_s,
    )


def first_audible(pcm: bytes) -> int | None:
    """Which sample of 16-bit PCM is the first to be heard; None where none is."""
    is_audible = np.abs(np.frombuffer(pcm, "<i2").astype(np.int32)) > AUDIBLE * 32_767
    return int(is_audible.argmax()) if is_audible.any() else None


def _bytes_per_s(audio: Mapping[str, int], connection: Connection) -> int:
    if audio.get("width") != _BYTES_PER_SAMPLE:
        raise connection.error(f"speaks in samples of {audio.get('width')} bytes; the bench listens to 2")
    return audio["rate"] * audio["width"] * audio["channels"]
