"""A stand-in for CUDA graphs: on a CPU, work is replayed by doing it again in the same memory."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from wyoming_kokoro.model.graphs import Recording


class Rerun:
    """A `Capture` that counts."""

    def __init__(self) -> None:
        self.n_recorded = 0
        self.n_replayed = 0

    def __call__(self, run: Callable[[], Tensor]) -> Recording:
        self.n_recorded += 1
        output = run()

        def replay() -> None:
            self.n_replayed += 1
            output.copy_(run())

        return Recording(replay, output)
