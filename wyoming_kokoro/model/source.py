"""The harmonic source: F0 to an excitation signal, a sum of sines where there is voice, noise where not.

Wang et al. 2019 (neural source-filter). The noise is an argument, so the same arguments give the same
samples. Everything here is fp32: phases add up to 1e5 rad, which no smaller type can hold.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wyoming_kokoro.model.config import SAMPLE_RATE_HZ

VOICED_ABOVE_HZ = 10.0
SINE_AMPLITUDE = 0.1
VOICED_NOISE = 0.003
UNVOICED_NOISE = SINE_AMPLITUDE / 3


class HarmonicSource(nn.Module):
    """Sines at F0 and its overtones plus noise, mixed down to one signal."""

    def __init__(self, n_harmonics: int, samples_per_f0: int) -> None:
        super().__init__()
        self.n_harmonics = n_harmonics
        self.samples_per_f0 = samples_per_f0
        self.mix = nn.Linear(n_harmonics, 1)

    def forward(self, f0: Tensor, noise: Tensor) -> Tensor:
        """f0: (batch, steps) in Hz, noise: (batch, samples, n_harmonics) → (batch, samples).

        `noise` is standard normal; samples = steps * samples_per_f0.
        """
        voiced = (f0 > VOICED_ABOVE_HZ).float().repeat_interleave(self.samples_per_f0, dim=1).unsqueeze(-1)
        amplitude = voiced * VOICED_NOISE + (1 - voiced) * UNVOICED_NOISE
        excitation = self._sines(f0) * voiced + amplitude * noise
        return torch.tanh(self.mix(excitation)).squeeze(-1)

    def phases_rad(self, f0: Tensor) -> Tensor:
        """f0: (batch, steps) → (batch, n_harmonics, steps), the phase of each harmonic in the middle of a step.

        The order of the operations is the reference's: at these magnitudes another order rounds differently,
        by up to a tenth of a radian after half a minute.
        """
        harmonics = torch.arange(1, self.n_harmonics + 1, device=f0.device, dtype=f0.dtype)
        turns_per_sample = (f0.unsqueeze(1) * harmonics.view(1, -1, 1) / SAMPLE_RATE_HZ) % 1
        return torch.cumsum(turns_per_sample, dim=-1) * 2 * math.pi * self.samples_per_f0

    def _sines(self, f0: Tensor) -> Tensor:
        """f0: (batch, steps) → (batch, samples, n_harmonics), continuous in phase.

        Phase is summed at the rate of F0 and interpolated to samples, so pitch glides between steps.
        """
        phase_rad = F.interpolate(self.phases_rad(f0), scale_factor=self.samples_per_f0, mode="linear")
        return (torch.sin(phase_rad) * SINE_AMPLITUDE).transpose(1, 2)
