"""What is hard for the model to say: a word by itself, and a sentence of half a minute. With the real model."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from dev.measures import aligned_distance_db, level_db
from wyoming_kokoro.engine import KokoroEngine
from wyoming_kokoro.loading import load_for_cpu
from wyoming_kokoro.model import source_noise
from wyoming_kokoro.speech import SAMPLE_RATE_HZ, Utterance
from wyoming_kokoro.store.model_files import ModelFiles
from wyoming_kokoro.store.voices import VoiceStore
from wyoming_kokoro.text.phonemize import Phonemizers
from wyoming_kokoro.text.vocab import Vocab

pytestmark = [pytest.mark.weights, pytest.mark.slow]

VOICE = "af_heart"
SAMPLES_PER_FRAME = SAMPLE_RATE_HZ // 40

SHORT = ("Yes", "No.", "OK.", "A", "5", "Stop!")

SHORTER = (
    "The heating in the living room has been set to twenty one degrees, the blinds on the south side are half closed because of the "
    "sun, and the heating in the living room has been set to twenty one degrees."
)
LONG = (
    "The heating in the living room has been set to twenty one degrees, the blinds on the south side are half closed because of the "
    "sun, the washing machine will be done in about forty minutes, the back door has been open since a quarter past three, the car in "
    "the garage is charged to eighty percent, the robot has cleaned the kitchen and the hall, and the heating in the living room has "
    "been set to twenty one degrees."
)


@pytest.fixture(scope="module")
def engine(model_files: ModelFiles, voice_store: VoiceStore) -> KokoroEngine:
    return KokoroEngine(load_for_cpu(model_files, "auto", voice_store).model, voice_store, Phonemizers())


def spoken(engine: KokoroEngine, text: str) -> Tensor:
    speech = b"".join(engine.stream(Utterance(text, VOICE)))
    return torch.frombuffer(bytearray(speech), dtype=torch.int16).float() / 32_768


def cut_out(engine: KokoroEngine, voices: VoiceStore, voice: str, sentence: str, phonemes: str) -> Tensor:
    """What is said for the phonemes within a sentence's, by the durations that were predicted for them."""
    model = engine.model
    style = voices.style(voice, len(sentence))
    prosody = model.predict(torch.tensor([Vocab(model.config.vocab).encode(sentence)]), style, 1.0)
    noise = source_noise(model.config, prosody.n_frames, 0)
    samples = torch.cat(list(model.decode(prosody, style, noise)))
    ends = prosody.durations.cumsum(-1).flatten().tolist()
    first = sentence.index(phonemes)
    start, end = int(ends[first]), int(ends[first + len(phonemes)])
    return samples[start * SAMPLES_PER_FRAME : end * SAMPLES_PER_FRAME]


def equally_loud(samples: Tensor) -> Tensor:
    return samples / samples.square().mean().sqrt() * 0.05


@pytest.mark.parametrize("voice", [VOICE, "bm_george"])
def test_a_word_by_itself_is_the_word_it_is_in_a_sentence(
    engine: KokoroEngine, voice_store: VoiceStore, voice: str
) -> None:
    alone, within = {}, {}
    for word in SHORT:
        (form,) = engine.spoken_form(Utterance(word, voice)).phonemes
        phonemes = form.rstrip(".!")
        alone[word] = cut_out(engine, voice_store, voice, form, phonemes)
        within[word] = cut_out(engine, voice_store, voice, f"ʃi sˈɛd {phonemes}.", phonemes)
    for word, samples in alone.items():
        distances_db = {
            other: aligned_distance_db(equally_loud(samples), equally_loud(each))
            for other, each in within.items()
        }
        ratio = len(samples) / len(within[word])
        louder_db = level_db(samples) - level_db(within[word])
        print(f"{word}: {ratio:.2f} times as long, {louder_db:+.1f} dB, {distances_db}")
        assert min(distances_db, key=distances_db.__getitem__) == word
        assert 0.6 < ratio < 1.6
        assert -3 < louder_db < 9  # nothing goes before it that would be louder


def test_a_long_sentence_fades_no_more_than_a_shorter_one(engine: KokoroEngine) -> None:
    # Any sentence ends lower than it began, this voice's by 6 dB in the last of 4 seconds against the first. So a long
    # one is held against a shorter one that begins and ends with the same words.
    assert len(engine.spoken_form(Utterance(LONG, VOICE)).phonemes[0]) > 350
    window = 3 * SAMPLE_RATE_HZ
    fades_db = {}
    for text in (SHORTER, LONG):
        samples = spoken(engine, text)
        assert len(samples) > window
        fades_db[text] = level_db(samples[:window]) - level_db(samples[-window:])
    print(
        f"{fades_db[SHORTER]:.2f} dB, and {fades_db[LONG]:.2f} dB in {len(spoken(engine, LONG)) / SAMPLE_RATE_HZ:.1f} s"
    )
    assert abs(fades_db[LONG] - fades_db[SHORTER]) < 1.5
