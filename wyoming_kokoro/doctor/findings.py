"""What a check finds. Standard library only; knows no checks."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Level(enum.Enum):
    """How bad it is. A value is what people and programs read."""

    OK = "ok"
    WARNING = "warning"  # it will speak, but not as well, or not for everybody
    BROKEN = "broken"  # it will not speak
    SKIPPED = "skipped"  # something else has to be put right first


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

    level: Level

    text: str
    """What was found, for people."""

    remedy: str = ""
    """What to do; empty where there is nothing to do."""


def ok(text: str) -> Finding:
    """All is well."""
    return Finding(Level.OK, text)


def warning(text: str, remedy: str) -> Finding:
    """It will speak, but."""
    return Finding(Level.WARNING, text, remedy)


def broken(text: str, remedy: str) -> Finding:
    """It will not speak."""
    return Finding(Level.BROKEN, text, remedy)


def skipped(text: str) -> Finding:
    """It could not be checked."""
    return Finding(Level.SKIPPED, text)
