"""The model on CPUs, fast: the same mathematics as the modules beside it, in few passes over memory.

`layers.py` and its neighbours say what Kokoro is; this package says how a CPU does it quickest: buffers of
(time, channels), convolutions with weights prepared once and, where that is quicker, with half the products,
everything between two of them in one fused pass, and operands of 32, 16 or 8 bits.

    kernels.py             what lies between convolutions: the interface
    numba_kernels.py       … as machine code, written in numba_code.py
    torch_kernels.py       … as plain PyTorch, the meaning of it and the way without numba
    convolution.py         convolutions and linear layers through oneDNN, and their plain twin
    toom_cook.py           how a convolution takes half the products
    block_convolution.py   what our own convolutions have in common, block by block
    numba_convolution.py   … in machine code, written in convolution_code.py and, innermost, vector_code.py
    tile_convolution.py    convolutions in tiles, for CPUs that have them
                           … in machine code, written in tile_convolution_code.py and, innermost, tile_code.py
    backend.py             which of these a machine uses for what
    choosing.py            … found out by trying
    blocks.py              the two residual blocks
    text.py                ALBERT, durations, F0, energy, text encoder
    source.py              harmonic source
    sound.py               decoder and generator
    streaming.py           the generator in pieces
    statistics.py          what it must know of a sentence beforehand, learnt of each voice
    prepare.py             weights → prepared weights, calibration for 8 bits
    trial.py               a layer to time
    fast_kokoro.py         the whole, with the interface of `Kokoro`
"""

from wyoming_kokoro.model.fast.backend import Backend
from wyoming_kokoro.model.fast.choosing import best_times_s, choose_backend
from wyoming_kokoro.model.fast.fast_kokoro import FastKokoro, lay_out
from wyoming_kokoro.model.fast.prepare import FORMAT as PREPARED_FORMAT
from wyoming_kokoro.model.fast.prepare import Calibration, calibrate, prepare
from wyoming_kokoro.model.fast.statistics import Example, StatisticsTable, learn
from wyoming_kokoro.model.fast.streaming import GeneratorStream
from wyoming_kokoro.model.fast.trial import try_speed

__all__ = [
    "PREPARED_FORMAT",
    "Backend",
    "Calibration",
    "Example",
    "FastKokoro",
    "GeneratorStream",
    "StatisticsTable",
    "best_times_s",
    "calibrate",
    "choose_backend",
    "lay_out",
    "learn",
    "prepare",
    "try_speed",
]
