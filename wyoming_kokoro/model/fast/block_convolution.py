"""What our own convolutions have in common: a signal is convolved block by block, with what comes before and after.

Knows how blocks are shared by threads and how their moments become those of the whole; not what is multiplied.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from wyoming_kokoro.model.fast.convolution_code import merge_moments
from wyoming_kokoro.model.fast.kernels import Quantization, SnakeInput
from wyoming_kokoro.model.fast.numba_threads import n_threads, run

_NOTHING = torch.empty(0, 0)


class BlockConvolution(ABC):
    """fp32 in, fp32 out: a `FusedConvolution`."""

    dtype = torch.float32

    def __init__(self, out_channels: int, kernel_size: int, *, dilation: int = 1, stride: int = 1) -> None:
        self.reach = dilation * (kernel_size - 1) // 2
        self._out_channels = out_channels
        self._n_between = dilation * (kernel_size - 1)
        self._stride = stride

    def __call__(self, x: Tensor, quantization: Quantization | None = None) -> Tensor:
        """See `Convolution`."""
        n_rows = (len(x) - self._n_between - 1) // self._stride + 1
        out = torch.empty(n_rows, self._out_channels)
        self._convolve(x, 0, range(len(x)), None, quantization, (), out, wants_moments=False)
        return out

    def with_snake(
        self,
        given: SnakeInput,
        quantization: Quantization | None,
        added: Sequence[Tensor],
        out: Tensor | None,
        *,
        wants_moments: bool,
    ) -> tuple[Tensor, Tensor | None]:
        """See `FusedConvolution`."""
        x, inside = given.x, given.inside
        first, n_rows = (-self.reach, len(x)) if inside is None else (0, len(x) - self._n_between)
        out = torch.empty(n_rows, self._out_channels) if out is None else out
        inside = range(len(x)) if inside is None else inside
        snake = (given.affine, given.alphas)
        moments = self._convolve(
            x, first, inside, snake, quantization, added, out, wants_moments=wants_moments
        )
        return out, moments

    @abstractmethod
    def _cut(self, n_rows: int) -> tuple[int, int]:
        """How so many outputs are cut up: into how many blocks about, and exactly how many rows each has."""

    def _fitted(self, _x: Tensor, quantization: Quantization | None) -> Quantization | None:
        """How a signal is rounded, if nobody has said so."""
        return quantization

    @abstractmethod
    def _code(
        self, quantization: Quantization | None, block_rows: int
    ) -> tuple[Callable[..., None], Sequence[Any]]:
        """The machine code, and what it is told between Snake's numbers and the blocks' shares."""

    def _convolve(
        self,
        x: Tensor,
        first: int,
        inside: range,
        snake: tuple[Tensor, Tensor] | None,
        quantization: Quantization | None,
        added: Sequence[Tensor],
        out: Tensor,
        *,
        wants_moments: bool,
    ) -> Tensor | None:
        n_rows = len(out)
        n_blocks, block_rows = self._cut(n_rows)
        # Threads share blocks, or each block where there are few: then each reads its own part of the kernel only.
        n_shares = n_threads() if n_blocks <= 2 * n_threads() else 1
        sums = torch.empty(-(-n_rows // block_rows) if wants_moments else 0, 3, self._out_channels)
        more = [each.float() for each in added] + [_NOTHING] * (2 - len(added))
        code, arguments = self._code(self._fitted(x, quantization), block_rows)
        run(
            code,
            x.contiguous().numpy(),
            first,
            np.array([inside.start, inside.stop]),
            *(each.numpy() for each in snake or (_NOTHING, _NOTHING)),
            *arguments,
            n_shares,
            *(each.numpy() for each in more),
            out.numpy(),
            sums.numpy(),
        )
        if not wants_moments:
            return None
        moments = torch.empty(2, self._out_channels)
        merge_moments(sums.numpy(), block_rows, n_rows, moments.numpy())
        return moments
