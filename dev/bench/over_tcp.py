"""Servers as a client meets them: a connection, `describe`, a plain `synthesize`, and the wait for sound.

Takes our own servers, each a process, and others by address. Knows of the servers nothing but the Wyoming protocol.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from dev.bench import figures
from dev.bench.client import Address, Connection, ServerError, Spoken, speak
from dev.bench.our_server import OurServer
from dev.bench.results import OverTcp, OverTcpText
from dev.bench.turns import in_turn

_DESCRIBE_EVERY_S = 0.02

Say = Callable[[str], None]


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
                await speak(server.address, text, server.voice)
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
                server.requests.setdefault(name, []).append(await speak(server.address, text, server.voice))
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
        first_chunk_s=figures.spread(one.heard.first_chunk_s for one in spoken),
        first_sound_s=figures.spread(one.heard.first_sound_s for one in spoken),
        total_s=figures.spread(one.heard.total_s for one in spoken),
        gap_s=max(one.heard.gap_s for one in spoken),
        rtf=figures.spread(one.heard.total_s / one.heard.audio_s for one in spoken),
        audio_s=figures.spread(one.heard.audio_s for one in spoken).median,
    )


async def _get_to_know(server: Seen, voice: str) -> None:
    async with Connection(server.address) as connection:
        _, info = await connection.describe()
        programs = (info.data or {}).get("tts") or []
        if not programs:
            raise connection.error("has nothing that speaks")
        server.version = f"{programs[0].get('name')} {programs[0].get('version') or ''}".strip()
        names = {known.get("name") for program in programs for known in program.get("voices") or []}
        server.voice = voice if voice in names else None


async def _describe_while_speaking(server: Seen, text: str) -> list[float]:
    """How long each of many `describe`s took while the text was spoken on another connection."""
    waits_s = []
    async with Connection(server.address) as connection:
        speaking = asyncio.create_task(speak(server.address, text, server.voice))
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
