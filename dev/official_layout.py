"""Writes weights the way the published checkpoint holds them, so that loading it is tested for real.

Five state dicts, keys prefixed `module.`, weight norm as `weight_g` and `weight_v`.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

# The convolutions without weight norm; every other three-dimensional `.weight` has it.
_PLAIN_CONVS = ("predictor.F0_proj.", "predictor.N_proj.", "decoder.generator.noise_convs.")


def official_layout(flat: dict[str, Tensor], *, parametrised: bool = False) -> dict[str, dict[str, Tensor]]:
    """flat: folded weights under the reference's names. `parametrised` takes PyTorch's newer spelling."""
    parts: dict[str, dict[str, Tensor]] = {}
    for name, tensor in flat.items():
        part, rest = name.split(".", 1)
        state = parts.setdefault(part, {})
        if tensor.dim() == 3 and name.endswith(".weight") and not name.startswith(_PLAIN_CONVS):
            g, v = _weight_norm(tensor)
            module = f"module.{rest.removesuffix('.weight')}"
            state[f"{module}.parametrizations.weight.original0" if parametrised else f"{module}.weight_g"] = g
            state[f"{module}.parametrizations.weight.original1" if parametrised else f"{module}.weight_v"] = v
        else:
            state[f"module.{rest}"] = tensor
    return parts


def write_official(flat: dict[str, Tensor], path: Path) -> Path:
    """Writes weights as a `.pth` file in that layout, and returns its path."""
    torch.save(official_layout(flat), path)
    return path


def _weight_norm(weight: Tensor) -> tuple[Tensor, Tensor]:
    _, g = torch._weight_norm_interface(weight, torch.ones(len(weight), 1, 1), 0)
    g = g.view(-1, 1, 1)
    # A channel that 8 bits rounded to nothing has no direction; give it one, which g = 0 silences.
    return g, torch.where(g > 0, weight, torch.ones_like(weight))
