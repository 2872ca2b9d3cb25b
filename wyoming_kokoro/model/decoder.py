"""From aligned text, F0 and energy to sound: `Decoder` makes features, `Generator` makes samples.

The decoder is cheap (a twentieth of the work); the generator, an iSTFTNet (Kaneko et al. 2022) fed by a
harmonic source, is where the time goes. Both take a voice's timbre, the first half of its style row.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wyoming_kokoro.model import stft
from wyoming_kokoro.model.config import GeneratorConfig, ModelConfig
from wyoming_kokoro.model.layers import SnakeResidualBlock, StyleResidualBlock, convolve
from wyoming_kokoro.model.lengths import Lengths, zero_padding
from wyoming_kokoro.model.source import HarmonicSource

LEAK_BEFORE_UPSAMPLING = 0.1
LEAK_BEFORE_OUTPUT = 0.01  # PyTorch's default slipped into the original; the weights were trained with it


class Decoder(nn.Module):
    """Aligned text features with F0 and energy to the generator's input."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        dim, style_dim = config.decoder_dim, config.style_dim
        with_curves = config.hidden_dim + 2
        refed = dim + config.aligned_dim + 2
        self.encode = StyleResidualBlock(with_curves, dim, style_dim)
        self.blocks = nn.ModuleList(
            [
                StyleResidualBlock(refed, dim, style_dim),
                StyleResidualBlock(refed, dim, style_dim),
                StyleResidualBlock(refed, dim, style_dim),
                StyleResidualBlock(refed, config.generator.initial_channels, style_dim, upsample=True),
            ]
        )
        self.f0_conv = nn.Conv1d(1, 1, 3, stride=2, padding=1)
        self.energy_conv = nn.Conv1d(1, 1, 3, stride=2, padding=1)
        self.aligned_conv = nn.Conv1d(config.hidden_dim, config.aligned_dim, 1)

    def forward(
        self, aligned: Tensor, f0: Tensor, energy: Tensor, style: Tensor, lengths: Lengths | None = None
    ) -> Tensor:
        """Features for the generator.

        aligned: (batch, hidden_dim, frames), f0 and energy: (batch, 2 * frames), style: (batch, style_dim),
        lengths in alignment frames → (batch, initial_channels, 2 * frames), with anything in the padding.
        """
        curves = torch.cat([self.f0_conv(f0.unsqueeze(1)), self.energy_conv(energy.unsqueeze(1))], dim=1)
        x = self.encode(torch.cat([aligned, curves], dim=1), style, lengths)
        again = torch.cat([convolve(self.aligned_conv, aligned), curves], dim=1)
        for block in self.blocks:
            x = block(torch.cat([x, again], dim=1), style, lengths)
        return x


class Generator(nn.Module):
    """Features and F0 to samples, through a short-time spectrum with very short hops."""

    def __init__(self, config: GeneratorConfig, style_dim: int, n_harmonics: int) -> None:
        super().__init__()
        self.n_bins = config.n_bins
        self.n_fft = config.n_fft
        self.hop_samples = config.hop_samples
        self.source = HarmonicSource(n_harmonics, config.samples_per_f0)
        self.stages = nn.ModuleList(
            GeneratorStage(config, index, style_dim) for index in range(len(config.upsample_rates))
        )
        last_channels = config.initial_channels >> len(config.upsample_rates)
        self.output_conv = nn.Conv1d(last_channels, 2 * config.n_bins, 7, padding=3)

    def forward(self, features: Tensor, f0: Tensor, style: Tensor, noise: Tensor) -> Tensor:
        """Samples of a whole utterance.

        features: (batch, initial_channels, 2 * frames), f0: (batch, 2 * frames) in Hz, style: (batch,
        style_dim), noise: (batch, samples, n_harmonics), standard normal → (batch, samples).
        """
        return self.samples(self.body(features, self.source_spectrum(f0, noise), style))

    def source_spectrum(self, f0: Tensor, noise: Tensor) -> Tensor:
        """What every stage is told about the source; shapes as for `forward` → (batch, 2 * bins, hops + 1).

        The items of a batch are equally long: the last of F0 is held to the end and the signal is mirrored
        at its ends, neither of which may fall into padding.
        """
        return torch.cat(stft.analyse(self.source(f0, noise), self.n_fft, self.hop_samples), dim=1)

    def body(
        self, features: Tensor, source_spectrum: Tensor, style: Tensor, lengths: Lengths | None = None
    ) -> Tensor:
        """All the stages: nearly all the work, none of what needs to be exact.

        features: (batch, initial_channels, 2 * frames), source_spectrum: (batch, 2 * bins, hops + 1), zero
        in the padding, lengths in steps of the features → what `samples` takes, (batch, 2 * bins, hops + 1).
        """
        x = features
        for stage in self.stages:
            assert isinstance(stage, GeneratorStage)
            x = stage(x, source_spectrum, style, lengths)
            lengths = None if lengths is None else stage.lengths(lengths)
        x = zero_padding(F.leaky_relu(x, LEAK_BEFORE_OUTPUT), lengths)
        return convolve(self.output_conv, x).float()

    def samples(self, spectrum: Tensor) -> Tensor:
        """spectrum: (batch, 2 * bins, hops + 1), equally long → (batch, hops * hop_samples)."""
        return stft.synthesise_exponents(spectrum, self.n_fft, self.hop_samples)


class GeneratorStage(nn.Module):
    """Upsamples, adds what the source has to say at this rate, and refines."""

    def __init__(self, config: GeneratorConfig, index: int, style_dim: int) -> None:
        super().__init__()
        in_channels = config.initial_channels >> index
        channels = in_channels // 2
        rate, kernel_size = config.upsample_rates[index], config.upsample_kernel_sizes[index]
        self.rate = rate
        self.is_last = index == len(config.upsample_rates) - 1
        self.upsample = nn.ConvTranspose1d(
            in_channels, channels, kernel_size, stride=rate, padding=(kernel_size - rate) // 2
        )
        stride = config.source_stride(index)
        self.source_conv = (
            nn.Conv1d(2 * config.n_bins, channels, 1)
            if self.is_last
            else nn.Conv1d(2 * config.n_bins, channels, 2 * stride, stride=stride, padding=(stride + 1) // 2)
        )
        self.source_block = SnakeResidualBlock(
            channels, config.source_kernel_sizes[self.is_last], config.source_dilations, style_dim
        )
        self.blocks = nn.ModuleList(
            SnakeResidualBlock(channels, size, dilations, style_dim)
            for size, dilations in zip(config.kernel_sizes, config.dilations, strict=True)
        )

    def lengths(self, lengths: Lengths) -> Lengths:
        """Those of the stage's output, from those of its input."""
        return lengths.times(self.rate, extra=int(self.is_last))

    def forward(
        self, x: Tensor, source_spectrum: Tensor, style: Tensor, lengths: Lengths | None = None
    ) -> Tensor:
        """x: (batch, in_channels, time) → (batch, in_channels / 2, time * rate), one longer at the last stage.

        source_spectrum: (batch, 2 * bins, hops + 1), zero in the padding; lengths: those of x. A centred
        spectrogram has one column more than hops, hence the one extra step, mirrored from the second.
        What x holds in the padding does not matter, and what the result holds there is not meant to.
        """
        x = convolve(self.upsample, zero_padding(F.leaky_relu(x, LEAK_BEFORE_UPSAMPLING), lengths))
        if self.is_last:
            x = F.pad(x, (1, 0), mode="reflect")
        lengths = None if lengths is None else self.lengths(lengths)
        x = x + self.source_block(convolve(self.source_conv, source_spectrum), style, lengths)
        refined = self.blocks[0](x, style, lengths)
        for block in self.blocks[1:]:
            refined = refined + block(x, style, lengths)
        return refined / len(self.blocks)
