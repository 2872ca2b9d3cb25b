"""Which device and how many threads the model gets. Knows torch, but no model."""

from __future__ import annotations

import os
from pathlib import Path

import torch

from wyoming_kokoro.errors import DeviceError

_CPUS = Path("/sys/devices/system/cpu")


def choose_device(wanted: str) -> torch.device:
    """The device for `auto`, `cpu`, `cuda` or `cuda:N`.

    Raises `DeviceError` where a device that was asked for by name is not there.
    """
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(wanted)
    if device.type == "cuda":
        _check_cuda(device)
    return device


def _check_cuda(device: torch.device) -> None:
    if not torch.cuda.is_available():
        reason = (
            "this torch was built without CUDA" if torch.version.cuda is None else "no CUDA device is visible"
        )
        raise DeviceError(f"--device {device}: {reason}; use --device auto or cpu")
    n_devices = torch.cuda.device_count()
    if (device.index or 0) >= n_devices:
        raise DeviceError(f"--device {device}: there are {n_devices} CUDA devices, numbered from 0")


def describe(device: torch.device) -> str:
    """A device's name for people."""
    if device.type == "cuda":
        return f"{device} ({torch.cuda.get_device_name(device)})"
    return f"the CPU with {torch.get_num_threads()} threads"


def physical_cores() -> int:
    """Physical cores that this process may use, at least 1.

    Two threads of one core share its arithmetic units, which the model keeps busy alone. Where the
    system does not tell which belong together, every logical processor counts.
    """
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    cores = {_siblings(cpu) for cpu in allowed}
    return max(1, len(cores))


def _siblings(cpu: int) -> str:
    try:
        return (_CPUS / f"cpu{cpu}" / "topology" / "thread_siblings_list").read_text(encoding="ascii").strip()
    except OSError:
        return str(cpu)
