"""Nothing clips, what is not too loud is left alone, and pieces joined are the whole, wherever they were cut."""

from __future__ import annotations

import numpy as np
import pytest

from wyoming_kokoro.limiter import CEILING, Limiter, Samples, factor
from wyoming_kokoro.pcm import to_pcm16
from wyoming_kokoro.speech import SAMPLE_RATE_HZ

_FULL_SCALE = 32_767


def voice(seconds: float = 0.5, peak: float = 0.5, seed: int = 1) -> Samples:
    """A buzz at a voice's pitch that comes and goes, with noise."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    buzz = sum(np.sin(2 * np.pi * 120 * n * t) / n for n in range(1, 12))
    sound = (buzz + 0.1 * rng.standard_normal(len(t))) * (0.3 + np.sin(2 * np.pi * 3 * t) ** 2)
    return (sound * peak / np.abs(sound).max()).astype(np.float32)


def whole(samples: Samples, gain_db: float) -> Samples:
    return Limiter(gain_db).finish(samples)


def click(at: int, n_samples: int = 2400, height: float = 8.0) -> Samples:
    samples = np.zeros(n_samples, np.float32)
    samples[at] = height
    return samples


LOUD = {
    "a voice": voice(peak=0.9),
    "from its first sample": np.full(1000, 3.0, np.float32),
    "of negative samples": np.full(1000, -3.0, np.float32),
    "a click at the start": click(0),
    "a click at the end": click(2399),
    "a click on a border": click(240),
    "two clicks": click(100) + click(130, height=-20.0),
    "less than a block": np.full(7, 2.0, np.float32),
    "a square": np.sign(np.sin(np.arange(4800) * 0.1)).astype(np.float32),
    "noise": np.random.default_rng(3).standard_normal(4801).astype(np.float32),
}


@pytest.mark.parametrize("name", LOUD)
@pytest.mark.parametrize("gain_db", [0.0, 6.0, 20.0])
def test_nothing_ever_clips(name: str, gain_db: float) -> None:
    made = whole(LOUD[name], gain_db)
    assert len(made) == len(LOUD[name])
    assert np.abs(made).max() <= CEILING * (1 + 1e-6)
    assert np.abs(np.frombuffer(to_pcm16(made), "<i2").astype(int)).max() < _FULL_SCALE


@pytest.mark.parametrize("gain_db", [-20.0, 0.0, 5.0])
def test_what_is_not_too_loud_is_left_alone_to_the_last_bit(gain_db: float) -> None:
    samples = voice(peak=0.5)
    assert np.array_equal(whole(samples, gain_db), samples * np.float32(factor(gain_db)))


@pytest.mark.parametrize("seed", range(20))
def test_pieces_joined_are_the_whole(seed: int) -> None:
    rng = np.random.default_rng(seed)
    samples = voice(seconds=0.4, peak=0.9, seed=seed)
    cuts = np.sort(rng.integers(0, len(samples), rng.integers(1, 40)))
    limiter = Limiter(9.0)
    pieces = [limiter.push(piece) for piece in np.split(samples, cuts)]
    made = np.concatenate([*pieces, limiter.finish()])
    assert made.tobytes() == whole(samples, 9.0).tobytes()


def test_little_waits_for_what_follows() -> None:
    limiter = Limiter()
    given = sum(len(limiter.push(piece)) for piece in np.split(voice(), 50))
    assert len(voice()) - given <= 0.006 * SAMPLE_RATE_HZ


def test_a_limiter_can_be_used_again() -> None:
    limiter = Limiter(12.0)
    samples = voice(peak=0.9)
    once = np.concatenate([limiter.push(samples), limiter.finish()])
    again = np.concatenate([limiter.push(samples), limiter.finish()])
    assert np.array_equal(once, again)


def test_it_turns_down_before_a_peak_and_up_after_it_without_a_step() -> None:
    quiet = np.full(SAMPLE_RATE_HZ, 0.1, np.float32)
    quiet[4800] = 2.0
    gain = whole(quiet, 0.0) / quiet
    assert gain[4800] == pytest.approx(CEILING / 2, rel=1e-3)
    assert gain[4800 - 200] == 1.0  # 8 ms before it
    assert np.abs(np.diff(gain)).max() < 0.02
    back_s = (np.argmax(gain[4900:] == 1.0) + 100) / SAMPLE_RATE_HZ
    assert back_s == pytest.approx(20 * np.log10(2 / CEILING) / 60, abs=0.01)


def test_what_is_turned_down_keeps_its_shape() -> None:
    """A tone at a man's pitch, 6 dB too loud: clipping adds overtones, turning down does not."""
    tone = (2 * np.sin(2 * np.pi * 100 * np.arange(SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ)).astype(np.float32)

    def overtones(made: Samples) -> float:
        spectrum = np.abs(np.fft.rfft(made[SAMPLE_RATE_HZ // 2 :]))
        of_tone = spectrum[50]  # in half a second, 100 Hz are the 50th
        return float(np.sqrt((spectrum**2).sum() - of_tone**2) / of_tone)

    assert overtones(np.clip(tone, -CEILING, CEILING)) > 0.15
    assert overtones(whole(tone, 0.0)) < 0.02


@pytest.mark.parametrize("poison", [float("nan"), float("inf")])
def test_what_is_no_sound_stays_no_sound(poison: float) -> None:
    with np.errstate(invalid="ignore"):
        made = whole(np.array([0.1, poison, 0.1], np.float32), 0.0)
    with pytest.raises(ValueError, match="NaN"):
        to_pcm16(made)
