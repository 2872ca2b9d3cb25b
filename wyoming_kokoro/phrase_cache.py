"""Finished utterances kept by what made them, so that what a home hears again and again is made once.

Standard library only. Knows PCM as bytes and nothing of how it is made; whoever asks knows what the sound depends
on and says so in a `PhraseKey`. Two places, each bounded by the same number of bytes, and each forgetting what was
asked for longest ago:

    memory    gone with the process
    a folder  where one is given; found again after a restart, shared with other processes that use it

Phrases are what somebody said at home. So neither place holds text, a file is named by a hash and is its owner's
alone, and nothing here is logged but folders and the system's errors.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
import threading
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from wyoming_kokoro import __version__

_LOGGER = logging.getLogger(__name__)

_MAX_SHARE = 4  # what is longer than a quarter of the bound would push out many that are asked for more often
_ENTRY_BYTES = 240  # measured: a name, its place in the table, the header of a bytes object

_FOLDER = "phrases"
_SUFFIX = ".pcm"
_PARTIAL = ".partial-"
_BLOCK_BYTES = 4096  # what most file systems give a file at least, so that empty phrases count too
# Freed at a time, or a full folder would be listed for every phrase: an eighth, but no more than is gone quickly.
_ROOM_SHARE = 8
_MAX_ROOM_BYTES = 8_000_000
_ABANDONED_S = 3600.0  # a file is written within seconds; what is so old is of a process that was killed
_HASH_BYTES = hashlib.sha256().digest_size


@dataclass(frozen=True)
class PhraseKey:
    """All that a phrase's sound depends on, beside the version of this package."""

    text: str
    """Normalised."""

    voice: str
    """The voice's name and what identifies its content."""

    speed: float
    """As in `Utterance`."""

    model: str
    """What identifies the weights, and whatever else shapes the sound and has no field here: the device, say."""

    precision: str
    """The arithmetic."""

    seed: int
    """As in `Utterance`."""

    gain_db: float
    """How much louder or softer the PCM is than the model made it."""

    exact: bool
    """Whether each run of the model was decoded whole, not in pieces with what a voice has learnt."""


class PhraseCache:
    """Keeps phrases. May be used from any thread; never raises for what a disk does."""

    def __init__(self, max_bytes: int, folder: Path | None = None) -> None:
        """Finds what `folder` holds from earlier, in a folder of its own there.

        max_bytes: of memory, and again of the disk; 0 turns the cache off, and then no disk is touched.
        """
        assert max_bytes >= 0, max_bytes
        self._max_bytes = max_bytes
        self._lock = threading.Lock()  # for memory alone: nobody waits here for a disk
        self._phrases: OrderedDict[str, bytes] = OrderedDict()  # the one asked for last stands last
        self._n_bytes = 0
        self._disk = _Disk(folder / _FOLDER, max_bytes) if folder is not None and max_bytes else None

    @property
    def n_bytes(self) -> int:
        """What is in memory now, its upkeep included."""
        with self._lock:
            return self._n_bytes

    def get(self, key: PhraseKey) -> bytes | None:
        """A phrase's PCM, the very bytes that were put; None where it has to be made."""
        if not self._max_bytes:
            return None
        name = _name(key)
        with self._lock:
            pcm = self._phrases.get(name)
            if pcm is not None:
                self._phrases.move_to_end(name)
        if self._disk is None:
            return pcm
        if pcm is not None:
            self._disk.touch(name)  # or what is said most would be the oldest there
        elif (pcm := self._disk.read(name)) is not None:
            self._keep(name, pcm)
        return pcm

    def put(self, key: PhraseKey, pcm: bytes) -> None:
        """Keeps a phrase, unless it is too large.

        Only for complete utterances: what broke off would break off every time, and nothing here could tell.
        Writes a file where there is a folder, and does not wait for it to reach the disk.
        """
        name = _name(key)
        if self._keep(name, pcm) and self._disk is not None:
            self._disk.write(name, pcm)

    def _keep(self, name: str, pcm: bytes) -> bool:
        """Puts a phrase into memory; False where it is too large."""
        if _cost(pcm) * _MAX_SHARE > self._max_bytes:
            return False
        with self._lock:
            before = self._phrases.pop(name, None)
            self._n_bytes += _cost(pcm) - (0 if before is None else _cost(before))
            self._phrases[name] = pcm
            while self._n_bytes > self._max_bytes:
                _, oldest = self._phrases.popitem(last=False)
                self._n_bytes -= _cost(oldest)
        return True


def _cost(pcm: bytes) -> int:
    return len(pcm) + _ENTRY_BYTES


def _name(key: PhraseKey) -> str:
    """A name for a key, the same in every process: SHA-256, in hexadecimal."""
    as_floats = replace(key, speed=float(key.speed), gain_db=float(key.gain_db))  # JSON's 1 is no 1.0
    content = json.dumps([__version__, asdict(as_floats)])
    return hashlib.sha256(content.encode()).hexdigest()


@dataclass(frozen=True, order=True)
class _File:
    asked_for_ns: int
    """When it was asked for last; first, to sort by."""

    path: Path
    n_bytes: int
    """What it takes on the disk."""


class _Disk:
    """A folder of phrases, a file each: the hash of name and PCM, then the PCM.

    A file's time is when it was last asked for. Several processes may share the folder: files appear and vanish
    whole, and one process notices by the folder's time that another changed it. Two that write within the same tick
    of the clock (some milliseconds) may keep one phrase too many until the next change.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._n_bytes = 0  # in the folder when it was looked at last
        self._seen_ns: int | None = None  # the folder's time then
        self._said: set[str] = set()
        try:
            self._make_folder()
            self._make_room(0)
        except OSError as error:
            self._cannot_keep(error)

    def read(self, name: str) -> bytes | None:
        """A phrase; None where there is none, or a damaged one, which is removed."""
        path = self._path(name)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            self._say_once("Phrases in %s cannot be read and are made again: %s", error.strerror or error)
            return None
        pcm = content[_HASH_BYTES:]
        if content[:_HASH_BYTES] != _hash(name, pcm):
            self._say_once("A phrase in %s is damaged and is made again")
            with suppress(OSError):
                path.unlink()
            return None
        self.touch(name)
        return pcm

    def touch(self, name: str) -> None:
        """Notes that a phrase has been asked for."""
        with suppress(OSError):  # gone, or not ours to write: then it is forgotten a little early
            os.utime(self._path(name))

    def write(self, name: str, pcm: bytes) -> None:
        """Keeps a phrase, whole or not at all.

        Nothing waits for the disk: a file that a power cut empties does not fit its hash.
        """
        n_bytes = _size_on_disk(_HASH_BYTES + len(pcm))
        with self._lock:
            try:
                self._make_folder()
                self._make_room(n_bytes)
                handle, partial = tempfile.mkstemp(prefix=_PARTIAL, dir=self._folder)  # 0600
                try:
                    with os.fdopen(handle, "wb") as file:
                        file.write(_hash(name, pcm))
                        file.write(pcm)
                    Path(partial).replace(self._path(name))
                except BaseException:
                    with suppress(OSError):
                        Path(partial).unlink()
                    raise
                self._n_bytes += n_bytes  # too much where one was replaced: then files are counted early
                self._seen_ns = self._folder.stat().st_mtime_ns
            except OSError as error:
                self._cannot_keep(error)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{_SUFFIX}"

    def _make_folder(self) -> None:
        """Makes the folder, or makes it its owner's alone: a list of hashes tells those who can guess a phrase."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._folder.stat().st_mode & 0o077:
            self._folder.chmod(0o700)

    def _make_room(self, n_bytes: int) -> None:
        """Forgets the oldest until there is room for so much."""
        now_ns = self._folder.stat().st_mtime_ns
        if now_ns == self._seen_ns and self._n_bytes + n_bytes <= self._max_bytes:
            return
        self._seen_ns = now_ns
        files = sorted(self._files())
        self._n_bytes = sum(file.n_bytes for file in files)
        if self._n_bytes + n_bytes <= self._max_bytes:
            return
        room = min(self._max_bytes // _ROOM_SHARE, _MAX_ROOM_BYTES)
        goal = self._max_bytes - room - n_bytes
        for file in files:
            if self._n_bytes <= goal:
                break
            file.path.unlink(missing_ok=True)
            self._n_bytes -= file.n_bytes

    def _files(self) -> list[_File]:
        """The phrases there are; removes what writers that were killed left behind."""
        found = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):  # another process was quicker
                    facts = entry.stat(follow_symlinks=False)
                    if entry.name.endswith(_SUFFIX):
                        n_bytes = _size_on_disk(facts.st_size)
                        found.append(_File(facts.st_mtime_ns, Path(entry.path), n_bytes))
                    elif entry.name.startswith(_PARTIAL) and time.time() - facts.st_mtime > _ABANDONED_S:
                        Path(entry.path).unlink()
        return found

    def _cannot_keep(self, error: OSError) -> None:
        self._say_once("Phrases cannot be kept in %s, only in memory: %s", error.strerror or error)

    def _say_once(self, message: str, *reasons: object) -> None:
        """A warning the first time; after that it is news to nobody."""
        level = logging.DEBUG if message in self._said else logging.WARNING
        self._said.add(message)
        _LOGGER.log(level, message, self._folder, *reasons)


def _hash(name: str, pcm: bytes) -> bytes:
    """Of the name too, so that a file is not believed under another's."""
    digest = hashlib.sha256(name.encode())
    digest.update(pcm)
    return digest.digest()


def _size_on_disk(n_bytes: int) -> int:
    return -(-n_bytes // _BLOCK_BYTES) * _BLOCK_BYTES
