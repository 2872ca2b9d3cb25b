"""Convolutions and products of matrices in tiles, for CPUs with Intel's AMX, in machine code that is one for all lengths.

An output of a convolution is a sum over taps and channels. A tile of rows holds 16 outputs' inputs of one tap and 64
bytes of channels: 16 rows of the signal as it lies in memory, from the tap's place on. So nothing is gathered,
whatever kernel, dilation and stride are; where in a block each step of the sum finds its operands is the same for all
tiles, and written down once.

Operands are brain floats, which tiles multiply exactly and add up in fp32; or bytes. Of fp32 two brain floats are
made, the nearest one and the nearest to what that leaves, and the three products that count are added up: 16 binary
digits and more, for three times the work.

As in all of our own convolutions, what comes before and after a convolution is done block by block, in the cache.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from wyoming_kokoro.model.fast.block_convolution import BlockConvolution
from wyoming_kokoro.model.fast.kernels import Quantization
from wyoming_kokoro.model.fast.tile_code import (
    COLUMN_TILES,
    HAS_TILES,
    TILE_BYTES,
    TILE_COLUMNS,
    TILE_ROWS,
)
from wyoming_kokoro.model.fast.tile_convolution_code import PANEL_COLUMNS, convolve_in_tiles
from wyoming_kokoro.model.fast.weights import Weights

LAYOUT = "tiles-1"
"""Names the order in which weights are laid out; to be raised with every change of it."""

# For each type of weights: what is multiplied by what. Of rows and columns, parts are numbered from the nearest on.
_PRODUCTS = {
    torch.bfloat16: ((0, 0),),
    torch.int8: ((0, 0),),
    torch.float32: ((0, 0), (1, 0), (0, 1)),
}

# A block's operands and sums together stay in a core's second cache, beside what they are multiplied by. A kernel that
# would not fit in there comes anew for each block from further away, so there are few of these, of any size.
_SECOND_CACHE_BYTES = 2 * 1024 * 1024
_BLOCK_BYTES = _SECOND_CACHE_BYTES // 4
_LARGE_BLOCK_BYTES = _SECOND_CACHE_BYTES
_ROWS_TOGETHER = 2 * TILE_ROWS


# With fewer channels, most of a tile would be made up.
_FEW_IN, _FEW_OUT = 32, 16


def has_tiles() -> bool:
    """Whether this CPU has tiles and this process may use them, which on Linux has to be asked for (`arch_prctl`)."""
    ask: Callable[[], bool] | None = getattr(torch.cpu, "_init_amx", None)
    return HAS_TILES and ask is not None and ask()


def fills_tiles(weight: Tensor) -> bool:
    """Whether `TileConvolution` is for a weight, (out, in, kernel)."""
    return weight.shape[1] >= _FEW_IN and len(weight) >= _FEW_OUT


class TileConvolution(BlockConvolution):
    """fp32 in, fp32 out. With 8-bit weights `quantization` says how inputs become bytes."""

    def __init__(self, weights: Weights, *, dilation: int = 1, stride: int = 1) -> None:
        weight = weights["weight"]
        out_channels, in_channels, kernel_size = weight.shape
        super().__init__(out_channels, kernel_size, dilation=dilation, stride=stride)
        self._is_whole = weight.dtype == torch.int8
        products = _PRODUCTS[weight.dtype]
        size = 1 if self._is_whole else 2
        deep = TILE_BYTES // size
        n_deep = -(-in_channels // deep)
        self._n_channels = n_deep * deep
        n_parts = 1 + max(part for part, _ in products)
        # Some more between rows: at a power of two apart, they would share few places of the cache.
        self._n_operands = n_parts * self._n_channels + deep
        tile_bytes = COLUMN_TILES * TILE_ROWS * TILE_BYTES
        sums = [
            (channels, tap, part, of_columns)
            for channels in range(n_deep)
            for tap in range(kernel_size)  # neighbours, since they look at nearly the same rows
            for part, of_columns in products
        ]
        row_steps = size * np.array(
            [
                tap * dilation * self._n_operands + part * self._n_channels + channels * deep
                for channels, tap, part, _ in sums
            ],
            np.int64,
        )
        column_steps = tile_bytes * np.array(
            [(channels * kernel_size + tap) * n_parts + of_columns for channels, tap, _, of_columns in sums],
            np.int64,
        )
        row_bytes = size * self._n_operands * stride + 4 * out_channels
        kernel_bytes = size * n_parts * self._n_channels * kernel_size * out_channels
        block_bytes = _BLOCK_BYTES if kernel_bytes < _SECOND_CACHE_BYTES else _LARGE_BLOCK_BYTES
        self._block_rows = max(block_bytes // row_bytes // _ROWS_TOGETHER, 1) * _ROWS_TOGETHER

        def in_panels(weight: Tensor) -> Tensor:
            out_padding = -out_channels % PANEL_COLUMNS
            padded = F.pad(weight, (0, 0, 0, self._n_channels - in_channels, 0, out_padding))
            parts = torch.stack(_in_parts(padded, n_parts) if not self._is_whole else [padded])
            # Of a tile of columns, each row has for each column the operands of neighbouring channels, 4 bytes.
            tiles = parts.view(
                n_parts, -1, COLUMN_TILES, TILE_COLUMNS, n_deep, TILE_ROWS, 4 // size, kernel_size
            )
            return tiles.permute(1, 4, 7, 0, 2, 5, 3, 6).flatten(1).contiguous()

        self._kernel = weights.laid_out("weight", in_panels)
        n_columns = len(self._kernel) * PANEL_COLUMNS
        padding = (0, n_columns - out_channels)
        bias = weights["bias"].float() if "bias" in weights else torch.zeros(out_channels)
        self._bias = F.pad(bias, padding).numpy()
        if self._is_whole:
            self._scales = F.pad(weights["weight_scale"].flatten(), padding)
            self._column_sums = _column_sums(self._kernel)
        self._operands = (
            self._n_channels,
            self._n_operands,
            row_steps,
            column_steps,
            self._stride,
            self._n_between,
            _bits(self._kernel),
        )
        """As the machine code is told of them; made once, since a short product takes hardly longer than that."""

    def _cut(self) -> tuple[int, int]:
        return _ROWS_TOGETHER, self._block_rows

    def _code(self, quantization: Quantization | None) -> tuple[Callable[..., None], Sequence[Any]]:
        if not self._is_whole:
            return convolve_in_tiles, (_NONE, 0, *self._operands, self._bias, self._bias, self._bias)
        assert quantization is not None
        zero_point = quantization.zero_point
        initial = (-zero_point * self._column_sums).view(torch.float32)
        scales = self._scales * quantization.scale
        return convolve_in_tiles, (
            quantization.steps.numpy(),
            zero_point,
            *self._operands,
            initial.numpy(),
            scales.numpy(),
            self._bias,
        )


_NONE = np.empty(0, np.float32)


def _bits(kernel: Tensor) -> NDArray[np.uint8 | np.uint16]:
    """For numba, which knows no brain floats; of bytes tiles take the sign for granted."""
    bits: NDArray[np.uint8 | np.uint16] = kernel.view(
        torch.uint8 if kernel.dtype == torch.int8 else torch.uint16
    ).numpy()
    return bits


def _in_parts(x: Tensor, n_parts: int) -> list[Tensor]:
    """Brain floats, the nearest one and then the nearest to what is left, that add up to x."""
    parts = []
    for _ in range(n_parts):
        parts.append(x.bfloat16())
        x = x - parts[-1].float()
    return parts


def _column_sums(kernel: Tensor) -> Tensor:
    """What a sum of bytes is more by where each of its inputs is more by one: (columns of all panels,)."""
    tiles = kernel.view(len(kernel), -1, COLUMN_TILES, TILE_ROWS, TILE_COLUMNS, 4)
    return tiles.sum(dim=(1, 3, 5), dtype=torch.int32).flatten()
