"""The main job with the real model: text over a real socket or pipe, Kokoro's voice back."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import wave
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from clients import audio, connected, running, types
from wyoming.info import Info

from wyoming_kokoro import health_check
from wyoming_kokoro.engine import KokoroEngine
from wyoming_kokoro.loading import load_engine
from wyoming_kokoro.pcm import duration_s
from wyoming_kokoro.speech import Utterance

pytestmark = pytest.mark.weights

# The texts that speed is measured with, and how long af_heart is heard with them, in seconds.
TEXTS = {
    "Turning on the kitchen lights.": 1.6,
    "The weather today is mostly sunny with a high of seventy two degrees and a light breeze.": 5.1,
    "The history of the lighthouse begins in the third century, when the great tower of Alexandria was built to guide "
    "ships into the harbor. It burned day and night, and sailors could see its light from thirty miles away. An "
    "earthquake brought it down in the end.": 14.1,
}
HELLO = {
    "en-US": "Hello, the lights are on.",
    "en-GB": "Hello, the lights are on.",
    "es-ES": "Hola, las luces están encendidas.",
    "fr-FR": "Bonjour, les lumières sont allumées.",
    "hi-IN": "नमस्ते, बत्तियाँ जल रही हैं।",
    "it-IT": "Ciao, le luci sono accese.",
    "ja-JP": "こんにちは、電気をつけました。",
    "pt-BR": "Olá, as luzes estão acesas.",
    "zh-CN": "你好，灯已经打开了。",
}


@pytest.fixture(scope="module")
def engine() -> KokoroEngine:
    # Exact, since a voice may or may not have been learnt on this machine.
    return load_engine(local_files_only=True, device="cpu", cpu_threads=2, exact=True)


def loudness(pcm: bytes) -> float:
    """Root mean square, full scale being 1."""
    return float(np.sqrt(np.mean((np.frombuffer(pcm, "<i2") / 32_767.0) ** 2)))


def assert_speech(pcm: bytes, at_least_s: float) -> None:
    assert duration_s(pcm) >= at_least_s
    assert 0.01 < loudness(pcm) < 0.3


@pytest.mark.parametrize(("text", "expected_s"), TEXTS.items())
def test_speaks_over_tcp_plain_and_streamed_alike(engine: KokoroEngine, text: str, expected_s: float) -> None:
    async def test() -> None:
        async with running(engine) as port, connected(port) as client:
            plain = await client.speak(text)
            assert_speech(plain, 0.9 * expected_s)
            assert duration_s(plain) < 1.15 * expected_s
            words = [word + " " for word in text.split()]
            events = await client.stream(*words)
            assert types(events) == ["audio-start", "audio-chunk", "audio-stop", "synthesize-stopped"]
            # The same request, the same bytes, however it was cut. Their difference would take pytest minutes to show.
            assert sha256(audio(events)).digest() == sha256(plain).digest()

    asyncio.run(test(), debug=True)


@pytest.mark.parametrize("language", HELLO)
def test_every_language_speaks_with_its_default_voice(engine: KokoroEngine, language: str) -> None:
    voice = engine.resolve_voice(None, language)
    assert_speech(b"".join(engine.stream(Utterance(HELLO[language], voice))), 1.0)


def test_all_54_voices_are_offered_and_home_assistant_takes_the_default_one(engine: KokoroEngine) -> None:
    async def test() -> None:
        async with running(engine) as port, connected(port) as client:
            await client.send("describe")
            (program,) = Info.from_event(await client.receive()).tts
            assert len(program.voices) >= 54
            by_language: dict[str, list[str]] = {}
            for voice in program.voices:
                assert voice.installed
                assert voice.description
                (language,) = voice.languages
                by_language.setdefault(language, []).append(voice.description)
            assert set(HELLO) <= set(by_language)
            # The label that sorts first is what a new Assist pipeline takes.
            assert min(by_language["en-US"]).endswith("Heart (American English, female)")

    asyncio.run(test(), debug=True)


def test_speed_and_volume(engine: KokoroEngine) -> None:
    def spoken(speed: float) -> bytes:
        return b"".join(engine.stream(Utterance("The lights are off.", "af_heart", speed)))

    assert duration_s(spoken(1.5)) < duration_s(spoken(1.0)) < duration_s(spoken(0.7))


def test_a_long_sentence_is_spoken_to_its_end(engine: KokoroEngine) -> None:
    text = "and then we walked on through the rain and over the hills " * 25  # 1,450 letters without a stop
    form = engine.spoken_form(Utterance(text, "af_heart"))
    assert len(form.phonemes) > 2
    assert all(len(phonemes) <= 510 for phonemes in form.phonemes)
    alone = engine.spoken_form(
        Utterance("and then we walked on through the rain and over the hills", "af_heart")
    )
    words_in_all = sum(len(phonemes.split()) for phonemes in form.phonemes)
    assert words_in_all == 25 * len(alone.phonemes[0].split())


@pytest.mark.parametrize("text", ["", "...", "**", "🎉", "<b></b>", "\u200b", "\x00"])
def test_nothing_to_say_is_silence_without_an_error(engine: KokoroEngine, text: str) -> None:
    assert b"".join(engine.stream(Utterance(text, "af_heart"))) == b""


def test_describe_does_not_wait_for_another_clients_speech(engine: KokoroEngine) -> None:
    async def test() -> None:
        text = next(reversed(TEXTS))
        async with running(engine) as port, connected(port) as speaking, connected(port) as asking:
            start = time.monotonic()
            await speaking.send("synthesize", text=text)
            answer = asyncio.create_task(speaking.receive_until("audio-stop"))
            waits_s = []
            while not answer.done():
                asked = time.monotonic()
                await asking.send("describe")
                assert (await asking.receive()).type == "info"
                waits_s.append(time.monotonic() - asked)
                await asyncio.sleep(0.01)
            speech_took_s = time.monotonic() - start
            assert audio(await answer)
            # On the event loop it would wait for a whole sentence, a third of the time here and more.
            assert sorted(waits_s)[len(waits_s) // 2] < speech_took_s / 20
            assert max(waits_s) < speech_took_s / 4

    asyncio.run(test())


# The program itself --------------------------------------------------------------------------------------


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "wyoming_kokoro", *arguments]


@pytest.fixture
def server() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The program as a process of its own on a free port."""
    process = subprocess.Popen(
        command("--uri", "tcp://127.0.0.1:0", "--local-files-only", "--device", "cpu"),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    port = 0
    said = ""
    try:
        for line in process.stderr:
            said += line
            if match := re.search(r"host 127\.0\.0\.1 port (\d+)", line):
                port = int(match[1])
                break
        assert re.search(r"Loaded the model in \d+\.\d s", said), said
        yield process, port
    finally:
        process.kill()
        process.communicate()


def test_the_program_serves_is_healthy_and_stops_when_told(
    server: tuple[subprocess.Popen[str], int], capsys: pytest.CaptureFixture[str]
) -> None:
    process, port = server
    assert health_check.main(["--uri", f"tcp://127.0.0.1:{port}"]) == 0

    async def speak() -> bytes:
        async with connected(port) as client:
            return await client.speak("Hello.")

    assert_speech(asyncio.run(speak()), 0.4)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0
    assert health_check.main(["--uri", f"tcp://127.0.0.1:{port}"]) == 1


def test_standard_input_is_answered_to_its_end() -> None:
    events = b"".join(
        json.dumps(event).encode() + b"\n"
        for event in (
            {"type": "describe"},
            {"type": "synthesize", "data": {"text": "Hello."}},
            {"type": "synthesize-start"},
            {"type": "synthesize-chunk", "data": {"text": "And good"}},
            {"type": "synthesize-chunk", "data": {"text": " bye."}},
        )
    )
    done = subprocess.run(
        command("--uri", "stdio://", "--local-files-only"), input=events, capture_output=True, check=True
    )
    seen = re.findall(rb'"type": "([a-z-]+)"', done.stdout)
    assert seen[0] == b"info"
    assert seen.count(b"audio-stop") == 2
    assert seen[-1] == b"synthesize-stopped"


def test_standard_input_and_output_may_be_files(tmp_path: Path) -> None:
    asked, answered = tmp_path / "asked", tmp_path / "answered"
    asked.write_text('{"type": "describe"}\n{"type": "synthesize", "data": {"text": "Hello."}}\n')
    arguments = command("--uri", "stdio://", "--local-files-only")
    with asked.open("rb") as stdin, answered.open("wb") as stdout:
        subprocess.run(arguments, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, check=True)
    seen = re.findall(rb'"type": "([a-z-]+)"', answered.read_bytes())
    assert seen[0] == b"info"
    assert seen[-1] == b"audio-stop"
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    assert done.stdout == b""


def test_a_reader_that_has_had_enough_is_no_crash() -> None:
    process = subprocess.Popen(
        command("say", "Hello there.", "--local-files-only"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 1
    assert b"Traceback" not in said
    assert b"BrokenPipe" not in said


def test_say_writes_a_wav_file_and_shows_phonemes(tmp_path: Path) -> None:
    path = tmp_path / "hello.wav"
    arguments = ("say", "Hello there.", "-o", os.fspath(path), "--show-phonemes", "--local-files-only")
    done = subprocess.run(command(*arguments), capture_output=True, check=True, text=True)
    assert done.stdout == ""
    assert "həlˈO ðˈɛɹ." in done.stderr
    with wave.open(os.fspath(path)) as wav:
        assert (wav.getframerate(), wav.getsampwidth(), wav.getnchannels()) == (24_000, 2, 1)
        assert_speech(wav.readframes(wav.getnframes()), 0.8)
    assert list(tmp_path.iterdir()) == [path]


def test_say_reads_standard_input_and_writes_to_a_pipe() -> None:
    arguments = ("say", "--voice", "bf_emma", "--speed", "1.3", "--local-files-only")
    done = subprocess.run(command(*arguments), input=b"Hello. And good bye.", capture_output=True, check=True)
    with wave.open(io.BytesIO(done.stdout)) as wav:
        assert_speech(wav.readframes(wav.getnframes()), 1.0)


@pytest.mark.parametrize(
    ("arguments", "exit_code", "complaint"),
    [
        (("--voice", "af_hart"), 1, "Did you mean af_heart"),
        (("--speed", "fast"), 2, "--speed"),
        (("say", "Hello.", "-o", "/nowhere/at/all.wav"), 2, "/nowhere/at/all.wav"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    arguments: tuple[str, ...], exit_code: int, complaint: str
) -> None:
    done = subprocess.run(
        command(*arguments, "--local-files-only"), capture_output=True, check=False, text=True
    )
    assert done.returncode == exit_code
    assert done.stdout == ""
    last = done.stderr.strip().splitlines()[-1]
    assert complaint in last
    assert "Traceback" not in done.stderr
