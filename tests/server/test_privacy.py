"""What is said at home is not in the log, unless somebody asks for it with --debug."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest
from clients import connected, running
from fakes import FakeSynthesizer

SECRET = "xylophone"


@pytest.mark.parametrize("level", ["INFO", "DEBUG"])
def test_no_text_of_a_client_is_logged_above_debug(caplog: pytest.LogCaptureFixture, level: str) -> None:
    caplog.set_level(level, logger="wyoming_kokoro")

    async def test() -> None:
        async with running(FakeSynthesizer(1), max_text_chars=100) as port:
            for text in ("Hello", "fail", "crash", "no memory", "x" * 100):
                for events in (
                    [("synthesize", {"text": f"{text} {SECRET}."})],
                    [("synthesize", {"text": "Hello.", "voice": {"name": f"{text} {SECRET}"}})],
                    [("synthesize", {"text": {SECRET: text}})],
                    [
                        ("synthesize-start", {}),
                        ("synthesize-chunk", {"text": f"{text} {SECRET}"}),
                        ("synthesize-stop", {}),
                    ],
                    [("ping", {"text": SECRET}), (SECRET, {}), ("select-program", {"name": SECRET})],
                ):
                    async with connected(port) as client:
                        for kind, data in events:
                            await client.send(kind, **data)
                        # Who has left is not spoken to, so it waits for its answer.
                        await client.receive_until("audio-stop", "error", "synthesize-stopped", "pong")
                        client.writer.write_eof()
                        await client.receive_until()
            for raw in (SECRET.encode() + b"\n", json.dumps({"type": [SECRET]}).encode() + b"\n"):
                async with connected(port) as client:
                    client.writer.write(raw)
                    await client.receive_until()

    asyncio.run(asyncio.wait_for(test(), 60))
    formatter = logging.Formatter()
    ours = [each for each in caplog.records if each.name.startswith("wyoming_kokoro")]
    assert any("failed" in each.getMessage() for each in ours)
    told = [formatter.format(each) for each in ours if SECRET in formatter.format(each)]
    assert all(each.levelno == logging.DEBUG for each in ours if formatter.format(each) in told)
    assert bool(told) is (level == "DEBUG")  # with --debug it is what somebody looks for


def test_a_failure_is_logged_with_the_place_it_came_from(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        async with running(FakeSynthesizer(1)) as port, connected(port) as client:
            await client.send("synthesize", text=f"crash {SECRET}")
            error = (await client.receive_until())[-1]
            assert SECRET in error.data["text"]  # its own client may know

    asyncio.run(asyncio.wait_for(test(), 60))
    assert "ZeroDivisionError" in caplog.text
    assert "fakes.py" in caplog.text
