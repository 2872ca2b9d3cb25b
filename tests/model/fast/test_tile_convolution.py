"""Convolutions in tiles give what the plain ones give, at every length, with brain floats, bytes and fp32 in parts."""

from __future__ import annotations

import pytest
import torch
from fused import assert_does_what_comes_before_and_after
from torch import Tensor

from wyoming_kokoro.model.fast.convolution import PlainConvolution
from wyoming_kokoro.model.fast.kernels import Quantization, SnakeInput
from wyoming_kokoro.model.fast.weights import Weights

pytest.importorskip("numba", reason="they are numba's")
try:
    from wyoming_kokoro.model.fast.tile_convolution import TileConvolution, fills_tiles, has_tiles
except ImportError as error:  # that CPU is told so at the start, test_backend.py
    pytest.skip(str(error), allow_module_level=True)
if not has_tiles():
    pytest.skip("this CPU has no tiles", allow_module_level=True)

# Largest mean square error, of that of the result: fp32 sums in another order, and of fp32 what two brain floats leave.
TYPES = {torch.bfloat16: 1e-12, torch.int8: 1e-7, torch.float32: 3e-11}

# in, out, kernel, dilation, stride: the model's stages, its upsampling, decoder and source, its matrices.
GEOMETRIES = [
    (128, 128, 3, 5, 1),
    (128, 128, 11, 1, 1),
    (256, 256, 7, 3, 1),
    (64, 192, 2, 1, 1),
    (77, 40, 3, 1, 1),
    (1090, 64, 3, 1, 1),
    (128, 22, 7, 1, 1),
    (22, 256, 12, 1, 6),
    (768, 100, 1, 1, 1),
]
# Steps of output: one, around a tile and two, around what a block of 128 channels holds, several blocks a thread.
LENGTHS = (1, 15, 16, 17, 33, 608, 700, 3000)


def state_for(geometry: tuple[int, ...], dtype: torch.dtype) -> dict[str, Tensor]:
    in_channels, out_channels, kernel_size, _, _ = geometry
    random = torch.Generator().manual_seed(0)
    weight = torch.randn(out_channels, in_channels, kernel_size, generator=random)
    state = {"weight": weight.to(dtype), "bias": torch.randn(out_channels, generator=random) * 9}
    if dtype == torch.int8:
        state["weight"] = (weight * 40).clamp(-127, 127).round().to(dtype)
        state["weight_scale"] = torch.rand(out_channels, generator=random) + 0.5
    return state


def quantization_for(in_channels: int, dtype: torch.dtype) -> Quantization | None:
    """For channels that differ in range, the smallest a third of the largest; -4 … 5 deviations are the ends."""
    if dtype != torch.int8:
        return None
    return Quantization(28.0 / torch.linspace(1, 3, in_channels), scale=1 / 28, zero_point=113)


def rounded(x: Tensor, how: Quantization | None, dtype: torch.dtype) -> Tensor:
    """What operands of a type leave of a signal; of bytes in units of the channels' scales, which weights hold."""
    if how is None:
        return x.to(dtype).float()
    whole = (x * how.steps + how.zero_point + 0.5).clamp(0, 255).floor()
    return (whole - how.zero_point) * how.scale


def both(geometry: tuple[int, ...], dtype: torch.dtype) -> tuple[TileConvolution, PlainConvolution]:
    state, (_, _, _, dilation, stride) = state_for(geometry, dtype), geometry
    ours = TileConvolution(Weights(dict(state)), dilation=dilation, stride=stride)
    return ours, PlainConvolution(Weights(state), dilation=dilation, stride=stride)


def error_of(result: Tensor, expected: Tensor) -> float:
    assert result.shape == expected.shape
    assert result.isfinite().all()
    return float((result - expected).square().mean() / (expected.square().mean() + 1e-9))


@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize("geometry", GEOMETRIES, ids=str)
def test_it_is_the_plain_convolution(geometry: tuple[int, ...], dtype: torch.dtype) -> None:
    ours, twin = both(geometry, dtype)
    in_channels, _, kernel_size, dilation, stride = geometry
    how = quantization_for(in_channels, dtype)
    assert ours.reach == twin.reach
    for n_steps in LENGTHS:
        n_rows = (n_steps - 1) * stride + dilation * (kernel_size - 1) + 1
        x = torch.randn(n_rows, in_channels, generator=torch.Generator().manual_seed(n_steps))
        assert error_of(ours(x, how), twin(rounded(x, how, dtype))) < TYPES[dtype], n_steps


def test_nothing_is_read_before_and_behind_a_signal() -> None:
    """Tiles are of 16 rows, whatever is left of a signal."""
    ours, _ = both((64, 32, 3, 1, 1), torch.float32)
    for n_rows in (3, 17, 18, 19, 700):
        room = torch.full((n_rows + 60, 64), torch.nan)
        room[30:-30] = torch.randn(n_rows, 64, generator=torch.Generator().manual_seed(n_rows))
        assert torch.equal(ours(room[30:-30]), ours(room[30:-30].clone()))


def test_more_rows_than_it_needs_change_nothing() -> None:
    """A stride may leave the last rows without an output."""
    geometry = (64, 32, 3, 1, 6)
    ours, twin = both(geometry, torch.float32)
    for n_rows in range(27, 34):
        x = torch.randn(n_rows, 64, generator=torch.Generator().manual_seed(n_rows))
        assert error_of(ours(x), twin(x)) < TYPES[torch.float32]


def test_a_signal_that_does_not_lie_row_by_row_is_read_all_the_same() -> None:
    ours, twin = both((64, 32, 1, 1, 1), torch.float32)
    x = torch.randn(64, 50).t()
    assert error_of(ours(x), twin(x.contiguous())) < TYPES[torch.float32]


# With what comes before and after ------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize("geometry", [(128, 128, 3, 5, 1), (64, 96, 11, 3, 1), (64, 96, 2, 1, 1)], ids=str)
def test_what_comes_before_and_after_is_done_as_well(geometry: tuple[int, ...], dtype: torch.dtype) -> None:
    ours, twin = both(geometry, dtype)
    in_channels, out_channels, kernel_size, dilation, _ = geometry
    how = quantization_for(in_channels, dtype)
    assert_does_what_comes_before_and_after(
        ours,
        lambda x: twin(rounded(x, how, dtype)),
        n_channels=(in_channels, out_channels),
        n_between=dilation * (kernel_size - 1),
        quantization=how,
        make_input=lambda n_rows: (
            torch.randn(n_rows, in_channels, generator=torch.Generator().manual_seed(n_rows)) + 0.3
        ),
        # A number near a half goes one way here and the other there: Snake has its own sine.
        largest_error={torch.bfloat16: 1e-8, torch.int8: 1e-5, torch.float32: 3e-11}[dtype],
        size_share=1e-3,  # sums of bytes are large
    )


def test_moments_of_a_signal_far_from_zero_keep_their_variance() -> None:
    ours, _ = both((128, 128, 3, 1, 1), torch.float32)
    x = torch.randn(2000, 128, generator=torch.Generator().manual_seed(0))
    affine, alphas = torch.stack([torch.ones(128), torch.zeros(128)]), torch.ones(2, 128)
    far = torch.full((2000, 128), 1e4)
    given = SnakeInput(x, affine, alphas)
    near, moments = ours.with_snake(given, None, (), None, wants_moments=True)
    _, far_moments = ours.with_snake(given, None, (far,), None, wants_moments=True)
    assert moments is not None
    assert far_moments is not None
    torch.testing.assert_close(far_moments[1], near.var(dim=0, correction=0), rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(far_moments[0], moments[0] + 1e4)


# Parts of fp32 -------------------------------------------------------------------------------------------


def test_fp32_in_parts_is_a_hundred_times_nearer_than_brain_floats() -> None:
    geometry = (768, 256, 1, 1, 1)
    x = torch.randn(96, 768, generator=torch.Generator().manual_seed(0))
    state = state_for(geometry, torch.float32)
    exact = x.double() @ state["weight"][..., 0].double().t() + state["bias"].double()
    in_parts = TileConvolution(Weights(dict(state)))(x)
    rough = TileConvolution(Weights(state | {"weight": state["weight"].bfloat16()}))(x)
    assert error_of(in_parts, exact.float()) < 1e-4 * error_of(rough, exact.float())


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32], ids=str)
def test_what_is_not_a_number_comes_out_as_none(dtype: torch.dtype) -> None:
    """So that whoever looks for it, finds it."""
    ours, _ = both((64, 32, 1, 1, 1), dtype)
    x = torch.zeros(20, 64)
    x[7, 3] = torch.nan
    result = ours(x)
    assert result[7].isnan().all()
    assert result[:7].isfinite().all()
    assert result[8:].isfinite().all()


def test_a_few_channels_are_left_to_others() -> None:
    assert fills_tiles(torch.empty(16, 32, 1))
    assert not fills_tiles(torch.empty(16, 31, 1))
    assert not fills_tiles(torch.empty(15, 32, 1))


# Many at once --------------------------------------------------------------------------------------------


def test_its_result_does_not_hang_on_the_number_of_threads() -> None:
    ours, _ = both((128, 128, 3, 1, 1), torch.bfloat16)
    x = torch.randn(5000, 128, generator=torch.Generator().manual_seed(0))
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        alone = ours(x)
        torch.set_num_threads(2)
        together = ours(x)
    finally:
        torch.set_num_threads(before)
    assert torch.equal(alone, together)
