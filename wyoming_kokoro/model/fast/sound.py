"""Decoder and generator over (time, channels) buffers; `decoder.py` one package up says what they are."""

from __future__ import annotations

from itertools import islice

import torch
import torch.nn.functional as F
from torch import Tensor

from wyoming_kokoro.model import stft
from wyoming_kokoro.model.config import GeneratorConfig, ModelConfig
from wyoming_kokoro.model.decoder import LEAK_BEFORE_OUTPUT, LEAK_BEFORE_UPSAMPLING
from wyoming_kokoro.model.fast.backend import Backend
from wyoming_kokoro.model.fast.blocks import LayerStyle, SnakeBlock, SnakeStyles, StyleBlock
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
    """(2 * frames,) → (frames, 1)."""
    return F.conv1d(curve.view(1, 1, -1), weights["weight"], weights["bias"], stride=2, padding=1).view(-1, 1)


# What a timbre makes of the generator: for each stage the styles of its source block and of its blocks.
GeneratorStyle = list[list[list[LayerStyle]]]


class FastGenerator:
    """Features and F0 to samples."""

    def __init__(self, weights: Weights, config: ModelConfig, backend: Backend, *, exact: bool) -> None:
        """exact: the source in the reference's own arithmetic."""
        generator = config.generator
        self._kernels = backend.kernels
        self._n_fft, self._hop_samples = generator.n_fft, generator.hop_samples
        self._source = FastSource(weights.below("source"), config, backend, exact=exact)
        self._stages = [
            _Stage(weights.below(f"stages.{index}"), generator, index, backend)
            for index in range(len(generator.upsample_rates))
        ]
        self._output = backend.convolution(weights.below("output_conv"))

    def style(self, timbre: Tensor) -> GeneratorStyle:
        """timbre: (style_dim,). To be made once an utterance."""
        return [stage.style(timbre) for stage in self._stages]

    def __call__(self, features: Tensor, f0: Tensor, style: GeneratorStyle, noise: Tensor) -> Tensor:
        """features: (2 * frames, initial_channels), f0: (2 * frames,) in Hz, noise → (samples,)."""
        source_spectrum = self._source(f0, noise)
        x, gain = features, 1.0
        for stage, stage_style in zip(self._stages, style, strict=True):
            x = stage(x, gain, source_spectrum, stage_style)
            gain = stage.gain
        activated = padded_like(x, self._output.reach, self._output.dtype)
        self._kernels.leaky_relu(x, _scaling(x, gain), LEAK_BEFORE_OUTPUT, activated)
        return self._samples(self._output(activated))

    def _samples(self, spectrum: Tensor) -> Tensor:
        """(hops + 1, 2 * bins) → (samples,)."""
        spectrum = spectrum.float().t().unsqueeze(0)
        return stft.synthesise_exponents(spectrum, self._n_fft, self._hop_samples)[0]


class _Stage:
    """Upsamples, adds what the source has to say at this rate, and refines."""

    def __init__(self, weights: Weights, config: GeneratorConfig, index: int, backend: Backend) -> None:
        self._kernels = backend.kernels
        self._rate = config.upsample_rates[index]
        self._is_last = index == len(config.upsample_rates) - 1
        self._cut = (config.upsample_kernel_sizes[index] - self._rate) // 2
        self._upsample = backend.linear(weights.below("upsample"))
        stride = config.source_stride(index)
        self._source_margin = 0 if self._is_last else (stride + 1) // 2
        self._source_conv = backend.linear(weights.below("source_conv"), stride=stride)
        self._source_block = SnakeBlock(weights.below("source_block"), backend, config.source_dilations)
        self._blocks = [
            SnakeBlock(weights.below(f"blocks.{block}"), backend, dilations)
            for block, dilations in enumerate(config.dilations)
        ]
        self._margin = max(block.reach for block in (self._source_block, *self._blocks))
        self._styles = SnakeStyles(
            [layer for block in (self._source_block, *self._blocks) for layer in block.weights]
        )
        self.gain = 1 / len(self._blocks)
        """What the stage's output is still to be multiplied by."""

    def style(self, timbre: Tensor) -> list[list[LayerStyle]]:
        """timbre: (style_dim,)."""
        styles = iter(self._styles(timbre))
        return [list(islice(styles, len(block.weights))) for block in (self._source_block, *self._blocks)]

    def __call__(
        self, x: Tensor, gain: float, source_spectrum: Tensor, style: list[list[LayerStyle]]
    ) -> Tensor:
        """x: (time, in_channels) → (time * rate, in_channels / 2), one longer at the last stage.

        x is still to be multiplied by `gain`, and so is the result, by `self.gain`.
        """
        kernels = self._kernels
        padded_spectrum = F.pad(source_spectrum, (0, 0, self._source_margin, self._source_margin))
        from_source = self._source_conv(padded_spectrum.to(self._source_conv.dtype)).float()
        buffer = padded_like(from_source, self._margin, self._source_block.dtype)
        source, y = self._source_block(
            from_source, kernels.moments(from_source), style[0], buffer, keep=False
        )
        kernels.add(source, y, source)
        moments = kernels.add(source, self._upsampled(x, gain), source)
        total: Tensor | None = None
        for index, (block, block_style) in enumerate(zip(self._blocks, style[1:], strict=True)):
            is_last = index == len(self._blocks) - 1
            refined, y = block(source, moments, block_style, buffer, keep=not is_last)
            if total is None:
                total = refined
                kernels.add(refined, y, total)
            else:
                kernels.accumulate(total, refined, y)
        assert total is not None
        return total

    def _upsampled(self, x: Tensor, gain: float) -> Tensor:
        """LeakyReLU and the transposed convolution, `prepare`d as one of kernel 2 that makes `rate` steps each."""
        activated = padded_like(x, 1, self._upsample.dtype)
        self._kernels.leaky_relu(x, _scaling(x, gain), LEAK_BEFORE_UPSAMPLING, activated)
        steps = self._upsample(activated).view((len(x) + 1) * self._rate, -1)
        start, end = self._cut, self._cut + len(x) * self._rate
        if self._is_last:  # a spectrum has one column more than hops: mirrored from the second
            start -= 1
            steps[start] = steps[start + 2]
        return steps[start:end]


def _scaling(x: Tensor, gain: float) -> Tensor:
    """An affine that multiplies every channel by the same."""
    channels = x.shape[1]
    return torch.stack([torch.full((channels,), gain), torch.zeros(channels)])
