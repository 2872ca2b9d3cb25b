"""Every kernel in machine code does what its twin in plain PyTorch does, and the twins do what the layers do.

The twins are held to `layers.py` and PyTorch's own LSTM; numba's kernels to the twins, at lengths around the
edges of a block of rows, on one thread and on two, and when two threads call at once.
"""

from __future__ import annotations

import functools
import math
import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from wyoming_kokoro.model.fast.kernels import Kernels, Quantization, SnakeInput, padded_like
from wyoming_kokoro.model.fast.torch_kernels import TorchKernels
from wyoming_kokoro.model.layers import AdaIN, snake

numba = pytest.importorskip("numba", reason="machine code needs numba")

from wyoming_kokoro.model.fast.numba_kernels import NumbaKernels  # noqa: E402, importable from here on

ROWS = (1, 2, 511, 512, 513, 1500)
CHANNELS = (1, 7, 33, 128)
SHAPES = [(n_rows, channels) for n_rows in ROWS for channels in CHANNELS]
TYPES = (torch.float32, torch.bfloat16)
MARGIN = 5

TWIN = TorchKernels()


@pytest.fixture(scope="module")
def fast() -> NumbaKernels:
    return NumbaKernels()


def numbers(*shape: int, seed: int = 0) -> Tensor:
    """Normally distributed, every channel with a mean and a deviation of its own."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(*shape, generator=generator)
    if len(shape) == 2:
        x = x * (torch.rand(shape[1], generator=generator) * 3 + 0.1) + torch.randn(
            shape[1], generator=generator
        )
    return x


def alphas_for(alpha: Tensor) -> Tensor:
    return torch.stack([alpha / math.pi, 0.5 / alpha])


def alpha_of(channels: int) -> Tensor:
    """Of both signs, and none near zero, where Snake has no value."""
    alpha = numbers(channels, seed=3).abs() + 0.2
    alpha[::3] *= -1
    return alpha


def quantization_for(channels: int, zero_point: int = 90) -> Quantization:
    """Coarse enough for most values, fine enough for some to be clipped at either end."""
    scales = torch.rand(channels, generator=torch.Generator().manual_seed(4)) + 0.5
    return Quantization(scales / 0.03, scale=0.03, zero_point=zero_point)


def activation(
    kernels: Kernels, kind: str, x: Tensor, dtype: torch.dtype, margin: int, zero_point: int = 90
) -> Tensor:
    """What a kernel writes into a buffer that was full of something else before."""
    channels = x.shape[1]
    affine = numbers(2, channels, seed=1) * 2
    out = padded_like(x, margin, dtype).fill_(77)
    quantization = quantization_for(channels, zero_point) if dtype == torch.uint8 else None
    if kind == "snake":
        kernels.snake(SnakeInput(x, affine, alphas_for(alpha_of(channels))), out, quantization)
    else:
        kernels.leaky_relu(x, affine, 0.2, out, quantization)
    return out


def assert_close(ours: Tensor, twin: Tensor) -> None:
    """Equal but for rounding; where the result is rounded to few bits, it may fall to the other side."""
    assert ours.dtype == twin.dtype
    assert ours.isfinite().all()
    if ours.dtype == torch.uint8:
        difference = (ours.int() - twin.int()).abs()
        assert difference.max() <= 1
        assert (difference > 0).float().mean() < 0.01
    elif ours.dtype == torch.bfloat16:
        torch.testing.assert_close(ours, twin, rtol=2**-7, atol=1e-4)
        assert (ours != twin).float().mean() < 0.01
    else:
        scale = float(twin.abs().max()) + 1e-3
        torch.testing.assert_close(ours / scale, twin / scale, rtol=1e-4, atol=1e-5)


# The twins mean what the layers mean -----------------------------------------------------------------


@pytest.mark.parametrize("sign", [1.0, -1.0])
@torch.inference_mode()
def test_snake_is_the_layers_snake(sign: float) -> None:
    x, alpha = numbers(40, 6) * 10, sign * (numbers(6, seed=3).abs() + 0.2)
    out = padded_like(x, 0, torch.float32)
    TWIN.snake(SnakeInput(x, torch.tensor([[1.0], [0.0]]).expand(2, 6), alphas_for(alpha)), out)
    layer = snake(x.t().unsqueeze(0), alpha.view(1, -1, 1))
    torch.testing.assert_close(out, layer[0].t(), rtol=1e-4, atol=1e-5)


@torch.inference_mode()
def test_adain_is_the_layers_adain() -> None:
    x, style = numbers(40, 6), numbers(1, 8, seed=2)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        layer = AdaIN(8, 6)
    affine = TWIN.adain(TWIN.moments(x), layer.fc(style).view(2, 6))
    torch.testing.assert_close(
        x * affine[0] + affine[1], layer(x.t().unsqueeze(0), style)[0].t(), rtol=1e-4, atol=1e-5
    )


@functools.cache  # weights come from the one random generator that all threads share
def lstm_and_its_arguments(n_steps: int, hidden: int) -> tuple[Tensor, Tensor, Tensor]:
    """What PyTorch's LSTM makes of a sequence, and the sequence as the kernels take it."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        lstm = nn.LSTM(5, hidden, batch_first=True, bidirectional=True)
    x = numbers(n_steps, 5)
    state = lstm.state_dict()
    directions = ("l0", "l0_reverse")
    projected = [
        x @ state[f"weight_ih_{end}"].t() + state[f"bias_ih_{end}"] + state[f"bias_hh_{end}"]
        for end in directions
    ]
    recurrent = torch.stack([state[f"weight_hh_{end}"].t() for end in directions]).contiguous()
    with torch.inference_mode():
        expected = lstm(x.unsqueeze(0))[0][0]
    return torch.stack(projected, dim=1).contiguous(), recurrent, expected.clone()


@pytest.mark.parametrize("which", ["torch", "numba"])
@pytest.mark.parametrize("n_steps", [1, 2, 41])
@pytest.mark.parametrize("hidden", [8, 40])
def test_lstm_is_pytorchs(which: str, n_steps: int, hidden: int, fast: NumbaKernels) -> None:
    kernels: Kernels = fast if which == "numba" else TWIN
    projected, recurrent, expected = lstm_and_its_arguments(n_steps, hidden)
    out = torch.full((n_steps, 2 * hidden), torch.nan)
    kernels.lstm(projected, recurrent, out)
    torch.testing.assert_close(out, expected, rtol=1e-4, atol=1e-5)


def test_an_lstm_that_is_pushed_to_its_limits_saturates(fast: NumbaKernels) -> None:
    """Exponentials of what trained gates never reach must not overflow."""
    projected = numbers(20, 2 * 32).sign().view(20, 2, 32) * 1e4
    recurrent, out = torch.zeros(2, 8, 32), torch.empty(20, 16)
    twin = torch.empty_like(out)
    fast.lstm(projected, recurrent, out)
    TWIN.lstm(projected, recurrent, twin)
    assert_close(out, twin)
    assert out.abs().max() <= 1


# Machine code does what the twins do ------------------------------------------------------------------


@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize(("n_rows", "channels"), SHAPES)
def test_moments(n_rows: int, channels: int, dtype: torch.dtype, fast: NumbaKernels) -> None:
    x = numbers(n_rows, channels).to(dtype)
    assert_close(fast.moments(x), TWIN.moments(x))


@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_moments_of_little_movement_far_from_zero(dtype: torch.dtype, fast: NumbaKernels) -> None:
    """Sums of squares would lose what is left of it."""
    x = (numbers(1500, 7) * 0.5 + 1000).to(dtype)
    exact = torch.var_mean(x.double(), dim=0, correction=0)
    mean, variance = fast.moments(x).double()
    torch.testing.assert_close(mean, exact[1], rtol=1e-6, atol=0)
    torch.testing.assert_close(variance, exact[0], rtol=1e-3, atol=0)


def test_moments_of_a_constant_are_not_negative(fast: NumbaKernels) -> None:
    mean, variance = fast.moments(torch.full((1500, 3), 0.1))
    torch.testing.assert_close(mean, torch.full((3,), 0.1))
    assert (variance >= 0).all()
    assert (variance < 1e-12).all()


@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize("in_place", [False, True])
@pytest.mark.parametrize(("n_rows", "channels"), SHAPES)
def test_add(n_rows: int, channels: int, in_place: bool, dtype: torch.dtype, fast: NumbaKernels) -> None:
    x, y = numbers(n_rows, channels), numbers(n_rows, channels, seed=1).to(dtype)
    expected = x + y
    out = x if in_place else torch.full_like(x, torch.nan)
    moments = fast.add(x, y, out)
    assert torch.equal(out, expected)
    assert_close(moments, TWIN.moments(expected))


@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize(("n_rows", "channels"), SHAPES)
def test_accumulate(n_rows: int, channels: int, dtype: torch.dtype, fast: NumbaKernels) -> None:
    totals = [numbers(n_rows, channels, seed=2) for _ in range(2)]
    x, y = numbers(n_rows, channels), numbers(n_rows, channels, seed=1).to(dtype)
    fast.accumulate(totals[0], x, y)
    TWIN.accumulate(totals[1], x, y)
    assert_close(*totals)


@pytest.mark.parametrize("channels", CHANNELS)
def test_adain(channels: int, fast: NumbaKernels) -> None:
    moments = torch.stack([numbers(channels), numbers(channels, seed=1).abs()])
    moments[1, 0] = 0  # a channel that never moves
    gamma_beta = numbers(2, channels, seed=2)
    assert_close(fast.adain(moments, gamma_beta), TWIN.adain(moments, gamma_beta))


@pytest.mark.parametrize("kind", ["snake", "leaky_relu"])
@pytest.mark.parametrize("to", [*TYPES, torch.uint8], ids=str)
@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize(("n_rows", "channels"), SHAPES)
def test_activations(
    n_rows: int, channels: int, dtype: torch.dtype, to: torch.dtype, kind: str, fast: NumbaKernels
) -> None:
    x = numbers(n_rows, channels).to(dtype)
    ours = activation(fast, kind, x, to, MARGIN)
    assert_close(ours, activation(TWIN, kind, x, to, MARGIN))
    margins = torch.cat([ours[:MARGIN], ours[MARGIN + n_rows :]])
    assert margins.shape == (2 * MARGIN, channels)
    assert (margins == (90 if to == torch.uint8 else 0)).all()  # what stands for zero


@pytest.mark.parametrize("inside", [range(70), range(3, 70), range(41), range(20, 50), range(9, 9)])
@pytest.mark.parametrize("to", [*TYPES, torch.uint8], ids=str)
@pytest.mark.parametrize("kernels", [TWIN, None], ids=["torch", "numba"])
def test_of_a_part_only_what_is_inside_counts(
    kernels: Kernels | None, to: torch.dtype, inside: range, fast: NumbaKernels
) -> None:
    x, affine, alphas = numbers(70, 33), numbers(2, 33, seed=1), alphas_for(alpha_of(33))
    how = quantization_for(33) if to == torch.uint8 else None
    part, whole = (torch.full((70, 33), 77, dtype=to) for _ in range(2))
    (kernels or fast).snake(SnakeInput(x, affine, alphas, inside), part, how)
    (kernels or fast).snake(SnakeInput(x, affine, alphas), whole, how)
    rows = slice(inside.start, inside.stop)
    assert torch.equal(part[rows], whole[rows])
    part[rows] = zero = 90 if to == torch.uint8 else 0
    assert (part == zero).all()


@pytest.mark.parametrize("kind", ["snake", "leaky_relu"])
@pytest.mark.parametrize("zero_point", [0, 128, 255])
@pytest.mark.parametrize("margin", [0, 1, 25])
def test_bytes_of_every_zero_point_and_margin(
    margin: int, zero_point: int, kind: str, fast: NumbaKernels
) -> None:
    x = numbers(600, 33) * 3
    ours = activation(fast, kind, x, torch.uint8, margin, zero_point)
    assert_close(ours, activation(TWIN, kind, x, torch.uint8, margin, zero_point))
    assert ours.min() == 0  # clipped at both ends, not wrapped around
    assert ours.max() == 255


@pytest.mark.parametrize("kernels", [TWIN, None], ids=["torch", "numba"])
def test_bytes_mean_what_the_quantization_says(kernels: Kernels | None, fast: NumbaKernels) -> None:
    x = numbers(600, 33)
    whole = activation(TWIN, "snake", x, torch.float32, MARGIN)
    how = quantization_for(33)
    steps = activation(kernels or fast, "snake", x, torch.uint8, MARGIN).float() - how.zero_point
    inside = (steps > -how.zero_point) & (steps < 255 - how.zero_point)
    assert inside.float().mean() > 0.5
    error = steps / how.steps - whole
    assert (error.abs() * how.steps)[inside].max() < 0.51  # half a step


def test_brain_floats_are_rounded_to_even_as_pytorch_does(fast: NumbaKernels) -> None:
    """Every fp32 whose lower half is a tie, and the two beside it, for a few upper halves."""
    upper = torch.arange(0x3F80, 0x4080, dtype=torch.int32) << 16
    bits = torch.cat([upper + low for low in (0x7FFF, 0x8000, 0x8001, 0xFFFF)])
    x = torch.cat([bits.view(torch.float32), -bits.view(torch.float32)]).view(-1, 1)
    out = torch.empty(len(x), 1, dtype=torch.bfloat16)
    fast.leaky_relu(x, torch.tensor([[1.0], [0.0]]), 1.0, out)
    assert torch.equal(out, x.bfloat16())


def excitation(kernels: Kernels, n_steps: int, per_step: int, n_harmonics: int, turns: float) -> Tensor:
    """A signal whose phases rise by so many turns a step, some of it unvoiced.

    The twin gets it in fp64, since in fp32 it loses a hundredth of a radian after ten thousand turns.
    """
    generator = torch.Generator().manual_seed(n_steps)
    phases_rad = (torch.rand(n_harmonics, n_steps, generator=generator) * 2 * math.pi * turns).cumsum(1)
    amplitudes = torch.rand(2, n_steps, generator=generator)
    amplitudes[0, ::3] = 0
    n_noises = 1 + n_harmonics // 2
    noise = torch.randn(n_steps * per_step, n_noises, generator=generator)
    mix, mix_of_noise = (torch.randn(n, generator=generator) for n in (n_harmonics, n_noises))
    out = torch.full((n_steps * per_step,), torch.nan)
    arguments = (phases_rad, amplitudes, noise, mix, mix_of_noise, -0.3, out)
    if kernels is TWIN:
        arguments = tuple(each.double() if isinstance(each, Tensor) else each for each in arguments)
    kernels.excitation(*arguments)
    return arguments[-1].float()


@pytest.mark.parametrize("turns", [0.1, 2.0, 50.0])
@pytest.mark.parametrize(
    ("n_steps", "per_step", "n_harmonics"), [(1, 300, 9), (2, 300, 9), (3, 7, 1), (400, 30, 9)]
)
def test_excitation(n_steps: int, per_step: int, n_harmonics: int, turns: float, fast: NumbaKernels) -> None:
    ours, twin = (excitation(kernels, n_steps, per_step, n_harmonics, turns) for kernels in (fast, TWIN))
    assert twin.std() > 0.01
    assert_close(ours, twin)


# … however many threads there are, and whoever calls ---------------------------------------------------


def everything(kernels: Kernels, seed: int) -> list[Tensor]:
    """A result of each kernel."""
    x, y = numbers(1500, 33, seed=seed), numbers(1500, 33, seed=seed + 1)
    total, out = x.clone(), torch.empty_like(x)
    results = [kernels.moments(x), kernels.moments(x.bfloat16()), kernels.add(x, y, out), out, total]
    kernels.accumulate(total, x, y)
    for kind in ("snake", "leaky_relu"):
        results += [activation(kernels, kind, x, to, MARGIN) for to in (*TYPES, torch.uint8)]
    projected, recurrent, _ = lstm_and_its_arguments(41, 8)
    states = torch.empty(41, 16)
    kernels.lstm(projected * (seed + 1), recurrent, states)
    return [*results, states, excitation(kernels, 40, 300, 9, 2.0 + seed)]


def on_threads(n_threads: int, monkeypatch: pytest.MonkeyPatch) -> NumbaKernels:
    if n_threads > numba.config.NUMBA_NUM_THREADS:
        pytest.skip("this machine has one core")
    monkeypatch.setattr(torch, "get_num_threads", lambda: n_threads)
    return NumbaKernels()


def test_results_do_not_depend_on_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = everything(on_threads(1, monkeypatch), seed=0)
    together = everything(on_threads(2, monkeypatch), seed=0)
    assert numba.get_num_threads() == 2
    for one, two in zip(alone, together, strict=True):
        assert torch.equal(one, two)


def test_results_do_not_depend_on_where_buffers_lie(fast: NumbaKernels) -> None:
    """The same request is the same sound: one bit of a pitch turns phases around, a third of a decibel."""
    places = random.Random(1)
    projected, recurrent, _ = lstm_and_its_arguments(24, 256)
    x = numbers(60, 32)

    def results() -> list[Tensor]:
        states = torch.empty(24, 512)
        fast.lstm(projected.clone(), recurrent, states)
        return [
            states,
            fast.moments(x.clone()),
            *(
                activation(fast, kind, x.clone(), to, MARGIN)
                for kind in ("snake", "leaky_relu")
                for to in TYPES
            ),
            excitation(fast, 20, 30, 9, 2.0),
        ]

    expected = results()
    neighbours: list[Tensor] = []
    n_other = 0
    for _ in range(300):
        neighbours += [torch.empty(places.choice((64, 256, 1024, 5000, 12_288, 50_000))) for _ in range(6)]
        places.shuffle(neighbours)
        del neighbours[40:]
        n_other += any(not torch.equal(*pair) for pair in zip(results(), expected, strict=True))
    assert n_other == 0


def test_two_callers_at_once_get_what_each_gets_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    kernels = on_threads(min(2, numba.config.NUMBA_NUM_THREADS), monkeypatch)
    expected = [everything(kernels, seed) for seed in range(2)]
    start = threading.Barrier(2)
    failures: list[str] = []

    def call(seed: int) -> None:
        start.wait()
        for _ in range(20):
            for ours, alone in zip(everything(kernels, seed), expected[seed], strict=True):
                if not torch.equal(ours, alone):
                    failures.append(f"{seed}: {tuple(ours.shape)} {ours.dtype}")

    run_at_once([lambda: call(0), lambda: call(1)])
    assert failures == []


def run_at_once(calls: list[Callable[[], None]]) -> None:
    """Runs each in a thread of its own; an error in one is the test's."""
    errors: list[BaseException] = []

    def guarded(call: Callable[[], None]) -> None:
        try:
            call()
        except BaseException as error:  # raised again below
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_one_thread_stays_one_when_numba_starts() -> None:
    """Its start sets the number of OpenMP's threads to all there are, in a process where that has not happened yet."""
    code = """
from wyoming_kokoro import threads
threads.share_openmp()
import torch
torch.set_num_threads(1)
from wyoming_kokoro.model.fast.numba_kernels import NumbaKernels
NumbaKernels().moments(torch.randn(4000, 64))
from wyoming_kokoro.model.fast.numba_threads import n_threads
print(torch.get_num_threads(), n_threads())
"""
    environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert result.stdout.split() == ["1", "1"]
