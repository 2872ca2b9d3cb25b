"""From single timings to figures: medians, quartiles, ratios, shares. Pure; knows no clock and no process."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# Multiplications and additions for a second of audio, in 1e9: the model's convolutions and products counted, of
# which the generator's are 93 %. The text side's 0.16 a token are left out.
GFLOP_PER_AUDIO_S = 52.7

FIRST_ROUND = 0
"""The round in which everybody meets every text for the first time; not part of the warm figures."""


@dataclass(frozen=True)
class Spread:
    """A median and the quartiles around it."""

    median: float
    low: float
    high: float

    n: int
    """Of how many values."""


@dataclass(frozen=True)
class Timing:
    """One text, spoken once."""

    contestant: str
    round: int
    text: str
    voice: str
    wall_s: float
    audio_s: float

    @property
    def rtf(self) -> float:
        """Seconds of work per second of speech."""
        return self.wall_s / self.audio_s


def spread(values: Iterable[float]) -> Spread:
    """The median and quartiles of at least one value."""
    ordered = sorted(values)
    assert ordered, "nothing was measured"
    if len(ordered) == 1:
        return Spread(ordered[0], ordered[0], ordered[0], 1)
    low, median, high = statistics.quantiles(ordered, n=4, method="inclusive")
    return Spread(median, low, high, len(ordered))


def rtf(timings: Iterable[Timing], contestant: str, text: str | None = None) -> Spread:
    """Warm, over all rounds, voices and texts, or of one text."""
    return spread(
        timing.rtf
        for timing in timings
        if timing.contestant == contestant and timing.round != FIRST_ROUND and text in (None, timing.text)
    )


def first_rtf(timings: Iterable[Timing], contestant: str) -> Spread:
    """Of texts that it had never spoken: the model is warm, but shapes are new to it."""
    return spread(
        timing.rtf for timing in timings if timing.contestant == contestant and timing.round == FIRST_ROUND
    )


def times_as_fast(timings: Sequence[Timing], contestant: str, base: str) -> Spread:
    """How many times as fast as `base`: pairs of the same round, text and voice, so that noise hits both alike."""
    bases = {
        (timing.round, timing.text, timing.voice): timing.rtf
        for timing in timings
        if timing.contestant == base
    }
    return spread(
        bases[timing.round, timing.text, timing.voice] / timing.rtf
        for timing in timings
        if timing.contestant == contestant and timing.round != FIRST_ROUND
    )


def share_of_limit(timings: Iterable[Timing], contestant: str, peaks_gflops: Mapping[int, float]) -> Spread:
    """Which share of what the arithmetic units gave in the same round went into the model's arithmetic.

    peaks_gflops: by round.
    """
    return spread(
        GFLOP_PER_AUDIO_S / timing.rtf / peaks_gflops[timing.round]
        for timing in timings
        if timing.contestant == contestant and timing.round != FIRST_ROUND
    )


def percentile(values: Iterable[float], percent: int) -> float:
    """The smallest value that so many percent of all values do not exceed."""
    ordered = sorted(values)
    assert ordered, "nothing was measured"
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def gap_s(chunks: Iterable[tuple[float, float]]) -> float:
    """For how long a player would have had nothing to play at most; 0.0 if it always had.

    It begins with the first chunk, plays in real time and makes no pause of its own, so that this is by how much it
    should have begun later. chunks: of each, when it came and how much sound it holds, both in seconds.
    """
    worst_s, needed_at_s = 0.0, None
    for came_at_s, audio_s in chunks:
        needed_at_s = came_at_s if needed_at_s is None else needed_at_s
        worst_s = max(worst_s, came_at_s - needed_at_s)
        needed_at_s += audio_s
    return worst_s
