"""Tensors on disk that can be made again: found whole or not at all, noticed where damaged. Knows no models."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from wyoming_kokoro.store.disk import storage_error

_LOGGER = logging.getLogger(__name__)

_HASH = "sha256"
_PARTIAL = ".partial-"


def read_tensors(path: Path) -> dict[str, Tensor] | None:
    """A file's tensors, in memory of their own; None where there is none, or a damaged one, which is logged."""
    try:
        with safe_open(path, framework="pt") as file:
            state = in_own_memory({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118, not a dict
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


def write_tensors(path: Path, state: Mapping[str, Tensor], n_kept: int, setting: str) -> None:
    """Writes a file whole or not at all, then forgets the oldest of its folder, but for `n_kept`.

    For one process at a time: the caller holds the folder's lock. Raises `StorageError`, which names `setting`.
    """
    partial: Path | None = None
    folder = path.parent
    try:
        for left in folder.glob(f"{_PARTIAL}*"):  # by a process that was killed
            left.unlink(missing_ok=True)
        handle, name = tempfile.mkstemp(prefix=_PARTIAL, dir=folder)
        os.close(handle)
        partial = Path(name)
        save_file(dict(state), partial, metadata={_HASH: _content_hash(state)})
        partial.replace(path)
        kept = sorted(folder.glob("*.safetensors"), key=lambda each: each.stat().st_mtime)
        for old in kept[:-n_kept]:
            old.unlink(missing_ok=True)
    except (OSError, SafetensorError) as error:
        raise storage_error(_as_os_error(error), path, setting) from error
    finally:
        if partial is not None:
            with suppress(FileNotFoundError):
                partial.unlink()


def in_own_memory(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Copies, since one small view would keep the whole file's memory: 0.4 GB of a checkpoint until the next start."""
    return {name: tensor.clone() for name, tensor in state.items()}


def _as_os_error(error: OSError | SafetensorError) -> OSError:
    """safetensors tells the system's errors as text: `I/O error: No space left on device (os error 28)`."""
    if isinstance(error, OSError):
        return error
    number = re.search(r"os error (\d+)", str(error))
    return OSError(int(number[1]), str(error)) if number else OSError(str(error))


def _content_hash(state: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name in sorted(state):
        digest.update(f"{name} {state[name].dtype} {tuple(state[name].shape)}".encode())
        digest.update(state[name].contiguous().flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()
