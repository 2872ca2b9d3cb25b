"""The layers that several parts share: style-adaptive norms, Snake, and the two residual blocks.

Shapes are (batch, channels, time) unless a docstring says otherwise; items of a batch are equally long.
Names follow StyleTTS2 and iSTFTNet; sources are given where a formula comes from.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

NORM_EPS = 1e-5
_LEAK = 0.2  # slope of LeakyReLU in the StyleTTS2 blocks; the generator uses other ones


class AdaIN(nn.Module):
    """Adaptive instance normalisation: each channel gets the mean and deviation that the style asks for.

    Huang and Belongie 2017. The statistics are over time, so they depend on the whole input.
    """

    def __init__(self, style_dim: int, channels: int) -> None:
        super().__init__()
        self.fc = nn.Linear(style_dim, 2 * channels)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """x: (batch, channels, time), style: (batch, style_dim) → as x."""
        gamma, beta = self.fc(style).unsqueeze(-1).chunk(2, dim=1)
        return (1 + gamma) * F.instance_norm(x, eps=NORM_EPS) + beta


class AdaLayerNorm(nn.Module):
    """Layer normalisation over channels whose gain and offset come from the style."""

    def __init__(self, style_dim: int, channels: int) -> None:
        super().__init__()
        self.fc = nn.Linear(style_dim, 2 * channels)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """x: (batch, time, channels), style: (batch, style_dim) → as x."""
        gamma, beta = self.fc(style).unsqueeze(1).chunk(2, dim=-1)
        return (1 + gamma) * F.layer_norm(x, x.shape[-1:], eps=NORM_EPS) + beta


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

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """x: (batch, in_channels, time) → (batch, out_channels, time), or 2 * time where it upsamples."""
        residual = F.leaky_relu(self.norm1(x, style), _LEAK)
        if self.upsample is not None:
            residual = self.upsample(residual)
            x = F.interpolate(x, scale_factor=2, mode="nearest")
        residual = self.conv1(residual)
        residual = self.conv2(F.leaky_relu(self.norm2(residual, style), _LEAK))
        if self.shortcut is not None:
            x = self.shortcut(x)
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

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """x: (batch, channels, time) → as x."""
        layers = zip(
            self.norms1, self.alphas1, self.convs1, self.norms2, self.alphas2, self.convs2, strict=True
        )
        for norm1, alpha1, conv1, norm2, alpha2, conv2 in layers:
            residual = conv1(snake(norm1(x, style), alpha1))
            residual = conv2(snake(norm2(residual, style), alpha2))
            x = x + residual
        return x
