"""What lies between the convolutions, fused: the interface of its two implementations.

Buffers are (time, channels), one step's channels side by side in memory, fp32 unless said otherwise. A
*padded* buffer has a margin of as many rows before the first step as after the last, which stand for zero: a
convolution reads its edges there. An *affine* is (2, channels): what to multiply by, what to add.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

NORM_EPS = 1e-5


@dataclass(frozen=True)
class Quantization:
    """How an activation becomes 8 bits: q = value * steps + zero_point, rounded, in 0 … 255."""

    steps: Tensor
    """(channels,): 1 / (channel_scale * scale). The weights hold the channels' own scales."""

    scale: float
    """What one step of q is worth to the convolution; goes with the style."""

    zero_point: int


@dataclass(frozen=True)
class SnakeInput:
    """A signal that AdaIN and Snake are to be applied to, and what they take."""

    x: Tensor
    """(rows, channels), fp32 or bf16."""

    affine: Tensor
    """Normalisation and style."""

    alphas: Tensor
    """(2, channels): α/π, 1/2α."""

    inside: range | None = None
    """None: x is a whole signal, with zeros on either side. Else a part of one together with all that a convolution
    sees of its neighbours, and which rows of x are inside of the signal; those outside count as zero afterwards."""


class Kernels(Protocol):
    """The passes over memory between two convolutions. Arguments are contiguous and on the CPU."""

    def moments(self, x: Tensor) -> Tensor:
        """Mean and variance of each channel over time: (2, channels). x: fp32 or bf16."""

    def add(self, x: Tensor, y: Tensor, out: Tensor) -> Tensor:
        """out = x + y; returns the moments of out. x, out: fp32, may be one; y: fp32 or bf16."""

    def accumulate(self, total: Tensor, x: Tensor, y: Tensor) -> None:
        """total += x + y. total, x: fp32; y: fp32 or bf16."""

    def adain(self, moments: Tensor, gamma_beta: Tensor) -> Tensor:
        """Adaptive instance normalisation as an affine: (1 + γ)·(x − mean)/√(variance + ε) + β.

        moments, gamma_beta: (2, channels).
        """

    def snake(self, given: SnakeInput, out: Tensor, quantization: Quantization | None = None) -> None:
        """The affine, then Snake, y + sin²(αy)/α, into `out`: padded for a whole signal, else as long as the input.

        out: fp32, bf16, or with `quantization` u8.
        """

    def leaky_relu(
        self,
        x: Tensor,
        affine: Tensor,
        slope: float,
        out: Tensor,
        quantization: Quantization | None = None,
    ) -> None:
        """The affine, then LeakyReLU, into the padded `out`. x: fp32 or bf16; out as for `snake`."""

    def lstm(self, projected: Tensor, recurrent: Tensor, out: Tensor) -> None:
        """A bidirectional LSTM whose inputs have been projected, both directions side by side.

        projected: (time, 2, 4 * hidden), gates in PyTorch's order input, forget, cell, output, biases
        included; recurrent: (2, hidden, 4 * hidden), the hidden-to-hidden weights transposed; out: (time,
        2 * hidden).
        """

    def gelu(self, x: Tensor) -> None:
        """The Gaussian error linear unit by its approximation with tanh, as BERT has it, in place."""

    def add_and_normalize(self, x: Tensor, y: Tensor, weight: Tensor, bias: Tensor, eps: float) -> None:
        """Layer normalisation of x + y, (rows, channels), into y; weight, bias: (channels,)."""

    def polar(self, spectrum: Tensor) -> None:
        """Real and imaginary parts to magnitudes and angles in rad, in place: (columns, 2 * bins).

        Zero keeps its sign: the angle of a negative real number is π or -π.
        """

    def excitation(
        self,
        phases_rad: Tensor,
        amplitudes: Tensor,
        noise: Tensor,
        mix: Tensor,
        mix_of_noise: Tensor,
        bias: float,
        out: Tensor,
    ) -> None:
        """Harmonics and noise mixed to one signal, tanh(amplitude·Σ mix·sin(phase) + amplitude'·Σ mix'·noise + bias).

        phases_rad: (n_harmonics, steps), in the middle of each step, linear in between and held at the ends;
        amplitudes: (2, steps): of the sines and of the noise; noise: (samples, n_noises); mix:
        (n_harmonics,); mix_of_noise: (n_noises,); out: (samples,), a multiple of steps.
        """


def padded_like(x: Tensor, margin: int, dtype: torch.dtype) -> Tensor:
    """A new padded buffer for something as long and wide as x, its content not yet written."""
    n_rows, channels = x.shape
    return torch.empty(n_rows + 2 * margin, channels, dtype=dtype)
