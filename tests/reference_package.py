"""The reference package, made quiet and open: its inner values, and our noise instead of its own."""

from __future__ import annotations

import contextlib
import json
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from torch import Tensor

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # other people's code, held at one version
    from kokoro.model import KModel
    from loguru import logger

logger.remove()


@dataclass(frozen=True)
class ReferenceSpeech:
    durations: Tensor
    f0: Tensor
    energy: Tensor
    features: Tensor
    samples: Tensor | None


def load_reference(checkpoint: Path, config: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raw = json.loads(config.read_text(encoding="utf-8"))
        return KModel(repo_id="local", config=raw, model=str(checkpoint)).eval()


def speak(model: Any, phonemes: str, style: Tensor, speed: float, noise: Tensor | None) -> ReferenceSpeech:
    """Runs the reference; without noise it stops before the generator, which is where the time goes."""
    seen: dict[str, Tensor] = {}

    def on_decoder(_module: Any, arguments: tuple[Tensor, ...]) -> None:
        _, seen["f0"], seen["energy"], _ = arguments

    def on_generator(_module: Any, arguments: tuple[Tensor, ...]) -> None:
        seen["features"] = arguments[0]
        if noise is None:
            raise _EnoughError

    def on_durations(_module: Any, _arguments: Any, logits: Tensor) -> None:
        seen["durations"] = torch.round(torch.sigmoid(logits).sum(-1) / speed).clamp(min=1).long()[0]

    hooks = [
        model.decoder.register_forward_pre_hook(on_decoder),
        model.decoder.generator.register_forward_pre_hook(on_generator),
        model.predictor.duration_proj.register_forward_hook(on_durations),
    ]
    samples = None
    try:
        with contextlib.suppress(_EnoughError), torch.inference_mode(), our_noise(noise):
            samples = model(phonemes, style, speed)
    finally:
        for hook in hooks:
            hook.remove()
    return ReferenceSpeech(seen["durations"], seen["f0"], seen["energy"], seen["features"], samples)


@contextlib.contextmanager
def our_noise(noise: Tensor | None) -> Iterator[None]:
    """Where the reference draws noise for its harmonics, it gets ours; what it draws besides goes unused."""

    def randn_like(like: Tensor, **_options: Any) -> Tensor:
        assert noise is not None
        return noise if like.shape == noise.shape else torch.zeros_like(like)

    with mock.patch.object(torch, "randn_like", randn_like), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


class _EnoughError(Exception):
    pass
