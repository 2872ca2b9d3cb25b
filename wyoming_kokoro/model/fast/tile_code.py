"""Products of matrices in tiles, as Intel's AMX does them, written in LLVM's instructions.

A tile is 16 rows of 64 bytes. One instruction multiplies a tile of rows by a tile of columns and adds to a third,
16 rows of 16 sums: of brain floats 32 deep, in fp32; of bytes 64 deep, unsigned by signed, in 32-bit integers. Of the
eight tiles of a core four hold sums here, two rows and two columns. Addresses and pitches are in bytes.

What rows and columns are made of is not in here: `tile_convolution_code.py` and `tile_convolution.py` know.
"""
# Types are numba's here; mypy would see a call of an intrinsic as wrong.
# mypy: ignore-errors

from __future__ import annotations

import struct
from collections.abc import Callable

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from wyoming_kokoro.model.fast.vector_code import HOST, HOST_FEATURES, Code

HAS_TILES = {"amx-tile", "amx-bf16", "amx-int8"} <= HOST_FEATURES

TILE_ROWS, TILE_BYTES = 16, 64
TILE_COLUMNS = TILE_BYTES // 4
"""Sums are of 4 bytes."""

COLUMN_TILES = 2
"""Tiles of columns that are multiplied together."""

_BYTE, _ADDRESS = ir.IntType(8), ir.IntType(64)
_INT = types.int64

# Palette 1; for each of eight tiles the bytes of a row, then the rows.
_CONFIGURATION = struct.pack("<2B14x8H16x8B8x", 1, 0, *[TILE_BYTES] * 8, *[TILE_ROWS] * 8)
_ROW_TILES_AT, _COLUMN_TILES_AT = 4, 6


class _TileCode(Code):
    """Writes instructions on tiles, which go by their numbers."""

    def tile(self, name, *arguments):
        """One of LLVM's functions on tiles: `arguments` are tiles' numbers or values."""
        values = [ir.Constant(_BYTE, each) if isinstance(each, int) else each for each in arguments]
        self.call(f"llvm.x86.{name}", ir.VoidType(), *values)

    def load_tile(self, tile, address, pitch):
        self.tile("tileloadd64", tile, self._pointer(address), pitch)

    def store_tile(self, tile, address, pitch):
        self.tile("tilestored64", tile, self._pointer(address), pitch)

    def _pointer(self, address):
        return self.builder.inttoptr(address, _BYTE.as_pointer())


@intrinsic
def open_tiles(_context):
    """To be called by a thread before it uses tiles."""

    def generate(context, builder, _signature, _arguments):
        content = ir.Constant(ir.ArrayType(_BYTE, len(_CONFIGURATION)), bytearray(_CONFIGURATION))
        name = "wyoming_kokoro.tile_configuration"
        place = builder.module.globals.get(name)
        if place is None:
            place = ir.GlobalVariable(builder.module, content.type, name)
            place.linkage, place.global_constant, place.initializer = "internal", True, content
        _TileCode(builder, HOST).tile("ldtilecfg", builder.bitcast(place, _BYTE.as_pointer()))
        return context.get_dummy_value()

    return types.void(), generate


@intrinsic
def close_tiles(_context):
    """And after it: a thread that holds on to tiles is dearer to interrupt."""

    def generate(context, builder, _signature, _arguments):
        _TileCode(builder, HOST).tile("tilerelease")
        return context.get_dummy_value()

    return types.void(), generate


def _multiply_tiles(n_row_tiles: int) -> Callable[..., None]:
    @intrinsic
    def multiply_tiles(
        _context, rows, pitch, row_steps, columns, column_steps, n_steps, initial, out, out_pitch, sample
    ):
        """So many tiles of rows by two of columns: initial + Σ over steps of rows[row_steps] · columns[column_steps].

        pitch: from row to row; row_steps, column_steps: where in memory what is multiplied at each step lies, more
        than `rows` and `columns`, (n_steps,) of 8 bytes each; initial: (32,) sums, for every row; out:
        (16 · n_row_tiles, 32) sums. sample: of the rows, u16 for brain floats or u8.
        """
        product = {types.uint16: "tdpbf16ps", types.uint8: "tdpbusd"}[sample]

        def generate(context, builder, _signature, arguments):
            code = _TileCode(builder, HOST)
            rows, pitch, row_steps, columns, column_steps, n_steps, initial, out, out_pitch, _ = arguments
            tile_pitch = ir.Constant(_ADDRESS, TILE_BYTES)
            below = builder.mul(pitch, ir.Constant(_ADDRESS, TILE_ROWS))
            sums = [(row, column) for row in range(n_row_tiles) for column in range(COLUMN_TILES)]
            for row, column in sums:
                same_for_all = ir.Constant(_ADDRESS, 0)
                code.load_tile(
                    COLUMN_TILES * row + column, code.at(initial, column * TILE_BYTES), same_for_all
                )

            def body(index):
                entry = builder.mul(index, ir.Constant(_ADDRESS, 8))
                row_address = code.at(rows, code.load(code.at(row_steps, entry), _ADDRESS))
                column_address = code.at(columns, code.load(code.at(column_steps, entry), _ADDRESS))
                for column in range(COLUMN_TILES):
                    address = code.at(column_address, column * TILE_ROWS * TILE_BYTES)
                    code.load_tile(_COLUMN_TILES_AT + column, address, tile_pitch)
                for row in range(n_row_tiles):
                    code.load_tile(_ROW_TILES_AT + row, row_address, pitch)
                    row_address = code.at(row_address, below)
                for row, column in sums:
                    total = COLUMN_TILES * row + column
                    code.tile(product, total, _ROW_TILES_AT + row, _COLUMN_TILES_AT + column)
                return ()

            code.repeat(n_steps, 1, body)
            for row, column in sums:
                to = code.at(out, builder.mul(out_pitch, ir.Constant(_ADDRESS, TILE_ROWS * row)))
                code.store_tile(COLUMN_TILES * row + column, code.at(to, column * TILE_BYTES), out_pitch)
            return context.get_dummy_value()

        return types.void(*[_INT] * 9, sample), generate

    return multiply_tiles


multiply_two_tiles, multiply_one_tile = map(_multiply_tiles, (2, 1))
