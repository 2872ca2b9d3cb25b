"""The program as a process of its own, with a fake voice: signals, and how soon it does what they say."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from clients import Client, connected, eventually, running
from fakes import VOICES, FakeSynthesizer, piece_of
from wyoming.info import Info

from wyoming_kokoro import health_check
from wyoming_kokoro.errors import UnknownVoiceError
from wyoming_kokoro.server import serve as serving
from wyoming_kokoro.server import worker as workers
from wyoming_kokoro.speech import Utterance, VoiceInfo

PROGRAM = Path(__file__).parent.parent / "fake_program.py"
NOISE_S = 8.0  # what starting up and ending may take on a busy machine, beyond what a test is about


@dataclass
class Program:
    """The running program."""

    process: subprocess.Popen[str]
    port: int

    def exit_code(self) -> int:
        return self.process.wait(timeout=60)


@contextlib.contextmanager
def program(*options: str) -> Iterator[Program]:
    process = subprocess.Popen(
        [sys.executable, str(PROGRAM), "--uri", "tcp://127.0.0.1:0", *options],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        said = ""
        for line in process.stderr:
            said += line
            if match := re.search(r"host 127\.0\.0\.1 port (\d+)", line):
                yield Program(process, int(match[1]))
                return
        pytest.fail(f"it did not start: {said}")
    finally:
        process.kill()
        process.communicate()


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 60), debug=True)


@contextlib.asynccontextmanager
async def speaking(port: int, text: str) -> Any:
    async with connected(port) as client:
        await client.send("synthesize", text=text)
        await client.send("ping")
        await client.receive_until("pong")
        yield client


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_program_well_even_in_a_model_step_that_hangs(number: signal.Signals) -> None:
    async def test() -> None:
        with program() as server:
            async with speaking(server.port, "gate"):
                start = time.monotonic()
                server.process.send_signal(number)
                assert await asyncio.to_thread(server.exit_code) == 0
                took_s = time.monotonic() - start
                assert took_s < workers.STOP_TIMEOUT_S + NOISE_S

    run(test())


def test_an_idle_program_does_not_wait_to_end() -> None:
    async def test() -> None:
        with program() as server:
            server.process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(server.exit_code) == 0

    run(test())


def test_a_second_signal_ends_the_program_at_once() -> None:
    async def test() -> None:
        with program() as server:
            async with speaking(server.port, "gate") as client:
                server.process.send_signal(signal.SIGTERM)
                await client.receive_until()  # its connection ends while the thread still hangs
                server.process.send_signal(signal.SIGTERM)
                assert await asyncio.to_thread(server.exit_code) in {-signal.SIGTERM, 0}

    run(test())


def test_at_the_end_no_answer_looks_complete() -> None:
    async def test() -> None:
        voice = FakeSynthesizer()
        async with running(voice) as port, speaking(port, "gate") as client:
            os.kill(os.getpid(), signal.SIGTERM)
            events = await client.receive_until()
            assert {event.type for event in events} <= {"error"}
            voice.gate.set()

    run(test())


# Voices that come and go -----------------------------------------------------------------------------------


class Growing(FakeSynthesizer):
    """Finds a voice at each scan but the second, which fails."""

    def __init__(self) -> None:
        super().__init__(1)
        self.found = VOICES

    def voices(self) -> tuple[VoiceInfo, ...]:
        return self.found

    def rescan(self) -> None:
        super().rescan()
        if self.n_rescans == 2:
            raise UnknownVoiceError("af_heart")
        self.found = (*self.found, VoiceInfo(f"af_new{self.n_rescans}", "New", "en-US"))


async def voices_of(client: Client) -> set[str]:
    await client.send("describe")
    (program,) = Info.from_event(await client.receive()).tts
    return {each.name for each in program.voices}


def test_sighup_looks_for_voices_anew(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        voice = Growing()
        async with running(voice) as port, connected(port) as client:
            before = await voices_of(client)
            for number, new in ((1, {"af_new1"}), (2, {"af_new1"}), (3, {"af_new1", "af_new3"})):
                os.kill(os.getpid(), signal.SIGHUP)
                await eventually(lambda number=number: voice.n_rescans == number)  # type: ignore[misc]
                await eventually(
                    lambda number=number: (
                        sum("voices" in each.getMessage() for each in caplog.records) == number
                    )
                )  # type: ignore[misc]
                assert await voices_of(client) == before | new
            assert await client.speak("Hello.") == piece_of("Hello.")

    caplog.set_level("INFO")
    run(test())
    assert "of them new: af_new1; gone: none" in caplog.text
    assert "The voices are what they were" in caplog.text


def test_voices_whose_files_change_are_found_without_being_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "VOICES_LOOKED_AT_EVERY_S", 0.01)

    async def test() -> None:
        voice = Growing()
        async with running(voice) as port, connected(port) as client:
            assert "af_new1" not in await voices_of(client)
            for number, new in ((1, "af_new1"), (2, "af_new1"), (3, "af_new3")):
                voice.has_changed = True
                await eventually(lambda number=number: voice.n_rescans == number)  # type: ignore[misc]
                while new not in await voices_of(client):  # which is a moment later
                    pass
            assert voice.n_rescans == 3  # where nothing has changed, nothing is looked for

    run(test())


# A worker that has died --------------------------------------------------------------------------------------


def test_the_health_check_tells_that_nothing_can_be_spoken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(workers, "RESTART_AFTER_S", (1.5,))

    async def test() -> None:
        async with running(FakeSynthesizer(1)) as port:
            uri = f"tcp://127.0.0.1:{port}"

            async def health() -> int:
                return await asyncio.to_thread(health_check.main, ["--uri", uri, "--timeout", "30"])

            assert await health() == 0
            async with connected(port) as client:
                await client.send("synthesize", text="deadly")
                assert (await client.receive_until())[-1].type == "error"
            assert await health() == 1
            async with connected(port) as client:
                await client.send("synthesize", text="Too early.")
                assert "try again" in (await client.receive_until())[-1].data["text"]
            code = 1
            while code != 0:
                code = await health()
            async with connected(port) as client:
                assert await client.speak("Fine.") == piece_of("Fine.")

    run(test())
    assert "no installed program of speech" in capsys.readouterr().err


# Starting ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--max-connections", "0"], "--max-connections"),
        (["--allow-from", "everybody"], "--allow-from"),
        (["--max-conections", "3"], "Did you mean --max-connections?"),
    ],
)
def test_a_bad_option_is_one_line(options: list[str], complaint: str) -> None:
    done = subprocess.run(
        [sys.executable, str(PROGRAM), *options], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert complaint in done.stderr


def test_a_port_that_is_taken_is_one_line_and_no_traceback() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        uri = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        done = subprocess.run(
            [sys.executable, str(PROGRAM), "--uri", uri],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 2
    assert f"Cannot listen on {uri}" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


# Speaking a word ---------------------------------------------------------------------------------------------


def test_the_health_check_has_a_word_spoken(capsys: pytest.CaptureFixture[str]) -> None:
    async def check(voice: FakeSynthesizer) -> int:
        async with running(voice) as port:
            arguments = ["--uri", f"tcp://127.0.0.1:{port}", "--timeout", "30", "--speak"]
            return await asyncio.to_thread(health_check.main, arguments)

    class Failing(FakeSynthesizer):
        def stream(self, utterance: Utterance) -> Iterator[bytes]:
            return super().stream(replace(utterance, text="fail"))

    assert asyncio.run(check(FakeSynthesizer(2, 48_000))) == 0
    assert capsys.readouterr().out.endswith("3 voices, spoke for 2.0 s\n")
    assert asyncio.run(check(Failing())) == 1
    assert "cannot speak: it failed" in capsys.readouterr().err
    assert asyncio.run(check(FakeSynthesizer(0))) == 1
    assert "without a sound" in capsys.readouterr().err
