"""How numba's parallel code is run: on as many threads as PyTorch uses, by one caller at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numba
import torch

# Where numba has no OpenMP, its own threads serve one caller at a time and abort the process at a second.
_lock = threading.Lock()
_told = threading.local()  # numba keeps the number of threads by calling thread


def _keep_number_of_threads() -> None:
    """As it starts, numba tells OpenMP, which PyTorch computes with, too, to use all there are."""
    wanted = torch.get_num_threads()
    numba.set_num_threads(min(wanted, numba.config.NUMBA_NUM_THREADS))  # type: ignore[attr-defined]
    torch.set_num_threads(wanted)


_keep_number_of_threads()


def n_threads() -> int:
    """That work is shared by."""
    return min(torch.get_num_threads(), numba.config.NUMBA_NUM_THREADS)  # type: ignore[attr-defined]


def run(kernel: Callable[..., None], *arguments: Any) -> None:
    """Calls compiled code."""
    with _lock:
        wanted = n_threads()
        if getattr(_told, "n_threads", None) != wanted:
            numba.set_num_threads(wanted)
            _told.n_threads = wanted
        kernel(*arguments)
