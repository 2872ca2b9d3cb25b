"""Convolutions over (time, channels) buffers, with weights prepared once. Linear layers are ones of kernel 1.

Two ways through oneDNN. As convolutions, time is one side of an image one pixel across: fp32, bf16 and 8-bit
ones so run near the hardware's limit, dilated ones too. With AVX-512 it has to be the height (as the width,
dilation costs up to half), without it the width (as the height, all takes four times as long).
Edges are rows of the input, not padding: an 8-bit convolution that pads for itself spends 60 ms at every new
length on machine code for its borders. But on short sequences oneDNN wants weights in an order that hangs on
the length, and putting large ones in another order takes 50 ms; a matrix product has one order for all lengths.

Where oneDNN does not work, `PlainConvolution` does the same on fp32 numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import torch
import torch.nn.functional as F
from torch import Tensor

from wyoming_kokoro.model.fast.kernels import Quantization, SnakeInput
from wyoming_kokoro.model.fast.toom_cook import kernel_of
from wyoming_kokoro.model.fast.weights import Weights

# Whether time is the height.
_IS_UPRIGHT = torch.backends.cpu.get_cpu_capability().startswith("AVX512")

# oneDNN orders weights for a length; for all but very short sentences the order is the one for this.
_TYPICAL_STEPS = 24_000

# Matrix products are given so many steps or a multiple. For each number of them oneDNN makes machine code, 0.3 to
# 0.6 ms and as many MB each time, and sentences differ in length.
_STEPS_TOGETHER = 32


class Convolution(Protocol):
    """One convolution that pads nothing: (time + 2 * reach, in) → (time, out)."""

    dtype: torch.dtype
    """Of the input: fp32, bf16 or u8."""

    reach: int
    """Steps on either side of one that it looks at."""

    def __call__(self, x: Tensor, quantization: Quantization | None = None) -> Tensor:
        """Returns fp32 or bf16. Where the input is u8, `quantization` says what it means."""


@runtime_checkable
class FusedConvolution(Convolution, Protocol):
    """One that does in the same pass what comes before and after it."""

    def with_snake(
        self,
        given: SnakeInput,
        quantization: Quantization | None,
        added: Sequence[Tensor],
        out: Tensor | None,
        *,
        wants_moments: bool,
    ) -> tuple[Tensor, Tensor | None]:
        """The convolution of what Snake makes of the input, and added to it up to two signals: (time, out).

        A whole signal stays as long as it is, a part loses its neighbours. out: where the result goes, which may be
        one of those that are added; a new one by default. Also returns its moments, (2, out), if they are wanted.
        """


class OneDnnLinear:
    """fp32 or bf16 in, the same out; by matrix product, every output's inputs gathered side by side."""

    def __init__(self, weights: Weights, *, stride: int = 1) -> None:
        weight = weights.take("weight")
        self._kernel_size = weight.shape[2]
        self.dtype = weight.dtype
        self.reach = (self._kernel_size - 1) // 2
        self._stride = stride
        self._weight = torch.ops.mkldnn._reorder_linear_weight(gathered_weight(weight), None)
        self._bias = weights["bias"].to(self.dtype) if "bias" in weights else None

    def __call__(self, x: Tensor, quantization: Quantization | None = None) -> Tensor:
        assert quantization is None
        rows, n_rows = gathered(x, self._kernel_size, self._stride, _STEPS_TOGETHER)
        y = torch.ops.mkldnn._linear_pointwise(rows, self._weight, self._bias, "none", [], "")
        return y[:n_rows]


class _Int8Operands:
    """What oneDNN's 8-bit operations take besides input and weights, in their order."""

    def __init__(self, weights: Weights, out_channels: int, out_dtype: torch.dtype) -> None:
        self.weight_scale = weights["weight_scale"]
        self._zero_point = torch.zeros(out_channels, dtype=torch.long)
        self._bias = weights["bias"]
        self._out_dtype = out_dtype

    def before(
        self, quantization: Quantization, weight: Tensor
    ) -> tuple[float, int, Tensor, Tensor, Tensor, Tensor]:
        """From the input's scale to the bias."""
        how = (quantization.scale, quantization.zero_point)
        return (*how, weight, self.weight_scale, self._zero_point, self._bias)

    def after(self) -> tuple[float, int, torch.dtype, str, list[float], str]:
        """The output: not quantised, nothing done to it."""
        return (1.0, 0, self._out_dtype, "none", [], "")


class OneDnnInt8Linear:
    """u8 in, fp32 or bf16 out; gathered as in `OneDnnLinear`."""

    dtype = torch.uint8

    def __init__(self, weights: Weights, *, stride: int = 1, out_dtype: torch.dtype = torch.float32) -> None:
        weight = weights.take("weight")
        out_channels, _, self._kernel_size = weight.shape
        self.reach = (self._kernel_size - 1) // 2
        self._stride = stride
        self._operands = _Int8Operands(weights, out_channels, out_dtype)
        self._weight = torch.ops.onednn.qlinear_prepack(gathered_weight(weight), None)

    def __call__(self, x: Tensor, quantization: Quantization | None = None) -> Tensor:
        assert quantization is not None
        rows, n_rows = gathered(x, self._kernel_size, self._stride, _STEPS_TOGETHER)
        before, after = self._operands.before(quantization, self._weight), self._operands.after()
        return torch.ops.onednn.qlinear_pointwise(rows, *before, *after)[:n_rows]


def gathered_weight(weight: Tensor) -> Tensor:
    """(out, in, kernel) → (out, kernel * in), the order in which `gathered` puts the inputs."""
    return weight.transpose(1, 2).reshape(len(weight), -1)


def gathered(x: Tensor, kernel_size: int, stride: int, multiple: int) -> tuple[Tensor, int]:
    """Each output's inputs side by side: (time, channels) → (a multiple of steps, kernel_size * channels).

    Also returns how many of these steps count.
    """
    n_rows, channels = x.shape
    size = ((n_rows - kernel_size) // stride + 1, kernel_size * channels)
    n_padding = -size[0] % multiple
    if kernel_size == 1 and stride == 1 and not n_padding:
        return x, n_rows
    x = x.contiguous()
    out = torch.empty(size[0] + n_padding, size[1], dtype=x.dtype)
    out[: size[0]] = x.as_strided(size, (stride * channels, 1), x.storage_offset())
    out[size[0] :] = 0
    return out, size[0]


class OneDnnConvolution:
    """fp32 or bf16 in, the same out."""

    def __init__(self, weights: Weights, *, dilation: int = 1) -> None:
        weight = weights.take("weight")
        _, in_channels, kernel_size = weight.shape
        self.dtype = weight.dtype
        self.reach = dilation * (kernel_size - 1) // 2
        self._geometry = ([0, 0], [1, 1], _sides(dilation, 1), 1)
        self._weight = torch.ops.mkldnn._reorder_convolution_weight(
            _kernel_image(weight), *self._geometry, [1, in_channels, *_sides(_TYPICAL_STEPS, 1)]
        )
        self._bias = weights["bias"].to(self.dtype) if "bias" in weights else None

    def __call__(self, x: Tensor, quantization: Quantization | None = None) -> Tensor:
        assert quantization is None
        return _rows(
            torch.ops.mkldnn._convolution_pointwise(
                _image(x), self._weight, self._bias, *self._geometry, "none", [], ""
            )
        )


class OneDnnInt8Convolution:
    """u8 in, fp32 or bf16 out: sums are exact, what is rounded is the result."""

    dtype = torch.uint8

    def __init__(
        self, weights: Weights, *, dilation: int = 1, out_dtype: torch.dtype = torch.float32
    ) -> None:
        weight = weights.take("weight")
        out_channels, in_channels, kernel_size = weight.shape
        self.reach = dilation * (kernel_size - 1) // 2
        self._geometry = ([1, 1], [0, 0], _sides(dilation, 1), 1)
        self._operands = _Int8Operands(weights, out_channels, out_dtype)
        self._weight = torch.ops.onednn.qconv_prepack(
            _kernel_image(weight),
            self._operands.weight_scale,
            1.0,
            128,
            *self._geometry,
            [1, in_channels, *_sides(_TYPICAL_STEPS, 1)],
        )

    def __call__(self, x: Tensor, quantization: Quantization | None = None) -> Tensor:
        assert quantization is not None
        before, after = self._operands.before(quantization, self._weight), self._operands.after()
        return _rows(torch.ops.onednn.qconv2d_pointwise(_image(x), *before, *self._geometry, *after))


class PlainConvolution:
    """The same mathematics on fp32 numbers, whatever the input's type."""

    def __init__(self, weights: Weights, *, dilation: int = 1, stride: int = 1) -> None:
        weight = weights.take("weight")
        if weight.dtype == torch.int16:
            scale = weights["weight_scale"][..., None, None]
            weight = kernel_of(weight * scale, int(weights["kernel_size"]))
        self.dtype = torch.uint8 if weight.dtype == torch.int8 else weight.dtype
        self.reach = dilation * (weight.shape[2] - 1) // 2
        self._dilation = dilation
        self._stride = stride
        self._weight = weight.float()
        if weight.dtype == torch.int8:
            self._weight = self._weight * weights["weight_scale"].view(-1, 1, 1)
        self._bias = weights["bias"].float() if "bias" in weights else None

    def __call__(self, x: Tensor, quantization: Quantization | None = None) -> Tensor:
        if quantization is not None and x.dtype == torch.uint8:
            x = (x.float() - quantization.zero_point) * quantization.scale
        y = F.conv1d(x.float().t().unsqueeze(0), self._weight, self._bias, self._stride, 0, self._dilation)
        return y[0].t().contiguous()


def _sides(along: int, across: int) -> list[int]:
    """Something along time and across it, as height and width."""
    return [along, across] if _IS_UPRIGHT else [across, along]


def _kernel_image(weight: Tensor) -> Tensor:
    """(out, in, kernel) → (out, in, height, width)."""
    return weight.unsqueeze(3 if _IS_UPRIGHT else 2)


def _image(x: Tensor) -> Tensor:
    """(time, channels) → (1, channels, height, width) in channels-last order, on the same memory."""
    n_rows, channels = x.shape
    return x.view(1, *_sides(n_rows, 1), channels).permute(0, 3, 1, 2)


def _rows(image: Tensor) -> Tensor:
    """And back."""
    return image.permute(0, 2, 3, 1).reshape(-1, image.shape[1])
