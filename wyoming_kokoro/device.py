"""Which device the model gets. Knows torch, but no model."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch

from wyoming_kokoro import cores
from wyoming_kokoro.errors import DeviceError, DeviceLostError


def choose_device(wanted: str) -> torch.device:
    """The device for `auto`, `cpu`, `cuda`, `cuda:N` or `mps`.

    `auto` is CUDA where there is some, else the CPU; never `mps`, Apple's GPU, which nobody has tried yet.
    Raises `DeviceError` where a device that was asked for by name is not there.
    """
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(wanted)
    if device.type == "cuda":
        _check_cuda(device)
    if device.type == "mps":
        _check_mps(device)
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


def _check_mps(device: torch.device) -> None:
    if not torch.backends.mps.is_available():
        reason = (
            "this Mac has no GPU that torch can use, or its macOS is too old"
            if torch.backends.mps.is_built()
            else "this torch was built without MPS, which only Macs have"
        )
        raise DeviceError(f"--device {device}: {reason}; use --device auto or cpu")


@contextlib.contextmanager
def in_use(device: torch.device) -> Iterator[None]:
    """Raises `DeviceLostError` for a failure of the body after which the device works no more.

    After most of CUDA's errors every call fails until the process ends; want of memory is none of them. So the device
    is asked: what an error says differs from one version to the next.
    """
    try:
        yield
    except RuntimeError as error:
        if device.type == "cpu" or still_works(device):
            raise
        reason = str(error).partition("\n")[0]
        raise DeviceLostError(f"{device} has stopped working: {reason}; try again") from error


def still_works(device: torch.device) -> bool:
    """Whether a device can add."""
    try:
        return (torch.ones(2, device=device) + 1).tolist() == [2, 2]
    except (RuntimeError, AssertionError):  # what torch raises for a device that does not work
        return False


def describe(device: torch.device) -> str:
    """A device's name for people."""
    if device.type == "cuda":
        return f"{device} ({torch.cuda.get_device_name(device)})"
    if device.type == "mps":
        return f"{device} (Apple's GPU, which this program was never tested on)"
    n_threads = torch.get_num_threads()
    threads = f"the CPU with {n_threads} thread{'' if n_threads == 1 else 's'}"
    quota, n_available = cores.cpu_quota(), cores.n_available()
    if quota is not None and quota < n_available:
        return f"{threads} (a quota of the system allows {quota:.3g} of its {n_available} cores)"
    return threads
