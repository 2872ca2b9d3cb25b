"""Which processors this process may use, which of them are one core, and for how much time. Standard library only."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

_ROOT = Path("/")  # of the system's files; tests put another in its place


def physical_cores() -> int:
    """Physical cores that this process may keep busy, at least 1.

    Two threads of one core share its arithmetic units, which the model keeps busy alone. Where the
    system does not tell which belong together, every logical processor counts.

    A quota counts rounded down. More threads than it allows use up their time early in every period (100 ms, as
    a rule), and then the whole process stands still until the next, the event loop that answers clients included.
    """
    quota = cpu_quota()
    return n_available() if quota is None else max(1, min(n_available(), int(quota)))


def n_available() -> int:
    """Physical cores, whatever the quota, at least 1."""
    return max(1, len({core_of(cpu) for cpu in allowed()}))


def allowed() -> set[int]:
    """The processors that this process may use, as whoever started it wants it."""
    if hasattr(os, "sched_getaffinity"):
        # Of the first thread: another may have been put on fewer for a while.
        return os.sched_getaffinity(os.getpid())
    return set(range(os.cpu_count() or 1))


def core_of(cpu: int) -> str:
    """The same for processors that are threads of one core."""
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
