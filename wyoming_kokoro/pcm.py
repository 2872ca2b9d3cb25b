"""Samples as the wire has them: float to 16-bit PCM, silence, and chunks of even size.

Knows nothing of events or models.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from wyoming_kokoro.speech import CHANNELS, SAMPLE_RATE_HZ, SAMPLE_WIDTH_BYTES

_FULL_SCALE = 32_767  # symmetric, so that -1.0 and 1.0 are equally loud
BYTES_PER_SAMPLE = SAMPLE_WIDTH_BYTES * CHANNELS


def to_pcm16(samples: npt.NDArray[np.float32]) -> bytes:
    """Floats in [-1, 1] as 16-bit little-endian PCM; what is louder is clipped, never wrapped.

    samples: (samples,). Raises `ValueError` on NaN or infinity, which would otherwise be noise at
    full volume in somebody's living room.
    """
    if not np.isfinite(samples).all():
        raise ValueError("samples hold NaN or infinity")
    scaled = np.rint(samples * _FULL_SCALE)
    clipped: npt.NDArray[np.int16] = np.clip(scaled, -_FULL_SCALE, _FULL_SCALE).astype("<i2")
    return clipped.tobytes()


def silence(seconds: float) -> bytes:
    """So many seconds of silence."""
    return bytes(round(seconds * SAMPLE_RATE_HZ) * BYTES_PER_SAMPLE)


def duration_s(pcm: bytes | int) -> float:
    """How long PCM (or so many bytes of it) plays, in seconds."""
    n_bytes = pcm if isinstance(pcm, int) else len(pcm)
    return n_bytes / (BYTES_PER_SAMPLE * SAMPLE_RATE_HZ)


def chunks(pcm: bytes, samples_per_chunk: int) -> Iterator[bytes]:
    """Cuts PCM into chunks of so many samples; the last one may be shorter."""
    step = samples_per_chunk * BYTES_PER_SAMPLE
    for start in range(0, len(pcm), step):
        yield pcm[start : start + step]
