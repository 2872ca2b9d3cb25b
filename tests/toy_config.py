"""A config.json of a model small enough to make up: every key of the published one, toy dimensions."""

from __future__ import annotations

from typing import Any

CONFIG: dict[str, Any] = {
    "n_token": 20,
    "hidden_dim": 16,
    "style_dim": 8,
    "n_layer": 2,
    "max_dur": 50,
    "text_encoder_kernel_size": 5,
    "plbert": {
        "hidden_size": 24,
        "num_attention_heads": 4,
        "intermediate_size": 40,
        "max_position_embeddings": 64,
        "num_hidden_layers": 3,
    },
    "istftnet": {
        "upsample_rates": [10, 6],
        "upsample_kernel_sizes": [20, 12],
        "upsample_initial_channel": 16,
        "resblock_kernel_sizes": [3, 7, 11],
        "resblock_dilation_sizes": [[1, 3, 5]] * 3,
        "gen_istft_n_fft": 20,
        "gen_istft_hop_size": 5,
    },
    "vocab": {"a": 1, "b": 19},
}
