"""Convolutions by Toom–Cook and products of matrices, in the part of Python that numba turns into machine code.

How a signal is cut up, and who computes what; the inner loops are vector_code.py's. `numba_convolution.py` says
what arguments mean, and lays weights out.
"""
# Types are numba's here, found when a function is first called.
# mypy: ignore-errors

from __future__ import annotations

import numpy as np
from numba import njit, prange

from wyoming_kokoro.model.fast.toom_cook import N_OUTPUTS, OF_THREE, OF_TWO
from wyoming_kokoro.model.fast.vector_code import (
    HOST,
    STEPS_TOGETHER,
    four_to_outputs,
    four_to_points,
    multiply_rows,
    sum_products,
    three_to_outputs,
    three_to_points,
    two_to_outputs,
    two_to_points,
)

N_TILES, N_COLUMNS, WIDTH = HOST.n_tiles, HOST.n_columns, HOST.width
_POINTS_OF_TWO, _POINTS_OF_THREE = OF_TWO.n_points, OF_THREE.n_points
HAS_INT16 = HOST.pair_products is not None

__all__ = ["HAS_INT16", "N_COLUMNS", "N_TILES", "STEPS_TOGETHER", "WIDTH", "convolve", "multiply"]


_jit = njit(error_model="numpy", nogil=True, cache=True)
_jit_parallel = njit(parallel=True, error_model="numpy", nogil=True, cache=True)


@_jit_parallel
def convolve(x, factors, kernel, scales, bias, dilation, n_groups, n_tiles, n_shares, n_channels, out):
    """x: (rows, in), out: (rows, out), kernel: (panels, points, steps, columns).

    n_tiles: of a phase in a block, a multiple of what is computed together; n_shares: of a block; n_channels: of x
    and made up.
    """
    block_rows = N_OUTPUTS * dilation * n_tiles
    n_blocks = (out.shape[0] + block_rows - 1) // block_rows
    n_panels, n_points = kernel.shape[:2]
    for index in prange(n_blocks * n_shares):
        start = index // n_shares * block_rows
        share = index % n_shares
        tiles_of_phase = n_tiles + n_groups - 1
        points = np.empty((n_points, dilation, tiles_of_phase, n_channels), kernel.dtype)
        _to_points(x, start, factors, points)
        sums = np.empty((n_points, dilation, n_tiles, N_COLUMNS), np.float32)
        for panel in range(share * n_panels // n_shares, (share + 1) * n_panels // n_shares):
            _sum_products(points, kernel[panel], sums)
            columns = slice(panel * N_COLUMNS, (panel + 1) * N_COLUMNS)
            _to_outputs(sums, scales[panel], bias[columns], start, out[:, columns])


@_jit
def _to_points(x, start, factors, points):
    """The points of a block's tiles, whose first input is x[start]."""
    n_points, dilation, tiles_of_phase, n_channels = points.shape
    n_rows, n_given = x.shape
    plane = points.strides[0]
    sample = points[0, 0, 0, 0]
    copied = np.zeros((n_points, n_channels), np.float32)
    for phase in range(dilation):
        for tile in range(tiles_of_phase):
            first = start + phase + N_OUTPUTS * dilation * tile
            address, row = x.ctypes.data + first * x.strides[0], dilation * x.strides[0]
            if n_given < n_channels or first + (n_points - 1) * dilation >= n_rows:
                for point in range(n_points):  # beyond the end there are zeros
                    if first + point * dilation < n_rows:
                        copied[point, :n_given] = x[first + point * dilation]
                    else:
                        copied[point] = 0
                address, row = copied.ctypes.data, copied.strides[0]
            to = points.ctypes.data + phase * points.strides[1] + tile * points.strides[2]
            if n_points == _POINTS_OF_TWO:
                two_to_points(address, row, to, plane, n_channels, factors.ctypes.data, sample)
            elif n_points == _POINTS_OF_THREE:
                three_to_points(address, row, to, plane, n_channels, factors.ctypes.data, sample)
            else:
                four_to_points(address, row, to, plane, n_channels, factors.ctypes.data, sample)


@_jit
def _sum_products(points, kernel, sums):
    """Over channels, and over the groups of taps, which read the points of later tiles. kernel: of one panel."""
    n_points, dilation, n_tiles, _ = sums.shape
    for point in range(n_points):
        for phase in range(dilation):
            for tile in range(0, n_tiles, N_TILES):
                sum_products(
                    points.ctypes.data
                    + point * points.strides[0]
                    + phase * points.strides[1]
                    + tile * points.strides[2],
                    points.strides[2],
                    kernel.ctypes.data + point * kernel.strides[0],
                    kernel.shape[1],
                    sums.ctypes.data
                    + point * sums.strides[0]
                    + phase * sums.strides[1]
                    + tile * sums.strides[2],
                    kernel[0, 0, 0],
                )


@_jit
def _to_outputs(sums, scales, bias, start, out):
    """A block's outputs, the first of them out[start], as far as there are any. out: of one panel."""
    n_points, dilation, n_tiles, _ = sums.shape
    plane = sums.strides[0]
    for phase in range(dilation):
        for tile in range(n_tiles):
            first = start + phase + N_OUTPUTS * dilation * tile
            n_wanted = (out.shape[0] - first + dilation - 1) // dilation
            if n_wanted > 0:
                at = sums.ctypes.data + phase * sums.strides[1] + tile * sums.strides[2]
                to, row = out.ctypes.data + first * out.strides[0], dilation * out.strides[0]
                factors, shift = scales.ctypes.data, bias.ctypes.data
                if n_points == _POINTS_OF_TWO:
                    two_to_outputs(at, plane, factors, shift, to, row, n_wanted)
                elif n_points == _POINTS_OF_THREE:
                    three_to_outputs(at, plane, factors, shift, to, row, n_wanted)
                else:
                    four_to_outputs(at, plane, factors, shift, to, row, n_wanted)


@_jit_parallel
def multiply(rows, matrix, bias, out):
    """rows: (rows, steps), matrix: (panels, steps, columns), out: (rows, panels * columns)."""
    n_panels, n_steps, _ = matrix.shape
    for panel in prange(n_panels):
        for row in range(0, len(rows), N_TILES):
            multiply_rows(
                rows.ctypes.data + row * rows.strides[0],
                rows.strides[0],
                matrix.ctypes.data + panel * matrix.strides[0],
                n_steps,
                bias.ctypes.data + panel * N_COLUMNS * 4,
                out.ctypes.data + row * out.strides[0] + panel * N_COLUMNS * 4,
                out.strides[0],
            )
