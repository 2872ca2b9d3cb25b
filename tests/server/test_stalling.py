"""Who has stopped reading: found by what leaves a connection's buffer, and never by a stall of our own."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from clients import connected, eventually, n_bytes_until_stop, running
from fakes import FakeSynthesizer

from wyoming_kokoro.server.stalling import StallWatch


class Transport(asyncio.WriteTransport):
    """Holds what it is told to, and less at each look if it drains."""

    def __init__(self, n_bytes: int = 1_000, n_drained: int = 0) -> None:
        super().__init__()
        self.n_bytes = n_bytes
        self.n_drained = n_drained
        self.n_looks = 0
        self.aborted = asyncio.Event()

    def get_write_buffer_size(self) -> int:
        self.n_looks += 1
        self.n_bytes -= min(self.n_drained, self.n_bytes)
        return self.n_bytes

    def abort(self) -> None:
        self.aborted.set()


def run(test: Any) -> None:
    asyncio.run(asyncio.wait_for(test(), 60), debug=True)


def test_a_buffer_that_nothing_leaves_is_cut_off_after_the_time_out() -> None:
    async def test() -> None:
        transport = Transport()
        watch = StallWatch(transport, 0.2)
        start = time.monotonic()
        with watch.watching():
            await transport.aborted.wait()
        assert time.monotonic() - start >= 0.2
        assert watch.has_stalled

    run(test)


def test_a_buffer_that_empties_however_slowly_is_not() -> None:
    async def test() -> None:
        transport = Transport(n_drained=1)
        watch = StallWatch(transport, 0.04)
        with watch.watching():
            await eventually(lambda: transport.n_looks > 40)  # five time-outs
            assert not watch.has_stalled
            transport.n_drained = 0
            await transport.aborted.wait()

    run(test)


@pytest.mark.parametrize("n_stalls", [1, 5])
def test_a_loop_that_stands_still_counts_as_one_look(n_stalls: int) -> None:
    async def test() -> None:
        transport = Transport()
        watch = StallWatch(transport, 0.1)
        with watch.watching():
            for _ in range(n_stalls):
                seen = transport.n_looks
                time.sleep(0.2)  # noqa: ASYNC251 - that is what this is about
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                assert transport.n_looks == seen + 1
            assert not watch.has_stalled

    run(test)


def test_nobody_is_watched_after_the_wait() -> None:
    async def test() -> None:
        transport = Transport()
        with StallWatch(transport, 0.01).watching():
            await asyncio.sleep(0)
        await asyncio.sleep(0.05)
        assert not transport.aborted.is_set()

    run(test)


def test_a_client_is_not_dropped_for_a_loop_that_stood_still() -> None:
    n_bytes = 40 * 96_000  # more than all buffers on the way

    async def test() -> None:
        voice = FakeSynthesizer(pieces_per_utterance=40, piece_bytes=96_000)
        async with running(voice, write_timeout_s=1.0) as port, connected(port) as client:
            await client.send("synthesize", text="Long.")
            made = -1
            while voice.n_pieces != made:  # then the server waits for the client to read
                made = voice.n_pieces
                await asyncio.sleep(0.1)
            assert 0 < made < 40
            time.sleep(1.5)  # noqa: ASYNC251 - that is what this is about
            assert await n_bytes_until_stop(lambda: client.reader.read(1 << 16)) > n_bytes

    run(test)
