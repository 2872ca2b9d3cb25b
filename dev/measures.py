"""How far apart two signals sound: log-mel distance and PESQ, as every quality figure of the project has them."""

from __future__ import annotations

import functools
import math

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

SAMPLE_RATE_HZ = 24_000
_N_FFT, _HOP, _N_BANDS = 1024, 256, 80
_PESQ_SAMPLE_RATE_HZ = 16_000
_QUIET_DB = 50.0  # frames quieter than this below the loudest are not judged


def log_mel_distance_db(a: Tensor, b: Tensor) -> float:
    """Mean difference in dB over all bands of the frames that are loud enough in `a`.

    a, b: (samples,) of equal length at 24 kHz.
    """
    assert a.shape == b.shape, (a.shape, b.shape)
    bands_a, bands_b = _log_mel(a), _log_mel(b)
    loudest = bands_a.amax(dim=0)
    judged = loudest > bands_a.max() - _QUIET_DB
    return (bands_a - bands_b).abs()[:, judged].mean().item()


def aligned_distance_db(a: Tensor, b: Tensor) -> float:
    """Mean difference in dB over all bands, of two signals that say the same at different paces: along the best alignment.

    Frames that are not loud enough in either are left out: silence at an end is as far from a sound as another sound is.
    a, b: (samples,) at 24 kHz. Dynamic time warping, so the time it takes is the product of both lengths.
    """
    bands_a, bands_b = _judged(_log_mel(a)), _judged(_log_mel(b))
    costs = (bands_a.T[:, None] - bands_b.T[None]).abs().mean(-1)
    _, n_columns = costs.shape
    row: list[tuple[float, int]] = [(0.0, 0)] + [(math.inf, 0)] * n_columns
    for costs_of_row in costs.tolist():
        above, row = row, [(math.inf, 0)]
        for column, cost in enumerate(costs_of_row, 1):
            total, n_steps = min(above[column - 1], above[column], row[column - 1])
            row.append((total + cost, n_steps + 1))
    total, n_steps = row[-1]
    return total / n_steps


def _judged(bands: Tensor) -> Tensor:
    """Those frames that are loud enough. bands: (bands, frames)."""
    loudest = bands.amax(dim=0)
    return bands[:, loudest > loudest.max() - _QUIET_DB]


def level_db(samples: Tensor) -> float:
    """Root mean square below full scale. samples: (samples,)."""
    return 10 * math.log10(samples.square().mean().item() + 1e-12)


def pesq_wb(a: npt.NDArray[np.float32], b: npt.NDArray[np.float32], sample_rate_hz: int) -> float | None:
    """ITU-T P.862.2, wideband PESQ of `b` against `a`: 1 is bad, 4.64 is equal. None for too little speech.

    a, b: (samples,). Needs the packages pesq and soxr.
    """
    import pesq
    import soxr

    a, b = (soxr.resample(x, sample_rate_hz, _PESQ_SAMPLE_RATE_HZ) for x in (a, b))
    try:
        return float(pesq.pesq(_PESQ_SAMPLE_RATE_HZ, a, b, "wb"))
    except (pesq.NoUtterancesError, pesq.BufferTooShortError):
        return None


def _log_mel(samples: Tensor) -> Tensor:
    window = torch.hann_window(_N_FFT)
    power = torch.stft(samples, _N_FFT, _HOP, window=window, return_complex=True).abs() ** 2
    return 10 * torch.log10(_triangles() @ power + 1e-7)


@functools.cache
def _triangles() -> Tensor:
    """(bands, bins): triangles of equal width on HTK's mel scale, 2595 · log10(1 + f/700)."""
    nyquist = torch.tensor(SAMPLE_RATE_HZ / 2)
    top = 2595 * torch.log10(1 + nyquist / 700)
    edges = 700 * (10 ** (torch.linspace(0, top.item(), _N_BANDS + 2) / 2595) - 1)
    bins = torch.linspace(0, nyquist.item(), _N_FFT // 2 + 1)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return torch.minimum(rising, falling).clamp(min=0)
