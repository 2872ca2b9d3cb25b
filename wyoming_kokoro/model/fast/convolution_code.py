"""Convolutions by Toom–Cook and products of matrices, in the part of Python that numba turns into machine code.

How a signal is cut up, and who computes what; the inner loops are vector_code.py's. `numba_convolution.py` says
what arguments mean, and lays weights out.
"""
# Types are numba's here, found when a function is first called.
# mypy: ignore-errors

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import njit, prange, types
from numba.extending import intrinsic

from wyoming_kokoro.model.fast.numba_code import jit_fast, snaked
from wyoming_kokoro.model.fast.toom_cook import (
    OF_BRAIN_FLOATS,
    OF_LONG_BRAIN_FLOATS,
    OF_SEVEN,
    OF_THREE,
    OF_THREE_IN_SHORT,
    OF_TWO,
)
from wyoming_kokoro.model.fast.vector_code import (
    HOST,
    STEPS_TOGETHER,
    brain_to_outputs,
    eleven_to_outputs,
    eleven_to_points,
    long_brain_to_outputs,
    multiply_few_rows,
    multiply_rows,
    one_to_outputs,
    one_to_points,
    seven_to_outputs,
    seven_to_points,
    short_to_outputs,
    sum_few_products,
    sum_products,
    three_to_outputs,
    three_to_points,
    two_to_outputs,
    two_to_points,
)

N_TILES, N_FEW_TILES, N_COLUMNS, WIDTH = HOST.n_tiles, HOST.n_few_tiles, HOST.n_columns, HOST.width
_POINTS_OF_TWO, _POINTS_OF_THREE, _POINTS_OF_SEVEN = (each.n_points for each in (OF_TWO, OF_THREE, OF_SEVEN))
_OUTPUTS_IN_SHORT, _OUTPUTS_OF_BRAIN_FLOATS = OF_THREE_IN_SHORT.n_outputs, OF_BRAIN_FLOATS.n_outputs
_OUTPUTS_OF_LONG_BRAIN_FLOATS = OF_LONG_BRAIN_FLOATS.n_outputs
HAS_INT16 = HOST.pair_products is not None
HAS_BRAIN_FLOATS = HOST.brain_sums is not None

__all__ = [
    "HAS_BRAIN_FLOATS",
    "HAS_INT16",
    "N_COLUMNS",
    "N_FEW_TILES",
    "STEPS_TOGETHER",
    "WIDTH",
    "convolve",
    "merge_moments",
    "multiply",
    "put",
    "sum_up",
]

_jit = njit(error_model="numpy", nogil=True, cache=True)
_jit_parallel = njit(parallel=True, error_model="numpy", nogil=True, cache=True)


@_jit_parallel
def convolve(
    x,
    first,
    inside,
    affine,
    alphas,
    steps,
    kernel,
    scales,
    bias,
    dilation,
    n_groups,
    n_outputs,
    starts,
    n_shares,
    added,
    also_added,
    out,
    sums,
):
    """x: (rows, in), out: (rows, out), kernel: (panels, points, steps, columns).

    first: the row of x that the first of out looks at first, perhaps one before them all. inside: which rows are
    there, from … to, (2,); the others are zero. affine, alphas: for Snake, (2, in), or empty where it is not wanted.
    steps: what channels, real and made up, are multiplied by then. n_outputs: of a tile; starts: the blocks' first rows,
    and how many rows there are; n_shares: of a block. added, also_added: as out, or empty. sums: (blocks, 3, out): for
    the moments, see `merge_moments`; or empty.
    """
    tile_rows = n_outputs * dilation
    n_out, n_blocks = out.shape[1], len(starts) - 1
    n_panels, n_points = kernel.shape[:2]
    n_channels = len(steps)
    for index in prange(n_blocks * n_shares):
        block, share = index // n_shares, index % n_shares
        rows = (starts[block], starts[block + 1])
        n_wanted = (rows[1] - rows[0] + tile_rows - 1) // tile_rows  # tiles, of each phase
        n_tiles = (n_wanted + N_FEW_TILES - 1) // N_FEW_TILES * N_FEW_TILES
        signal = np.empty(
            (dilation * (n_outputs * (n_wanted + n_groups - 2) + n_points), n_channels), np.float32
        )
        _activate(x, rows[0] + first, inside, affine, alphas, steps, signal)
        in_phase = n_tiles + n_groups - 1
        points = _apart(n_points, dilation * in_phase, n_channels, kernel)
        _to_points(signal, dilation, n_outputs, n_wanted + n_groups - 1, in_phase, points)
        products = np.empty((n_points, dilation, n_tiles, N_COLUMNS), np.float32)
        first_panel, last_panel = share * n_panels // n_shares, (share + 1) * n_panels // n_shares
        made = np.empty((n_wanted * tile_rows, (last_panel - first_panel) * N_COLUMNS), np.float32)
        for panel in range(first_panel, last_panel):
            _sum_products(points, kernel[panel], n_wanted, in_phase, products)
            columns = slice(panel * N_COLUMNS, (panel + 1) * N_COLUMNS)
            here = (panel - first_panel) * N_COLUMNS
            to = made[:, here : here + N_COLUMNS]
            _to_outputs(products, n_outputs, n_wanted, scales[panel], bias[columns], to)
        columns = (first_panel * N_COLUMNS, min(last_panel * N_COLUMNS, n_out))
        put(made, kernel[0, 0, 0, 0], bias, bias, rows, columns, added, also_added, out)
        if len(sums) > 0:
            sum_up(out, rows, columns, sums[block])


# Where planes lie this far apart, the same places of all of them share few places of the first cache.
_NEAR_IN_CACHE = 4096


@_jit
def _apart(n_planes, n_rows, n_columns, like):
    """A new buffer in planes, with a row more in each if they would be in each other's way."""
    if n_rows * n_columns * like.itemsize % _NEAR_IN_CACHE == 0:
        n_rows += 1
    return np.empty((n_planes, n_rows, n_columns), like.dtype)


@jit_fast
def _activate(x, first, inside, affine, alphas, steps, signal):
    """What a block looks at, from x[first] on."""
    n_channels = x.shape[1]
    has_snake = affine.shape[0] > 0
    for row in range(signal.shape[0]):
        source = first + row
        if source < inside[0] or source >= inside[1]:
            signal[row] = 0
            continue
        signal[row, n_channels:] = 0
        if has_snake:
            for channel in range(n_channels):
                signal[row, channel] = snaked(x[source, channel], affine, alphas, channel) * steps[channel]
        else:
            for channel in range(n_channels):
                signal[row, channel] = x[source, channel] * steps[channel]


@_jit
def _to_points(signal, dilation, n_outputs, n_tiles, in_phase, points):
    """The points of a block's tiles, of so many in each phase; there is room for `in_phase`."""
    n_points, _, n_channels = points.shape
    plane, row = points.strides[0], dilation * signal.strides[0]
    sample = points[0, 0, 0]
    for phase in range(dilation):
        for tile in range(n_tiles):
            address = signal.ctypes.data + (phase + n_outputs * dilation * tile) * signal.strides[0]
            to = points.ctypes.data + (phase * in_phase + tile) * points.strides[1]
            if n_points == 1:
                one_to_points(address, row, to, plane, n_channels, sample)
            elif n_points == _POINTS_OF_TWO:
                two_to_points(address, row, to, plane, n_channels, sample)
            elif n_points == _POINTS_OF_THREE:
                three_to_points(address, row, to, plane, n_channels, sample)
            elif n_points == _POINTS_OF_SEVEN:
                seven_to_points(address, row, to, plane, n_channels, sample)
            else:
                eleven_to_points(address, row, to, plane, n_channels, sample)


@_jit
def _sum_products(points, kernel, n_wanted, in_phase, products):
    """Over channels, and over the groups of taps, which read the points of later tiles. kernel: of one panel.

    n_wanted: tiles of a phase; a few more may be made.
    """
    n_points, dilation, _, _ = products.shape
    stride, n_steps, sample = points.strides[1], kernel.shape[1], kernel[0, 0, 0]
    for point in range(n_points):
        columns = kernel.ctypes.data + point * kernel.strides[0]
        for phase in range(dilation):
            of_phase = points.ctypes.data + point * points.strides[0] + phase * in_phase * stride
            to = products.ctypes.data + point * products.strides[0] + phase * products.strides[1]
            tile = 0
            while tile + N_TILES <= n_wanted:
                here, there = of_phase + tile * stride, to + tile * products.strides[2]
                sum_products(here, stride, columns, n_steps, there, sample)
                tile += N_TILES
            while tile < n_wanted:
                here, there = of_phase + tile * stride, to + tile * products.strides[2]
                sum_few_products(here, stride, columns, n_steps, there, sample)
                tile += N_FEW_TILES


@_jit
def _to_outputs(products, n_outputs, n_wanted, scales, bias, out):
    """A block's outputs of one panel, from so many tiles of each phase."""
    n_points, dilation, _, _ = products.shape
    plane, row = products.strides[0], dilation * out.strides[0]
    factors, shift = scales.ctypes.data, bias.ctypes.data
    for phase in range(dilation):
        for tile in range(n_wanted):
            at = products.ctypes.data + phase * products.strides[1] + tile * products.strides[2]
            to = out.ctypes.data + (phase + n_outputs * dilation * tile) * out.strides[0]
            if n_points == 1:
                one_to_outputs(at, plane, factors, shift, to, row)
            elif n_points == _POINTS_OF_TWO and n_outputs == _OUTPUTS_IN_SHORT:
                short_to_outputs(at, plane, factors, shift, to, row)
            elif n_points == _POINTS_OF_TWO and n_outputs == _OUTPUTS_OF_BRAIN_FLOATS:
                brain_to_outputs(at, plane, factors, shift, to, row)
            elif n_points == _POINTS_OF_TWO:
                two_to_outputs(at, plane, factors, shift, to, row)
            elif n_points == _POINTS_OF_THREE and n_outputs == _OUTPUTS_OF_LONG_BRAIN_FLOATS:
                long_brain_to_outputs(at, plane, factors, shift, to, row)
            elif n_points == _POINTS_OF_THREE:
                three_to_outputs(at, plane, factors, shift, to, row)
            elif n_points == _POINTS_OF_SEVEN:
                seven_to_outputs(at, plane, factors, shift, to, row)
            else:
                eleven_to_outputs(at, plane, factors, shift, to, row)


# Of these loops LLVM makes vector code if there is one to a function, over parts of single rows: of parts of many
# rows it does not know that numbers lie side by side, and of several loops in a function not what they share.


@intrinsic
def _scaled(_context, total, scale, shift, sample):
    """A sum as fp32. Of brain floats it is one; of bytes it is a whole number where an fp32 one would be."""

    def generate(_context, builder, signature, arguments):
        total, scale, shift, _ = arguments
        if signature.args[3] != types.uint8:
            return total
        whole = builder.sitofp(builder.bitcast(total, ir.IntType(32)), ir.FloatType())
        return builder.fadd(builder.fmul(whole, scale), shift)

    return types.float32(types.float32, types.float32, types.float32, sample), generate


@jit_fast
def put(made, sample, scales, shifts, rows, columns, added, also_added, out):
    """A block where it belongs, these rows and columns of `out`, with what else is wanted there.

    sample: of the operands. scales, shifts: (columns of all panels,), what sums of bytes are multiplied by, and what is
    added then; other sums are what is wanted.
    """
    start, end = columns
    scales, shifts = scales[start:end], shifts[start:end]
    if len(also_added) > 0:
        for row in range(rows[0], rows[1]):
            totals, to = made[row - rows[0]], out[row, start:end]
            more, still_more = added[row, start:end], also_added[row, start:end]
            for channel in range(end - start):
                value = _scaled(totals[channel], scales[channel], shifts[channel], sample)
                to[channel] = value + more[channel] + still_more[channel]
    elif len(added) > 0:
        for row in range(rows[0], rows[1]):
            totals, to, more = made[row - rows[0]], out[row, start:end], added[row, start:end]
            for channel in range(end - start):
                value = _scaled(totals[channel], scales[channel], shifts[channel], sample)
                to[channel] = value + more[channel]
    else:
        for row in range(rows[0], rows[1]):
            totals, to = made[row - rows[0]], out[row, start:end]
            for channel in range(end - start):
                to[channel] = _scaled(totals[channel], scales[channel], shifts[channel], sample)


@jit_fast
def sum_up(out, rows, columns, sums):
    """These rows and columns of `out`, for `merge_moments`: (3, out)."""
    start, end = columns
    near = out[rows[0], start:end].copy()
    first, second = np.zeros_like(near), np.zeros_like(near)
    for row in range(rows[0], rows[1]):
        values = out[row, start:end]
        for channel in range(end - start):
            value = values[channel] - near[channel]
            first[channel] += value
            second[channel] += value * value
    sums[0, start:end] = near
    sums[1, start:end] = first
    sums[2, start:end] = second


@_jit
def merge_moments(sums, starts, moments):
    """The mean and variance of all blocks together, in fp64 (Chan, Golub and LeVeque 1979).

    sums: of each block, for each channel, a number near its values, the sum of what they are more, and that of squares.
    starts: as for `convolve`.
    """
    for channel in range(moments.shape[1]):
        n_seen = 0
        mean = 0.0
        squares = 0.0
        for block in range(sums.shape[0]):
            n_here = starts[block + 1] - starts[block]
            more = np.float64(sums[block, 1, channel]) / n_here
            difference = np.float64(sums[block, 0, channel]) + more - mean
            squares += np.float64(sums[block, 2, channel]) - more * more * n_here
            squares += difference * difference * n_seen * n_here / (n_seen + n_here)
            n_seen += n_here
            mean += difference * n_here / n_seen
        moments[0, channel] = mean
        moments[1, channel] = max(squares / n_seen, 0.0)


@_jit_parallel
def multiply(rows, matrix, bias, out):
    """rows: (rows, steps), matrix: (panels, steps, columns), out: (rows, panels * columns)."""
    n_panels, n_steps, _ = matrix.shape
    n_left = len(rows) % N_FEW_TILES
    last = len(rows) - n_left
    left = np.zeros((N_FEW_TILES, n_steps), np.float32)
    left[:n_left] = rows[last:]
    for panel in prange(n_panels):
        columns = matrix.ctypes.data + panel * matrix.strides[0]
        shift = bias.ctypes.data + panel * N_COLUMNS * 4
        row = 0
        while row + N_TILES <= len(rows):
            here = rows.ctypes.data + row * rows.strides[0]
            to = out.ctypes.data + row * out.strides[0] + panel * N_COLUMNS * 4
            multiply_rows(here, rows.strides[0], columns, n_steps, shift, to, out.strides[0])
            row += N_TILES
        while row < last:
            here = rows.ctypes.data + row * rows.strides[0]
            to = out.ctypes.data + row * out.strides[0] + panel * N_COLUMNS * 4
            multiply_few_rows(here, rows.strides[0], columns, n_steps, shift, to, out.strides[0])
            row += N_FEW_TILES
        if n_left > 0:
            made = np.empty((N_FEW_TILES, N_COLUMNS), np.float32)
            pitch = made.strides[0]
            multiply_few_rows(
                left.ctypes.data, left.strides[0], columns, n_steps, shift, made.ctypes.data, pitch
            )
            out[last:, panel * N_COLUMNS : (panel + 1) * N_COLUMNS] = made[:n_left]
