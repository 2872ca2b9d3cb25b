"""One OpenMP for PyTorch and numba, chosen before either is loaded, and never against the user's own choice."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from wyoming_kokoro import cores, threads

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

def use_elsewhere(n_cores):
    seen = threads._room._seen
    later = threads._Usage(seen.now_s + 0.3, seen.own_s, seen.all_s + 0.3 * n_cores, 0)
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
use_elsewhere(1)
threads.make_room(n_cores)
crowded = settled(lambda: n_more() < 2)
use_elsewhere(0.1)
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


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


class Clock:
    """A time that passes as told, in which others keep cores busy as told; and a room that sees it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, n_cores: int = 2) -> None:
        self._usage = threads._Usage(1000.0, 50.0, 500.0, n_others=0)
        self._monkeypatch = monkeypatch
        monkeypatch.setattr(threads.time, "monotonic", lambda: self._usage.now_s)
        monkeypatch.setattr(cores, "allowed", lambda: set(range(n_cores)))
        self.room = threads._Room(Idle(), lambda: self._usage)  # type: ignore[arg-type]

    def goes_on_after_glances(self, n_glances: int) -> None:
        """Nobody else computes any more when it has been waited so often."""
        left = iter(range(n_glances, 0, -1))

        def sleep(_: float) -> None:
            if next(left) == 1:
                self._usage = replace(self._usage, n_others=0)

        self._monkeypatch.setattr(threads.time, "sleep", sleep)

    def passes(
        self, passed_s: float, *, own_cores: float = 1, other_cores: float = 0, n_others: int = 0
    ) -> None:
        before, own_s = self._usage, own_cores * passed_s
        all_s = before.all_s + own_s + other_cores * passed_s
        self._usage = threads._Usage(before.now_s + passed_s, before.own_s + own_s, all_s, n_others)


@pytest.mark.parametrize(("other_cores", "is_crowded"), [(0.1, False), (0.7, True)])
def test_crowded_is_where_others_keep_cores_busy(other_cores: float, is_crowded: bool, clock: Clock) -> None:
    room = clock.room
    clock.passes(0.1, other_cores=2)  # too little to judge by, so it counts together with what follows
    room.adapt(2)
    assert room._end is None
    clock.passes(5, other_cores=other_cores)
    room.adapt(2)
    assert (room._end is not None) == is_crowded
    clock.passes(1)
    room.adapt(2)
    assert room._end is None


def test_a_core_that_is_left_to_others_is_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch, n_cores=4)
    clock.passes(1, other_cores=1)
    clock.room.adapt(3)
    assert clock.room._end is None
    clock.passes(1, other_cores=1)
    clock.room.adapt(4)
    assert clock.room._end is not None
    clock.room._end.set()


def test_where_cores_are_many_no_thread_is_held_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch, n_cores=64)
    clock.passes(1, other_cores=64)
    clock.room.adapt(4)
    assert clock.room._end is None
    assert not clock.room.keep_apart(4, frozenset(range(64)))


def test_what_the_system_says_of_its_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        "cpu  90000 9 9000 9 9 9 9 9 9 9",
        "cpu0 100 7 20 4000 300 4 6 5000 60 0",
        "cpu1 10 7 0 4000 300 0 0 0 0 0",
        "cpu10 1000000 0 0 0 0 0 0 0 0 0",
        "intr 12345 0 1",
        "procs_running 3",
    ]
    monkeypatch.setattr(os, "sysconf", lambda _: 100)
    assert threads._busy_s(lines, {0}) == pytest.approx(1.3)
    assert threads._busy_s(lines, {0, 1}) == pytest.approx(1.4)
    assert threads._n_running(lines) == 3
    assert threads._n_running(lines[:-1]) == 0


def test_who_asks_is_running() -> None:
    assert threads._n_running_of_ours() >= 1


def test_what_this_process_computes_is_a_part_of_what_all_do() -> None:
    before = threads._Usage.now()
    while time.process_time() < before.own_s + 0.5:
        pass
    after = threads._Usage.now()
    # Counted in ticks, of which the first and the last may be somebody else's.
    assert after.all_s - before.all_s > 0.8 * (after.own_s - before.own_s)
    assert after.by_others_since(before) < len(cores.allowed())


# What is kept to a core, and for how long ---------------------------------------------------------------

SPREAD = """
from wyoming_kokoro import threads
threads.share_openmp()
threads.use_own_threads()
import os, sys, threading, time, torch
from wyoming_kokoro import cores
if threads._room is None or cores.n_available() < 2:
    sys.exit("nobody is spread out here")
torch.set_num_threads(2)
threads._room._seen = threads._Usage(time.monotonic(), 0, 1e9, 0)  # as if nobody had computed since

def places():
    return [sorted(os.sched_getaffinity(each)) for each in threads._room._team(2)]

def look():
    torch.randn(1000, 1000) @ torch.randn(1000, 1000)
    with threads.spread_out(2):
        inside = places()
        later = threading.Thread(target=time.sleep, args=(60,), daemon=True)
        later.start()
    with threads.spread_out(2):  # without a rest
        soon = places()
    everywhere = sorted(cores.allowed())
    print(len({cpu for place in inside for cpu in place}), [len(place) for place in inside] == [1, 1])
    print(soon == places() == [everywhere] * 2, sorted(os.sched_getaffinity(later.native_id)) == everywhere)

thread = threading.Thread(target=look) if %r else None
if thread:
    thread.start()
    thread.join()
else:
    look()
"""


@pytest.mark.parametrize("is_of_its_own", [False, True])
def test_after_a_rest_threads_have_a_core_each_until_they_are_let_go(is_of_its_own: bool) -> None:
    result = start(SPREAD % is_of_its_own, {})
    if "nobody is spread out here" in result.stderr:
        pytest.skip("one core, or no OpenMP of the system's own")
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["2", "True", "True", "True"]


@pytest.mark.parametrize("variable", ["OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY"])
def test_where_the_user_wants_threads_to_be_they_stay(
    variable: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert clock.room._may_place
    monkeypatch.setenv(variable, "0")
    assert not threads._Room(Idle(), lambda: clock._usage)._may_place  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("last_cpus", "allowed", "places"),
    [
        pytest.param([0, 1], {0, 1}, [0, 1], id="where they are"),
        pytest.param([1, 1], {0, 1}, [1, 0], id="both where the caller is"),
        pytest.param([3, 3, 3], {1, 2, 3}, [3, 1, 2], id="three"),
        pytest.param([0, 9], {0, 1}, [0, 1], id="one where it may not be any more"),
        pytest.param([0, 0], {0}, [], id="one core for two"),
        pytest.param([0, 4], {0, 4, 5}, [0, 5], id="4 is another thread of core 0"),
        pytest.param([0, 0], {0, 4}, [], id="one core of two threads"),
    ],
)
def test_no_two_threads_get_one_core(
    last_cpus: list[int], allowed: set[int], places: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "_cores", lambda cpus: {cpu: str(cpu % 4) for cpu in sorted(cpus)})
    assert threads._a_core_each(last_cpus, frozenset(allowed)) == places


class Placing:
    """A system that takes note of where threads are put."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, room: threads._Room) -> None:
        self.placed: dict[int, set[int]] = {}
        self.error: OSError | None = None
        monkeypatch.setattr(room, "_meet", lambda _: [11, 12])
        monkeypatch.setattr(threads, "_last_cpu", lambda _: 1)
        monkeypatch.setattr(os, "sched_setaffinity", self._place)

    def _place(self, thread_id: int, cpus: set[int]) -> None:
        if self.error is not None:
            raise self.error
        self.placed[thread_id] = cpus


@pytest.fixture
def placing(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Placing:
    return Placing(monkeypatch, clock.room)


CPUS = frozenset({0, 1})


def test_only_after_a_rest_and_only_where_nobody_else_wants_the_cores(clock: Clock, placing: Placing) -> None:
    assert clock.room.keep_apart(2, CPUS)
    assert placing.placed == {11: {1}, 12: {0}}
    clock.passes(0.01)
    assert not clock.room.keep_apart(2, CPUS)
    clock.passes(10, own_cores=0, other_cores=1, n_others=1)
    assert not clock.room.keep_apart(2, CPUS)
    clock.passes(10, own_cores=0, other_cores=1)  # who was busy has finished
    assert clock.room.keep_apart(2, CPUS)
    clock.passes(10, own_cores=0, n_others=2)  # who runs now has just begun, as a client has
    assert clock.room.keep_apart(2, CPUS)
    clock.passes(10, own_cores=0, other_cores=1, n_others=1)  # and both, but not for long
    clock.goes_on_after_glances(2)
    assert clock.room.keep_apart(2, CPUS)
    clock.passes(10, own_cores=0)
    assert not clock.room.keep_apart(1, CPUS)


def test_a_system_that_forbids_it_is_told_of_once(
    clock: Clock, placing: Placing, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    placing.error = PermissionError(1, "Operation not permitted")
    for _ in range(3):
        assert not clock.room.keep_apart(2, CPUS)
        clock.passes(1, own_cores=0)
    (said,) = caplog.records
    assert said.message.endswith("no thread may be kept to a core: [Errno 1] Operation not permitted")


def test_threads_that_have_ended_are_not_looked_for_again(
    clock: Clock, placing: Placing, monkeypatch: pytest.MonkeyPatch
) -> None:
    placing.error = ProcessLookupError()
    assert not clock.room.keep_apart(2, CPUS)
    placing.error = None
    monkeypatch.setattr(clock.room, "_meet", lambda _: [21, 22])
    clock.passes(1)
    assert clock.room.keep_apart(2, CPUS)
    assert sorted(placing.placed) == [21, 22]


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
