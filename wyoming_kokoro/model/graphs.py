"""Work recorded once per shape and replayed: a GPU then waits for no Python between its kernels.

A sentence is a thousand small kernels, and starting one takes the host longer than the GPU needs to run it.
A CUDA graph starts them all at once, but holds for one shape and for the very memory it was recorded with;
hence lengths are rounded up to a few buckets, and arguments are copied into buffers that stay.

Recording is an argument: `CudaCapture` does it on a GPU, and tests on a CPU replay by running again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

_FINEST_STEP = 8  # alignment frames, 0.2 s
_STEPS_PER_OCTAVE_LOG2 = 3


def bucket(n_frames: int) -> int:
    """The length that an utterance of so many alignment frames is padded to.

    Eight lengths per octave, so at most an eighth is padding; below 128 frames (3.2 s) steps of 8.
    """
    step = max(_FINEST_STEP, 1 << max(0, (n_frames - 1).bit_length() - 1 - _STEPS_PER_OCTAVE_LOG2))
    return -(-n_frames // step) * step


@dataclass(frozen=True)
class Recording:
    """A function's work on certain memory, to be done again."""

    replay: Callable[[], object]
    """Does it."""

    output: Tensor
    """Where its result is from then on, until any other recording is replayed."""


class Capture(Protocol):
    """Records what a function does. The function takes what it needs from tensors that stay where they are."""

    def __call__(self, run: Callable[[], Tensor]) -> Recording:
        """Raises `RuntimeError` where that cannot be done."""
        ...


class CudaCapture:
    """Records into CUDA graphs that share one pool of memory, so that a dozen cost little more than the largest.

    That is sound because they run one at a time and each result is copied before the next runs.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        with torch.cuda.device(device):
            self._pool = torch.cuda.graph_pool_handle()

    def __call__(self, run: Callable[[], Tensor]) -> Recording:
        """Records on a stream of its own. The libraries that `run` uses have to be warm, see `Graphs`."""
        with torch.cuda.device(self._device):
            graph = torch.cuda.CUDAGraph()
            # Other threads may use the GPU meanwhile; only this one's calls belong in the graph.
            with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
                output = run()
        return Recording(graph.replay, output)


@dataclass(frozen=True)
class _Graph:
    inputs: tuple[Tensor, ...]
    recording: Recording

    def __call__(self, inputs: tuple[Tensor, ...]) -> Tensor:
        for mine, given in zip(self.inputs, inputs, strict=True):
            mine.copy_(given)
        self.recording.replay()
        return self.recording.output.clone()


class Graphs:
    """A function of tensors, recorded for each combination of shapes that comes a second time.

    The first time it just runs, which also warms up the libraries it calls: recording costs several runs, and
    some lengths come only once. Belongs to one thread; the function has to depend on nothing but its arguments.
    """

    def __init__(
        self,
        function: Callable[..., Tensor],
        capture: Capture,
        on_failure: Callable[[str], None],
        *,
        max_graphs: int = 16,
    ) -> None:
        """on_failure: is told why, once, when recording fails; from then on the function just runs.

        max_graphs: of more shapes than this, those not used for longest are forgotten.
        """
        self._function = function
        self._capture = capture
        self._on_failure = on_failure
        self._max_graphs = max_graphs
        self._graphs: OrderedDict[tuple[torch.Size, ...], _Graph | None] = OrderedDict()
        self.has_failed = False

    def __call__(self, *inputs: Tensor) -> Tensor:
        """The function's result, in memory of its own."""
        if self.has_failed:
            return self._function(*inputs)
        shapes = tuple(tensor.shape for tensor in inputs)
        is_known = shapes in self._graphs
        graph = self._graphs.get(shapes)
        if graph is not None:
            self._graphs.move_to_end(shapes)
            return graph(inputs)
        result = self._function(*inputs)
        self._graphs[shapes] = self._record(inputs, result) if is_known else None
        self._graphs.move_to_end(shapes)
        if len(self._graphs) > self._max_graphs:
            self._graphs.popitem(last=False)
        return result

    def _record(self, inputs: tuple[Tensor, ...], expected: Tensor) -> _Graph | None:
        buffers = tuple(tensor.clone() for tensor in inputs)
        try:
            graph = _Graph(buffers, self._capture(lambda: self._function(*buffers)))
            replayed = graph(inputs)
        except RuntimeError as error:  # a driver or library that cannot record, or too little memory
            self._give_up(str(error))
            return None
        # A recording that is wrong, because something in it depends on more than its arguments, is silent.
        difference = (replayed - expected).abs().max() / expected.abs().max()
        if not difference < _LARGEST_ERROR:  # so that no number is no success
            self._give_up(f"replayed results differ by {difference.item():.2g}")
            return None
        return graph

    def _give_up(self, reason: str) -> None:
        self.has_failed = True
        self._graphs.clear()
        self._on_failure(reason)


_LARGEST_ERROR = 0.05  # relative to the largest value; 16-bit bodies may sum in another order
