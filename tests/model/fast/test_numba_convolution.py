"""Our own convolutions and matrix products give what the plain ones give, at every length and in every type."""

from __future__ import annotations

import pytest
import torch
from fused import assert_does_what_comes_before_and_after
from torch import Tensor

from wyoming_kokoro.model.fast.convolution import Convolution, PlainConvolution
from wyoming_kokoro.model.fast.kernels import Quantization, SnakeInput
from wyoming_kokoro.model.fast.toom_cook import in_16_bits, transform_kernel
from wyoming_kokoro.model.fast.torch_kernels import TorchKernels
from wyoming_kokoro.model.fast.weights import Weights

pytest.importorskip("numba", reason="they are numba's")
try:
    from wyoming_kokoro.model.fast import block_convolution, vector_code
    from wyoming_kokoro.model.fast.convolution_code import HAS_BRAIN_FLOATS, HAS_INT16
    from wyoming_kokoro.model.fast.numba_convolution import (
        NumbaLinear,
        ToomCookConvolution,
        convolves,
        multiplies,
    )
except ImportError as error:  # that CPU is told so at the start, test_backend.py
    pytest.skip(str(error), allow_module_level=True)

needs_int16 = pytest.mark.skipif(not HAS_INT16, reason="this CPU has no products of 16-bit numbers in pairs")
needs_brain_floats = pytest.mark.skipif(
    not HAS_BRAIN_FLOATS, reason="this CPU has no products of brain floats"
)
TYPES = (
    torch.float32,
    pytest.param(torch.int16, marks=needs_int16),
    pytest.param(torch.bfloat16, marks=needs_brain_floats),
)

# in, out, kernel, dilation: the model's stages, its upsampling and decoder, and channels that have to be made up.
GEOMETRIES = [
    (128, 128, 3, 1),
    (128, 128, 3, 5),
    (128, 128, 7, 3),
    (128, 128, 11, 1),
    (128, 128, 11, 5),
    (1090, 96, 1, 1),
    (64, 192, 2, 1),
    (64, 64, 5, 1),
    (77, 64, 3, 1),
    (1090, 128, 3, 1),
    (128, 22, 7, 1),
]
# Steps of output: less than a tile, than a phase, than a block; around blocks; several blocks a thread.
LENGTHS = (1, 3, 4, 5, 23, 191, 192, 193, 400, 1201)


def state_for(in_channels: int, out_channels: int, kernel_size: int, dtype: torch.dtype) -> dict[str, Tensor]:
    random = torch.Generator().manual_seed(0)
    weight = torch.randn(out_channels, in_channels, kernel_size, generator=random)
    state = {"weight": weight, "bias": torch.randn(out_channels, generator=random)}
    if dtype == torch.int16:
        points, scale = in_16_bits(transform_kernel(weight))
        state |= {"weight": points, "weight_scale": scale, "kernel_size": torch.tensor(kernel_size)}
    if dtype == torch.bfloat16:
        state["weight"] = weight.bfloat16()
    return state


def quantization_for(in_channels: int) -> Quantization:
    """For channels that differ in range, the smallest a third of the largest; five deviations are the end."""
    size = torch.linspace(1, 3, in_channels)
    return Quantization(steps=127 / 5 / size, scale=5 / 127, zero_point=0)


def input_for(n_rows: int, in_channels: int, how: Quantization) -> Tensor:
    x = torch.randn(n_rows, in_channels, generator=torch.Generator().manual_seed(n_rows))
    return x / (how.steps * how.scale)


def both(
    geometry: tuple[int, int, int, int], dtype: torch.dtype
) -> tuple[ToomCookConvolution, PlainConvolution, Quantization]:
    """A convolution, its twin, and how 16 bits are meant: the weights hold the channels' sizes then."""
    in_channels, out_channels, kernel_size, dilation = geometry
    state = state_for(in_channels, out_channels, kernel_size, dtype)
    ours = ToomCookConvolution(Weights(dict(state)), dilation=dilation)
    return ours, PlainConvolution(Weights(state), dilation=dilation), quantization_for(in_channels)


@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize("geometry", GEOMETRIES, ids=str)
def test_it_is_the_plain_convolution(geometry: tuple[int, int, int, int], dtype: torch.dtype) -> None:
    ours, twin, how = both(geometry, dtype)
    in_channels, _, kernel_size, dilation = geometry
    assert ours.reach == twin.reach
    assert ours.dtype == torch.float32
    for n_steps in LENGTHS:
        x = input_for(n_steps + dilation * (kernel_size - 1), in_channels, how)
        # With 16 bits, inputs are divided by their channels' sizes, which are thought to be in the weights.
        expected = twin(x * how.steps * how.scale if dtype == torch.int16 else x)
        result = ours(x, how if dtype == torch.int16 else None)
        assert result.shape == expected.shape
        assert result.isfinite().all()
        error = (result - expected).square().mean() / expected.square().mean()
        # Kernel 7 has the largest tiles, and white noise uses all that they lose. The ear: `test_quality.py`.
        largest = {torch.int16: 2e-4, torch.bfloat16: 3e-4, torch.float32: 1e-10}[dtype]
        if dtype == torch.float32 and result.numel() < 50:
            largest *= 2  # a mean of so few squares scatters, from one CPU to another
        assert error < largest, n_steps


# With what comes before and after ------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize(
    "geometry", [(128, 128, 3, 5), (128, 128, 7, 1), (128, 128, 11, 3), (64, 96, 2, 1)], ids=str
)
def test_what_comes_before_and_after_is_done_as_well(
    geometry: tuple[int, int, int, int], dtype: torch.dtype
) -> None:
    ours, twin, how = both(geometry, dtype)
    in_channels, out_channels, kernel_size, dilation = geometry
    assert_does_what_comes_before_and_after(
        ours,
        # With 16 bits, inputs are divided by their channels' sizes, which are thought to be in the weights.
        lambda x: twin(x * how.steps * how.scale if dtype == torch.int16 else x),
        n_channels=(in_channels, out_channels),
        n_between=dilation * (kernel_size - 1),
        quantization=how if dtype == torch.int16 else None,
        make_input=lambda n_rows: input_for(n_rows, in_channels, how) + 0.3,
        largest_error={torch.int16: 3e-5, torch.bfloat16: 3e-4, torch.float32: 1e-10}[dtype],
    )


@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_moments_of_a_signal_far_from_zero_are_exact(dtype: torch.dtype) -> None:
    """As a difference of large squares, this variance would have no digits left."""
    ours, _, how = both((128, 128, 3, 1), dtype)
    quantization = how if dtype == torch.int16 else None
    x = input_for(3000, 128, how)
    given = SnakeInput(x, torch.ones(2, 128), torch.ones(2, 128))
    far = torch.full((3000, 128), 1e4)
    result, moments = ours.with_snake(given, quantization, [far], None, wants_moments=True)
    assert moments is not None
    exact = TorchKernels().moments(result.double())
    torch.testing.assert_close(moments, exact.float(), rtol=1e-4, atol=1e-4)


@pytest.mark.skipif(HAS_INT16, reason="this CPU has such instructions")
def test_without_the_instructions_16_bits_are_refused_in_words() -> None:
    with pytest.raises(NotImplementedError, match="no products of 16-bit numbers"):
        both((128, 128, 11, 1), torch.int16)


@needs_int16
def test_16_bits_are_finer_than_8_by_far() -> None:
    """What the ear makes of it, `test_quality.py` says; here, that nothing of the 16 bits is thrown away."""
    ours, twin, how = both((128, 128, 11, 1), torch.int16)
    x = input_for(2000, 128, how)
    expected = twin(x * how.steps * how.scale)
    error = (ours(x, how) - expected).square().mean() / expected.square().mean()
    assert error < 1.5e-5  # 8 bits: 1e-4


@needs_int16
def test_what_is_beyond_16_bits_is_clipped() -> None:
    ours, _, how = both((64, 64, 3, 1), torch.int16)
    x = input_for(40, 64, how)
    x[17] = 1e9
    x[23] = torch.nan
    result = ours(x, how)
    assert result.isfinite().all()
    assert result.abs().max() < 1e5
    untouched = ours(input_for(40, 64, how), how)
    assert torch.equal(result[:8], untouched[:8])  # tiles that see neither
    assert torch.equal(result[24:], untouched[24:])


@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_no_result_hangs_on_threads_or_the_room_behind(
    dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, _, how = both((128, 128, 11, 3), dtype)
    given = how if dtype == torch.int16 else None
    x = input_for(1500, 128, how)
    alone = ours(x, given)
    assert torch.equal(ours(torch.cat([x, torch.full((50, 128), torch.nan)])[:1500], given), alone)
    for n_threads in (1, 2, 3):
        monkeypatch.setattr(block_convolution, "n_threads", lambda n=n_threads: n)
        assert torch.equal(ours(x, given), alone)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    "geometry",
    [(128, 256, 1, 1), (64, 64, 3, 1), (22, 256, 12, 6), (64, 320, 2, 1), (22, 128, 1, 1), (512, 50, 1, 1)],
    ids=str,
)
def test_matrix_products(geometry: tuple[int, int, int, int], bias: bool) -> None:
    in_channels, out_channels, kernel_size, stride = geometry
    state = state_for(in_channels, out_channels, kernel_size, torch.float32)
    if not bias:
        del state["bias"]
    assert multiplies(state["weight"])
    ours = NumbaLinear(Weights(dict(state)), stride=stride)
    twin = PlainConvolution(Weights(state), stride=stride)
    assert ours.reach == twin.reach
    for n_steps in (1, 5, 6, 7, 121, 700):
        random = torch.Generator().manual_seed(n_steps)
        x = torch.randn((n_steps - 1) * stride + kernel_size, in_channels, generator=random)
        torch.testing.assert_close(ours(x), twin(x), rtol=1e-4, atol=1e-4)


def test_which_weights_it_is_for() -> None:
    assert convolves(torch.zeros(128, 128, 3))
    assert convolves(torch.zeros(1024, 1090, 3))
    assert convolves(torch.zeros(22, 128, 7))
    assert not convolves(torch.zeros(128, 128, 1)), "nothing to save"
    assert not convolves(torch.zeros(8, 128, 7)), "most columns would be made up"
    assert not convolves(torch.zeros(128, 22, 3)), "most of the input would be made up"
    assert multiplies(torch.zeros(50, 22, 1))
    assert not multiplies(torch.zeros(1, 512, 1)), "most columns would be made up"
    assert not multiplies(torch.zeros(128, 128, 1, dtype=torch.bfloat16))


@pytest.mark.parametrize("make", [ToomCookConvolution, NumbaLinear])
def test_a_weight_that_is_laid_out_anew_is_not_held_twice(make: type[Convolution]) -> None:
    state = state_for(64, 64, 3, torch.float32)
    weight = state["weight"]
    made = make(Weights(state))
    assert state["weight"].is_meta
    assert (state["weight"].shape, state["weight"].dtype) == (weight.shape, weight.dtype)
    again = make(Weights(state))  # from what the first has laid out
    x = torch.randn(40, 64)
    assert torch.equal(made(x), again(x))


# Registers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("features", "architecture", "width"),
    [
        ({"avx2", "fma", "avx512f", "avx512bw"}, "x86_64", 16),
        ({"avx2", "fma", "avx512f"}, "x86_64", 8),  # Knights Landing
        ({"avx2", "fma"}, "x86_64", 8),
        ({"avx", "fma"}, "x86_64", None),
        (set(), "x86_64", None),
        ({"neon"}, "aarch64", 4),
        (set(), "riscv64", None),
    ],
)
def test_registers_of_cpus(features: set[str], architecture: str, width: int | None) -> None:
    found = vector_code.registers(frozenset(features), architecture)
    assert (None if found is None else found.width) == width
