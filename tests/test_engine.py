"""The engine's own decisions: what fails at start, what is never spoken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from captures import Rerun

from dev.measures import log_mel_distance_db
from wyoming_kokoro import loading
from wyoming_kokoro.loading import load_engine
from wyoming_kokoro.errors import CheckpointError, UnknownVoiceError
from wyoming_kokoro.model.cuda import CudaKokoro
from wyoming_kokoro.speech import Utterance
from wyoming_kokoro.store.model_files import ModelFiles


@pytest.mark.weights
@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a CUDA device that does not work")
def test_a_device_that_fails_at_start_is_given_up_for_the_cpu(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    loaded = load_engine(local_files_only=True, device="auto", cpu_threads=2)
    assert b"".join(loaded.stream(Utterance("Hello.", "af_heart")))
    (warning,) = [record.message for record in caplog.records if "does not work" in record.message]
    assert warning.startswith("cuda does not work, going on with the CPU: ")


@pytest.mark.weights
def test_a_default_voice_nobody_has_is_found_out_at_start() -> None:
    with pytest.raises(UnknownVoiceError, match="af_heart"):
        load_engine(local_files_only=True, voice="af_hart", cpu_threads=2)


@pytest.mark.weights
def test_a_checkpoint_that_does_not_fit_its_config_is_an_error(
    model_files: ModelFiles, tmp_path: Path
) -> None:
    config = tmp_path / "config.json"
    config.write_text(model_files.config.read_text().replace('"hidden_dim": 512', '"hidden_dim": 256'))
    with pytest.raises(CheckpointError, match="does not fit"):
        loading.load_model(ModelFiles(model_files.checkpoint, config, "test"))


@pytest.mark.weights
@pytest.mark.skipif(torch.cuda.is_available(), reason="puts a CPU in the place of a CUDA device")
@pytest.mark.parametrize("records", [True, False])
def test_a_cuda_device_gets_its_own_precision_graphs_and_batches(
    records: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(_run: object) -> Any:
        raise RuntimeError("too old a driver")

    capture = Rerun() if records else failing

    def on(_device: torch.device, *arguments: Any) -> CudaKokoro:
        *model_and_precision, on_failure = arguments
        return CudaKokoro(*model_and_precision, capture, on_failure)

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _device: (9, 0))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _device: "a GPU")
    monkeypatch.setattr(CudaKokoro, "on", on)
    with caplog.at_level("INFO"):
        loaded = load_engine(local_files_only=True, device="auto", cpu_threads=2)
    assert loaded.batch_size > 1
    assert "Convolutions in tf32" in caplog.text
    assert ("CUDA graphs do not work here" in caplog.text) == (not records)
    assert ("too old a driver" in caplog.text) == (not records)
    assert not isinstance(capture, Rerun) or capture.n_recorded == 1


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
