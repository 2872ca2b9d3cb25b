"""The engine's own decisions: what fails at start, what is never spoken."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from wyoming_kokoro import engine
from wyoming_kokoro.engine import load_engine
from wyoming_kokoro.errors import CheckpointError, UnknownVoiceError
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
        engine.load_model(ModelFiles(model_files.checkpoint, config, "test"))
