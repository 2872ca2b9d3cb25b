"""Toom–Cook is a convolution: its three matrices, kernels at their points and back, and what 16 bits cost."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from wyoming_kokoro.model.fast.toom_cook import (
    OF_BRAIN_FLOATS,
    OF_LONG_BRAIN_FLOATS,
    OF_ONE,
    TRANSFORMS,
    Transform,
    in_16_bits,
    kernel_of,
    transform_for,
    transform_kernel,
    transform_of,
)

ALL = (*TRANSFORMS, OF_BRAIN_FLOATS, OF_LONG_BRAIN_FLOATS)
KERNEL_SIZES = (1, 2, 3, 5, 7, 11)


def random(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("transform", ALL, ids=lambda each: f"{each.n_outputs} of {each.n_taps} taps")
def test_a_tile_is_a_correlation(transform: Transform) -> None:
    x, taps = random(transform.n_points, 50), random(transform.n_taps, 50)
    outputs = transform.output @ ((transform.kernel @ taps) * (transform.input @ x))
    expected = [
        (taps * x[first : first + transform.n_taps]).sum(dim=0) for first in range(transform.n_outputs)
    ]
    torch.testing.assert_close(outputs, torch.stack(expected))


@pytest.mark.parametrize("transform", ALL, ids=lambda each: f"{each.n_outputs} of {each.n_taps} taps")
def test_it_takes_fewer_products_and_points_are_about_as_large_as_inputs(transform: Transform) -> None:
    assert transform.n_points == transform.n_outputs + transform.n_taps - 1
    assert transform is OF_ONE or transform.n_points < transform.n_outputs * transform.n_taps
    torch.testing.assert_close(transform.input.norm(dim=1), torch.ones(transform.n_points).double())


@pytest.mark.parametrize("transform", ALL, ids=lambda each: f"{each.n_outputs} of {each.n_taps} taps")
def test_points_come_in_pairs_that_differ_in_signs(transform: Transform) -> None:
    """What the machine code relies on."""
    signs = (-1.0) ** torch.arange(transform.n_points).double()
    for first in range(1, transform.n_points - 1, 2):
        row, next_row = transform.input[first : first + 2]
        torch.testing.assert_close(next_row, row * signs)
        powers, next_powers = transform.output[:, first : first + 2].unbind(1)
        torch.testing.assert_close(next_powers, powers * signs[: transform.n_outputs])
    for row in transform.input[[0, -1]]:
        assert not (row[::2].any() and row[1::2].any())


@pytest.mark.parametrize(
    ("kernel_size", "n_groups"), [(1, 1), (2, 1), (3, 1), (5, 1), (7, 1), (9, 2), (11, 2), (12, 3)]
)
@pytest.mark.parametrize("is_short", [False, True])
def test_a_kernel_at_its_points_is_the_kernel(kernel_size: int, n_groups: int, is_short: bool) -> None:
    weight = random(6, 5, kernel_size)
    points = transform_kernel(weight, is_short=is_short)
    transform = transform_for(kernel_size, is_short=is_short)
    assert points.shape == (transform.n_points, 6, n_groups, 5)
    assert transform.n_groups(kernel_size) == n_groups
    assert transform_of(points, kernel_size) is transform
    torch.testing.assert_close(kernel_of(points, kernel_size), weight.float())


def test_short_sequences_have_a_kernel_of_three_at_fewer_points() -> None:
    assert transform_for(3, is_short=True).n_points < transform_for(3).n_points
    assert transform_for(7, is_short=True) is transform_for(7)


@pytest.mark.parametrize("kernel_size", KERNEL_SIZES)
def test_groups_of_taps_read_the_points_of_later_tiles(kernel_size: int) -> None:
    """What the machine code relies on: the taps of a group are as far from the next one's as outputs of tiles are."""
    weight, x = random(6, 5, kernel_size), random(5, 60)
    transform, points = transform_for(kernel_size), transform_kernel(weight)
    n_groups = points.shape[2]
    tiles = x.unfold(1, transform.n_points, transform.n_outputs)  # (in, tiles, inputs)
    at_points = torch.einsum("pj,itj->pti", transform.input, tiles)
    n_tiles = at_points.shape[1] - n_groups + 1
    sums = sum(
        torch.einsum("pti,poi->pto", at_points[:, group : group + n_tiles], points[:, :, group])
        for group in range(n_groups)
    )
    outputs = torch.einsum("yp,pto->tyo", transform.output, sums).flatten(0, 1).t()
    expected = F.conv1d(x.unsqueeze(0), weight)[0]
    torch.testing.assert_close(outputs[:, : expected.shape[1]], expected[:, : outputs.shape[1]])


@pytest.mark.parametrize("kernel_size", KERNEL_SIZES)
def test_16_bits_lose_little_of_a_kernel(kernel_size: int) -> None:
    weight = random(16, 64, kernel_size) * random(16, 1, 1).abs()
    points, scale = in_16_bits(transform_kernel(weight))
    assert points.dtype == torch.int16
    assert scale.shape == points.shape[:2]
    back = kernel_of(points * scale[..., None, None], kernel_size)
    errors = (back - weight).square().sum(dim=(1, 2)) / weight.square().sum(dim=(1, 2))
    assert 0 < errors.max() < 4e-6  # of every output channel, small ones too: 54 dB


def test_a_channel_without_weights_stays_silent() -> None:
    points, scale = in_16_bits(torch.zeros(10, 2, 2, 4))
    assert not points.any()
    assert scale.isfinite().all()
