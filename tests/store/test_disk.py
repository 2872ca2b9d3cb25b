"""Files that appear whole, locks, and what people are told about a disk."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest
from filelock import FileLock

from wyoming_kokoro.errors import StorageError
from wyoming_kokoro.store.disk import exclusive, sha256_of, storage_error, write_whole


def test_the_hash_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "abc"
    path.write_bytes(b"abc")  # the test vector of FIPS 180-4
    assert sha256_of(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_small_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "note"
    write_whole(path, b"old")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    path.mkdir()
    with pytest.raises(OSError, match=r"folder"):
        write_whole(path, b"new")
    assert list(tmp_path.iterdir()) == [path]


def test_a_lock_lets_one_in_at_a_time(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    inside = threading.Event()
    order: list[str] = []

    def second() -> None:
        inside.wait()
        with caplog.at_level("INFO"), exclusive(tmp_path / "lock", "counting", "--x"):
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with exclusive(tmp_path / "lock", "counting", "--x"):
        inside.set()
        while not caplog.records:
            assert thread.is_alive()
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
    assert [record.getMessage() for record in caplog.records] == [
        "Another process is counting; waiting for it"
    ]


def test_an_error_frees_the_lock(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), exclusive(tmp_path / "lock", "failing", "--x"):
        raise RuntimeError
    with exclusive(tmp_path / "lock", "going on", "--x"):
        pass


def test_a_file_system_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(lock: FileLock, timeout: float | None = None) -> None:
        raise NotImplementedError("FileSystem does not appear to support flock")

    monkeypatch.setattr(FileLock, "acquire", refuse)
    with (
        pytest.raises(StorageError, match=r"without locks\. .*--x"),
        exclusive(tmp_path / "lock", "trying", "--x"),
    ):
        pass


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "The disk is full: cannot write /there. Free some space"),
        (errno.EDQUOT, "The disk is full"),
        (errno.EROFS, "Read-only file system. Let the user this runs as write there"),
        (errno.EACCES, "Permission denied. Let the user this runs as write there"),
        (errno.ENOTDIR, "Cannot use /there: Not a directory. Choose another folder"),
    ],
)
def test_what_people_are_told(number: int, said: str) -> None:
    told = str(storage_error(OSError(number, os.strerror(number), "/there"), Path("/here"), "--x"))
    assert said in told
    assert told.endswith("with --x.")


def test_an_error_without_a_file_gets_the_folder() -> None:
    assert "/here: out of luck" in str(storage_error(OSError("out of luck"), Path("/here"), "--x"))
