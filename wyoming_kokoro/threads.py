"""How the libraries' threads wait for each other: set before any of them is loaded. Standard library only.

PyTorch comes with an OpenMP of its own, and numba's kernels take the system's. Where the threads of the one still
wait for work on the core that the other needs, a sentence takes twice as long, in about one process out of
three (dev/LOG.md). Loaded first, the system's serves both. Without it, numba's own threads are the better ones.

A thread that waits may look for work again and again, or sleep. Woken from sleep, it begins some 60 µs late, hundreds
of times a sentence; but looking takes a core away from whoever else computes, and so from our own other threads. So
they look while the machine is ours, and sleep while it is not: see `make_room`. And after an idle time they are woken
where they are in each other's way: see `spread_out`.
"""

from __future__ import annotations

import ctypes
import functools
import logging
import math
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from wyoming_kokoro import cores

_LOGGER = logging.getLogger(__name__)

# The threads that may be inside torch at any time.
LOADING_THREAD_NAME = "loading"
SPEECH_THREAD_NAME = "speech"

_CROWD_THREAD_NAME = "crowd"

_STAT, _THREADS = Path("/proc/stat"), Path("/proc/self/task")  # of all; of this process

_T = TypeVar("_T")
_LAYER = "NUMBA_THREADING_LAYER"
_POLICY, _SPINS = "OMP_WAIT_POLICY", "GOMP_SPINCOUNT"
_PLACES = ("OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY")  # a user's own choice of cores
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

# Cores that others have kept busy beyond those we leave them, in the mean of a time that is long enough to tell. A busy
# process that has to share two cores with us takes 0.7 of one (dev/LOG.md); what a home does now and then, far less.
_CROWDED_CORES = 0.5
_ENOUGH_S = 0.2

# Who has just asked us to speak may run for a moment more, so it is looked again whether anybody does.
_N_MORE_GLANCES, _BETWEEN_GLANCES_S = 3, 0.0005

# Threads that have rested for so long are woken on the same core.
_RESTED_S = 0.05

# What GNU's OpenMP does where it is refused a thread is to end the process, so there should never be many.
_MOST_IDLE = 16


def share_openmp() -> None:
    """To be called before torch is imported; afterwards it is too late, and nothing is changed.

    Environment variables of the user's stay as they are.
    """
    global _room  # noqa: PLW0603 - of OpenMP, too, a process has one
    is_own_choice = _POLICY in os.environ or _SPINS in os.environ
    is_early = "torch" not in sys.modules
    can_adapt = is_early and not is_own_choice and os.access(_STAT, os.R_OK)
    if not is_own_choice:
        # Read when OpenMP is loaded.
        os.environ[_SPINS] = str(_LOOKS if can_adapt else _LOOKS_WHERE_NOBODY_ADAPTS)
    library = _openmp() if is_early else None
    if library is None:
        if not is_own_choice:
            os.environ[_SPINS] = str(_LOOKS_WHERE_NOBODY_ADAPTS)
        return
    os.environ.setdefault(_LAYER, "omp")
    if can_adapt and _room is None:
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


@contextmanager
def spread_out(n_threads: int) -> Iterator[None]:
    """Keeps the threads that compute together, the caller first, on a core each.

    When nothing has run for some tenths of a second, Linux in a virtual machine wakes them all on one core, and it takes
    50 ms until it sees that the others are free: half of the wait for a first sound (dev/LOG.md). To be left when that
    is made, since a thread that is kept to a core cannot make room for others; not done at all while others want the
    cores.
    """
    allowed = cores.allowed()
    is_kept = _room is not None and _room.keep_apart(n_threads, frozenset(allowed))
    try:
        yield
    finally:
        if is_kept:
            _let_go(allowed)


def _let_go(allowed: set[int]) -> None:
    """Lets every thread run wherever the process may: those, too, that a thread has begun while it was kept to a core."""
    for thread in _THREADS.iterdir():
        with suppress(ProcessLookupError):  # it has ended meanwhile
            os.sched_setaffinity(int(thread.name), allowed)


@functools.lru_cache(maxsize=1)
def _cores(cpus: frozenset[int]) -> dict[int, str]:
    """Each processor's core; they do not change."""
    return {cpu: cores.core_of(cpu) for cpu in sorted(cpus)}


def _status(thread_id: int | str) -> list[str]:
    """proc(5), stat, from field 3 on: a thread's name before that may hold anything, and ends at the last `)`."""
    fields = (_THREADS / str(thread_id) / "stat").read_text(encoding="utf-8", errors="replace")
    return fields.rpartition(")")[2].split()


def _last_cpu(thread_id: int) -> int:
    """Where a thread runs, or ran last: field 39."""
    return int(_status(thread_id)[36])


def _a_core_each(last_cpus: Sequence[int], allowed: frozenset[int]) -> list[int]:
    """A processor for each thread, no two of one core: where it ran last if it can be. None at all if there are too few."""
    core_of = _cores(allowed)
    places: list[int] = []
    for last in last_cpus:
        taken = {core_of[cpu] for cpu in places}
        free = [cpu for cpu, core in core_of.items() if core not in taken]
        if not free:
            return []
        places.append(last if last in free else free[0])
    return places


@dataclass(frozen=True)
class _Usage:
    """How much of the cores that this process may use has been used so far, in seconds, and by how many now."""

    now_s: float
    own_s: float
    all_s: float
    """By everybody but those who make way for others (`nice`)."""

    n_others: int
    """Threads that are not ours and compute or want to, at this moment."""

    @classmethod
    def now(cls) -> _Usage:
        lines = _STAT.read_text(encoding="utf-8").splitlines()
        n_others = max(0, _n_running(lines) - _n_running_of_ours())
        return cls(time.monotonic(), time.process_time(), _busy_s(lines, cores.allowed()), n_others)

    def by_others_since(self, before: _Usage) -> float:
        """How many cores others have kept busy, in the mean."""
        passed_s = self.now_s - before.now_s
        by_others_s = (self.all_s - before.all_s) - (self.own_s - before.own_s)
        return by_others_s / passed_s if passed_s else 0.0


# Lines of proc(5), stat.


def _busy_s(lines: Sequence[str], cpus: set[int]) -> float:
    """For each processor the time spent as user, nice, system, idle, iowait, irq, softirq and more."""
    ticks = 0
    for line in lines:
        name, *spent = line.split()
        if name.startswith("cpu") and name[3:].isdecimal() and int(name[3:]) in cpus:
            user, _nice, system, _idle, _iowait, irq, softirq = map(int, spent[:7])
            ticks += user + system + irq + softirq
    return ticks / os.sysconf("SC_CLK_TCK")


def _n_running(lines: Sequence[str]) -> int:
    return next((int(line.split()[1]) for line in lines if line.startswith("procs_running ")), 0)


def _n_running_of_ours() -> int:
    n_running = 0
    for thread in _THREADS.iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            n_running += _status(thread.name)[0] == "R"
    return n_running


def _n_left(n_threads: int) -> int:
    """The processors that we leave to others."""
    return max(len(cores.allowed()) - n_threads, 0)


def _n_idle(n_threads: int) -> int:
    """With those that compute, more threads than there are processors."""
    return _n_left(n_threads) + 2


def _is_crowd(wanted_by_others: float, n_threads: int) -> bool:
    """Whether others want more than we leave them."""
    return wanted_by_others > _n_left(n_threads) + _CROWDED_CORES


class _Room:
    """Tells OpenMP's threads to sleep where they would look, and back.

    GNU's OpenMP has one number for how often they look, read once, and another, far smaller one for when it has more
    threads than there are cores. So, to make them sleep, it is given more: idle ones, of a thread whose end is theirs.
    """

    def __init__(self, openmp: ctypes.CDLL, usage: Callable[[], _Usage] = _Usage.now) -> None:
        self._openmp = openmp
        self._usage = usage
        self._seen = usage()
        self._worked_s = -math.inf  # when any of ours last has, by `time.monotonic`
        self._lock = threading.Lock()
        self._end: threading.Event | None = None  # of the thread that makes it crowded
        self._known = threading.local()  # OpenMP's threads that compute with each of ours
        self._may_place = not any(name in os.environ for name in _PLACES)

    def adapt(self, n_threads: int) -> None:
        self._worked_s = time.monotonic()
        if _n_idle(n_threads) > _MOST_IDLE:
            return
        with self._lock:
            if time.monotonic() - self._seen.now_s >= _ENOUGH_S:
                now = self._usage()
                self._decide(now, now.by_others_since(self._seen), n_threads)

    def _decide(self, now: _Usage, wanted_by_others: float, n_threads: int) -> None:
        """Has threads sleep or look from now on. wanted_by_others: in cores."""
        self._seen = now
        is_crowded = _is_crowd(wanted_by_others, n_threads)
        if is_crowded and self._end is None:
            self._end = threading.Event()
            arguments = (_n_idle(n_threads), self._end)
            threading.Thread(target=self._crowd, args=arguments, name=_CROWD_THREAD_NAME, daemon=True).start()
        elif not is_crowded and self._end is not None:
            self._end.set()
            self._end = None

    def _wanted_after_rest(self, now: _Usage, n_threads: int) -> float:
        """How many cores others want who wanted them while we rested, and have not finished."""
        wanted = min(now.by_others_since(self._seen), now.n_others)
        for _ in range(_N_MORE_GLANCES):
            if not _is_crowd(wanted, n_threads):
                break
            time.sleep(_BETWEEN_GLANCES_S)
            wanted = min(wanted, self._usage().n_others)
        return wanted

    def keep_apart(self, n_threads: int, allowed: frozenset[int]) -> bool:
        """Puts the caller and those that compute with it on a core each; tells whether any has to be let go again."""
        now_s = time.monotonic()
        is_rested = now_s - self._worked_s >= _RESTED_S
        self._worked_s = now_s
        if n_threads < 2 or not is_rested or not self._may_place or _n_idle(n_threads) > _MOST_IDLE:
            return False
        with self._lock:
            now = self._usage()
            self._decide(now, self._wanted_after_rest(now, n_threads), n_threads)
            if self._end is not None:
                return False
        n_placed = 0
        try:
            team = self._team(n_threads)
            places = _a_core_each([_last_cpu(each) for each in team], allowed)
            for thread_id, cpu in zip(team, places, strict=bool(places)):
                os.sched_setaffinity(thread_id, {cpu})
                n_placed += 1
        except (FileNotFoundError, ProcessLookupError):
            del self._known.team  # one has ended; those there are now are met the next time
        except OSError as error:
            _LOGGER.info("After a rest speech begins later, since no thread may be kept to a core: %s", error)
            self._may_place = False
        return n_placed > 0

    def _team(self, n_threads: int) -> list[int]:
        """The ids of the caller and of the threads that compute with it, which OpenMP keeps for it."""
        known: list[int] = getattr(self._known, "team", [])
        if len(known) != n_threads:
            known = self._known.team = self._meet(n_threads)
        return known

    def _meet(self, n_threads: int) -> list[int]:
        ids: dict[int, int] = {}

        def tell(_: int | None) -> None:
            ids[self._openmp.omp_get_thread_num()] = threading.get_native_id()

        each = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(tell)
        self._openmp.GOMP_parallel(each, None, ctypes.c_uint(n_threads), ctypes.c_uint(0))
        return [ids[number] for number in sorted(ids)]

    def _crowd(self, n_threads: int, end: threading.Event) -> None:
        """Is so many of OpenMP's threads, which do nothing, until the end."""
        nothing = ctypes.cast(self._openmp.omp_get_thread_num, ctypes.c_void_p)
        self._openmp.GOMP_parallel(nothing, None, ctypes.c_uint(n_threads), ctypes.c_uint(0))
        end.wait()


_room: _Room | None = None  # of this process, whose OpenMP is one
