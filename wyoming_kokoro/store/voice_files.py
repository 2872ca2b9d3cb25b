"""Voice packs on disk, found and read without running anything that is in them. Knows no hubs or catalogues.

A pack is a table of styles, one row per number of phonemes: (rows, 1, 256), fp32.

.pt             one tensor, as the hub has them
.bin            the same numbers and nothing else, as the npm package has them
.npz            arrays by voice name, as the ONNX community has them, also under the suffix .bin;
                a single array is named by its file
.safetensors    one tensor
"""

from __future__ import annotations

import logging
import pickle
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from wyoming_kokoro.errors import VoiceFileError

_LOGGER = logging.getLogger(__name__)

STYLE_WIDTH = 256  # 128 for the decoder, 128 for prosody
SUFFIXES = (".pt", ".bin", ".npz", ".safetensors")
_ROW_BYTES = STYLE_WIDTH * 4
# A pack has 510 rows, half a megabyte; this leaves room for wider number formats and odd shapes.
_MAX_PACK_BYTES = 8 << 20
_MAX_ARCHIVE_BYTES = 256 << 20  # some hundreds of voices
# What the readers below raise when a file is cut short, damaged or of another kind.
_READ_ERRORS = (
    OSError, RuntimeError, ValueError, TypeError, EOFError, LookupError, MemoryError,
    zipfile.BadZipFile, zlib.error, pickle.UnpicklingError, SafetensorError,
)  # fmt: skip
_ZIP_START = b"PK\x03\x04"
# Nothing that reads as a path or as a blend of voices; the label begins with the letter or digit it begins with.
_NAME = re.compile(r"[^\W_][\w.-]*")
_REMEDY = "Fetch it again, or take it out of the folder."


@dataclass(frozen=True)
class VoiceFile:
    """Where one voice's pack is."""

    path: Path

    array: str | None = None
    """Which array of an .npz archive."""

    def n_bytes(self) -> int:
        """How much it takes on the disk; of an archive, the whole of it. Raises `OSError`."""
        return self.path.stat().st_size


def is_voice_name(name: str) -> bool:
    """Whether this can be a voice's name at all: no separators, no `..`."""
    return _NAME.fullmatch(name) is not None and ".." not in name


def find_voices(folder: Path) -> dict[str, VoiceFile]:
    """The voices in a folder, by name; none where there is no folder, which may come later.

    What is there but cannot be a voice is skipped with a warning.
    """
    found: dict[str, VoiceFile] = {}
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES and path.is_file())
        root = folder.resolve()
    except FileNotFoundError:
        return found
    except OSError as error:
        _LOGGER.warning("Cannot look for voices in %s: %s", folder, error.strerror or error)
        return found
    for path in paths:
        if not path.resolve().is_relative_to(root):
            _LOGGER.warning("%s is a link that leads out of its folder; copy the voice there instead", path)
            continue
        try:
            voices = _voices_in(path)
        except VoiceFileError as error:
            _LOGGER.warning("%s", error)
            continue
        for name, file in voices.items():
            if is_voice_name(name):
                found.setdefault(name, file)
            else:
                _LOGGER.warning("%s holds %r, which cannot be a voice's name", path, name)
    return found


def file_state(path: Path) -> tuple[object, ...] | None:
    """What tells a file from what it was before it was written or exchanged; None where there is none."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns


def folder_state(folder: Path) -> tuple[object, ...]:
    """The same of all the voices in a folder, and nothing else in there; links are followed."""
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES)
    except OSError:
        return ()
    return tuple((path.name, file_state(path)) for path in paths)


def read_pack(file: VoiceFile) -> Tensor:
    """A voice's styles: (rows, 1, 256), fp32, finite.

    Raises `VoiceFileError` that names the file, what is wrong with it, and what to do.
    """
    path = file.path
    try:
        if _is_archive(path):
            pack = torch.from_numpy(_read_array(path, file.array))
        else:
            _check_size(path, path.stat().st_size, _MAX_PACK_BYTES)
            pack = _READERS[path.suffix](path)
    except _READ_ERRORS as error:
        raise _unreadable(path, error) from error
    return _checked(pack, path)


def _voices_in(path: Path) -> dict[str, VoiceFile]:
    """The voices a file holds, by its own account."""
    try:
        if not _is_archive(path):
            return {path.stem: VoiceFile(path)}
        with zipfile.ZipFile(path) as archive:
            arrays = [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]
    except (OSError, zipfile.BadZipFile) as error:
        raise _unreadable(path, error) from error
    if len(arrays) == 1:
        return {path.stem: VoiceFile(path, arrays[0])}
    return {array: VoiceFile(path, array) for array in arrays}


def _is_archive(path: Path) -> bool:
    if path.suffix not in (".npz", ".bin"):
        return False
    with path.open("rb") as file:
        return path.suffix == ".npz" or file.read(len(_ZIP_START)) == _ZIP_START


def _read_array(path: Path, array: str | None) -> npt.NDArray[np.generic]:
    _check_size(path, path.stat().st_size, _MAX_ARCHIVE_BYTES)
    with zipfile.ZipFile(path) as archive:
        member = archive.getinfo(f"{array}.npy")
        _check_size(path, member.file_size, _MAX_PACK_BYTES)
        with archive.open(member) as file:
            content: npt.NDArray[np.generic] = np.lib.format.read_array(file, allow_pickle=False)
            return content


def _read_tensor_file(path: Path) -> Tensor:
    if zipfile.is_zipfile(path):  # else the format before torch 1.6, which is not compressed
        with zipfile.ZipFile(path) as archive:
            _check_size(path, sum(member.file_size for member in archive.infolist()), _MAX_PACK_BYTES)
    content = torch.load(path, map_location="cpu", weights_only=True)
    if not isinstance(content, Tensor):
        raise TypeError(f"it holds a {type(content).__name__}, not a tensor")
    return content


def _read_bare_numbers(path: Path) -> Tensor:
    content = path.read_bytes()
    if len(content) % _ROW_BYTES:
        raise ValueError(f"its {len(content)} bytes are no whole number of {_ROW_BYTES}-byte rows")
    return torch.from_numpy(
        np.frombuffer(content, dtype="<f4").astype(np.float32).reshape(-1, 1, STYLE_WIDTH)
    )


def _read_safetensors(path: Path) -> Tensor:
    content = load_file(path)
    if len(content) != 1:
        raise ValueError(f"it holds {len(content)} tensors instead of one")
    return next(iter(content.values()))


_READERS = {".pt": _read_tensor_file, ".bin": _read_bare_numbers, ".safetensors": _read_safetensors}


def _checked(pack: Tensor, path: Path) -> Tensor:
    """(rows, 1, 256) or (rows, 256) of any float type to (rows, 1, 256) fp32; nothing else passes."""
    rows = pack.shape[0] if pack.ndim else 0
    if (
        not pack.is_floating_point()
        or rows == 0
        or pack.shape not in ((rows, 1, STYLE_WIDTH), (rows, STYLE_WIDTH))
    ):
        raise VoiceFileError(
            f"{path} holds {pack.dtype} numbers of shape {list(pack.shape)}; a voice has floats of shape "
            f"[rows, 1, {STYLE_WIDTH}]. {_REMEDY}"
        )
    if not bool(pack.isfinite().all()):
        raise VoiceFileError(f"{path} holds NaN or infinity. {_REMEDY}")
    return pack.to(torch.float32).reshape(rows, 1, STYLE_WIDTH).contiguous()


def _check_size(path: Path, n_bytes: int, limit_bytes: int) -> None:
    if n_bytes > limit_bytes:
        raise VoiceFileError(
            f"{path} holds {n_bytes} bytes, more than the {limit_bytes} that a voice could need. {_REMEDY}"
        )


def _unreadable(path: Path, error: Exception) -> VoiceFileError:
    reason = (
        error.strerror if isinstance(error, OSError) and error.strerror else str(error).partition("\n")[0]
    )
    return VoiceFileError(f"Cannot read the voice {path}: {reason or type(error).__name__}. {_REMEDY}")
