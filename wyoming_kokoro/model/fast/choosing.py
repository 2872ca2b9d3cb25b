"""Which of the fast ways work on this machine, found out by trying each against its plain twin, and which are quicker.

Says what it found and leaves it to the caller to tell people.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor

from wyoming_kokoro.model.fast.backend import Backend, name_of
from wyoming_kokoro.model.fast.convolution import (
    Convolution,
    FusedConvolution,
    OneDnnLinear,
    PlainConvolution,
)
from wyoming_kokoro.model.fast.kernels import NORM_EPS, Kernels, Quantization, SnakeInput, padded_like
from wyoming_kokoro.model.fast.toom_cook import in_16_bits, transform_kernel
from wyoming_kokoro.model.fast.torch_kernels import TorchKernels
from wyoming_kokoro.model.fast.trial import try_speed
from wyoming_kokoro.model.fast.weights import Weights

_ONEDNN_TYPES = (torch.float32, torch.bfloat16, torch.int8)
_TOOM_COOK_TYPES = (torch.float32, torch.int16, torch.bfloat16)
_TILE_TYPES = (torch.bfloat16, torch.int8)
OPERAND_TYPES = frozenset((*_ONEDNN_TYPES, *_TOOM_COOK_TYPES))
"""Every type of weights that there is a fast way for on some machine."""

# A question and how to answer it by measuring → the answer, which may be known already.
Ask = Callable[[str, Callable[[], str]], str]


def measured_now(_question: str, measure: Callable[[], str]) -> str:
    """The answer of somebody who knows nothing yet."""
    return measure()


def choose_backend(
    int8_output: torch.dtype = torch.float32,
    types: Collection[torch.dtype] = OPERAND_TYPES,
    ask: Ask = measured_now,
) -> Backend:
    """Tries every fast path on small random numbers and keeps those that agree with their plain twins.

    types: of weights that somebody may want to convolve with on this machine. ask: is asked what is quicker; whether
    something works is tried each time.
    """
    faults = []
    kernels: Kernels = TorchKernels()
    try:
        from wyoming_kokoro.model.fast.numba_kernels import NumbaKernels

        compiled = NumbaKernels()
        check_kernels(compiled, kernels)
    except ImportError as error:
        faults.append(f"no fused kernels, numba cannot be imported: {error}")
    except Exception as error:  # whatever a compiler or a CPU comes up with, the plain way still works
        faults.append(f"no fused kernels, numba's do not work here: {type(error).__name__}: {error}")
    else:
        kernels = compiled
    backend = Backend(kernels, int8_output=int8_output)
    for dtype in [each for each in _ONEDNN_TYPES if each in types]:
        trial = replace(backend, onednn=frozenset([dtype]))
        checks = (
            partial(check_convolution, trial.convolution, dtype),
            partial(check_linear, trial.linear, dtype),
        )
        if (why_not := _fault(*checks)) is None:
            backend = replace(backend, onednn=backend.onednn | {dtype})
        else:
            faults.append(f"no {name_of(dtype)} convolutions by oneDNN: {why_not}")
    if not isinstance(kernels, TorchKernels):
        backend = _with_our_own(backend, faults, types, ask)
        backend = _with_tiles(backend, faults, types, ask)
    return replace(backend, faults=tuple(faults))


def _with_our_own(backend: Backend, faults: list[str], types: Collection[torch.dtype], ask: Ask) -> Backend:
    """Adds what numba computes for itself, where that works and is quicker than oneDNN."""
    try:
        from wyoming_kokoro.model.fast.numba_convolution import NumbaLinear, ToomCookConvolution
    except ImportError as error:
        faults.append(f"no convolutions of our own: {error}")
        return backend
    for dtype in [each for each in _TOOM_COOK_TYPES if each in types]:
        ours = replace(backend, toom_cook=backend.toom_cook | {dtype})
        checks = _checks_of_convolutions(ToomCookConvolution, dtype)
        if _wants_convolutions(ours, backend, dtype, checks, "of our own", faults, ask):
            backend = ours
    if _wants_products(NumbaLinear, OneDnnLinear, backend, "of our own", faults, ask):
        backend = replace(backend, has_own_linear=True)
    return backend


def _with_tiles(backend: Backend, faults: list[str], types: Collection[torch.dtype], ask: Ask) -> Backend:
    """Adds what is computed in tiles, on a CPU that has them, where that works and is quicker than without."""
    try:
        from wyoming_kokoro.model.fast.numba_convolution import NumbaLinear
        from wyoming_kokoro.model.fast.tile_convolution import TileConvolution, has_tiles
    except ImportError:  # has been told
        return backend
    if not has_tiles():
        return backend
    for dtype in [each for each in _TILE_TYPES if each in types]:
        ours = replace(backend, tiles=backend.tiles | {dtype})
        checks = (
            *_checks_of_convolutions(TileConvolution, dtype),
            partial(check_linear, TileConvolution, dtype),
        )
        if _wants_convolutions(ours, backend, dtype, checks, "in tiles", faults, ask):
            backend = ours
    others = NumbaLinear if backend.has_own_linear else OneDnnLinear
    if _wants_products(TileConvolution, others, backend, "in tiles", faults, ask):
        backend = replace(backend, has_tile_linear=True)
    return backend


_Check = Callable[[], None]


def _checks_of_convolutions(
    make: Callable[..., FusedConvolution], dtype: torch.dtype
) -> tuple[_Check, _Check]:
    return partial(check_convolution, make, dtype), partial(check_with_snake, make, dtype)


def _wants_convolutions(
    ours: Backend,
    theirs: Backend,
    dtype: torch.dtype,
    checks: Sequence[_Check],
    what: str,
    faults: list[str],
    ask: Ask,
) -> bool:
    """Whether our convolutions of a type work, and a layer of the model's is to be made with them here.

    A layer with all that is before and after its convolution: our ways save most by doing these in one.
    """
    name = f"{name_of(dtype)} convolutions {what}"
    if (why_not := _fault(*checks)) is not None:
        faults.append(f"no {name}: {why_not}")
        return False
    question = f"layers with {name} quicker than others"
    return dtype not in theirs.onednn or _answers_yes(
        ask, question, lambda: [try_speed(each, dtype) for each in (ours, theirs)]
    )


def _wants_products(
    ours: Callable[..., Convolution],
    theirs: Callable[..., Convolution],
    backend: Backend,
    what: str,
    faults: list[str],
    ask: Ask,
) -> bool:
    """The same for products of fp32 matrices of the model's size."""
    name = f"matrix products {what}"
    if (why_not := _fault(partial(check_linear, ours, torch.float32))) is not None:
        faults.append(f"no {name}: {why_not}")
        return False

    def ways() -> list[Callable[[], object]]:
        state, x, _ = _trial(1, torch.float32, channels=768, n_steps=96)
        return [partial(make(Weights(dict(state))), x) for make in (ours, theirs)]

    return torch.float32 not in backend.onednn or _answers_yes(ask, f"{name} quicker than others", ways)


def _answers_yes(ask: Ask, question: str, ways: Callable[[], Sequence[Callable[[], object]]]) -> bool:
    """Whether the first way is said to be preferred to the second."""
    return ask(question, lambda: _yes(_is_quicker(*ways()))) == _yes(True)


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"


def _fault(*checks: _Check) -> str | None:
    """Why one of these fails here: whatever a library, a compiler or a CPU comes up with, there is a plain way."""
    try:
        for check in checks:
            check()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


# Our own code is one for all lengths, oneDNN's is made anew for each, in a third of a millisecond and half a megabyte
# a layer. So it may be a little slower where both have met a length before.
_WORTH_OF_ONE_CODE = 1.15


def _is_quicker(ours: Callable[[], object], theirs: Callable[[], object]) -> bool:
    """Whether one way is to be preferred to another on this machine, now."""
    # So many, since a machine may be busy, as when all of a home's starts.
    our_s, their_s = best_times_s([ours, theirs], n_rounds=24)
    return our_s < _WORTH_OF_ONE_CODE * their_s


def best_times_s(ways: Sequence[Callable[[], object]], n_rounds: int) -> list[float]:
    """The least time that each way took: by turns, so that a busy moment hits all of them."""
    times_s: list[list[float]] = [[] for _ in ways]
    for _ in range(n_rounds):
        for way, taken_s in zip(ways, times_s, strict=True):
            start = time.perf_counter()
            way()
            taken_s.append(time.perf_counter() - start)
    return [min(taken_s) for taken_s in times_s]


def check_kernels(kernels: Kernels, twin: Kernels) -> None:
    """Runs every kernel and its twin on the same numbers. Raises `ArithmeticError` where they disagree."""
    random = torch.Generator().manual_seed(0)
    n_rows, channels, margin, hidden = 601, 32, 5, 16  # more rows than one block has
    x, y = (torch.randn(n_rows, channels, generator=random) * 3 + 1 for _ in range(2))
    gamma_beta, projected, recurrent = (
        torch.randn(*shape, generator=random) * 0.5
        for shape in ((2, channels), (n_rows, 2, 4 * hidden), (2, hidden, 4 * hidden))
    )
    alphas = torch.stack(
        [torch.rand(channels, generator=random) + 0.2, torch.rand(channels, generator=random)]
    )
    quantization = Quantization(20 * torch.rand(channels, generator=random) + 10, scale=0.05, zero_point=90)
    affine = twin.adain(twin.moments(x), gamma_beta)
    _compare("adain", kernels.adain(kernels.moments(x), gamma_beta), affine)
    for name, source in (("fp32", x), ("bf16", x.bfloat16())):
        _compare(f"moments of {name}", kernels.moments(source), twin.moments(source))
        _compare(f"sums with {name}", _sums(kernels, x, y, source), _sums(twin, x, y, source))
        for dtype, tolerance in ((torch.float32, 1e-4), (torch.bfloat16, 0.01), (torch.uint8, 0.02)):
            how = quantization if dtype == torch.uint8 else None
            outs = [padded_like(x, margin, dtype) for _ in range(4)]
            whole = SnakeInput(source, affine, alphas)
            kernels.snake(whole, outs[0], how)
            twin.snake(whole, outs[1], how)
            kernels.leaky_relu(source, affine, 0.2, outs[2], how)
            twin.leaky_relu(source, affine, 0.2, outs[3], how)
            _compare(f"snake of {name} to {dtype}", outs[0], outs[1], tolerance)
            parts = [torch.empty(n_rows, channels, dtype=dtype) for _ in range(2)]
            for each, out in zip((kernels, twin), parts, strict=True):
                each.snake(SnakeInput(source, affine, alphas, range(2, n_rows - 1)), out, how)
            _compare(f"snake of a part of {name} to {dtype}", parts[0], parts[1], tolerance)
            _compare(f"leaky_relu of {name} to {dtype}", outs[2], outs[3], tolerance)
    states, twins = (torch.empty(n_rows, 2 * hidden) for _ in range(2))
    kernels.lstm(projected, recurrent, states)
    twin.lstm(projected, recurrent, twins)
    _compare("lstm", states, twins)
    values, twins = torch.linspace(-9, 9, 4096).view(64, 64), torch.linspace(-9, 9, 4096).view(64, 64)
    kernels.gelu(values)
    twin.gelu(twins)
    _compare("gelu", values, twins)
    sums = [y.clone(), y.clone()]
    for each, total in zip((kernels, twin), sums, strict=True):
        each.add_and_normalize(x, total, alphas[0], alphas[1], NORM_EPS)
    _compare("add_and_normalize", sums[0], sums[1])
    spectra = [torch.randn(n_rows, 22, generator=torch.Generator().manual_seed(1)) for _ in range(2)]
    for spectrum in spectra:  # what is zero has a sign, and so has its angle
        spectrum[:4, ::11] = torch.tensor([[-1.0, -0.0], [-1.0, 0.0], [0.0, -0.0], [0.0, 0.0]])
    for each, spectrum in zip((kernels, twin), spectra, strict=True):
        each.polar(spectrum)
    _compare("polar", spectra[0], spectra[1])
    phases_rad = torch.rand(9, 20, generator=random).cumsum(1) * 1000
    amplitudes, mix = torch.rand(2, 20, generator=random), torch.rand(9, generator=random) - 0.5
    noise = torch.randn(6000, 9, generator=random)
    signals, twins = torch.empty(6000), torch.empty(6000)
    kernels.excitation(phases_rad, amplitudes, noise, mix, mix, 0.1, signals)
    twin.excitation(phases_rad, amplitudes, noise, mix, mix, 0.1, twins)
    _compare("excitation", signals, twins)


def _sums(kernels: Kernels, x: Tensor, y: Tensor, z: Tensor) -> Tensor:
    """Everything that `add` and `accumulate` make of three buffers."""
    total, out = x.clone(), torch.empty_like(x)
    moments = kernels.add(y, z, out)
    kernels.accumulate(total, y, z)
    return torch.cat([moments, total, out])


def check_convolution(make: Callable[..., Convolution], dtype: torch.dtype) -> None:
    """Runs convolutions and their twins on numbers of full range. Raises `ArithmeticError` on disagreement."""
    for kernel_size, dilation in ((3, 1), (7, 3)):
        state, x, quantization = _trial(kernel_size, dtype)
        way = make(Weights(dict(state)), dilation=dilation)
        ours = way(_as_wanted(x, quantization, way), quantization)
        twin = PlainConvolution(Weights(state), dilation=dilation)(x, quantization)
        _compare(f"kernel {kernel_size}", ours, twin, 1e-4 if dtype == torch.float32 else 0.01)


def check_with_snake(make: Callable[..., FusedConvolution], dtype: torch.dtype) -> None:
    """Runs convolutions together with what comes before and after, and their twins one after the other.

    Raises `ArithmeticError` on disagreement.
    """
    kernels, tolerance = TorchKernels(), 1e-4 if dtype == torch.float32 else 0.01
    for kernel_size, dilation in ((3, 1), (7, 1), (11, 3)):
        state, x, quantization = _trial(kernel_size, dtype)
        if dtype == torch.int8:  # a signal of both signs, whose bytes are rounded by the convolution itself
            x = torch.randn(x.shape, generator=torch.Generator().manual_seed(1))
            quantization = Quantization(torch.full_like(x[0], 255 / 9), scale=9 / 255, zero_point=100)
        x = x.float()
        ours, twin = (
            make(Weights(dict(state)), dilation=dilation),
            PlainConvolution(Weights(state), dilation=dilation),
        )
        affine, alphas = torch.stack([torch.full_like(x[0], 0.7), x[0] / 9]), torch.full((2, x.shape[1]), 0.6)
        for inside in (None, range(9, len(x) - 5)):
            given = SnakeInput(x, affine, alphas, inside)
            activated = padded_like(x, 0 if inside else twin.reach, torch.float32)
            kernels.snake(given, activated)
            added = twin(activated, quantization)
            expected = 3 * added
            result, moments = ours.with_snake(given, quantization, (added, added), None, wants_moments=True)
            _compare(f"kernel {kernel_size} with Snake", result, expected, tolerance)
            assert moments is not None
            _compare(f"moments after kernel {kernel_size}", moments, kernels.moments(expected), tolerance)


def check_linear(make: Callable[..., Convolution], dtype: torch.dtype) -> None:
    """The same for `Backend.linear`."""
    for kernel_size, stride in ((1, 1), (3, 1), (4, 2)):
        state, x, quantization = _trial(kernel_size, dtype)
        way = make(Weights(dict(state)), stride=stride)
        ours = way(_as_wanted(x, quantization, way), quantization)
        twin = PlainConvolution(Weights(state), stride=stride)(x, quantization)
        _compare(f"linear, kernel {kernel_size}", ours, twin, 1e-4 if dtype == torch.float32 else 0.01)


def _as_wanted(x: Tensor, quantization: Quantization | None, way: Convolution) -> Tensor:
    """What a convolution is given: bytes as the numbers they mean, if it makes bytes itself."""
    if x.dtype == torch.uint8 and way.dtype != torch.uint8:
        assert quantization is not None
        return (x.float() - quantization.zero_point) / quantization.steps
    return x.to(way.dtype)


def _trial(
    kernel_size: int, dtype: torch.dtype, channels: int = 64, n_steps: int = 300
) -> tuple[dict[str, Tensor], Tensor, Quantization | None]:
    random = torch.Generator().manual_seed(0)
    weight = torch.randint(-127, 128, (channels, channels, kernel_size), generator=random)
    state = {"bias": torch.randn(channels, generator=random), "weight": weight.to(dtype)}
    if dtype.is_floating_point:
        return state, torch.randn(n_steps, channels, generator=random).to(dtype), None
    if dtype == torch.int16:
        points, scale = in_16_bits(transform_kernel(weight))
        state |= {"weight": points, "weight_scale": scale, "kernel_size": torch.tensor(kernel_size)}
        x = torch.randn(n_steps, channels, generator=random)
        return state, x, Quantization(torch.full((channels,), 128 / 5), scale=5 / 128, zero_point=0)
    # All bytes large and of one sign: sums of pairs that a CPU keeps in 16 bits overflow here.
    state["weight"] = weight.abs().clamp(min=100).to(dtype)
    state["weight_scale"] = torch.rand(channels, generator=random) + 0.5
    x = torch.randint(200, 256, (n_steps, channels), generator=random).to(torch.uint8)
    return state, x, Quantization(torch.ones(channels) / 0.02, scale=0.02, zero_point=3)


def _compare(what: str, ours: Tensor, twin: Tensor, tolerance: float = 1e-4) -> None:
    """Equal but for rounding, in units of the largest number."""
    ours, twin = ours.float(), twin.float()
    if ours.shape != twin.shape:
        raise ArithmeticError(f"{what}: shape {tuple(ours.shape)} instead of {tuple(twin.shape)}")
    error = float((ours - twin).abs().max() / twin.abs().max())
    if not error <= tolerance:  # also for no number at all
        raise ArithmeticError(f"{what}: off by {error:.2g} of the largest number, {tolerance:.2g} allowed")
