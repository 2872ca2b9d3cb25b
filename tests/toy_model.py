"""A whole model with made-up weights, small enough to speak in milliseconds."""

from __future__ import annotations

import dataclasses

import torch
import toy_config
from torch import Tensor

from wyoming_kokoro.model import Kokoro, ModelConfig

# The width of the decoder is in no config; at toy size it need not be a thousand.
CONFIG = dataclasses.replace(ModelConfig.from_dict(toy_config.CONFIG), decoder_dim=12, aligned_dim=4)


def made_up(config: ModelConfig = CONFIG) -> Kokoro:
    """The same random weights every time: alphas of both signs, a pitch that comes and goes."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = Kokoro(config).eval()
        for name, parameter in model.named_parameters():
            parameter.data += 0.1 * torch.randn_like(parameter)
            if ".alphas" in name:
                parameter.data *= torch.where(torch.rand_like(parameter) > 0.5, 1.0, -1.0)
        model.prosody.f0.projection.weight.data *= 200
        model.prosody.f0.projection.bias.data += 60
        model.prosody.duration_projection.bias.data -= 2
    return model


def style_row(seed: int = 2) -> Tensor:
    return torch.randn(1, 2 * CONFIG.style_dim, generator=torch.Generator().manual_seed(seed))
