"""What was learnt of a voice is found again by the same model for the same voice, and by nobody else."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

from wyoming_kokoro.store import tables, tensor_files
from wyoming_kokoro.store.hub import Hub
from wyoming_kokoro.store.tables import TableFiles
from wyoming_kokoro.store.voices import VoiceStore

ROOT = Path(__file__).parents[2]
TABLE = {"center": torch.linspace(-1, 1, 5), "slopes": torch.linspace(0, 2, 6).view(2, 3).half()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "voices"


@pytest.fixture
def files(folder: Path) -> TableFiles:
    return TableFiles("a model", folder)


def kept_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.safetensors"))


def assert_is(found: dict[str, Tensor] | None, expected: dict[str, Tensor] = TABLE) -> None:
    assert found is not None
    assert found.keys() == expected.keys()
    for name, tensor in expected.items():
        assert found[name].dtype == tensor.dtype
        assert torch.equal(found[name], tensor)


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_it_is_found_again(files: TableFiles, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert files.read("1234") is None
    files.write("af_heart", "1234", TABLE)
    assert_is(files.read("1234"))
    assert_is(TableFiles("a model", folder).read("1234"))
    assert len(kept_in(folder)) == 1
    assert warnings_in(caplog) == []


KILLED = """
import os, pathlib, signal, sys
import torch
from wyoming_kokoro.store.tables import TableFiles
pathlib.Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
TableFiles("a model", pathlib.Path(sys.argv[1])).write("af_heart", "1234", {"center": torch.zeros(2)})
"""


def test_a_process_that_is_killed_while_it_keeps_one_is_in_nobodys_way(
    files: TableFiles, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(folder)], cwd=ROOT, check=False, timeout=120)
    assert killed.returncode == -signal.SIGKILL
    assert [path.name.startswith(".partial-") for path in folder.glob(".p*")] == [True]
    assert files.read("1234") is None
    files.write("af_heart", "1234", TABLE)
    assert_is(files.read("1234"))
    assert sorted(path.name for path in folder.iterdir()) == [kept_in(folder)[0].name, "lock"]
    assert warnings_in(caplog) == []


def test_what_is_learnt_again_replaces_it(files: TableFiles, folder: Path) -> None:
    files.write("af_heart", "1234", TABLE)
    other = {"center": torch.zeros(2)}
    files.write("af_heart", "1234", other)
    assert_is(files.read("1234"), other)
    assert len(kept_in(folder)) == 1


def test_a_voice_is_its_content_not_its_name(files: TableFiles, folder: Path) -> None:
    files.write("af_heart", "1234", TABLE)
    assert files.read("1235") is None
    assert TableFiles("another model", folder).read("1234") is None
    files.write("af_heart", "1235", {"center": torch.ones(1)})
    assert_is(files.read("1234"))


def test_model_and_voice_do_not_run_into_each_other(folder: Path) -> None:
    TableFiles("model1", folder).write("af_heart", "2", TABLE)
    assert TableFiles("model", folder).read("12") is None


def test_below_the_cache_unless_told_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    TableFiles("a model").write("af_heart", "1234", TABLE)
    assert len(kept_in(tmp_path / "wyoming-kokoro" / "voices")) == 1


def test_a_damaged_one_is_none(files: TableFiles, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    files.write("af_heart", "1234", TABLE)
    (path,) = kept_in(folder)
    content = bytearray(path.read_bytes())
    content[-3] ^= 4
    path.write_bytes(content)
    assert files.read("1234") is None
    (warning,) = warnings_in(caplog)
    assert warning == f"{path} is damaged and is made again"
    files.write("af_heart", "1234", TABLE)
    assert_is(files.read("1234"))


def test_a_folder_that_cannot_be_written_is_a_warning(
    folder: Path, files: TableFiles, caplog: pytest.LogCaptureFixture
) -> None:
    folder.write_text("not a folder")
    files.write("af_heart", "1234", TABLE)
    (warning,) = warnings_in(caplog)
    assert warning.startswith("What was learnt of af_heart cannot be kept, so it will be learnt again: ")
    assert "XDG_CACHE_HOME" in warning
    assert files.read("1234") is None


def test_a_full_disk_is_a_warning_and_keeps_what_was(
    folder: Path, files: TableFiles, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(_state: object, path: Path, **_options: object) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    files.write("af_heart", "1234", TABLE)
    with monkeypatch.context() as patch:
        patch.setattr(tensor_files, "save_file", full)
        files.write("af_heart", "1234", {"center": torch.zeros(2)})
    (warning,) = warnings_in(caplog)
    assert "The disk is full" in warning
    assert_is(files.read("1234"))
    assert sorted(path.suffix for path in folder.iterdir()) == ["", ".safetensors"]  # the lock, the table


def test_the_oldest_are_forgotten(folder: Path, files: TableFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_KEPT", 3)
    for fingerprint in "abcde":
        files.write("af_heart", fingerprint, TABLE)
        for path in kept_in(folder):  # all written at different times, however coarse the clock
            facts = path.stat()
            os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns - 10**9))
    assert [each for each in "abcde" if files.read(each) is not None] == ["c", "d", "e"]


# What tells voices apart -----------------------------------------------------------------------------------


def make_pack(seed: int) -> Tensor:
    return torch.randn(510, 1, 256, generator=torch.Generator().manual_seed(seed))


def store_with(folder: Path, **packs: Tensor) -> VoiceStore:
    folder.mkdir(exist_ok=True)
    for name, pack in packs.items():
        torch.save(pack, folder / f"{name}.pt")
    return VoiceStore((folder,), Hub(local_files_only=True))


def test_a_fingerprint_is_that_of_the_styles(tmp_path: Path) -> None:
    voices = store_with(tmp_path / "one", af_heart=make_pack(1), af_mine=make_pack(2), af_copy=make_pack(1))
    heart = voices.fingerprint("af_heart")
    assert voices.fingerprint("af_heart") == heart == voices.fingerprint("af_copy")
    assert voices.fingerprint("af_mine") != heart
    assert store_with(tmp_path / "two", af_heart=make_pack(1)).fingerprint("af_heart") == heart
    assert store_with(tmp_path / "three", af_heart=make_pack(3)).fingerprint("af_heart") != heart


def test_every_number_counts(tmp_path: Path) -> None:
    pack = make_pack(1)
    changed = pack.clone()
    changed[509, 0, 255] += 1e-6
    voices = store_with(tmp_path / "one", af_heart=pack, af_mine=changed)
    assert voices.fingerprint("af_heart") != voices.fingerprint("af_mine")


def test_a_fingerprint_outlives_its_pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    voices = store_with(tmp_path / "one", af_heart=make_pack(1))
    first = voices.fingerprint("af_heart")
    monkeypatch.setattr(voices, "pack", lambda _name: pytest.fail("read again"))
    assert voices.fingerprint("af_heart") == first
