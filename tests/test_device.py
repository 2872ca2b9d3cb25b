"""Devices: which one is taken, what the log says of it, whether it still works."""

from __future__ import annotations

import pytest
import torch

from wyoming_kokoro import cores, device
from wyoming_kokoro.errors import DeviceError, DeviceLostError

CPU = torch.device("cpu")


# Which device ----------------------------------------------------------------------------------------


def test_auto_is_the_cpu_where_there_is_no_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert device.choose_device("auto") == CPU


def test_a_device_asked_for_by_name_has_to_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(DeviceError, match=r"--device cuda: .*auto"):
        device.choose_device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(DeviceError, match=r"cuda:3.*1 CUDA device"):
        device.choose_device("cuda:3")


def test_mps_is_taken_where_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    chosen = device.choose_device("mps")
    assert chosen == torch.device("mps")
    assert device.describe(chosen) == "mps (Apple's GPU, which this program was never tested on)"


@pytest.mark.parametrize(
    ("is_built", "reason"), [(False, "this torch was built without MPS"), (True, "this Mac has no GPU")]
)
def test_mps_that_is_not_there_is_refused(
    is_built: bool, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_built", lambda: is_built)
    with pytest.raises(DeviceError, match=f"--device mps: {reason}.*; use --device auto or cpu"):
        device.choose_device("mps")


# What the log says -------------------------------------------------------------------------------------


def test_the_log_tells_of_a_quota_that_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "n_available", lambda: 4)
    monkeypatch.setattr(cores, "cpu_quota", lambda: None)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    assert device.describe(CPU) == "the CPU with 4 threads"
    monkeypatch.setattr(cores, "cpu_quota", lambda: 4.0)
    assert device.describe(CPU) == "the CPU with 4 threads"
    monkeypatch.setattr(cores, "cpu_quota", lambda: 1.5)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    told = "the CPU with 1 thread (a quota of the system allows 1.5 of its 4 cores)"
    assert device.describe(CPU) == told


# Whether it still works ------------------------------------------------------------------------------


CUDA_ERROR = getattr(torch, "AcceleratorError", RuntimeError)  # before torch 2.8 it was the latter
GONE = torch.device("meta")  # has no numbers, so nothing that is asked of it succeeds


def test_a_failure_that_a_device_does_not_survive_is_its_loss() -> None:
    error = CUDA_ERROR("CUDA error: unspecified launch failure\nCUDA kernel errors might be…")
    said = "meta has stopped working: CUDA error: unspecified"
    with pytest.raises(DeviceLostError, match=said) as lost, device.in_use(GONE):
        raise error
    assert lost.value.__cause__ is error
    assert "might be" not in str(lost.value)


@pytest.mark.parametrize(
    "error", [RuntimeError("a shape that does not fit"), torch.cuda.OutOfMemoryError("CUDA out of memory")]
)
def test_a_failure_that_it_survives_is_what_it_was(
    error: RuntimeError, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(type(error)) as raised, device.in_use(CPU):
        raise error
    assert raised.value is error
    monkeypatch.setattr(device, "still_works", lambda _device: True)
    with pytest.raises(type(error)) as raised, device.in_use(GONE):
        raise error
    assert raised.value is error


def test_a_device_is_asked_by_having_it_add() -> None:
    assert device.still_works(CPU)
    assert not device.still_works(GONE)
