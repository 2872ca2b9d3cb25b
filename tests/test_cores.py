"""Processors: how many cores this process may keep busy, in containers too."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from wyoming_kokoro import cores


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Mapping[str, str]], None]:
    """Writes the files of a Linux in place of this one's: name → content."""
    monkeypatch.setattr(cores, "_ROOT", tmp_path)

    def write(files: Mapping[str, str]) -> None:
        for name, content in files.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{content}\n")

    return write


def allow(monkeypatch: pytest.MonkeyPatch, processors: set[int]) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: processors, raising=False)


def test_physical_cores_are_at_most_the_processors(
    monkeypatch: pytest.MonkeyPatch, system: Callable[[Mapping[str, str]], None]
) -> None:
    siblings = {0: "0,2", 1: "1,3", 2: "0,2", 3: "1,3"}
    system(
        {
            f"sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list": together
            for cpu, together in siblings.items()
        }
    )
    allow(monkeypatch, {0, 1, 2, 3})
    assert cores.physical_cores() == 2
    allow(monkeypatch, {0, 2, 7})
    assert cores.physical_cores() == 2  # one core's two threads, and one nobody knows


V2 = {"proc/self/cgroup": "0::/"}  # as in a container with control groups of its own
V1 = {
    "proc/self/cgroup": "4:memory:/docker/f00\n3:cpuset:/docker/f00\n2:cpu,cpuacct:/docker/f00\n1:name=systemd:/"
}
SERVICE = "system.slice/kokoro.service"


def v2(quota: str, group: str = "") -> dict[str, str]:
    return {f"sys/fs/cgroup/{group}/cpu.max": quota}


def v1(quota_us: int, group: str = "", mount: str = "cpu") -> dict[str, str]:
    folder = f"sys/fs/cgroup/{mount}/{group}"
    return {f"{folder}/cpu.cfs_quota_us": str(quota_us), f"{folder}/cpu.cfs_period_us": "100000"}


@pytest.mark.parametrize(
    ("files", "quota"),
    [
        pytest.param({}, None, id="no control groups"),
        pytest.param(V2, None, id="v2, root group, which has no quota"),
        pytest.param({**V2, **v2("max 100000")}, None, id="v2, unlimited"),
        pytest.param({**V2, **v2("150000 100000")}, 1.5, id="v2, docker run --cpus 1.5"),
        pytest.param({**V2, **v2("25000 50000")}, 0.5, id="v2, another period"),
        pytest.param(
            {
                "proc/self/cgroup": f"0::/{SERVICE}",
                **v2("max 100000", SERVICE),
                **v2("300000 100000", "system.slice"),
            },
            3.0,
            id="v2, a limit further out",
        ),
        pytest.param(
            {
                "proc/self/cgroup": f"0::/{SERVICE}",
                **v2("200000 100000", SERVICE),
                **v2("300000 100000", "system.slice"),
            },
            2.0,
            id="v2, the tightest of two",
        ),
        pytest.param(
            {"proc/self/cgroup": "0::/../other", **v2("200000 100000"), **v2("100000 100000", "other")},
            1.0,
            id="v2, a path out of the container's groups",
        ),
        pytest.param({**V2, **v2("of another kind")}, None, id="v2, a file nobody understands"),
        pytest.param({**V1, **v1(-1)}, None, id="v1, unlimited"),
        pytest.param({**V1, **v1(250_000)}, 2.5, id="v1, a container that sees its group as the root"),
        pytest.param({**V1, **v1(250_000, "docker/f00"), **v1(-1)}, 2.5, id="v1, the host's whole tree"),
        pytest.param({**V1, **v1(250_000, mount="memory")}, None, id="v1, another controller"),
        pytest.param(
            {
                "proc/self/cgroup": f"1:cpu:/a\n0::/{SERVICE}",
                **v1(100_000, "a"),
                f"sys/fs/cgroup/unified/{SERVICE}/cgroup.procs": "1",
            },
            1.0,
            id="both, the controller in v1",
        ),
        pytest.param(
            {"proc/self/cgroup": "1:memory:/a\n0::/a", "sys/fs/cgroup/unified/a/cpu.max": "400000 100000"},
            4.0,
            id="both, the controller in v2",
        ),
    ],
)
def test_quotas_of_control_groups(
    files: dict[str, str], quota: float | None, system: Callable[[Mapping[str, str]], None]
) -> None:
    system(files)
    assert cores.cpu_quota() == quota


@pytest.mark.parametrize(
    ("quota", "n_cores"),
    [
        ("max 100000", 4),
        ("800000 100000", 4),
        ("399999 100000", 3),
        ("150000 100000", 1),
        ("50000 100000", 1),
    ],
)
def test_a_quota_counts_rounded_down(
    quota: str,
    n_cores: int,
    monkeypatch: pytest.MonkeyPatch,
    system: Callable[[Mapping[str, str]], None],
) -> None:
    allow(monkeypatch, {0, 1, 2, 3})
    system({**V2, **v2(quota)})
    assert cores.physical_cores() == n_cores


def test_this_machine_has_a_core() -> None:
    assert 1 <= cores.physical_cores() <= (os.cpu_count() or 1)
