"""Mean and variance of everything the generator normalises, guessed for a sentence before it is decoded.

AdaIN needs them of the whole sentence, so without a guess nothing could be heard before all is decoded. What
they are hangs on the voice and on what is in the sentence: they are averages over its rows. So they follow from
averages over the generator's input, near enough by a linear map, which is learnt of each voice from sentences
that were decoded whole. How near: `dev/LOG.md`, and `tests/model/fast/test_streaming_quality.py` as a gate.

Knows no files and no voices; a `StatisticsTable` can be kept as a dictionary of tensors.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import torch
import torch.nn.functional as F
from torch import Tensor

from wyoming_kokoro.model.decoder import LEAK_BEFORE_UPSAMPLING
from wyoming_kokoro.model.fast.blocks import Moments
from wyoming_kokoro.model.kokoro import Prosody
from wyoming_kokoro.model.source import VOICED_ABOVE_HZ

# Larger than the variances' own noise, small beside the smallest that matters.
_TINY = 1e-8

# Ridge regression on descriptions of unit size, and how many of their directions are kept; chosen on sentences
# that were not fitted, as were the averages below.
_RIDGE = 0.3
_N_DIRECTIONS = 96

# How much the averages over pitch, energy and durations weigh beside those over the generator's input.
_PROSODY_WEIGHT = 2.0

_PITCH_EDGES = torch.linspace(math.log2(64), math.log2(512), 13)
_ENERGY_STEPS = torch.linspace(-2, 3, 11)


def describe(features: Tensor, prosody: Prosody) -> tuple[Tensor, Tensor]:
    """Averages over a sentence: those over the generator's input, and those over its prosody.

    features: (2 * frames, channels), the generator's input.
    """
    activated = F.leaky_relu(features, LEAK_BEFORE_UPSAMPLING)
    of_features = [part for x in (features, activated) for part in _averages(x)]
    f0, energy = prosody.f0[0], prosody.energy[0]
    voiced = (f0 > VOICED_ABOVE_HZ).float()
    n_voiced = voiced.sum().clamp(min=1)
    pitch = torch.log2(f0.clamp(min=40))
    mean_pitch = (pitch * voiced).sum() / n_voiced
    n_frames = float(prosody.n_frames)
    held = prosody.durations.float()
    numbers = [
        torch.tensor([n_frames**-0.5, 1 / n_frames, math.log(n_frames)]),
        torch.stack(
            [
                voiced.mean(),
                mean_pitch,
                (f0 * voiced).sum() / n_voiced,
                f0.mean(),
                ((pitch - mean_pitch).square() * voiced).sum() / n_voiced,
                energy.mean(),
                energy.std(),
                features.square().mean().log(),
            ]
        ),
        torch.stack([held[0] / n_frames, held[-1] / n_frames, held[1:-1].mean()]),
    ]
    bins = torch.bucketize(pitch, _PITCH_EDGES)
    histogram = torch.zeros(len(_PITCH_EDGES) + 1).scatter_add_(0, bins, voiced)[1:-1] / len(f0)
    loudness = (energy.unsqueeze(1) > _ENERGY_STEPS).float().mean(dim=0)
    return torch.cat(of_features), torch.cat([*numbers, histogram, loudness])


def _averages(x: Tensor) -> tuple[Tensor, Tensor]:
    """Each channel's mean, and the logarithm of its variance. (`Tensor.var` takes ten times as long along columns.)"""
    mean = x.mean(dim=0)
    return mean, torch.log((x - mean).square().mean(dim=0) + _TINY)


@dataclass(frozen=True)
class StatisticsTable:
    """What has been learnt of one voice."""

    center: Tensor
    """(descriptions,): of the sentences it was learnt from."""

    directions: Tensor
    """(descriptions, n): in which those differed most, and how much of each description is worth."""

    average: Tensor
    """(statistics,): of those sentences."""

    slopes: Tensor
    """(n, statistics), fp16: what a step in each direction changes."""

    def predict(self, features: Tensor, prosody: Prosody, widths: Sequence[int]) -> Moments:
        """The moments of a sentence, in the order in which the generator sees them.

        features: (2 * frames, channels); widths: of what is normalised, in channels.
        """
        description = torch.cat(describe(features, prosody))
        flat = self.average + ((description - self.center) @ self.directions) @ self.slopes.float()
        moments = []
        for part in torch.split(flat, [2 * width for width in widths]):
            mean, log_variance = part.view(2, -1)
            moments.append(torch.stack([mean, torch.exp(log_variance)]))
        return moments

    def state(self) -> dict[str, Tensor]:
        """It as tensors by name, to be kept."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_state(cls, state: Mapping[str, Tensor]) -> StatisticsTable:
        """The other way round. Raises `KeyError`."""
        return cls(**{field.name: state[field.name] for field in fields(cls)})


@dataclass(frozen=True)
class Example:
    """A sentence that has been decoded whole."""

    of_features: Tensor
    of_prosody: Tensor
    """As `describe` gives them."""

    statistics: Tensor
    """(statistics,): means and logarithms of variances."""

    @classmethod
    def of(cls, features: Tensor, prosody: Prosody, moments: Moments) -> Example:
        """features: (2 * frames, channels); moments: as the generator has seen them."""
        flat = [torch.cat([mean, torch.log(variance + _TINY)]) for mean, variance in moments]
        return cls(*describe(features, prosody), torch.cat(flat))


def learn(examples: Sequence[Example]) -> StatisticsTable:
    """A table from sentences of one voice, some hundred of them."""
    assert len(examples) > 1
    groups = [
        torch.stack([example.of_features for example in examples]),
        torch.stack([example.of_prosody for example in examples]),
    ]
    weight = torch.cat(
        [
            of_group / (group.std(dim=0) + 1e-6) / math.sqrt(group.shape[1])
            for group, of_group in zip(groups, (1.0, _PROSODY_WEIGHT), strict=True)
        ]
    )
    descriptions = torch.cat(groups, dim=1)
    center = descriptions.mean(dim=0)
    statistics = torch.stack([example.statistics for example in examples])
    average = statistics.mean(dim=0)
    left, sizes, right = torch.linalg.svd(((descriptions - center) * weight).double(), full_matrices=False)
    n = min(_N_DIRECTIONS, len(examples) - 1)
    # Sentences that are described alike differ in no direction, and 0 / 0 would make silence of all they teach.
    left, sizes, right = left[:, :n], sizes[:n].clamp(min=1e-6), right[:n]
    # Ridge regression: along a direction of size s, s / (s² + λ) of what the examples show is believed. The size
    # goes with the directions, so that what is kept in fp16 is of the statistics' own size.
    shrunk = (sizes.square() / (sizes.square() + _RIDGE)).unsqueeze(1)
    slopes = shrunk * (left.t() @ (statistics - average).double())
    directions = (right / sizes.unsqueeze(1)).t() * weight.unsqueeze(1)
    return StatisticsTable(center, directions.float(), average, slopes.half())
