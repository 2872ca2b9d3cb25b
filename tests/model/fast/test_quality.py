"""What fewer bits cost the ear: every precision against fp32 with the same noise, in sentences like a home's.

Each speaks by itself, prosody included. In every run every other sentence is spoken once, by the voices in turns;
all of them in every voice in the slow test. PESQ needs the extra `quality`; without it log-mel decides alone.
"""

from __future__ import annotations

import functools
import importlib.util
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
import torch
from torch import Tensor

from dev.measures import SAMPLE_RATE_HZ, log_mel_distance_db, pesq_wb
from wyoming_kokoro.loading import load_for_cpu
from wyoming_kokoro.model import Kokoro, SpeechModel, source_noise
from wyoming_kokoro.model.fast import choose_backend
from wyoming_kokoro.store.model_files import ModelFiles
from wyoming_kokoro.store.voices import VoiceStore
from wyoming_kokoro.text.phonemize import Phonemizers
from wyoming_kokoro.text.vocab import Vocab

pytestmark = pytest.mark.weights

VOICES = ("af_heart", "bf_emma", "am_michael", "jf_alpha")
SENTENCES = (
    "Yes.",
    "Goodnight.",
    "All right, done.",
    "Sorry, which lamp?",
    "I turned off the kitchen lights.",
    "The garage door is still open.",
    "Your tea timer has two minutes left.",
    "It is half past seven in the morning.",
    "Nobody has rung the doorbell since lunch.",
    "Which of the three speakers shall I use?",
    "The heating upstairs is set to nineteen degrees.",
    "I could not reach the thermostat; is it plugged in?",
    "There are eleven things on your shopping list, milk among them.",
    "Rain will start around four, so take an umbrella to the match.",
    "The washing machine finished an hour ago, but the dryer is still going.",
    "Your next appointment is with the optician, on Wednesday at a quarter to ten.",
    "Playing a relaxing mix of piano and rain in the living room, quietly this time.",
    "Careful, the battery of the smoke detector in the hallway is nearly empty!",
    "Traffic on the ring road is heavy; leave by eight if you want to be punctual.",
    "The front door was locked at eleven last night and opened again at six twenty.",
    "I have moved the alarm to seven thirty, and the blinds will rise ten minutes before that.",
    "Solar panels made fourteen kilowatt hours today, of which the car took nearly nine by itself.",
    "Preheat the oven, whisk four eggs with the sugar until they are pale, and fold in the flour last.",
    "Tomorrow begins foggy, then the sun comes through by noon, with a breeze and up to twenty-three degrees.",
)
assert len(SENTENCES) == 24


@dataclass(frozen=True)
class Gate:
    """What a precision must not exceed."""

    log_mel_db: float
    """Mean."""

    pesq_wb: float
    """Mean."""

    pesq_wb_worst: float


GATES = {"bf16": Gate(0.8, 4.2, 3.5), "int8": Gate(0.7, 4.45, 4.2), "int16": Gate(0.2, 4.55, 4.2)}


@dataclass
class Found:
    """What was measured of a precision, by sentence and voice."""

    log_mel_db: list[float] = field(default_factory=list)
    pesq_wb: list[float] = field(default_factory=list)
    other_durations: list[tuple[str, str]] = field(default_factory=list)


Load = Callable[[str], SpeechModel]


@pytest.fixture(scope="session")
def load(model_files: ModelFiles, voice_store: VoiceStore) -> Load:
    """Models by precision, each loaded once."""
    loaded: dict[str, SpeechModel] = {}

    def get(precision: str) -> SpeechModel:
        if precision not in loaded:
            loaded[precision] = load_for_cpu(model_files, precision, voice_store).model
        return loaded[precision]

    return get


@pytest.fixture(scope="session")
def phonemes() -> tuple[str, ...]:
    english = Phonemizers(use_espeak=True).for_language("en-US")
    return tuple(english.phonemize(sentence) for sentence in SENTENCES)


@pytest.fixture(scope="session")
def speak(
    voice_store: VoiceStore, kokoro: Kokoro
) -> Callable[[SpeechModel, str, str], tuple[list[int], Tensor]]:
    """Durations and samples, always with the same noise."""
    vocab = Vocab(kokoro.config.vocab, kokoro.config.max_phonemes)

    def say(model: SpeechModel, phonemes: str, voice: str) -> tuple[list[int], Tensor]:
        style = voice_store.style(voice, len(phonemes))
        prosody = model.predict(torch.tensor([vocab.encode(phonemes)]), style)
        noise = source_noise(model.config, prosody.n_frames, 7)
        samples = torch.cat(list(model.decode(prosody, style, noise)))
        return prosody.durations.tolist(), samples

    return say


Speak = Callable[[SpeechModel, str, str], tuple[list[int], Tensor]]

HAS_PESQ = importlib.util.find_spec("pesq") is not None and importlib.util.find_spec("soxr") is not None


def compare(
    load: Load, speak: Speak, speech: Iterator[tuple[str, str]], *precisions: str
) -> dict[str, Found]:
    """speech: phonemes and voices."""
    found = {precision: Found() for precision in precisions}
    for phonemes, voice in speech:
        durations, exact = speak(load("fp32"), phonemes, voice)
        for precision, of_it in found.items():
            its_durations, samples = speak(load(precision), phonemes, voice)
            if its_durations != durations:
                of_it.other_durations.append((phonemes, voice))
                continue
            of_it.log_mel_db.append(log_mel_distance_db(exact, samples))
            if HAS_PESQ:
                score = pesq_wb(exact.numpy(), samples.numpy(), SAMPLE_RATE_HZ)
                of_it.pesq_wb += [] if score is None else [score]
    return found


@functools.cache
def works(precision: str) -> bool:
    types = {"bf16": torch.bfloat16, "int8": torch.int8, "int16": torch.int16}
    return choose_backend().can_convolve(types[precision])


def assert_sounds_alike(found: Found, gate: Gate, n_expected: int) -> None:
    assert found.other_durations == []
    assert len(found.log_mel_db) == n_expected
    mean = statistics.mean(found.log_mel_db)
    print(f"log-mel {mean:.3f} dB, worst {max(found.log_mel_db):.3f} dB")
    assert mean <= gate.log_mel_db


def assert_pleases(found: Found, gate: Gate, n_expected: int) -> None:
    assert len(found.pesq_wb) >= n_expected // 2  # PESQ finds too little speech in a word
    mean, worst = statistics.mean(found.pesq_wb), min(found.pesq_wb)
    print(f"PESQ-WB {mean:.3f}, worst {worst:.3f}")
    assert mean >= gate.pesq_wb
    assert worst >= gate.pesq_wb_worst


@pytest.fixture(scope="session")
def share(load: Load, speak: Speak, phonemes: tuple[str, ...]) -> dict[str, Found]:
    """Every other sentence in one voice, the voices by turns."""
    speech = ((said, VOICES[index % len(VOICES)]) for index, said in enumerate(phonemes[::2]))
    return compare(load, speak, speech, *(precision for precision in GATES if works(precision)))


def of(precision: str, share: dict[str, Found]) -> Found:
    if precision not in share:
        pytest.skip(f"no {precision} convolutions work here")
    return share[precision]


@pytest.mark.parametrize("precision", GATES)
def test_a_precision_sounds_as_fp32_does_by_log_mel(precision: str, share: dict[str, Found]) -> None:
    assert_sounds_alike(of(precision, share), GATES[precision], len(SENTENCES) // 2)


@pytest.mark.skipif(not HAS_PESQ, reason="PESQ takes the extra `quality`, which needs a C compiler")
@pytest.mark.parametrize("precision", GATES)
def test_a_precision_sounds_as_fp32_does_by_pesq(precision: str, share: dict[str, Found]) -> None:
    assert_pleases(of(precision, share), GATES[precision], len(SENTENCES) // 2)


def test_the_fast_model_in_fp32_sounds_as_the_plain_one(
    load: Load, speak: Speak, kokoro: Kokoro, phonemes: tuple[str, ...]
) -> None:
    for index, said in enumerate(phonemes[1::8]):
        durations, samples = speak(load("fp32"), said, VOICES[index % 4])
        expected, theirs = speak(kokoro, said, VOICES[index % 4])
        assert durations == expected
        assert log_mel_distance_db(theirs, samples) < 0.05


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("voice", VOICES)
def test_what_every_precision_costs_the_ear_in_each_voice(
    voice: str, load: Load, speak: Speak, phonemes: tuple[str, ...]
) -> None:
    precisions = [precision for precision in GATES if works(precision)]
    found = compare(load, speak, ((said, voice) for said in phonemes), *precisions)
    for precision in precisions:
        print(precision, voice, end=": ")
        assert_sounds_alike(found[precision], GATES[precision], len(SENTENCES))
        if HAS_PESQ:
            assert_pleases(found[precision], GATES[precision], len(SENTENCES))
