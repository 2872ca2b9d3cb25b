"""How the libraries' threads wait for each other: set before any of them is loaded. Standard library only.

PyTorch comes with an OpenMP of its own, and numba's kernels take the system's. Where the threads of the one still
wait for work on the core that the other needs, a sentence takes twice as long, in about one process out of
three (dev/LOG.md). Loaded first, the system's serves both. Without it, numba's own threads are the better ones.

A thread that waits may look for work again and again, or sleep. Woken from sleep, it begins some 60 µs late, hundreds
of times a sentence; but looking takes a core away from whoever else computes, and so from our own other threads. So
they look while the machine is ours, and sleep while it is not: see `make_room`.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TypeVar

# The threads that may be inside torch at any time.
LOADING_THREAD_NAME = "loading"
SPEECH_THREAD_NAME = "speech"

_CROWD_THREAD_NAME = "crowd"

_T = TypeVar("_T")
_LAYER = "NUMBA_THREADING_LAYER"
_POLICY, _SPINS = "OMP_WAIT_POLICY", "GOMP_SPINCOUNT"
_OPENMP = "libgomp.so.1.0.0"  # numba's name for it; PyTorch's is libgomp.so.1, which it answers to

WITHOUT_OPENMP = (
    "This system has no OpenMP that PyTorch and numba could share, so their threads are in each other's way, and speech "
    "takes a quarter longer."
)
GET_OPENMP = "On Debian and Ubuntu: apt-get install libgomp1."

# How often a waiting thread looks before it sleeps: some 150 µs, which is longer than nearly all that is computed by
# one thread alone. By default it is milliseconds, and beside one other busy process speech takes many times as long.
_LOOKS = 10_000
_LOOKS_WHERE_NOBODY_ADAPTS = 2_000

# Switches a second of computing that the system forces on this process: 10 to 40 where it is alone, 140 and more where
# others want its cores (dev/LOG.md). Fewer seconds than that tell little.
_CROWDED_PER_S = 80
_ENOUGH_S = 0.1

# What GNU's OpenMP does where it is refused a thread is to end the process, so there should never be many.
_MOST_IDLE = 16


def share_openmp() -> None:
    """To be called before torch is imported; afterwards it is too late, and nothing is changed.

    Environment variables of the user's stay as they are.
    """
    global _room  # noqa: PLW0603 - of OpenMP, too, a process has one
    is_own_choice = _POLICY in os.environ or _SPINS in os.environ
    if not is_own_choice:
        os.environ[_SPINS] = str(_LOOKS)  # read when OpenMP is loaded
    library = None if "torch" in sys.modules else _openmp()
    if library is None:
        if not is_own_choice:
            os.environ[_SPINS] = str(_LOOKS_WHERE_NOBODY_ADAPTS)
        return
    os.environ.setdefault(_LAYER, "omp")
    if not is_own_choice and _room is None:
        _room = _Room(library)


def _openmp() -> ctypes.CDLL | None:
    """The system's; None where there is none that both libraries could share."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        return ctypes.CDLL(_OPENMP)
    except OSError:  # a slim container
        return None


def is_openmp_missing() -> bool:
    """Whether the system lacks what `share_openmp` is about."""
    return sys.platform.startswith("linux") and os.environ.get(_LAYER) != "omp" and _openmp() is None


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


def make_room(n_threads: int) -> None:
    """To be called now and then by who computes: lets waiting threads sleep while others want the cores, too.

    n_threads: that it computes on. Of a machine with many more cores there is always one left for others.
    """
    if _room is not None:
        _room.adapt(n_threads)


@dataclass(frozen=True)
class _Usage:
    """What this process has used of the CPU so far."""

    computed_s: float
    n_taken_away: int
    """How often a thread of it has lost its core to somebody else."""

    @classmethod
    def now(cls) -> _Usage:
        import resource  # not on Windows

        usage = resource.getrusage(resource.RUSAGE_SELF)
        return cls(usage.ru_utime + usage.ru_stime, usage.ru_nivcsw)


class _Room:
    """Tells OpenMP's threads to sleep where they would look, and back.

    GNU's OpenMP has one number for how often they look, read once, and another, far smaller one for when it has more
    threads than there are cores. So, to make them sleep, it is given more: idle ones, of a thread whose end is theirs.
    """

    def __init__(self, openmp: ctypes.CDLL, usage: Callable[[], _Usage] = _Usage.now) -> None:
        self._openmp = openmp
        self._usage = usage
        self._seen = usage()
        self._lock = threading.Lock()
        self._end: threading.Event | None = None  # of the thread that makes it crowded

    def adapt(self, n_threads: int) -> None:
        # With those that compute, more than there are cores.
        n_idle = len(os.sched_getaffinity(0)) - n_threads + 2
        if n_idle > _MOST_IDLE:
            return
        with self._lock:
            now = self._usage()
            computed_s = now.computed_s - self._seen.computed_s
            if computed_s < _ENOUGH_S:
                return
            is_crowded = now.n_taken_away - self._seen.n_taken_away > _CROWDED_PER_S * computed_s
            self._seen = now
            if is_crowded and self._end is None:
                self._end = threading.Event()
                arguments = (max(n_idle, 2), self._end)
                threading.Thread(
                    target=self._crowd, args=arguments, name=_CROWD_THREAD_NAME, daemon=True
                ).start()
            elif not is_crowded and self._end is not None:
                self._end.set()
                self._end = None

    def _crowd(self, n_threads: int, end: threading.Event) -> None:
        """Is so many of OpenMP's threads, which do nothing, until the end."""
        nothing = ctypes.cast(self._openmp.omp_get_thread_num, ctypes.c_void_p)
        self._openmp.GOMP_parallel(nothing, None, ctypes.c_uint(n_threads), ctypes.c_uint(0))
        end.wait()


_room: _Room | None = None  # of this process, whose OpenMP is one
