"""A process for one contestant, and the parent's end of it.

Parent and worker speak in lines of JSON: a request with its arguments, then its answer.

    role        request     arguments            answer
    ---------   ---------   ------------------   ----------------------------------------------------------
    every one   (started)                        {}; not before the model is loaded
    ours        speak       text, voice          {"wall_s": …, "audio_s": …}
                text_side   text, voice          {"wall_s": …}
                samples     text, voice, path    {"durations": […]}; the samples are in the file, as .npy
    reference   speak       as ours
    onnx        speak       as ours
    limit       peaks                            {"fp32": {"gflops": …, "reason": …}, …}
    reader      read        texts, voices,       {"n_threads": …, "is_eight_bit": …, "checkpoint": …,
                            path                 "config": …, "unusable": {precision: reason}}; the
                                                 readings are in the file
    files       published   checkpoint           {"path": …}, or {"missing": reason}
                onnx_fp32   checkpoint, config   as published
                onnx_int8                        as published

Every answer also holds `memory`: what the worker holds now and held at most. A worker ends when its standard
input does. What libraries print goes to standard error, which is shown where a worker fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dev.bench.contestants import Contestant
    from dev.bench.reading import Reading

ROOT = Path(__file__).resolve().parents[2]
_END_S = 10.0  # for a worker to end by itself
_TAIL_LINES = 15

Answer = dict[str, Any]


class WorkerError(Exception):
    """A worker that ended before it answered; the message holds what it said last."""


class Worker:
    """The parent's end: starts the process, asks one thing at a time, ends it."""

    def __init__(self, name: str, role: str, **options: Any) -> None:
        """Returns at once, while the worker is loading; `ask` and `ready` wait for that."""
        self.name = name
        self._said = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - see close
        environment = dict(
            os.environ, PYTHONPATH=os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        )
        if "OMP_WAIT_POLICY" not in environment:
            environment.setdefault("GOMP_SPINCOUNT", "2000")  # for all of torch here, as the program sets it
        self._process = subprocess.Popen(
            [sys.executable, "-m", "dev.bench.worker", role, json.dumps(options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
            env=environment,
        )
        self._ready: Answer | None = None

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def ready(self) -> Answer:
        """Waits until the worker has loaded. Raises `WorkerError`."""
        if self._ready is None:
            self._ready = self._answer()
        return self._ready

    def ask(self, request: str, **arguments: Any) -> Answer:
        """The answer to a request. Raises `WorkerError`."""
        self.ready()
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"request": request, **arguments}) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._failure() from None
        return self._answer()

    def close(self) -> None:
        """Ends the process: by telling it first, then by force."""
        try:
            self._process.communicate(timeout=_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        self._said.close()

    def _answer(self) -> Answer:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise self._failure()
        answer: Answer = json.loads(line)
        return answer

    def _failure(self) -> WorkerError:
        code = self._process.wait()
        self._said.seek(0)
        tail = "".join(self._said.readlines()[-_TAIL_LINES:])
        return WorkerError(f"{self.name}: the worker ended with exit code {code}:\n{tail}")


# The worker's end ------------------------------------------------------------------------------------


def main(argv: Sequence[str]) -> int:
    """Plays the role it was started for: argv holds the role and its options as JSON."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # libraries print
    role, options = argv[0], json.loads(argv[1])

    def tell(answer: Answer) -> None:
        from dev.bench.machine import memory_of

        memory = memory_of()
        print(
            json.dumps({**answer, "memory": memory and asdict(memory)}, ensure_ascii=False),
            file=answers,
            flush=True,
        )

    handlers = _ROLES[role](**options)
    tell({})
    for line in sys.stdin:
        request = json.loads(line)
        tell(handlers[request.pop("request")](**request))
    return 0


Handlers = Mapping[str, Callable[..., Answer]]


def _ours(readings: str, precision: str, n_threads: int) -> Handlers:
    from wyoming_kokoro import threads

    threads.share_openmp()  # as the program does, before torch is there
    from dev.bench.contestants import Ours
    from dev.bench.reading import load

    known = load(Path(readings))
    contestant = Ours(precision, n_threads)

    def text_side(text: str, voice: str) -> Answer:
        return {"wall_s": contestant.text_side_s(known[text, voice])}

    def samples(text: str, voice: str, path: str) -> Answer:
        import numpy as np

        spoken, durations = contestant.samples(known[text, voice])
        np.save(path, spoken)
        return {"durations": durations}

    return {"speak": _speaking(contestant, known), "text_side": text_side, "samples": samples}


def _reference(readings: str, checkpoint: str, config: str, n_threads: int) -> Handlers:
    from dev.bench.contestants import Reference
    from dev.bench.reading import load

    return {"speak": _speaking(Reference(Path(checkpoint), Path(config), n_threads), load(Path(readings)))}


def _onnx(readings: str, file: str, n_threads: int) -> Handlers:
    from dev.bench.contestants import Onnx
    from dev.bench.reading import load

    return {"speak": _speaking(Onnx(Path(file), n_threads), load(Path(readings)))}


def _speaking(contestant: Contestant, known: Mapping[tuple[str, str], Reading]) -> Callable[..., Answer]:
    from dev.bench.contestants import SAMPLE_RATE_HZ

    def speak(text: str, voice: str) -> Answer:
        reading = known[text, voice]
        start_s = time.perf_counter()
        n_spoken = contestant.speak(reading)
        wall_s = time.perf_counter() - start_s
        # Only now: a model that had seen the text before would not speak it for the first time.
        return {"wall_s": wall_s, "audio_s": contestant.n_decoded(reading, n_spoken) / SAMPLE_RATE_HZ}

    return speak


def _limit(n_threads: int) -> Handlers:
    import torch

    from dev.bench import limit

    torch.set_num_threads(n_threads)
    return {"peaks": lambda: {name: asdict(peak) for name, peak in limit.peaks().items()}}


def _reader() -> Handlers:
    from dev.bench import reading
    from wyoming_kokoro.cores import physical_cores
    from wyoming_kokoro.loading import unusable_precisions

    def read(texts: dict[str, str], voices: list[str], path: str) -> Answer:
        files = reading.local_model()
        reading.save(reading.read(texts, voices), Path(path))
        return {
            "n_threads": physical_cores(),
            "is_eight_bit": files.is_eight_bit,
            "checkpoint": str(files.checkpoint),
            "config": str(files.config),
            "unusable": unusable_precisions(),
        }

    return {"read": read}


def _files() -> Handlers:
    from dev.bench import peers

    def published(checkpoint: str) -> Answer:
        return {"path": str(peers.published_checkpoint(Path(checkpoint)))}

    def fp32(checkpoint: str, config: str) -> Answer:
        return {"path": str(peers.onnx_fp32(Path(checkpoint), Path(config)))}

    def int8() -> Answer:
        return {"path": str(peers.onnx_int8())}

    def forgiving(make: Callable[..., Answer]) -> Callable[..., Answer]:
        def answer(**arguments: str) -> Answer:
            try:
                return make(**arguments)
            except peers.MissingPeer as missing:
                return {"missing": str(missing)}

        return answer

    return {
        "published": forgiving(published),
        "onnx_fp32": forgiving(fp32),
        "onnx_int8": forgiving(int8),
    }


_ROLES: Mapping[str, Callable[..., Handlers]] = {
    "ours": _ours,
    "reference": _reference,
    "onnx": _onnx,
    "limit": _limit,
    "reader": _reader,
    "files": _files,
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
