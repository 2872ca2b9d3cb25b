"""Prosody: how long each phoneme lasts, how the pitch moves, how loud it is.

Works on the features of `albert.py` and a voice's manner, the second half of its style row. Durations are
in alignment frames; F0 (Hz) and energy have two values in each alignment frame.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from wyoming_kokoro.model.config import ModelConfig
from wyoming_kokoro.model.layers import AdaLayerNorm, StyleResidualBlock
from wyoming_kokoro.model.lengths import Lengths, run_lstm


class ProsodyPredictor(nn.Module):
    """Durations first; then, on the aligned features, the F0 and energy curves."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        hidden_dim, style_dim = config.hidden_dim, config.style_dim
        self.duration_encoder = DurationEncoder(hidden_dim, style_dim, config.n_layers)
        self.duration_lstm = _bidirectional(hidden_dim + style_dim, hidden_dim)
        self.duration_projection = nn.Linear(hidden_dim, config.max_duration)
        self.curve_lstm = _bidirectional(hidden_dim + style_dim, hidden_dim)
        self.f0 = Curve(hidden_dim, style_dim)
        self.energy = Curve(hidden_dim, style_dim)

    def durations(self, encoded: Tensor, speed: float | Tensor, lengths: Lengths | None = None) -> Tensor:
        """encoded: (batch, tokens, hidden_dim + style_dim) → (batch, tokens), whole alignment frames ≥ 1.

        speed: one for all, or (batch, 1). What stands in the padding means nothing.

        Each of the last layer's outputs is the chance that the phoneme lasts one frame more, so their
        sum is the expected duration.
        """
        x = run_lstm(self.duration_lstm, encoded, lengths)
        expected = torch.sigmoid(self.duration_projection(x)).sum(dim=-1) / speed
        return torch.round(expected).clamp(min=1).long()

    def curves(self, aligned: Tensor, style: Tensor, lengths: Lengths | None = None) -> tuple[Tensor, Tensor]:
        """aligned: (batch, frames, hidden_dim + style_dim), style: (batch, style_dim) → F0 and energy.

        Both are (batch, 2 * frames). What stands in the padding means nothing.
        """
        x = run_lstm(self.curve_lstm, aligned, lengths).transpose(1, 2)
        return self.f0(x, style, lengths), self.energy(x, style, lengths)


class DurationEncoder(nn.Module):
    """LSTMs with a style-adaptive norm after each; the style is appended to every layer's input."""

    def __init__(self, hidden_dim: int, style_dim: int, n_layers: int) -> None:
        super().__init__()
        self.lstms = nn.ModuleList(
            _bidirectional(hidden_dim + style_dim, hidden_dim) for _ in range(n_layers)
        )
        self.norms = nn.ModuleList(AdaLayerNorm(style_dim, hidden_dim) for _ in range(n_layers))

    def forward(self, x: Tensor, style: Tensor, lengths: Lengths | None = None) -> Tensor:
        """x: (batch, tokens, hidden_dim), style: (batch, style_dim) → (batch, tokens, hidden_dim + style_dim)."""
        _, n_tokens, _ = x.shape
        style_everywhere = style.unsqueeze(1).expand(-1, n_tokens, -1)
        x = torch.cat([x, style_everywhere], dim=-1)
        for lstm, norm in zip(self.lstms, self.norms, strict=True):
            x = run_lstm(lstm, x, lengths)
            x = torch.cat([norm(x, style), style_everywhere], dim=-1)
        return x


class Curve(nn.Module):
    """One value at twice the alignment's rate: three residual blocks, of which the second upsamples."""

    def __init__(self, channels: int, style_dim: int) -> None:
        super().__init__()
        half = channels // 2
        self.blocks = nn.ModuleList(
            [
                StyleResidualBlock(channels, channels, style_dim),
                StyleResidualBlock(channels, half, style_dim, upsample=True),
                StyleResidualBlock(half, half, style_dim),
            ]
        )
        self.projection = nn.Conv1d(half, 1, 1)

    def forward(self, x: Tensor, style: Tensor, lengths: Lengths | None = None) -> Tensor:
        """x: (batch, channels, frames), style: (batch, style_dim) → (batch, 2 * frames)."""
        before, upsampling, after = self.blocks
        x = upsampling(before(x, style, lengths), style, lengths)
        x = after(x, style, None if lengths is None else lengths.times(2))
        return self.projection(x).squeeze(1)


def _bidirectional(in_dim: int, out_dim: int) -> nn.LSTM:
    """An LSTM each way; together they give out_dim."""
    return nn.LSTM(in_dim, out_dim // 2, batch_first=True, bidirectional=True)
