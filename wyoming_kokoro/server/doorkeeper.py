"""Who may come in: from which networks, how many at a time, and with how many requests. Knows no sockets, no events and no speech."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterator

from wyoming_kokoro.errors import AccessError, KokoroError, LimitError
from wyoming_kokoro.settings import Networks

_LOGGER = logging.getLogger(__name__)

_SAID_EVERY_S = 60.0  # whoever knocks a thousand times a second must not fill a disk


class Doorkeeper:
    """Decides on clients as they come, and tells people of those it refuses, once a minute at most."""

    def __init__(
        self,
        networks: Networks,
        max_connections: int,
        clock: Callable[[], float] = time.monotonic,
        *,
        option: str = "--allow-from",
    ) -> None:
        """option: which one says what networks these are."""
        self._networks = networks
        self._max_connections = max_connections
        self._clock = clock
        self._option = option
        self._said_s: float | None = None
        self._n_unsaid = 0

    def refusal(self, address: str | None, n_connections: int) -> KokoroError | None:
        """Why a client may not come in, where so many are in already; None: it may.

        address: its IP address; None where it has none, on a Unix socket, which the file's mode guards.
        """
        error: KokoroError
        if address is not None and not self._networks.has(address):
            error = AccessError(
                f"{address} is in none of the networks that this server lets in ({self._option} {self._networks})"
            )
        elif n_connections >= self._max_connections:
            error = LimitError("There are too many connections", "--max-connections", self._max_connections)
        else:
            return None
        self._tell(error)
        return error

    def _tell(self, error: KokoroError) -> None:
        now_s = self._clock()
        if self._said_s is not None and now_s < self._said_s + _SAID_EVERY_S:
            self._n_unsaid += 1
            return
        more = f" (and {self._n_unsaid} more since the last such line)" if self._n_unsaid else ""
        _LOGGER.warning("Refused a client: %s%s", error, more)
        self._said_s, self._n_unsaid = now_s, 0


class Load:
    """How many requests of all connections are not answered yet."""

    def __init__(self) -> None:
        self.n_requests = 0

    def admit(self, max_requests: int) -> None:
        """Raises `LimitError` where no other request may begin."""
        if self.n_requests >= max_requests:
            raise LimitError("Too many requests wait", "--max-requests", max_requests)

    @contextlib.contextmanager
    def one_more(self, max_requests: int) -> Iterator[None]:
        """Counts a request for as long as the context lasts. Raises as `admit`."""
        self.admit(max_requests)
        self.n_requests += 1
        try:
            yield
        finally:
            self.n_requests -= 1
