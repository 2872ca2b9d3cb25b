"""`KokoroEngine`, a `Synthesizer`: the one file that joins text, files and model. Knows no sockets.

The path of an utterance, top to bottom: written text → spoken form → phonemes → token ids and a style row →
prosody → samples → PCM.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from wyoming_kokoro import memory
from wyoming_kokoro.model import SpeechModel, source_noise
from wyoming_kokoro.pcm import to_pcm16
from wyoming_kokoro.speech import Utterance, VoiceInfo
from wyoming_kokoro.store.voices import VoiceStore
from wyoming_kokoro.text.normalize import is_speakable, normalize
from wyoming_kokoro.text.phonemize import Phonemizers
from wyoming_kokoro.text.vocab import Vocab, split_phonemes

# Sentences of different lengths leave holes in the heap. Giving those back after each sentence made speech 15 %
# slower (dev/LOG.md), so it waits for a few.
_SPOKEN_BETWEEN_TIDYING = 8

# Read by every phonemizer in every language.
_WARM_UP_TEXT = "1, 2, 3."


@dataclass(frozen=True)
class SpokenForm:
    """What became of an utterance's text on its way to the model."""

    text: str
    """Normalised; empty where there was nothing to say."""

    phonemes: tuple[str, ...]
    """One string for each run of the model, each within its context length."""


class KokoroEngine:
    """Text to PCM with one model, any number of voices.

    `stream` and `speak_together` belong to one thread at a time; the rest may be called from any.
    """

    def __init__(
        self,
        model: SpeechModel,
        voices: VoiceStore,
        phonemizers: Phonemizers,
        *,
        volume: float = 1.0,
        batch_size: int = 1,
    ) -> None:
        """batch_size: see `Synthesizer`."""
        self.batch_size = batch_size
        self.model = model
        self._voices = voices
        self._phonemizers = phonemizers
        self._volume = volume
        self._n_spoken = 0
        self._vocab = Vocab(model.config.vocab, model.config.max_phonemes)

    def voices(self) -> tuple[VoiceInfo, ...]:
        """Every voice that can be asked for."""
        return self._voices.voices()

    def resolve_voice(self, name: str | None, language: str | None = None) -> str:
        """The voice for a request. Raises `UnknownVoiceError`."""
        return self._voices.resolve(name, language)

    def spoken_form(self, text: str, voice: str) -> SpokenForm:
        """The normalised text and its phonemes, split to what the model takes at once."""
        language = self._voices.language(voice)
        normal = normalize(text, language)
        if not is_speakable(normal):
            return SpokenForm("", ())
        phonemes = self._phonemizers.for_language(language).phonemize(normal)
        return SpokenForm(normal, tuple(split_phonemes(phonemes, self.model.config.max_phonemes)))

    def stream(self, utterance: Utterance) -> Iterator[bytes]:
        """Yields an utterance as PCM. Raises `KokoroError`."""
        for phonemes in self.spoken_form(utterance.text, utterance.voice).phonemes:
            yield from self._speak(phonemes, utterance)
        self._n_spoken += 1
        if self._n_spoken % _SPOKEN_BETWEEN_TIDYING == 0:
            memory.give_back()

    def speak_together(self, utterances: Sequence[Utterance]) -> list[bytes]:
        """The PCM of each utterance, whole, as `stream` makes it. Raises `KokoroError`."""
        runs = [
            (index, self._vocab.encode(phonemes), self._voices.style(utterance.voice, len(phonemes)))
            for index, utterance in enumerate(utterances)
            for phonemes in self.spoken_form(utterance.text, utterance.voice).phonemes
        ]
        runs = [run for run in runs if len(run[1]) > 2]  # more than the boundaries
        speech = [b""] * len(utterances)
        if not runs:
            return speech
        model, device = self.model, self.model.device
        owners = [utterances[index] for index, _, _ in runs]
        styles = [style.to(device) for _, _, style in runs]
        token_ids = [torch.tensor([ids], device=device) for _, ids, _ in runs]
        prosodies = model.predict_batch(token_ids, styles, [owner.speed for owner in owners])
        noises = [
            source_noise(model.config, prosody.n_frames, owner.seed).to(device)
            for prosody, owner in zip(prosodies, owners, strict=True)
        ]
        for (index, _, _), samples in zip(runs, model.decode_batch(prosodies, styles, noises), strict=True):
            speech[index] += to_pcm16(samples.cpu().numpy(), self._volume)
        return speech

    def warm_up(self) -> None:
        """Speaks a little with the default voice, so that the first client need not wait for what loads late.

        Raises `KokoroError` where that voice cannot speak.
        """
        voice = self.resolve_voice(None)
        for _piece in self.stream(Utterance(_WARM_UP_TEXT, voice)):
            pass

    def rest(self) -> None:
        """Gives memory back that the last sentences needed."""
        memory.give_back()

    def _speak(self, phonemes: str, utterance: Utterance) -> Iterator[bytes]:
        token_ids = self._vocab.encode(phonemes)
        if len(token_ids) <= 2:  # the boundaries alone
            return
        model, device = self.model, self.model.device
        style = self._voices.style(utterance.voice, len(phonemes)).to(device)
        prosody = model.predict(torch.tensor([token_ids], device=device), style, utterance.speed)
        noise = source_noise(model.config, prosody.n_frames, utterance.seed).to(device)
        for samples in model.decode(prosody, style, noise):
            yield to_pcm16(samples.cpu().numpy(), self._volume)
