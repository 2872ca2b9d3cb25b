"""Floats to PCM and chunks."""

from __future__ import annotations

import numpy as np
import pytest

from wyoming_kokoro import pcm


def floats(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float32)


def test_full_scale_is_symmetric_and_louder_is_clipped_not_wrapped() -> None:
    made = np.frombuffer(pcm.to_pcm16(floats(0, 1, -1, 1.5, -7)), "<i2")
    assert made.tolist() == [0, 32_767, -32_767, 32_767, -32_767]


@pytest.mark.parametrize("poison", [float("nan"), float("inf")])
def test_what_is_no_sound_is_never_played(poison: float) -> None:
    with pytest.raises(ValueError, match="NaN"):
        pcm.to_pcm16(floats(0.1, poison))


def test_chunks_hold_whole_samples_and_lose_nothing() -> None:
    speech = bytes(range(100))
    made = list(pcm.chunks(speech, 16))
    assert [len(chunk) for chunk in made] == [32, 32, 32, 4]
    assert b"".join(made) == speech
    assert list(pcm.chunks(b"", 16)) == []


def test_silence_lasts_as_long_as_it_says() -> None:
    assert pcm.duration_s(pcm.silence(0.25)) == 0.25
    assert set(pcm.silence(0.01)) == {0}
