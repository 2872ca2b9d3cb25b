"""Convolutions by Toom–Cook, and products of matrices, in machine code that is one for all lengths.

A sequence is cut into blocks that fit a core's cache, a block into tiles of a few outputs. With a dilation d the
outputs of a tile are d apart, and tiles come in d phases. Within a phase the next tile's inputs begin where the
next group of taps looks, so all groups of a kernel read the same points: the sum over groups and channels is one
over neighbouring numbers.

As a block is in the cache anyway, what comes before and after a convolution is done there, too: AdaIN and Snake of
what it looks at, the sum with what else is wanted in its result, and the moments of that. Otherwise each would be
a way through all of a signal, and these are longer than caches are large.

Operands are fp32, or 16-bit integers: CPUs do two products of these in the time of one in fp32, and there is room
for a scale that needs no calibration. Or brain floats, as quick, which need no scale and have fewer digits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from wyoming_kokoro.model.fast.block_convolution import BlockConvolution
from wyoming_kokoro.model.fast.convolution import gathered, gathered_weight
from wyoming_kokoro.model.fast.convolution_code import (
    HAS_BRAIN_FLOATS,
    HAS_INT16,
    N_COLUMNS,
    N_FEW_TILES,
    STEPS_TOGETHER,
    WIDTH,
    convolve,
    multiply,
)
from wyoming_kokoro.model.fast.kernels import Quantization
from wyoming_kokoro.model.fast.numba_kernels import view
from wyoming_kokoro.model.fast.numba_threads import run
from wyoming_kokoro.model.fast.toom_cook import (
    transform_for,
    transform_for_brain_floats,
    transform_kernel,
    transform_of,
)
from wyoming_kokoro.model.fast.weights import Weights

# Points of so many tiles, for 128 or 256 channels, stay in a core's second cache.
_TILES_IN_BLOCK = 48

# And rows of a product of matrices, whose operand is read anew for each block.
_ROWS_IN_BLOCK = 128

# Channels are made up with zeros to a multiple of this: pairs, unrolled, and whole vectors of any width.
_CHANNELS_TOGETHER = max(2 * STEPS_TOGETHER, WIDTH)

LAYOUT = f"2-{N_COLUMNS}x{STEPS_TOGETHER}x{WIDTH}"
"""Names the order in which weights are laid out on this CPU; the first number is to be raised with every change of it."""

# With fewer channels than this, making them up would be most of the work.
_FEW_IN, _FEW_OUT = 64, 16

# Steps of 8 bits are 256 from end to end of a channel's range; those of 16 bits reach as far to either side.
_FINER = 128.0


def convolves(weight: Tensor) -> bool:
    """Whether `ToomCookConvolution` is for a weight: for a kernel to save on, and nearly as many channels as it takes."""
    if weight.dtype == torch.int16:
        _, out_channels, _, in_channels = weight.shape
        return in_channels >= _FEW_IN and out_channels >= _FEW_OUT
    out_channels, in_channels, kernel_size = weight.shape
    return kernel_size > 1 and in_channels >= _FEW_IN and out_channels >= _FEW_OUT


def multiplies(weight: Tensor) -> bool:
    """Whether `NumbaLinear` is for a weight, (out, in, kernel)."""
    return weight.dtype == torch.float32 and len(weight) >= _FEW_OUT


def _panels(columns: Tensor) -> Tensor:
    """(…, out, operand) → (…, panels, N_COLUMNS, operand), the last one filled up with zeros."""
    *outer, out_channels, n_operands = columns.shape
    return F.pad(columns, (0, 0, 0, -out_channels % N_COLUMNS)).view(*outer, -1, N_COLUMNS, n_operands)


class ToomCookConvolution(BlockConvolution):
    """fp32 in, fp32 out; with 16-bit weights `quantization` says how inputs become integers, 256 times finer.

    Without one, integers are as fine as the largest input allows.
    """

    def __init__(self, weights: Weights, *, dilation: int = 1, is_short: bool = False) -> None:
        """is_short: for short sequences. Of 16 bits the points say so themselves."""
        weight = weights["weight"]
        self._is_whole = weight.dtype == torch.int16
        if self._is_whole and not HAS_INT16:
            raise NotImplementedError("this CPU has no products of 16-bit numbers in pairs")
        if weight.dtype == torch.bfloat16 and not HAS_BRAIN_FLOATS:
            raise NotImplementedError("this CPU has no products of brain floats in pairs")
        if self._is_whole:
            scales, kernel_size = weights["weight_scale"], int(weights["kernel_size"])
            _, out_channels, self._n_groups, in_channels = weight.shape
            transform = transform_of(weight, kernel_size)
        else:
            out_channels, in_channels, kernel_size = weight.shape
            if weight.dtype == torch.bfloat16:
                transform = transform_for_brain_floats(kernel_size)
            else:
                transform = transform_for(kernel_size, is_short=is_short)
            self._n_groups = transform.n_groups(kernel_size)
            scales = torch.ones(transform.n_points, out_channels)
        super().__init__(out_channels, kernel_size, dilation=dilation)
        self._n_outputs = transform.n_outputs
        self._dilation = dilation
        self._n_made_up = -in_channels % _CHANNELS_TOGETHER

        def in_panels(weight: Tensor) -> Tensor:
            points = weight if self._is_whole else transform_kernel(weight, transform=transform)
            points = _panels(F.pad(points, (0, self._n_made_up)).flatten(2))
            points = points.view(*points.shape[:3], -1, 1 if weight.dtype == torch.float32 else 2)
            # A panel's numbers in the order in which they are read; of 16 bits, two neighbouring channels as a pair.
            return points.permute(1, 0, 3, 2, 4).flatten(3).to(weight.dtype).contiguous()

        self._kernel = view(weights.laid_out("weight", in_panels))
        self._scales = _panels(scales.float().unsqueeze(2))[..., 0].transpose(0, 1).contiguous()
        # What the machine code is told, made once: a short convolution takes hardly longer than that.
        self._unrounded = (
            torch.ones(in_channels + self._n_made_up).numpy(),
            self._kernel,
            self._scales.numpy(),
        )
        self._shape = _bias(weights, self._out_channels).numpy(), dilation, self._n_groups, self._n_outputs

    def _cut(self) -> tuple[int, int]:
        tile_rows = self._n_outputs * self._dilation
        together = tile_rows * N_FEW_TILES
        n_tiles = _TILES_IN_BLOCK if self._n_outputs > 1 else _ROWS_IN_BLOCK
        return together, -(-n_tiles // (self._dilation * N_FEW_TILES)) * together

    def _fitted(self, x: Tensor, quantization: Quantization | None) -> Quantization | None:
        return _fitting(x) if self._is_whole and quantization is None else quantization

    def _code(self, quantization: Quantization | None) -> tuple[Callable[..., None], Sequence[Any]]:
        if not self._is_whole:
            return convolve, (*self._unrounded, *self._shape)
        assert quantization is not None
        steps = F.pad(quantization.steps * _FINER, (0, self._n_made_up))
        scales = self._scales * (quantization.scale / _FINER)
        return convolve, (steps.numpy(), self._kernel, scales.numpy(), *self._shape)


def _fitting(x: Tensor) -> Quantization:
    """For a signal of which nothing is known."""
    scale = max(x.abs().max().item(), 1e-6) / _FINER
    return Quantization(torch.full((x.shape[1],), 1 / scale), scale, zero_point=0)


def _bias(weights: Weights, out_channels: int) -> Tensor:
    """As wide as the panels together."""
    bias = weights["bias"].float() if "bias" in weights else torch.zeros(out_channels)
    return _panels(bias.unsqueeze(1)).flatten().contiguous()


class NumbaLinear:
    """fp32 in, fp32 out; every output's inputs gathered side by side, as `OneDnnLinear` does."""

    dtype = torch.float32

    def __init__(self, weights: Weights, *, stride: int = 1) -> None:
        self._out_channels, in_channels, self._kernel_size = weights["weight"].shape
        self._stride = stride
        self.reach = (self._kernel_size - 1) // 2
        self._n_made_up = -in_channels * self._kernel_size % STEPS_TOGETHER

        def in_panels(weight: Tensor) -> Tensor:
            columns = F.pad(gathered_weight(weight), (0, self._n_made_up))
            return _panels(columns).transpose(1, 2).contiguous()

        self._matrix = weights.laid_out("weight", in_panels)
        self._bias = _bias(weights, self._out_channels)

    def __call__(self, x: Tensor, quantization: Quantization | None = None) -> Tensor:
        assert quantization is None
        rows, n_rows = gathered(x, self._kernel_size, self._stride, 1)
        if self._n_made_up:  # padding by nothing would be a copy
            rows = F.pad(rows, (0, self._n_made_up))
        out = torch.empty(n_rows, len(self._bias))
        run(multiply, rows.contiguous().numpy(), self._matrix.numpy(), self._bias.numpy(), out.numpy())
        return out[:, : self._out_channels].contiguous()
