"""Servers as a client meets them: a connection, `describe`, a plain `synthesize`, and the wait for sound.

Starts our own server as a process of its own, once a precision, and takes others by address; ends only those that
it started. Knows of the servers nothing but the Wyoming protocol.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import numpy as np
from wyoming.event import Event, async_read_event

from dev.bench import figures
from dev.bench.machine import Memory, memory_of
from dev.bench.results import OverTcp, OverTcpText
from dev.bench.turns import in_turn
from dev.bench.worker import ROOT
from wyoming_kokoro.server.framing import to_bytes

AUDIBLE = 0.01  # of full scale
_PATIENCE_S = 120.0  # for one event; the reference takes 10 s over the longest text
_DESCRIBE_EVERY_S = 0.02
_END_S = 30.0
_TAIL_LINES = 15

Say = Callable[[str], None]


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


class OurServer:
    """The program as a process, on a free loopback port."""

    def __init__(self, name: str, precision: str) -> None:
        """Waits until it listens. Raises `ServerError`."""
        self._said: deque[str] = deque(maxlen=_TAIL_LINES)
        # What it goes on to say has to be read, or it would wait for that one day.
        self._listener = threading.Thread(target=self._listen, daemon=True)
        start_s = time.perf_counter()
        options = [
            "--uri",
            "tcp://127.0.0.1:0",
            "--local-files-only",
            "--device",
            "cpu",
            "--precision",
            precision,
        ]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "wyoming_kokoro", *options],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            self.address = Address(name, "127.0.0.1", self._wait_for_port())
        except BaseException:
            self.close()
            raise
        self.ready_s = time.perf_counter() - start_s
        self.memory_ready = self.memory()
        self._listener.start()

    def __enter__(self) -> OurServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def memory(self) -> Memory | None:
        """What it holds now."""
        return memory_of(self._process.pid)

    def close(self) -> None:
        """Ends it: by telling it first, then by force."""
        self._process.terminate()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._listener.ident is not None:  # it was started
            self._listener.join()
        assert self._process.stderr is not None
        self._process.stderr.close()

    def _wait_for_port(self) -> int:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._said.append(line)
            if match := re.search(r"host 127\.0\.0\.1 port (\d+)", line):
                return int(match[1])
        raise ServerError("our server did not start:\n" + "".join(self._said))

    def _listen(self) -> None:
        assert self._process.stderr is not None
        self._said.extend(self._process.stderr)


@dataclass(frozen=True)
class Spoken:
    """One request, timed."""

    connect_s: float
    describe_s: float
    first_chunk_s: float
    first_sound_s: float
    total_s: float
    audio_s: float


@dataclass
class Seen:
    """What was seen of one server; grows while the rounds run."""

    address: Address
    process: OurServer | None
    version: str = ""
    voice: str | None = None
    requests: dict[str, list[Spoken]] = field(default_factory=dict)
    """By text."""

    describes_s: list[float] = field(default_factory=list)
    """While another connection was spoken to."""


def measure(
    servers: Sequence[tuple[Address, OurServer | None]],
    texts: Mapping[str, str],
    voice: str,
    n_rounds: int,
    say: Say,
) -> tuple[tuple[OverTcp, ...], dict[str, str]]:
    """Speaks every text on every server by turns, once to warm up and then `n_rounds` times.

    texts: text by name. Returns also which of the servers that were running already could not even be warmed up,
    and why; whatever else goes wrong raises `ServerError`.
    """
    return asyncio.run(_measure(servers, texts, voice, n_rounds, say))


async def _measure(
    servers: Sequence[tuple[Address, OurServer | None]],
    texts: Mapping[str, str],
    voice: str,
    n_rounds: int,
    say: Say,
) -> tuple[tuple[OverTcp, ...], dict[str, str]]:
    seen, skipped = [], {}
    for address, process in servers:
        server = Seen(address, process)
        try:
            await _get_to_know(server, voice)
            for text in texts.values():
                await _speak(server, text)
        except ServerError as error:
            if process is not None:
                raise
            skipped[address.name] = str(error)
        else:
            seen.append(server)
    for number in range(n_rounds):
        say(f"over TCP, round {number + 1} of {n_rounds}")
        order = in_turn(seen, number)
        for name, text in texts.items():
            for server in order:
                server.requests.setdefault(name, []).append(await _speak(server, text))
        longest = max(texts.values(), key=len)
        for server in order:
            server.describes_s += await _describe_while_speaking(server, longest)
    return tuple(_result(server) for server in seen), skipped


def _result(server: Seen) -> OverTcp:
    process = server.process
    return OverTcp(
        name=server.address.name,
        version=server.version,
        voice=server.voice,
        ready_s=process.ready_s if process else None,
        describe_speaking_ms=figures.spread(wait_s * 1e3 for wait_s in server.describes_s),
        describe_speaking_p99_ms=figures.percentile(server.describes_s, 99) * 1e3,
        memory_ready=process.memory_ready if process else None,
        memory_spoken=process.memory() if process else None,
        texts={name: _of_text(spoken) for name, spoken in server.requests.items()},
    )


def _of_text(spoken: Sequence[Spoken]) -> OverTcpText:
    return OverTcpText(
        connect_ms=figures.spread(one.connect_s * 1e3 for one in spoken),
        describe_ms=figures.spread(one.describe_s * 1e3 for one in spoken),
        first_chunk_s=figures.spread(one.first_chunk_s for one in spoken),
        first_sound_s=figures.spread(one.first_sound_s for one in spoken),
        total_s=figures.spread(one.total_s for one in spoken),
        rtf=figures.spread(one.total_s / one.audio_s for one in spoken),
        audio_s=figures.spread(one.audio_s for one in spoken).median,
    )


class _Connection:
    """One connection to a server. Raises `ServerError` for what no client could do anything with."""

    def __init__(self, address: Address) -> None:
        self._address = address

    async def __aenter__(self) -> _Connection:
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


async def _get_to_know(server: Seen, voice: str) -> None:
    async with _Connection(server.address) as connection:
        _, info = await connection.describe()
        programs = (info.data or {}).get("tts") or []
        if not programs:
            raise connection.error("has nothing that speaks")
        server.version = f"{programs[0].get('name')} {programs[0].get('version') or ''}".strip()
        names = {known.get("name") for program in programs for known in program.get("voices") or []}
        server.voice = voice if voice in names else None


async def _speak(server: Seen, text: str) -> Spoken:
    start_s = time.perf_counter()
    async with _Connection(server.address) as connection:
        connect_s = time.perf_counter() - start_s
        describe_s, _ = await connection.describe()
        await connection.send("synthesize", _request(server, text))
        start_s = time.perf_counter()
        first_chunk_s = first_sound_s = None
        n_bytes, bytes_per_s = 0, 0
        while (event := await connection.receive()).type != "audio-stop":
            if event.type == "audio-start":
                bytes_per_s = _bytes_per_s(event.data or {}, connection)
            if event.type != "audio-chunk" or not event.payload:
                continue
            now_s = time.perf_counter() - start_s
            n_bytes += len(event.payload)
            first_chunk_s = now_s if first_chunk_s is None else first_chunk_s
            if first_sound_s is None and is_audible(event.payload):
                first_sound_s = now_s
        total_s = time.perf_counter() - start_s
        if first_chunk_s is None or first_sound_s is None or not bytes_per_s:
            raise connection.error(f"sent no sound for {text!r}")
        return Spoken(
            connect_s, describe_s, first_chunk_s, first_sound_s, total_s, audio_s=n_bytes / bytes_per_s
        )


async def _describe_while_speaking(server: Seen, text: str) -> list[float]:
    """How long each of many `describe`s took while the text was spoken on another connection."""
    waits_s = []
    async with _Connection(server.address) as connection:
        speaking = asyncio.create_task(_speak(server, text))
        try:
            while not speaking.done():
                wait_s, _ = await connection.describe()
                waits_s.append(wait_s)
                await asyncio.sleep(_DESCRIBE_EVERY_S)
        finally:
            speaking.cancel()  # does nothing to one that is done
            await asyncio.gather(speaking, return_exceptions=True)
        speaking.result()
    return waits_s


def _request(server: Seen, text: str) -> dict[str, Any]:
    return {"text": text, "voice": {"name": server.voice}} if server.voice else {"text": text}


def _bytes_per_s(audio: Mapping[str, int], connection: _Connection) -> int:
    if audio.get("width") != 2:
        raise connection.error(f"speaks in samples of {audio.get('width')} bytes; the bench listens to 2")
    return audio["rate"] * audio["width"] * audio["channels"]


def is_audible(pcm: bytes) -> bool:
    """Whether 16-bit PCM holds a sample that is heard."""
    return bool((np.abs(np.frombuffer(pcm, "<i2").astype(np.int32)) > AUDIBLE * 32_767).any())
