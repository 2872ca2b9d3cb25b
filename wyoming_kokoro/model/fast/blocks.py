"""The two residual blocks over (time, channels) buffers; `layers.py` one package up says what they are.

A block's style, that is gains, offsets and 8-bit scales, is made once an utterance and passed in; weights are
all that a block holds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from wyoming_kokoro.model.fast.backend import Backend
from wyoming_kokoro.model.fast.kernels import Quantization, padded_like
from wyoming_kokoro.model.fast.weights import Weights

_LEAK = 0.2


@dataclass(frozen=True)
class LayerStyle:
    """What a style makes of one normalisation and of the convolution behind it."""

    gamma_beta: Tensor
    """(2, channels)"""

    quantization: Quantization | None = None


def gamma_beta(weights: Weights, style: Tensor) -> Tensor:
    """The gain less one and the offset that a style row, (style_dim,), asks of a norm: (2, channels)."""
    return torch.addmv(weights["fc.bias"], weights["fc.weight"], style).view(2, -1)


class SnakeConvolution:
    """AdaIN, Snake, convolution: half a step of the generator's block."""

    def __init__(
        self, norm: Weights, alpha: Tensor, convolution: Weights, backend: Backend, *, dilation: int = 1
    ) -> None:
        self._kernels = backend.kernels
        self._norm = norm
        self._alpha = alpha.flatten()
        self._alphas = torch.stack([self._alpha / math.pi, 0.5 / self._alpha])
        self._convolve = backend.convolution(convolution, dilation=dilation)
        self.reach = self._convolve.reach
        self.dtype = self._convolve.dtype
        self._range: Tensor | None = None
        if self.dtype == torch.uint8:
            self._range = convolution["input_range"]
            self._inverse_channel_scale = 1 / convolution["channel_scale"]

    def style(self, timbre: Tensor) -> LayerStyle:
        """timbre: (style_dim,)."""
        gains = gamma_beta(self._norm, timbre)
        if self._range is None:
            return LayerStyle(gains)
        ends = snake_range(self._range, gains, self._alpha) * self._inverse_channel_scale
        low, high = ends[0].min().item(), ends[1].max().item()
        scale = (high - low) / 255
        zero_point = min(max(round(-low / scale), 0), 255)
        return LayerStyle(gains, Quantization(self._inverse_channel_scale, scale, zero_point))

    def __call__(self, x: Tensor, moments: Tensor, style: LayerStyle, buffer: Tensor) -> Tensor:
        """x: (time, channels) with its moments → (time, channels). `buffer` is written over."""
        affine = self._kernels.adain(moments, style.gamma_beta)
        self._kernels.snake(x, affine, self._alphas, buffer, style.quantization)
        spare = (len(buffer) - len(x)) // 2 - self.reach
        return self._convolve(buffer[spare : len(buffer) - spare], style.quantization)


def snake_range(normalized: Tensor, gains: Tensor, alpha: Tensor) -> Tensor:
    """Where a channel's values end up after AdaIN and Snake. All but alpha, (channels,), are (2, channels).

    Snake rises everywhere, so the ends of the range stay its ends; a negative gain swaps them.
    """
    ends = normalized * (1 + gains[0]) + gains[1]
    low, high = torch.aminmax(ends, dim=0)
    ends = torch.stack([low, high])
    return ends + torch.sin(alpha * ends).square() / alpha


class SnakeBlock:
    """The generator's block: for each dilation a dilated and a plain convolution, and their sum with the input."""

    def __init__(self, weights: Weights, backend: Backend, dilations: tuple[int, ...]) -> None:
        self._kernels = backend.kernels
        self._layers = [
            SnakeConvolution(
                weights.below(f"norms{half}.{index}"),
                weights[f"alphas{half}.{index}"],
                weights.below(f"convs{half}.{index}"),
                backend,
                dilation=dilation if half == 1 else 1,
            )
            for index, dilation in enumerate(dilations)
            for half in (1, 2)
        ]
        self.reach = max(layer.reach for layer in self._layers)
        self.dtype = self._layers[0].dtype

    def style(self, timbre: Tensor) -> tuple[LayerStyle, ...]:
        """timbre: (style_dim,)."""
        return tuple(layer.style(timbre) for layer in self._layers)

    def __call__(
        self, x: Tensor, moments: Tensor, style: tuple[LayerStyle, ...], buffer: Tensor, *, keep: bool
    ) -> tuple[Tensor, Tensor]:
        """x: (time, channels) → two summands of the result, the first fp32; x itself is lost unless kept.

        The last sum is left to the caller, who has something else to add in the same pass. buffer: padded
        by the block's reach or more, in the block's type.
        """
        kernels = self._kernels
        result = torch.empty_like(x) if keep else x
        last = len(self._layers) - 2
        for index in range(0, len(self._layers), 2):
            y = self._layers[index](x, moments, style[index], buffer)
            y = self._layers[index + 1](y, kernels.moments(y), style[index + 1], buffer)
            if index == last:
                return x, y
            moments = kernels.add(x, y, result)
            x = result
        raise AssertionError("a block has layers")


class StyleBlock:
    """The decoder's and the curves' block: two convolutions with AdaIN before each, and a shortcut.

    `prepare` has folded the √½ that follows the sum into the weights. Without shortcut weights, the shortcut
    is the input times √½.
    """

    def __init__(self, weights: Weights, backend: Backend, *, upsample: bool = False) -> None:
        self._kernels = backend.kernels
        self._norm1, self._norm2 = weights.below("norm1"), weights.below("norm2")
        self._conv1 = backend.linear(weights.below("conv1"))
        self._conv2 = backend.linear(weights.below("conv2"))
        has_shortcut = "shortcut.weight" in weights
        self._shortcut = backend.linear(weights.below("shortcut")) if has_shortcut else None
        self._upsample = weights.below("upsample") if upsample else None

    def __call__(self, x: Tensor, moments: Tensor, style: Tensor) -> Tensor:
        """x: (time, in_channels) with its moments, style: (style_dim,) → (time or 2 * time, out_channels)."""
        residual = self._activate(x, moments, self._norm1, style)
        shortcut = (
            x * math.sqrt(0.5) if self._shortcut is None else self._shortcut(x.to(self._shortcut.dtype))
        )
        if self._upsample is not None:
            residual = _double(residual[1:-1], self._upsample)
            shortcut = shortcut.repeat_interleave(2, dim=0)
        residual = self._conv1(residual)
        residual = self._activate(residual, self._kernels.moments(residual), self._norm2, style)
        return torch.add(self._conv2(residual), shortcut).float()

    def _activate(self, x: Tensor, moments: Tensor, norm: Weights, style: Tensor) -> Tensor:
        """The padded input of a convolution of kernel 3."""
        affine = self._kernels.adain(moments, gamma_beta(norm, style))
        out = padded_like(x, 1, self._conv1.dtype)
        self._kernels.leaky_relu(x, affine, _LEAK, out)
        return out


def _double(x: Tensor, weights: Weights) -> Tensor:
    """The transposed depthwise convolution of stride 2: (time, channels) → padded (2 * time + 2, channels)."""
    n_rows, channels = x.shape
    weight = weights["weight"].view(channels, 3).t().to(x.dtype)
    bias = weights["bias"].to(x.dtype)
    out = torch.zeros(2 * n_rows + 2, channels, dtype=x.dtype)
    pairs = out[1:-1].view(n_rows, 2, channels)
    pairs[:, 0] = x * weight[1] + bias
    pairs[:, 1] = x * weight[2] + bias
    pairs[:-1, 1] += x[1:] * weight[0]
    return out
