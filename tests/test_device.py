"""Devices: which one is taken, and how many cores of it, in containers too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import torch

from wyoming_kokoro import device
from wyoming_kokoro.errors import DeviceError, DeviceLostError

CPU = torch.device("cpu")


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Mapping[str, str]], None]:
    """Writes the files of a Linux in place of this one's: name → content."""
    monkeypatch.setattr(device, "_ROOT", tmp_path)

    def write(files: Mapping[str, str]) -> None:
        for name, content in files.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{content}\n")

    return write


def allow(monkeypatch: pytest.MonkeyPatch, processors: set[int]) -> None:
    monkeypatch.setattr(device.os, "sched_getaffinity", lambda _pid: processors, raising=False)


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


# How many cores ----------------------------------------------------------------------------------------


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
    assert device.physical_cores() == 2
    allow(monkeypatch, {0, 2, 7})
    assert device.physical_cores() == 2  # one core's two threads, and one nobody knows


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
    assert device.cpu_quota() == quota


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
    assert device.physical_cores() == n_cores


def test_the_log_tells_of_a_quota_that_limits(
    monkeypatch: pytest.MonkeyPatch, system: Callable[[Mapping[str, str]], None]
) -> None:
    allow(monkeypatch, {0, 1, 2, 3})
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    assert device.describe(CPU) == "the CPU with 4 threads"
    system({**V2, **v2("400000 100000")})
    assert device.describe(CPU) == "the CPU with 4 threads"
    system(v2("150000 100000"))
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    told = "the CPU with 1 thread (a quota of the system allows 1.5 of its 4 cores)"
    assert device.describe(CPU) == told


def test_this_machine_has_a_core() -> None:
    assert 1 <= device.physical_cores() <= (device.os.cpu_count() or 1)


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
