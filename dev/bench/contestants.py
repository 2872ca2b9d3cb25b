"""Who is measured in one process: our engine, the reference package, ONNX Runtime. Each loads what it needs only.

Ours goes the whole way from written text to PCM, as the server does. The others get phonemes, token ids and style
rows ready-made and stop at float samples, which favours them by the text's reading, a few milliseconds a sentence.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dev.bench.reading import Reading

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from wyoming_kokoro.engine import KokoroEngine

    Samples = npt.NDArray[np.float32]

SAMPLE_RATE_HZ = 24_000
SAMPLES_PER_FRAME = 600
_SEED = 1


class Contestant(ABC):
    """Something that speaks, loaded."""

    @abstractmethod
    def speak(self, reading: Reading) -> int:
        """Speaks a text, sentence by sentence; returns how many samples came out."""

    def n_decoded(self, _reading: Reading, n_spoken: int) -> int:
        """How many samples were decoded where so many came out. May take its time: it is not timed."""
        return n_spoken


class Ours(Contestant):
    """This project's engine in one precision, decoding sentences whole."""

    def __init__(self, precision: str, n_threads: int) -> None:
        self._engine = load_ours(precision, n_threads)
        self._n_decoded: dict[tuple[str, str], int] = {}  # by text and voice

    def speak(self, reading: Reading) -> int:
        """As `Contestant.speak`, from the written text."""
        from wyoming_kokoro.pcm import BYTES_PER_SAMPLE
        from wyoming_kokoro.speech import Utterance

        return sum(
            len(piece) // BYTES_PER_SAMPLE
            for sentence in reading.sentences
            for piece in self._engine.stream(Utterance(sentence.text, reading.voice))
        )

    def n_decoded(self, reading: Reading, _n_spoken: int) -> int:
        """With the silence around each sentence: it is decoded by all, and left out by this engine only."""
        import torch

        key = reading.text, reading.voice
        if key not in self._n_decoded:
            n_frames = sum(
                self._engine.model.predict(torch.tensor([run.token_ids]), torch.tensor([run.style])).n_frames
                for sentence in reading.sentences
                for run in sentence.runs
            )
            self._n_decoded[key] = n_frames * SAMPLES_PER_FRAME
        return self._n_decoded[key]

    def text_side_s(self, reading: Reading) -> float:
        """Seconds for all of a text but the generator: durations, pitch, energy and the decoder's features."""
        import torch

        from wyoming_kokoro.model.fast import FastKokoro

        model = self._engine.model
        assert isinstance(model, FastKokoro), "the model of CPUs"
        spent_s = 0.0
        for sentence in reading.sentences:
            for run in sentence.runs:
                token_ids, style = torch.tensor([run.token_ids]), torch.tensor([run.style])
                start_s = time.perf_counter()
                prosody = model.predict(token_ids, style, 1.0)
                model.features(prosody, style)
                spent_s += time.perf_counter() - start_s
        return spent_s

    def samples(self, reading: Reading) -> tuple[Samples, list[int]]:
        """What it says, and how long each phoneme lasts; the noise is the same for every precision."""
        import torch

        from wyoming_kokoro.model import source_noise

        model = self._engine.model
        pieces, durations = [], []
        for sentence in reading.sentences:
            for run in sentence.runs:
                style = torch.tensor([run.style])
                prosody = model.predict(torch.tensor([run.token_ids]), style, 1.0)
                pieces += list(
                    model.decode(prosody, style, source_noise(model.config, prosody.n_frames, _SEED))
                )
                durations += prosody.durations.tolist()
        return torch.cat(pieces).float().numpy(), durations


def load_ours(precision: str, n_threads: int) -> KokoroEngine:
    """The engine on the CPU, from files that are here; it decodes sentences whole, which measures the arithmetic."""
    from wyoming_kokoro.loading import load_engine

    return load_engine(
        local_files_only=True, device="cpu", cpu_threads=n_threads, precision=precision, exact=True
    )


class Reference(Contestant):
    """The reference package, `kokoro`."""

    def __init__(self, checkpoint: Path, config: Path, n_threads: int) -> None:
        import torch

        from dev.bench.peers import load_reference

        torch.set_num_threads(n_threads)
        self._model = load_reference(checkpoint, config)

    def speak(self, reading: Reading) -> int:
        """As `Contestant.speak`, from phonemes."""
        import torch

        return sum(
            len(self._model(run.phonemes, torch.tensor([run.style]), 1.0))
            for sentence in reading.sentences
            for run in sentence.runs
        )


class Onnx(Contestant):
    """ONNX Runtime with an export of the model; it loads no torch."""

    def __init__(self, file: Path, n_threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = n_threads
        options.log_severity_level = 3  # errors
        self._session: Any = onnxruntime.InferenceSession(
            str(file), options, providers=["CPUExecutionProvider"]
        )
        # Exports name their inputs differently; all have tokens, style and speed in this order.
        self._inputs = [node.name for node in self._session.get_inputs()]
        assert len(self._inputs) == 3, self._inputs

    def speak(self, reading: Reading) -> int:
        """As `Contestant.speak`, from token ids."""
        import numpy as np

        n_samples = 0
        for sentence in reading.sentences:
            for run in sentence.runs:
                values = (
                    np.array([run.token_ids], dtype=np.int64),
                    np.array([run.style], dtype=np.float32),
                    np.ones(1, dtype=np.float32),
                )
                n_samples += self._session.run(None, dict(zip(self._inputs, values, strict=True)))[0].size
        return n_samples
