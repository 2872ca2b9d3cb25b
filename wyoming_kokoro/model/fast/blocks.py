"""The two residual blocks over (time, channels) buffers; `layers.py` one package up says what they are.

A block's style, that is gains, offsets and 8-bit scales, is made once an utterance and passed in; weights are
all that a block holds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from wyoming_kokoro.model.fast.backend import Backend
from wyoming_kokoro.model.fast.convolution import Convolution
from wyoming_kokoro.model.fast.kernels import Quantization, padded_like
from wyoming_kokoro.model.fast.weights import Weights
from wyoming_kokoro.model.layers import LEAK


@dataclass(frozen=True)
class LayerStyle:
    """What a style makes of one normalisation and of the convolution behind it."""

    gamma_beta: Tensor
    """(2, channels)"""

    quantization: Quantization | None = None


# Mean and variance of what each Snake convolution of the generator normalises, (2, channels), in running order.
Moments = Sequence[Tensor]

# Is told them one by one, as soon as they are known.
Watch = Callable[[Tensor], None]


@dataclass(frozen=True)
class SnakeWeights:
    """The weights of one Snake convolution."""

    norm: Weights
    alpha: Tensor
    """(channels,)"""

    convolution: Weights


def gamma_beta(weights: Weights, style: Tensor) -> Tensor:
    """The gain less one and the offset that a style row, (style_dim,), asks of a norm: (2, channels)."""
    return torch.addmv(weights["fc.bias"], weights["fc.weight"], style).view(2, -1)


def _rounding_before(convolve: Convolution, quantization: Quantization | None) -> Quantization | None:
    """How what a convolution is given has to be rounded: to 8 bits beforehand, to 16 it does so itself."""
    return quantization if convolve.dtype == torch.uint8 else None


class SnakeConvolution:
    """AdaIN, Snake, convolution: half a step of the generator's block. `SnakeStyles` makes its style."""

    def __init__(self, weights: SnakeWeights, backend: Backend, *, dilation: int = 1) -> None:
        self._kernels = backend.kernels
        self._alphas = torch.stack([weights.alpha / math.pi, 0.5 / weights.alpha])
        self._convolve = backend.convolution(weights.convolution, dilation=dilation)
        self.channels = len(weights.alpha)
        self.reach = self._convolve.reach
        self.dtype = self._convolve.dtype

    def __call__(self, x: Tensor, moments: Tensor, style: LayerStyle, buffer: Tensor) -> Tensor:
        """x: (time, channels) with its moments → (time, channels). `buffer` is written over."""
        self.activate(x, self.affine(moments, style), style, buffer)
        spare = (len(buffer) - len(x)) // 2 - self.reach
        return self.convolve(buffer[spare : len(buffer) - spare], style)

    def affine(self, moments: Tensor, style: LayerStyle) -> Tensor:
        """What normalisation and style together do to each channel, once its moments are known: (2, channels)."""
        return self._kernels.adain(moments, style.gamma_beta)

    def zero(self, style: LayerStyle) -> int:
        """What stands for zero in its buffer."""
        rounding = _rounding_before(self._convolve, style.quantization)
        return rounding.zero_point if rounding else 0

    def activate(self, x: Tensor, affine: Tensor, style: LayerStyle, out: Tensor) -> None:
        """The half before the convolution, into the padded `out`, which may be without padding."""
        rounding = _rounding_before(self._convolve, style.quantization)
        self._kernels.snake(x, affine, self._alphas, out, rounding)

    def activate_next(
        self, kept: Tensor, x: Tensor, affine: Tensor, style: LayerStyle, inside: range, out: Tensor
    ) -> None:
        """The same for rows that follow others, see `Kernels.snake_next`."""
        rounding = _rounding_before(self._convolve, style.quantization)
        self._kernels.snake_next(kept, x, affine, self._alphas, inside, out, rounding)

    def convolve(self, activated: Tensor, style: LayerStyle) -> Tensor:
        """The other half: (time + 2 * reach, channels) → (time, channels)."""
        return self._convolve(activated, style.quantization)


class SnakeStyles:
    """The styles of many Snake convolutions of equal width at once, which a style row decides together."""

    def __init__(self, layers: Sequence[SnakeWeights]) -> None:
        self._weight = torch.cat([layer.norm.take("fc.weight") for layer in layers])
        self._bias = torch.cat([layer.norm.take("fc.bias") for layer in layers])
        self._alpha = torch.stack([layer.alpha for layer in layers])
        self._ranges: Tensor | None = None
        if "input_range" in layers[0].convolution:
            self._ranges = torch.stack([layer.convolution.take("input_range") for layer in layers], dim=1)
            self._inverse_scales = 1 / torch.stack(
                [layer.convolution.take("channel_scale") for layer in layers]
            )

    def __call__(self, timbre: Tensor) -> list[LayerStyle]:
        """timbre: (style_dim,) → a style for each layer, in order."""
        gains = torch.addmv(self._bias, self._weight, timbre).view(len(self._alpha), 2, -1)
        if self._ranges is None:
            return [LayerStyle(each) for each in gains]
        low, high = snake_range(self._ranges, gains.unbind(1), self._alpha) * self._inverse_scales
        lows, highs = low.amin(dim=1).tolist(), high.amax(dim=1).tolist()
        styles = []
        for each, inverse_scale, lowest, highest in zip(
            gains, self._inverse_scales, lows, highs, strict=True
        ):
            scale = (highest - lowest) / 255
            zero_point = min(max(round(-lowest / scale), 0), 255)
            styles.append(LayerStyle(each, Quantization(inverse_scale / scale, scale, zero_point)))
        return styles


def quantization(inverse_scale: Tensor, low: float, high: float) -> Quantization:
    """All 256 steps between two values in units of the channels' scales; zero, which pads, is one of them."""
    low, high = min(low, 0.0), max(high, 1e-6)
    scale = (high - low) / 255
    return Quantization(inverse_scale / scale, scale, zero_point=min(max(round(-low / scale), 0), 255))


def adain_range(normalized: Tensor, gains: Sequence[Tensor]) -> Tensor:
    """Where channels' values end up after AdaIN.

    normalized: (2, …, channels), low ends and high ends; gains: γ and β, (…, channels) → (2, …, channels).
    """
    gamma, beta = gains
    ends = normalized * (1 + gamma) + beta
    return torch.stack([ends.amin(dim=0), ends.amax(dim=0)])  # a negative gain swaps them


def snake_range(normalized: Tensor, gains: Sequence[Tensor], alpha: Tensor) -> Tensor:
    """The same after Snake, which rises everywhere: the ends of a range stay its ends. alpha: (…, channels)."""
    ends = adain_range(normalized, gains)
    return ends + torch.sin(alpha * ends).square() / alpha


def leaky_relu_range(normalized: Tensor, gains: Sequence[Tensor]) -> Tensor:
    """The same after the LeakyReLU of a style block."""
    return F.leaky_relu(adain_range(normalized, gains), LEAK)


class SnakeBlock:
    """The generator's block: for each dilation a dilated and a plain convolution, and their sum with the input."""

    def __init__(self, weights: Weights, backend: Backend, dilations: tuple[int, ...]) -> None:
        assert len(dilations) > 1, "the first sum makes the copy that later ones are added into"
        self._kernels = backend.kernels
        self.weights = [
            SnakeWeights(
                weights.below(f"norms{half}.{index}"),
                weights[f"alphas{half}.{index}"].flatten(),
                weights.below(f"convs{half}.{index}"),
            )
            for index in range(len(dilations))
            for half in (1, 2)
        ]
        self.layers = [
            SnakeConvolution(layer, backend, dilation=1 if index % 2 else dilations[index // 2])
            for index, layer in enumerate(self.weights)
        ]
        self.reach = max(layer.reach for layer in self.layers)
        self.dtype = self.layers[0].dtype

    def __call__(
        self,
        x: Tensor,
        moments: Tensor,
        style: Sequence[LayerStyle],
        buffer: Tensor,
        *,
        keep: bool,
        watch: Watch | None = None,
    ) -> tuple[Tensor, Tensor]:
        """x: (time, channels) with its moments → two summands of the result, the first fp32; x itself is lost unless kept.

        The last sum is left to the caller, who has something else to add in the same pass. buffer: padded
        by the block's reach or more, in the block's type. `watch` is told the moments.
        """
        kernels = self._kernels
        result = torch.empty_like(x) if keep else x
        last = len(self.layers) - 2
        for index in range(0, len(self.layers), 2):
            y = self.layers[index](x, moments, style[index], buffer)
            between = kernels.moments(y)
            y = self.layers[index + 1](y, between, style[index + 1], buffer)
            if watch is not None:
                watch(moments)
                watch(between)
            if index == last:
                return x, y
            moments = kernels.add(x, y, result)
            x = result
        raise AssertionError("a block has layers")


class StyleConvolution:
    """AdaIN, LeakyReLU, convolution of kernel 3: half of a style block."""

    def __init__(self, norm: Weights, convolution: Weights, backend: Backend) -> None:
        self._kernels = backend.kernels
        self._norm = norm
        self._range: Tensor | None = None
        if "input_range" in convolution:
            self._range = convolution.take("input_range")
            self._inverse_scale = 1 / convolution.take("channel_scale")
        self._convolve = backend.linear(convolution)

    def __call__(
        self, x: Tensor, moments: Tensor, style: Tensor, between: Callable[[Tensor], Tensor] | None = None
    ) -> Tensor:
        """x: (time, in) with its moments, style: (style_dim,) → (time, out).

        `between` makes something else of the padded input of the convolution, which must not be of 8 bits then.
        """
        gains = gamma_beta(self._norm, style)
        how: Quantization | None = None
        if self._range is not None:
            ends = leaky_relu_range(self._range, gains.unbind()) * self._inverse_scale
            how = quantization(self._inverse_scale, ends[0].min().item(), ends[1].max().item())
        activated = padded_like(x, self._convolve.reach, self._convolve.dtype)
        affine = self._kernels.adain(moments, gains)
        self._kernels.leaky_relu(x, affine, LEAK, activated, _rounding_before(self._convolve, how))
        return self._convolve(activated if between is None else between(activated), how)


class StyleBlock:
    """The decoder's and the curves' block: two convolutions with AdaIN before each, and a shortcut.

    `prepare` has folded the √½ that follows the sum into the weights. Without shortcut weights, the shortcut
    is the input times √½.
    """

    def __init__(self, weights: Weights, backend: Backend, *, upsample: bool = False) -> None:
        self._kernels = backend.kernels
        self._first = StyleConvolution(weights.below("norm1"), weights.below("conv1"), backend)
        self._second = StyleConvolution(weights.below("norm2"), weights.below("conv2"), backend)
        has_shortcut = "shortcut.weight" in weights
        self._shortcut = backend.linear(weights.below("shortcut")) if has_shortcut else None
        self._upsample = weights.below("upsample") if upsample else None

    def __call__(self, x: Tensor, moments: Tensor, style: Tensor) -> Tensor:
        """x: (time, in_channels) with its moments, style: (style_dim,) → (time or 2 * time, out_channels)."""
        shortcut = (
            x * math.sqrt(0.5) if self._shortcut is None else self._shortcut(x.to(self._shortcut.dtype))
        )
        upsample = self._upsample
        if upsample is None:
            residual = self._first(x, moments, style)
        else:
            residual = self._first(x, moments, style, lambda padded: _double(padded[1:-1], upsample))
            shortcut = shortcut.repeat_interleave(2, dim=0)
        residual = self._second(residual, self._kernels.moments(residual), style)
        return torch.add(residual, shortcut).float()


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
