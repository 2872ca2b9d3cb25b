"""What does not work on a machine is found out, said, and left to the plain twin; what works is taken.

Faults are put in by hand: wrong numbers, numbers that are none, errors, a numba that is not there.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from wyoming_kokoro.model.fast import backend as backends
from wyoming_kokoro.model.fast import choosing
from wyoming_kokoro.model.fast.backend import Backend
from wyoming_kokoro.model.fast.choosing import (
    check_convolution,
    check_kernels,
    check_linear,
    choose_backend,
)
from wyoming_kokoro.model.fast.convolution import (
    OneDnnConvolution,
    OneDnnInt8Convolution,
    OneDnnInt8Linear,
    OneDnnLinear,
    PlainConvolution,
)
from wyoming_kokoro.model.fast.kernels import Quantization
from wyoming_kokoro.model.fast.toom_cook import in_16_bits, transform_kernel
from wyoming_kokoro.model.fast.torch_kernels import TorchKernels
from wyoming_kokoro.model.fast.weights import Weights
from wyoming_kokoro.precision import CpuFeatures, Precision

numba = pytest.importorskip("numba", reason="most of what can fail needs numba")

from wyoming_kokoro.model.fast import numba_kernels  # noqa: E402, importable from here on
from wyoming_kokoro.model.fast.numba_kernels import NumbaKernels  # noqa: E402

FEATURES = CpuFeatures.detect()
TYPES = {torch.float32: Precision.FP32, torch.bfloat16: Precision.BF16, torch.int8: Precision.INT8}
WORKING = choose_backend()

needs_every_type = pytest.mark.skipif(
    not all(FEATURES.instructions_for(precision) for precision in (Precision.BF16, Precision.INT8)),
    reason="this CPU has not the instructions for every type",
)


def weights_of(dtype: torch.dtype) -> Weights:
    state = {"weight": torch.ones(8, 8, 3, dtype=dtype), "bias": torch.zeros(8)}
    return Weights(state | ({"weight_scale": torch.ones(8)} if dtype == torch.int8 else {}))


# A healthy machine -------------------------------------------------------------------------------------


@needs_every_type
def test_a_healthy_machine_has_no_faults() -> None:
    assert WORKING.faults == ()
    assert isinstance(WORKING.kernels, NumbaKernels)
    assert WORKING.onednn == set(TYPES)


@needs_every_type
@pytest.mark.parametrize("int8_output", [torch.float32, torch.bfloat16])
def test_each_type_gets_its_own_convolution(int8_output: torch.dtype) -> None:
    backend = choose_backend(int8_output)
    kinds = {dtype: type(backend.convolution(weights_of(dtype))) for dtype in TYPES}
    assert kinds == {
        torch.float32: OneDnnConvolution,
        torch.bfloat16: OneDnnConvolution,
        torch.int8: OneDnnInt8Convolution,
    }
    kinds = {dtype: type(backend.linear(weights_of(dtype), stride=2)) for dtype in TYPES}
    assert kinds == {
        torch.float32: OneDnnLinear,
        torch.bfloat16: OneDnnLinear,
        torch.int8: OneDnnInt8Linear,
    }
    how, x = Quantization(torch.ones(8) / 0.1, 0.1, 0), torch.zeros(9, 8, dtype=torch.uint8)
    for make in (backend.convolution, backend.linear):
        assert make(weights_of(torch.int8))(x, how).dtype == int8_output


@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_a_backend_without_fast_paths_is_plain_throughout(dtype: torch.dtype) -> None:
    plain = Backend(TorchKernels())
    assert plain.faults == ()
    assert type(plain.convolution(weights_of(dtype), dilation=3)) is PlainConvolution
    assert type(plain.linear(weights_of(dtype), stride=2)) is PlainConvolution
    check_kernels(plain.kernels, TorchKernels())
    check_convolution(plain.convolution, dtype)
    check_linear(plain.linear, dtype)


# Kernels that do not work --------------------------------------------------------------------------------


def assert_has_plain_kernels(backend: Backend, *said: str) -> None:
    """… for one reason, which is told, and nothing else left out."""
    assert isinstance(backend.kernels, TorchKernels)
    assert backend.onednn == WORKING.onednn
    assert not backend.toom_cook
    assert not backend.has_own_linear
    fault = backend.faults[0]
    assert backend.faults[1:] == tuple(each for each in WORKING.faults if "of our own" not in each)
    assert all(part in fault for part in said), fault


def test_without_numba() -> None:
    """In place of a missing package: what `import` finds when there is None."""
    with pytest.MonkeyPatch.context() as patch:
        for name in (
            "numba",
            *(f"wyoming_kokoro.model.fast.numba_{part}" for part in ("kernels", "threads")),
        ):
            patch.delitem(sys.modules, name)  # what else is numba's is not even tried without its kernels
        patch.setitem(sys.modules, "numba", None)
        patch.delattr("wyoming_kokoro.model.fast.numba_kernels", raising=False)
        backend = choose_backend()
    assert_has_plain_kernels(backend, "no fused kernels, numba cannot be imported: ", "numba")


def test_a_numba_that_fails_to_compile(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise RuntimeError("no locator available")

    monkeypatch.setattr(numba_kernels.numba_code, "add", fail)
    assert_has_plain_kernels(
        choose_backend(), "no fused kernels, numba's do not work here: RuntimeError: no locator available"
    )


def off_by(amount: float) -> Callable[[Tensor], None]:
    def spoil(result: Tensor) -> None:
        result.flatten()[-1].add_(amount)

    return spoil


def not_a_number(result: Tensor) -> None:
    result.flatten()[0] = math.nan


class Spoilt(TorchKernels):
    """Kernels of which one gives results that are spoilt: what is returned, or what is written where."""

    def __init__(self, kernel: str, position: int | None, spoil: Callable[[Tensor], None]) -> None:
        honest = getattr(TorchKernels, kernel)

        def spoilt(*arguments: Any) -> Any:
            result = honest(self, *arguments)
            spoil(result if position is None else arguments[position])
            return result

        setattr(self, kernel, spoilt)


RESULTS = [
    ("moments", None, "moments"),
    ("add", None, "sums"),
    ("add", 2, "sums"),
    ("accumulate", 0, "sums"),
    ("adain", None, "adain"),
    ("snake", 1, "snake"),
    ("leaky_relu", 3, "leaky_relu"),
    ("lstm", 2, "lstm"),
    ("excitation", 6, "excitation"),
    ("gelu", 0, "gelu"),
    ("add_and_normalize", 1, "add_and_normalize"),
    ("polar", 0, "polar"),
]


@pytest.mark.parametrize("spoil", [off_by(100), not_a_number], ids=["wrong", "not a number"])
@pytest.mark.parametrize(("kernel", "position", "named"), RESULTS)
def test_one_wrong_number_of_any_kernel_is_noticed_and_named(
    kernel: str,
    position: int | None,
    named: str,
    spoil: Callable[[Tensor], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if spoil is not_a_number and kernel in {"snake", "leaky_relu"}:
        spoil = off_by(200)  # bytes have no such number
    monkeypatch.setattr(numba_kernels, "NumbaKernels", lambda: Spoilt(kernel, position, spoil))
    said = "" if kernel == "moments" else named  # these are used first by others
    assert_has_plain_kernels(choose_backend(), "do not work here: ArithmeticError: ", said, "off by")


def test_results_of_another_shape_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Short(TorchKernels):
        def moments(self, x: Tensor) -> Tensor:
            return super().moments(x)[:, :-1]

        def adain(self, moments: Tensor, gamma_beta: Tensor) -> Tensor:
            return super().adain(moments, gamma_beta[:, :-1])

    monkeypatch.setattr(numba_kernels, "NumbaKernels", Short)
    assert_has_plain_kernels(choose_backend(), "adain: shape (2, 31) instead of (2, 32)")


# Convolutions that do not work ---------------------------------------------------------------------------


def refuse(*_arguments: object, **_options: object) -> Tensor:
    raise RuntimeError("could not create a primitive")


def refusing_later(make: type) -> type:
    """A convolution that can be made and not used."""

    class Unusable(make):  # type: ignore[misc]
        __call__ = refuse
        with_snake = refuse

    return Unusable


def spoilt(make: type) -> type:
    """A convolution that errs by as much as a sum that overflows."""

    class WithOneWrongStep(make):  # type: ignore[misc]
        def __call__(self, *arguments: Any) -> Tensor:
            result = super().__call__(*arguments)
            result[-1] *= 1.1
            return result

    return WithOneWrongStep


CONVOLUTIONS = [
    ("OneDnnConvolution", torch.float32),
    ("OneDnnConvolution", torch.bfloat16),
    ("OneDnnInt8Convolution", torch.int8),
    ("OneDnnLinear", torch.float32),
    ("OneDnnLinear", torch.bfloat16),
    ("OneDnnInt8Linear", torch.int8),
]


def only_for(dtype: torch.dtype, broken: Callable[..., Any], working: Callable[..., Any]) -> Any:
    """What makes broken convolutions of one type of weights and working ones of the others."""

    def make(weights: Weights, **geometry: Any) -> Any:
        return (broken if weights["weight"].dtype == dtype else working)(weights, **geometry)

    return make


@pytest.mark.parametrize("how", ["it gives a wrong number", "it raises when made", "it raises when called"])
@pytest.mark.parametrize(("name", "dtype"), CONVOLUTIONS)
def test_a_convolution_that_does_not_work_is_left_out_and_no_other(
    name: str, dtype: torch.dtype, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if dtype not in WORKING.onednn:
        pytest.skip(f"it does not work anyway: {WORKING.faults}")
    working = getattr(backends, name)
    broken: Any = {
        "it gives a wrong number": spoilt(working),
        "it raises when made": refuse,
        "it raises when called": refusing_later(working),
    }[how]
    monkeypatch.setattr(backends, name, only_for(dtype, broken, working))
    backend = choose_backend()
    assert backend.onednn == WORKING.onednn - {dtype}
    assert type(backend.convolution(weights_of(dtype))) is PlainConvolution
    assert type(backend.linear(weights_of(dtype))) is PlainConvolution
    assert isinstance(backend.kernels, NumbaKernels)
    (fault,) = set(backend.faults) - set(WORKING.faults)
    assert fault.startswith(f"no {str(dtype).removeprefix('torch.')} convolutions by oneDNN: ")
    wrong = "ArithmeticError: " if "wrong" in how else "RuntimeError: could not create a primitive"
    assert wrong in fault


OUR_OWN = [
    ("ToomCookConvolution", torch.float32, "no float32 convolutions of our own: "),
    ("ToomCookConvolution", torch.int16, "no int16 convolutions of our own: "),
    ("NumbaLinear", torch.float32, "no matrix products of our own: "),
]


@pytest.mark.parametrize("how", ["it gives a wrong number", "it raises when made", "it raises when called"])
@pytest.mark.parametrize(("name", "dtype", "said"), OUR_OWN)
def test_one_of_our_own_that_does_not_work_is_left_out_and_no_other(
    name: str, dtype: torch.dtype, said: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    numba_convolution = pytest.importorskip(
        "wyoming_kokoro.model.fast.numba_convolution", exc_type=ImportError
    )
    monkeypatch.setattr(choosing, "_is_quicker", lambda *_: True)
    healthy = choose_backend()
    if dtype not in healthy.toom_cook:
        pytest.skip(f"it does not work anyway: {healthy.faults}")
    working = getattr(numba_convolution, name)
    broken: Any = {
        "it gives a wrong number": spoilt(working),
        "it raises when made": refuse,
        "it raises when called": refusing_later(working),
    }[how]
    monkeypatch.setattr(numba_convolution, name, only_for(dtype, broken, working))
    backend = choose_backend()
    is_linear = name == "NumbaLinear"
    assert backend.toom_cook == (healthy.toom_cook if is_linear else healthy.toom_cook - {dtype})
    assert backend.has_own_linear is not is_linear
    assert backend.onednn == healthy.onednn
    (fault,) = set(backend.faults) - set(healthy.faults)
    assert fault.startswith(said)
    assert ("ArithmeticError: " if "wrong" in how else "could not create a primitive") in fault


@pytest.mark.parametrize("is_quicker", [True, False])
def test_our_own_are_used_in_fp32_where_they_are_quicker(
    is_quicker: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if torch.float32 not in WORKING.onednn or not isinstance(WORKING.kernels, NumbaKernels):
        pytest.skip(f"there is no choice here: {WORKING.faults}")
    monkeypatch.setattr(choosing, "_is_quicker", lambda *_: is_quicker)
    backend = replace(choose_backend(), has_tile_linear=False)
    assert (torch.float32 in backend.toom_cook) is is_quicker
    assert backend.has_own_linear is is_quicker

    def wide(kernel_size: int) -> Weights:
        return Weights({"weight": torch.zeros(128, 128, kernel_size), "bias": torch.zeros(128)})

    made = [type(backend.convolution(wide(7))).__name__]
    made += [type(backend.linear(wide(kernel_size))).__name__ for kernel_size in (1, 3, 5)]
    ours = ["ToomCookConvolution", "NumbaLinear", "ToomCookConvolution", "NumbaLinear"]
    assert made == (ours if is_quicker else ["OneDnnConvolution", *["OneDnnLinear"] * 3])
    strided = type(backend.linear(wide(3), stride=2)).__name__
    assert strided == ("NumbaLinear" if is_quicker else "OneDnnLinear")


def test_ways_are_timed_with_all_that_is_before_and_after_a_convolution(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By itself, one in tiles was no quicker than oneDNN's, and a layer a seventh: so half of a server's speed was lost."""
    if torch.float32 not in WORKING.onednn or not isinstance(WORKING.kernels, NumbaKernels):
        pytest.skip(f"there is no choice here: {WORKING.faults}")
    timed: list[list[tuple[Backend, torch.dtype]]] = []
    monkeypatch.setattr(choosing, "try_speed", lambda backend, dtype: (backend, dtype))

    def is_quicker(*ways: Any) -> bool:
        if isinstance(ways[0], tuple):
            timed.append(list(ways))
        return True

    monkeypatch.setattr(choosing, "_is_quicker", is_quicker)
    backend = choose_backend()
    differing = set()
    for (ours, dtype), (theirs, same) in timed:
        assert dtype == same
        assert dtype in theirs.onednn
        differing |= {
            (kind, dtype) for kind in ("toom_cook", "tiles") if getattr(ours, kind) != getattr(theirs, kind)
        }
    assert differing >= {("toom_cook", torch.float32)}
    assert differing == {("toom_cook", dtype) for dtype in backend.toom_cook & backend.onednn} | {
        ("tiles", dtype) for dtype in backend.tiles
    }


# Tiles ---------------------------------------------------------------------------------------------------


@pytest.fixture
def tile_convolution() -> Any:
    """The module, on a CPU that has tiles."""
    module = pytest.importorskip("wyoming_kokoro.model.fast.tile_convolution", exc_type=ImportError)
    if not module.has_tiles():
        pytest.skip("this CPU has no tiles")
    return module


@needs_every_type
@pytest.mark.parametrize("is_quicker", [True, False])
def test_tiles_are_used_where_they_are_quicker(
    is_quicker: bool, tile_convolution: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "_is_quicker", lambda *_: is_quicker)
    backend = choose_backend()
    assert backend.tiles == ({torch.bfloat16, torch.int8} if is_quicker else set())
    assert backend.has_tile_linear is is_quicker
    assert ("tiles" in backend.layout) is is_quicker
    assert backend.of_any_length >= backend.tiles

    def made(dtype: torch.dtype, channels: int = 64) -> tuple[str, str]:
        state = {"weight": torch.ones(channels, channels, 1, dtype=dtype), "bias": torch.zeros(channels)}
        state |= {"weight_scale": torch.ones(channels)} if dtype == torch.int8 else {}
        makers = (backend.convolution, backend.linear)
        convolution, linear = (type(make(Weights(dict(state)))).__name__ for make in makers)
        return convolution, linear

    for dtype in (torch.bfloat16, torch.int8):
        assert (made(dtype) == ("TileConvolution", "TileConvolution")) is is_quicker
        assert "TileConvolution" not in made(dtype, channels=8), "most of a tile would be made up"
    assert made(torch.float32)[0] != "TileConvolution", "in parts it is slower than by Toom and Cook"
    assert (made(torch.float32)[1] == "TileConvolution") is is_quicker


@needs_every_type
@pytest.mark.parametrize("how", ["it gives a wrong number", "it raises when made", "it raises when called"])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.int8, torch.float32], ids=str)
def test_tiles_that_do_not_work_for_a_type_are_left_out_and_no_others(
    dtype: torch.dtype, how: str, tile_convolution: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "_is_quicker", lambda *_: True)
    working = tile_convolution.TileConvolution
    broken: Any = {
        "it gives a wrong number": spoilt(working),
        "it raises when made": refuse,
        "it raises when called": refusing_later(working),
    }[how]
    monkeypatch.setattr(tile_convolution, "TileConvolution", only_for(dtype, broken, working))
    backend = choose_backend()
    assert backend.tiles == {torch.bfloat16, torch.int8} - {dtype}
    assert backend.has_tile_linear is (dtype != torch.float32)
    (fault,) = set(backend.faults) - set(WORKING.faults)
    what = (
        "matrix products" if dtype == torch.float32 else f"{str(dtype).removeprefix('torch.')} convolutions"
    )
    assert fault.startswith(f"no {what} in tiles: ")
    assert ("ArithmeticError: " if "wrong" in how else "could not create a primitive") in fault


def test_a_cpu_without_tiles_or_a_system_that_keeps_them_lacks_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tiles = pytest.importorskip("wyoming_kokoro.model.fast.tile_convolution", exc_type=ImportError)
    monkeypatch.setattr(tiles, "has_tiles", lambda: False)
    backend = choose_backend()
    assert not backend.tiles
    assert not backend.has_tile_linear
    assert backend.faults == WORKING.faults
    assert "tiles" not in backend.layout


def test_only_what_may_be_wanted_is_tried() -> None:
    backend = choose_backend(types={torch.float32})
    assert backend.onednn <= {torch.float32}
    assert backend.toom_cook <= {torch.float32}
    assert not any("int8" in fault or "bfloat16" in fault or "int16" in fault for fault in backend.faults)


def test_16_bits_have_no_way_but_ours_and_the_plain_one() -> None:
    points, scale = in_16_bits(transform_kernel(torch.ones(128, 128, 3)))
    state = {"weight": points, "weight_scale": scale, "kernel_size": torch.tensor(3)}
    for backend in (Backend(TorchKernels()), replace(WORKING, toom_cook=frozenset())):
        assert not backend.can_convolve(torch.int16)
        assert type(backend.convolution(Weights(dict(state)))) is PlainConvolution
        assert type(backend.linear(Weights(dict(state)))) is PlainConvolution


def test_pairs_that_overflow_in_16_bits_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on CPUs with AVX2 and no VNNI: two products of bytes are added in 16 bits, which saturate."""

    class Saturating(PlainConvolution):
        def __call__(self, x: Tensor, quantization: Quantization | None = None) -> Tensor:
            assert quantization is not None
            weight, scale = self._weight, self._weight.abs().amax(dim=(1, 2), keepdim=True) / 127
            steps = torch.zeros(len(x) - 2 * self.reach, len(weight))
            for tap, of_tap in enumerate((weight / scale).round().unbind(2)):
                rows = x.float()[tap * self._dilation :][: len(steps)]
                for pair in range(0, x.shape[1], 2):
                    products = rows[:, pair : pair + 2] @ of_tap[:, pair : pair + 2].t()
                    steps += products.clamp(-(2**15), 2**15 - 1)
            exact = self._exact_zero(quantization, weight / scale)
            return (steps - exact) * quantization.scale * scale.flatten() + self._bias

        @staticmethod
        def _exact_zero(quantization: Quantization, weight: Tensor) -> Tensor:
            return quantization.zero_point * weight.round().sum(dim=(1, 2))

    def make(weights: Weights, *, dilation: int, out_dtype: torch.dtype) -> PlainConvolution:
        return Saturating(weights, dilation=dilation)

    monkeypatch.setattr(backends, "OneDnnInt8Convolution", make)
    assert torch.int8 not in choose_backend().onednn
