"""Makes samples louder or softer without ever clipping: what would get too loud is turned down for as long as it lasts.

A peak limiter with look-ahead. It knows of a peak 5 ms before it comes, turns down gently until then, and up again at
60 dB a second, slowly enough to leave a voice's periods as they are. What stays below the ceiling is
multiplied by the gain and otherwise left alone, to the last bit.

Works on speech as it comes in pieces: pieces joined are the whole, bit for bit, since each millisecond's gain
follows from the samples' place in the whole and not from where it was cut. Knows neither PCM nor models.
"""

from __future__ import annotations

from collections import deque

import numpy as np
import numpy.typing as npt

from wyoming_kokoro.speech import SAMPLE_RATE_HZ

CEILING = 0.989  # -0.1 dB of full scale: what is rounded later stays within it, too

_BLOCK = SAMPLE_RATE_HZ // 1000  # samples that share a step of the gain: 1 ms
_AHEAD = 5  # blocks: what turns down within 5 ms is not heard as a click
_RELEASE = 10 ** (60 / 20 / 1000)  # a block's gain to the one before it, at most: 60 dB a second

Samples = npt.NDArray[np.float32]
_NOTHING: Samples = np.zeros(0, np.float32)


def factor(gain_db: float) -> float:
    """Decibels as a factor of amplitude: 6 dB are twice as much."""
    return float(10 ** (gain_db / 20))


class Limiter:
    """One stretch of speech. Push its pieces, then finish it."""

    def __init__(self, gain_db: float = 0.0) -> None:
        self._factor = np.float32(factor(gain_db))
        self._held = _NOTHING  # amplified; from the first sample that has not been given out
        self._needs: deque[float] = deque()  # what each whole block held allows its gain to be
        self._before = 1.0  # what the block given out last allowed
        self._gain: float | None = None  # at the end of the block given out last; None before the first

    def push(self, samples: Samples) -> Samples:
        """The next piece in, what is ready of the whole out: (samples,) each. The last 6 ms wait for what follows."""
        self._take(samples)
        return self._give(len(self._needs) - _AHEAD)

    def finish(self, samples: Samples = _NOTHING) -> Samples:
        """The last piece in, if there is one, the rest of the whole out. The limiter is at its beginning again."""
        self._take(samples)
        n_samples = len(self._held)
        self._take(np.zeros(-n_samples % _BLOCK, np.float32))
        rest = self._give(len(self._needs))
        self._before, self._gain = 1.0, None
        return rest[:n_samples]

    def _take(self, samples: Samples) -> None:
        n_known = len(self._needs) * _BLOCK
        self._held = np.concatenate([self._held, samples * self._factor])
        n_blocks = (len(self._held) - n_known) // _BLOCK
        blocks = self._held[n_known : n_known + n_blocks * _BLOCK].reshape(n_blocks, _BLOCK)
        peaks = np.abs(blocks).max(axis=1, initial=0.0).tolist()
        # NaN is let through, for whoever looks after that to refuse it.
        self._needs.extend(CEILING / peak if peak > CEILING else 1.0 for peak in peaks)

    def _give(self, n_blocks: int) -> Samples:
        """The first so many blocks, each with a gain that goes evenly from its beginning to its end."""
        if n_blocks <= 0:
            return self._held[:0]
        ready, self._held = self._held[: n_blocks * _BLOCK], self._held[n_blocks * _BLOCK :]
        gains = [self._next_gain(1.0) if self._gain is None else self._gain]
        is_quiet = gains[0] == min(self._needs) == 1.0  # as nearly always, and then it should cost nothing
        for _ in range(n_blocks):
            self._before = self._needs.popleft()
            gains.append(1.0 if is_quiet else self._next_gain(gains[-1]))
        self._gain = gains[-1]
        if is_quiet:
            return ready
        at = np.array(gains, np.float32)
        share = np.arange(_BLOCK, dtype=np.float32) / np.float32(_BLOCK)
        steps = at[:-1, None] + (at[1:] - at[:-1])[:, None] * share
        limited: Samples = (ready.reshape(n_blocks, _BLOCK) * steps).reshape(-1)
        return limited

    def _next_gain(self, gain: float) -> float:
        """The gain at the end of a block: what both its neighbours allow, and on the way to what comes after them."""
        allowed = min(self._before, gain * _RELEASE, 1.0)
        for distance, need in enumerate(self._needs):
            if distance == _AHEAD:
                break
            if need < 1.0:
                allowed = min(allowed, need ** (1 - distance / _AHEAD))
        return allowed
