"""Which device and how many threads the model gets. Knows torch, but no model."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import torch

from wyoming_kokoro.errors import DeviceError, DeviceLostError

_ROOT = Path("/")  # of the system's files; tests put another in its place


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
    quota = cpu_quota()
    if quota is not None and quota < _available_cores():
        return f"{threads} (a quota of the system allows {quota:.3g} of its {_available_cores()} cores)"
    return threads


def physical_cores() -> int:
    """Physical cores that this process may keep busy, at least 1.

    Two threads of one core share its arithmetic units, which the model keeps busy alone. Where the
    system does not tell which belong together, every logical processor counts.

    A quota counts rounded down. More threads than it allows use up their time early in every period (100 ms, as
    a rule), and then the whole process stands still until the next, the event loop that answers clients included.
    """
    quota = cpu_quota()
    return _available_cores() if quota is None else max(1, min(_available_cores(), int(quota)))


def _available_cores() -> int:
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    return max(1, len({_siblings(cpu) for cpu in allowed}))


def _siblings(cpu: int) -> str:
    path = _ROOT / f"sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list"
    return _text(path) or str(cpu)


def cpu_quota() -> float | None:
    """How many CPUs' time this process may use, as containers limit it (`docker run --cpus`); None: no limit.

    The tightest quota of the control groups that the process is in, from its own to the outermost that can be seen.
    """
    return min((limit for folder in _cpu_groups() if (limit := _quota(folder)) is not None), default=None)


def _cpu_groups() -> Iterator[Path]:
    """The folders of the control groups that may hold a CPU quota of this process.

    `/proc/self/cgroup` has a line `number:controllers:path` for each hierarchy: version 2 has one, number 0, without
    controllers (cgroups(7)). A container often sees its own group as the root of the hierarchy, while the path is
    still the host's, so folders that do not exist are no surprise.
    """
    mounts = _ROOT / "sys/fs/cgroup"
    for line in (_text(_ROOT / "proc/self/cgroup") or "").splitlines():
        number, controllers, path = line.split(":", 2)
        if number == "0":
            roots = [mounts, mounts / "unified"]  # the second where both versions are in use
        elif "cpu" in controllers.split(","):
            roots = [mounts / "cpu"]  # also where it is mounted with cpuacct: a link is customary
        else:
            continue
        # A process outside of its container's groups has a path that climbs out of them: /../other.
        inside = PurePosixPath(*(part for part in path.split("/") if part not in {"", ".."}))
        for root in roots:
            yield from (root / folder for folder in (inside, *inside.parents))


def _quota(group: Path) -> float | None:
    """CPUs' worth of time that one control group allows; None where it sets no limit."""
    limit = _text(group / "cpu.max")  # version 2: "150000 100000", or "max 100000"
    if limit is None:
        # Version 1: -1 is no limit.
        limit = f"{_text(group / 'cpu.cfs_quota_us')} {_text(group / 'cpu.cfs_period_us')}"
    found = re.fullmatch(r"(\d+) ([1-9]\d*)", limit)
    return int(found[1]) / int(found[2]) if found else None


def _text(path: Path) -> str | None:
    """What a file of the system says; None where there is none, as elsewhere than on Linux."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return None
