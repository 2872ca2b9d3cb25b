"""`UnloadingSynthesizer`: lets go of the engine after a long time of quiet, or with its device, and loads another.

event                    | what happens
-------------------------+---------------------------------------------------------------------
`unload`                 | the engine goes; the next request loads it again
a device lost, once      | the same, and the utterance fails that lost it
lost again               | the same, and from then on engines are loaded on the CPU

What can be asked for without speaking is answered from what is known meanwhile. Knows no sockets and no torch.
"""

from __future__ import annotations

import gc
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from wyoming_kokoro import memory
from wyoming_kokoro.errors import DeviceLostError
from wyoming_kokoro.speech import Equipment, Manner, SpokenForm, Synthesizer, Utterance, VoiceInfo

_LOGGER = logging.getLogger(__name__)


class Listing(Protocol):
    """The voices, which stay when the engine goes."""

    def voices(self) -> tuple[VoiceInfo, ...]:
        """As `Synthesizer` has it."""
        ...

    def resolve(self, name: str | None, language: str | None = None) -> str:
        """The voice for a request. Raises `UnknownVoiceError`."""
        ...

    def language(self, name: str) -> str:
        """The BCP-47 tag of a voice's language. `name` is a resolved one."""
        ...

    def manner(self, name: str) -> Manner:
        """What a voice does by itself. `name` is a resolved one."""
        ...

    def has_changed(self) -> bool:
        """Whether there is reason to `rescan`."""
        ...

    def rescan(self) -> None:
        """Looks for voices anew. Raises `KokoroError`."""
        ...


class Engine(Synthesizer, Protocol):
    """What can be unloaded."""

    @property
    def listing(self) -> Listing:
        """Its voices, which do not hold on to it."""
        ...


class UnloadingSynthesizer:
    """A `Synthesizer` that is an engine, or the knowledge of how to load one."""

    def __init__(self, load: Callable[[], Engine], load_on_cpu: Callable[[], Engine] | None = None) -> None:
        """Loads the first engine. Raises what `load` raises.

        load_on_cpu: in the place of `load` when its device has been lost twice; None where there is no such device.
        """
        self._load = load
        self._load_on_cpu = load if load_on_cpu is None else load_on_cpu
        self._n_losses = 0
        self._lock = threading.Lock()  # for what below is asked for by other threads
        self._engine: Engine | None = load()
        self._listing = self._engine.listing
        self._batch_size = self._engine.batch_size
        self._equipment = self._engine.equipment

    @property
    def batch_size(self) -> int:
        """See `Synthesizer`; what the latest engine said."""
        return self._batch_size

    @property
    def equipment(self) -> Equipment:
        """See `Synthesizer`."""
        return self._equipment

    @property
    def is_loaded(self) -> bool:
        """Whether there is an engine in memory."""
        return self._engine is not None

    def voices(self) -> tuple[VoiceInfo, ...]:
        """Every voice that can be asked for."""
        return self._latest_listing().voices()

    def resolve_voice(self, name: str | None, language: str | None = None) -> str:
        """The voice for a request. Raises `UnknownVoiceError`."""
        return self._latest_listing().resolve(name, language)

    def language(self, voice: str) -> str:
        """The BCP-47 tag of a voice's language."""
        return self._latest_listing().language(voice)

    def pause_s(self, voice: str) -> float | None:
        """The silence after a voice's sentences, where it has one of its own."""
        return self._latest_listing().manner(voice).pause_s

    def have_voices_changed(self) -> bool:
        """Whether there is reason to `rescan`."""
        return self._latest_listing().has_changed()

    def rescan(self) -> None:
        """Looks for voices anew. Raises `KokoroError`."""
        self._latest_listing().rescan()

    def spoken_form(self, utterance: Utterance) -> SpokenForm:
        """See `Synthesizer`; loads an engine if need be."""
        return self._loaded().spoken_form(utterance)

    def stream(self, utterance: Utterance) -> Iterator[bytes]:
        """Yields an utterance as PCM, after loading an engine if need be. Raises `KokoroError`."""
        return self._pieces(self._loaded(), utterance)

    def speak_together(self, utterances: Sequence[Utterance]) -> list[bytes]:
        """The PCM of each utterance. Raises `KokoroError`."""
        engine = self._loaded()
        try:
            return engine.speak_together(utterances)
        except DeviceLostError as error:
            self._lose(engine, error)
            raise

    def prepare(self, is_wanted: Callable[[], bool]) -> bool:
        """See `Synthesizer`; without an engine there is nothing to prepare."""
        return self._engine is not None and self._engine.prepare(is_wanted)

    def rest(self) -> None:
        """See `Synthesizer`."""
        if self._engine is not None:
            self._engine.rest()

    def unload(self) -> None:
        """Lets go of the engine, and of its memory."""
        if self._engine is None:
            return
        self._engine = None
        gc.collect()  # modules refer to themselves
        memory.give_back()
        memory.leave_files()
        _LOGGER.info("Unloaded the model; the next request loads it again")

    def _pieces(self, engine: Engine, utterance: Utterance) -> Iterator[bytes]:
        try:
            yield from engine.stream(utterance)
        except DeviceLostError as error:
            self._lose(engine, error)
            raise

    def _lose(self, engine: Engine, error: DeviceLostError) -> None:
        """Lets go of an engine that can speak no more. Its memory goes with the last utterance that it was at."""
        if engine is not self._engine:  # another of its utterances has met with the same
            return
        self._engine = None
        self._n_losses += 1
        what_next = (
            "the model is loaded again"
            if self._n_losses == 1
            else "from now on the CPU speaks, until a restart"
        )
        _LOGGER.warning("A device was lost, %s: %s", what_next, error)

    def _latest_listing(self) -> Listing:
        with self._lock:
            return self._listing

    def _loaded(self) -> Engine:
        if self._engine is None:
            start = time.monotonic()
            gc.collect()  # what was lost in the middle of an utterance
            engine = self._load() if self._n_losses < 2 else self._load_on_cpu()
            with self._lock:
                self._listing = engine.listing
            self._batch_size = engine.batch_size
            self._equipment = engine.equipment
            self._engine = engine
            _LOGGER.info("Loaded the model again in %.1f s", time.monotonic() - start)
        return self._engine
