"""What has been learnt of voices, on disk: found by the model, the voice and its content. Knows no torch layers."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from wyoming_kokoro.errors import StorageError
from wyoming_kokoro.store.disk import cache_home, exclusive
from wyoming_kokoro.store.tensor_files import in_own_memory, read_tensors, write_tensors

_LOGGER = logging.getLogger(__name__)

_KEPT = 64  # some 4 MB each: more than there are voices
_SETTING = "XDG_CACHE_HOME"


class TableFiles:
    """The folder of tables of one model."""

    def __init__(self, model_key: str, folder: Path | None = None) -> None:
        """model_key: tells the model, its precision and this program's version from all others."""
        self._model_key = model_key
        self._folder = folder or cache_home() / "voices"

    def read(self, fingerprint: str) -> dict[str, Tensor] | None:
        """The table of a voice with this content; None where there is none, or a damaged one."""
        found = read_tensors(self._path(fingerprint))
        return None if found is None else in_own_memory(found)

    def write(self, voice: str, fingerprint: str, table: Mapping[str, Tensor]) -> None:
        """Keeps a table. Where nothing can be written it is lost with this process, with a warning."""
        try:
            with exclusive(self._folder / "lock", "keeping what it has learnt of a voice", _SETTING):
                write_tensors(self._path(fingerprint), table, _KEPT, _SETTING)
        except StorageError as error:
            _LOGGER.warning(
                "What was learnt of %s cannot be kept, so it will be learnt again: %s", voice, error
            )

    def _path(self, fingerprint: str) -> Path:
        key = hashlib.sha256(f"{self._model_key}\n{fingerprint}".encode()).hexdigest()[:24]
        return self._folder / f"{key}.safetensors"
