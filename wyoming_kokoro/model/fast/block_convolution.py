"""What our own convolutions have in common: a signal is convolved block by block, with what comes before and after.

Knows how blocks are shared by threads and how their moments become those of the whole; not what is multiplied.
"""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from wyoming_kokoro.model.fast.convolution_code import merge_moments
from wyoming_kokoro.model.fast.kernels import Quantization, SnakeInput
from wyoming_kokoro.model.fast.numba_threads import n_threads, run

_NOTHING = np.empty((0, 0), np.float32)


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
    def _cut(self) -> tuple[int, int]:
        """How outputs are cut up: a block has a multiple of so many rows, and so many at most."""

    def _fitted(self, _x: Tensor, quantization: Quantization | None) -> Quantization | None:
        """How a signal is rounded, if nobody has said so."""
        return quantization

    @abstractmethod
    def _code(self, quantization: Quantization | None) -> tuple[Callable[..., None], Sequence[Any]]:
        """The machine code, and what it is told between Snake's numbers and the blocks."""

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
        starts = _cut(len(out), *self._cut())
        n_blocks = len(starts) - 1
        # Threads share blocks, or each block where there are few: then each reads its own part of the kernel only.
        n_shares = n_threads() if n_blocks <= 2 * n_threads() else 1
        sums = torch.empty(n_blocks if wants_moments else 0, 3, self._out_channels)
        more = [each.float().contiguous().numpy() for each in added] + [_NOTHING] * (2 - len(added))
        assert out.is_contiguous(), "what is added lies where the result does"
        code, arguments = self._code(self._fitted(x, quantization))
        run(
            code,
            x.contiguous().numpy(),
            first,
            np.array([inside.start, inside.stop]),
            *((_NOTHING, _NOTHING) if snake is None else (each.numpy() for each in snake)),
            *arguments,
            starts,
            n_shares,
            *more,
            out.numpy(),
            sums.numpy(),
        )
        if not wants_moments:
            return None
        moments = torch.empty(2, self._out_channels)
        merge_moments(sums.numpy(), starts, moments.numpy())
        return moments


# Threads get as many blocks each, if there are 2 or 4; not as many as there are here, since what is rounded, and how,
# hangs on where blocks begin.
_BLOCKS_TOGETHER = 4


@functools.lru_cache(maxsize=1024)  # for a layer after another it is the same
def _cut(n_rows: int, together: int, at_most: int) -> NDArray[np.int64]:
    """Blocks as equal as can be: the first row of each, and how many there are. Not to be changed by who gets it."""
    n_units = -(-n_rows // together)
    n_blocks = -(-n_units * together // at_most)
    if n_blocks > _BLOCKS_TOGETHER:
        n_blocks = -(-n_blocks // _BLOCKS_TOGETHER) * _BLOCKS_TOGETHER
    starts = np.arange(n_blocks + 1) * n_units // n_blocks * together
    starts[-1] = n_rows
    return starts
