"""A server with a fake or a real voice on a loopback port, and a client that speaks Wyoming to it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

from wyoming.event import Event, async_read_event, async_write_event

from wyoming_kokoro.server.serve import serve
from wyoming_kokoro.settings import Settings, TcpUri
from wyoming_kokoro.speech import Synthesizer

PATIENCE_S = 60.0  # only ever waited for in full by a test that fails


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


async def is_closed(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionError:  # refused, or reset where it was taken in the last moment
        return True
    writer.transport.abort()
    return False


async def eventually(condition: Callable[[], bool]) -> None:
    """Waits until a condition holds."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, "it never came true"
        await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def running(synthesizer: Synthesizer, **options: object) -> AsyncIterator[int]:
    """Serves on a free loopback port, which it yields; nothing is left at the end."""
    before = asyncio.all_tasks()
    settings = Settings(**{"uri": TcpUri("127.0.0.1", 0), **options})  # type: ignore[arg-type]
    listening: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    server = asyncio.create_task(
        serve(settings, synthesizer, lambda bound: listening.set_result(bound[0][1] if bound else 0))
    )
    try:
        await asyncio.wait({server, listening}, return_when=asyncio.FIRST_COMPLETED)
        if server.done():
            server.result()
        yield listening.result()
    finally:
        server.cancel()
        await asyncio.gather(server, return_exceptions=True)
    left = asyncio.all_tasks() - before
    assert not left, left


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, event_type: str, **data: object) -> None:
        await async_write_event(Event(event_type, dict(data)), self.writer)

    async def receive(self) -> Event:
        """The next event; fails where the connection has ended."""
        event = await self.receive_or_end()
        assert event is not None, "the server closed the connection"
        return event

    async def receive_or_end(self) -> Event | None:
        return await asyncio.wait_for(async_read_event(self.reader), PATIENCE_S)

    async def receive_until(self, *event_types: str) -> list[Event]:
        """Events up to and including the first of a type, or to the end of the connection."""
        events = []
        while (event := await self.receive_or_end()) is not None:
            events.append(event)
            if event.type in event_types:
                break
        return events

    async def speak(self, text: str, **data: object) -> bytes:
        """A plain request; its PCM."""
        await self.send("synthesize", text=text, **data)
        return audio(await self.receive_until("audio-stop", "error"))

    async def stream(self, *chunks: str, **data: object) -> list[Event]:
        """A streamed request as Home Assistant makes it, with the whole text again before its end."""
        await self.send("synthesize-start", **data)
        for chunk in chunks:
            await self.send("synthesize-chunk", text=chunk)
        await self.send("synthesize", text="".join(chunks))
        await self.send("synthesize-stop")
        return await self.receive_until("synthesize-stopped")


@contextlib.asynccontextmanager
async def connected(port: int, host: str = "127.0.0.1") -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        yield Client(reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def audio(events: list[Event]) -> bytes:
    return b"".join(event.payload or b"" for event in events if event.type == "audio-chunk")


def types(events: list[Event]) -> list[str]:
    """Event types in order, runs of chunks as one."""
    shown: list[str] = []
    for event in events:
        if event.type != "audio-chunk" or shown[-1:] != ["audio-chunk"]:
            shown.append(event.type)
    return shown


async def n_bytes_until_stop(read: Callable[[], Awaitable[bytes]]) -> int:
    """How much there is to read of an answer; taking its events apart is slow enough on a busy machine to look stalled."""
    n_bytes, tail = 0, b""
    while b'"audio-stop"' not in tail:
        piece = await read()
        assert piece, "dropped"
        n_bytes += len(piece)
        tail = (tail + piece)[-2000:]
    return n_bytes
