"""Convolutions through oneDNN give what the plain ones give, in every type, geometry and length.

Lengths go from one step to more than those that the weights' order was chosen for is good at; bytes take their
full range, with zero points in the middle and at both ends. The plain ones are held to PyTorch's own. What a CPU cannot do is
skipped; `test_backend.py` says which can do everything.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from wyoming_kokoro.model.fast.choosing import choose_backend
from wyoming_kokoro.model.fast.convolution import (
    Convolution,
    OneDnnConvolution,
    OneDnnInt8Convolution,
    OneDnnInt8Linear,
    OneDnnLinear,
    PlainConvolution,
)
from wyoming_kokoro.model.fast.kernels import Quantization
from wyoming_kokoro.model.fast.weights import Weights

BACKEND = choose_backend()

FLOATS = (torch.float32, torch.bfloat16)

# in, out, kernel, dilation: those of the model's stages, those of its output, and odd ones.
GEOMETRIES = [
    (128, 128, 3, 1),
    (128, 128, 11, 5),
    (64, 64, 7, 3),
    (32, 22, 7, 1),
    (16, 16, 11, 5),
    (33, 7, 3, 1),
    (1, 1, 1, 1),
]
# Steps of output. What a sentence of one phoneme has at the slowest stage, and odd lengths up to a second.
LENGTHS = (1, 2, 20, 121, 4801)

# in, out, kernel, stride: linear layers, the text side's convolutions, those over the source's spectrum.
LINEAR_GEOMETRIES = [
    (128, 256, 1, 1),
    (64, 64, 3, 1),
    (64, 48, 5, 1),
    (64, 160, 2, 1),
    (22, 256, 12, 6),
    (33, 7, 3, 1),
    (1, 1, 1, 1),
]


def state_for(
    in_channels: int, out_channels: int, kernel_size: int, dtype: torch.dtype, *, bias: bool = True
) -> dict[str, Tensor]:
    random = torch.Generator().manual_seed(0)
    shape = (out_channels, in_channels, kernel_size)
    state: dict[str, Tensor] = {}
    if dtype == torch.int8:
        state["weight"] = torch.randint(-127, 128, shape, generator=random).to(dtype)
        state["weight_scale"] = torch.rand(out_channels, generator=random) * 0.01 + 0.001
    else:
        state["weight"] = torch.randn(shape, generator=random).to(dtype)
    if bias:
        state["bias"] = torch.randn(out_channels, generator=random)
    return state


def needs(dtype: torch.dtype) -> None:
    if dtype not in BACKEND.onednn:
        pytest.skip(f"oneDNN does not do it here: {BACKEND.faults}")


def both(
    make: Callable[..., Convolution], state: dict[str, Tensor], **geometry: int
) -> tuple[Convolution, Convolution]:
    """A convolution and its plain twin with the same weights."""
    return make(Weights(dict(state)), **geometry), PlainConvolution(Weights(dict(state)), **geometry)


def assert_close(ours: Tensor, twin: Tensor, tolerance: float) -> None:
    """Equal but for rounding, in units of the largest number."""
    assert ours.shape == twin.shape
    assert ours.isfinite().all()
    assert (ours.float() - twin).abs().max() <= tolerance * twin.abs().max()


def tolerance_for(dtype: torch.dtype) -> float:
    return 1e-5 if dtype == torch.float32 else 2**-8  # of bf16, half of the last place


# Convolutions over long sequences ----------------------------------------------------------------------


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("geometry", GEOMETRIES, ids=str)
def test_floats(geometry: tuple[int, int, int, int], dtype: torch.dtype) -> None:
    needs(dtype)
    in_channels, out_channels, kernel_size, dilation = geometry
    ours, twin = both(
        OneDnnConvolution, state_for(in_channels, out_channels, kernel_size, dtype), dilation=dilation
    )
    assert ours.reach == twin.reach == dilation * (kernel_size - 1) // 2
    assert ours.dtype == twin.dtype == dtype
    for n_steps in LENGTHS:
        random = torch.Generator().manual_seed(n_steps)
        x = torch.randn(n_steps + 2 * ours.reach, in_channels, generator=random).to(dtype)
        result = ours(x)
        assert result.dtype == dtype
        assert result.is_contiguous()
        assert_close(result, twin(x), tolerance_for(dtype))


@pytest.mark.parametrize("out_dtype", FLOATS, ids=str)
@pytest.mark.parametrize("zero_point", [0, 128, 255])
@pytest.mark.parametrize("geometry", GEOMETRIES, ids=str)
def test_bytes(geometry: tuple[int, int, int, int], zero_point: int, out_dtype: torch.dtype) -> None:
    needs(torch.int8)
    needs(out_dtype)
    in_channels, out_channels, kernel_size, dilation = geometry
    state = state_for(in_channels, out_channels, kernel_size, torch.int8)
    ours = OneDnnInt8Convolution(Weights(dict(state)), dilation=dilation, out_dtype=out_dtype)
    twin = PlainConvolution(Weights(state), dilation=dilation)
    assert ours.reach == twin.reach
    assert ours.dtype == twin.dtype == torch.uint8
    how = Quantization(torch.ones(in_channels) / 0.037, scale=0.037, zero_point=zero_point)
    for n_steps in LENGTHS:
        random = torch.Generator().manual_seed(n_steps)
        x = torch.randint(0, 256, (n_steps + 2 * ours.reach, in_channels), generator=random).to(torch.uint8)
        result = ours(x, how)
        assert result.dtype == out_dtype
        assert_close(result, twin(x, how), tolerance_for(out_dtype))


@pytest.mark.parametrize(("byte", "zero_point"), [(255, 0), (0, 255), (255, 255)])
@pytest.mark.parametrize("weight", [127, -127])
@pytest.mark.parametrize("make", [OneDnnInt8Convolution, OneDnnInt8Linear])
def test_sums_of_the_largest_bytes_do_not_overflow(
    make: Callable[..., Convolution], weight: int, byte: int, zero_point: int
) -> None:
    """Pairs of such products are more than 16 bits hold."""
    needs(torch.int8)
    state = state_for(128, 16, 11, torch.int8)
    state["weight"].fill_(weight)
    ours, twin = both(make, state)
    x = torch.full((30, 128), byte, dtype=torch.uint8)
    how = Quantization(torch.ones(128) / 0.037, scale=0.037, zero_point=zero_point)
    assert_close(ours(x, how), twin(x, how), 1e-5)


@pytest.mark.parametrize("dtype", [*FLOATS, torch.int8], ids=str)
def test_a_part_of_a_longer_buffer_is_read_in_place(dtype: torch.dtype) -> None:
    """Blocks share one buffer, with margins for the one that reaches furthest."""
    needs(dtype)
    ours, _ = both(
        OneDnnInt8Convolution if dtype == torch.int8 else OneDnnConvolution, state_for(32, 32, 3, dtype)
    )
    random = torch.Generator().manual_seed(0)
    buffer = torch.randint(0, 256, (90, 32), generator=random).to(ours.dtype)
    how = Quantization(torch.ones(32) / 0.02, 0.02, 100) if dtype == torch.int8 else None
    assert torch.equal(ours(buffer[20:-20], how), ours(buffer[20:-20].clone(), how))


# Linear layers and convolutions as such ------------------------------------------------------------------


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("geometry", LINEAR_GEOMETRIES, ids=str)
def test_linear(geometry: tuple[int, int, int, int], dtype: torch.dtype, bias: bool) -> None:
    needs(dtype)
    in_channels, out_channels, kernel_size, stride = geometry
    state = state_for(in_channels, out_channels, kernel_size, dtype, bias=bias)
    ours, twin = both(OneDnnLinear, state, stride=stride)
    assert ours.reach == twin.reach
    assert ours.dtype == twin.dtype == dtype
    for n_steps in (1, 2, 20, 121, 700):
        random = torch.Generator().manual_seed(n_steps)
        n_rows = (n_steps - 1) * stride + kernel_size
        # A stride need not come out even: the rest is not looked at.
        x = torch.randn(n_rows + stride - 1, in_channels, generator=random).to(dtype)
        result = ours(x)
        assert result.dtype == dtype
        assert len(result) == n_steps
        assert_close(result, twin(x), tolerance_for(dtype))


@pytest.mark.parametrize("out_dtype", FLOATS, ids=str)
@pytest.mark.parametrize("zero_point", [0, 128, 255])
@pytest.mark.parametrize("geometry", LINEAR_GEOMETRIES, ids=str)
def test_linear_of_bytes(
    geometry: tuple[int, int, int, int], zero_point: int, out_dtype: torch.dtype
) -> None:
    needs(torch.int8)
    needs(out_dtype)
    in_channels, out_channels, kernel_size, stride = geometry
    state = state_for(in_channels, out_channels, kernel_size, torch.int8)
    ours = OneDnnInt8Linear(Weights(dict(state)), stride=stride, out_dtype=out_dtype)
    twin = PlainConvolution(Weights(state), stride=stride)
    assert ours.reach == twin.reach
    assert ours.dtype == twin.dtype == torch.uint8
    how = Quantization(torch.ones(in_channels) / 0.037, scale=0.037, zero_point=zero_point)
    for n_steps in (1, 2, 20, 121, 700):
        random = torch.Generator().manual_seed(n_steps)
        n_rows = (n_steps - 1) * stride + kernel_size
        x = torch.randint(0, 256, (n_rows, in_channels), generator=random).to(torch.uint8)
        result = ours(x, how)
        assert result.dtype == out_dtype
        assert_close(result, twin(x, how), tolerance_for(out_dtype))


def test_linear_takes_rows_that_lie_apart() -> None:
    needs(torch.float32)
    ours, twin = both(OneDnnLinear, state_for(16, 8, 3, torch.float32))
    x = torch.randn(40, 32, generator=torch.Generator().manual_seed(0))[:, ::2]
    assert_close(ours(x), twin(x), 1e-5)


# Plain ones ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [*FLOATS, torch.int8], ids=str)
@pytest.mark.parametrize(("dilation", "stride"), [(1, 1), (3, 1), (1, 2)])
def test_plain_ones_are_pytorchs(dilation: int, stride: int, dtype: torch.dtype) -> None:
    state = state_for(5, 4, 3, dtype)
    convolve = PlainConvolution(Weights(dict(state)), dilation=dilation, stride=stride)
    x = torch.randint(0, 256, (30, 5), generator=torch.Generator().manual_seed(0)).to(convolve.dtype)
    weight, values, how = state["weight"].float(), x.float(), None
    if dtype == torch.int8:
        how = Quantization(torch.ones(5) / 0.02, scale=0.02, zero_point=100)
        weight = weight * state["weight_scale"][:, None, None]
        values = (values - 100) * 0.02
    expected = F.conv1d(values.t(), weight, state["bias"], stride, 0, dilation).t()
    result = convolve(x, how)
    assert result.dtype == torch.float32
    assert result.is_contiguous()
    torch.testing.assert_close(result, expected)


# All -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "dtype"),
    [
        (PlainConvolution, torch.float32),
        (PlainConvolution, torch.int8),
        (OneDnnLinear, torch.bfloat16),
        (OneDnnConvolution, torch.bfloat16),
        (OneDnnInt8Convolution, torch.int8),
        (OneDnnInt8Linear, torch.int8),
    ],
)
def test_a_weight_that_is_laid_out_anew_is_not_held_twice(
    make: Callable[..., Convolution], dtype: torch.dtype
) -> None:
    if make is not PlainConvolution:
        needs(dtype)
    state = state_for(16, 16, 3, dtype)
    make(Weights(state))
    assert "weight" not in state
    assert "bias" in state
