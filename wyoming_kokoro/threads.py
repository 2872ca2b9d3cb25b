"""How the libraries' threads wait for each other: set before any of them is loaded. Standard library only.

PyTorch comes with an OpenMP of its own, and numba's kernels take the system's. Where the threads of the one still
wait for work on the core that the other needs, a sentence takes twice as long, in about one process out of
three (dev/LOG.md). Loaded first, the system's serves both. Without it, numba's own threads are the better ones.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

# The threads that may be inside torch at any time.
LOADING_THREAD_NAME = "loading"
SPEECH_THREAD_NAME = "speech"

_T = TypeVar("_T")
_LAYER = "NUMBA_THREADING_LAYER"


def share_openmp() -> None:
    """To be called before torch is imported; afterwards it is too late, and nothing is changed.

    Environment variables of the user's stay as they are.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        # Read when OpenMP is loaded. By default threads wait for each other spinning for milliseconds, and
        # beside one other busy process speech takes many times as long; this costs nothing on an idle
        # machine (dev/LOG.md).
        os.environ.setdefault("GOMP_SPINCOUNT", "2000")
    if not sys.platform.startswith("linux") or "torch" in sys.modules:
        return
    try:
        ctypes.CDLL("libgomp.so.1.0.0")  # numba's name for it; PyTorch's is libgomp.so.1, which it answers to
    except OSError:  # a slim container
        return
    os.environ.setdefault(_LAYER, "omp")


def use_own_threads() -> None:
    """Where `share_openmp` has not changed anything, keeps numba from a second OpenMP."""
    os.environ.setdefault(_LAYER, "workqueue")


def apart(work: Callable[[], _T]) -> _T:
    """Does work on a thread that ends with it; returns or raises what it does.

    OpenMP keeps helpers for every thread that ever computed. Those of the thread that loads the model would be
    in the way of the one that speaks: a short sentence took an eighth longer. An interrupt leaves the thread to
    itself.
    """
    outcome: Future[_T] = Future()

    def find() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:
            outcome.set_exception(error)

    thread = threading.Thread(target=find, name=LOADING_THREAD_NAME, daemon=True)
    thread.start()
    thread.join()
    return outcome.result()
