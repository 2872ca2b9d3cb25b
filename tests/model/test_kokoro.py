"""The whole model at toy size: lengths, determinism, and what speed may touch."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import pytest
import torch
import toy_config
from torch import Tensor

from wyoming_kokoro.model import Kokoro, ModelConfig, source_noise

CONFIG = ModelConfig.from_dict(toy_config.CONFIG)
TOKEN_IDS = torch.tensor([[0, 3, 4, 5, 0]])


@pytest.fixture(scope="module")
def model() -> Kokoro:
    torch.manual_seed(1)
    # The width of the decoder is in no config; at toy size it need not be a thousand.
    return Kokoro(dataclasses.replace(CONFIG, decoder_dim=12, aligned_dim=4)).eval()


@pytest.fixture(scope="module")
def style() -> Tensor:
    return torch.randn(1, 16, generator=torch.Generator().manual_seed(2))


def speak(model: Kokoro, style: Tensor, *, seed: int = 0, speed: float = 1.0) -> Tensor:
    prosody = model.predict(TOKEN_IDS, style, speed)
    return torch.cat(list(model.decode(prosody, style, source_noise(model.config, prosody.n_frames, seed))))


def test_shapes_follow_from_the_durations(model: Kokoro, style: Tensor) -> None:
    prosody = model.predict(TOKEN_IDS, style)
    n_frames = int(prosody.durations.sum())
    assert prosody.durations.shape == (5,)
    assert prosody.n_frames == n_frames
    assert prosody.f0.shape == prosody.energy.shape == (1, 2 * n_frames)
    assert prosody.aligned.shape == (1, 16, n_frames)
    assert model.features(prosody, style).shape == (1, 16, 2 * n_frames)
    assert speak(model, style).shape == (n_frames * model.config.samples_per_frame,)


def test_the_same_seed_gives_the_same_samples_and_another_does_not(model: Kokoro, style: Tensor) -> None:
    assert torch.equal(speak(model, style, seed=1), speak(model, style, seed=1))
    assert not torch.equal(speak(model, style, seed=1), speak(model, style, seed=2))


def test_two_clients_share_a_model_without_noticing(model: Kokoro, style: Tensor) -> None:
    alone = speak(model, style)
    first = model.predict(TOKEN_IDS, style)
    pieces = model.decode(first, style, source_noise(model.config, first.n_frames, 0))
    speak(model, -style)  # somebody else's, between prediction and decoding
    assert torch.equal(torch.cat(list(pieces)), alone)


def test_speed_divides_the_durations_and_touches_nothing_before_them(model: Kokoro, style: Tensor) -> None:
    slow, fast = (model.predict(TOKEN_IDS, style, speed).durations for speed in (0.5, 2.0))
    assert (slow > fast).all()
    assert fast.min() >= 1
    assert model.predict(TOKEN_IDS, style, 1000.0).durations.tolist() == [1] * 5


def test_each_phoneme_is_held_for_its_duration(model: Kokoro, style: Tensor) -> None:
    prosody = model.predict(TOKEN_IDS, style)
    runs = prosody.aligned.split(prosody.durations.tolist(), dim=2)
    assert all(torch.equal(run, run[:, :, :1].expand_as(run)) for run in runs)


def test_parts_joined_are_the_whole(model: Kokoro, style: Tensor) -> None:
    prosody = model.predict(TOKEN_IDS, style)
    for cuts in ([0, 5], [0, 2, 5], [0, 1, 2, 3, 4, 5], [0, 4, 4, 5]):
        parts = [prosody.part(range(start, stop)) for start, stop in pairwise(cuts)]
        for field in dataclasses.fields(prosody):
            joined = torch.cat([getattr(part, field.name) for part in parts], dim=-1)
            assert torch.equal(joined, getattr(prosody, field.name)), field.name
        for part in parts:
            assert part.n_frames == part.durations.sum()
            assert part.f0.shape == part.energy.shape == (1, 2 * part.n_frames)


def test_a_part_can_be_spoken_and_the_rest_is_not_looked_at(model: Kokoro, style: Tensor) -> None:
    prosody = model.predict(TOKEN_IDS, style)
    part = prosody.part(range(1, 3))
    start, stop = int(prosody.durations[0]), int(prosody.durations[:3].sum())
    noise = source_noise(model.config, part.n_frames, 0)
    (samples,) = model.decode(part, style, noise)
    assert len(samples) == (stop - start) * model.config.samples_per_frame
    outside = [*range(start), *range(stop, prosody.n_frames)]
    blotted = dataclasses.replace(prosody, aligned=prosody.aligned.clone())
    blotted.aligned[:, :, outside] = float("nan")
    (again,) = model.decode(blotted.part(range(1, 3)), style, noise)
    assert torch.equal(again, samples)


def test_nothing_of_a_forward_pass_stays_in_the_model(model: Kokoro, style: Tensor) -> None:
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    speak(model, style)
    after = model.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(tensor, after[name]) for name, tensor in before.items())


def test_more_tokens_than_positions_are_the_callers_mistake(model: Kokoro, style: Tensor) -> None:
    with pytest.raises(AssertionError, match="splits"):
        model.predict(torch.zeros(1, 65, dtype=torch.long), style)
