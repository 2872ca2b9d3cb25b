"""`KokoroEngine`, a `Synthesizer`: the one file that joins text, files and model. Knows no sockets.

The path of an utterance, top to bottom: written text → spoken form → phonemes → token ids and a style row →
prosody → samples → PCM. On a CPU, samples come in pieces: of a voice that has been learnt, from the middle of a
sentence; of another, from one pause of it to the next.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from wyoming_kokoro import device as devices
from wyoming_kokoro import memory, threads
from wyoming_kokoro.cutting import ROWS_PER_FRAME, ROWS_PER_S, clauses, heard
from wyoming_kokoro.learning import VoiceLearner
from wyoming_kokoro.limiter import Limiter, Samples
from wyoming_kokoro.model import NoiseSource, Prosody, SpeechModel, source_noise
from wyoming_kokoro.model.fast import FastKokoro, StatisticsTable
from wyoming_kokoro.pacing import SIZES, Pace, Speed
from wyoming_kokoro.pcm import silence, to_pcm16
from wyoming_kokoro.phrase_cache import PhraseCache, PhraseKey
from wyoming_kokoro.speech import (
    MAX_SPEED,
    MIN_SPEED,
    SAMPLE_RATE_HZ,
    Equipment,
    SpokenForm,
    Utterance,
    VoiceInfo,
)
from wyoming_kokoro.store.voices import VoiceStore
from wyoming_kokoro.text.normalize import AS_USUAL, is_speakable
from wyoming_kokoro.text.phonemize import Phonemizers
from wyoming_kokoro.text.vocab import Vocab, ended, split_phonemes

_LOGGER = logging.getLogger(__name__)

# Sentences of different lengths leave holes in the heap. Giving those back after each sentence made speech 15 %
# slower (dev/LOG.md), so it waits for a few.
_SPOKEN_BETWEEN_TIDYING = 8

_SAMPLES_PER_ROW = SAMPLE_RATE_HZ // ROWS_PER_S

# So little is decoded whole even of a voice that is known: it takes hardly longer than its first piece, and single
# words are the hardest to foresee ("Two." 2.4 dB, "Thank you." 1.7, sentences 0.9; dev/LOG.md).
_SHORT_ROWS = round(0.8 * ROWS_PER_S)

# Read by every phonemizer in every language.
_WARM_UP_TEXT = "1, 2, 3."
_TRIAL_TEXT = "1 2 3 4 5 6."  # one clause, of some two seconds
_TRIAL_SEED = 1  # no request has it, so the answer is never one that is kept


@dataclass(frozen=True)
class _Piece:
    """A part of what one run of the model says."""

    samples: Samples
    is_last: bool


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
        normalizer: Callable[[str, str], str] = AS_USUAL,
        volume_db: float = 0.0,
        batch_size: int = 1,
        learner: VoiceLearner | None = None,
        cache: PhraseCache | None = None,
        model_key: str = "",
        precision: str = "",
        device: str = "",
    ) -> None:
        """batch_size: see `Synthesizer`. Without a learner, every sentence is decoded whole.

        normalizer: from a text and its BCP-47 language to its spoken form.
        cache: of what has been said, with what model and in what precision, which are for its keys only.
        device: its name, for people.
        """
        self.batch_size = batch_size
        self.model = model
        self._normalizer = normalizer
        self._voices = voices
        self._phonemizers = phonemizers
        self._volume_db = volume_db
        self._learner = learner
        self._cache = PhraseCache(0) if cache is None else cache
        self._model_key, self._precision, self._device = model_key, precision, device
        self._is_to_be_tried: set[bool] = set()
        """Whether to tell how soon the default voice is heard: before it has been learnt, and after."""
        self._speed = Speed()
        self._n_spoken = 0
        self._vocab = Vocab(model.config.vocab, model.config.max_phonemes)

    @property
    def symbols(self) -> frozenset[str]:
        """Those that the model has sounds for."""
        return self._vocab.symbols

    @property
    def listing(self) -> VoiceStore:
        """Its voices, which do not hold on to the engine."""
        return self._voices

    @property
    def equipment(self) -> Equipment:
        """What it computes with."""
        return Equipment(self._device, self._precision)

    def voices(self) -> tuple[VoiceInfo, ...]:
        """Every voice that can be asked for."""
        return self._voices.voices()

    def resolve_voice(self, name: str | None, language: str | None = None) -> str:
        """The voice for a request. Raises `UnknownVoiceError` or `BlendError`."""
        return self._voices.resolve(name, language)

    def have_voices_changed(self) -> bool:
        """Whether there is reason to `rescan`."""
        return self._voices.has_changed()

    def rescan(self) -> None:
        """Looks for voices anew. Raises `KokoroError` where they stay what they were, as `VoiceStore.rescan` says."""
        self._voices.rescan()

    def language(self, voice: str) -> str:
        """The BCP-47 tag of a resolved voice's language."""
        return self._voices.language(voice)

    def pause_s(self, voice: str) -> float | None:
        """The silence after a voice's sentences, where it has one of its own."""
        return self._voices.manner(voice).pause_s

    def unload(self) -> None:
        """Nothing: an engine is its model. Whoever holds it lets go of it instead, see `unloading`."""

    def spoken_form(self, utterance: Utterance) -> SpokenForm:
        """The normalised text and its phonemes, split to what the model takes at once."""
        language = self._language(utterance)
        normal = self._spoken_text(utterance, language)
        if not is_speakable(normal):
            return SpokenForm("", ())
        return SpokenForm(normal, tuple(self._phonemes(normal, language)))

    def stream(self, utterance: Utterance) -> Iterator[bytes]:
        """Yields an utterance as PCM. Raises `KokoroError`, `DeviceLostError` where nothing can be said any more."""
        if utterance.pause_before_s:
            yield silence(utterance.pause_before_s)
        utterance = self._in_voice(utterance)
        language = self._language(utterance)
        text = self._spoken_text(utterance, language)
        if not is_speakable(text):
            return
        key = self._phrase_key(text, utterance, language)
        if (known := self._cache.get(key)) is not None:
            if known:
                yield known
            return
        pieces = []
        limiter = Limiter(utterance.gain_db)
        n_threads = torch.get_num_threads()
        with devices.in_use(self.model.device), ExitStack() as until_heard:
            until_heard.enter_context(threads.spread_out(n_threads))
            for phonemes in self._phonemes(text, language):
                for piece in self._speak(phonemes, utterance):
                    # What another run says begins with quiet, so no peak of it is to be foreseen.
                    samples = limiter.finish(piece.samples) if piece.is_last else limiter.push(piece.samples)
                    until_heard.close()
                    threads.make_room(n_threads)
                    if len(samples):
                        pieces.append(to_pcm16(samples))
                        yield pieces[-1]
        self._cache.put(key, b"".join(pieces))
        self._n_spoken += 1
        if self._n_spoken % _SPOKEN_BETWEEN_TIDYING == 0:
            memory.give_back()

    def speak_together(self, utterances: Sequence[Utterance]) -> list[bytes]:
        """The PCM of each utterance, whole, as `stream` makes it. Raises `KokoroError`."""
        utterances = [self._in_voice(utterance) for utterance in utterances]
        runs = [
            (index, self._vocab.encode(phonemes), self._voices.style(utterance.voice, len(phonemes)))
            for index, utterance in enumerate(utterances)
            for phonemes in self.spoken_form(utterance).phonemes
        ]
        runs = [run for run in runs if len(run[1]) > 2]  # more than the boundaries
        speech = [silence(utterance.pause_before_s) for utterance in utterances]
        if not runs:
            return speech
        with devices.in_use(self.model.device):
            self._speak_runs(runs, utterances, speech)
        return speech

    def _speak_runs(
        self, runs: list[tuple[int, list[int], Tensor]], utterances: Sequence[Utterance], speech: list[bytes]
    ) -> None:
        """Adds each run's PCM to its utterance's. runs: which utterance, token ids, style row."""
        model, device = self.model, self.model.device
        owners = [utterances[index] for index, _, _ in runs]
        styles = [style.to(device) for _, _, style in runs]
        token_ids = [torch.tensor([ids], device=device) for _, ids, _ in runs]
        prosodies = model.predict_batch(token_ids, styles, [owner.speed for owner in owners])
        noises = [self._noise(prosody, owner.seed) for prosody, owner in zip(prosodies, owners, strict=True)]
        for (index, ids, _), prosody, samples in zip(
            runs, prosodies, model.decode_batch(prosodies, styles, noises), strict=True
        ):
            limiter = Limiter(utterances[index].gain_db)
            speech[index] += to_pcm16(limiter.finish(_cut(samples, self._heard(prosody, ids))))

    def warm_up(self) -> None:
        """Speaks a little with the default voice, so that the first client need not wait for what loads late.

        Raises `KokoroError` where that voice cannot speak.
        """
        voice = self.resolve_voice(None)
        for _piece in self.stream(Utterance(_WARM_UP_TEXT, voice)):
            pass
        if self._learner is not None:
            self._learner.table(voice)
            assert isinstance(self.model, FastKokoro)
            for size in SIZES if self.model.makes_code_by_length else ():
                self.model.rehearse(size)
        self._is_to_be_tried = {False, True}

    def first_sound_s(self, voice: str) -> float:
        """How long the first sound of a short sentence takes now, measured. Raises `KokoroError`."""
        start = time.monotonic()
        for _piece in self.stream(Utterance(_TRIAL_TEXT, voice, seed=_TRIAL_SEED)):
            break
        return time.monotonic() - start

    def prepare(self, is_wanted: Callable[[], bool]) -> bool:
        """Measures the first sound, once; then learns something about a voice that has spoken; see `Synthesizer`."""
        if self._is_first_sound_due:
            if not is_wanted():
                self._tell_first_sound()
            return True
        has_more = self._learner is not None and self._learner.make_some(is_wanted)
        return has_more or self._is_first_sound_due

    @property
    def _is_first_sound_due(self) -> bool:
        """Whether it has not been told yet how soon the default voice is heard, as well as it is known by now."""
        return bool(self._is_to_be_tried) and self._is_learnt in self._is_to_be_tried

    @property
    def _is_learnt(self) -> bool:
        """Whether more could not be known of the default voice."""
        return self._learner is None or self._learner.table(self.resolve_voice(None)) is not None

    def _tell_first_sound(self) -> None:
        """Logs how soon the default voice is heard here. Not done at the start, which should not wait for it."""
        is_learnt, voice = self._is_learnt, self.resolve_voice(None)
        # What has been learnt once stays so.
        self._is_to_be_tried = set() if is_learnt else self._is_to_be_tried - {False}
        until = "" if is_learnt else ", and sooner once the voice has been learnt"
        first_s = self.first_sound_s(voice)
        _LOGGER.info(
            "Measured on this machine: %s is heard %.2f s after it is asked to speak%s", voice, first_s, until
        )

    def rest(self) -> None:
        """Gives memory back that the last sentences needed."""
        memory.give_back()

    def _language(self, utterance: Utterance) -> str:
        return utterance.language or self._voices.language(utterance.voice)

    def _spoken_text(self, utterance: Utterance, language: str) -> str:
        """The spoken form; the voice's own words go before those that the normaliser knows."""
        return self._normalizer(
            self._voices.lexicon(utterance.voice).apply(utterance.text, language), language
        )

    def _phonemes(self, text: str, language: str) -> list[str]:
        phonemes = self._phonemizers.for_language(language).phonemize(text)
        return split_phonemes(ended(phonemes), self.model.config.max_phonemes)

    def _in_voice(self, utterance: Utterance) -> Utterance:
        """The utterance with all that its voice and this engine's volume add to it."""
        manner = self._voices.manner(utterance.voice)
        speed = min(max(utterance.speed * manner.speed, MIN_SPEED), MAX_SPEED)
        return replace(utterance, speed=speed, gain_db=utterance.gain_db + manner.gain_db + self._volume_db)

    def _phrase_key(self, text: str, utterance: Utterance, language: str) -> PhraseKey:
        return PhraseKey(
            text=text,
            voice=f"{utterance.voice} {language} {self._voices.fingerprint(utterance.voice)}",
            speed=utterance.speed,
            model=f"{self._model_key}, {self._phonemizers.key}",
            precision=self._precision,
            seed=utterance.seed,
            gain_db=utterance.gain_db,
            exact=self._learner is None,
        )

    def _speak(self, phonemes: str, utterance: Utterance) -> Iterator[_Piece]:
        token_ids = self._vocab.encode(phonemes)
        if len(token_ids) <= 2:  # the boundaries alone
            return
        model, device = self.model, self.model.device
        style = self._voices.style(utterance.voice, len(phonemes)).to(device)
        prosody = model.predict(torch.tensor([token_ids], device=device), style, utterance.speed)
        durations = prosody.durations.tolist()
        wanted = self._heard(prosody, token_ids)
        if self._learner is None:
            noise = self._noise(prosody, utterance.seed)
            samples = torch.cat(list(model.decode(prosody, style, noise)))
            yield _Piece(_cut(samples, wanted), is_last=True)
        elif len(wanted) <= _SHORT_ROWS or (table := self._learner.table(utterance.voice)) is None:
            is_pause = [each in self._vocab.pause_ids for each in token_ids]
            yield from self._in_clauses(prosody, style, utterance.seed, wanted, clauses(durations, is_pause))
        else:
            yield from self._in_pieces(prosody, style, utterance.seed, wanted, table)

    def _noise(self, prosody: Prosody, seed: int) -> Tensor:
        model = self.model
        return source_noise(model.config, prosody.n_frames, seed, model.noise_columns).to(model.device)

    def _in_clauses(
        self, prosody: Prosody, style: Tensor, seed: int, wanted: range, parts: Sequence[range]
    ) -> Iterator[_Piece]:
        """Each clause decoded whole, with the pitch and the pace it has in its sentence."""
        first = 0
        for index, tokens in enumerate(parts):
            part = prosody.part(tokens)
            last = first + ROWS_PER_FRAME * part.n_frames
            inside = range(max(wanted.start, first) - first, min(wanted.stop, last) - first)
            first = last
            if inside:
                noise = self._noise(part, seed + index)
                samples = torch.cat(list(self.model.decode(part, style, noise)))
                yield _Piece(_cut(samples, inside), is_last=wanted.stop <= last)

    def _in_pieces(
        self, prosody: Prosody, style: Tensor, seed: int, wanted: range, table: StatisticsTable
    ) -> Iterator[_Piece]:
        """The sentence from its beginning, as much at a time as there is time for."""
        assert isinstance(self.model, FastKokoro)
        noise = NoiseSource(self.model.config, seed, self.model.noise_columns)
        stream = self.model.stream(prosody, style, noise, table, wanted)
        pace = Pace(self._speed, 1 / ROWS_PER_S)
        n_left = stream.n_rows_to_feed
        while not stream.is_over:
            size = pace.next_size(n_left)
            start = time.monotonic()
            samples = stream.step(size)
            n_left -= size
            pace.made(size, time.monotonic() - start, len(samples) // _SAMPLES_PER_ROW)
            yield _Piece(samples.numpy(), is_last=stream.is_over)

    def _heard(self, prosody: Prosody, token_ids: Sequence[int]) -> range:
        is_silent = [each in self._vocab.silent_ids for each in token_ids]
        return heard(prosody.durations.tolist(), is_silent, prosody.energy[0].tolist())


def _cut(samples: Tensor, wanted: range) -> Samples:
    """Those rows of the samples that are to be heard."""
    cut: Samples = samples[wanted.start * _SAMPLES_PER_ROW : wanted.stop * _SAMPLES_PER_ROW].cpu().numpy()
    return cut
