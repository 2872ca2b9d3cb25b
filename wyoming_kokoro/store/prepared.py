"""Prepared weights on disk, so that a start need not read, convert and calibrate again. Knows no torch layers.

A file is found by everything its content depends on: the checkpoint's and the config's content, the precision,
this package's version. So what is stale is never found; it is deleted when newer ones have been written. What
is damaged is noticed by its hash, said and made again.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from torch import Tensor

from wyoming_kokoro import __version__
from wyoming_kokoro.errors import KokoroError, StorageError
from wyoming_kokoro.store.disk import cache_home, exclusive, sha256_of
from wyoming_kokoro.store.model_files import ModelFiles
from wyoming_kokoro.store.tensor_files import read_tensors, write_tensors

_LOGGER = logging.getLogger(__name__)

_KEPT = 4  # one a precision, if somebody compares them
_SETTING = "XDG_CACHE_HOME"


class PreparedWeights:
    """The folder of prepared weights."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or cache_home() / "prepared"
        self._hashes: dict[tuple[Path, int, int], str] = {}

    def get(
        self, files: ModelFiles, variant: str, make: Callable[[], Mapping[str, Tensor]]
    ) -> dict[str, Tensor]:
        """The weights of a model prepared in one way, where they lie on disk; of processes that need them at once, one makes them.

        variant: a name for the way, fit for a file's name. Where nothing can be written, they are made for this
        time only, with a warning.
        """
        path = self._folder / f"{self.key(files, variant)}.safetensors"
        if (found := read_tensors(path)) is not None:
            return found
        made: Mapping[str, Tensor] | None = None
        failure: KokoroError | None = None
        try:
            with exclusive(self._folder / "lock", "preparing the model", _SETTING):
                if (found := read_tensors(path)) is not None:  # made while we waited
                    return found
                try:
                    made = make()
                except KokoroError as error:
                    failure = error  # about the model, not about this folder
                else:
                    write_tensors(path, made, _KEPT, _SETTING)
                    made = read_tensors(path) or made  # from now on without memory of its own
        except StorageError as error:
            _LOGGER.warning("The prepared model cannot be kept, every start will take longer: %s", error)
        if failure is not None:
            raise failure
        return dict(make() if made is None else made)

    def key(self, files: ModelFiles, variant: str) -> str:
        """What tells a model prepared in this way from every other; fit for a file's name."""
        parts = (self._hash(files.checkpoint), self._hash(files.config), variant, __version__)
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        return f"{variant}-{digest[:16]}"

    def _hash(self, path: Path) -> str:
        """Reading a checkpoint takes a while, so it is read again only when it has changed."""
        stat = path.stat()
        what = (path, stat.st_mtime_ns, stat.st_size)
        if what not in self._hashes:
            self._hashes[what] = sha256_of(path)
        return self._hashes[what]
