"""The fused kernels in plain PyTorch: what they mean, and how they run where numba does not."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from wyoming_kokoro.model.fast.kernels import NORM_EPS, Quantization, SnakeInput


class TorchKernels:
    """`Kernels`, several passes each."""

    def moments(self, x: Tensor) -> Tensor:
        variance, mean = torch.var_mean(x.float(), dim=0, correction=0)
        return torch.stack([mean, variance])

    def add(self, x: Tensor, y: Tensor, out: Tensor) -> Tensor:
        torch.add(x, y, out=out)
        return self.moments(out)

    def accumulate(self, total: Tensor, x: Tensor, y: Tensor) -> None:
        total += x
        total += y

    def adain(self, moments: Tensor, gamma_beta: Tensor) -> Tensor:
        mean, variance = moments
        gamma, beta = gamma_beta
        gain = (1 + gamma) / torch.sqrt(variance + NORM_EPS)
        return torch.stack([gain, beta - mean * gain])

    def snake(self, given: SnakeInput, out: Tensor, quantization: Quantization | None = None) -> None:
        _write(_snake(given.x, given.affine, given.alphas), out, quantization)
        if given.inside is not None:
            zero = 0 if quantization is None else quantization.zero_point
            out[: given.inside.start] = zero
            out[given.inside.stop :] = zero

    def leaky_relu(
        self,
        x: Tensor,
        affine: Tensor,
        slope: float,
        out: Tensor,
        quantization: Quantization | None = None,
    ) -> None:
        _write(F.leaky_relu(x * affine[0] + affine[1], slope), out, quantization)

    def lstm(self, projected: Tensor, recurrent: Tensor, out: Tensor) -> None:
        n_steps, _, width = projected.shape
        hidden = width // 4
        for direction, steps in enumerate((range(n_steps), reversed(range(n_steps)))):
            state = cell = torch.zeros(hidden)
            for step in steps:
                gates = projected[step, direction] + state @ recurrent[direction]
                enter, forget, new, leave = gates.chunk(4)
                cell = torch.sigmoid(forget) * cell + torch.sigmoid(enter) * torch.tanh(new)
                state = torch.sigmoid(leave) * torch.tanh(cell)
                out[step, direction * hidden : (direction + 1) * hidden] = state

    def gelu(self, x: Tensor) -> None:
        x.copy_(F.gelu(x, approximate="tanh"))

    def add_and_normalize(self, x: Tensor, y: Tensor, weight: Tensor, bias: Tensor, eps: float) -> None:
        y.copy_(F.layer_norm(x + y, weight.shape, weight, bias, eps))

    def polar(self, spectrum: Tensor) -> None:
        real, imaginary = spectrum.chunk(2, dim=1)
        spectrum.copy_(torch.cat([torch.hypot(real, imaginary), torch.atan2(imaginary, real)], dim=1))

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
        per_step = len(out) // phases_rad.shape[1]
        phases_rad = _interpolated(phases_rad, per_step)
        of_sines, of_noise = amplitudes.repeat_interleave(per_step, dim=1)
        sines = torch.sin(phases_rad).to(mix.dtype).t() @ mix
        torch.tanh(sines * of_sines + (noise @ mix_of_noise) * of_noise + bias, out=out)


def _interpolated(phases_rad: Tensor, n_samples: int) -> Tensor:
    """(n_harmonics, steps) → (n_harmonics, steps * n_samples), less whole turns.

    In fp64 until these are gone: there may be 10,000 of them, and what a step becomes must not hang on where in the
    utterance it is looked at from.
    """
    here = phases_rad.double().unsqueeze(2)
    before, after = (
        torch.cat(each, dim=1) for each in ((here[:, :1], here[:, :-1]), (here[:, 1:], here[:, -1:]))
    )
    share = (torch.arange(n_samples, dtype=torch.float64) + 0.5) / n_samples - 0.5
    phases = here + share * torch.where(share < 0, here - before, after - here)
    return torch.remainder(phases, 2 * math.pi).float().flatten(1)


def _snake(x: Tensor, affine: Tensor, alphas: Tensor) -> Tensor:
    y = x * affine[0] + affine[1]
    turns, half = alphas
    angle = y * turns
    angle = (angle - torch.round(angle)) * math.pi  # sin² repeats every half turn
    return y + torch.sin(angle).square() * (2 * half)


def _write(y: Tensor, out: Tensor, quantization: Quantization | None) -> None:
    """y into the middle of a padded buffer, zero into its margins."""
    margin = (len(out) - len(y)) // 2
    zero = 0
    if quantization is not None:
        zero = quantization.zero_point
        y = y * quantization.steps + zero
        y = torch.floor(y + 0.5).clamp(0, 255)
    out[:margin] = zero
    out[margin + len(y) :] = zero
    out[margin : margin + len(y)] = y
