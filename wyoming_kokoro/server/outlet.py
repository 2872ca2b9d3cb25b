"""Where a connection's events are written, whatever carries them. Knows no events."""

from __future__ import annotations

import asyncio
from typing import Protocol


class Outlet(Protocol):
    """Where events are written: as much of `asyncio.StreamWriter` as is needed here."""

    @property
    def transport(self) -> asyncio.WriteTransport:
        """What carries it; aborted where the client takes nothing."""
        ...

    def write(self, data: bytes, /) -> None:
        """Takes what is sent by the next `drain` at the latest."""
        ...

    async def drain(self) -> None:
        """Waits until the client has taken enough for more to be written. Raises `OSError` where it has left."""
        ...

    def close(self) -> None:
        """Nothing follows."""
        ...

    async def wait_closed(self) -> None:
        """Waits until that is done."""
        ...
