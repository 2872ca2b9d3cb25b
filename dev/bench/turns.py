"""Who goes first. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def in_turn(items: Sequence[T], number: int) -> list[T]:
    """All items in their order, beginning with another one in each round, so that nobody always follows the same."""
    first = number % len(items) if items else 0
    return [*items[first:], *items[:first]]
