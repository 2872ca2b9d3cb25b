"""What Prometheus is told, and who may ask."""

from __future__ import annotations

import asyncio
import socket
import urllib.request

import pytest
from clients import connected, free_port, running
from fakes import FakeSynthesizer

from wyoming_kokoro.errors import SettingsError
from wyoming_kokoro.phrase_cache import PhraseCache, PhraseKey
from wyoming_kokoro.server.metrics import Metrics, serving
from wyoming_kokoro.settings import parse_networks


def read(port: int) -> dict[str, float]:
    """Every number that is served, by its name and labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        lines = answer.read().decode().splitlines()
    return {
        name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")
    }


def test_what_happens_is_counted() -> None:
    async def test() -> None:
        port = free_port()
        voice = FakeSynthesizer(2, 48_000)
        async with running(voice, metrics_port=port) as server:
            async with connected(server) as client:
                await client.speak("One is here. Two is there.")
                await client.stream("Three.")
                await client.send("synthesize", text="fail")
                await client.receive_until()
            async with connected(server) as client:
                await client.send("synthesize-start")
                await client.send("synthesize-start")
                await client.send("ping")
                await client.receive_until("pong")
                seen = await asyncio.to_thread(read, port)
                assert seen["wyoming_kokoro_connections"] == 1
                assert seen["wyoming_kokoro_requests_waiting"] >= 1
            seen = {}
            while seen.get("wyoming_kokoro_connections") != 0:
                seen = await asyncio.to_thread(read, port)
        assert seen['wyoming_kokoro_requests_total{kind="plain"}'] == 2
        assert seen['wyoming_kokoro_requests_total{kind="stream"}'] == 3
        assert seen['wyoming_kokoro_errors_total{code="synthesis-failed"}'] == 1
        assert seen["wyoming_kokoro_cancelled_total"] == 2  # one interrupted, one left
        assert seen["wyoming_kokoro_audio_seconds_total"] == 3 * 2.0
        assert seen["wyoming_kokoro_first_sound_seconds_count"] == 3
        assert seen["wyoming_kokoro_rtf_count"] == 3
        assert seen["wyoming_kokoro_requests_waiting"] == 0
        assert seen["process_resident_memory_bytes"] > 1_000_000
        with pytest.raises(OSError):
            read(port)  # it ends with the server

    asyncio.run(asyncio.wait_for(test(), 60))


def key(text: str) -> PhraseKey:
    return PhraseKey(text, "af_heart", 1.0, "model", "fp32", 0, 1.0, exact=False)


def test_what_the_cache_was_asked_for_is_counted() -> None:
    phrases = PhraseCache(1_000_000)
    with serving(Metrics(lambda: 0, lambda: 0, phrases), "127.0.0.1", 0, parse_networks("any")) as port:
        for text in ("One.", "Two.", "One.", "One."):
            if phrases.get(key(text)) is None:
                phrases.put(key(text), bytes(1_000))
        seen = read(port)
    assert seen['wyoming_kokoro_phrases_total{found="yes"}'] == 2
    assert seen['wyoming_kokoro_phrases_total{found="no"}'] == 2
    assert 2_000 <= seen["wyoming_kokoro_phrase_bytes"] < 3_000


def test_others_are_not_told() -> None:
    metrics = Metrics(lambda: 0, lambda: 0)
    with serving(metrics, "127.0.0.1", 0, parse_networks("192.0.2.0/24")) as port, pytest.raises(OSError):
        read(port)


def test_a_port_that_is_taken_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"--metrics-port {port}"):  # noqa: SIM117
            with serving(Metrics(lambda: 0, lambda: 0), "127.0.0.1", port, parse_networks("any")):
                pass
