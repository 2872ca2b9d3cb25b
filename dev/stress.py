"""Load, faults and soak against a real server of its own, and a table of what came of it; `script/stress`.

It knows of the server nothing but the protocol, its process's memory and open files, and its exit code. Nothing in
here judges: the figures are for people, but for what must never be, which `Report.failures` lists, and which makes
the exit code 1.

`--command` starts another program in the server's place; the tests give one with a fake voice.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import re
import shlex
import signal
import socket
import statistics
import struct
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from wyoming.event import Event, async_read_event

from dev.arguments import positive
from wyoming_kokoro.pcm import duration_s
from wyoming_kokoro.server.framing import to_bytes

_COMMAND = (sys.executable, "-m", "wyoming_kokoro", "--local-files-only", "--cache-size", "0")
_PATIENCE_S = 180.0  # for one event
_SETTLED_S = 0.5  # a gap counts after so much has been played
_N_SOAK_CLIENTS = 4
_WARM_SHARE = 0.1  # of the soak, after which memory and files are to be flat
_SENTENCES = (
    "The lights in the kitchen are on, and the door to the garden is open.",
    "It is going to rain in the afternoon, so take an umbrella with you.",
    "The washing machine has finished, and the dishwasher needs ten more minutes.",
    "Your next appointment is at half past four with the dentist in the old town.",
)


@dataclass
class Report:
    """What came of it: figures by name, and what must never be."""

    figures: dict[str, float] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def table(self) -> str:
        """The figures, a line each."""
        width = max(map(len, self.figures), default=0)
        lines = [f"| {name:<{width}} | {value:>10.3f} |" for name, value in self.figures.items()]
        return "\n".join([*lines, *(f"FAILED: {failure}" for failure in self.failures)])


@dataclass(frozen=True)
class Target:
    """The server's process."""

    process: subprocess.Popen[str]
    port: int

    def memory_mb(self) -> tuple[float, float]:
        """What it holds, and of that what is its own: the rest are files on disk, which it reads where they lie."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmRSS:\s*(\d+) kB.*RssFile:\s*(\d+) kB", status, re.DOTALL)
        assert found is not None, status
        resident, files = (int(size) * 1024 / 1e6 for size in found.groups())
        return resident, resident - files

    def n_files(self) -> int:
        """Files and sockets that it has open."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))


@contextlib.contextmanager
def running(command: Sequence[str], uri: str = "tcp://127.0.0.1:0") -> Iterator[Target]:
    """The server, on a free loopback port where nothing else is said; it is ended with the context."""
    process = subprocess.Popen(
        [*command, "--uri", uri], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    said, port = [], 0
    # What it goes on to say has to be read, or it would wait for that one day.
    reading = threading.Thread(target=_read_past, args=(process.stderr,), daemon=True)
    try:
        for line in process.stderr:
            said.append(line)
            if match := re.search(r"host 127\.0\.0\.1 port (\d+)", line):
                port = int(match[1])
                break
        if not port:
            sys.exit("the server did not start:\n" + "".join(said))
        reading.start()
        yield Target(process, port)
    finally:
        process.kill()
        process.wait()
        if reading.ident is not None:  # it was started
            reading.join()
        process.stderr.close()


def _read_past(lines: IO[str]) -> None:
    for _ in lines:
        pass


# What one client does --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Heard:
    """An answer, as a player meets it."""

    first_s: float
    """From the request to the first chunk with sound."""

    gap_s: float
    """How long a player that begins with the first chunk stands still, after its first half second."""

    audio_s: float

    error: str = ""


@contextlib.asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection, which is cut at the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def ask(port: int, *events: Event, ends_with: str = "audio-stop") -> Heard:
    """Sends a request on a connection of its own and hears the answer out."""
    async with connected(port) as (reader, writer):
        start_s = time.perf_counter()
        for each in events:
            writer.write(to_bytes(each))
        await writer.drain()
        first_s = plays_until_s = gap_s = audio_s = 0.0
        error = ""
        while True:
            event = await asyncio.wait_for(async_read_event(reader), _PATIENCE_S)
            now_s = time.perf_counter()
            if event is None or event.type == "error":
                error = "closed" if event is None else str(event.data.get("code"))
                break
            if event.payload:
                if not audio_s:
                    first_s, plays_until_s = now_s - start_s, now_s
                late_s = max(0.0, now_s - plays_until_s)
                gap_s += late_s if audio_s > _SETTLED_S else 0.0
                plays_until_s += late_s + duration_s(event.payload)
                audio_s += duration_s(event.payload)
            if event.type == ends_with:
                break
        return Heard(first_s, gap_s, audio_s, error)


def plain(text: str, **data: Any) -> Event:
    """A plain request."""
    return Event("synthesize", {"text": text, **data})


def streamed(text: str) -> list[Event]:
    """A request as a stream of words."""
    words = [Event("synthesize-chunk", {"text": f"{word} "}) for word in text.split()]
    return [Event("synthesize-start"), *words, Event("synthesize-stop")]


async def describe_times(port: int, is_over: asyncio.Event) -> list[float]:
    """How long `describe` takes, again and again until something is over."""
    times_s = []
    while not is_over.is_set():
        async with connected(port) as (reader, writer):
            start_s = time.perf_counter()
            writer.write(to_bytes(Event("describe")))
            event = await asyncio.wait_for(async_read_event(reader), _PATIENCE_S)
            assert event is not None
            assert event.type == "info"
            times_s.append(time.perf_counter() - start_s)
        await asyncio.sleep(0.02)
    return times_s


# The three parts -------------------------------------------------------------------------------------------


async def load(target: Target, report: Report, n_streams: int) -> None:
    """So many clients with four sentences each begin at once, and one asks the server to describe itself."""
    is_over = asyncio.Event()
    describing = asyncio.create_task(describe_times(target.port, is_over))
    text = " ".join(_SENTENCES)
    heard = await asyncio.gather(
        *(ask(target.port, *streamed(text), ends_with="synthesize-stopped") for _ in range(n_streams))
    )
    is_over.set()
    times_s = sorted(await describing)
    report.figures[f"load: first sound of the last of {n_streams}, s"] = max(each.first_s for each in heard)
    report.figures[f"load: longest time without sound of {n_streams}, s"] = max(each.gap_s for each in heard)
    report.figures["load: describe, p99, s"] = times_s[int(0.99 * (len(times_s) - 1))]
    report.failures += [f"load: {each.error}" for each in heard if each.error]


async def faults(target: Target, report: Report) -> None:
    """Clients that do all that clients should not; after each of them somebody is spoken to."""
    nonsense: dict[str, bytes] = {
        "no JSON": b"GET / HTTP/1.1\r\n\r\n",
        "gigabytes": b'{"type": "ping", "payload_length": 99999999999}\n',
        "half an event": b'{"type": "synthesize", "data_length": 50}\n{"te',
        "a chunk without a start": to_bytes(Event("synthesize-chunk", {"text": "Hello."})),
        "no text": to_bytes(Event("synthesize", {"text": None})),
        "an unknown voice": to_bytes(plain("Hello.", voice={"name": "../../etc/passwd"})),
        "a long header": b"x" * 200_000,
    }
    for name, raw in nonsense.items():
        async with connected(target.port) as (reader, writer):
            writer.write(raw)
            with contextlib.suppress(ConnectionError):
                await asyncio.wait_for(_end_of(reader, writer), _PATIENCE_S)
        await _still_speaks(target, report, name)
    for name, ending in (("leaves politely", None), ("resets", struct.pack("ii", 1, 0))):
        for wait_s in (0.0, 0.2):
            await _leave(target.port, ending, wait_s)
            await _still_speaks(target, report, f"a client that {name} after {wait_s:g} s")


async def _end_of(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write_eof()
    while await reader.read(1 << 16):
        pass


async def _leave(port: int, linger: bytes | None, after_s: float) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(to_bytes(plain(" ".join(_SENTENCES * 5))))
    await writer.drain()
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(reader.read(1), max(after_s, 0.001))
    if linger is not None:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


async def _still_speaks(target: Target, report: Report, after: str) -> None:
    start_s = time.perf_counter()
    heard = await ask(target.port, plain("Yes."))
    took_s = time.perf_counter() - start_s
    report.figures["faults: a word after the worst of them, s"] = max(
        took_s, report.figures.get("faults: a word after the worst of them, s", 0.0)
    )
    if heard.error or not heard.audio_s:
        report.failures.append(f"faults: after {after}: {heard.error or 'no sound'}")


async def soak(target: Target, report: Report, n_requests: int, seed: int = 0) -> None:
    """Mixed requests by four clients: plain, streamed, cancelled, bad. The seed says which."""
    dice = random.Random(seed)  # noqa: S311 - nothing secret
    kinds = dice.choices(("plain", "streamed", "cancelled", "bad"), weights=(5, 3, 1, 1), k=n_requests)
    latencies_s: list[float] = []
    memory_mb: list[tuple[float, float]] = []
    n_files: list[int] = []
    line = iter(kinds)

    async def one_client() -> None:
        for kind in line:
            text = dice.choice(_SENTENCES)
            if kind == "cancelled":
                await _leave(target.port, None, 0.05)
            elif kind == "bad":
                heard = await ask(target.port, plain(text, voice={"name": "nobody"}))
                if heard.error != "unknown-voice":
                    report.failures.append(f"soak: a bad request got {heard}")
            else:
                events = [plain(text)] if kind == "plain" else streamed(text)
                ending = "audio-stop" if kind == "plain" else "synthesize-stopped"
                heard = await ask(target.port, *events, ends_with=ending)
                latencies_s.append(heard.first_s)
                if heard.error or not heard.audio_s:
                    report.failures.append(f"soak: {kind}: {heard.error or 'no sound'}")
            memory_mb.append(target.memory_mb())
            n_files.append(target.n_files())
            if len(memory_mb) % max(1, n_requests // 10) == 0:  # it takes most of an hour
                done = f"{len(memory_mb)} of {n_requests} requests"
                print(f"soak: {done}, {memory_mb[-1][0]:.0f} MB, {n_files[-1]} files", file=sys.stderr)

    await asyncio.gather(*(one_client() for _ in range(_N_SOAK_CLIENTS)))
    warm = int(_WARM_SHARE * len(memory_mb))
    third = max(1, len(latencies_s) // 3)
    report.figures["soak: requests"] = len(memory_mb)
    for when, (resident, own) in (("when warm", memory_mb[warm]), ("at the end", memory_mb[-1])):
        report.figures[f"soak: resident memory {when}, MB"] = resident
        report.figures[f"soak: of that its own {when}, MB"] = own
    report.figures["soak: most open files"] = max(n_files)
    report.figures["soak: open files at the end"] = n_files[-1]
    report.figures["soak: first sound, median of the first third, s"] = statistics.median(latencies_s[:third])
    report.figures["soak: first sound, median of the last third, s"] = statistics.median(latencies_s[-third:])


async def stop(target: Target, report: Report) -> None:
    """SIGTERM in the middle of speech."""
    async with connected(target.port) as (reader, writer):
        writer.write(to_bytes(plain(" ".join(_SENTENCES * 5))))
        await asyncio.wait_for(reader.readline(), _PATIENCE_S)
        start_s = time.perf_counter()
        target.process.send_signal(signal.SIGTERM)
        code = await asyncio.to_thread(target.process.wait, _PATIENCE_S)
    report.figures["stop: SIGTERM while speaking, s"] = time.perf_counter() - start_s
    if code != 0:
        report.failures.append(f"stop: exit code {code}")


def stress(command: Sequence[str], *, n_streams: int, n_requests: int) -> Report:
    """All of it against one server."""
    report = Report()
    with running(command) as target:

        async def run() -> None:
            await load(target, report, n_streams)
            await faults(target, report)
            await soak(target, report, n_requests)
            await stop(target, report)

        asyncio.run(run())
    return report


def main(argv: Sequence[str] | None = None) -> int:
    """The command: prints the table and one JSON line, returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="script/stress", description="Load, faults and soak against a server."
    )
    parser.add_argument("--streams", type=positive, default=5, help="clients at once (default: 5)")
    parser.add_argument("--requests", type=positive, default=5_000, help="of the soak (default: 5000)")
    parser.add_argument("--command", type=shlex.split, default=_COMMAND, help="what to start as the server")
    arguments = parser.parse_args(argv)
    report = stress(arguments.command, n_streams=arguments.streams, n_requests=arguments.requests)
    print(report.table())
    print(json.dumps(asdict(report)))
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
