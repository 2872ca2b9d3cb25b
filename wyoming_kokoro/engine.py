"""`KokoroEngine`, a `Synthesizer`: the one file that joins text, files and model. Knows no sockets.

The path of an utterance, top to bottom: written text → spoken form → phonemes → token ids and a style row →
prosody → samples → PCM.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from wyoming_kokoro import device as devices
from wyoming_kokoro.model import Kokoro, source_noise
from wyoming_kokoro.pcm import to_pcm16
from wyoming_kokoro.speech import Utterance, VoiceInfo
from wyoming_kokoro.store import checkpoint
from wyoming_kokoro.store.hub import Hub
from wyoming_kokoro.store.model_files import ModelFiles, find_model_files
from wyoming_kokoro.store.packages import packages_dir
from wyoming_kokoro.store.voices import VoiceStore
from wyoming_kokoro.text.normalize import is_speakable, normalize
from wyoming_kokoro.text.phonemize import Phonemizers
from wyoming_kokoro.text.vocab import Vocab, split_phonemes

_LOGGER = logging.getLogger(__name__)

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

    `stream` belongs to one thread at a time; everything else may be called from any.
    """

    def __init__(
        self, model: Kokoro, voices: VoiceStore, phonemizers: Phonemizers, *, volume: float = 1.0
    ) -> None:
        self._model = model
        self._voices = voices
        self._phonemizers = phonemizers
        self._volume = volume
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
        return SpokenForm(normal, tuple(split_phonemes(phonemes, self._model.config.max_phonemes)))

    def stream(self, utterance: Utterance) -> Iterator[bytes]:
        """Yields an utterance as PCM. Raises `KokoroError`."""
        for phonemes in self.spoken_form(utterance.text, utterance.voice).phonemes:
            yield from self._speak(phonemes, utterance)

    def warm_up(self) -> None:
        """Speaks a little with the default voice, so that the first client need not wait for what loads late.

        Raises `KokoroError` where that voice cannot speak.
        """
        voice = self.resolve_voice(None)
        for _piece in self.stream(Utterance(_WARM_UP_TEXT, voice)):
            pass

    def _speak(self, phonemes: str, utterance: Utterance) -> Iterator[bytes]:
        token_ids = self._vocab.encode(phonemes)
        if len(token_ids) <= 2:  # the boundaries alone
            return
        model, device = self._model, self._device
        style = self._voices.style(utterance.voice, len(phonemes)).to(device)
        prosody = model.predict(torch.tensor([token_ids], device=device), style, utterance.speed)
        noise = source_noise(model.config, prosody.n_frames, utterance.seed).to(device)
        for samples in model.decode(prosody, style, noise):
            yield to_pcm16(samples.cpu().numpy(), self._volume)

    @property
    def _device(self) -> torch.device:
        return next(self._model.parameters()).device


def load_engine(
    *,
    data_dirs: Sequence[Path] = (),
    download_dir: Path | None = None,
    local_files_only: bool = False,
    voice: str = "af_heart",
    volume: float = 1.0,
    espeak: bool = True,
    device: str = "auto",
    cpu_threads: int | None = None,
) -> KokoroEngine:
    """Finds the model, fetching it if need be, loads it and speaks once to warm it up.

    The arguments are the options of the same names. Raises `KokoroError`. A CUDA device that fails at the
    first sound is given up for the CPU, with a warning that says why.
    """
    torch.set_num_threads(cpu_threads or devices.physical_cores())
    chosen = devices.choose_device(device)
    hub = Hub(cache_dir=download_dir, local_files_only=local_files_only)
    files = find_model_files(data_dirs, hub, packages_dir())
    voices = VoiceStore(files.voice_folders, hub, default_voice=voice)
    voices.resolve(voice)
    phonemizers = Phonemizers(use_espeak=espeak)
    try:
        engine = KokoroEngine(load_model(files).to(chosen), voices, phonemizers, volume=volume)
        engine.warm_up()
        _LOGGER.info("Speaking on %s", devices.describe(chosen))
    except (RuntimeError, AssertionError) as error:  # what torch raises for a device that does not work
        if chosen.type == "cpu":
            raise
        _LOGGER.warning("%s does not work, going on with the CPU: %s", chosen, error)
        # Read again: what a failing device holds may not come back.
        engine = KokoroEngine(load_model(files), voices, phonemizers, volume=volume)
        engine.warm_up()
    return engine


def load_model(files: ModelFiles) -> Kokoro:
    """The model with its weights, on the CPU. Raises `CheckpointError`."""
    config = checkpoint.read_config(files.config)
    with torch.device("meta"):  # no time and memory for numbers that are replaced at once
        model = Kokoro(config)
    shapes = {name: parameter.shape for name, parameter in model.state_dict().items()}
    model.load_state_dict(checkpoint.read_state(files.checkpoint, config, shapes), assign=True)
    return model.eval()
