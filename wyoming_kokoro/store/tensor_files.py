"""Tensors on disk that can be made again: found whole or not at all, noticed where damaged. Knows no models.

Files are in the safetensors format. They are computed with where they lie, in the system's cache of files: what is
read that way takes no memory of the process, several have it once, and the system may drop it and read it again.
So every tensor begins at a cache line, behind a filler where need be.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from wyoming_kokoro.store.disk import storage_error

_LOGGER = logging.getLogger(__name__)

_HASH, _EMPTY = "sha256", "shapes of tensors without content"
_FILLER = "filler "
_PARTIAL = ".partial-"
_CACHE_LINE_BYTES = 64
_NAMES = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.bfloat16: "BF16",
    torch.float16: "F16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.int16: "I16",
    torch.int8: "I8",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}


def read_tensors(path: Path) -> dict[str, Tensor] | None:
    """A file's tensors, where they lie; None where there is no file, or a damaged one, which is logged.

    What is written into them is seen by this process only.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118, not a dict
        state |= _without_content(metadata.get(_EMPTY, "{}"))
    except FileNotFoundError:
        return None
    except (OSError, SafetensorError, ValueError, KeyError) as error:
        _LOGGER.warning("%s cannot be read and is made again: %s", path, error)
        return None
    if metadata.get(_HASH) != _content_hash(state):
        _LOGGER.warning("%s is damaged and is made again", path)
        return None
    return {name: tensor for name, tensor in state.items() if not name.startswith(_FILLER)}


def _without_content(described: str) -> dict[str, Tensor]:
    """Raises `ValueError` or `KeyError` where that is no description."""
    dtypes = {name: dtype for dtype, name in _NAMES.items()}
    try:
        return {
            name: torch.empty(shape, dtype=dtypes[dtype], device="meta")
            for name, (dtype, shape) in json.loads(described).items()
        }
    except (AttributeError, TypeError, RuntimeError) as error:
        raise ValueError(f"no shapes: {described[:100]}") from error


def write_tensors(path: Path, state: Mapping[str, Tensor], n_kept: int, setting: str) -> None:
    """Writes a file whole or not at all, then forgets the oldest of its folder, but for `n_kept`.

    Of tensors on the meta device, shape and type are kept.
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
        save_file(state, partial)
        partial.replace(path)
        kept = sorted(folder.glob("*.safetensors"), key=lambda each: each.stat().st_mtime)
        for old in kept[:-n_kept]:
            old.unlink(missing_ok=True)
    except OSError as error:
        raise storage_error(error, path, setting) from error
    finally:
        if partial is not None:
            with suppress(FileNotFoundError):
                partial.unlink()


def save_file(state: Mapping[str, Tensor], path: Path) -> None:
    """Writes a safetensors file whose tensors begin at cache lines. The library puts them anywhere."""
    tensors: dict[str, Tensor] = {}
    for name in sorted(state):
        if state[name].is_meta:
            continue
        tensors[name] = state[name]
        if n_missing := -state[name].nbytes % _CACHE_LINE_BYTES:
            tensors[f"{_FILLER}{name}"] = torch.zeros(n_missing, dtype=torch.uint8)
    empty = {name: (_NAMES[each.dtype], list(each.shape)) for name, each in state.items() if each.is_meta}
    metadata = {_HASH: _content_hash({**state, **tensors}), _EMPTY: json.dumps(empty)}
    header: dict[str, object] = {"__metadata__": metadata}
    end = 0
    for name, tensor in tensors.items():
        start, end = end, end + tensor.nbytes
        header[name] = {
            "dtype": _NAMES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [start, end],
        }
    text = json.dumps(header).encode()
    text += b" " * (-(8 + len(text)) % _CACHE_LINE_BYTES)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for tensor in tensors.values():
            file.write(_bytes(tensor))


def in_own_memory(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Copies, since one small view would keep the whole file's memory: 0.4 GB of a checkpoint until the next start."""
    return {name: tensor.clone() for name, tensor in state.items()}


def _content_hash(state: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name in sorted(state):
        digest.update(f"{name} {state[name].dtype} {tuple(state[name].shape)}".encode())
        if not state[name].is_meta:
            digest.update(_bytes(state[name]))
    return digest.hexdigest()


def _bytes(tensor: Tensor) -> memoryview:
    content: memoryview = tensor.contiguous().flatten().view(torch.uint8).numpy().data
    return content
