"""The text side over (time, channels) buffers: ALBERT, durations, F0, energy, text encoder.

`albert.py`, `prosody.py` and `text_encoder.py` one package up say what they are. All that durations and F0 hang on is
fp32, so that these are the same in every precision; energy and the text encoder, which are only heard, may convolve with
fewer bits, as `prepare` has it.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from wyoming_kokoro.model.config import AlbertConfig, ModelConfig
from wyoming_kokoro.model.fast.backend import Backend
from wyoming_kokoro.model.fast.blocks import StyleBlock, gamma_beta
from wyoming_kokoro.model.fast.weights import Weights
from wyoming_kokoro.model.kokoro import Prosody
from wyoming_kokoro.model.layers import NORM_EPS
from wyoming_kokoro.model.text_encoder import LEAK

_NOTHING = torch.empty(())  # what a product is added to


class FastText:
    """The text side as a whole."""

    def __init__(self, weights: Weights, config: ModelConfig, backend: Backend) -> None:
        self._config = config
        self._albert = FastAlbert(weights.below("albert"), config.albert, backend)
        self._albert_projection = backend.linear(weights.below("albert_projection"))
        self._prosody = FastProsody(weights.below("prosody"), config, backend)
        self._text_encoder = FastTextEncoder(weights.below("text_encoder"), config, backend)

    @torch.inference_mode()
    def predict(self, token_ids: Tensor, style: Tensor, speed: float = 1.0) -> Prosody:
        """Durations, pitch and energy of an utterance; see `Kokoro.predict`."""
        ids, manner = token_ids[0], style[0, self._config.style_dim :]
        assert len(ids) <= self._config.albert.n_positions, "the caller splits what is too long"
        encoded = self._prosody.encode(self._albert_projection(self._albert(ids)), manner)
        durations = self._prosody.durations(encoded, speed)
        f0, energy = self._prosody.curves(encoded.repeat_interleave(durations, dim=0), manner)
        aligned = self._text_encoder(ids).repeat_interleave(durations, dim=0)
        return Prosody(durations, f0.unsqueeze(0), energy.unsqueeze(0), aligned.t().unsqueeze(0))


class FastAlbert:
    """Token ids to contextual features."""

    def __init__(self, weights: Weights, config: AlbertConfig, backend: Backend) -> None:
        self._weights = weights
        self._config = config
        self._kernels = backend.kernels
        layer = weights.below("layer")
        self._attention_norm, self._output_norm = layer.below("attention_norm"), layer.below("output_norm")
        self._embedding_projection = backend.linear(weights.below("embedding_projection"))
        self._query_key_value = backend.linear(layer.below("query_key_value"))
        self._attention_out = backend.linear(layer.below("attention_out"))
        self._feed_forward_in = backend.linear(layer.below("feed_forward_in"))
        self._feed_forward_out = backend.linear(layer.below("feed_forward_out"))

    def __call__(self, token_ids: Tensor) -> Tensor:
        """token_ids: (tokens,) → (tokens, hidden_dim)."""
        weights = self._weights
        x = (
            F.embedding(token_ids, weights["word_embedding.weight"])
            + weights["token_type_embedding.weight"][0]
            + weights["position_embedding.weight"][: len(token_ids)]
        )
        x = self._embedding_projection(self._norm(x, weights.below("embedding_norm")))
        for _ in range(self._config.n_layers):
            x = self._apply_layer(x)
        return x

    def _apply_layer(self, x: Tensor) -> Tensor:
        n_tokens, hidden_dim = x.shape
        heads = self._query_key_value(x).view(n_tokens, 3, self._config.n_heads, -1).permute(1, 2, 0, 3)
        query, key, value = heads
        # Written out: for a sentence, PyTorch's own attention takes three times as long.
        scores = torch.baddbmm(_NOTHING, query, key.transpose(1, 2), beta=0, alpha=query.shape[-1] ** -0.5)
        attended = (torch.softmax(scores, dim=-1) @ value).transpose(0, 1).reshape(n_tokens, hidden_dim)
        attended = self._attention_out(attended)
        self._add_and_normalize(x, attended, self._attention_norm)
        inner = self._feed_forward_in(attended)
        self._kernels.gelu(inner)
        out = self._feed_forward_out(inner)
        self._add_and_normalize(attended, out, self._output_norm)
        return out

    def _add_and_normalize(self, x: Tensor, y: Tensor, weights: Weights) -> None:
        self._kernels.add_and_normalize(x, y, weights["weight"], weights["bias"], self._config.norm_eps)

    def _norm(self, x: Tensor, weights: Weights) -> Tensor:
        return F.layer_norm(x, x.shape[-1:], weights["weight"], weights["bias"], self._config.norm_eps)


class FastLstm:
    """A bidirectional LSTM, (time, in) → (time, out)."""

    def __init__(self, weights: Weights, backend: Backend) -> None:
        self._kernels = backend.kernels
        self._projection = backend.linear(weights.below("projection"))
        self._recurrent = weights["recurrent"]
        assert self._recurrent.shape[1] % 8 == 0, "the kernel takes eight units at a time"

    def __call__(self, x: Tensor) -> Tensor:
        """x: (time, in) → (time, out)."""
        projected = self._projection(x).view(len(x), 2, -1)
        out = torch.empty(len(x), 2 * self._recurrent.shape[1])
        self._kernels.lstm(projected, self._recurrent, out)
        return out


class FastProsody:
    """Durations first; then, on the aligned features, the F0 and energy curves."""

    def __init__(self, weights: Weights, config: ModelConfig, backend: Backend) -> None:
        encoder = weights.below("duration_encoder")
        self._encoder = [
            (FastLstm(encoder.below(f"lstms.{index}"), backend), encoder.below(f"norms.{index}"))
            for index in range(config.n_layers)
        ]
        self._duration_lstm = FastLstm(weights.below("duration_lstm"), backend)
        self._duration_projection = backend.linear(weights.below("duration_projection"))
        self._curve_lstm = FastLstm(weights.below("curve_lstm"), backend)
        self._f0 = _Curve(weights.below("f0"), backend)
        self._energy = _Curve(weights.below("energy"), backend)
        self._kernels = backend.kernels

    def encode(self, x: Tensor, manner: Tensor) -> Tensor:
        """x: (tokens, hidden_dim), manner: (style_dim,) → (tokens, hidden_dim + style_dim)."""
        manner_everywhere = manner.expand(len(x), -1)
        x = torch.cat([x, manner_everywhere], dim=1)
        for lstm, norm in self._encoder:
            gamma, beta = gamma_beta(norm, manner)
            x = lstm(x)
            x = F.layer_norm(x, x.shape[-1:], 1 + gamma, beta, NORM_EPS)
            x = torch.cat([x, manner_everywhere], dim=1)
        return x

    def durations(self, encoded: Tensor, speed: float) -> Tensor:
        """encoded: (tokens, hidden_dim + style_dim) → (tokens,), whole alignment frames ≥ 1."""
        chances = torch.sigmoid(self._duration_projection(self._duration_lstm(encoded)))
        return torch.round(chances.sum(dim=-1) / speed).clamp(min=1).long()

    def curves(self, aligned: Tensor, manner: Tensor) -> tuple[Tensor, Tensor]:
        """aligned: (frames, hidden_dim + style_dim), manner: (style_dim,) → F0 and energy, (2 * frames,)."""
        x = self._curve_lstm(aligned)
        moments = self._kernels.moments(x)
        return self._f0(x, moments, manner), self._energy(x, moments, manner)


class _Curve:
    """One value at twice the alignment's rate."""

    def __init__(self, weights: Weights, backend: Backend) -> None:
        self._kernels = backend.kernels
        self._blocks = [
            StyleBlock(weights.below(f"blocks.{index}"), backend, upsample=index == 1) for index in range(3)
        ]
        self._projection = weights.below("projection")

    def __call__(self, x: Tensor, moments: Tensor, style: Tensor) -> Tensor:
        """x: (frames, channels) with its moments → (2 * frames,)."""
        for index, block in enumerate(self._blocks):
            x = block(x, self._kernels.moments(x) if index else moments, style)
        return x @ self._projection["weight"].flatten() + self._projection["bias"]


class FastTextEncoder:
    """Token ids to acoustic features."""

    def __init__(self, weights: Weights, config: ModelConfig, backend: Backend) -> None:
        self._weights = weights
        self._convs = [backend.linear(weights.below(f"convs.{index}")) for index in range(config.n_layers)]
        self._norms = [weights.below(f"norms.{index}") for index in range(config.n_layers)]
        self._lstm = FastLstm(weights.below("lstm"), backend)

    def __call__(self, token_ids: Tensor) -> Tensor:
        """token_ids: (tokens,) → (tokens, channels)."""
        x = F.embedding(token_ids, self._weights["embedding.weight"])
        for conv, norm in zip(self._convs, self._norms, strict=True):
            x = conv(F.pad(x.to(conv.dtype), (0, 0, conv.reach, conv.reach))).float()
            x = F.leaky_relu(F.layer_norm(x, x.shape[-1:], norm["weight"], norm["bias"], NORM_EPS), LEAK)
        return self._lstm(x)
