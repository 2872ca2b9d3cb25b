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


def run(before: str = "", **environment: str) -> list[str]:
    left = {name: value for name, value in os.environ.items() if name != "NUMBA_THREADING_LAYER"}
    program = [sys.executable, "-c", PROGRAM.format(before=before)]
    result = subprocess.run(
        program, env=left | environment, cwd=ROOT, check=True, capture_output=True, text=True
    )
    return result.stdout.split()


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


def test_the_users_choice_stays() -> None:
    assert run(NUMBA_THREADING_LAYER="workqueue") == ["1", "workqueue"]


def test_work_apart_returns_and_raises_on_a_thread_that_is_gone_afterwards() -> None:
    assert threads.apart(lambda: threading.current_thread().name) == threads.LOADING_THREAD_NAME
    with pytest.raises(ZeroDivisionError):
        threads.apart(lambda: 1 / 0)
    assert threads.LOADING_THREAD_NAME not in {thread.name for thread in threading.enumerate()}
