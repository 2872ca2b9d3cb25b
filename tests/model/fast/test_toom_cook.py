"""Toom–Cook is a convolution: its three matrices, kernels at their points and back, and what 16 bits cost."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from wyoming_kokoro.model.fast.toom_cook import (
    N_OUTPUTS,
    TRANSFORMS,
    Transform,
    in_16_bits,
    kernel_of,
    transform_for,
    transform_kernel,
    transform_of,
)

KERNEL_SIZES = (2, 3, 5, 7, 11)


def random(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("transform", TRANSFORMS, ids=lambda each: f"{each.n_taps} taps")
def test_a_tile_is_a_correlation(transform: Transform) -> None:
    x, taps = random(transform.n_points, 50), random(transform.n_taps, 50)
    outputs = transform.output @ ((transform.kernel @ taps) * (transform.input @ x))
    expected = [(taps * x[first : first + transform.n_taps]).sum(dim=0) for first in range(N_OUTPUTS)]
    torch.testing.assert_close(outputs, torch.stack(expected))


@pytest.mark.parametrize("transform", TRANSFORMS, ids=lambda each: f"{each.n_taps} taps")
def test_it_takes_fewer_products_and_no_point_is_larger_than_the_largest_input(transform: Transform) -> None:
    assert transform.n_points == N_OUTPUTS + transform.n_taps - 1 < N_OUTPUTS * transform.n_taps
    torch.testing.assert_close(transform.input.abs().sum(dim=1), torch.ones(transform.n_points).double())


@pytest.mark.parametrize("kernel_size", KERNEL_SIZES)
def test_a_kernel_at_its_points_is_the_kernel(kernel_size: int) -> None:
    weight = random(6, 5, kernel_size)
    points = transform_kernel(weight)
    transform = transform_for(kernel_size)
    assert points.shape == (transform.n_points, 6, -(-kernel_size // transform.n_taps), 5)
    assert transform_of(len(points)) is transform
    torch.testing.assert_close(kernel_of(points, kernel_size), weight.float())


@pytest.mark.parametrize("kernel_size", KERNEL_SIZES)
def test_groups_of_taps_read_the_points_of_later_tiles(kernel_size: int) -> None:
    """What the machine code relies on: outputs come in fours, and so do the taps of a long kernel."""
    weight, x = random(6, 5, kernel_size), random(5, 60)
    transform, points = transform_for(kernel_size), transform_kernel(weight)
    n_groups = points.shape[2]
    tiles = x.unfold(1, transform.n_points, N_OUTPUTS)  # (in, tiles, inputs)
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
    assert 0 < errors.max() < 1e-6  # of every output channel, small ones too: 60 dB


def test_a_channel_without_weights_stays_silent() -> None:
    points, scale = in_16_bits(torch.zeros(7, 2, 3, 4))
    assert not points.any()
    assert scale.isfinite().all()
