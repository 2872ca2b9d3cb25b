"""What a visit found, a line each: told as it happens, and kept for the line that programs read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from dev.home_assistant.core import CoreError


class Finding(Exception):  # noqa: N818 - about the server, not this program
    """What is not as it should be, for people."""


class VisitOverError(Exception):
    """What was found leaves nothing to go on with."""


@dataclass
class Account:
    """What was tried, and what went wrong."""

    held: list[str] = field(default_factory=list)
    """What was as it should be."""

    failures: list[str] = field(default_factory=list)
    """What was not, and how."""

    figures: dict[str, float] = field(default_factory=dict)
    """What was measured on the way."""

    @contextlib.contextmanager
    def trying(self, what: str, *, is_vital: bool = False) -> Iterator[None]:
        """One thing that is tried; a `Finding`, or what Home Assistant refuses, is noted and ends no more than this.

        is_vital: nothing after it can be tried without it; what went wrong is raised on as `VisitOverError`.
        """
        try:
            yield
        except (Finding, CoreError) as error:
            self.failures.append(f"{what}: {error}")
            print(f"  ✗ {what}\n      {error}", flush=True)
            if is_vital:
                raise VisitOverError from error
        else:
            self.held.append(what)
            print(f"  ✓ {what}", flush=True)
