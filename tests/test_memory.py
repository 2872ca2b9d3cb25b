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
    memory.leave_files()
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


MAPPINGS = """\
00400000-00452000 r-xp 00000000 08:02 173521                             /usr/lib/code.so
Size:                328 kB
Rss:                 300 kB
Anonymous:             0 kB
VmFlags: rd ex mr mw me
00452000-00460000 r--p 00052000 08:02 173521                             /usr/lib/code.so
Size:                 56 kB
Anonymous:            12 kB
00460000-00470000 rw-p 00060000 08:02 173521                             /usr/lib/code.so
Size:                 64 kB
Anonymous:             0 kB
00e03000-00e24000 rw-p 00000000 00:00 0                                  [heap]
Anonymous:           100 kB
00f00000-00f10000 r--p 00000000 00:00 0
Anonymous:             0 kB
7f0000000000-7f0000001000 r--s 00000000 08:02 99                         /a folder with a space/weights (deleted)
Anonymous:             0 kB
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
Anonymous:             0 kB
"""


def test_only_what_is_in_a_file_as_it_is_in_memory_is_left_to_the_system() -> None:
    """Not what a linker has written to, though nobody may any more, and nothing that is in no file."""
    assert list(memory._unwritten(MAPPINGS)) == [
        (0x400000, 0x452000),
        (0x7F0000000000, 0x7F0000001000),
    ]
    assert list(memory._unwritten("")) == []
    assert list(memory._unwritten("00400000-00452000 r-xp 00000000 08:02 17 /old/kernel\nRss: 3 kB\n")) == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_files_are_left_and_read_again_when_they_are_needed(tmp_path: Path) -> None:
    path = tmp_path / "weights"
    path.write_bytes(bytes(range(256)) * (100 << 12))  # 100 MB
    program = """
import sys
from pathlib import Path
import numpy as np
import torch
from wyoming_kokoro import memory

def resident_mb():
    return next(int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith("RssFile"))

if memory._glibc() is None:
    sys.exit(0)
weights = np.memmap(sys.argv[1], np.uint8, "r")
changed = np.memmap(sys.argv[1], np.uint8, "c")
changed[::4096] = 7  # of this process's own
total = int(weights.sum())
full = resident_mb()
memory.leave_files()
left = resident_mb()
assert full > 120 and left < full // 4, (full, left)
assert int(weights.sum()) == total and (changed[::4096] == 7).all()
assert torch.ones(300, 300).matmul(torch.ones(300, 300))[0, 0] == 300
"""
    root = Path(__file__).parent.parent
    subprocess.run([sys.executable, "-c", program, str(path)], check=True, cwd=root)
