"""Standard input and output as asyncio can have them: it waits for pipes, sockets and terminals, not for files.

Where a shell has redirected them from or to a file, a thread copies between that and a pipe. Knows no events.
"""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from collections.abc import Iterator
from typing import IO

_COPY_BYTES = 64 * 1024


@contextlib.contextmanager
def readable(descriptor: int) -> Iterator[IO[bytes]]:
    """A file object that an event loop can read `descriptor` through."""
    if not _needs_a_pipe(descriptor):
        with os.fdopen(os.dup(descriptor), "rb", buffering=0) as file:
            yield file
        return
    source, sink = os.pipe()
    copying = threading.Thread(target=_copy, args=(descriptor, sink), name="standard input", daemon=True)
    copying.start()
    with os.fdopen(source, "rb", buffering=0) as file:
        yield file


@contextlib.contextmanager
def writable(descriptor: int) -> Iterator[IO[bytes]]:
    """A file object that an event loop can write to `descriptor` through; at exit all is written."""
    if not _needs_a_pipe(descriptor):
        with os.fdopen(os.dup(descriptor), "wb", buffering=0) as file:
            yield file
        return
    source, sink = os.pipe()
    target = os.dup(descriptor)
    copying = threading.Thread(target=_copy, args=(source, target), name="standard output", daemon=True)
    copying.start()
    with os.fdopen(sink, "wb", buffering=0) as file:
        yield file
    copying.join()
    os.close(source)


def _needs_a_pipe(descriptor: int) -> bool:
    """Files, and devices such as /dev/null that nothing can wait for; a terminal can be waited for."""
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISREG(mode) or (stat.S_ISCHR(mode) and not os.isatty(descriptor))


def _copy(source: int, target: int) -> None:
    """Copies to the end of the source, or until nobody takes it any more; then closes the target."""
    with contextlib.suppress(BrokenPipeError):
        while data := os.read(source, _COPY_BYTES):
            view = memoryview(data)
            while view:
                view = view[os.write(target, view) :]
    os.close(target)
