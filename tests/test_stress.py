"""The fast part of script/stress: all of its steps against the program with a fake voice, and that it sees failures."""

from __future__ import annotations

import asyncio
import json
import shlex
import sys
from pathlib import Path

import pytest
from clients import running
from fakes import FakeSynthesizer

from dev import stress

FAKE = (sys.executable, str(Path(__file__).parent / "fake_program.py"))


def test_a_server_holds(capsys: pytest.CaptureFixture[str]) -> None:
    code = stress.main(["--streams", "5", "--requests", "100", "--command", shlex.join(FAKE)])
    lines = capsys.readouterr().out.splitlines()
    report = json.loads(lines[-1])
    assert (code, report["failures"]) == (0, [])
    figures = report["figures"]
    assert figures["soak: requests"] == 100
    assert (
        figures["soak: resident memory at the end, MB"] < 1.2 * figures["soak: resident memory when warm, MB"]
    )
    assert figures["soak: open files at the end"] <= figures["soak: most open files"] < 60
    assert len(lines) == len(figures) + 1


def test_answers_that_fail_are_seen() -> None:
    async def first() -> stress.Heard:
        async with running(FakeSynthesizer(1)) as port:
            return await stress.ask(port, stress.plain("fail"))

    assert asyncio.run(first()).error == "synthesis-failed"


def test_a_player_that_runs_dry_is_seen() -> None:
    async def test() -> None:
        voice = FakeSynthesizer(2, 48_000)  # a second at a time
        async with running(voice) as port:
            asking = asyncio.create_task(stress.ask(port, stress.plain("gate")))
            voice.gate.set()
            await asyncio.sleep(0.1)
            heard = await asking
            assert heard.audio_s == pytest.approx(2.0)
            voice.gate.clear()
            slow = asyncio.create_task(
                stress.ask(port, *stress.streamed("Hello there. The gate is shut, it seems."))
            )
            await asyncio.sleep(3.0)  # "Hello there." plays for two seconds
            voice.gate.set()
            assert (await slow).gap_s > 0.5

    asyncio.run(asyncio.wait_for(test(), 60))


def test_a_server_that_does_not_start_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="did not start"):
        stress.main(["--command", shlex.join([*FAKE, "--speed", "fast"])])
