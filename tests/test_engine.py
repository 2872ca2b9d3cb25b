"""The engine's own decisions: devices, what fails at start, what is never spoken."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from wyoming_kokoro import device, engine
from wyoming_kokoro.engine import load_engine
from wyoming_kokoro.errors import CheckpointError, DeviceError, UnknownVoiceError
from wyoming_kokoro.speech import Utterance
from wyoming_kokoro.store.model_files import ModelFiles


def test_auto_is_the_cpu_where_there_is_no_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert device.choose_device("auto").type == "cpu"
    assert device.describe(torch.device("cpu")) == f"the CPU with {torch.get_num_threads()} threads"


def test_a_device_asked_for_by_name_has_to_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(DeviceError, match=r"--device cuda: .*auto"):
        device.choose_device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(DeviceError, match=r"cuda:3.*1 CUDA device"):
        device.choose_device("cuda:3")


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


def test_physical_cores_are_at_most_the_processors(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for cpu, siblings in ((0, "0,2"), (1, "1,3"), (2, "0,2"), (3, "1,3")):
        topology = tmp_path / f"cpu{cpu}" / "topology"
        topology.mkdir(parents=True)
        (topology / "thread_siblings_list").write_text(f"{siblings}\n")
    monkeypatch.setattr(device, "_CPUS", tmp_path)
    monkeypatch.setattr(device.os, "sched_getaffinity", lambda _pid: {0, 1, 2, 3})
    assert device.physical_cores() == 2
    monkeypatch.setattr(device.os, "sched_getaffinity", lambda _pid: {0, 2, 7})
    assert device.physical_cores() == 2  # one core's two threads, and one nobody knows


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
