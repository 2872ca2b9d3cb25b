"""The fused kernels in the part of Python that numba turns into machine code.

One pass over memory each, where eager PyTorch takes eight. `torch_kernels.py` says the same in plain PyTorch
and is the meaning of these; arguments are described in `kernels.py`, in its order, results last. Arrays are
numpy's; brain floats travel as their upper 16 bits.
"""
# Types are numba's here, found when a kernel is first called; mypy would see a call of an intrinsic as wrong.
# mypy: ignore-errors

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import njit, prange, types
from numba.extending import intrinsic, overload

from wyoming_kokoro.model.fast.kernels import NORM_EPS

# One thread's share at a time: fp32 sums stay short, and no result depends on thread counts.
_BLOCK_ROWS = 512

_0, _HALF, _1, _255 = np.float32(0), np.float32(0.5), np.float32(1), np.float32(255)
_EPS = np.float32(NORM_EPS)

# 1 − cos 2πr = z·P(z) with z = r², |r| ≤ ½: Chebyshev fit, largest error 4e-8 before rounding.
_P0, _P1, _P2 = np.float32(19.7392086), np.float32(-64.9393423), np.float32(85.4543927)
_P3, _P4, _P5 = np.float32(-60.2029317), np.float32(26.1001979), np.float32(-6.71318529)

_TURNS = 0.5 / np.pi

# e^f on ±½ ln 2, the coefficients of Cephes' expf (Moshier 1992).
_LOG2_E, _LN2_HIGH, _LN2_LOW = np.float32(1.44269504), np.float32(0.693359375), np.float32(-2.12194440e-4)
_E0, _E1, _E2 = np.float32(1.9875691500e-4), np.float32(1.3981999507e-3), np.float32(8.3334519073e-3)
_E3, _E4 = np.float32(4.1665795894e-2), np.float32(1.6666665459e-1)

# All of fast mathematics but reciprocals for divisions: vector code and the scalar code beside it would round
# those differently, and which of them runs hangs on where a buffer happens to lie.
_FAST = {"nnan", "ninf", "nsz", "contract", "reassoc", "afn"}
jit_fast = njit(fastmath=_FAST, error_model="numpy", nogil=True, cache=True)
_jit_parallel = njit(parallel=True, fastmath=_FAST, error_model="numpy", nogil=True, cache=True)


@intrinsic
def to_float(_context, value):
    """A number of a buffer as fp32: fp32 as it is, 16 bits as a brain float."""

    def generate(_context, builder, signature, arguments):
        if signature.args[0] == types.float32:
            return arguments[0]
        word = ir.IntType(32)
        bits = builder.shl(builder.zext(arguments[0], word), ir.Constant(word, 16))
        return builder.bitcast(bits, ir.FloatType())

    return types.float32(value), generate


@intrinsic
def to_brain_float(_context, value):
    """fp32 to the bits of the nearest brain float, ties to even. Not for NaN."""

    def generate(_context, builder, _signature, arguments):
        word = ir.IntType(32)
        bits = builder.bitcast(arguments[0], word)
        odd = builder.and_(builder.lshr(bits, ir.Constant(word, 16)), ir.Constant(word, 1))
        rounded = builder.add(bits, builder.add(odd, ir.Constant(word, 0x7FFF)))
        return builder.trunc(builder.lshr(rounded, ir.Constant(word, 16)), ir.IntType(16))

    return types.uint16(types.float32), generate


@intrinsic
def _power_of_two(_context, exponent):
    """2^n for whole n in fp32, -126 … 127, by writing the exponent's bits."""

    def generate(_context, builder, _signature, arguments):
        word = ir.IntType(32)
        biased = builder.add(builder.fptosi(arguments[0], word), ir.Constant(word, 127))
        return builder.bitcast(builder.shl(biased, ir.Constant(word, 23)), ir.FloatType())

    return types.float32(types.float32), generate


def _as_type_of(sample, value, steps, zero_and_half):
    """`value` in the type of the buffer that `sample` is from."""
    raise NotImplementedError("only for compiled code")


@overload(_as_type_of, inline="always")
def _compile_as_type_of(sample, value, steps, zero_and_half):
    if sample == types.float32:
        return lambda sample, value, steps, zero_and_half: value
    if sample == types.uint16:
        return lambda sample, value, steps, zero_and_half: to_brain_float(value)
    return lambda sample, value, steps, zero_and_half: np.uint8(
        min(max(value * steps + zero_and_half, _0), _255)
    )


@_jit_parallel
def moments(x, moments):
    n_rows, channels = x.shape
    n_blocks = (n_rows + _BLOCK_ROWS - 1) // _BLOCK_ROWS
    sums = np.empty((n_blocks, 2, channels), np.float32)
    for block in prange(n_blocks):
        first = np.zeros(channels, np.float32)
        second = np.zeros(channels, np.float32)
        shift = np.empty(channels, np.float32)
        for channel in range(channels):
            shift[channel] = to_float(x[0, channel])
        for row in range(block * _BLOCK_ROWS, min((block + 1) * _BLOCK_ROWS, n_rows)):
            for channel in range(channels):
                value = to_float(x[row, channel]) - shift[channel]
                first[channel] += value
                second[channel] += value * value
        sums[block, 0] = first
        sums[block, 1] = second
    _finish_moments(sums, x, moments)


@_jit_parallel
def add(x, y, out, moments):
    n_rows, channels = x.shape
    n_blocks = (n_rows + _BLOCK_ROWS - 1) // _BLOCK_ROWS
    sums = np.empty((n_blocks, 2, channels), np.float32)
    shift = np.empty(channels, np.float32)
    for channel in range(channels):
        shift[channel] = x[0, channel] + to_float(y[0, channel])
    for block in prange(n_blocks):
        first = np.zeros(channels, np.float32)
        second = np.zeros(channels, np.float32)
        for row in range(block * _BLOCK_ROWS, min((block + 1) * _BLOCK_ROWS, n_rows)):
            for channel in range(channels):
                value = x[row, channel] + to_float(y[row, channel])
                out[row, channel] = value
                value -= shift[channel]
                first[channel] += value
                second[channel] += value * value
        sums[block, 0] = first
        sums[block, 1] = second
    _finish_moments(sums, out, moments)


@jit_fast
def _finish_moments(sums, x, moments):
    """Adds the blocks' sums of x − x[0] up, in fp64."""
    n_rows, channels = x.shape
    for channel in range(channels):
        first = 0.0
        second = 0.0
        for block in range(sums.shape[0]):
            first += sums[block, 0, channel]
            second += sums[block, 1, channel]
        mean = first / n_rows
        moments[0, channel] = mean + to_float(x[0, channel])
        moments[1, channel] = max(second / n_rows - mean * mean, 0.0)


@_jit_parallel
def accumulate(total, x, y):
    n_rows, channels = x.shape
    for row in prange(n_rows):
        for channel in range(channels):
            total[row, channel] += x[row, channel] + to_float(y[row, channel])


@jit_fast
def adain(moments, gamma_beta, affine):
    for channel in range(affine.shape[1]):
        gain = (_1 + gamma_beta[0, channel]) / np.sqrt(moments[1, channel] + _EPS)
        affine[0, channel] = gain
        affine[1, channel] = gamma_beta[1, channel] - moments[0, channel] * gain


@jit_fast
def _clear_margins(n_rows, zero_point, out):
    """Makes a padded buffer's margins zero, and tells how many rows each has."""
    margin = (out.shape[0] - n_rows) // 2
    out[:margin] = zero_point
    out[margin + n_rows :] = zero_point
    return margin


@jit_fast
def _one_less_cosine(turns):
    """1 − cos 2πr of so many turns, whose whole part does not count."""
    turns -= np.floor(turns + _HALF)
    z = turns * turns
    return z * (((((_P5 * z + _P4) * z + _P3) * z + _P2) * z + _P1) * z + _P0)


@jit_fast
def snaked(value, affine, alphas, channel):
    """What AdaIN and Snake make of a value of a channel."""
    y = value * affine[0, channel] + affine[1, channel]
    return y + alphas[1, channel] * _one_less_cosine(y * alphas[0, channel])


@_jit_parallel
def snake(x, affine, alphas, first, last, steps, zero_point, out):
    n_rows, channels = x.shape
    margin = _clear_margins(n_rows, zero_point, out)
    zero_and_half = np.float32(zero_point) + _HALF
    for row in prange(n_rows):
        if first <= row < last:
            for channel in range(channels):
                y = snaked(to_float(x[row, channel]), affine, alphas, channel)
                out[row + margin, channel] = _as_type_of(out[0, 0], y, steps[channel], zero_and_half)
        else:
            for channel in range(channels):
                out[row + margin, channel] = zero_point


@_jit_parallel
def leaky_relu(x, affine, slope, steps, zero_point, out):
    n_rows, channels = x.shape
    margin = _clear_margins(n_rows, zero_point, out)
    zero_and_half = np.float32(zero_point) + _HALF
    for row in prange(n_rows):
        for channel in range(channels):
            y = to_float(x[row, channel]) * affine[0, channel] + affine[1, channel]
            y = max(y, y * slope)
            out[row + margin, channel] = _as_type_of(out[0, 0], y, steps[channel], zero_and_half)


@jit_fast
def _exp(x):
    """e^x for x ≤ 0, to fp32's accuracy: 2^n · 2^f, the latter a polynomial (Cephes' expf)."""
    x = max(x, np.float32(-87.0))
    n = np.floor(x * _LOG2_E + _HALF)
    f = x - n * _LN2_HIGH - n * _LN2_LOW
    p = ((((_E0 * f + _E1) * f + _E2) * f + _E3) * f + _E4) * f + _HALF
    return (p * f * f + f + _1) * _power_of_two(n)


@jit_fast
def _sigmoid(x):
    e = _exp(-abs(x))
    return (_1 if x >= _0 else e) / (_1 + e)


@jit_fast
def _tanh(x):
    e = _exp(np.float32(-2.0) * abs(x))
    t = (_1 - e) / (_1 + e)
    return t if x >= _0 else -t


@_jit_parallel
def lstm(projected, recurrent, out):
    n_steps, _, width = projected.shape
    hidden = width // 4
    for direction in prange(2):
        gates = np.empty(width, np.float32)
        state = np.zeros(hidden, np.float32)
        cell = np.zeros(hidden, np.float32)
        weights = recurrent[direction]
        for index in range(n_steps):
            step = index if direction == 0 else n_steps - 1 - index
            for gate in range(width):
                gates[gate] = projected[step, direction, gate]
            # Eight rows at a time, or reading and writing the gates would cost as much as the weights.
            for unit in range(0, hidden, 8):
                s0, s1, s2, s3 = state[unit], state[unit + 1], state[unit + 2], state[unit + 3]
                s4, s5, s6, s7 = state[unit + 4], state[unit + 5], state[unit + 6], state[unit + 7]
                for gate in range(width):
                    gates[gate] += (
                        (s0 * weights[unit, gate] + s1 * weights[unit + 1, gate])
                        + (s2 * weights[unit + 2, gate] + s3 * weights[unit + 3, gate])
                    ) + (
                        (s4 * weights[unit + 4, gate] + s5 * weights[unit + 5, gate])
                        + (s6 * weights[unit + 6, gate] + s7 * weights[unit + 7, gate])
                    )
            for unit in range(hidden):
                new = _sigmoid(gates[unit]) * _tanh(gates[2 * hidden + unit])
                cell[unit] = _sigmoid(gates[hidden + unit]) * cell[unit] + new
                state[unit] = _sigmoid(gates[3 * hidden + unit]) * _tanh(cell[unit])
            for unit in range(hidden):  # apart, so that nothing above hangs on where `out` lies
                out[step, direction * hidden + unit] = state[unit]


# √(2/π) twice, since (1 + tanh u) / 2 is the sigmoid of 2u.
_GELU, _GELU_CUBED = np.float32(1.5957691216), np.float32(1.5957691216 * 0.044715)


@_jit_parallel
def gelu(x):
    n_rows, channels = x.shape
    for row in prange(n_rows):
        for channel in range(channels):
            value = x[row, channel]
            x[row, channel] = value * _sigmoid(value * (_GELU + _GELU_CUBED * value * value))


@_jit_parallel
def add_and_normalize(x, y, weight, bias, eps):
    for row in prange(len(x)):
        of_x, of_y = x[row], y[row]
        mean = _add_up(of_x, of_y) / np.float32(len(weight))
        variance = _squares(of_y, mean) / np.float32(len(weight))
        _scale(of_y, mean, _1 / np.sqrt(variance + eps), weight, bias)


# Loops of their own, or LLVM would make no vectors of them.


@jit_fast
def _add_up(x, y):
    """x + y into y → their sum."""
    total = _0
    for channel in range(len(x)):
        value = x[channel] + y[channel]
        y[channel] = value
        total += value
    return total


@jit_fast
def _squares(x, mean):
    total = _0
    for channel in range(len(x)):
        value = x[channel] - mean
        total += value * value
    return total


@jit_fast
def _scale(x, mean, factor, weight, bias):
    for channel in range(len(x)):
        x[channel] = (x[channel] - mean) * factor * weight[channel] + bias[channel]


# atan z = z·P(z²) on 0 … 1: Chebyshev fit, largest error 2e-8 before rounding.
_A0, _A1, _A2 = np.float32(0.999999984), np.float32(-0.333330668), np.float32(0.199924836)
_A3, _A4, _A5 = np.float32(-0.142025705), np.float32(0.106367541), np.float32(-0.0749544544)
_A6, _A7, _A8 = np.float32(0.0425876075), np.float32(-0.0160050305), np.float32(0.0028340643)
_PI, _HALF_PI = np.float32(np.pi), np.float32(np.pi / 2)


@njit(fastmath={"contract"}, error_model="numpy", nogil=True, cache=True)  # zeros have signs here
def _angle(real, imaginary):
    """atan2(imaginary, real)"""
    across, up = abs(real), abs(imaginary)
    longer, shorter = max(across, up), min(across, up)
    ratio = shorter / longer if longer > _0 else _0
    z = ratio * ratio
    p = (((((((_A8 * z + _A7) * z + _A6) * z + _A5) * z + _A4) * z + _A3) * z + _A2) * z + _A1) * z + _A0
    angle = p * ratio
    angle = _HALF_PI - angle if up > across else angle
    angle = _PI - angle if np.signbit(real) else angle
    return np.copysign(angle, imaginary)


@njit(parallel=True, fastmath={"contract"}, error_model="numpy", nogil=True, cache=True)
def polar(spectrum):
    n_columns, width = spectrum.shape
    bins = width // 2
    for column in prange(n_columns):
        real, imaginary = spectrum[column, :bins], spectrum[column, bins:]
        for index in range(bins):
            x, y = real[index], imaginary[index]
            real[index] = np.sqrt(x * x + y * y)
            imaginary[index] = _angle(x, y)


@_jit_parallel
def excitation(phases_rad, amplitudes, noise, mix, mix_of_noise, bias, out):
    n_harmonics, n_steps = phases_rad.shape
    n_samples = out.size // n_steps
    half = n_samples // 2
    for step in prange(n_steps):
        total = np.full(n_samples, bias, np.float32)
        sine_amplitude, noise_amplitude = amplitudes[0, step], amplitudes[1, step]
        for harmonic in range(n_harmonics):
            here = phases_rad[harmonic, step] * _TURNS
            before = phases_rad[harmonic, max(step - 1, 0)] * _TURNS
            after = phases_rad[harmonic, min(step + 1, n_steps - 1)] * _TURNS
            weight = sine_amplitude * mix[harmonic]
            for sample in range(n_samples):
                share = (sample + 0.5) / n_samples - 0.5
                turns = here + share * (after - here if sample >= half else here - before) - 0.25
                turns -= np.floor(turns + 0.5)  # fp64 until here: there may be 10,000 turns
                total[sample] += weight * (_1 - _one_less_cosine(np.float32(turns)))
        for sample in range(n_samples):
            mixed = _0
            for index in range(len(mix_of_noise)):
                mixed += mix_of_noise[index] * noise[step * n_samples + sample, index]
            out[step * n_samples + sample] = _tanh(total[sample] + noise_amplitude * mixed)
