"""`--drain`: a server that is told to stop says so, answers on, and ends with its last answer."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Coroutine
from typing import Any

import pytest
from clients import Client, audio, connected, eventually, is_closed, running
from fakes import FakeSynthesizer

from wyoming_kokoro import health_check
from wyoming_kokoro.settings import TcpUri

FIRST, SECOND = "The lights are on. The door", " is open."


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 60), debug=True)


async def begin(client: Client) -> None:
    await client.send("synthesize-start")
    await client.send("synthesize-chunk", text=FIRST)
    await client.receive_until("audio-chunk")


async def end(client: Client) -> list[str]:
    await client.send("synthesize-chunk", text=SECOND)
    await client.send("synthesize-stop")
    return [event.type for event in await client.receive_until()]


async def is_installed(port: int) -> bool:
    """What a health check looks at."""
    return (await health_check.describe(TcpUri("127.0.0.1", port))).tts[0].installed


def test_says_so_and_speaks_on_and_hears_the_last_answer_out() -> None:
    async def test() -> None:
        async with running(FakeSynthesizer(), drain_s=2.0) as port, connected(port) as client:
            await begin(client)
            assert await is_installed(port)
            os.kill(os.getpid(), signal.SIGTERM)
            while await is_installed(port):
                pass
            async with connected(port) as late:
                assert await late.speak("Yes.")
            while not await is_closed(port):
                pass
            assert (await end(client))[-1] == "synthesize-stopped"

    run(test())


def test_connections_without_a_request_do_not_hold_it_up() -> None:
    async def test() -> None:
        async with running(FakeSynthesizer(), drain_s=0.2) as port, connected(port) as client:
            assert await client.speak("Yes.")
            os.kill(os.getpid(), signal.SIGTERM)
            assert await client.receive_until() == []

    run(test())


def test_an_answer_that_never_ends_is_cut(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        async with running(FakeSynthesizer(), drain_s=0.2) as port, connected(port) as client:
            await begin(client)
            os.kill(os.getpid(), signal.SIGTERM)
            assert "synthesize-stopped" not in {event.type for event in await client.receive_until()}

    run(test())
    assert "Not all was said within --drain 0.2: 1 connection" in caplog.text


def test_several_requests_of_one_connection_are_all_answered() -> None:
    async def test() -> None:
        voice = FakeSynthesizer()
        async with running(voice, drain_s=1.0) as port, connected(port) as client:
            for text in ("gate one", "gate two", "gate three"):
                await client.send("synthesize", text=text)
            await eventually(lambda: bool(voice.spoken))
            os.kill(os.getpid(), signal.SIGTERM)
            while not await is_closed(port):
                pass
            voice.gate.set()
            events = await client.receive_until()
            assert [event.type for event in events].count("audio-stop") == 3
            assert audio(events)

    run(test())
