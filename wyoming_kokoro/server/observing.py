"""What a server can be watched for. `Observer` watches nothing; whoever counts overrides it. Knows no library."""

from __future__ import annotations

from typing import Protocol


class Observer:
    """Is told what happens; from the event loop or the speaking thread, and has to be quick."""

    def requested(self, *, streamed: bool) -> None:
        """A request for speech has come, one that is refused included."""

    def failed(self, code: str) -> None:
        """A client has been sent an `error`."""

    def cancelled(self) -> None:
        """A client has interrupted a request of its own, or left before it was answered."""

    def spoken(self, first_s: float, work_s: float, audio_s: float) -> None:
        """An utterance has been made: how long its first sound took, how long all of it, and how long it plays."""


class Phrases(Protocol):
    """What is counted of the speech that is kept; from any thread."""

    @property
    def n_bytes(self) -> int:
        """What it takes in memory now."""
        ...

    @property
    def n_hits(self) -> int:
        """How often something was found there."""
        ...

    @property
    def n_misses(self) -> int:
        """How often something had to be made."""
        ...
