"""How much of a sentence to make at a time. Standard library only.

Large pieces cost less, small ones are there sooner. The first is small, since somebody waits for it; after it a
piece may take as long as what has been made still plays, with a reserve. Only a few sizes, so that oneDNN has
met all their shapes.
"""

from __future__ import annotations

import time
from collections.abc import Callable

SIZES = (32, 64, 128, 192)
"""Of pieces, in rows of the generator's input."""

_FIRST = SIZES[0]  # of which 0.19 s can be heard: the rest is what convolutions see on either side

# What is taken to play while the next piece is made: the rest is for other clients' pieces, and for networks.
_RESERVE = 0.4

# A new measurement counts so much; a busy moment should neither be believed at once nor be forgotten.
_LEARNING_RATE = 0.3


class Speed:
    """How long a row takes here, from what pieces have taken. One for all utterances."""

    def __init__(self, s_per_row: float = 0.002) -> None:
        self.s_per_row = s_per_row

    def learn(self, n_rows: int, took_s: float) -> None:
        """A piece of so many rows took so long."""
        self.s_per_row += _LEARNING_RATE * (took_s / n_rows - self.s_per_row)


class Pace:
    """One utterance's pieces."""

    def __init__(self, speed: Speed, row_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        """row_s: what a row sounds."""
        self._speed, self._row_s, self._clock = speed, row_s, clock
        self._plays_until_s: float | None = None

    def next_size(self, n_left: int) -> int:
        """Rows of the next piece, where so many are to be made; no more than needed, but for whole sizes."""
        if self._plays_until_s is None:
            largest = _FIRST
        else:
            left_s = (self._plays_until_s - self._clock()) * (1 - _RESERVE)
            largest = max(
                (size for size in SIZES if size * self._speed.s_per_row <= left_s), default=SIZES[0]
            )
        return min((size for size in SIZES if n_left <= size <= largest), default=largest)

    def made(self, n_rows: int, took_s: float, n_heard: int) -> None:
        """A piece has been made: of so many rows, in so many seconds, and as many rows of sound came out."""
        self._speed.learn(n_rows, took_s)
        if n_heard:
            now = self._clock()
            self._plays_until_s = max(now, self._plays_until_s or now) + n_heard * self._row_s
