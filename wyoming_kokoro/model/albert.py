"""The phoneme-level ALBERT encoder: one transformer layer, applied again and again.

Lan et al. 2020, trained on phonemes as PL-BERT (Li et al. 2023). Knows nothing of style or speech.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wyoming_kokoro.model.config import AlbertConfig
from wyoming_kokoro.model.lengths import Lengths


class Albert(nn.Module):
    """Token ids to contextual features."""

    def __init__(self, config: AlbertConfig, n_tokens: int) -> None:
        super().__init__()
        self.n_layers = config.n_layers
        self.word_embedding = nn.Embedding(n_tokens, config.embedding_dim)
        self.position_embedding = nn.Embedding(config.n_positions, config.embedding_dim)
        self.token_type_embedding = nn.Embedding(config.n_token_types, config.embedding_dim)
        self.embedding_norm = nn.LayerNorm(config.embedding_dim, eps=config.norm_eps)
        self.embedding_projection = nn.Linear(config.embedding_dim, config.hidden_dim)
        self.layer = AlbertLayer(config)

    def forward(self, token_ids: Tensor, lengths: Lengths | None = None) -> Tensor:
        """token_ids: (batch, tokens) → (batch, tokens, hidden_dim)."""
        _, n_tokens = token_ids.shape
        positions = torch.arange(n_tokens, device=token_ids.device)
        # There is only ever one segment, of type 0. Summed in this order, the result is the reference's bit
        # for bit, and so are F0 and the phases that grow from it.
        x = (
            self.word_embedding(token_ids)
            + self.token_type_embedding.weight[0]
            + self.position_embedding(positions)
        )
        x = self.embedding_projection(self.embedding_norm(x))
        for _ in range(self.n_layers):
            x = self.layer(x, lengths)
        return x


class AlbertLayer(nn.Module):
    """Self-attention, then a feed-forward network, each with its residual normalised after the sum."""

    def __init__(self, config: AlbertConfig) -> None:
        super().__init__()
        self.n_heads = config.n_heads
        self.query = nn.Linear(config.hidden_dim, config.hidden_dim)
        self.key = nn.Linear(config.hidden_dim, config.hidden_dim)
        self.value = nn.Linear(config.hidden_dim, config.hidden_dim)
        self.attention_out = nn.Linear(config.hidden_dim, config.hidden_dim)
        self.attention_norm = nn.LayerNorm(config.hidden_dim, eps=config.norm_eps)
        self.feed_forward_in = nn.Linear(config.hidden_dim, config.feed_forward_dim)
        self.feed_forward_out = nn.Linear(config.feed_forward_dim, config.hidden_dim)
        self.output_norm = nn.LayerNorm(config.hidden_dim, eps=config.norm_eps)

    def forward(self, x: Tensor, lengths: Lengths | None = None) -> Tensor:
        """x: (batch, tokens, hidden_dim) → as x; no token looks at the padding."""
        batch, n_tokens, hidden_dim = x.shape

        def heads(projected: Tensor) -> Tensor:
            return projected.view(batch, n_tokens, self.n_heads, -1).transpose(1, 2)

        is_seen = None if lengths is None else ~lengths.is_padding[:, None, None, :]
        attended = F.scaled_dot_product_attention(
            heads(self.query(x)), heads(self.key(x)), heads(self.value(x)), attn_mask=is_seen
        )
        attended = attended.transpose(1, 2).reshape(batch, n_tokens, hidden_dim)
        x = self.attention_norm(x + self.attention_out(attended))
        return self.output_norm(x + self.feed_forward_out(_gelu(self.feed_forward_in(x))))


def _gelu(x: Tensor) -> Tensor:
    """GELU in its tanh form (Hendrycks and Gimpel 2016), "gelu_new" in the original.

    PyTorch's fused one rounds differently by 2e-8, which the sum of phases turns into an audible 0.03 dB.
    """
    return 0.5 * x * (1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * (x * x * x))))
