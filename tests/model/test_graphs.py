"""Recording and replaying: buckets, buffers that stay, what is forgotten, and every way to fail."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from captures import Rerun
from torch import Tensor

from wyoming_kokoro.model.graphs import Graphs, Recording, bucket


def test_buckets_are_few_and_waste_little() -> None:
    lengths = range(1, 5000)
    for n in lengths:
        assert n <= bucket(n) < n + max(8, n / 8 + 1)
        assert bucket(bucket(n)) == bucket(n)
    assert sorted(bucket(n) for n in lengths) == [bucket(n) for n in lengths]
    assert len({bucket(n) for n in range(1, 513)}) == 32
    assert [bucket(n) for n in (1, 8, 9, 128, 129, 257, 513)] == [8, 8, 16, 128, 144, 288, 576]


class Doubler:
    """A function with a count of its runs, and a place where something else may creep in."""

    def __init__(self) -> None:
        self.n_runs = 0
        self.stray = 0.0

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        self.n_runs += 1
        return 2 * x + y + self.stray


def ones(n: int, value: float = 1.0) -> tuple[Tensor, Tensor]:
    return torch.full((n,), value), torch.full((1,), value)


def never(reason: str) -> None:
    raise AssertionError(reason)


def test_a_shape_is_run_then_recorded_then_replayed() -> None:
    capture, function = Rerun(), Doubler()
    graphs = Graphs(function, capture, never)
    for turn, (n_recorded, n_replayed) in enumerate([(0, 0), (1, 1), (1, 2), (1, 3)]):
        assert graphs(*ones(3, turn + 1)).tolist() == [3 * (turn + 1)] * 3
        assert (capture.n_recorded, capture.n_replayed) == (n_recorded, n_replayed)
    graphs(*ones(4))  # another shape starts over
    assert capture.n_recorded == 1


def test_a_result_survives_the_next_replay() -> None:
    graphs = Graphs(Doubler(), Rerun(), never)
    results = [graphs(*ones(2, value)) for value in (1.0, 2.0, 3.0, 4.0)]
    assert [result.tolist() for result in results] == [[3, 3], [6, 6], [9, 9], [12, 12]]


def test_what_is_recorded_reads_memory_that_stays() -> None:
    seen: list[list[int]] = []

    def function(x: Tensor, y: Tensor) -> Tensor:
        seen.append([x.data_ptr(), y.data_ptr()])
        return x + y

    graphs = Graphs(function, Rerun(), never)
    for value in range(6):
        arguments = ones(2, value)
        assert graphs(*arguments).tolist() == [2 * value] * 2
        assert [tensor.tolist() for tensor in arguments] == [[value] * 2, [value]]
    recorded = seen[2:]  # after the run of each of the first two calls
    assert len({tuple(pointers) for pointers in recorded}) == 1


def test_shapes_not_used_for_longest_are_forgotten() -> None:
    capture = Rerun()
    graphs = Graphs(Doubler(), capture, never, max_graphs=2)
    for n in (1, 1, 2, 2, 1, 3, 3):  # 2 is older than 1 when 3 comes
        graphs(*ones(n))
    assert capture.n_recorded == 3
    graphs(*ones(1))
    assert capture.n_recorded == 3
    for _ in range(2):
        graphs(*ones(2))
    assert capture.n_recorded == 4


def failing(_run: Callable[[], Tensor]) -> Recording:
    raise RuntimeError("operation not permitted when stream is capturing")


def test_where_nothing_can_be_recorded_it_just_runs_and_says_why_once() -> None:
    reasons: list[str] = []
    function = Doubler()
    graphs = Graphs(function, failing, reasons.append)
    for n in (2, 2, 2, 3, 3):
        assert graphs(*ones(n)).tolist() == [3] * n
    assert reasons == ["operation not permitted when stream is capturing"]
    assert graphs.has_failed
    assert function.n_runs == 5


@pytest.mark.parametrize(("stray", "said"), [(1.0, "0.33"), (float("nan"), "nan")])
def test_a_recording_that_comes_to_something_else_is_not_used(stray: float, said: str) -> None:
    reasons: list[str] = []
    function = Doubler()

    def capture(run: Callable[[], Tensor]) -> Recording:
        function.stray = stray
        recording = Rerun()(run)
        function.stray = 0.0
        return Recording(lambda: None, recording.output)

    graphs = Graphs(function, capture, reasons.append)
    for _ in range(3):
        assert graphs(*ones(2)).tolist() == [3, 3]
    assert reasons == [f"replayed results differ by {said}"]
