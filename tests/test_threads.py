"""One OpenMP for PyTorch and numba, chosen before either is loaded, and never against the user's own choice."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from wyoming_kokoro import threads

ROOT = Path(__file__).parent.parent

PROGRAM = """
from wyoming_kokoro import threads
{before}
threads.share_openmp()
threads.use_own_threads()
import os, torch
from wyoming_kokoro.model.fast.numba_kernels import NumbaKernels
torch.randn(300, 300) @ torch.randn(300, 300)
NumbaKernels().moments(torch.randn(10, 8))
maps = open("/proc/self/maps").read().splitlines()
print(len({{line.split()[-1] for line in maps if "libgomp" in line}}), os.environ["NUMBA_THREADING_LAYER"])
"""


def start(program: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs a program as a user's shell would, whatever the tests themselves have set."""
    own = {"NUMBA_THREADING_LAYER", "OMP_NUM_THREADS", "OMP_WAIT_POLICY", "GOMP_SPINCOUNT"}
    left = {name: value for name, value in os.environ.items() if name not in own}
    return subprocess.run(
        [sys.executable, "-c", program],
        env=left | environment,
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )


def run(before: str = "", **environment: str) -> list[str]:
    result = start(PROGRAM.format(before=before), environment)
    assert result.returncode == 0, result.stderr
    return result.stdout.split()


# Adds up what threads compute, in seconds, over regions that both share, with a moment of sleep for the one that they
# are begun by: so what the other does while it waits. While nobody else wants the cores, while somebody does, and when
# nobody does any more.
ROOM = """
from wyoming_kokoro import threads
threads.share_openmp()
threads.use_own_threads()
import os, sys, time
import numpy, torch
from numba import njit, prange
n_cores = len(os.sched_getaffinity(0))
torch.set_num_threads(n_cores)
if threads._room is None:
    sys.exit("nobody adapts here")

@njit(parallel=True, nogil=True)
def share(x):
    for index in prange(len(x)):
        x[index] += 1

def computed_s():
    before_s = time.process_time()
    for _ in range(200):
        share(x)
        time.sleep(0.001)
    return time.process_time() - before_s

def usage(n_switches):
    seen = threads._room._seen
    later = threads._Usage(seen.computed_s + 1, seen.n_taken_away + n_switches)
    threads._room._usage = lambda: later

def settled(is_waiting):
    until_s = time.monotonic() + 20
    while is_waiting() and time.monotonic() < until_s:
        time.sleep(0.01)
    return computed_s()

x = numpy.zeros(n_cores)
share(x)
n_before = len(os.listdir("/proc/self/task"))
n_more = lambda: len(os.listdir("/proc/self/task")) - n_before
alone = settled(lambda: False)
usage(1000)
threads.make_room(n_cores)
crowded = settled(lambda: n_more() < 2)
usage(10)
threads.make_room(n_cores)
again = settled(n_more)
print(alone, crowded, again, n_more())
"""


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at what Linux has loaded")


def test_one_openmp_or_none_for_numba() -> None:
    n_loaded, layer = run()
    assert n_loaded == "1"
    assert layer in {"omp", "workqueue"}  # the latter where the system has no OpenMP of its own


def test_after_torch_it_is_too_late_and_numba_keeps_to_its_own_threads() -> None:
    assert run(before="import torch") == ["1", "workqueue"]


def test_a_system_without_openmp_is_no_fault() -> None:
    before = """
def missing(name):
    raise OSError(name)
threads.ctypes = type("Ctypes", (), {"CDLL": missing})
"""
    _, layer = run(before=before)
    assert layer == "workqueue"


def test_openmp_is_missed_where_the_system_has_none_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_THREADING_LAYER", "workqueue")
    monkeypatch.setattr(threads, "_OPENMP", "libno-such-openmp.so.1")
    assert threads.is_openmp_missing()
    monkeypatch.setenv("NUMBA_THREADING_LAYER", "omp")
    assert not threads.is_openmp_missing()
    monkeypatch.setenv("NUMBA_THREADING_LAYER", "workqueue")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not threads.is_openmp_missing()


def test_the_users_choice_stays() -> None:
    assert run(NUMBA_THREADING_LAYER="workqueue") == ["1", "workqueue"]


def test_threads_sleep_while_somebody_else_wants_the_cores() -> None:
    result = start(ROOM, {})
    if result.returncode != 0 and "nobody adapts here" in result.stderr:
        pytest.skip("this system has no OpenMP of its own")
    assert result.returncode == 0, result.stderr
    alone_s, crowded_s, again_s, n_left_over = map(float, result.stdout.split())
    assert crowded_s < alone_s / 2
    assert crowded_s < again_s / 2
    assert n_left_over == 0


@pytest.mark.parametrize("variable", ["OMP_WAIT_POLICY", "GOMP_SPINCOUNT"])
def test_how_the_user_wants_threads_to_wait_stays(variable: str) -> None:
    result = start(ROOM, {variable: {"OMP_WAIT_POLICY": "PASSIVE"}.get(variable, "777")})
    assert "nobody adapts here" in result.stderr


def test_too_late_to_adapt_threads_look_less_often() -> None:
    program = "import torch, os\nfrom wyoming_kokoro import threads\nthreads.share_openmp()\n"
    result = start(program + "print(os.environ['GOMP_SPINCOUNT']); threads.make_room(2)", {})
    assert result.stdout.split() == [str(threads._LOOKS_WHERE_NOBODY_ADAPTS)], result.stderr


@pytest.mark.parametrize(("n_taken_away", "is_crowded"), [(5, False), (200, True)])
def test_crowded_is_who_loses_cores_often(
    n_taken_away: int, is_crowded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = threads._Usage(10.0, 1000)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    room = threads._Room(Idle(), lambda: used)  # type: ignore[arg-type]
    used = threads._Usage(10.05, 9999)  # too little to judge by, so it counts together with what follows
    room.adapt(2)
    assert room._end is None
    used = threads._Usage(11.0, 1000 + n_taken_away)
    room.adapt(2)
    assert (room._end is not None) == is_crowded
    used = threads._Usage(12.0, 1000 + n_taken_away)
    room.adapt(2)
    assert room._end is None


def test_where_cores_are_many_no_thread_is_held_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)))
    used = threads._Usage(0.0, 0)
    room = threads._Room(Idle(), lambda: used)  # type: ignore[arg-type]
    used = threads._Usage(1.0, 1000)
    room.adapt(4)
    assert room._end is None


class Idle:
    """An OpenMP that has nothing to do with the tests' own."""

    omp_get_thread_num = 0

    def GOMP_parallel(self, *_arguments: object) -> None:  # noqa: N802 - OpenMP's name
        """Nothing."""


def test_work_apart_returns_and_raises_on_a_thread_that_is_gone_afterwards() -> None:
    assert threads.apart(lambda: threading.current_thread().name) == threads.LOADING_THREAD_NAME
    with pytest.raises(ZeroDivisionError):
        threads.apart(lambda: 1 / 0)
    assert threads.LOADING_THREAD_NAME not in {thread.name for thread in threading.enumerate()}
