"""Whose turn it is on the one thread that speaks. Knows what players need and how long things take; no threads.

A piece is soon made, and may wait for its turn; to begin an utterance takes longer, since all of it has to be
foreseen before its first sound. So a beginning is reckoned with before it is due, and those who would run dry
meanwhile get their next pieces before it:

who                                                     | when
--------------------------------------------------------+------------------------------------------------------
takes no time: made already, at its end, closed         | at once
goes on with an utterance                               | by what is left to play
begins one                                              | by what will be left to play when it has begun, but
                                                        | after who would run dry meanwhile, unless its listener
                                                        | has waited for `PATIENCE_S`
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

PATIENCE_S = 0.5
"""How long a listener who hears nothing waits for the sake of those who hear something."""

_ON_THE_WAY_S = 0.05  # a piece is not played the moment it is made

# A first piece takes as long as to foresee so many characters (dev/LOG.md, 2026-11-25).
_CHARACTERS_OF_A_PIECE = 30

_LEARNING_RATE = 0.3
_HARDLY_ANY = 0.2  # a share of what was expected: what is in a cache says nothing of what is not


@dataclass(frozen=True)
class Turn:
    """What a stream would do with its turn."""

    left_s: float
    """How much is left to play; 0.0 where the player is dry, or has nothing yet."""

    n_characters: int = 0
    """Of the utterance that it would begin; 0 where it goes on with one."""

    waited_s: float = 0.0
    """How long there has been something to say, and nothing to hear."""

    is_instant: bool = False
    """Whether it takes no time."""


class BeginningTime:
    """How long an utterance takes to its first piece here, from those that were begun."""

    def __init__(self) -> None:
        self._s_per_character: float | None = None

    def learn(self, n_characters: int, took_s: float) -> None:
        """An utterance of so many characters was begun in so long."""
        measured = took_s / (n_characters + _CHARACTERS_OF_A_PIECE)
        if self._s_per_character is None:
            self._s_per_character = measured
        elif measured > _HARDLY_ANY * self._s_per_character:
            self._s_per_character += _LEARNING_RATE * (measured - self._s_per_character)

    def expect(self, n_characters: int) -> float:
        """How long one of so many characters will take, in seconds; 0.0 before any was begun."""
        return (self._s_per_character or 0.0) * (n_characters + _CHARACTERS_OF_A_PIECE)


def choose(turns: Sequence[Turn], beginning_s: Callable[[int], float]) -> int:
    """The index of whose turn it is: the first in line, among equals.

    beginning_s: from a number of characters, as `BeginningTime.expect`.
    """

    def slack_s(index: int) -> float:
        turn = turns[index]
        if turn.is_instant:
            return float("-inf")
        return turn.left_s - (beginning_s(turn.n_characters) if turn.n_characters else 0.0)

    first = min(range(len(turns)), key=slack_s)
    turn = turns[first]
    if turn.is_instant or not turn.n_characters or turn.waited_s >= PATIENCE_S:
        return first
    takes_s = beginning_s(turn.n_characters) + _ON_THE_WAY_S
    dry_by_then = [
        index for index, each in enumerate(turns) if not each.n_characters and each.left_s < takes_s
    ]
    return min(dry_by_then, key=lambda index: turns[index].left_s, default=first)
