"""What keeps a server's memory small and flat, set before anything heavy is loaded. Standard library only."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

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


def _glibc() -> ctypes.CDLL | None:
    """The C library, where it is glibc: others have no such options, or the same names for nothing."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "gnu_get_libc_version") else None
