"""Memory settings: set once, never against the user's own, and nothing where the C library is another."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from wyoming_kokoro import memory


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    variables: dict[str, str] = {}
    monkeypatch.setattr(memory.os, "environ", variables)
    return variables


class FakeLibc:
    def __init__(self) -> None:
        self.options: list[tuple[int, int]] = []
        self.n_trims = 0

    def mallopt(self, option: int, value: int) -> None:
        self.options.append((option, value))

    def malloc_trim(self, _pad: int) -> None:
        self.n_trims += 1


def test_caches_and_heap_are_bounded(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    libc = FakeLibc()
    monkeypatch.setattr(memory, "_glibc", lambda: libc)
    memory.keep_small()
    assert int(environment["ONEDNN_PRIMITIVE_CACHE_CAPACITY"]) < 1024
    assert int(environment["LRU_CACHE_CAPACITY"]) < 1024
    assert len(libc.options) == 3
    memory.give_back()
    assert libc.n_trims == 1


def test_what_is_timed_while_loading_finds_memory_as_speech_will(monkeypatch: pytest.MonkeyPatch) -> None:
    libc = FakeLibc()
    monkeypatch.setattr(memory, "_glibc", lambda: libc)
    memory.expect_speech()
    speaking = libc.options[:]
    libc.options.clear()
    with memory.as_when_speaking():
        assert libc.options == speaking
        libc.options.clear()
    while_loading = libc.options[:]
    libc.options.clear()
    memory.keep_small()
    assert while_loading == libc.options


def test_what_the_user_has_set_stays(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    libc = FakeLibc()
    monkeypatch.setattr(memory, "_glibc", lambda: libc)
    environment.update({"LRU_CACHE_CAPACITY": "7", "MALLOC_ARENA_MAX": "4"})
    memory.keep_small()
    assert environment["LRU_CACHE_CAPACITY"] == "7"
    assert libc.options == []


def test_another_c_library_is_left_alone(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_glibc", lambda: None)
    memory.keep_small()
    memory.give_back()
    assert "LRU_CACHE_CAPACITY" in environment


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_freed_memory_goes_back_to_the_system() -> None:
    program = """
import ctypes, sys
from wyoming_kokoro import memory

def resident_mb():
    return next(int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith("VmRSS"))

memory.keep_small()
if memory._glibc() is None:
    sys.exit(0)
blocks = [bytearray(1 << 20) for _ in range(200)]
kept = [bytearray(10_000) for _ in range(100)]
full = resident_mb()
del blocks
memory.give_back()
assert full - resident_mb() > 150, (full, resident_mb())
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parent.parent)
