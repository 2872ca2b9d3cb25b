"""Speed, volume, blends and presets as they are heard, with the real model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from wyoming_kokoro.engine import KokoroEngine
from wyoming_kokoro.limiter import factor
from wyoming_kokoro.loading import load_for_cpu
from wyoming_kokoro.model.fast import FastKokoro
from wyoming_kokoro.model.source import VOICED_ABOVE_HZ
from wyoming_kokoro.phrase_cache import PhraseCache
from wyoming_kokoro.speech import SAMPLE_RATE_HZ, Utterance
from wyoming_kokoro.store.hub import Hub
from wyoming_kokoro.store.model_files import ModelFiles
from wyoming_kokoro.store.voices import VoiceStore
from wyoming_kokoro.text.lexicon import parse
from wyoming_kokoro.text.normalize import Normalizer
from wyoming_kokoro.text.phonemize import Phonemizers
from wyoming_kokoro.text.vocab import Vocab

pytestmark = pytest.mark.weights

TEXT = "The garage door is open again."


class Parts:
    """What all engines here share, the cache too: its keys should tell apart whatever sounds otherwise."""

    def __init__(self, model: FastKokoro) -> None:
        self.model = model
        self.phonemizers = Phonemizers()
        self.cache = PhraseCache(1 << 24)


@pytest.fixture(scope="module")
def parts(model_files: ModelFiles, voice_store: VoiceStore) -> Parts:
    return Parts(load_for_cpu(model_files, "auto", voice_store).model)


class Home:
    """An engine with a data folder that can be changed."""

    def __init__(self, parts: Parts, files: ModelFiles, folder: Path) -> None:
        self.presets = folder / "voices.toml"
        self.folder = folder / "voices"
        self.folder.mkdir()
        self.voices = VoiceStore(
            (self.folder, *files.voice_folders), Hub(local_files_only=True), preset_files=(self.presets,)
        )
        self._parts = parts
        self.engine = self.with_volume(0.0)

    def with_volume(self, volume_db: float) -> KokoroEngine:
        parts = self._parts
        return KokoroEngine(
            parts.model, self.voices, parts.phonemizers, volume_db=volume_db, cache=parts.cache
        )

    def say(self, voice: str = "af_heart", engine: KokoroEngine | None = None, **how: float) -> np.ndarray:
        utterance = Utterance(TEXT, voice, **how)  # type: ignore[arg-type]
        return (
            np.frombuffer(b"".join((engine or self.engine).stream(utterance)), "<i2").astype(np.float64)
            / 32_767
        )

    def presets_are(self, text: str) -> None:
        self.presets.write_text(text)
        assert self.engine.have_voices_changed()
        self.engine.rescan()


@pytest.fixture
def home(parts: Parts, model_files: ModelFiles, tmp_path: Path) -> Home:
    return Home(parts, model_files, tmp_path)


def pitch_hz(samples: np.ndarray) -> float:
    """The median pitch of the voiced frames, by autocorrelation."""
    size, found = 1200, []
    for start in range(0, len(samples) - 2 * size, size):
        frame = samples[start : start + 2 * size] - samples[start : start + 2 * size].mean()
        if np.sqrt((frame**2).mean()) < 0.03:
            continue
        correlation = np.correlate(frame, frame, "full")[len(frame) - 1 :] / (frame @ frame)
        lags = slice(SAMPLE_RATE_HZ // 400, SAMPLE_RATE_HZ // 70)
        if correlation[lags].max() > 0.5:
            found.append(SAMPLE_RATE_HZ / (lags.start + int(correlation[lags].argmax())))
    assert len(found) > 5
    return float(np.median(found))


@pytest.mark.parametrize("voice", ["af_heart", "bm_george"])
def test_speed_changes_the_length_and_not_the_pitch(home: Home, voice: str) -> None:
    usual = home.say(voice)
    for speed in (0.5, 2.0):
        spoken = home.say(voice, speed=speed)
        assert len(spoken) / len(usual) == pytest.approx(1 / speed, rel=0.15)
        # So few frames measure melody as well as pitch; playing it at another rate would be an octave off.
        assert pitch_hz(spoken) == pytest.approx(pitch_hz(usual), rel=0.25)


@pytest.mark.parametrize("voice", ["af_heart", "bm_george"])
def test_the_pitch_that_is_wanted_is_the_same_at_every_speed(home: Home, voice: str) -> None:
    model = home.engine.model
    text = "The garage door is open again, and nobody knows how long the kitchen window has been."
    (phonemes,) = home.engine.spoken_form(Utterance(text, voice)).phonemes
    token_ids = torch.tensor([Vocab(model.config.vocab, model.config.max_phonemes).encode(phonemes)])

    def mean_hz(speed: float) -> float:
        f0 = model.predict(token_ids, home.voices.style(voice, len(phonemes)), speed).f0
        return float(f0[f0 > VOICED_ABOVE_HZ].log().mean().exp())

    usual_hz = mean_hz(1.0)
    for speed in (0.5, 0.8, 1.5, 2.0):
        assert mean_hz(speed) == pytest.approx(usual_hz, rel=0.1)


def test_a_name_may_say_the_speed(home: Home) -> None:
    assert np.array_equal(home.say("af_heart@1.5"), home.say(speed=1.5))
    assert np.array_equal(home.say("af_heart@1.5", speed=2.0), home.say(speed=2.0))  # no quicker than that


def test_volume_is_in_decibels_and_adds_up(home: Home) -> None:
    usual = home.say()
    home.presets_are('[softly]\nblend = "af_heart"\nvolume = -4\n')
    assert np.abs(home.say(gain_db=-6.0) - factor(-6) * usual).max() < 1e-4
    assert np.abs(home.say("softly", gain_db=-2.0) - factor(-6) * usual).max() < 1e-4
    louder = home.with_volume(-3.0)
    assert np.abs(home.say("softly", louder, gain_db=1.0) - factor(-6) * usual).max() < 1e-4


def test_what_is_far_too_loud_is_limited_in_every_piece(home: Home) -> None:
    loud = home.say(engine=home.with_volume(20.0), gain_db=20.0)
    assert len(loud) == len(home.say())
    assert 0.95 < np.abs(loud).max() < 0.9901


def test_batches_have_voices_manners_too(home: Home) -> None:
    home.presets_are('[slow]\nblend = "af_heart"\nspeed = 0.7\nvolume = -6\n')
    utterances = [Utterance("Yes.", "slow"), Utterance("No.", "af_heart", gain_db=40.0)]
    slow, loud = [np.frombuffer(each, "<i2") for each in home.engine.speak_together(utterances)]
    alone = np.frombuffer(b"".join(home.engine.stream(utterances[0])), "<i2")
    assert len(slow) == len(alone)
    assert 31_000 < np.abs(loud.astype(int)).max() < 32_500


def test_timbre_and_manner_come_from_two_voices(home: Home) -> None:
    heart, george = home.say("af_heart"), home.say("bm_george")
    mixed = home.say("af_heart|bm_george")
    assert len(mixed) == len(george) != len(heart)  # whose pace it is, and whose English
    assert pitch_hz(mixed) == pytest.approx(pitch_hz(george), rel=0.1)  # and whose melody
    assert not np.array_equal(mixed, george)


def test_a_blend_speaks(home: Home) -> None:
    between = home.say("af_heart(1)+am_michael(1)")
    assert pitch_hz(home.say("am_michael")) < pitch_hz(between) < pitch_hz(home.say("af_heart"))
    assert np.isfinite(home.say("af_heart(2)-af_nicole(0.5)")).all()


def test_what_was_said_in_a_voice_is_not_said_again_when_the_voice_is_another(home: Home) -> None:
    home.presets_are('[mine]\nblend = "af_heart"\n')
    before = home.say("mine")
    assert np.array_equal(home.say("mine"), before)
    home.presets_are('[mine]\nblend = "bm_george"\n')
    changed = home.say("mine")
    assert np.array_equal(changed, home.say("bm_george"))
    home.presets_are('[mine]\nblend = "bm_george"\nlanguage = "en-US"\n')
    assert not np.array_equal(home.say("mine"), changed)
    home.presets_are('[mine]\nlanguage = "en-GB"\n')  # of which there is no voice yet
    torch.save(home.voices.pack("bm_lewis").clone(), home.folder / "mine.pt")
    assert home.engine.have_voices_changed()
    home.engine.rescan()
    assert np.array_equal(home.say("mine"), home.say("bm_lewis"))


def test_a_presets_own_words_go_before_the_servers(home: Home, parts: Parts) -> None:
    (home.presets.parent / "own.txt").write_text("Nguyen = win")
    home.presets_are('[mine]\nblend = "af_heart"\nlexicon = "own.txt"\n')
    servers = Normalizer(lexicon=lambda: parse("Nguyen = noo yen\nSiobhan = shivawn"))
    engine = KokoroEngine(parts.model, home.voices, parts.phonemizers, normalizer=servers)
    forms = [
        engine.spoken_form(Utterance("Nguyen and Siobhan", voice)).text for voice in ("mine", "af_heart")
    ]
    assert forms == ["win and shivawn", "noo yen and shivawn"]
