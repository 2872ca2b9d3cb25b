"""Convolutions and products of matrices in tiles, in the part of Python that numba turns into machine code.

How a signal is cut up, and who computes what; the inner loop is tile_code.py's. `tile_convolution.py` says what
arguments mean, and lays weights out.
"""
# Types are numba's here, found when a function is first called.
# mypy: ignore-errors

from __future__ import annotations

import numpy as np
from numba import njit, prange, types
from numba.extending import overload

from wyoming_kokoro.model.fast.convolution_code import put, sum_up
from wyoming_kokoro.model.fast.numba_code import jit_fast, snaked, to_brain_float, to_float
from wyoming_kokoro.model.fast.tile_code import (
    COLUMN_TILES,
    TILE_BYTES,
    TILE_COLUMNS,
    TILE_ROWS,
    close_tiles,
    multiply_one_tile,
    multiply_two_tiles,
    open_tiles,
)

PANEL_COLUMNS = COLUMN_TILES * TILE_COLUMNS
"""Channels whose sums are formed together."""

_jit = njit(error_model="numpy", nogil=True, cache=True)
_jit_parallel = njit(parallel=True, error_model="numpy", nogil=True, cache=True)
_HALF = np.float32(0.5)


@_jit_parallel
def convolve_in_tiles(
    x,
    first,
    inside,
    affine,
    alphas,
    steps,
    zero_point,
    n_channels,
    n_operands,
    row_steps,
    column_steps,
    stride,
    n_between,
    kernel,
    initial,
    scales,
    shifts,
    starts,
    n_shares,
    added,
    also_added,
    out,
    sums,
):
    """x: (rows, in), out: (rows, out), kernel: (panels, bytes or brain floats of one).

    first, inside, affine, alphas, starts, n_shares, added, also_added, sums: as for `convolve` of convolution_code.py.
    n_channels: with those made up; n_operands: of a row in memory, with all its parts. n_between: rows from the first
    that an output looks at to the last. initial: what sums begin with, (columns of all panels,), in the bits of fp32
    numbers; scales, shifts: as many, for `put`.
    """
    n_out, n_blocks, n_panels = out.shape[1], len(starts) - 1, len(kernel)
    for index in prange(n_blocks * n_shares):
        block, share = index // n_shares, index % n_shares
        start, end = starts[block], starts[block + 1]
        n_tiles = (end - start + TILE_ROWS - 1) // TILE_ROWS
        signal = _aligned((n_tiles * TILE_ROWS - 1) * stride + n_between + 1, n_operands, kernel[0, :1])
        _activate(x, start * stride + first, inside, affine, alphas, steps, zero_point, n_channels, signal)
        panels = (share * n_panels // n_shares, (share + 1) * n_panels // n_shares)
        columns = (panels[0] * PANEL_COLUMNS, min(panels[1] * PANEL_COLUMNS, n_out))
        is_result = kernel.itemsize > 1 and len(added) == 0 and n_out % PANEL_COLUMNS == 0
        n_final = (end - start) // (2 * TILE_ROWS) * (2 * TILE_ROWS) if is_result else 0
        final = out[start : start + n_final, columns[0] : columns[1]]
        made = _aligned(n_tiles * TILE_ROWS - n_final, (panels[1] - panels[0]) * PANEL_COLUMNS, initial)
        _multiply(signal, stride, row_steps, kernel, column_steps, initial, panels, final, made)
        put(made, kernel[0, 0], scales, shifts, (start + n_final, end), columns, added, also_added, out)
        if len(sums) > 0:
            sum_up(out, (start, end), columns, sums[block])


@_jit
def _aligned(n_rows, n_columns, like):
    """A new buffer whose rows, if they are as long as a tile's or a multiple, begin where those of the cache do."""
    size = like.itemsize
    room = np.empty(n_rows * n_columns + TILE_BYTES // size, like.dtype)
    start = (-room.ctypes.data % TILE_BYTES) // size
    return room[start : start + n_rows * n_columns].reshape(n_rows, n_columns)


def _round(line, steps, zero_and_half, nearest, rest):
    """A row's numbers in the type of the buffer: the nearest ones, and in `rest` what that leaves, where there is room."""
    raise NotImplementedError("only for compiled code")


@overload(_round, inline="always")
def _compile_round(line, steps, zero_and_half, nearest, rest):
    if nearest.dtype == types.uint8:

        def round_all(line, steps, zero_and_half, nearest, rest):
            for channel in range(len(line)):
                rounded = line[channel] * steps[channel] + zero_and_half
                nearest[channel] = np.uint8(min(max(rounded, np.float32(0)), np.float32(255)))

    else:

        def round_all(line, steps, zero_and_half, nearest, rest):
            for channel in range(len(line)):
                nearest[channel] = to_brain_float(line[channel])
            for channel in range(len(rest)):  # a loop of its own, or LLVM would take one number at a time
                rest[channel] = to_brain_float(line[channel] - to_float(nearest[channel]))

    return round_all


@jit_fast
def _activate(x, first, inside, affine, alphas, steps, zero_point, n_channels, signal):
    """What a block looks at, from x[first] on."""
    zero_and_half = np.float32(zero_point) + _HALF
    has_snake, n_real = affine.shape[0] > 0, x.shape[1]
    n_left = n_real if signal.shape[1] > 2 * n_channels else 0
    line = np.empty(n_real, np.float32)
    for row in range(signal.shape[0]):
        source = first + row
        if source < inside[0] or source >= inside[1]:
            signal[row] = zero_point
            continue
        if n_real < n_channels:
            signal[row, n_real:] = 0
        nearest, rest = signal[row, :n_real], signal[row, n_channels : n_channels + n_left]
        if has_snake:
            for channel in range(n_real):
                line[channel] = snaked(x[source, channel], affine, alphas, channel)
            _round(line, steps, zero_and_half, nearest, rest)
        else:
            _round(x[source], steps, zero_and_half, nearest, rest)


@_jit
def _multiply(signal, stride, row_steps, kernel, column_steps, initial, panels, final, made):
    """The columns of the panels from … to: first rows into `final`, the others into `made`.

    Of both there are as many as tiles have, of `final` as two together have: sums that are the result already are written
    once, where they belong.
    """
    pitch = stride * signal.strides[0]
    left = signal[len(final) * stride :]
    open_tiles()
    for panel in range(panels[0], panels[1]):
        columns = kernel.ctypes.data + panel * kernel.strides[0]
        start = initial.ctypes.data + panel * PANEL_COLUMNS * 4
        here = slice((panel - panels[0]) * PANEL_COLUMNS, (panel - panels[0] + 1) * PANEL_COLUMNS)
        _multiply_panel(signal, pitch, row_steps, columns, column_steps, start, final[:, here])
        if len(made) > 0:
            _multiply_panel(left, pitch, row_steps, columns, column_steps, start, made[:, here])
    close_tiles()


@_jit
def _multiply_panel(signal, pitch, row_steps, columns, column_steps, initial, out):
    """One panel's columns, of rows from the first of the signal on: (a multiple of a tile's rows, PANEL_COLUMNS)."""
    rows, to, out_pitch, n_steps = signal.ctypes.data, out.ctypes.data, out.strides[0], len(row_steps)
    here, there, sample = row_steps.ctypes.data, column_steps.ctypes.data, signal[0, 0]
    row = 0
    while row + 2 * TILE_ROWS <= len(out):
        multiply_two_tiles(rows, pitch, here, columns, there, n_steps, initial, to, out_pitch, sample)
        row += 2 * TILE_ROWS
        rows += 2 * TILE_ROWS * pitch
        to += 2 * TILE_ROWS * out_pitch
    if row < len(out):
        multiply_one_tile(rows, pitch, here, columns, there, n_steps, initial, to, out_pitch, sample)
