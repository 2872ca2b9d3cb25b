"""Our model against the reference package, both loaded from the very same checkpoint file."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import token_ids
from reference_package import ReferenceSpeech, load_reference, speak

from dev.measures import log_mel_distance_db
from wyoming_kokoro.loading import load_model
from wyoming_kokoro.model import Kokoro, Prosody, source_noise
from wyoming_kokoro.store.model_files import ModelFiles
from wyoming_kokoro.store.voices import VoiceStore

pytestmark = [pytest.mark.weights, pytest.mark.reference]

VOICES = ("af_heart", "am_michael", "bf_emma", "jf_alpha")
SPEEDS = (0.8, 1.0, 1.3)

_LONG = (
    "ðə hˈɪstəɹi ʌv ðə lˈIthˌWs bəɡˈɪnz ɪn ðə θˈɜɹd sˈɛnʧəɹi, wˌɛn ðə ɡɹˈAt tˈWəɹ ʌv ˌæləɡzˈændɹiə wʌz bˈɪlt "
    "tə ɡˈId ʃˈɪps ˌɪntu ðə hˈɑɹbəɹ; "
)
PHONEMES = {
    "one vowel": "ˈA",
    "one consonant": "s",
    "a word": "həlˈO.",
    "okay": "ˌOkˈA",
    "a question": "kæn ju hˈɪɹ mi nˈW?",
    "why": "wˌI wʊd ˈɛniwˌʌn pˈAnt ɐ ɡəɹˈɑʒ bɹˈIt ˈɔɹɪnʤ?",
    "an exclamation": "wˈɑʧ ˈWt!",
    "a list": "tˈɛn pˈipᵊl, sˈɪks dˈɔɡz, ænd ɐ vˈɛɹi kənfjˈuzd pˈæɹət.",
    "quotes": "“nˈO,” ʃi sˈɛd — “nˈɑt tədˈA…”",
    "unknown symbols": "həlˈO ☃ wˈɜɹld ❓",
    "a thermostat": "ðə bˈɛdɹˌum tˈɛmpəɹəʧəɹ ɪz nˌIntˈin dəɡɹˈiz.",
    "84": "ðə wˈɛðəɹ tədˈA ɪz mˈOstli sˈʌni wɪð ɐ hˈI ʌv sˈɛvənti tˈu dəɡɹˈiz ænd ɐ lˈIt bɹˈiz.",
    "british": "ðə blˈIndz ɑː klˈQzd, ænd ðə hˈiːtɪŋ ɪz ˈɒn.",
    "japanese": "koɴniʨiwa, ᶄoːwa iː teɴki desɯne.",
    "257": (_LONG * 2)[:257],
    "510": (_LONG * 4)[:510],
}
assert len(PHONEMES) >= 16
assert [len(PHONEMES[name]) for name in ("84", "257", "510")] == [84, 257, 510]


@pytest.fixture(scope="module")
def reference(official_checkpoint: Path, model_files: ModelFiles) -> Any:
    return load_reference(official_checkpoint, model_files.config)


@pytest.fixture(scope="module")
def ours(official_checkpoint: Path, model_files: ModelFiles) -> Kokoro:
    return load_model(dataclasses.replace(model_files, checkpoint=official_checkpoint))


def test_the_published_layout_loads_to_the_same_tensors(kokoro: Kokoro, ours: Kokoro) -> None:
    theirs = ours.state_dict()
    assert all(torch.equal(tensor, theirs[name]) for name, tensor in kokoro.state_dict().items())


def relative_error(ours: torch.Tensor, theirs: torch.Tensor) -> float:
    """The largest difference, relative to the largest value."""
    assert ours.shape == theirs.shape
    return ((ours - theirs).abs().max() / theirs.abs().max()).item()


def assert_same_prosody(prosody: Prosody, features: torch.Tensor, theirs: ReferenceSpeech) -> None:
    assert prosody.durations.tolist() == theirs.durations.tolist()
    assert relative_error(prosody.f0, theirs.f0) < 1e-4
    assert relative_error(prosody.energy, theirs.energy) < 1e-4
    assert relative_error(features, theirs.features) < 1e-4


# In every run each string is spoken by each voice, with the speeds taking turns; every combination, and the
# sound of every one, is in the slow test below.
@pytest.mark.parametrize("name", PHONEMES)
def test_durations_f0_energy_and_features_are_the_references(
    name: str, ours: Kokoro, reference: Any, voice_store: VoiceStore, vocab: dict[str, int]
) -> None:
    phonemes = PHONEMES[name]
    for index, voice in enumerate(VOICES):
        style, speed = voice_store.style(voice, len(phonemes)), SPEEDS[(len(phonemes) + index) % 3]
        theirs = speak(reference, phonemes, style, speed, noise=None)
        prosody = ours.predict(token_ids(phonemes, vocab), style, speed)
        assert_same_prosody(prosody, ours.features(prosody, style), theirs)


def assert_same_sound(
    ours: Kokoro,
    reference: Any,
    voice_store: VoiceStore,
    vocab: dict[str, int],
    name: str,
    voice: str,
    speed: float,
) -> float:
    phonemes = PHONEMES[name]
    style = voice_store.style(voice, len(phonemes))
    prosody = ours.predict(token_ids(phonemes, vocab), style, speed)
    noise = source_noise(ours.config, prosody.n_frames, seed=1)
    samples = torch.cat(list(ours.decode(prosody, style, noise)))
    theirs = speak(reference, phonemes, style, speed, noise)
    assert_same_prosody(prosody, ours.features(prosody, style), theirs)
    assert theirs.samples is not None
    distance_db = log_mel_distance_db(theirs.samples, samples)
    assert distance_db < 0.05, (name, voice, speed, distance_db)
    return distance_db


# The generator is where the time goes: every string but the longest once here.
@pytest.mark.parametrize("index", [i for i, name in enumerate(PHONEMES) if name != "510"])
def test_sounds_like_the_reference(
    index: int, ours: Kokoro, reference: Any, voice_store: VoiceStore, vocab: dict[str, int]
) -> None:
    name, voice, speed = list(PHONEMES)[index], VOICES[index % 4], SPEEDS[index % 3]
    assert_same_sound(ours, reference, voice_store, vocab, name, voice, speed)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("voice", VOICES)
def test_sounds_like_the_reference_in_every_combination(
    voice: str,
    ours: Kokoro,
    reference: Any,
    voice_store: VoiceStore,
    vocab: dict[str, int],
    record_property: Any,
) -> None:
    distances = {
        (name, speed): assert_same_sound(ours, reference, voice_store, vocab, name, voice, speed)
        for name in PHONEMES
        for speed in SPEEDS
    }
    worst = max(distances, key=lambda key: distances[key])
    print(
        f"{voice}: mean {sum(distances.values()) / len(distances):.5f} dB, worst {distances[worst]:.5f} dB {worst}"
    )
