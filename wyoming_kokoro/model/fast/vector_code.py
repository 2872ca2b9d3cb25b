"""The inner loops of convolutions by Toom–Cook, written in LLVM's instructions: numba's language has no vectors.

Three parts, each a function that numba's code can call with addresses: a tile's inputs to its points, products of
points summed over channels in registers, and sums of products to outputs. The second by itself multiplies
matrices. Numbers are fp32; between the first part and the second they may be 16-bit integers, whose products are summed
in 32 bits, or brain floats, whose products are summed in fp32. Addresses and strides are in bytes.

What is not in here: how a signal is cut into tiles, which `numba_convolution.py` does, and why it gives a
convolution, which `toom_cook.py` says.
"""
# Types are numba's here; mypy would see a call of an intrinsic as wrong.
# mypy: ignore-errors

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from llvmlite import ir
from numba import types
from numba.core.registry import cpu_target
from numba.extending import intrinsic

from wyoming_kokoro.model.fast.toom_cook import (
    OF_BRAIN_FLOATS,
    OF_ELEVEN,
    OF_LONG_BRAIN_FLOATS,
    OF_ONE,
    OF_SEVEN,
    OF_THREE,
    OF_THREE_IN_SHORT,
    OF_TWO,
    Transform,
)

_FLOAT, _WORD, _SHORT, _ADDRESS = ir.FloatType(), ir.IntType(32), ir.IntType(16), ir.IntType(64)

_WHOLE, _BRAIN = types.int16, types.uint16
"""What numba has 16-bit integers as, and brain floats by their bits."""

# Steps of the sum over channels between two of the loop's own instructions. Whole numbers may be added in any order,
# and of four steps LLVM makes an order that needs more registers than there are.
_N_UNROLLED = {types.float32: 4, _WHOLE: 1, _BRAIN: 4}


@dataclass(frozen=True)
class Registers:
    """How the vector registers of a CPU are used: sums of `n_tiles` tiles stay in them, `n_columns` wide."""

    width: int
    """fp32 numbers in one."""

    n_tiles: int

    n_few_tiles: int
    """A part of `n_tiles`, for what is left over."""

    pair_products: str | None
    """LLVM's name for products of 16-bit integers, added in pairs; None where the CPU has no such instruction."""

    to_words: str | None = None
    """LLVM's name for fp32 numbers rounded to the nearest 32-bit integers, the smallest where they are beyond."""

    pair_sums: str | None = None
    """LLVM's name for `pair_products` added to a sum that stays the largest there is when it would be more."""

    brain_sums: str | None = None
    """LLVM's name for products of brain floats in pairs added to a sum in fp32."""

    @property
    def n_columns(self) -> int:
        """Channels whose sums are formed together: two registers full, since one of the other operand serves both."""
        return _REGISTERS_ACROSS * self.width


_REGISTERS_ACROSS = 2


def registers(features: frozenset[str], architecture: str) -> Registers | None:
    """For a CPU with these features, by LLVM's names; None where vector code would not pay."""
    if architecture == "aarch64":
        return Registers(width=4, n_tiles=8, n_few_tiles=4, pair_products=None)  # 16 sums in 32 registers
    if {"avx512f", "avx512bw"} <= features:
        sums = "llvm.x86.avx512.vpdpwssds.512" if "avx512vnni" in features else None
        products, to_words = "llvm.x86.avx512.pmaddw.d.512", "llvm.x86.avx512.mask.cvtps2dq.512"
        brain_sums = "llvm.x86.avx512bf16.dpbf16ps.512" if "avx512bf16" in features else None
        return Registers(
            width=16,
            n_tiles=12,
            n_few_tiles=4,
            pair_products=products,
            to_words=to_words,
            pair_sums=sums,
            brain_sums=brain_sums,
        )  # 24 in 32
    if {"avx2", "fma"} <= features:
        sums = "llvm.x86.avx512.vpdpwssds.256" if "avxvnni" in features else None
        products, to_words = "llvm.x86.avx2.pmadd.wd", "llvm.x86.avx.cvt.ps2dq.256"
        return Registers(
            width=8, n_tiles=6, n_few_tiles=2, pair_products=products, to_words=to_words, pair_sums=sums
        )  # 12 in 16
    return None


def _host() -> tuple[str, frozenset[str]]:
    """The CPU that numba makes code for: its architecture and its features, by LLVM's names."""
    triple, _, features = cpu_target.target_context.codegen().magic_tuple()
    return triple.split("-")[0], frozenset(name[1:] for name in features.split(",") if name.startswith("+"))


_ARCHITECTURE, HOST_FEATURES = _host()
HOST = registers(HOST_FEATURES, _ARCHITECTURE)
if HOST is None:
    raise ImportError("this CPU has no vector registers worth the while (AVX2 with FMA, AVX-512, or NEON)")


class _BrainFloat(ir.Type):
    """LLVM's type, which llvmlite has not."""

    def _to_string(self):
        return "bfloat"

    def __eq__(self, other):
        return isinstance(other, _BrainFloat)

    def __hash__(self):
        return hash(_BrainFloat)


class Code:
    """Writes vector instructions at a builder's place."""

    def __init__(self, builder: ir.IRBuilder, cpu: Registers) -> None:
        self.builder = builder
        self._width = cpu.width
        self.floats = ir.VectorType(_FLOAT, cpu.width)
        self.words = ir.VectorType(_WORD, cpu.width)
        self.shorts = ir.VectorType(_SHORT, 2 * cpu.width)
        self.brain_floats = ir.VectorType(_BrainFloat(), 2 * cpu.width)

    def at(self, address, offset):
        """address + offset, which is a number or a value."""
        if isinstance(offset, int):
            offset = ir.Constant(_ADDRESS, offset)
        return self.builder.add(address, offset)

    def load(self, address, kind):
        """What lies at an address."""
        pointer = self.builder.inttoptr(address, kind.as_pointer())
        value = self.builder.load(pointer)
        value.align = 2  # vectors may lie anywhere
        return value

    def store(self, value, address):
        """Puts a value at an address."""
        place = self.builder.inttoptr(address, value.type.as_pointer())
        self.builder.store(value, place).align = 2

    def everywhere(self, scalar, kind):
        """A vector of one number."""
        nothing = ir.Constant(kind, ir.Undefined)
        first = self.builder.insert_element(nothing, scalar, ir.Constant(_WORD, 0))
        lanes = ir.Constant(ir.VectorType(_WORD, kind.count), [0] * kind.count)
        return self.builder.shuffle_vector(first, nothing, lanes)

    def constant(self, value):
        """A vector of one fp32 number that is known."""
        return ir.Constant(self.floats, [value] * self._width)

    def call(self, name, kind, *arguments):
        """One of LLVM's own functions."""
        module = self.builder.module
        function = module.globals.get(name) or ir.Function(
            module, ir.FunctionType(kind, [argument.type for argument in arguments]), name=name
        )
        return self.builder.call(function, arguments)

    def fused(self, x, y, z):
        """x · y + z"""
        return self.call(f"llvm.fma.v{self._width}f32", self.floats, x, y, z)

    def combination(self, factors, vectors):
        """Σ factor · vector; a row of a transform's matrix has a factor that is not zero."""
        total = None
        for factor, vector in zip(factors, vectors, strict=True):
            if factor:
                constant = self.constant(factor)
                total = (
                    self.builder.fmul(vector, constant)
                    if total is None
                    else self.fused(vector, constant, total)
                )
        return total

    def rounded(self, x, to_words):
        """To 16-bit integers: what is beyond them becomes the largest, and so does NaN."""
        builder, limit = self.builder, self.constant(32767.0)
        x = builder.select(builder.fcmp_ordered("<", x, limit), x, limit)
        options = [
            ir.Constant(self.words, [0] * self._width),
            ir.Constant(ir.IntType(16), -1),
            ir.Constant(_WORD, 4),
        ]
        whole = self.call(to_words, self.words, x, *(options if self._width == 16 else []))
        lowest = ir.Constant(self.words, [-32768] * self._width)
        whole = builder.select(builder.icmp_signed(">", whole, lowest), whole, lowest)
        return builder.trunc(whole, ir.VectorType(_SHORT, self._width))

    def in_brain_floats(self, x):
        """The nearest ones, by their bits."""
        brain_floats = ir.VectorType(_BrainFloat(), self._width)
        return self.builder.bitcast(self.builder.fptrunc(x, brain_floats), ir.VectorType(_SHORT, self._width))

    def repeat(self, n_times, step, body: Callable, *initial):
        """body(index, *values) → values, for index = 0, step, 2 · step, … below n_times, which is above 0."""
        builder = self.builder
        before = builder.block
        loop, after = builder.append_basic_block("loop"), builder.append_basic_block("after")
        builder.branch(loop)
        builder.position_at_end(loop)
        index = builder.phi(_ADDRESS)
        index.add_incoming(ir.Constant(_ADDRESS, 0), before)
        values = [builder.phi(each.type) for each in initial]
        for value, first in zip(values, initial, strict=True):
            value.add_incoming(first, before)
        results = body(index, *values)
        following = builder.add(index, ir.Constant(_ADDRESS, step))
        index.add_incoming(following, builder.block)
        for value, result in zip(values, results, strict=True):
            value.add_incoming(result, builder.block)
        builder.cbranch(builder.icmp_unsigned("<", following, n_times), loop, after)
        builder.position_at_end(after)
        return results


def write_points(
    code: Code, cpu: Registers, transform: Transform, kind: types.Type, x, row, out, plane, n_channels
) -> None:
    """A tile's inputs to its points, channel by channel. kind: numba's type of these."""
    matrix = transform.input.tolist()
    size = kind.bitwidth // 8
    width = code.floats.count

    def body(channel):
        builder = code.builder
        inputs, address = [], code.at(x, builder.mul(channel, ir.Constant(_ADDRESS, 4)))
        for _ in matrix:
            inputs.append(code.load(address, code.floats))
            address = code.at(address, row)
        points = [code.combination(matrix[0], inputs)]
        for factors in matrix[1:-1:2]:  # the next row is the same but for the signs of every other factor
            even = code.combination(factors[::2], inputs[::2])
            odd = code.combination(factors[1::2], inputs[1::2])
            points += [builder.fadd(even, odd), builder.fsub(even, odd)]
        if len(matrix) > 1:
            points.append(code.combination(matrix[-1], inputs))
        address = code.at(out, builder.mul(channel, ir.Constant(_ADDRESS, size)))
        for value in points:
            code.store(_in_type(code, cpu, kind, value), address)
            address = code.at(address, plane)
        return ()

    code.repeat(n_channels, width, body)


def _in_type(code: Code, cpu: Registers, kind: types.Type, value):
    """fp32 numbers in numba's type of operands."""
    if kind == _WHOLE:
        return code.rounded(value, cpu.to_words)
    return code.in_brain_floats(value) if kind == _BRAIN else value


def write_products(
    code: Code, cpu: Registers, n_tiles: int, kind: types.Type, points, stride, kernel, n_steps, initial
):
    """For some tiles the sums, over channels, of their points times the kernel's: a vector for each register.

    kind: numba's type of these. initial: what is added to, for each register across.
    """
    in_pairs = code.words if kind != types.float32 else code.floats
    n_unrolled = _N_UNROLLED[kind]
    tiles = [points]
    for _ in range(n_tiles - 1):
        tiles.append(code.at(tiles[-1], stride))

    def body(index, *sums):
        builder = code.builder
        sums = list(sums)
        start = builder.mul(index, ir.Constant(_ADDRESS, 4))
        kernel_start = code.at(kernel, builder.mul(index, ir.Constant(_ADDRESS, 4 * cpu.n_columns)))
        for step in range(n_unrolled):
            columns = [
                code.load(
                    code.at(kernel_start, 4 * (step * cpu.n_columns + number * cpu.width)),
                    in_pairs,
                )
                for number in range(_REGISTERS_ACROSS)
            ]
            for tile, address in enumerate(tiles):
                point = code.load(code.at(code.at(address, start), 4 * step), in_pairs.element)
                point = code.everywhere(point, in_pairs)
                for number, column in enumerate(columns):
                    which = tile * _REGISTERS_ACROSS + number
                    if kind == _BRAIN:
                        pairs = [builder.bitcast(each, code.brain_floats) for each in (point, column)]
                        sums[which] = code.call(cpu.brain_sums, code.floats, sums[which], *pairs)
                    elif kind == _WHOLE and cpu.pair_sums is not None:
                        sums[which] = code.call(cpu.pair_sums, code.words, sums[which], point, column)
                    elif kind == _WHOLE:
                        pairs = [builder.bitcast(each, code.shorts) for each in (point, column)]
                        products = code.call(cpu.pair_products, code.words, *pairs)
                        sums[which] = builder.add(sums[which], products)
                    else:
                        sums[which] = code.fused(point, column, sums[which])
        return sums

    return code.repeat(n_steps, n_unrolled, body, *initial * n_tiles)


def write_outputs(
    code: Code, cpu: Registers, transform: Transform, sums, plane, scales, bias, out, row
) -> None:
    """A tile's sums to its outputs."""
    builder = code.builder
    matrix = transform.output.tolist()
    for number in range(_REGISTERS_ACROSS):
        offset = 4 * cpu.width * number
        products, address = [], code.at(sums, offset)
        for point in range(transform.n_points):
            scale = code.load(code.at(scales, offset + 4 * cpu.n_columns * point), code.floats)
            products.append(builder.fmul(code.load(address, code.floats), scale))
            address = code.at(address, plane)
        pairs = list(zip(products[1:-1:2], products[2:-1:2], strict=True))
        of_even = [builder.fadd(*pair) for pair in pairs]  # powers of a number and of its negative
        of_odd = [builder.fsub(*pair) for pair in pairs]
        shift = code.load(code.at(bias, offset), code.floats)
        address = code.at(out, offset)
        ends = products[1:][-1:]  # none if there is one point
        for power, factors in enumerate(matrix):
            vectors = [products[0], *(of_odd if power % 2 else of_even), *ends]
            value = code.combination([factors[0], *factors[1:-1:2], *factors[1:][-1:]], vectors)
            code.store(builder.fadd(value, shift), address)
            address = code.at(address, row)


_INT = types.int64


def _sum_products(n_tiles: int) -> Callable[..., None]:
    @intrinsic
    def sum_products(_context, points, stride, kernel, n_steps, out, sample):
        """`write_products` in the type of `sample`, to fp32 numbers side by side.

        n_steps: of 4 bytes, a multiple of `STEPS_TOGETHER`.
        """
        is_whole = sample == _WHOLE

        def generate(context, builder, _signature, arguments):
            code = Code(builder, HOST)
            *operands, out, _ = arguments
            kind = code.words if is_whole else code.floats
            zero = ir.Constant(kind, [0 if is_whole else 0.0] * HOST.width)
            sums = write_products(code, HOST, n_tiles, sample, *operands, [zero] * _REGISTERS_ACROSS)
            for which, total in enumerate(sums):
                value = builder.sitofp(total, code.floats) if is_whole else total
                code.store(value, code.at(out, 4 * HOST.width * which))
            return context.get_dummy_value()

        return types.void(_INT, _INT, _INT, _INT, _INT, sample), generate

    return sum_products


def _multiply_rows(n_rows: int) -> Callable[..., None]:
    @intrinsic
    def multiply_rows(_context, rows, stride, matrix, n_steps, bias, out, out_stride):
        """So many rows of a product of fp32 matrices, `n_columns` wide: rows · matrix + bias."""

        def generate(context, builder, _signature, arguments):
            code = Code(builder, HOST)
            *operands, bias, out, out_stride = arguments
            initial = [
                code.load(code.at(bias, 4 * HOST.width * number), code.floats)
                for number in range(_REGISTERS_ACROSS)
            ]
            sums = write_products(code, HOST, n_rows, types.float32, *operands, initial)
            for row in range(n_rows):
                for number in range(_REGISTERS_ACROSS):
                    value = sums[row * _REGISTERS_ACROSS + number]
                    code.store(value, code.at(out, 4 * HOST.width * number))
                out = code.at(out, out_stride)
            return context.get_dummy_value()

        return types.void(*[_INT] * 7), generate

    return multiply_rows


sum_products, sum_few_products = map(_sum_products, (HOST.n_tiles, HOST.n_few_tiles))
multiply_rows, multiply_few_rows = map(_multiply_rows, (HOST.n_tiles, HOST.n_few_tiles))


def _to_points(transform: Transform) -> Callable[..., None]:
    @intrinsic
    def to_points(_context, x, row, out, plane, n_channels, sample):
        def generate(context, builder, _signature, arguments):
            write_points(Code(builder, HOST), HOST, transform, sample, *arguments[:-1])
            return context.get_dummy_value()

        return types.void(_INT, _INT, _INT, _INT, _INT, sample), generate

    return to_points


def _to_outputs(transform: Transform) -> Callable[..., None]:
    @intrinsic
    def to_outputs(_context, sums, plane, scales, bias, out, row):
        def generate(context, builder, _signature, arguments):
            write_outputs(Code(builder, HOST), HOST, transform, *arguments)
            return context.get_dummy_value()

        return types.void(*[_INT] * 6), generate

    return to_outputs


one_to_points, two_to_points, three_to_points, seven_to_points, eleven_to_points = map(
    _to_points, (OF_ONE, OF_TWO, OF_THREE, OF_SEVEN, OF_ELEVEN)
)
one_to_outputs, long_brain_to_outputs = map(_to_outputs, (OF_ONE, OF_LONG_BRAIN_FLOATS))
# So one way to points is enough for all of these.
assert all(each.input.equal(OF_TWO.input) for each in (OF_THREE_IN_SHORT, OF_BRAIN_FLOATS))
assert OF_LONG_BRAIN_FLOATS.input.equal(OF_THREE.input)
two_to_outputs, three_to_outputs, short_to_outputs, brain_to_outputs, seven_to_outputs, eleven_to_outputs = (
    map(_to_outputs, (OF_TWO, OF_THREE, OF_THREE_IN_SHORT, OF_BRAIN_FLOATS, OF_SEVEN, OF_ELEVEN))
)

STEPS_TOGETHER = max(_N_UNROLLED.values())
"""The sum over channels goes by so many, of fp32 numbers or of pairs of 16-bit ones."""
