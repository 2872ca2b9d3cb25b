"""What every convolution has to do that does in one pass what comes before and after it."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from wyoming_kokoro.model.fast.convolution import FusedConvolution
from wyoming_kokoro.model.fast.kernels import Quantization, SnakeInput, padded_like
from wyoming_kokoro.model.fast.torch_kernels import TorchKernels

KERNELS = TorchKernels()


def assert_does_what_comes_before_and_after(
    ours: FusedConvolution,
    twin: Callable[[Tensor], Tensor],
    *,
    n_channels: tuple[int, int],
    n_between: int,
    quantization: Quantization | None,
    make_input: Callable[[int], Tensor],
    largest_error: float,
    size_share: float = 0.0,
) -> None:
    """The same by one kernel after another gives the same, for wholes and parts, with up to two that are added.

    twin: the convolution alone; n_channels: in and out; n_between: rows from the first that an output looks at to the
    last; make_input: a signal of so many rows; largest_error: mean square, of that of the result;
    size_share: moments may be off by 1e-4 times this share of the result's mean square, where that is more than one.
    """
    in_channels, out_channels = n_channels
    random = torch.Generator().manual_seed(0)
    affine = torch.rand(2, in_channels, generator=random) + 0.5
    alphas = torch.rand(2, in_channels, generator=random) + 0.2
    for n_steps in (1, 24, 191, 700, 2500):
        x = make_input(n_steps + n_between)
        for inside in (None, range(len(x)), range(n_between, len(x) - n_between // 2), range(1, 1)):
            given = SnakeInput(x, affine, alphas, inside)
            if inside is None and n_between % 2:
                continue  # such a kernel has no middle
            activated = padded_like(x, 0 if inside is not None else ours.reach, torch.float32)
            KERNELS.snake(given, activated)
            convolved = twin(activated)
            n_rows = len(x) if inside is None else n_steps
            all_added = torch.randn(2, n_rows, out_channels, generator=random) * 20
            for n_added in range(3):
                added = list(all_added[:n_added].clone())
                expected = sum(added, convolved)
                # In place of one of what is added, too: nothing may be written before it has been read.
                for out in (None, *added):
                    result, moments = ours.with_snake(
                        given, quantization, added, out, wants_moments=out is None
                    )
                    assert result.shape == expected.shape
                    assert out is None or result is out
                    assert result.isfinite().all()
                    error = (result - expected).square().mean() / (expected.square().mean() + 1e-9)
                    assert error < largest_error
                    if moments is not None:
                        exact = KERNELS.moments(result.double()).float()
                        size = max(1.0, size_share * float(result.square().mean()))
                        torch.testing.assert_close(moments, exact, rtol=1e-4, atol=1e-4 * size)
                    added = list(all_added[:n_added].clone())
