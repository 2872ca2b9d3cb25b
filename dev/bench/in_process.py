"""Rounds in which the contestants speak by turns, each in a process of its own.

Within a round every text is spoken by all of them right after each other, and who begins changes from round to
round: what disturbs the machine disturbs them alike, and ratios are taken between neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from dev.bench import figures
from dev.bench.figures import FIRST_ROUND, Timing
from dev.bench.machine import Memory
from dev.bench.results import InProcess, Limit
from dev.bench.texts import TEXT_SIDE
from dev.bench.turns import in_turn
from dev.bench.worker import Answer, Worker

ONNX_INT8 = "ONNX Runtime int8"
WARM_UP = "warm-up"
"""The text that nobody is timed with."""

Say = Callable[[str], None]
"""Tells people how far the work is."""


@dataclass(frozen=True)
class Entry:
    """A contestant in its process."""

    worker: Worker
    version: str
    precision: str | None = None


@dataclass
class Record:
    """What the rounds brought; grows while they run."""

    timings: list[Timing] = field(default_factory=list)
    text_side_ms: dict[str, list[float]] = field(default_factory=dict)
    peaks: list[Mapping[str, Answer]] = field(default_factory=list)
    """By round; the first one is that of `FIRST_ROUND`."""

    loaded: dict[str, Answer] = field(default_factory=dict)
    spoken: dict[str, Answer] = field(default_factory=dict)


def measure(
    entries: Sequence[Entry],
    limit: Worker,
    texts: Sequence[str],
    voices: Sequence[str],
    n_rounds: int,
    say: Say,
) -> Record:
    """Runs the first round and `n_rounds` warm ones. Raises `WorkerError`."""
    record = Record()
    for entry in entries:
        name = entry.worker.name
        record.loaded[name] = entry.worker.ready()
        entry.worker.ask("speak", text=WARM_UP, voice=voices[0])
    for number in range(FIRST_ROUND, n_rounds + 1):
        say(f"round {number} of {n_rounds}")
        record.peaks.append(limit.ask("peaks"))
        order = in_turn(entries, number)
        for text in texts:
            for voice in voices:
                for entry in order:
                    _speak(entry, number, text, voice, record)
        if number != FIRST_ROUND:
            _time_text_side(order, voices[0], record)
    return record


def _speak(entry: Entry, number: int, text: str, voice: str, record: Record) -> None:
    name = entry.worker.name
    answer = entry.worker.ask("speak", text=text, voice=voice)
    record.timings.append(Timing(name, number, text, voice, answer["wall_s"], answer["audio_s"]))
    record.spoken[name] = answer


def _time_text_side(entries: Sequence[Entry], voice: str, record: Record) -> None:
    for entry in entries:
        if entry.precision is not None:
            answer = entry.worker.ask("text_side", text=TEXT_SIDE, voice=voice)
            record.text_side_ms.setdefault(entry.worker.name, []).append(answer["wall_s"] * 1e3)


def limits(record: Record) -> dict[str, Limit]:
    """By precision."""
    found = {}
    for precision, answer in _peaks_only(record.peaks[-1]).items():
        gflops = [peaks[precision]["gflops"] for peaks in record.peaks]
        found[precision] = Limit(None, answer["reason"]) if None in gflops else Limit(figures.spread(gflops))
    return found


def results(entries: Sequence[Entry], record: Record) -> tuple[InProcess, ...]:
    """One row for each contestant, in their order."""
    return tuple(_result(entry, entries, record) for entry in entries)


def _result(entry: Entry, entries: Sequence[Entry], record: Record) -> InProcess:
    name, timings = entry.worker.name, record.timings
    texts = dict.fromkeys(timing.text for timing in timings)
    has_base = any(other.worker.name == ONNX_INT8 for other in entries)
    text_side_ms = record.text_side_ms.get(name)
    return InProcess(
        name=name,
        precision=entry.precision,
        version=entry.version,
        rtf=figures.rtf(timings, name),
        rtf_by_text={text: figures.rtf(timings, name, text) for text in texts},
        rtf_first_time=figures.first_rtf(timings, name),
        times_onnx_int8=figures.times_as_fast(timings, name, ONNX_INT8) if has_base else None,
        share_of_limit=_share(entry, record),
        text_side_ms=figures.spread(text_side_ms) if text_side_ms else None,
        memory_loaded=_memory(record.loaded[name]),
        memory_spoken=_memory(record.spoken[name]),
    )


def _share(entry: Entry, record: Record) -> figures.Spread | None:
    if entry.precision is None or any(entry.precision not in peaks for peaks in record.peaks):
        return None
    peaks_gflops = {number: peaks[entry.precision]["gflops"] for number, peaks in enumerate(record.peaks)}
    if None in peaks_gflops.values():
        return None
    return figures.share_of_limit(record.timings, entry.worker.name, peaks_gflops)


def _peaks_only(answer: Mapping[str, Answer]) -> Mapping[str, Answer]:
    return {name: value for name, value in answer.items() if name != "memory"}


def _memory(answer: Answer) -> Memory | None:
    return Memory(**answer["memory"]) if answer["memory"] else None
