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
from wyoming_kokoro.model.fast.convolution import Convolution, FusedConvolution
from wyoming_kokoro.model.fast.kernels import Quantization, SnakeInput, padded_like
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
        self._fused = self._convolve if isinstance(self._convolve, FusedConvolution) else None
        self.is_fused = self._fused is not None
        """Whether it writes where it is told to without a copy, and makes any length for no more than that."""

    def __call__(
        self,
        x: Tensor,
        affine: Tensor,
        style: LayerStyle,
        *,
        inside: range | None = None,
        added: Sequence[Tensor] = (),
        out: Tensor | None = None,
        wants_moments: bool = True,
    ) -> tuple[Tensor, Tensor | None]:
        """x: (time, channels) → the sum of the convolution and of what is `added` to it, and its moments if wanted.

        x and `inside` as in `SnakeInput`. Of `added` there are two at most, the first fp32; `out` may be x or the last
        one that is added.
        """
        given = SnakeInput(x, affine, self._alphas, inside)
        if self._fused is not None:
            return self._fused.with_snake(given, style.quantization, added, out, wants_moments=wants_moments)
        activated = padded_like(x, self.reach if inside is None else 0, self._convolve.dtype)
        self._kernels.snake(given, activated, _rounding_before(self._convolve, style.quantization))
        y = self._convolve(activated, style.quantization)
        return self._add_up(y, added, out, wants_moments)

    def affine(self, moments: Tensor, style: LayerStyle) -> Tensor:
        """What normalisation and style together do to each channel, once its moments are known: (2, channels)."""
        return self._kernels.adain(moments, style.gamma_beta)

    def _add_up(
        self, y: Tensor, added: Sequence[Tensor], out: Tensor | None, wants_moments: bool
    ) -> tuple[Tensor, Tensor | None]:
        if not added:
            y = y if out is None else out.copy_(y)
            return y, self._kernels.moments(y) if wants_moments else None
        first, *more = added
        if out is None:
            out = torch.empty_like(first)
        if more and out is more[0] and not wants_moments:
            self._kernels.accumulate(out, first, y)
            return out, None
        assert not more or out is not more[0], "it would be written over before it is added"
        moments = self._kernels.add(first, y, out)
        for each in more:
            moments = self._kernels.add(out, each, out)
        return out, moments


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

    def __call__(
        self,
        x: Tensor,
        moments: Tensor,
        style: Sequence[LayerStyle],
        spares: tuple[Tensor, Tensor],
        *,
        keep: bool,
        added: Sequence[Tensor] = (),
        out: Tensor | None = None,
        wants_moments: bool = False,
        watch: Watch | None = None,
    ) -> tuple[Tensor, Tensor | None]:
        """x: (time, channels) with its moments → the result, with one more signal `added` to it; its moments if wanted.

        x itself is lost unless kept. `out` may be what is added, or x where that is lost. `watch` is told the moments.
        spares: as x, to be written over.
        """
        room, result = spares[0], spares[1] if keep else x
        last = len(self.layers) - 2
        for index in range(0, len(self.layers), 2):
            first, second = self.layers[index : index + 2]
            affine = first.affine(moments, style[index])
            y, between = first(x, affine, style[index], out=room if first.is_fused else None)
            assert between is not None
            if watch is not None:
                watch(moments)
                watch(between)
            affine = second.affine(between, style[index + 1])
            if index == last:
                both = (x, *added)
                return second(y, affine, style[index + 1], added=both, out=out, wants_moments=wants_moments)
            x, after = second(y, affine, style[index + 1], added=(x,), out=result)
            assert after is not None
            moments = after
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
