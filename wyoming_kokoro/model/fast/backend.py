"""What the fast model is made of on a machine: for each type of weights the way that is taken. `choosing.py` finds it."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from wyoming_kokoro.model.fast.convolution import (
    Convolution,
    OneDnnConvolution,
    OneDnnInt8Convolution,
    OneDnnInt8Linear,
    OneDnnLinear,
    PlainConvolution,
)
from wyoming_kokoro.model.fast.kernels import Kernels
from wyoming_kokoro.model.fast.weights import Weights

# The points of larger kernels take three times the memory in fp32, and short sequences wait for that.
_MAX_TAPS_OF_FP32_LINEAR = 3


@dataclass(frozen=True)
class Backend:
    """What the fast model is made of on this machine. `Backend(TorchKernels())` is plain throughout."""

    kernels: Kernels
    onednn: frozenset[torch.dtype] = frozenset()
    """The types of weights that oneDNN convolves with."""

    toom_cook: frozenset[torch.dtype] = frozenset()
    """The types that our own convolutions are for, where channels are many; what nobody is for goes the plain way."""

    has_own_linear: bool = False
    """Whether fp32 matrices are multiplied by our own code."""

    tiles: frozenset[torch.dtype] = frozenset()
    """The types that we convolve and multiply with in tiles, where channels are many, before all other ways."""

    has_tile_linear: bool = False
    """Whether fp32 matrices are multiplied in tiles, before all other ways."""

    int8_output: torch.dtype = torch.float32
    """What oneDNN's 8-bit convolutions give: bf16 is half of fp32's memory, on a CPU that has it."""

    faults: tuple[str, ...] = ()
    """Each fast path that was left out, and why, for people."""

    @property
    def layout(self) -> str:
        """Names the order in which it wants weights, fit for a file's name: another backend's may differ, or another CPU's."""
        parts = []
        if self.toom_cook or self.has_own_linear:
            from wyoming_kokoro.model.fast.numba_convolution import LAYOUT

            own = [*sorted(map(name_of, self.toom_cook)), *(["linear"] if self.has_own_linear else [])]
            parts += [*own, LAYOUT]
        if self.tiles or self.has_tile_linear:
            from wyoming_kokoro.model.fast.tile_convolution import LAYOUT as TILE_LAYOUT

            parts += [*sorted(map(name_of, self.tiles)), *(["linear"] if self.has_tile_linear else [])]
            parts.append(TILE_LAYOUT)
        return "-".join(parts) or "plain"

    def can_convolve(self, dtype: torch.dtype) -> bool:
        """Whether there is a fast way for weights of this type."""
        return dtype in self.onednn | self.of_any_length

    @property
    def of_any_length(self) -> frozenset[torch.dtype]:
        """The types for which a new length of speech costs nothing: oneDNN makes code for each."""
        return self.toom_cook | self.tiles

    def convolution(self, weights: Weights, *, dilation: int = 1) -> Convolution:
        """For long sequences, with these weights: `weight`, perhaps `bias`; for 8 and 16 bits `weight_scale`."""
        weight = weights["weight"]
        if weight.dtype in self.tiles:
            from wyoming_kokoro.model.fast.tile_convolution import TileConvolution, fills_tiles

            if fills_tiles(weight):
                return TileConvolution(weights, dilation=dilation)
        if weight.dtype in self.toom_cook:
            from wyoming_kokoro.model.fast.numba_convolution import ToomCookConvolution, convolves

            if convolves(weight):
                return ToomCookConvolution(weights, dilation=dilation)
        if weight.dtype not in self.onednn:
            return PlainConvolution(weights, dilation=dilation)
        if weight.dtype == torch.int8:
            return OneDnnInt8Convolution(weights, dilation=dilation, out_dtype=self.int8_output)
        return OneDnnConvolution(weights, dilation=dilation)

    def linear(self, weights: Weights, *, stride: int = 1) -> Convolution:
        """For short sequences or large weights; the same weights as for `convolution`."""
        weight = weights["weight"]
        if weight.dtype in self.tiles or (weight.dtype == torch.float32 and self.has_tile_linear):
            from wyoming_kokoro.model.fast.tile_convolution import TileConvolution, fills_tiles

            if fills_tiles(weight):
                return TileConvolution(weights, stride=stride)
        if weight.dtype in self.toom_cook:
            from wyoming_kokoro.model.fast.numba_convolution import ToomCookConvolution, convolves

            is_small = weight.dtype == torch.int16 or weight.shape[2] <= _MAX_TAPS_OF_FP32_LINEAR
            if stride == 1 and is_small and convolves(weight):
                return ToomCookConvolution(weights, is_short=True)
        if weight.dtype == torch.float32 and self.has_own_linear:
            from wyoming_kokoro.model.fast.numba_convolution import NumbaLinear, multiplies

            if multiplies(weight):
                return NumbaLinear(weights, stride=stride)
        if weight.dtype not in self.onednn:
            return PlainConvolution(weights, stride=stride)
        if weight.dtype == torch.int8:
            return OneDnnInt8Linear(weights, stride=stride, out_dtype=self.int8_output)
        return OneDnnLinear(weights, stride=stride)


def name_of(dtype: torch.dtype) -> str:
    """As people call a type: `float32`."""
    return str(dtype).removeprefix("torch.")
