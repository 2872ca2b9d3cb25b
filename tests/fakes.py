"""A synthesizer for tests of everything on the near side of the seam: quick, silent and obedient."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

from wyoming_kokoro.errors import SynthesisError, UnknownVoiceError
from wyoming_kokoro.speech import Equipment, Manner, SpokenForm, Utterance, VoiceInfo

VOICES = (
    VoiceInfo("af_heart", "(default) Heart", "en-US", is_language_default=True),
    VoiceInfo("am_adam", "Adam", "en-US"),
    VoiceInfo("ff_siwis", "(default) Siwis", "fr-FR", is_language_default=True),
)


class Listing:
    """The voices of the fake, by themselves."""

    def __init__(self) -> None:
        self.n_rescans = 0
        self.pauses_s: dict[str, float] = {}
        """By voice."""

    def voices(self) -> tuple[VoiceInfo, ...]:
        return VOICES

    def resolve(self, name: str | None, language: str | None = None) -> str:
        if name is None:
            return next((voice.name for voice in VOICES if voice.language == language), VOICES[0].name)
        if name not in {voice.name for voice in VOICES}:
            raise UnknownVoiceError(name, ("af_heart",))
        return name

    def manner(self, name: str) -> Manner:
        return Manner(pause_s=self.pauses_s.get(name))

    def has_changed(self) -> bool:
        return self.n_rescans == 0

    def rescan(self) -> None:
        self.n_rescans += 1


class FakeSynthesizer:
    """Says each utterance as `pieces_per_utterance` pieces made of its text's bytes.

    Texts with a meaning of their own: "fail", "crash" and "no memory" raise, "deadly" ends the thread, "gate" waits for `gate` before each
    piece, and what has no letter or digit says nothing.
    """

    def __init__(self, pieces_per_utterance: int = 2, piece_bytes: int = 480, batch_size: int = 1) -> None:
        self.pieces_per_utterance = pieces_per_utterance
        self.piece_bytes = piece_bytes
        self.batch_size = batch_size
        self.listing = Listing()
        self.n_rests = 0
        self.n_rescans = 0
        self.has_changed = False
        """Whether voices' files have; until the next rescan."""

        self.pauses_s = self.listing.pauses_s
        self.n_unloads = 0
        self.n_to_prepare = 0
        """How often `prepare` still has something to do."""

        self.n_prepared = 0
        """How often it had."""

        self.gate = threading.Event()
        self.spoken: list[Utterance] = []
        """Utterances begun, in order."""

        self.made: list[str] = []
        """The text of each piece made, in order."""

        self.together: list[list[str]] = []
        """The texts of each batch."""

        self.questions: list[tuple[str, str]] = []
        """Text and voice of each spoken form that was asked for, in order."""

        self.n_closed_early = 0

    @property
    def equipment(self) -> Equipment:
        return Equipment("nothing at all", "no precision")

    def voices(self) -> tuple[VoiceInfo, ...]:
        return VOICES

    def resolve_voice(self, name: str | None, language: str | None = None) -> str:
        return self.listing.resolve(name, language)

    def pause_s(self, voice: str) -> float | None:
        return self.pauses_s.get(voice)

    def have_voices_changed(self) -> bool:
        return self.has_changed

    def rescan(self) -> None:
        self.has_changed = False
        self.n_rescans += 1

    def language(self, voice: str) -> str:
        return next((each.language for each in VOICES if each.name == voice), VOICES[0].language)

    def spoken_form(self, utterance: Utterance) -> SpokenForm:
        text, voice = utterance.text, utterance.voice
        self._fail_if_told_to(text)
        self.questions.append((text, voice))
        if "gate" in text:
            assert self.gate.wait(timeout=30)
        return SpokenForm(text.upper(), (f"<{text}>",))

    def stream(self, utterance: Utterance) -> Iterator[bytes]:
        self.spoken.append(utterance)
        finished = False
        try:
            self._fail_if_told_to(utterance.text)
            if any(char.isalnum() for char in utterance.text):
                for _ in range(self.pieces_per_utterance):
                    if "gate" in utterance.text:
                        assert self.gate.wait(timeout=30)
                    self.made.append(utterance.text)
                    yield piece_of(utterance.text, self.piece_bytes)
            finished = True
        finally:
            self.n_closed_early += not finished

    @staticmethod
    def _fail_if_told_to(text: str) -> None:
        if "fail" in text:
            raise SynthesisError("it failed")
        if "crash" in text:
            raise ZeroDivisionError(f"a bug: {text}")
        if "no memory" in text:
            raise MemoryError
        if "deadly" in text:
            raise SystemExit

    def prepare(self, is_wanted: Callable[[], bool]) -> bool:
        if self.n_to_prepare:
            self.n_to_prepare -= 1
            self.n_prepared += 1
        return self.n_to_prepare > 0

    def rest(self) -> None:
        self.n_rests += 1

    def unload(self) -> None:
        self.n_unloads += 1

    def speak_together(self, utterances: Sequence[Utterance]) -> list[bytes]:
        assert 1 < len(utterances) <= self.batch_size
        self.together.append([utterance.text for utterance in utterances])
        return [b"".join(self.stream(utterance)) for utterance in utterances]

    @property
    def n_pieces(self) -> int:
        return len(self.made)

    @property
    def texts(self) -> list[str]:
        return [utterance.text for utterance in self.spoken]


def piece_of(text: str, n_bytes: int = 480) -> bytes:
    raw = text.encode()
    return (raw * (n_bytes // len(raw) + 1))[:n_bytes]
