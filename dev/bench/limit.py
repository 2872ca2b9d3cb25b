"""What this machine's arithmetic units give to a convolution of the model's largest kind. Knows no model.

The limit that results are held against is measured, not looked up: the convolution that most of the model's work
consists of, laid out as well as we know (height 1, channels last, weights prepared once), alone in a warm cache.
Nobody has to stop there; a share above 1 would mean that a better layout was found.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

CHANNELS, KERNEL_SIZE, STEPS = 128, 11, 26_400  # the resblocks' at 4,800 Hz, for 5.5 s of audio
_GFLOP = 2 * CHANNELS * CHANNELS * KERNEL_SIZE * STEPS / 1e9
_REPEATS = 5
_INPUT_ZERO_POINT = 128


@dataclass(frozen=True)
class Peak:
    """What was reached in one precision."""

    gflops: float | None
    """Billions of multiplications and additions in a second."""

    reason: str = ""
    """Why there is no number."""


def peaks() -> dict[str, Peak]:
    """By precision, with as many threads as torch has."""
    return {
        precision: _peak(convolution)
        for precision, convolution in (("fp32", _fp32), ("bf16", _bf16), ("int8", _int8))
    }


def _peak(prepare: Callable[[], Callable[[], Tensor]]) -> Peak:
    try:
        convolve = prepare()
        convolve()
    except (AttributeError, RuntimeError) as error:  # no such operator; one that this processor cannot run
        return Peak(None, str(error).splitlines()[0])
    wall_s = []
    for _ in range(_REPEATS):
        start_s = time.perf_counter()
        convolve()
        wall_s.append(time.perf_counter() - start_s)
    return Peak(_GFLOP / min(wall_s))  # the quickest: what disturbs it is no limit of the arithmetic


def _fp32() -> Callable[[], Tensor]:
    return _float_convolution(torch.float32)


def _bf16() -> Callable[[], Tensor]:
    return _float_convolution(torch.bfloat16)


def _float_convolution(dtype: torch.dtype) -> Callable[[], Tensor]:
    padding = KERNEL_SIZE // 2
    x = _channels_last(torch.randn(STEPS, CHANNELS)).to(dtype)
    weight = torch.randn(CHANNELS, CHANNELS, 1, KERNEL_SIZE).to(dtype)
    prepared = torch.ops.mkldnn._reorder_convolution_weight(
        weight.contiguous(memory_format=torch.channels_last),
        [0, padding],
        [1, 1],
        [1, 1],
        1,
        list(x.shape),
    )

    def convolve() -> Tensor:
        result: Tensor = torch.ops.mkldnn._convolution_pointwise(
            x, prepared, None, [0, padding], [1, 1], [1, 1], 1, "none", [], ""
        )
        return result

    return convolve


def _int8() -> Callable[[], Tensor]:
    # Rows of padding are part of the input: the operator would pad with 0, which stands for -128 here.
    x = _channels_last(
        torch.randint(0, 256, (STEPS + KERNEL_SIZE - 1, CHANNELS), dtype=torch.uint8),
    )
    weight = torch.randint(-127, 128, (CHANNELS, CHANNELS, 1, KERNEL_SIZE), dtype=torch.int8)
    weight_scales, weight_zeros = torch.full((CHANNELS,), 0.01), torch.zeros(CHANNELS, dtype=torch.int64)
    bias = torch.zeros(CHANNELS)
    scale = 0.02
    prepared = torch.ops.onednn.qconv_prepack(
        weight, weight_scales, scale, _INPUT_ZERO_POINT, [1, 1], [0, 0], [1, 1], 1, list(x.shape)
    )

    def convolve() -> Tensor:
        result: Tensor = torch.ops.onednn.qconv2d_pointwise(
            x,
            scale,
            _INPUT_ZERO_POINT,
            prepared,
            weight_scales,
            weight_zeros,
            bias,
            [1, 1],
            [0, 0],
            [1, 1],
            1,
            1.0,
            0,
            torch.float32,
            "none",
            [],
            "",
        )
        return result

    return convolve


def _channels_last(rows: Tensor) -> Tensor:
    """rows: (time, channels) → (1, channels, 1, time), the same memory."""
    return rows.view(1, 1, *rows.shape).permute(0, 3, 1, 2)
