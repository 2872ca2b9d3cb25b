"""Prepared weights are made once, found by all they depend on, and never believed when damaged.

And whatever the disk does, they are to be had: kept if that is possible, made for this time if not.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from wyoming_kokoro.precision import Precision
from wyoming_kokoro.store import prepared, tensor_files
from wyoming_kokoro.store.model_files import ModelFiles
from wyoming_kokoro.store.prepared import PreparedWeights

ROOT = Path(__file__).parents[2]

STATE = {
    "weight": torch.arange(-4, 4).to(torch.int8).view(2, 4, 1),
    "body": torch.linspace(-1, 1, 6).to(torch.bfloat16),
    "bias": torch.linspace(0, 1, 3),
}


class Maker:
    """Makes the weights, and counts how often."""

    def __init__(self, state: Mapping[str, Tensor] = STATE) -> None:
        self.n_made = 0
        self._state = state

    def __call__(self) -> Mapping[str, Tensor]:
        self.n_made += 1
        return {name: tensor.clone() for name, tensor in self._state.items()}


@pytest.fixture
def files(tmp_path: Path) -> ModelFiles:
    checkpoint, config = tmp_path / "kokoro.pth", tmp_path / "config.json"
    checkpoint.write_bytes(b"weights")
    config.write_bytes(b"{}")
    return ModelFiles(checkpoint, config, "test")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "prepared"


@pytest.fixture
def weights(folder: Path) -> PreparedWeights:
    return PreparedWeights(folder)


def kept_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.safetensors"))


def assert_is(found: Mapping[str, Tensor], expected: Mapping[str, Tensor] = STATE) -> None:
    assert found.keys() == expected.keys()
    for name, tensor in expected.items():
        assert found[name].dtype == tensor.dtype
        assert torch.equal(found[name], tensor)


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


# Found and not found ---------------------------------------------------------------------------------------


def test_they_are_made_once(
    weights: PreparedWeights, files: ModelFiles, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make = Maker()
    for _ in range(3):
        assert_is(weights.get(files, "fp32", make))
    assert_is(PreparedWeights(folder).get(files, "fp32", make))
    assert make.n_made == 1
    assert len(kept_in(folder)) == 1
    assert warnings_in(caplog) == []


def test_below_the_cache_unless_told_otherwise(
    files: ModelFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    PreparedWeights().get(files, "fp32", Maker())
    assert len(kept_in(tmp_path / "wyoming-kokoro" / "prepared")) == 1


def test_what_was_found_is_the_callers_to_take_apart(weights: PreparedWeights, files: ModelFiles) -> None:
    weights.get(files, "fp32", Maker())
    found = weights.get(files, "fp32", Maker())
    found.pop("weight")
    found["bias"].zero_()
    assert_is(weights.get(files, "fp32", Maker()))


def change_checkpoint(files: ModelFiles, _patch: pytest.MonkeyPatch) -> str:
    files.checkpoint.write_bytes(b"w3ights")  # as long as before
    return "fp32"


def change_config(files: ModelFiles, _patch: pytest.MonkeyPatch) -> str:
    files.config.write_bytes(b"[]")
    return "fp32"


def change_version(_files: ModelFiles, patch: pytest.MonkeyPatch) -> str:
    patch.setattr(prepared, "__version__", "99.9.9")
    return "fp32"


def change_variant(_files: ModelFiles, _patch: pytest.MonkeyPatch) -> str:
    return "bf16"


@pytest.mark.parametrize(
    "change", [change_checkpoint, change_config, change_version, change_variant], ids=lambda f: f.__name__
)
def test_they_are_made_anew_for(
    change: Callable[[ModelFiles, pytest.MonkeyPatch], str],
    weights: PreparedWeights,
    files: ModelFiles,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    weights.get(files, "fp32", Maker())
    variant = change(files, monkeypatch)
    other = {"weight": torch.ones(2)}
    make = Maker(other)
    for _ in range(2):
        assert_is(weights.get(files, variant, make), other)
    assert make.n_made == 1


def test_a_copy_of_the_model_elsewhere_is_the_same_model(
    weights: PreparedWeights, files: ModelFiles, tmp_path: Path
) -> None:
    weights.get(files, "fp32", Maker())
    moved = ModelFiles(tmp_path / "copy.pth", tmp_path / "copy.json", "elsewhere")
    shutil.copyfile(files.checkpoint, moved.checkpoint)
    shutil.copyfile(files.config, moved.config)
    make = Maker()
    weights.get(moved, "fp32", make)
    assert make.n_made == 0


def test_the_oldest_are_forgotten(weights: PreparedWeights, files: ModelFiles, folder: Path) -> None:
    for age, variant in enumerate("edcba"):
        weights.get(files, variant, Maker())
        for path in kept_in(folder):  # all written at different times, however coarse the clock
            facts = path.stat()
            os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns - 10**9))
        assert len(kept_in(folder)) == min(age + 1, len(Precision))
    assert [path.name.partition("-")[0] for path in kept_in(folder)] == ["a", "b", "c", "d"]


# Damage --------------------------------------------------------------------------------------------------------


def flipped(content: bytes, position: int) -> bytes:
    changed = bytearray(content)
    changed[position] ^= 1 << position % 8
    return bytes(changed)


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "a bit of the data": lambda content: flipped(content, len(content) - 5),
    "the last byte lost": lambda content: content[:-1],
    "half of it lost": lambda content: content[: len(content) // 2],
    "a few bytes left": lambda content: content[:9],
    "nothing left": lambda _content: b"",
    "zeros, as after a power cut": lambda content: bytes(len(content)),
    "more than was written": lambda content: content + b"more",
    "a header that is none": lambda content: content[:8] + b"?" * (len(content) - 8),
    "a header longer than the file": lambda content: b"\xff" * 8 + content[8:],
    "something else altogether": lambda _content: b"<html>Please log in</html>",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_said_and_made_again(
    damage: str,
    weights: PreparedWeights,
    files: ModelFiles,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    weights.get(files, "fp32", Maker())
    (path,) = kept_in(folder)
    intact = path.read_bytes()
    path.write_bytes(DAMAGES[damage](intact))
    make = Maker()
    assert_is(weights.get(files, "fp32", make))
    assert make.n_made == 1
    warnings = warnings_in(caplog)
    assert warnings
    assert all(str(path) in warning and "made again" in warning for warning in warnings)
    assert_is(weights.get(files, "fp32", make))  # and good from now on
    assert make.n_made == 1
    assert path.read_bytes() == intact


def test_a_file_that_says_nothing_of_its_hash_is_not_believed(
    weights: PreparedWeights, files: ModelFiles, folder: Path
) -> None:
    weights.get(files, "fp32", Maker())
    (path,) = kept_in(folder)
    save_file({"weight": torch.ones(3)}, path)
    assert_is(weights.get(files, "fp32", Maker()))


def test_any_bit_may_flip(weights: PreparedWeights, files: ModelFiles, folder: Path) -> None:
    weights.get(files, "fp32", Maker())
    (path,) = kept_in(folder)
    intact = path.read_bytes()
    for position in range(len(intact)):
        path.write_bytes(flipped(intact, position))
        make = Maker()
        assert_is(weights.get(files, "fp32", make))
        # Spaces at the header's end, and what JSON may write in two ways, are no damage.
        assert make.n_made == 1 or position < len(intact) - 23, position


# Disks that do not do as asked -------------------------------------------------------------------------------


def test_a_file_in_place_of_the_folder(
    weights: PreparedWeights, files: ModelFiles, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder.write_text("not a folder")
    make = Maker()
    assert_is(weights.get(files, "fp32", make))
    assert make.n_made == 1
    (warning,) = warnings_in(caplog)
    assert warning.startswith("The prepared model cannot be kept, every start will take longer: ")
    assert "XDG_CACHE_HOME" in warning


PROGRAM = """
import logging, os, signal, sys, time
from pathlib import Path
import torch
from wyoming_kokoro.precision import Precision
from wyoming_kokoro.store import prepared, tensor_files
from wyoming_kokoro.store.model_files import ModelFiles

logging.basicConfig(format="%(message)s", level=logging.INFO)
folder, checkpoint, config, n_values, doing = sys.argv[1:]

def make():
    print("made", flush=True)
    if doing == "slowly":
        time.sleep(1)
    return {"weight": torch.arange(int(n_values), dtype=torch.float32)}

def die(state, path):
    Path(path).write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)

if doing == "dying":
    tensor_files.save_file = die
files = ModelFiles(Path(checkpoint), Path(config), "test")
state = prepared.PreparedWeights(Path(folder)).get(files, "fp32", make)
assert torch.equal(state["weight"], torch.arange(int(n_values), dtype=torch.float32))
print("good", flush=True)
"""


def command(files: ModelFiles, folder: Path, *, n_values: int = 10, doing: str = "nothing") -> list[str]:
    """Another process that wants the weights."""
    arguments = [str(folder), str(files.checkpoint), str(files.config), str(n_values), doing]
    return [sys.executable, "-c", PROGRAM, *arguments]


def start(arguments: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def in_a_mount_namespace(script: str, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """Runs a program after a script that mounts something, which only that process sees."""
    unshare = ["unshare", "--mount", *([] if os.getuid() == 0 else ["--map-root-user"])]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*unshare, "sh", "-c", script], check=False).returncode
    ):
        pytest.skip("this machine lets nobody mount")
    return subprocess.run(
        [*unshare, "sh", "-c", f'{script} && exec "$@"', "sh", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_disk_that_is_too_small(files: ModelFiles, folder: Path) -> None:
    folder.mkdir()
    ended = in_a_mount_namespace(
        f"mount -t tmpfs -o size=1m none {folder}", command(files, folder, n_values=1 << 20)
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.endswith("good\n")
    assert "cannot be kept, every start will take longer: " in ended.stderr
    assert "The disk is full" in ended.stderr


def test_what_a_disk_has_no_room_for_is_still_made_once(
    weights: PreparedWeights, files: ModelFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tensor_files, "save_file", full)
    make = Maker()
    assert_is(weights.get(files, "fp32", make))
    assert make.n_made == 1


def test_a_disk_that_fills_up_keeps_no_part(
    weights: PreparedWeights, files: ModelFiles, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_state: object, path: Path, **_options: object) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(tensor_files, "save_file", full)
        assert_is(weights.get(files, "fp32", Maker()))
    assert [path.name for path in folder.iterdir()] == ["lock"]
    make = Maker()
    for _ in range(2):
        assert_is(weights.get(files, "fp32", make))
    assert make.n_made == 1


def test_a_disk_that_may_not_be_written(files: ModelFiles, folder: Path) -> None:
    folder.mkdir()
    ended = in_a_mount_namespace(
        f"mount --bind {folder} {folder} && mount -o remount,ro,bind {folder}", command(files, folder)
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "made\ngood\n"
    assert "cannot be kept, every start will take longer: " in ended.stderr
    assert "Read-only file system" in ended.stderr


def test_what_was_kept_is_found_on_a_disk_that_may_not_be_written(files: ModelFiles, folder: Path) -> None:
    PreparedWeights(folder).get(files, "fp32", Maker({"weight": torch.arange(10.0)}))
    ended = in_a_mount_namespace(
        f"mount --bind {folder} {folder} && mount -o remount,ro,bind {folder}", command(files, folder)
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "good\n", "")


# Several at once -----------------------------------------------------------------------------------------------


def test_of_threads_that_need_them_at_once_one_makes_them(
    weights: PreparedWeights, files: ModelFiles
) -> None:
    first_is_making = threading.Event()
    make = Maker()
    found: list[Mapping[str, Tensor]] = []

    def slowly() -> Mapping[str, Tensor]:
        first_is_making.set()
        time.sleep(0.2)
        return make()

    def second() -> None:
        assert first_is_making.wait(30)
        found.append(weights.get(files, "fp32", make))

    thread = threading.Thread(target=second)
    thread.start()
    found.append(weights.get(files, "fp32", slowly))
    thread.join()
    assert len(found) == 2
    for each in found:
        assert_is(each)
    assert make.n_made == 1


def test_of_processes_that_need_them_at_once_one_makes_them(files: ModelFiles, folder: Path) -> None:
    processes = [start(command(files, folder, doing="slowly")) for _ in range(3)]
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert sorted(outputs) == ["good\n", "good\n", "made\ngood\n"]


def killed_while_writing(files: ModelFiles, folder: Path) -> None:
    process = start(command(files, folder, doing="dying"))
    assert process.communicate(timeout=60)[0] == "made\n"
    assert process.returncode == -signal.SIGKILL


def test_a_process_that_is_killed_leaves_nothing_in_the_way(files: ModelFiles, folder: Path) -> None:
    killed_while_writing(files, folder)
    assert kept_in(folder) == []
    make = Maker()
    for _ in range(2):
        assert_is(PreparedWeights(folder).get(files, "fp32", make))
    assert make.n_made == 1


def test_what_a_killed_process_left_is_removed_by_the_next(files: ModelFiles, folder: Path) -> None:
    killed_while_writing(files, folder)
    PreparedWeights(folder).get(files, "fp32", Maker())
    assert sorted(path.name for path in folder.iterdir()) == [kept_in(folder)[0].name, "lock"]


def test_an_error_in_the_making_is_the_callers_and_blocks_nobody(
    weights: PreparedWeights, files: ModelFiles
) -> None:
    def fail() -> Mapping[str, Tensor]:
        raise LookupError("no such voice")

    with pytest.raises(LookupError, match="no such voice"):
        weights.get(files, "fp32", fail)
    make = Maker()
    assert_is(weights.get(files, "fp32", make))
    assert make.n_made == 1
