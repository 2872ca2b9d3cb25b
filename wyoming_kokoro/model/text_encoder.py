"""The acoustic text encoder: what each phoneme sounds like, before anyone says how long or how high.

Convolutions and one LSTM over token ids; independent of the style, unlike `prosody.py`.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from wyoming_kokoro.model.lengths import Lengths, run_lstm, zero_padding

LEAK = 0.2


class TextEncoder(nn.Module):
    """Token ids to acoustic features."""

    def __init__(self, n_tokens: int, channels: int, kernel_size: int, n_layers: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, channels)
        self.convs = nn.ModuleList(
            nn.Conv1d(channels, channels, kernel_size, padding=(kernel_size - 1) // 2)
            for _ in range(n_layers)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(channels) for _ in range(n_layers))
        self.lstm = nn.LSTM(channels, channels // 2, batch_first=True, bidirectional=True)

    def forward(self, token_ids: Tensor, lengths: Lengths | None = None) -> Tensor:
        """token_ids: (batch, tokens) → (batch, channels, tokens)."""
        x = self.embedding(token_ids)
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = conv(zero_padding(x.transpose(1, 2), lengths)).transpose(1, 2)
            x = F.leaky_relu(norm(x), LEAK)
        return run_lstm(self.lstm, x, lengths).transpose(1, 2)
