"""The engine that leaves memory and comes back: what is known stays, what is spoken is spoken."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import subprocess
import sys
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from clients import connected, eventually, running
from fakes import VOICES, FakeSynthesizer, piece_of
from wyoming.info import Info

from wyoming_kokoro.errors import DeviceLostError, OfflineError, UnknownVoiceError
from wyoming_kokoro.loading import load_engine
from wyoming_kokoro.server import idleness
from wyoming_kokoro.speech import Utterance
from wyoming_kokoro.unloading import UnloadingSynthesizer

HELLO = Utterance("Hello.", "af_heart")


class FakeEngine(FakeSynthesizer):
    def __init__(self) -> None:
        super().__init__(1)
        self.pauses_s["af_heart"] = 0.25


class Loader:
    """Counts, and fails when told to."""

    def __init__(self) -> None:
        self.engines: list[weakref.ref[FakeEngine]] = []
        self.fails = False

    def __call__(self) -> FakeEngine:
        if self.fails:
            raise OfflineError("the disk is gone")
        engine = FakeEngine()
        self.engines.append(weakref.ref(engine))
        return engine

    @property
    def n_alive(self) -> int:
        return sum(engine() is not None for engine in self.engines)


def test_an_engine_is_let_go_and_another_loaded_when_it_is_needed() -> None:
    load = Loader()
    synthesizer = UnloadingSynthesizer(load)
    assert b"".join(synthesizer.stream(HELLO)) == piece_of("Hello.")
    synthesizer.unload()
    synthesizer.unload()
    assert (load.n_alive, synthesizer.is_loaded) == (0, False)
    assert synthesizer.voices() == VOICES
    assert synthesizer.resolve_voice(None, "fr-FR") == "ff_siwis"
    with pytest.raises(UnknownVoiceError):
        synthesizer.resolve_voice("af_hart")
    assert synthesizer.pause_s("af_heart") == 0.25
    assert synthesizer.have_voices_changed()
    synthesizer.rescan()
    assert not synthesizer.have_voices_changed()
    synthesizer.rest()
    assert synthesizer.prepare(lambda: False) is False
    assert len(load.engines) == 1  # none of that needs an engine
    assert b"".join(synthesizer.stream(HELLO)) == piece_of("Hello.")
    assert (len(load.engines), load.n_alive) == (2, 1)


def test_a_load_that_fails_is_tried_again() -> None:
    load = Loader()
    synthesizer = UnloadingSynthesizer(load)
    synthesizer.unload()
    load.fails = True
    for _ in range(2):
        with pytest.raises(OfflineError):
            synthesizer.stream(HELLO)
    load.fails = False
    assert b"".join(synthesizer.stream(HELLO)) == piece_of("Hello.")


def test_a_server_describes_itself_and_speaks_after_unloading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idleness, "PREPARE_AFTER_S", 0.0)
    load = Loader()
    synthesizer = UnloadingSynthesizer(load)

    async def test() -> None:
        async with running(synthesizer, idle_unload_s=0.1) as port, connected(port) as client:
            for n_engines in (1, 2):
                await eventually(lambda: not synthesizer.is_loaded)
                await client.send("describe")
                assert len(Info.from_event(await client.receive()).tts[0].voices) == len(VOICES)
                assert len(load.engines) == n_engines
                assert await client.speak("Hello.") == piece_of("Hello.")

    asyncio.run(asyncio.wait_for(test(), 60), debug=True)


def digest(synthesizer: UnloadingSynthesizer) -> str:
    """Of what it says: pytest takes minutes over the difference between two sounds."""
    return hashlib.sha256(b"".join(synthesizer.stream(HELLO))).hexdigest()


# A device that is lost -------------------------------------------------------------------------------------


class Losing(FakeEngine):
    """Speaks, but for what begins with "Lost"."""

    def stream(self, utterance: Utterance) -> Iterator[bytes]:
        for piece in super().stream(utterance):
            if utterance.text.startswith("Lost"):
                raise DeviceLostError(
                    "cuda has stopped working: CUDA error: unspecified launch failure; try again"
                )
            yield piece

    def speak_together(self, utterances: Sequence[Utterance]) -> list[bytes]:
        return [b"".join(self.stream(utterance)) for utterance in utterances]


def say(synthesizer: UnloadingSynthesizer, text: str) -> bytes:
    return b"".join(synthesizer.stream(Utterance(text, "af_heart")))


def losses(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if "was lost" in each.getMessage()]


def test_a_lost_device_is_tried_once_more_and_then_the_cpu_speaks(caplog: pytest.LogCaptureFixture) -> None:
    loaded: list[str] = []

    def load(kind: str) -> FakeEngine:
        loaded.append(kind)
        return Losing() if kind == "cuda" else FakeEngine()

    synthesizer = UnloadingSynthesizer(lambda: load("cuda"), lambda: load("cpu"))
    for kinds in (["cuda"], ["cuda", "cuda"]):
        assert loaded == kinds
        with pytest.raises(DeviceLostError):
            say(synthesizer, "Lost.")
        assert not synthesizer.is_loaded
        assert say(synthesizer, "Hello.") == piece_of("Hello.")
    assert loaded == ["cuda", "cuda", "cpu"]
    assert say(synthesizer, "Lost.") == piece_of("Lost.")
    synthesizer.unload()
    assert say(synthesizer, "Hello.") == piece_of("Hello.")
    assert loaded[3:] == ["cpu"]
    again, for_good = losses(caplog)
    assert "loaded again: cuda has stopped working: CUDA error" in again
    assert "from now on the CPU speaks" in for_good


def test_utterances_that_a_lost_device_was_at_are_one_loss(caplog: pytest.LogCaptureFixture) -> None:
    synthesizer = UnloadingSynthesizer(Losing)
    begun = [synthesizer.stream(Utterance(f"Lost {number}.", "af_heart")) for number in range(2)]
    with pytest.raises(DeviceLostError):
        next(begun[0])
    assert say(synthesizer, "Hello.") == piece_of("Hello.")  # another engine by now
    with pytest.raises(DeviceLostError):
        next(begun[1])
    assert synthesizer.is_loaded
    assert len(losses(caplog)) == 1
    with pytest.raises(DeviceLostError):
        synthesizer.speak_together([Utterance("Lost.", "af_heart"), HELLO])
    assert not synthesizer.is_loaded
    assert len(losses(caplog)) == 2


def test_an_utterance_that_loses_the_device_gets_an_error_and_the_next_is_spoken() -> None:
    async def test() -> None:
        async with running(UnloadingSynthesizer(Losing)) as port:
            for _ in range(2):
                async with connected(port) as client:
                    await client.send("synthesize", text="Lost.")
                    (error,) = await client.receive_until()
                    assert (error.type, error.data["code"]) == ("error", "synthesis-failed")
                async with connected(port) as client:
                    assert await client.speak("Hello.") == piece_of("Hello.")

    asyncio.run(asyncio.wait_for(test(), 60), debug=True)


# The real model ---------------------------------------------------------------------------------------------


@pytest.mark.weights
def test_the_real_model_leaves_memory_and_speaks_the_same_again() -> None:
    synthesizer = UnloadingSynthesizer(lambda: load_engine(local_files_only=True, device="cpu", exact=True))
    before = digest(synthesizer)
    engine = synthesizer._engine
    model = weakref.ref(engine.model)  # type: ignore[union-attr]
    del engine
    synthesizer.unload()
    gc.collect()
    assert model() is None
    assert len(synthesizer.voices()) >= 54
    assert digest(synthesizer) == before


@pytest.mark.weights
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_files_leave_memory_with_the_real_model() -> None:
    """In a process of its own: this one has other models, whose weights stay."""
    program = """
import sys
from wyoming_kokoro import memory
from wyoming_kokoro.loading import load_engine
from wyoming_kokoro.speech import Utterance
from wyoming_kokoro.unloading import UnloadingSynthesizer

def resident_files_mb():
    return next(int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith("RssFile"))

if memory._glibc() is None:
    sys.exit(0)
synthesizer = UnloadingSynthesizer(lambda: load_engine(local_files_only=True, device="cpu", exact=True))
assert b"".join(synthesizer.stream(Utterance("Hello.", "af_heart")))
speaking = resident_files_mb()
synthesizer.unload()
assert resident_files_mb() < 60 < 200 < speaking, (resident_files_mb(), speaking)
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parent.parent)


def test_what_it_computes_with_is_known_without_an_engine() -> None:
    synthesizer = UnloadingSynthesizer(Loader())
    equipment = synthesizer.equipment
    synthesizer.unload()
    assert synthesizer.equipment == equipment == FakeSynthesizer().equipment
