"""Where the time of an utterance goes, stage by stage: script/profile --help.

Wraps methods of a loaded engine from outside; the model knows nothing of it. A stage's time is its own: what it
spends in other stages is theirs, and what no stage claims is shown as the rest.
"""

from __future__ import annotations

import argparse
import functools
import inspect
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wyoming_kokoro import threads

threads.share_openmp()  # as the program does, before torch is there: with two pools of threads all takes longer

# ruff: noqa: E402
import torch

from dev.arguments import positive
from dev.bench.contestants import load_ours
from dev.bench.report import table
from dev.bench.texts import TEXTS, VOICES
from wyoming_kokoro.cores import physical_cores
from wyoming_kokoro.engine import KokoroEngine
from wyoming_kokoro.errors import KokoroError
from wyoming_kokoro.model import Kokoro
from wyoming_kokoro.model.fast import FastKokoro
from wyoming_kokoro.pcm import duration_s
from wyoming_kokoro.precision import Precision
from wyoming_kokoro.speech import Utterance
from wyoming_kokoro.text.sentences import split_sentences

PRECISIONS = tuple(precision.value for precision in Precision)
REST = "rest"
_REPEATS = 10


@dataclass(frozen=True)
class Stage:
    """Something that time is spent in."""

    name: str
    """Several methods may add up to one stage."""

    path: str
    """What is called, from the engine on: a method, `model.prosody.durations`, of modules `….forward`; or an object
    of ours that is called itself, `model._generator`, also one in a list, `model._generator.stages.0`."""


_TEXT = Stage("text", "spoken_form")

_PLAIN_TEXT_SIDE = (
    ("ALBERT", "albert.forward"),
    ("durations", "prosody.duration_encoder.forward"),
    ("durations", "prosody.durations"),
    ("curves", "prosody.curves"),
    ("text encoder", "text_encoder.forward"),
)
_FAST_TEXT_SIDE = (
    ("ALBERT", "_albert"),
    ("durations", "_prosody.encode"),
    ("durations", "_prosody.durations"),
    ("curves", "_prosody.curves"),
    ("text encoder", "_text_encoder"),
)
_FAST_SOUND = (
    ("decoder front", "_decoder"),
    ("source", "_generator.source"),
    ("generator style", "_generator.style"),
    ("generator stage 1", "_generator.stages.0"),
    ("generator stage 2", "_generator.stages.1"),
    ("output", "_generator"),
)


def stages_of(model: FastKokoro) -> tuple[Stage, ...]:
    """In the order in which they are shown. In fp32, the text side is that of the plain model."""
    text_side = _PLAIN_TEXT_SIDE if isinstance(model._text, Kokoro) else _FAST_TEXT_SIDE
    return (
        _TEXT,
        *(Stage(name, f"model._text.{path}") for name, path in text_side),
        *(Stage(name, f"model.{path}") for name, path in _FAST_SOUND),
    )


class StageClock:
    """Adds up the seconds that each stage spends in itself."""

    def __init__(self, clock_s: Callable[[], float] = time.perf_counter) -> None:
        self.spent_s: dict[str, float] = defaultdict(float)
        self._clock_s = clock_s
        self._inner_s = [0.0]  # for each stage that is open, what the stages inside it took; at first for all

    def timed(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        """The method, with its time added to a stage, and labelled for torch's profiler."""

        @functools.wraps(method)
        def wrapper(*arguments: Any, **options: Any) -> Any:
            self._inner_s.append(0.0)
            start_s = self._clock_s()
            try:
                with torch.profiler.record_function(name):
                    return method(*arguments, **options)
            finally:
                whole_s = self._clock_s() - start_s
                self.spent_s[name] += whole_s - self._inner_s.pop()
                self._inner_s[-1] += whole_s

        return wrapper


class _Timed:
    """An object that is called, with a clock around the call; in all else it is the object."""

    def __init__(self, target: Any, call: Callable[..., Any]) -> None:
        self._target = target
        self._call = call

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return self._call(*arguments, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)


def watch(engine: Any, stages: Sequence[Stage], clock: StageClock) -> None:
    """Puts the clock around what the stages call, for as long as the engine lives.

    Raises `AttributeError` for a stage that the engine has not.
    """
    # Found before the first one is replaced: what is set on a `_Timed` its target would not see.
    found = [(stage, *_locate(engine, stage.path)) for stage in stages]
    for stage, owner, name in found:
        target = _child(owner, name)
        timed = clock.timed(stage.name, target if inspect.isroutine(target) else target.__call__)
        replacement = timed if inspect.isroutine(target) else _Timed(target, timed)
        if name.isdigit():
            owner[int(name)] = replacement
        else:
            setattr(owner, name, replacement)


def _locate(engine: Any, path: str) -> tuple[Any, str]:
    """The owner of what a path leads to, and its name there."""
    owner = engine
    *names, last = path.split(".")
    for name in names:
        owner = _child(owner, name)
    _child(owner, last)
    return owner, last


def _child(owner: Any, name: str) -> Any:
    return owner[int(name)] if name.isdigit() else getattr(owner, name)


@dataclass(frozen=True)
class Profile:
    """Where the time of one text went in one precision."""

    precision: str
    audio_s: float
    total_ms: float
    """Median of all repeats."""

    stages_ms: Mapping[str, float]
    """Medians, in order, the rest last."""


def profile(engine: KokoroEngine, precision: str, text: str, voice: str, n_repeats: int) -> Profile:
    """Speaks a text so many times, and once before to warm up. Raises `KokoroError`."""
    assert isinstance(engine.model, FastKokoro), "the model of CPUs"
    stages = stages_of(engine.model)
    clock = StageClock()
    watch(engine, stages, clock)
    pcm = speak(engine, text, voice)
    totals_ms = []
    spent_ms: dict[str, list[float]] = defaultdict(list)
    for _ in range(n_repeats):
        clock.spent_s.clear()
        start_s = time.perf_counter()
        speak(engine, text, voice)
        total_ms = (time.perf_counter() - start_s) * 1e3
        totals_ms.append(total_ms)
        for stage in dict.fromkeys(stage.name for stage in stages):
            spent_ms[stage].append(clock.spent_s[stage] * 1e3)
        spent_ms[REST].append(total_ms - sum(clock.spent_s.values()) * 1e3)
    return Profile(
        precision,
        duration_s(pcm),
        statistics.median(totals_ms),
        {name: statistics.median(values) for name, values in spent_ms.items()},
    )


def speak(engine: KokoroEngine, text: str, voice: str) -> bytes:
    """A whole text's PCM."""
    return b"".join(
        piece for sentence in split_sentences(text) for piece in engine.stream(Utterance(sentence, voice))
    )


def profile_table(profiles: Sequence[Profile]) -> str:
    """Milliseconds and shares, a column a precision."""
    names = dict.fromkeys(name for one in profiles for name in one.stages_ms)
    rows = [
        [name, *(_cell(one.stages_ms[name], one) if name in one.stages_ms else "–" for one in profiles)]
        for name in names
    ]
    rows.append(["all", *(_cell(one.total_ms, one) for one in profiles)])
    rows.append(["RTF", *(f"{one.total_ms / 1e3 / one.audio_s:.3f}" for one in profiles)])
    return table(["ms (share)", *(one.precision for one in profiles)], rows)


def _cell(spent_ms: float, of: Profile) -> str:
    return f"{spent_ms:.1f} ({spent_ms / of.total_ms:4.0%})"


def write_trace(engines: Mapping[str, KokoroEngine], text: str, voice: str, path: Path) -> None:
    """Speaks once in each precision under torch's profiler, and writes what it saw for chrome://tracing or Perfetto."""
    activity = torch.profiler.ProfilerActivity.CPU
    with torch.profiler.profile(activities=[activity], record_shapes=True) as seen:
        for precision, engine in engines.items():
            with torch.profiler.record_function(precision):
                speak(engine, text, voice)
    seen.export_chrome_trace(str(path))


def main(argv: Sequence[str] | None = None) -> int:
    """Returns the exit code."""
    arguments = _parser().parse_args(argv)
    precisions: list[str] = arguments.precision or list(PRECISIONS)
    text, voice = TEXTS[arguments.text], VOICES[0]
    n_threads = physical_cores()
    engines, profiles = {}, []
    try:
        for precision in precisions:
            engines[precision] = load_ours(precision, n_threads)
            profiles.append(profile(engines[precision], precision, text, voice, arguments.repeats))
        print(
            f"{profiles[0].audio_s:.1f} s of speech by {voice}, {n_threads} threads, {arguments.repeats} repeats, medians"
        )
        print()
        print(profile_table(profiles))
        if arguments.trace is not None:
            write_trace(engines, text, voice, arguments.trace)
            print(f"\nTrace: {arguments.trace}, for chrome://tracing or https://ui.perfetto.dev")
    except KokoroError as error:
        print(f"profile: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="script/profile", description="Shows where the time of an utterance goes, stage by stage."
    )
    parser.add_argument(
        "--precision",
        action="append",
        choices=PRECISIONS,
        help="may be repeated (default: each of them)",
    )
    parser.add_argument("--text", choices=TEXTS, default="5.5 s", help="which text (default: %(default)s)")
    parser.add_argument(
        "--repeats",
        type=positive,
        default=_REPEATS,
        metavar="N",
        help="how often it is spoken (default: %(default)s)",
    )
    parser.add_argument(
        "--trace", type=Path, metavar="FILE", help="write a Chrome trace by torch.profiler, too"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
