"""A layer like the model's, without the model, for timing one type of weights, or one way, against another."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from wyoming_kokoro.model.fast.backend import Backend
from wyoming_kokoro.model.fast.blocks import SnakeConvolution, SnakeStyles, SnakeWeights
from wyoming_kokoro.model.fast.toom_cook import in_16_bits, transform_kernel
from wyoming_kokoro.model.fast.weights import Weights


def try_speed(backend: Backend, dtype: torch.dtype) -> Callable[[], object]:
    """A layer of the model's size with weights of a type, to be timed. It has run once already."""
    random = torch.Generator().manual_seed(0)
    channels, steps = 128, 4800  # the widest stage, one second of sound
    weight = torch.randint(-127, 128, (channels, channels, 7), generator=random)
    state = {
        "conv.weight": weight.to(dtype),
        "conv.bias": torch.zeros(channels),
        "conv.weight_scale": torch.full((channels,), 1 / 127),
        "norm.fc.weight": torch.zeros(2 * channels, 1),
        "norm.fc.bias": torch.zeros(2 * channels),
    }
    if dtype == torch.int16:
        points, scale = in_16_bits(transform_kernel(weight / 127))
        state |= {"conv.weight": points, "conv.weight_scale": scale, "conv.kernel_size": torch.tensor(7)}
    if dtype in {torch.int8, torch.int16}:
        state["conv.channel_scale"] = torch.ones(channels)
        state["conv.input_range"] = torch.tensor([[-3.0], [3.0]]).expand(2, channels)
    weights = Weights(state)
    layer_weights = SnakeWeights(weights.below("norm"), torch.ones(channels), weights.below("conv"))
    layer = SnakeConvolution(layer_weights, backend)
    (style,) = SnakeStyles([layer_weights])(torch.zeros(1))
    x = torch.randn(steps, channels, generator=random)

    def run() -> Tensor:
        y, _ = layer(x, layer.affine(backend.kernels.moments(x), style), style)
        return y

    run()
    return run
