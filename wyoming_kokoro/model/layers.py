"""The layers that several parts share: style-adaptive norms, Snake, and the two residual blocks.

Shapes are (batch, channels, time) unless a docstring says otherwise; items of different length come with
their `Lengths`. Norms and activations are fp32 whatever the convolutions' weights are, see `cuda.py`.
Names follow StyleTTS2 and iSTFTNet; sources are given where a formula comes from.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wyoming_kokoro.model.lengths import Lengths, zero_padding

NORM_EPS = 1e-5
LEAK = 0.2  # slope of LeakyReLU in the StyleTTS2 blocks; the generator uses other ones


class AdaIN(nn.Module):
    """Adaptive instance normalisation: each channel gets the mean and deviation that the style asks for.

    Huang and Belongie 2017. The statistics are over time, so they depend on the whole input, and on nothing
    behind its end.
    """

    def __init__(self, style_dim: int, channels: int) -> None:
        super().__init__()
        self.fc = nn.Linear(style_dim, 2 * channels)

    def forward(self, x: Tensor, style: Tensor, lengths: Lengths | None = None) -> Tensor:
        """x: (batch, channels, time), style: (batch, style_dim) → as x, fp32, zero in the padding.

        What x holds in the padding does not matter.
        """
        gamma, beta = self.fc(style).unsqueeze(-1).chunk(2, dim=1)
        if lengths is None:
            return (1 + gamma) * F.instance_norm(x.float(), eps=NORM_EPS) + beta
        return _masked_adain(x.float(), gamma, beta, lengths)


class AdaLayerNorm(nn.Module):
    """Layer normalisation over channels whose gain and offset come from the style."""

    def __init__(self, style_dim: int, channels: int) -> None:
        super().__init__()
        self.fc = nn.Linear(style_dim, 2 * channels)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """x: (batch, time, channels), style: (batch, style_dim) → as x."""
        gamma, beta = self.fc(style).unsqueeze(1).chunk(2, dim=-1)
        return (1 + gamma) * F.layer_norm(x, x.shape[-1:], eps=NORM_EPS) + beta


def _masked_adain(x: Tensor, gamma: Tensor, beta: Tensor, lengths: Lengths) -> Tensor:
    """Each item normalised over its own steps: x: (batch, channels, time) → as x, zero in the padding.

    gamma, beta: (batch, channels, 1). In few passes over memory, which is what this costs.
    """
    is_padding = lengths.is_padding.unsqueeze(1)
    n_steps = lengths.steps.view(-1, 1, 1)
    mean = zero_padding(x, lengths).sum(dim=-1, keepdim=True) / n_steps
    centred = (x - mean).masked_fill_(is_padding, 0)
    variance = torch.linalg.vector_norm(centred, dim=-1, keepdim=True).square() / n_steps
    gain = (1 + gamma) * torch.rsqrt(variance + NORM_EPS)
    return torch.addcmul(beta, centred, gain).masked_fill_(is_padding, 0)


def convolve(conv: nn.Conv1d | nn.ConvTranspose1d, x: Tensor) -> Tensor:
    """conv(x), in the type of the convolution's weights."""
    return conv(x.to(conv.weight.dtype))


def snake(x: Tensor, alpha: Tensor) -> Tensor:
    """x + sin²(αx)/α, a periodic activation (Ziyin et al. 2020).

    x: (batch, channels, time), alpha: (1, channels, 1); trained alphas may be negative.
    """
    return x + torch.sin(alpha * x).square() / alpha


class StyleResidualBlock(nn.Module):
    """Two convolutions with AdaIN before each, and a shortcut; on demand twice as long as its input."""

    def __init__(
        self, in_channels: int, out_channels: int, style_dim: int, *, upsample: bool = False
    ) -> None:
        super().__init__()
        self.norm1 = AdaIN(style_dim, in_channels)
        self.norm2 = AdaIN(style_dim, out_channels)
        self.conv1 = nn.Conv1d(in_channels, out_channels, 3, padding=1)
        self.conv2 = nn.Conv1d(out_channels, out_channels, 3, padding=1)
        self.shortcut = (
            nn.Conv1d(in_channels, out_channels, 1, bias=False) if in_channels != out_channels else None
        )
        self.upsample = (
            nn.ConvTranspose1d(
                in_channels, in_channels, 3, stride=2, padding=1, output_padding=1, groups=in_channels
            )
            if upsample
            else None
        )

    def forward(self, x: Tensor, style: Tensor, lengths: Lengths | None = None) -> Tensor:
        """x: (batch, in_channels, time) → (batch, out_channels, time), or 2 * time where it upsamples.

        What x holds in the padding does not matter, and what the result holds there is not meant to.
        """
        residual = F.leaky_relu(self.norm1(x, style, lengths), LEAK)
        if self.upsample is not None:
            lengths = None if lengths is None else lengths.times(2)
            residual = zero_padding(convolve(self.upsample, residual), lengths)
            x = F.interpolate(x, scale_factor=2, mode="nearest")
        residual = convolve(self.conv1, residual)
        residual = convolve(self.conv2, F.leaky_relu(self.norm2(residual, style, lengths), LEAK))
        if self.shortcut is not None:
            x = convolve(self.shortcut, x)
        return (residual + x) * math.sqrt(0.5)


class SnakeResidualBlock(nn.Module):
    """The generator's block: for each dilation, AdaIN and Snake before a dilated and a plain convolution."""

    def __init__(self, channels: int, kernel_size: int, dilations: tuple[int, ...], style_dim: int) -> None:
        super().__init__()
        self.norms1 = nn.ModuleList(AdaIN(style_dim, channels) for _ in dilations)
        self.norms2 = nn.ModuleList(AdaIN(style_dim, channels) for _ in dilations)
        self.alphas1 = nn.ParameterList(torch.ones(1, channels, 1) for _ in dilations)
        self.alphas2 = nn.ParameterList(torch.ones(1, channels, 1) for _ in dilations)
        self.convs1 = nn.ModuleList(
            nn.Conv1d(
                channels, channels, kernel_size, padding=dilation * (kernel_size - 1) // 2, dilation=dilation
            )
            for dilation in dilations
        )
        self.convs2 = nn.ModuleList(
            nn.Conv1d(channels, channels, kernel_size, padding=(kernel_size - 1) // 2) for _ in dilations
        )

    def forward(self, x: Tensor, style: Tensor, lengths: Lengths | None = None) -> Tensor:
        """x: (batch, channels, time) → as x; what either holds in the padding does not matter."""
        layers = zip(
            self.norms1, self.alphas1, self.convs1, self.norms2, self.alphas2, self.convs2, strict=True
        )
        for norm1, alpha1, conv1, norm2, alpha2, conv2 in layers:
            residual = convolve(conv1, snake(norm1(x, style, lengths), alpha1))
            residual = convolve(conv2, snake(norm2(residual, style, lengths), alpha2))
            x = x + residual
        return x
