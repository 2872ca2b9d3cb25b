"""What keeps a server's memory small and flat, set before anything heavy is loaded. Standard library only."""

from __future__ import annotations

import ctypes
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# For every length oneDNN makes machine code of its own, some 0.1 MB a layer; by default 1,024 pieces of it are kept,
# in each of two caches. Lengths are rounded where that costs little, and what then comes back again and again is
# some 600 pieces: with fewer kept, the first sound of a sentence took a quarter longer (dev/LOG.md).
_ENVIRONMENT = {"ONEDNN_PRIMITIVE_CACHE_CAPACITY": "768", "LRU_CACHE_CAPACITY": "768"}

# glibc's mallopt(3). What is loaded to stay gets memory of its own, or what was read on the way to it would leave
# holes in the heap that every sentence then spreads over: 600 MB instead of 60. What a sentence needs for a moment
# is taken from the heap up to the largest size allowed, since memory fresh from the system costs a page fault every
# 4 KB, 4 % of a sentence's time; so much may lie free at the heap's end. (On 64 bits more than 32 MB is refused.)
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_OPTIONS = ((_M_MMAP_THRESHOLD, 64 << 10), (_M_TRIM_THRESHOLD, 32 << 20), (_M_ARENA_MAX, 1))
_OPTIONS_FOR_SPEAKING = ((_M_MMAP_THRESHOLD, 32 << 20), (_M_TRIM_THRESHOLD, 128 << 20))

# proc(5), smaps: a line that says where a mapping lies and what of, then lines of sizes.
_MAPPINGS = Path("/proc/self/smaps")
_MAPPING_RE = re.compile(r"^(?=[0-9a-f]+-[0-9a-f]+ )", re.MULTILINE)
_OWN_RE = re.compile(r"^Anonymous: +(\d+) kB$", re.MULTILINE)
_MADV_DONTNEED = 4


def keep_small() -> None:
    """Sets what can be set here; environment variables of the user's stay as they are.

    To be called before torch computes anything, or the caches have their sizes already.
    """
    for variable, size in _ENVIRONMENT.items():
        os.environ.setdefault(variable, size)
    _set(_OPTIONS)


def expect_speech() -> None:
    """To be called when everything that stays has been loaded."""
    _set(_OPTIONS_FOR_SPEAKING)


@contextmanager
def as_when_speaking() -> Iterator[None]:
    """While loading, for what is timed: with memory of its own for each large block a layer may take thrice as long."""
    _set(_OPTIONS_FOR_SPEAKING)
    try:
        yield
    finally:
        _set(_OPTIONS)


def _set(options: tuple[tuple[int, int], ...]) -> None:
    if (libc := _glibc()) is not None and not any(name.startswith("MALLOC_") for name in os.environ):
        for option, value in options:
            libc.mallopt(option, value)


def give_back() -> None:
    """Returns freed memory to the system, after something that needed a lot once."""
    if (libc := _glibc()) is not None:
        libc.malloc_trim(0)


def leave_files() -> None:
    """Lets the system drop what is mapped of files: libraries' code, for the most part, a third of an idle server.

    Whoever runs it again finds it in the file. Only where nothing can have been written over it, which the system
    says of each mapping: what a linker has put addresses into would come back without them. On Linux only.
    """
    if (libc := _glibc()) is None or not _MAPPINGS.exists():
        return
    libc.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    for start, end in _unwritten(_MAPPINGS.read_text(encoding="utf-8", errors="replace")):
        libc.madvise(start, end - start, _MADV_DONTNEED)  # a refusal, of what is locked, leaves it as it is


def _unwritten(mappings: str) -> Iterator[tuple[int, int]]:
    """First address and end of each mapping of a file that is not writable and has no page but the file's own."""
    for lines in _MAPPING_RE.split(mappings)[1:]:
        head, _, sizes = lines.partition("\n")
        addresses, access, _, _, inode, *_ = head.split()
        is_file, own = inode != "0", _OWN_RE.search(sizes)
        if is_file and "w" not in access and own is not None and own.group(1) == "0":
            start, _, end = addresses.partition("-")
            yield int(start, 16), int(end, 16)


def _glibc() -> ctypes.CDLL | None:
    """The C library, where it is glibc: others have no such options, or the same names for nothing."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "gnu_get_libc_version") else None
