"""The harmonic source and its spectrum over (time, channels) buffers; `source.py` one package up says what it is.

Where the last bit counts, `HarmonicSource` itself does the work: it interpolates phases of 10,000 turns in
fp32, as the reference does, which is noise that no other way of computing repeats.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from wyoming_kokoro.model import stft
from wyoming_kokoro.model.config import ModelConfig
from wyoming_kokoro.model.fast.backend import Backend
from wyoming_kokoro.model.fast.weights import Weights
from wyoming_kokoro.model.source import (
    SINE_AMPLITUDE,
    UNVOICED_NOISE,
    VOICED_ABOVE_HZ,
    VOICED_NOISE,
    HarmonicSource,
)


class FastSource:
    """F0 and noise to the spectrum that every stage of the generator is told of."""

    def __init__(self, weights: Weights, config: ModelConfig, backend: Backend, *, exact: bool) -> None:
        """exact: the reference's own arithmetic."""
        self._kernels = backend.kernels
        self._exact = exact
        self._n_fft, self._hop_samples = config.generator.n_fft, config.generator.hop_samples
        self._source = HarmonicSource(config.n_harmonics, config.generator.samples_per_f0)
        self._source.load_state_dict({name: weights[name] for name in self._source.state_dict()}, assign=True)
        self._mix, self._bias = weights["mix.weight"].flatten(), weights["mix.bias"].item()
        # The real transform as a product: window and both its parts in one matrix, (n_fft, 2 * bins).
        angle = torch.outer(torch.arange(self._n_fft), torch.arange(self._n_fft // 2 + 1)).double()
        angle = angle % self._n_fft * (2 * math.pi / self._n_fft)
        parts = torch.cat([torch.cos(angle), -torch.sin(angle)], dim=1)
        parts[parts.abs() < 1e-9] = 0  # exact zeros keep the sign of a real number's angle
        self._transform = (parts * torch.hann_window(self._n_fft).double().unsqueeze(1)).float()

    def __call__(self, f0: Tensor, noise: Tensor) -> Tensor:
        """f0: (steps,) in Hz, noise: (1, samples, n_harmonics) → magnitudes and phases, (hops + 1, 2 * bins)."""
        if self._exact:
            samples = self._source(f0.unsqueeze(0), noise)
            spectrum = torch.cat(stft.analyse(samples, self._n_fft, self._hop_samples), dim=1)
            return spectrum[0].t().contiguous()
        voiced = (f0 > VOICED_ABOVE_HZ).float()
        of_noise = voiced * VOICED_NOISE + (1 - voiced) * UNVOICED_NOISE
        amplitudes = torch.stack([voiced * SINE_AMPLITUDE, of_noise])
        samples = torch.empty(noise.shape[1])
        phases_rad = self._source.phases_rad(f0.unsqueeze(0))[0]
        self._kernels.excitation(phases_rad, amplitudes, noise[0], self._mix, self._bias, samples)
        padded = F.pad(samples.view(1, 1, -1), (self._n_fft // 2,) * 2, mode="reflect").flatten()
        n_hops = len(samples) // self._hop_samples
        frames = padded.as_strided((n_hops + 1, self._n_fft), (self._hop_samples, 1))
        real, imaginary = (frames @ self._transform).chunk(2, dim=1)
        return torch.cat([torch.hypot(real, imaginary), torch.atan2(imaginary, real)], dim=1)
