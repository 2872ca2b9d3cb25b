"""The engine's own decisions: what is spoken together, what is never spoken."""

from __future__ import annotations

import pytest
import torch

from dev.measures import log_mel_distance_db
from wyoming_kokoro.loading import load_engine
from wyoming_kokoro.speech import Utterance


@pytest.mark.weights
def test_utterances_spoken_together_are_those_spoken_alone() -> None:
    loaded = load_engine(local_files_only=True, cpu_threads=2)
    utterances = [
        Utterance("Hello.", "af_heart"),
        Utterance("...", "af_heart"),
        Utterance("The blinds are closed.", "bf_emma", speed=1.2, seed=3),
    ]
    together = loaded.speak_together(utterances)
    alone = [b"".join(loaded.stream(utterance)) for utterance in utterances]
    assert [len(speech) for speech in together] == [len(speech) for speech in alone]
    assert together[1] == b""
    for ours, theirs in zip(together, alone, strict=True):
        if theirs:
            assert log_mel_distance_db(samples_of(theirs), samples_of(ours)) < 0.05
    assert loaded.speak_together(utterances[1:2]) == [b""]


def samples_of(speech: bytes) -> torch.Tensor:
    return torch.frombuffer(bytearray(speech), dtype=torch.int16).float() / 32768
