"""What a precision costs the ear: bf16 and int8 against our own fp32, same sentences, same noise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dev.bench.results import Quality
from dev.bench.worker import Worker

EXACT = "fp32"


@dataclass(frozen=True)
class Comparison:
    """One sentence in one voice."""

    same_durations: bool

    log_mel_db: float | None = None
    """None where durations differ: the signals are not equally long."""

    pesq_wb: float | None = None
    """None too where PESQ finds too little speech, or is not installed."""


def measure(
    workers: Mapping[str, Worker],
    sentences: Sequence[str],
    voices: Sequence[str],
    folder: Path,
    *,
    with_pesq: bool,
    say: Callable[[str], None],
) -> tuple[Quality, ...]:
    """workers: by precision, fp32 among them. Raises `WorkerError`."""
    found: dict[str, list[Comparison]] = {precision: [] for precision in workers if precision != EXACT}
    for voice in voices:
        say(f"quality: {voice}")
        for sentence in sentences:
            exact = folder / f"{EXACT}.npy"
            durations = workers[EXACT].ask("samples", text=sentence, voice=voice, path=str(exact))[
                "durations"
            ]
            for precision, comparisons in found.items():
                path = folder / f"{precision}.npy"
                answer = workers[precision].ask("samples", text=sentence, voice=voice, path=str(path))
                same = answer["durations"] == durations
                comparisons.append(_compare(exact, path, with_pesq=with_pesq) if same else Comparison(False))
    return tuple(summarise(precision, comparisons) for precision, comparisons in found.items())


def _compare(exact: Path, other: Path, *, with_pesq: bool) -> Comparison:
    import numpy as np
    import torch

    from dev.measures import SAMPLE_RATE_HZ, log_mel_distance_db, pesq_wb

    a, b = np.load(exact), np.load(other)
    distance_db = log_mel_distance_db(torch.from_numpy(a), torch.from_numpy(b))
    return Comparison(True, distance_db, pesq_wb(a, b, SAMPLE_RATE_HZ) if with_pesq else None)


def summarise(precision: str, comparisons: Sequence[Comparison]) -> Quality:
    """Means and worst cases."""
    distances_db = [one.log_mel_db for one in comparisons if one.log_mel_db is not None]
    scores = [one.pesq_wb for one in comparisons if one.pesq_wb is not None]
    return Quality(
        precision=precision,
        n=len(comparisons),
        n_other_durations=sum(not one.same_durations for one in comparisons),
        log_mel_db=sum(distances_db) / len(distances_db) if distances_db else None,
        log_mel_worst_db=max(distances_db, default=None),
        pesq_wb=sum(scores) / len(scores) if scores else None,
        pesq_wb_worst=min(scores, default=None),
        n_without_pesq=len(distances_db) - len(scores),
    )
