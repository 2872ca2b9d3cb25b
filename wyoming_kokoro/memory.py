"""What keeps a server's memory small and flat, set before anything heavy is loaded. Standard library only."""

from __future__ import annotations

import ctypes
import os
import sys

# For every length oneDNN makes machine code of its own, some 0.1 MB a layer; by default 1,024 pieces of it are kept,
# in each of two caches. Lengths are rounded where that costs little, and what then comes back again and again is
# some 600 pieces: with fewer kept, the first sound of a sentence took a quarter longer (dev/LOG.md).
_ENVIRONMENT = {"ONEDNN_PRIMITIVE_CACHE_CAPACITY": "768", "LRU_CACHE_CAPACITY": "768"}

# glibc's mallopt(3). Large blocks are taken from the heap up to the largest size allowed, since memory fresh
# from the system costs a page fault every 4 KB, 4 % of a sentence's time; 128 MB may lie free at its end.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_OPTIONS = ((_M_MMAP_THRESHOLD, 32 << 20), (_M_TRIM_THRESHOLD, 128 << 20), (_M_ARENA_MAX, 1))


def keep_small() -> None:
    """Sets what can be set here; environment variables of the user's stay as they are.

    To be called before torch computes anything, or the caches have their sizes already.
    """
    for variable, size in _ENVIRONMENT.items():
        os.environ.setdefault(variable, size)
    if (libc := _glibc()) is not None and not any(name.startswith("MALLOC_") for name in os.environ):
        for option, value in _OPTIONS:
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
