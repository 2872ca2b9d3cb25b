"""Mixes the style tables of voices into one, as a blend says. Knows neither files nor names."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from wyoming_kokoro.store.blends import Blend, Side

_TIMBRE_WIDTH = 128  # the decoder's half of a style; the other is for pitch, pace and energy


def mix(blend: Blend, pack_of: Callable[[str], Tensor]) -> Tensor:
    """A blend's styles: (rows, 1, 256), fp32, with as many rows as the longest of its voices has.

    pack_of: gives a voice's, (rows, 1, 256) each. Raises what that raises.
    """
    timbre = _weighted(blend.timbre, pack_of)
    if blend.manner == blend.timbre:
        return timbre
    manner = _weighted(blend.manner, pack_of)
    n_rows = max(len(timbre), len(manner))
    halves = (
        _lengthened(timbre, n_rows)[..., :_TIMBRE_WIDTH],
        _lengthened(manner, n_rows)[..., _TIMBRE_WIDTH:],
    )
    return torch.cat(halves, dim=-1).contiguous()


def _weighted(side: Side, pack_of: Callable[[str], Tensor]) -> Tensor:
    total = sum(part.weight for part in side)
    packs = [pack_of(part.voice) for part in side]
    n_rows = max(map(len, packs))
    mixed = torch.zeros(n_rows, *packs[0].shape[1:])
    for part, pack in zip(side, packs, strict=True):
        mixed += (part.weight / total) * _lengthened(pack, n_rows)
    return mixed


def _lengthened(pack: Tensor, n_rows: int) -> Tensor:
    """With the last row, which serves all longer texts, as often as is wanted."""
    return torch.cat([pack, pack[-1:].expand(n_rows - len(pack), -1, -1)]) if len(pack) < n_rows else pack
