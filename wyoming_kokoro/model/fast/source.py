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
from wyoming_kokoro.model.kokoro import NoiseSource
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
        self.is_exact = exact
        self.config = config.generator
        self._source = HarmonicSource(config.n_harmonics, config.generator.samples_per_f0)
        self._source.load_state_dict({name: weights[name] for name in self._source.state_dict()}, assign=True)
        self._mix, self._bias = weights["mix.weight"].flatten(), weights["mix.bias"].item()
        # What one normal number is to be multiplied by to stand for a mix of many.
        self._mix_of_sum = self._mix.norm().unsqueeze(0)
        # The real transform as a product: window and both its parts in one matrix, (n_fft, 2 * bins).
        n_fft = self.config.n_fft
        angle = torch.outer(torch.arange(n_fft), torch.arange(n_fft // 2 + 1)).double()
        angle = angle % n_fft * (2 * math.pi / n_fft)
        parts = torch.cat([torch.cos(angle), -torch.sin(angle)], dim=1)
        parts[parts.abs() < 1e-9] = 0  # exact zeros keep the sign of a real number's angle
        self._transform = (parts * torch.hann_window(n_fft).double().unsqueeze(1)).float()

    def __call__(self, f0: Tensor, noise: Tensor) -> Tensor:
        """f0: (steps,) in Hz, noise: (1, samples, n_harmonics) → magnitudes and phases, (hops + 1, 2 * bins).

        Unless exact, noise may have one number a sample that stands for all harmonics'.
        """
        if self.is_exact:
            samples = self._source(f0.unsqueeze(0), noise)
            spectrum = torch.cat(stft.analyse(samples, self.config.n_fft, self.config.hop_samples), dim=1)
            return spectrum[0].t().contiguous()
        samples = self.excitation(self.phases_rad(f0), amplitudes(f0), noise[0])
        edge = self.config.n_fft // 2
        return self.analyse(F.pad(samples.view(1, 1, -1), (edge, edge), mode="reflect").flatten())

    def phases_rad(self, f0: Tensor) -> Tensor:
        """f0: (steps,) → (n_harmonics, steps)."""
        return self._source.phases_rad(f0.unsqueeze(0))[0]

    def excitation(self, phases_rad: Tensor, of_sines_and_noise: Tensor, noise: Tensor) -> Tensor:
        """(n_harmonics, steps), amplitudes: (2, steps), (samples, n_harmonics or 1) → (samples,)."""
        samples = torch.empty(len(noise))
        of_noise = self._mix if noise.shape[1] == len(self._mix) else self._mix_of_sum
        self._kernels.excitation(
            phases_rad, of_sines_and_noise, noise, self._mix, of_noise, self._bias, samples
        )
        return samples

    def analyse(self, samples: Tensor) -> Tensor:
        """samples: (n_fft + n * hop_samples,), contiguous → (n + 1, 2 * bins)."""
        n_fft, hop_samples = self.config.n_fft, self.config.hop_samples
        size = ((len(samples) - n_fft) // hop_samples + 1, n_fft)
        frames = samples.as_strided(size, (hop_samples, 1), samples.storage_offset())
        spectrum = frames @ self._transform
        self._kernels.polar(spectrum)
        return spectrum


def amplitudes(f0: Tensor) -> Tensor:
    """How loud sines and noise are: (steps,) in Hz → (2, steps)."""
    voiced = (f0 > VOICED_ABOVE_HZ).float()
    of_noise = voiced * VOICED_NOISE + (1 - voiced) * UNVOICED_NOISE
    return torch.stack([voiced * SINE_AMPLITUDE, of_noise])


class SourceStream:
    """The spectrum of an utterance's source, made from the front as far as somebody has asked for.

    The exact one, which is for comparisons, is made whole.
    """

    def __init__(self, source: FastSource, f0: Tensor, noise: NoiseSource) -> None:
        """f0: (steps,) in Hz."""
        config = source.config
        self._source, self._noise = source, noise
        self._phases_rad, self._amplitudes = source.phases_rad(f0), amplitudes(f0)
        self._samples_per_step, self._hop_samples = config.samples_per_f0, config.hop_samples
        self._edge = config.n_fft // 2
        self._n_steps = 0  # made so far
        self._n_columns = 0  # made so far
        n_samples = len(f0) * self._samples_per_step
        self._samples = torch.empty(self._edge + n_samples + self._edge)
        self._spectrum = torch.empty(n_samples // self._hop_samples + 1, 2 * config.n_bins)
        if source.is_exact:
            self._spectrum = source(f0, noise.take(n_samples).unsqueeze(0))
            self._n_columns = len(self._spectrum)

    def columns(self, start: int, stop: int) -> Tensor:
        """Those from start to stop, zero where there are none: (stop - start, 2 * bins)."""
        first = min(max(start, 0), len(self._spectrum))
        last = min(max(stop, first), len(self._spectrum))
        self._make_columns(last)
        n_before = min(max(-start, 0), stop - start)
        n_after = stop - start - n_before - (last - first)
        return F.pad(self._spectrum[first:last], (0, 0, n_before, n_after))

    def _make_columns(self, last: int) -> None:
        if last <= self._n_columns:
            return
        # A column is centred on its hop's first sample; the buffer has an edge before the signal's first.
        self._make_samples((last - 1) * self._hop_samples + self._edge)
        start = self._n_columns * self._hop_samples
        stop = (last - 1) * self._hop_samples + 2 * self._edge
        self._spectrum[self._n_columns : last] = self._source.analyse(self._samples[start:stop])
        self._n_columns = last

    def _make_samples(self, n_samples: int) -> None:
        """So many of the signal, or all there are."""
        total = self._phases_rad.shape[1]
        wanted = min(-(-n_samples // self._samples_per_step), total)
        first = self._n_steps
        if wanted <= first:
            return
        # Noise is taken by fours of steps: a multiple of 16 numbers, which PyTorch's generator makes together.
        last = self._n_steps = min(-(-wanted // 4) * 4, total)
        noise = self._noise.take((last - first) * self._samples_per_step)
        # Phases are linear from step to step, so the neighbours belong to it; what they make is dropped.
        before, after = min(first, 1), min(total - last, 1)
        near = slice(first - before, last + after)
        edges = (0, 0, before * self._samples_per_step, after * self._samples_per_step)
        made = self._source.excitation(
            self._phases_rad[:, near].contiguous(),
            self._amplitudes[:, near].contiguous(),
            F.pad(noise, edges),
        )
        n_before, n_made = before * self._samples_per_step, len(noise)
        at = self._edge + first * self._samples_per_step
        self._samples[at : at + n_made] = made[n_before : n_before + n_made]
        if first == 0:  # mirrored at either end, as the whole is
            self._samples[: self._edge] = self._samples[self._edge + 1 : 2 * self._edge + 1].flip(0)
        if last == total:
            end = len(self._samples) - self._edge
            self._samples[end:] = self._samples[end - self._edge - 1 : end - 1].flip(0)
