"""What every part of the store does with a disk: hashes, locks, files that appear whole or not at all.

Knows nothing of models, voices or hubs.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from wyoming_kokoro.errors import StorageError

_LOGGER = logging.getLogger(__name__)

MEGABYTE = 1_000_000  # as download pages and disk makers count
_READ_BYTES = 1 << 20


def cache_home() -> Path:
    """The folder for what can be fetched again: `$XDG_CACHE_HOME/wyoming-kokoro`, else below `~/.cache`."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG base directory specification has relative paths ignored.
    root = Path(base) if Path(base).is_absolute() else Path.home() / ".cache"
    return root / "wyoming-kokoro"


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_READ_BYTES):
            digest.update(block)
    return digest.hexdigest()


def storage_error(error: OSError, path: Path, setting: str) -> StorageError:
    """What to tell people about a disk that does not do as asked, while working on `path`.

    `setting` is the option or variable that chooses another folder.
    """
    where = error.filename if isinstance(error.filename, str) else str(path)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageError(
            f"The disk is full: cannot write {where}. Free some space there, "
            f"or choose a folder on another disk with {setting}."
        )
    reason = os.strerror(error.errno) if error.errno else str(error)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        remedy = f"Let the user this runs as write there, or choose another folder with {setting}."
    else:
        remedy = f"Choose another folder with {setting}."
    return StorageError(f"Cannot use {where}: {reason}. {remedy}")


def flush_to_disk(path: Path) -> None:
    """Waits until a file's content has reached the disk, so that a power cut after a rename cannot empty it."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def write_whole(path: Path, content: bytes) -> None:
    """Writes a small file so that readers see the old content or the new, never a part. Raises `OSError`."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise


@contextmanager
def exclusive(lock_file: Path, doing: str, setting: str) -> Iterator[None]:
    """Holds a lock between processes and threads while `doing` something; whoever comes second waits.

    The kernel frees the lock of a process that dies. Raises `StorageError`, which names `setting`,
    where no lock can be made.
    """
    lock = FileLock(lock_file)
    try:
        lock_file.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            _LOGGER.info("Another process is %s; waiting for it", doing)
            lock.acquire()
    except OSError as error:
        raise storage_error(error, lock_file, setting) from error
    except NotImplementedError as error:  # filelock's answer to file systems without flock(2)
        raise StorageError(
            f"{lock_file.parent} is on a file system without locks. Choose another folder with {setting}."
        ) from error
    try:
        yield
    finally:
        lock.release()
