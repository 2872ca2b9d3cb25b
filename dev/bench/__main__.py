"""Measures speed, memory and on demand quality, against others on this machine: script/bench --help.

Nobody is measured in this process; it asks workers and servers, and prints. Standard output ends with one line of
JSON, the same results for programs; how far the work is goes to standard error.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import importlib.util
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dev.arguments import positive
from dev.bench import first_sound, in_process, over_tcp, quality, report
from dev.bench.client import Address, ServerError
from dev.bench.in_process import ONNX_INT8, WARM_UP, Entry
from dev.bench.machine import this_machine
from dev.bench.our_server import LEARNING_S, OurServer
from dev.bench.peers import INSTALL_HINT, version_of
from dev.bench.results import FirstSound, Limit, OverTcp, Quality, Results
from dev.bench.texts import FIRST_SOUND_TEXTS, QUALITY_SENTENCES, QUALITY_VOICES, TEXT_SIDE, TEXTS, VOICES
from dev.bench.worker import ROOT, Answer, Worker, WorkerError
from wyoming_kokoro import __version__
from wyoming_kokoro.precision import AUTO, Precision

PRECISIONS = tuple(precision.value for precision in Precision)
README = ROOT / "README.md"
_REFERENCE = "reference kokoro"
_ONNX_FP32 = "ONNX Runtime fp32"
_WARM_UP_TEXT = "One, two, three."
_ROUNDS, _QUICK_ROUNDS = 5, 2
_FIRST_SOUND_REQUESTS, _QUICK_FIRST_SOUND_REQUESTS = 10, 2
_QUICK_FIRST_SOUND_TEXTS = ("1 s", "3 s", "5.5 s", "25 s")


@dataclass(frozen=True)
class Plan:
    """What is measured in this run."""

    is_quick: bool
    n_rounds: int
    texts: dict[str, str]
    voices: tuple[str, ...]
    tcp_precisions: tuple[str, ...]
    servers: tuple[Address, ...]

    first_sound_texts: dict[str, str]
    """Empty: first sound is not measured."""

    n_first_sound_requests: int
    with_quality: bool


@dataclass
class Found:
    """The local model, its readings, and what cannot be measured."""

    readings: str
    n_threads: int
    is_eight_bit: bool
    checkpoint: str
    config: str
    precisions: tuple[str, ...]
    """That this CPU can compute in."""

    skipped: dict[str, str] = field(default_factory=dict)


def main(argv: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0, or 1 with a reason where something ended before it was measured."""
    arguments = _parser().parse_args(argv)
    try:
        results = run(_plan(arguments))
    except (WorkerError, ServerError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(report.text_report(results))
    if arguments.chart is not None:
        arguments.chart.write_text(report.chart_of(results), encoding="utf-8")
    if arguments.readme:
        chart = os.path.relpath(arguments.chart, README.parent) if arguments.chart is not None else None
        section = report.readme_section(results, chart)
        README.write_text(report.with_section(README.read_text(encoding="utf-8"), section), encoding="utf-8")
    print(results.to_json())
    return 0


def run(plan: Plan) -> Results:
    """Measures everything of the plan. Raises `WorkerError` and `ServerError`."""
    with tempfile.TemporaryDirectory(prefix="wyoming-kokoro-bench-") as temporary:
        folder = Path(temporary)
        found = _find(plan, folder)
        machine = this_machine(found.n_threads)
        return Results(
            date=dt.date.today().isoformat(),
            version=__version__,
            is_quick=plan.is_quick,
            machine=machine,
            weights="8-bit weights out of package registries"
            if found.is_eight_bit
            else "the published weights",
            n_rounds=plan.n_rounds,
            voices=plan.voices,
            **_measure_in_process(plan, found, folder),
            over_tcp=_measure_over_tcp(plan, found),
            first_sound=_measure_first_sound(plan, found),
            skipped=found.skipped,
        )


def _find(plan: Plan, folder: Path) -> Found:
    """Has the texts read, once for all."""
    say("reading the texts")
    readings = folder / "readings.json"
    texts = {WARM_UP: _WARM_UP_TEXT, TEXT_SIDE: TEXTS[TEXT_SIDE], **plan.texts}
    voices = dict.fromkeys(plan.voices)
    if plan.with_quality:
        texts |= {sentence: sentence for sentence in QUALITY_SENTENCES}
        voices |= dict.fromkeys(QUALITY_VOICES)
    with Worker("the reader", "reader") as reader:
        answer = reader.ask("read", texts=texts, voices=list(voices), path=str(readings))
    return Found(
        str(readings),
        answer["n_threads"],
        answer["is_eight_bit"],
        answer["checkpoint"],
        answer["config"],
        tuple(precision for precision in PRECISIONS if precision not in answer["unusable"]),
        {f"this, {precision}": reason for precision, reason in answer["unusable"].items()},
    )


def _measure_in_process(plan: Plan, found: Found, folder: Path) -> dict[str, Any]:
    """The fields of `Results` that the workers fill."""
    with contextlib.ExitStack() as stack:

        def loaded(name: str, role: str, **options: Any) -> Worker:
            """One after the other: ours times what is quicker as it loads, and must not take others' work for its own."""
            say(f"loading {name}")
            worker = stack.enter_context(Worker(name, role, **options))
            worker.ready()
            return worker

        limit = loaded("the limit", "limit", n_threads=found.n_threads)
        ours = {
            precision: loaded(
                f"this, {precision}",
                "ours",
                readings=found.readings,
                precision=precision,
                n_threads=found.n_threads,
            )
            for precision in found.precisions
        }
        entries = [Entry(worker, __version__, precision) for precision, worker in ours.items()]
        entries += [
            Entry(loaded(name, role, **options), version)
            for name, role, version, options in _peers(plan, found)
        ]
        record = in_process.measure(entries, limit, list(plan.texts), plan.voices, plan.n_rounds, say)
        limits: dict[str, Limit] = in_process.limits(record)
        rows = in_process.results(entries, record)
        scores: tuple[Quality, ...] = ()
        if plan.with_quality:
            scores = quality.measure(
                ours,
                QUALITY_SENTENCES,
                QUALITY_VOICES,
                folder,
                with_pesq=_has_pesq(found),
                say=say,
            )
    return {"limits": limits, "in_process": rows, "quality": scores}


def _peers(plan: Plan, found: Found) -> list[tuple[str, str, str, dict[str, Any]]]:
    """Those that can be measured here: name, role, version and options of their workers."""
    peers: list[tuple[str, str, str, dict[str, Any]]] = []
    with Worker("the files", "files") as files:
        if plan.is_quick:
            found.skipped |= dict.fromkeys((_REFERENCE, _ONNX_FP32), "left out of a quick run")
        elif importlib.util.find_spec("kokoro") is None:
            found.skipped |= dict.fromkeys(
                (_REFERENCE, _ONNX_FP32), f"kokoro is not installed; {INSTALL_HINT}"
            )
        else:
            say("writing the weights in the published layout")
            checkpoint = files.ask("published", checkpoint=found.checkpoint)["path"]
            options = {
                "checkpoint": checkpoint,
                "config": found.config,
                "readings": found.readings,
                "n_threads": found.n_threads,
            }
            peers.append((_REFERENCE, "reference", version_of("kokoro"), options))
            peers += _onnx_peer(
                _ONNX_FP32, files, found, "onnx_fp32", checkpoint=found.checkpoint, config=found.config
            )
        peers += _onnx_peer(ONNX_INT8, files, found, "onnx_int8")
    return peers


def _onnx_peer(
    name: str, files: Worker, found: Found, request: str, **arguments: str
) -> list[tuple[str, str, str, dict[str, Any]]]:
    if importlib.util.find_spec("onnxruntime") is None:
        found.skipped[name] = f"onnxruntime is not installed; {INSTALL_HINT}"
        return []
    say(f"getting the file for {name}")
    answer: Answer = files.ask(request, **arguments)
    if "missing" in answer:
        found.skipped[name] = answer["missing"]
        return []
    options = {"file": answer["path"], "readings": found.readings, "n_threads": found.n_threads}
    return [(name, "onnx", version_of("onnxruntime"), options)]


def _has_pesq(found: Found) -> bool:
    if all(importlib.util.find_spec(module) is not None for module in ("pesq", "soxr")):
        return True
    found.skipped["PESQ"] = (
        'pesq and soxr are not installed (pesq needs a C compiler); .venv/bin/pip install -e ".[quality]"'
    )
    return False


def _measure_over_tcp(plan: Plan, found: Found) -> tuple[OverTcp, ...]:
    with contextlib.ExitStack() as stack:
        servers: list[tuple[Address, OurServer | None]] = []
        for precision in plan.tcp_precisions:
            if precision not in {*found.precisions, AUTO}:
                continue
            say(f"starting our server, {precision}")
            process = stack.enter_context(OurServer(f"this, {precision}", precision))
            if not process.wait_until_learnt():
                found.skipped[f"a learnt voice of {process.address.name}"] = (
                    f"it was not learnt within {LEARNING_S:.0f} s; it was measured all the same"
                )
            servers.append((process.address, process))
        servers += [(address, None) for address in plan.servers]
        rows, skipped = over_tcp.measure(servers, plan.texts, plan.voices[0], plan.n_rounds, say)
    found.skipped |= skipped
    return rows


def _measure_first_sound(plan: Plan, found: Found) -> FirstSound | None:
    if not plan.first_sound_texts:
        return None
    try:
        seen, skipped = first_sound.measure(
            first_sound.started, plan.first_sound_texts, plan.voices[0], plan.n_first_sound_requests, say
        )
    except first_sound.NotLearntError as error:
        found.skipped["first sound"] = str(error)
        return None
    found.skipped |= skipped
    return seen


def _plan(arguments: argparse.Namespace) -> Plan:
    quick: bool = arguments.quick
    return Plan(
        is_quick=quick,
        n_rounds=arguments.rounds or (_QUICK_ROUNDS if quick else _ROUNDS),
        texts={name: text for name, text in TEXTS.items() if not quick or name != "15 s"},
        voices=VOICES[:1] if quick else VOICES,
        tcp_precisions=(AUTO,) if quick else PRECISIONS,
        servers=tuple(arguments.server),
        first_sound_texts={
            name: text
            for name, text in FIRST_SOUND_TEXTS.items()
            if not quick or name in _QUICK_FIRST_SOUND_TEXTS
        },
        n_first_sound_requests=_QUICK_FIRST_SOUND_REQUESTS if quick else _FIRST_SOUND_REQUESTS,
        with_quality=arguments.quality,
    )


def say(line: str) -> None:
    """How far the work is."""
    print(f"bench: {line}", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="script/bench",
        description="Measures speed and memory of this project, of the reference package and of ONNX Runtime with "
        "the same weights, in one process and over TCP, and how long our server's listeners wait for the first sound. A "
        "voice that our server has not learnt yet is learnt before that, which takes minutes, once. Prints what it measures, the machine, tables, and as its "
        "last line all of it as JSON.",
        epilog="A whole run takes about twenty minutes. Leave the machine alone meanwhile.",
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="about two minutes: fewer texts, one voice, two rounds, one precision over TCP, without the slower others",
    )
    parser.add_argument(
        "--rounds",
        type=positive,
        metavar="N",
        help=f"warm rounds (default: {_ROUNDS}, with --quick {_QUICK_ROUNDS})",
    )
    parser.add_argument(
        "--server",
        type=_address,
        action="append",
        default=[],
        metavar="NAME=HOST:PORT",
        help="measure this Wyoming server too; may be repeated",
    )
    parser.add_argument(
        "--quality",
        action="store_true",
        help=f"compare the precisions by ear, too: {len(QUALITY_SENTENCES)} sentences, {len(QUALITY_VOICES)} voices",
    )
    parser.add_argument("--chart", type=Path, metavar="FILE", help="write a chart of the RTFs, as SVG")
    parser.add_argument(
        "--readme", action="store_true", help="put the results into the README's section on speed"
    )
    return parser


def _address(text: str) -> Address:
    try:
        return Address.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


if __name__ == "__main__":
    sys.exit(main())
