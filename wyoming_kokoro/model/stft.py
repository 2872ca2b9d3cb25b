"""The short-time Fourier pair of the generator: a periodic Hann window, centred, one-sided.

Signals are (batch, samples); spectra are (batch, bins, hops + 1) as magnitude and phase in rad.
"""

from __future__ import annotations

import torch
from torch import Tensor


def analyse(samples: Tensor, n_fft: int, hop_samples: int) -> tuple[Tensor, Tensor]:
    """samples: (batch, samples) → magnitude and phase, each (batch, n_fft // 2 + 1, samples / hop + 1)."""
    window = torch.hann_window(n_fft, device=samples.device)
    spectrum = torch.stft(samples, n_fft, hop_samples, window=window, return_complex=True)
    return spectrum.abs(), spectrum.angle()


def synthesise(magnitude: Tensor, phase: Tensor, n_fft: int, hop_samples: int) -> Tensor:
    """The signal whose spectrum is nearest to the one given; shapes as for `analyse`."""
    window = torch.hann_window(n_fft, device=magnitude.device)
    return torch.istft(torch.polar(magnitude, phase), n_fft, hop_samples, window=window)


def synthesise_exponents(spectrum: Tensor, n_fft: int, hop_samples: int) -> Tensor:
    """The signal of what a generator gives: (batch, 2 * bins, hops + 1).

    The first half are the magnitudes' logarithms, of the second half the sines are the phases.
    """
    exponents, angles = spectrum.chunk(2, dim=1)
    return synthesise(torch.exp(exponents), torch.sin(angles), n_fft, hop_samples)
