"""Decoder and generator over (time, channels) buffers; `decoder.py` one package up says what they are."""

from __future__ import annotations

import math
from itertools import islice

import torch
import torch.nn.functional as F
from torch import Tensor

from wyoming_kokoro.model import stft
from wyoming_kokoro.model.config import GeneratorConfig, ModelConfig
from wyoming_kokoro.model.decoder import LEAK_BEFORE_OUTPUT, LEAK_BEFORE_UPSAMPLING
from wyoming_kokoro.model.fast.backend import Backend
from wyoming_kokoro.model.fast.blocks import LayerStyle, SnakeBlock, SnakeStyles, StyleBlock, Watch
from wyoming_kokoro.model.fast.kernels import padded_like
from wyoming_kokoro.model.fast.source import FastSource
from wyoming_kokoro.model.fast.weights import Weights


class FastDecoder:
    """Aligned text features with F0 and energy to the generator's input."""

    def __init__(self, weights: Weights, backend: Backend) -> None:
        self._kernels = backend.kernels
        self._f0_conv, self._energy_conv = weights.below("f0_conv"), weights.below("energy_conv")
        self._aligned_conv = backend.linear(weights.below("aligned_conv"))
        self._encode = StyleBlock(weights.below("encode"), backend)
        n_blocks = 4
        self._blocks = [
            StyleBlock(weights.below(f"blocks.{index}"), backend, upsample=index == n_blocks - 1)
            for index in range(n_blocks)
        ]

    def __call__(self, aligned: Tensor, f0: Tensor, energy: Tensor, timbre: Tensor) -> Tensor:
        """aligned: (frames, hidden_dim), f0 and energy: (2 * frames,) → (2 * frames, initial_channels)."""
        curves = [_halve(f0, self._f0_conv), _halve(energy, self._energy_conv)]
        x = torch.cat([aligned, *curves], dim=1)
        x = self._encode(x, self._kernels.moments(x), timbre)
        again = torch.cat([self._aligned_conv(aligned.to(self._aligned_conv.dtype)), *curves], dim=1).float()
        moments = self._kernels.moments(again)
        for block in self._blocks:
            both = torch.cat([self._kernels.moments(x), moments], dim=1)
            x = block(torch.cat([x, again], dim=1), both, timbre)
        return x


def _halve(curve: Tensor, weights: Weights) -> Tensor:
    """A convolution of kernel 3 and stride 2, for which oneDNN would make code at every length: (2 * frames,) → (frames, 1)."""
    taps = F.pad(curve, (1, 1)).unfold(0, 3, 2)
    return taps @ weights["weight"].view(3, 1) + weights["bias"]


# What a timbre makes of the generator: for each stage the styles of its source block and of its blocks.
GeneratorStyle = list[list[list[LayerStyle]]]


class FastGenerator:
    """Features and F0 to samples."""

    def __init__(self, weights: Weights, config: ModelConfig, backend: Backend, *, exact: bool) -> None:
        """exact: the source in the reference's own arithmetic."""
        generator = config.generator
        self.kernels = backend.kernels
        self.config = generator
        self.source = FastSource(weights.below("source"), config, backend, exact=exact)
        self.stages = [
            Stage(weights.below(f"stages.{index}"), generator, index, backend)
            for index in range(len(generator.upsample_rates))
        ]
        self.output = backend.convolution(weights.below("output_conv"))
        self.hops_per_row = math.prod(stage.rate for stage in self.stages)
        """Columns of the spectrum that come of one row of features."""

        self.widths = [
            layer.channels
            for stage in self.stages
            for block in (stage.source_block, *stage.blocks)
            for layer in block.layers
        ]
        """Of everything that is normalised, in channels, in running order."""

    def style(self, timbre: Tensor) -> GeneratorStyle:
        """timbre: (style_dim,). To be made once an utterance."""
        return [stage.style(timbre) for stage in self.stages]

    def __call__(
        self,
        features: Tensor,
        f0: Tensor,
        style: GeneratorStyle,
        noise: Tensor,
        watch: Watch | None = None,
    ) -> Tensor:
        """features: (2 * frames, initial_channels), f0: (2 * frames,) in Hz, noise → (samples,).

        `watch` is told the moments of what is normalised on the way.
        """
        source_spectrum = self.source(f0, noise)
        x, gain = features, 1.0
        for stage, stage_style in zip(self.stages, style, strict=True):
            x = stage(x, gain, source_spectrum, stage_style, watch)
            gain = stage.gain
        activated = padded_like(x, self.output.reach, self.output.dtype)
        self.activate_output(x, activated)
        return self.samples(self.output(activated))

    def activate_output(self, x: Tensor, out: Tensor) -> None:
        """What lies between the last stage and the last convolution, into the padded `out`."""
        scaling = scaling_by(self.stages[-1].gain, x.shape[1])
        self.kernels.leaky_relu(x, scaling, LEAK_BEFORE_OUTPUT, out)

    def samples(self, spectrum: Tensor) -> Tensor:
        """(hops + 1, 2 * bins) → (samples,)."""
        spectrum = spectrum.float().t().unsqueeze(0)
        return stft.synthesise_exponents(spectrum, self.config.n_fft, self.config.hop_samples)[0]


class Stage:
    """Upsamples, adds what the source has to say at this rate, and refines."""

    def __init__(self, weights: Weights, config: GeneratorConfig, index: int, backend: Backend) -> None:
        self.kernels = backend.kernels
        self.in_channels = config.initial_channels >> index
        self.channels = self.in_channels // 2
        self.rate = config.upsample_rates[index]
        self.is_last = index == len(config.upsample_rates) - 1
        self.cut = (config.upsample_kernel_sizes[index] - self.rate) // 2
        """Steps that the transposed convolution makes too many at either end."""
        self.source_stride = config.source_stride(index)
        self.source_margin = 0 if self.is_last else (self.source_stride + 1) // 2
        self.source_kernel_size = 1 if self.is_last else 2 * self.source_stride
        self.upsample = backend.linear(weights.below("upsample"))
        self._source_conv = backend.linear(weights.below("source_conv"), stride=self.source_stride)
        self.source_block = SnakeBlock(weights.below("source_block"), backend, config.source_dilations)
        self.blocks = [
            SnakeBlock(weights.below(f"blocks.{block}"), backend, dilations)
            for block, dilations in enumerate(config.dilations)
        ]
        self._styles = SnakeStyles(
            [layer for block in (self.source_block, *self.blocks) for layer in block.weights]
        )
        self.gain = 1 / len(self.blocks)
        """What the stage's output is still to be multiplied by."""

    def style(self, timbre: Tensor) -> list[list[LayerStyle]]:
        """timbre: (style_dim,)."""
        styles = iter(self._styles(timbre))
        return [list(islice(styles, len(block.weights))) for block in (self.source_block, *self.blocks)]

    def __call__(
        self,
        x: Tensor,
        gain: float,
        source_spectrum: Tensor,
        style: list[list[LayerStyle]],
        watch: Watch | None = None,
    ) -> Tensor:
        """x: (time, in_channels) → (time * rate, in_channels / 2), one longer at the last stage.

        x is still to be multiplied by `gain`, and so is the result, by `self.gain`.
        """
        from_source = self.from_source(F.pad(source_spectrum, (0, 0, self.source_margin, self.source_margin)))
        upsampled = self._upsampled(x, gain)
        # Two for all blocks, since memory fresh from the system costs a page fault every 4 KB.
        spares = (torch.empty_like(from_source), torch.empty_like(from_source))
        both, moments = self.source_block(
            from_source,
            self.kernels.moments(from_source),
            style[0],
            spares,
            keep=False,
            added=(upsampled,),
            out=from_source,
            wants_moments=True,
            watch=watch,
        )
        assert moments is not None
        total: Tensor | None = None
        for index, (block, block_style) in enumerate(zip(self.blocks, style[1:], strict=True)):
            is_last = index == len(self.blocks) - 1
            added = () if total is None else (total,)
            total, _ = block(
                both, moments, block_style, spares, keep=not is_last, added=added, out=total, watch=watch
            )
        assert total is not None
        return total

    def from_source(self, spectrum: Tensor) -> Tensor:
        """The source's spectrum at this stage's rate: (columns + 2 * source_margin, 2 * bins) → (time, channels)."""
        return self._source_conv(spectrum.to(self._source_conv.dtype)).float()

    def activate_input(self, x: Tensor, gain: float, out: Tensor) -> None:
        """What lies before the transposed convolution, into the padded `out`."""
        self.kernels.leaky_relu(x, scaling_by(gain, x.shape[1]), LEAK_BEFORE_UPSAMPLING, out)

    def _upsampled(self, x: Tensor, gain: float) -> Tensor:
        """LeakyReLU and the transposed convolution, `prepare`d as one of kernel 2 that makes `rate` steps each."""
        activated = padded_like(x, 1, self.upsample.dtype)
        self.activate_input(x, gain, activated)
        steps = self.upsample(activated).view((len(x) + 1) * self.rate, -1)
        start, end = self.cut, self.cut + len(x) * self.rate
        if self.is_last:  # a spectrum has one column more than hops: mirrored from the second
            start -= 1
            steps[start] = steps[start + 2]
        return steps[start:end]


def scaling_by(gain: float, channels: int) -> Tensor:
    """An affine that multiplies every channel by the same."""
    return torch.stack([torch.full((channels,), gain), torch.zeros(channels)])
