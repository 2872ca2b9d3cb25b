"""What predicted statistics cost the ear: sentences in pieces against the same decoded whole, with the same noise,
of each the part that is heard.

None of these sentences is one that voices are learnt from. In every run one voice speaks every third; all of them
in four voices in the slow test. A voice is learnt once, which takes a minute or two, and kept where the server
keeps it. PESQ needs the extra `quality`; without it log-mel decides alone.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch
from test_quality import HAS_PESQ, SENTENCES
from torch import Tensor

from dev.bench.texts import QUALITY_SENTENCES, QUALITY_VOICES
from dev.measures import SAMPLE_RATE_HZ, log_mel_distance_db, pesq_wb
from wyoming_kokoro.cutting import ROWS_PER_S, heard
from wyoming_kokoro.learning import VoiceLearner
from wyoming_kokoro.loading import Loaded, load_for_cpu
from wyoming_kokoro.model import NoiseSource, source_noise
from wyoming_kokoro.model.fast import GeneratorStream
from wyoming_kokoro.pacing import SIZES
from wyoming_kokoro.store.model_files import ModelFiles
from wyoming_kokoro.store.tables import TableFiles
from wyoming_kokoro.store.voices import VoiceStore
from wyoming_kokoro.text.phonemize import Phonemizers
from wyoming_kokoro.text.vocab import Vocab

pytestmark = [pytest.mark.weights, pytest.mark.timeout(3600)]

UNSEEN = tuple(dict.fromkeys((*SENTENCES, *QUALITY_SENTENCES)))
SHORT_S = 0.8  # what is shorter is decoded whole
SEED = 3
SAMPLES_PER_ROW = SAMPLE_RATE_HZ // ROWS_PER_S


@dataclass(frozen=True)
class Pair:
    """A sentence decoded whole, and in pieces."""

    whole: Tensor
    streamed: Tensor
    joins: tuple[int, ...]
    """Samples before which a piece begins."""

    def log_mel_db(self) -> float:
        return log_mel_distance_db(self.whole, self.streamed)

    def pesq_wb(self) -> float | None:
        return pesq_wb(self.whole.numpy(), self.streamed.numpy(), SAMPLE_RATE_HZ)

    def loudness_steps_db(self) -> list[float]:
        """By how much the level changes at a join, beside how it changes there in the whole; where it can be told."""
        steps = []
        for at in self.joins:
            near = [slice(at - 1200, at), slice(at, at + 1200)]  # 50 ms on either side
            if min(self.whole[each].square().mean() for each in near) < 1e-5:
                continue
            before, after = (level_db(self.streamed[each]) - level_db(self.whole[each]) for each in near)
            steps.append(abs(after - before))
        return steps

    def jumps(self) -> list[float]:
        """From the last sample of a piece to the first of the next, as a share of the signal's largest near there."""
        shares = []
        for at in self.joins:
            differences = self.streamed[max(at - 2400, 0) : at + 2400].diff().abs()
            jump = (self.streamed[at] - self.streamed[at - 1]).abs()
            shares.append(float(jump / differences.max()))
        return shares


def level_db(samples: Tensor) -> float:
    return float(10 * torch.log10(samples.square().mean()))


Speak = Callable[[str, str], Pair | None]


@pytest.fixture(scope="session")
def loaded(model_files: ModelFiles, voice_store: VoiceStore) -> Loaded:
    return load_for_cpu(model_files, "auto", voice_store)


@pytest.fixture(scope="session")
def speak(loaded: Loaded, voice_store: VoiceStore) -> Speak:
    """A sentence in a voice; None for a short one. Learns the voice at need."""
    model, config = loaded.model, loaded.model.config
    vocab = Vocab(config.vocab, config.max_phonemes)
    phonemizers = Phonemizers(use_espeak=True)
    learner = VoiceLearner(model, voice_store, TableFiles(loaded.key))

    def say(text: str, voice: str) -> Pair | None:
        table = learner.table(voice)
        if table is None:
            while learner.make_some(lambda: False):
                pass
            table = learner.table(voice)
        assert table is not None
        phonemes = phonemizers.for_language(voice_store.language(voice)).phonemize(text)
        style = voice_store.style(voice, len(phonemes))
        token_ids = vocab.encode(phonemes)
        prosody = model.predict(torch.tensor([token_ids]), style)
        is_silent = [each in vocab.silent_ids for each in token_ids]
        wanted = heard(prosody.durations.tolist(), is_silent, prosody.energy[0].tolist())
        if len(wanted) < SHORT_S * ROWS_PER_S:
            return None
        noise = source_noise(config, prosody.n_frames, SEED)
        whole = torch.cat(list(model.decode(prosody, style, noise)))
        whole = whole[wanted.start * SAMPLES_PER_ROW : wanted.stop * SAMPLES_PER_ROW]
        stream = model.stream(prosody, style, NoiseSource(config, SEED), table, wanted)
        pieces = list(in_pieces(stream))
        joins = torch.tensor([len(piece) for piece in pieces]).cumsum(0)[:-1]
        return Pair(whole, torch.cat(pieces), tuple(joins.tolist()))

    return say


def in_pieces(stream: GeneratorStream) -> list[Tensor]:
    pieces = []
    while not stream.is_over:
        if len(piece := stream.step(SIZES[min(len(pieces), len(SIZES) - 1)])):
            pieces.append(piece)
    return pieces


def assert_they_sound_alike(pairs: list[Pair], who: str) -> None:
    distances = [pair.log_mel_db() for pair in pairs]
    steps = [step for pair in pairs for step in pair.loudness_steps_db()]
    jumps = [jump for pair in pairs for jump in pair.jumps()]
    scores = [score for pair in pairs if HAS_PESQ and (score := pair.pesq_wb()) is not None]
    print(
        f"{who}, {len(pairs)} sentences: log-mel {statistics.mean(distances):.3f} dB, worst {max(distances):.2f}; "
        f"steps at joins {statistics.mean(steps):.2f} dB, worst {max(steps):.2f}; jumps {max(jumps):.2f}; "
        f"PESQ-WB {statistics.mean(scores or [0]):.3f}, worst {min(scores, default=0):.2f}"
    )
    assert statistics.mean(distances) <= 1.0
    assert max(distances) <= 1.8
    assert statistics.mean(steps) <= 0.5
    assert max(jumps) <= 1.0  # no larger than what the signal does anyway
    if HAS_PESQ:
        assert statistics.mean(scores) >= 4.4
        assert min(scores) >= 4.1


def test_pieces_sound_as_the_whole_does(speak: Speak) -> None:
    pairs = [pair for text in UNSEEN[::3] if (pair := speak(text, "af_heart")) is not None]
    assert len(pairs) >= 10
    assert sum(len(pair.joins) for pair in pairs) > len(pairs)
    assert_they_sound_alike(pairs, "af_heart")


@pytest.mark.slow
@pytest.mark.parametrize("voice", QUALITY_VOICES)
def test_pieces_sound_as_the_whole_does_in_each_voice(voice: str, speak: Speak) -> None:
    pairs = [pair for text in UNSEEN if (pair := speak(text, voice)) is not None]
    assert len(pairs) >= 36
    assert_they_sound_alike(pairs, voice)
