"""Prepared weights on disk, so that a start need not read, convert and calibrate again. Knows no torch layers.

A file is found by everything its content depends on: the checkpoint's and the config's content, the precision,
this package's version. So what is stale is never found; it is deleted when newer ones have been written. What
is damaged is noticed by its hash, said and made again.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from wyoming_kokoro import __version__
from wyoming_kokoro.errors import KokoroError, StorageError
from wyoming_kokoro.store.disk import cache_home, exclusive, sha256_of, storage_error
from wyoming_kokoro.store.model_files import ModelFiles

_LOGGER = logging.getLogger(__name__)

_KEPT = 3  # one a precision, if somebody compares them
_SETTING = "XDG_CACHE_HOME"
_HASH = "sha256"
_PARTIAL = ".partial-"


class PreparedWeights:
    """The folder of prepared weights."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or cache_home() / "prepared"

    def get(
        self, files: ModelFiles, variant: str, make: Callable[[], Mapping[str, Tensor]]
    ) -> dict[str, Tensor]:
        """The weights of a model prepared in one way; of processes that need them at once, one makes them.

        variant: a name for the way, fit for a file's name. Where nothing can be written, they are made for this
        time only, with a warning.
        """
        path = self._path(files, variant)
        if (found := _read(path)) is not None:
            return found
        made: dict[str, Tensor] | None = None
        failure: KokoroError | None = None
        try:
            with exclusive(self._folder / "lock", "preparing the model", _SETTING):
                if (found := _read(path)) is not None:  # made while we waited
                    return found
                try:
                    made = _in_own_memory(make())
                except KokoroError as error:
                    failure = error  # about the model, not about this folder
                else:
                    self._write(path, made)
        except StorageError as error:
            _LOGGER.warning("The prepared model cannot be kept, every start will take longer: %s", error)
        if failure is not None:
            raise failure
        return _in_own_memory(make()) if made is None else made

    def _path(self, files: ModelFiles, variant: str) -> Path:
        parts = (sha256_of(files.checkpoint), sha256_of(files.config), variant, __version__)
        key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
        return self._folder / f"{variant}-{key}.safetensors"

    def _write(self, path: Path, state: Mapping[str, Tensor]) -> None:
        """Whole or not at all, then forgets the oldest."""
        partial: Path | None = None
        try:
            for left in self._folder.glob(f"{_PARTIAL}*"):  # by a process that was killed; we hold the lock
                left.unlink(missing_ok=True)
            handle, name = tempfile.mkstemp(prefix=_PARTIAL, dir=self._folder)
            os.close(handle)
            partial = Path(name)
            save_file(dict(state), partial, metadata={_HASH: _content_hash(state)})
            partial.replace(path)
            kept = sorted(self._folder.glob("*.safetensors"), key=lambda each: each.stat().st_mtime)
            for old in kept[:-_KEPT]:
                old.unlink(missing_ok=True)
        except (OSError, SafetensorError) as error:
            raise storage_error(_as_os_error(error), path, _SETTING) from error
        finally:
            if partial is not None:
                with suppress(FileNotFoundError):
                    partial.unlink()


def _in_own_memory(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Copies, since one small view would keep the whole checkpoint's memory: 0.4 GB until the next start."""
    return {name: tensor.clone() for name, tensor in state.items()}


def _as_os_error(error: OSError | SafetensorError) -> OSError:
    """safetensors tells the system's errors as text: `I/O error: No space left on device (os error 28)`."""
    if isinstance(error, OSError):
        return error
    number = re.search(r"os error (\d+)", str(error))
    return OSError(int(number[1]), str(error)) if number else OSError(str(error))


def _read(path: Path) -> dict[str, Tensor] | None:
    """A file's tensors, in memory of their own; None where there is none, or a damaged one."""
    try:
        with safe_open(path, framework="pt") as file:
            state = _in_own_memory({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118, not a dict
            expected = (file.metadata() or {}).get(_HASH)
    except FileNotFoundError:
        return None
    except (OSError, SafetensorError) as error:
        _LOGGER.warning("%s cannot be read and is made again: %s", path, error)
        return None
    if expected != _content_hash(state):
        _LOGGER.warning("%s is damaged and is made again", path)
        return None
    return state


def _content_hash(state: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name in sorted(state):
        digest.update(f"{name} {state[name].dtype} {tuple(state[name].shape)}".encode())
        digest.update(state[name].contiguous().flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()
