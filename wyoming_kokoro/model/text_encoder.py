"""The acoustic text encoder: what each phoneme sounds like, before anyone says how long or how high.

Convolutions and one LSTM over token ids; independent of the style, unlike `prosody.py`.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

_LEAK = 0.2


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

    def forward(self, token_ids: Tensor) -> Tensor:
        """token_ids: (batch, tokens) → (batch, channels, tokens)."""
        x = self.embedding(token_ids)
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = conv(x.transpose(1, 2)).transpose(1, 2)
            x = F.leaky_relu(norm(x), _LEAK)
        x, _ = self.lstm(x)
        return x.transpose(1, 2)
