"""Tensors on disk: found as they were or not at all. What damage and disks do to them: `test_prepared.py`, too."""

from __future__ import annotations

import logging
import os
import re
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from wyoming_kokoro.errors import StorageError
from wyoming_kokoro.store import tensor_files
from wyoming_kokoro.store.tensor_files import in_own_memory, read_tensors, write_tensors

STATE = {
    "bytes": torch.arange(-4, 4).to(torch.int8).view(2, 4),
    "brain floats": torch.linspace(-1, 1, 6).to(torch.bfloat16),
    "nothing": torch.empty(0, 3),
    "one number": torch.tensor(3.5),
}


def write(path: Path, state: dict[str, Tensor] = STATE, n_kept: int = 3) -> None:
    write_tensors(path, state, n_kept, "SOME_SETTING")


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_they_come_back_as_they_were(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "state.safetensors"
    write(path)
    found = read_tensors(path)
    assert found is not None
    assert found.keys() == STATE.keys()
    for name, tensor in STATE.items():
        assert (found[name].dtype, found[name].shape) == (tensor.dtype, tensor.shape)
        assert torch.equal(found[name], tensor)
    assert warnings_in(caplog) == []


def test_they_begin_at_cache_lines_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "state.safetensors"
    write(path)
    assert load_file(path).keys() >= STATE.keys()  # for the library, too, it is one of its files
    found = read_tensors(path)
    assert found is not None
    assert all(tensor.data_ptr() % 64 == 0 for tensor in found.values())
    intact = path.read_bytes()
    found["bytes"].zero_()  # seen by this process only
    assert path.read_bytes() == intact


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_they_take_no_memory_of_the_process(tmp_path: Path) -> None:
    path = tmp_path / "state.safetensors"
    write(path, {"large": torch.ones(5_000_000)})
    before = anonymous_mb()
    found = read_tensors(path)
    assert found is not None
    assert found["large"].sum() == 5_000_000
    assert anonymous_mb() - before < 5


def anonymous_mb() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"RssAnon:\s*(\d+) kB", status)
    assert found is not None
    return int(found[1]) / 1000


def test_of_what_is_on_the_meta_device_shape_and_type_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "state.safetensors"
    write(path, {**STATE, "large": torch.empty(10**6, 10**6, dtype=torch.int16, device="meta")})
    found = read_tensors(path)
    assert found is not None
    assert found.keys() == {*STATE, "large"}
    assert found["large"].is_meta
    assert (found["large"].shape, found["large"].dtype) == ((10**6, 10**6), torch.int16)


@pytest.mark.parametrize("described", ["[]", "{", '{"a": 1}', '{"a": ["I17", [2]]}', '{"a": ["I16", ["x"]]}'])
def test_shapes_that_make_no_sense_are_damage(
    described: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "state.safetensors"
    save_file(
        STATE,
        path,
        metadata={
            "sha256": tensor_files._content_hash(STATE),
            "shapes of tensors without content": described,
        },
    )
    assert read_tensors(path) is None
    (warning,) = warnings_in(caplog)
    assert warning.startswith(f"{path} cannot be read and is made again: ")


def test_a_file_that_is_not_there_is_none_without_a_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert read_tensors(tmp_path / "state.safetensors") is None
    assert read_tensors(tmp_path / "no folder" / "state.safetensors") is None
    assert warnings_in(caplog) == []


def test_of_any_length_but_its_own_it_is_none_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "state.safetensors"
    write(path)
    intact = path.read_bytes()
    for content in [intact[:length] for length in range(len(intact))] + [intact + b"\0"]:
        path.write_bytes(content)
        caplog.clear()
        assert read_tensors(path) is None
        (warning,) = warnings_in(caplog)
        assert str(path) in warning
        assert warning.endswith("made again") or "is made again: " in warning


@pytest.mark.parametrize(
    "other",
    [
        {**STATE, "one number": torch.tensor(3.25)},
        {**STATE, "bytes": STATE["bytes"].view(4, 2)},
        {**STATE, "brain floats": STATE["brain floats"].view(torch.float16)},
        {**{name: STATE[name] for name in STATE if name != "bytes"}, "bites": STATE["bytes"]},
        {name: STATE[name] for name in STATE if name != "nothing"},
    ],
    ids=["content", "shape", "type", "name", "one missing"],
)
def test_a_hash_is_of_everything(
    other: dict[str, Tensor], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "state.safetensors"
    save_file(other, path, metadata={"sha256": tensor_files._content_hash(STATE)})
    assert read_tensors(path) is None
    assert warnings_in(caplog) == [f"{path} is damaged and is made again"]
    save_file(other, path, metadata={"sha256": tensor_files._content_hash(other)})
    assert read_tensors(path) is not None


def test_the_oldest_are_forgotten_and_other_files_are_not(tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    for name in "edcba":
        write(tmp_path / f"{name}.safetensors", n_kept=2)
        for path in tmp_path.glob(
            "*.safetensors"
        ):  # all written at different times, however coarse the clock
            facts = path.stat()
            os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns - 10**9))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.safetensors", "b.safetensors", "lock"]


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".partial-x1y2").write_bytes(b"half")
    write(tmp_path / "state.safetensors")
    assert [path.name for path in tmp_path.iterdir()] == ["state.safetensors"]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (28, "The disk is full: cannot write .* Free some space there, .* with SOME_SETTING"),
        (13, "Permission denied. Let the user this runs as write there, .* with SOME_SETTING"),
        (30, "Read-only file system"),
    ],
)
def test_what_cannot_be_written_leaves_the_old_one_and_says_why(
    number: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_state: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(number, os.strerror(number))

    path = tmp_path / "state.safetensors"
    write(path)
    with monkeypatch.context() as patch:
        patch.setattr(tensor_files, "save_file", fail)
        with pytest.raises(StorageError, match=said):
            write(path, {"other": torch.ones(2)})
    found = read_tensors(path)
    assert found is not None
    assert found.keys() == STATE.keys()
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_a_view_does_not_keep_its_whole() -> None:
    whole = torch.arange(1_000_000)
    (own,) = in_own_memory({"part": whole[3:5]}).values()
    assert own.tolist() == [3, 4]
    assert own.untyped_storage().nbytes() == 16
