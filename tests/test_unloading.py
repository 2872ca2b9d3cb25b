"""The engine that leaves memory and comes back: what is known stays, what is spoken is spoken."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest
from clients import connected, eventually, running
from fakes import VOICES, FakeSynthesizer, piece_of
from wyoming.info import Info

from wyoming_kokoro.errors import OfflineError, UnknownVoiceError
from wyoming_kokoro.loading import load_engine
from wyoming_kokoro.server import worker as workers
from wyoming_kokoro.speech import Manner, Utterance, VoiceInfo
from wyoming_kokoro.unloading import UnloadingSynthesizer

HELLO = Utterance("Hello.", "af_heart")


class Listing:
    """The voices of the fake, by themselves."""

    def __init__(self) -> None:
        self.n_rescans = 0

    def voices(self) -> tuple[VoiceInfo, ...]:
        return VOICES

    def resolve(self, name: str | None, language: str | None = None) -> str:
        return FakeSynthesizer().resolve_voice(name, language)

    def manner(self, name: str) -> Manner:
        return Manner(pause_s=0.25)

    def has_changed(self) -> bool:
        return self.n_rescans == 0

    def rescan(self) -> None:
        self.n_rescans += 1


class FakeEngine(FakeSynthesizer):
    def __init__(self) -> None:
        super().__init__(1)
        self.listing = Listing()


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
    monkeypatch.setattr(workers, "PREPARE_AFTER_S", 0.0)
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


@pytest.mark.weights
def test_the_real_model_leaves_memory_and_speaks_the_same_again() -> None:
    synthesizer = UnloadingSynthesizer(lambda: load_engine(local_files_only=True, device="cpu", exact=True))
    before = b"".join(synthesizer.stream(HELLO))
    engine = synthesizer._engine
    model = weakref.ref(engine.model)  # type: ignore[union-attr]
    del engine
    synthesizer.unload()
    gc.collect()
    assert model() is None
    assert len(synthesizer.voices()) >= 54
    assert b"".join(synthesizer.stream(HELLO)) == before


def test_what_it_computes_with_is_known_without_an_engine() -> None:
    synthesizer = UnloadingSynthesizer(Loader())
    equipment = synthesizer.equipment
    synthesizer.unload()
    assert synthesizer.equipment == equipment == FakeSynthesizer().equipment
