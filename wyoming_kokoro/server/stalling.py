"""When a client has stopped reading: judged by what leaves its connection's buffer, while the loop runs.

Knows transports; knows nothing of events or speech.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

_LOOKS = 8


class StallWatch:
    """Cuts a connection off out of whose buffer nothing goes for too long.

    A time-out is so many looks at the buffer, a part of it apart. One that comes late, because the loop was held up
    or the computer slept, is one look all the same: a client is not to be blamed for what it had no part in. And
    before each look the loop has sent what the client had room for, since it sees to sockets first, then to timers.
    """

    def __init__(self, transport: asyncio.WriteTransport, timeout_s: float) -> None:
        self._transport = transport
        self._timeout_s = timeout_s
        self.has_stalled = False
        """Whether that is why the connection has ended."""

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Watches while the body waits for the client; cutting it off ends any such wait with `OSError`.

        `asyncio.wait_for` would do for the time alone, but up to Python 3.11 it swallows a cancellation that comes in
        the moment in which the wait is over, and it makes a task of every event.
        """
        loop = asyncio.get_running_loop()
        timer: asyncio.TimerHandle
        n_left, n_bytes = _LOOKS, self._transport.get_write_buffer_size()

        def look() -> None:
            nonlocal n_left, n_bytes, timer
            before, n_bytes = n_bytes, self._transport.get_write_buffer_size()
            n_left = _LOOKS if n_bytes < before else n_left - 1
            if n_left:
                timer = loop.call_later(self._timeout_s / _LOOKS, look)
            else:
                self.has_stalled = True
                self._transport.abort()

        timer = loop.call_later(self._timeout_s / _LOOKS, look)
        try:
            yield
        finally:
            timer.cancel()
