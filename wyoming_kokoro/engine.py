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
from wyoming_kokoro.model.cuda import AUTO, CudaKokoro, CudaPrecision
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

# About 40 s of speech. More would keep other clients waiting for longer, and a large GPU has enough to do.
_UTTERANCES_TOGETHER_ON_CUDA = 8


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
        model: Kokoro | CudaKokoro,
        voices: VoiceStore,
        phonemizers: Phonemizers,
        *,
        volume: float = 1.0,
        batch_size: int = 1,
    ) -> None:
        """batch_size: see `Synthesizer`."""
        self.batch_size = batch_size
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
        model, device = self._model, self._model.device
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

    def _speak(self, phonemes: str, utterance: Utterance) -> Iterator[bytes]:
        token_ids = self._vocab.encode(phonemes)
        if len(token_ids) <= 2:  # the boundaries alone
            return
        model, device = self._model, self._model.device
        style = self._voices.style(utterance.voice, len(phonemes)).to(device)
        prosody = model.predict(torch.tensor([token_ids], device=device), style, utterance.speed)
        noise = source_noise(model.config, prosody.n_frames, utterance.seed).to(device)
        for samples in model.decode(prosody, style, noise):
            yield to_pcm16(samples.cpu().numpy(), self._volume)


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
        if chosen.type == "cuda":
            engine = _engine_on_cuda(load_model(files), chosen, voices, phonemizers, volume)
        else:
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


def _engine_on_cuda(
    model: Kokoro, device: torch.device, voices: VoiceStore, phonemizers: Phonemizers, volume: float
) -> KokoroEngine:
    precision = CudaPrecision.choose(AUTO, torch.cuda.get_device_capability(device))
    _LOGGER.info("Convolutions in %s", precision.value)

    def on_failure(reason: str) -> None:
        _LOGGER.warning("CUDA graphs do not work here, short sentences take longer: %s", reason)

    engine = KokoroEngine(
        CudaKokoro.on(device, model, precision, on_failure),
        voices,
        phonemizers,
        volume=volume,
        batch_size=_UTTERANCES_TOGETHER_ON_CUDA,
    )
    engine.warm_up()  # a length is recorded when it comes again: if that fails here, it does so at the start
    return engine


def load_model(files: ModelFiles) -> Kokoro:
    """The model with its weights, on the CPU. Raises `CheckpointError`."""
    config = checkpoint.read_config(files.config)
    with torch.device("meta"):  # no time and memory for numbers that are replaced at once
        model = Kokoro(config)
    shapes = {name: parameter.shape for name, parameter in model.state_dict().items()}
    model.load_state_dict(checkpoint.read_state(files.checkpoint, config, shapes), assign=True)
    return model.eval()
