"""Makes samples louder or softer without ever clipping: what would get too loud is turned down for as long as it lasts.

A peak limiter with look-ahead. It knows of a peak 5 ms before it comes, turns down gently until then, and up again at
60 dB a second, slowly enough to leave a voice's periods as they are. What stays below the ceiling is
multiplied by the gain and otherwise left alone, to the last bit.

Works on speech as it comes in pieces: pieces joined are the whole, bit for bit, since each millisecond's gain
follows from the samples' place in the whole and not from where it was cut. Knows neither PCM nor models.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from wyoming_kokoro.speech import SAMPLE_RATE_HZ

CEILING = 0.989  # -0.1 dB of full scale: what is rounded later stays within it, too

_BLOCK = SAMPLE_RATE_HZ // 1000  # samples that share a step of the gain: 1 ms
_AHEAD = 5  # blocks: what turns down within 5 ms is not heard as a click
_RELEASE = 10 ** (60 / 20 / 1000)  # a block's gain to the one before it, at most: 60 dB a second

Samples = npt.NDArray[np.float32]
_Gains = npt.NDArray[np.float64]
_NOTHING: Samples = np.zeros(0, np.float32)


def factor(gain_db: float) -> float:
    """Decibels as a factor of amplitude: 6 dB are twice as much."""
    return float(10 ** (gain_db / 20))


class Limiter:
    """One stretch of speech. Push its pieces, then finish it."""

    def __init__(self, gain_db: float = 0.0) -> None:
        self._factor = np.float32(factor(gain_db))
        self._held = _NOTHING  # amplified; from the first sample that has not been given out
        self._needs: _Gains = np.zeros(0)  # what each whole block held allows its gain to be
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
        peaks = np.abs(blocks).max(axis=1, initial=0.0).astype(np.float64)
        # NaN is let through, for whoever looks after that to refuse it.
        needs = np.divide(CEILING, peaks, out=np.ones(n_blocks), where=peaks > CEILING)
        self._needs = np.concatenate([self._needs, needs])

    def _give(self, n_blocks: int) -> Samples:
        """The first so many blocks, each with a gain that goes evenly from its beginning to its end."""
        if n_blocks <= 0:
            return self._held[:0]
        gains = self._next_gains(n_blocks)
        ready, self._held = self._held[: n_blocks * _BLOCK], self._held[n_blocks * _BLOCK :]
        self._before, self._needs = float(self._needs[n_blocks - 1]), self._needs[n_blocks:]
        self._gain = float(gains[-1])
        if gains.min() == 1.0:  # as nearly always, and then it should cost nothing
            return ready
        at = gains.astype(np.float32)
        share = np.arange(_BLOCK, dtype=np.float32) / np.float32(_BLOCK)
        steps = at[:-1, None] + (at[1:] - at[:-1])[:, None] * share
        limited: Samples = (ready.reshape(n_blocks, _BLOCK) * steps).reshape(-1)
        return limited

    def _next_gains(self, n_blocks: int) -> _Gains:
        """The gain at the beginning of the first of so many blocks, then at the end of each: (n_blocks + 1,).

        What both its neighbours allow, and on the way to what comes after them.
        """
        allowed = np.concatenate([[self._before], self._needs[:n_blocks]])
        for at in np.flatnonzero(self._needs[: n_blocks + _AHEAD] < 1.0).tolist():
            need = float(self._needs[at])
            for distance in range(min(_AHEAD, at + 1)):
                if at - distance <= n_blocks:
                    way = need ** (1 - distance / _AHEAD)
                    allowed[at - distance] = min(allowed[at - distance], way)
        gains = np.ones(n_blocks + 1)
        gain = gains[0] = allowed[0] if self._gain is None else self._gain
        turned_down = np.flatnonzero(allowed < 1.0)
        block = 1
        while block <= n_blocks:
            if gain == 1.0:  # until something is in the way
                following = np.searchsorted(turned_down, block)
                if following == len(turned_down):
                    break
                block = int(turned_down[following])
            gain = gains[block] = min(float(allowed[block]), gain * _RELEASE, 1.0)
            block += 1
        return gains
