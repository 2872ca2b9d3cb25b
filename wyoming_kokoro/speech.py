"""The seam between the server and whatever speaks. Standard library only.

The server knows `Utterance`, `VoiceInfo` and `Synthesizer`; the engine behind them knows nothing of
sockets. Tests put a fake on the far side of this seam, never on the near one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

SAMPLE_RATE_HZ = 24_000
SAMPLE_WIDTH_BYTES = 2
CHANNELS = 1

MIN_SPEED, MAX_SPEED = 0.5, 2.0  # beyond these the model mumbles


@dataclass(frozen=True)
class Utterance:
    """One stretch of text to be spoken in one go: a sentence, or a clause of one that is still being written."""

    text: str
    """As written; the engine normalises it."""

    voice: str
    """A voice's name, already resolved by `Synthesizer.resolve_voice`."""

    speed: float = 1.0
    """1.0 is the voice's own pace, 2.0 twice as fast; what comes of it is kept from `MIN_SPEED` to `MAX_SPEED`."""

    seed: int = 0
    """Seeds the noise of the source: the same utterance and seed give the same bytes."""

    is_clause: bool = False
    """The sentence goes on in the next utterance: a comma's pause follows, not a full stop's."""

    gain_db: float = 0.0
    """Louder or softer than the voice otherwise is; whatever gets too loud is limited, never clipped."""

    pause_s: float | None = None
    """The silence after it, before a next sentence; None: the server's own."""

    language: str = ""
    """BCP-47, where the text is in another language than the voice's own."""

    pause_before_s: float = 0.0
    """Silence before it; with an empty text, all there is to hear."""


@dataclass(frozen=True)
class Manner:
    """What a voice does by itself, on top of what an utterance asks for."""

    speed: float = 1.0
    """Times the utterance's."""

    gain_db: float = 0.0
    """Besides the utterance's."""

    pause_s: float | None = None
    """The silence after a sentence; None: the server's own."""


@dataclass(frozen=True)
class VoiceInfo:
    """What a client is told about a voice."""

    name: str
    """The name that requests use: `af_heart`."""

    label: str
    """The name that people read: `Heart (American English, female)`."""

    language: str
    """BCP-47: `en-US`."""

    is_language_default: bool = False
    """True for the one voice that speaks when only its language is asked for."""


@dataclass(frozen=True)
class Equipment:
    """What speech is computed with, for people."""

    device: str
    """`the CPU with 4 threads`."""

    precision: str
    """`int8`."""


@dataclass(frozen=True)
class SpokenForm:
    """What became of an utterance's text on its way to the model."""

    text: str
    """Normalised; empty where there was nothing to say."""

    phonemes: tuple[str, ...]
    """One string for each run of the model, each within its context length."""


class Synthesizer(Protocol):
    """Speaks. The last six run on one worker thread; the rest is quick and safe from any."""

    @property
    def batch_size(self) -> int:
        """How many utterances `speak_together` is to be given at most; 1 where it gains nothing over `stream`."""
        ...

    @property
    def equipment(self) -> Equipment:
        """What it computes with; of an unloaded one, what it last computed with."""
        ...

    def voices(self) -> tuple[VoiceInfo, ...]:
        """Every voice that can be asked for, fetched or not, in a stable order."""
        ...

    def resolve_voice(self, name: str | None, language: str | None = None) -> str:
        """The voice for a request: by name, else by BCP-47 language, else the default.

        The name may be a blend's. Raises `UnknownVoiceError` for a name nobody has, `BlendError` for a blend that
        cannot be read.
        """
        ...

    def language(self, voice: str) -> str:
        """The BCP-47 tag of what a voice speaks. `voice` is a resolved name."""
        ...

    def pause_s(self, voice: str) -> float | None:
        """The silence after each of a voice's sentences; None: the server's own. `voice` is a resolved name."""
        ...

    def have_voices_changed(self) -> bool:
        """Whether there is reason to `rescan`. Asks the disk, briefly; from any thread."""
        ...

    def rescan(self) -> None:
        """Looks for voices anew, which may take a while; from any thread. Raises `KokoroError`.

        Speech goes on meanwhile. Where it fails, the voices are what they were.
        """
        ...

    def spoken_form(self, utterance: Utterance) -> SpokenForm:
        """What an utterance's text becomes before the voice says it. Raises `KokoroError`."""
        ...

    def stream(self, utterance: Utterance) -> Iterator[bytes]:
        """Yields the utterance as PCM: 16-bit little-endian mono at `SAMPLE_RATE_HZ`, in pieces.

        Text with nothing to say in it yields nothing. Raises `KokoroError`. Closing the iterator
        ends the work at the next piece.
        """
        ...

    def speak_together(self, utterances: Sequence[Utterance]) -> list[bytes]:
        """The PCM of each utterance, whole, empty where there is nothing to say.

        For more throughput than one `stream` after another gives, at the cost of a later first sound.
        Raises `KokoroError` where one of them fails, whichever it is.
        """
        ...

    def prepare(self, is_wanted: Callable[[], bool]) -> bool:
        """Does a little of what makes later speech better, and returns whether there is more to do.

        Called on the worker's thread while there is nothing to say. Returns soon after `is_wanted`, which is
        quick and may be called from the worker's thread only, says that somebody wants speech.
        """
        ...

    def rest(self) -> None:
        """Called on the worker's thread when there has been nothing to do for a while; once until there is."""
        ...

    def unload(self) -> None:
        """Called on the worker's thread after a long time of quiet, if that is wanted: gives up the model's memory.

        Whatever is to be spoken after it loads the model again. Does nothing where that cannot be done.
        """
        ...
