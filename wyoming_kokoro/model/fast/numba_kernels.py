"""`Kernels` in machine code, made by numba at first use and kept on disk. No compiler is needed."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from wyoming_kokoro.model.fast import numba_code
from wyoming_kokoro.model.fast.kernels import Quantization, SnakeInput
from wyoming_kokoro.model.fast.numba_threads import run


def view(x: Tensor) -> NDArray[Any]:
    """A buffer for numba, which knows no brain floats."""
    return (x.view(torch.uint16) if x.dtype == torch.bfloat16 else x).numpy()


def _scales(quantization: Quantization | None, channels: int) -> tuple[NDArray[Any], int]:
    """What a kernel multiplies by and adds before it rounds; without meaning where it does not round."""
    if quantization is None:
        return np.empty(channels, np.float32), 0
    return quantization.steps.numpy(), quantization.zero_point


class NumbaKernels:
    """`Kernels` in machine code, on as many threads as PyTorch uses."""

    def moments(self, x: Tensor) -> Tensor:
        result = torch.empty(2, x.shape[1])
        run(numba_code.moments, view(x), result.numpy())
        return result

    def add(self, x: Tensor, y: Tensor, out: Tensor) -> Tensor:
        result = torch.empty(2, x.shape[1])
        run(numba_code.add, view(x), view(y), view(out), result.numpy())
        return result

    def accumulate(self, total: Tensor, x: Tensor, y: Tensor) -> None:
        run(numba_code.accumulate, view(total), view(x), view(y))

    def adain(self, moments: Tensor, gamma_beta: Tensor) -> Tensor:
        affine = torch.empty_like(moments)
        numba_code.adain(moments.numpy(), gamma_beta.numpy(), affine.numpy())
        return affine

    def snake(self, given: SnakeInput, out: Tensor, quantization: Quantization | None = None) -> None:
        inside = range(len(given.x)) if given.inside is None else given.inside
        run(
            numba_code.snake,
            view(given.x),
            given.affine.numpy(),
            given.alphas.numpy(),
            inside.start,
            inside.stop,
            *_scales(quantization, given.x.shape[1]),
            view(out),
        )

    def leaky_relu(
        self,
        x: Tensor,
        affine: Tensor,
        slope: float,
        out: Tensor,
        quantization: Quantization | None = None,
    ) -> None:
        run(
            numba_code.leaky_relu,
            view(x),
            affine.numpy(),
            np.float32(slope),
            *_scales(quantization, x.shape[1]),
            view(out),
        )

    def lstm(self, projected: Tensor, recurrent: Tensor, out: Tensor) -> None:
        run(numba_code.lstm, projected.numpy(), recurrent.numpy(), out.numpy())

    def gelu(self, x: Tensor) -> None:
        run(numba_code.gelu, x.numpy())

    def add_and_normalize(self, x: Tensor, y: Tensor, weight: Tensor, bias: Tensor, eps: float) -> None:
        run(numba_code.add_and_normalize, x.numpy(), y.numpy(), weight.numpy(), bias.numpy(), np.float32(eps))

    def polar(self, spectrum: Tensor) -> None:
        run(numba_code.polar, spectrum.numpy())

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
        arrays = [each.numpy() for each in (phases_rad, amplitudes, noise, mix, mix_of_noise)]
        run(numba_code.excitation, *arrays, np.float32(bias), out.numpy())
