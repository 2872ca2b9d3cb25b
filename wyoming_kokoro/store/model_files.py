"""Where this machine has a Kokoro model: the user's folders, the hub's cache, the registries' folder.

Looks at names only; does not read checkpoints. Never runs pip or npm.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from wyoming_kokoro.errors import HubError, OfflineError, StoreError
from wyoming_kokoro.store import packages
from wyoming_kokoro.store.hub import CONFIG_NAME, KOKORO_V1_0, Hub

_LOGGER = logging.getLogger(__name__)

PRESETS_NAME = "voices.toml"
_CHECKPOINT_SUFFIXES = (".pth", ".safetensors")


@dataclass(frozen=True)
class ModelFiles:
    """The files of one model, all on this machine."""

    checkpoint: Path
    config: Path

    origin: str
    """Where they come from, for people: `the hub's cache (hexgrad/Kokoro-82M)`."""

    is_eight_bit: bool = False
    """True for weights that went through 8 bits and lost some quality."""

    voice_folders: tuple[Path, ...] = ()
    """Folders for voice files, there or not, the first to be asked first."""

    preset_files: tuple[Path, ...] = ()
    """The same of files with presets."""


def find_model_files(data_dirs: Sequence[Path], hub: Hub, packages_folder: Path) -> ModelFiles:
    """The model to use: of the data folders, else the hub's cache, else the registries', else the hub.

    Only the last of these uses the network. Raises `StoreError` where a data folder is not usable as it
    is, and where there is no model at all, then with what was looked at and what to do.
    """
    files = (
        in_data_dirs(data_dirs, hub.release.checkpoint_name)
        or in_hub_cache(hub)
        or in_packages(packages_folder)
    )
    if files is None:
        try:
            files = _from_hub(hub)
        except (HubError, OfflineError) as error:
            looked_at = (*map(str, data_dirs), f"the hub's cache in {hub.cache_dir}", str(packages_folder))
            raise StoreError(
                f"There is no Kokoro model in {', '.join(looked_at)}, and none could be fetched: {error} "
                "In short: python -m wyoming_kokoro.download, or --data-dir with a folder that holds "
                f"{hub.release.checkpoint_name} and {CONFIG_NAME}."
            ) from error
    if files.is_eight_bit:
        _LOGGER.warning(
            "These are 8-bit weights from package registries, of lower quality than the published ones; "
            "where the hub can be reached, `python -m wyoming_kokoro.download --source hub` gets those"
        )
    folders = voice_folders(data_dirs, packages_folder)
    return replace(files, voice_folders=folders, preset_files=preset_files(data_dirs))


def voice_folders(data_dirs: Sequence[Path], packages_folder: Path) -> tuple[Path, ...]:
    """Where voices may be, there or not, the first to be asked first."""
    return (*(folder / "voices" for folder in data_dirs), packages_folder / "voices")


def preset_files(data_dirs: Sequence[Path]) -> tuple[Path, ...]:
    """The same of files with presets."""
    return tuple(folder / PRESETS_NAME for folder in data_dirs)


def in_data_dirs(data_dirs: Sequence[Path], preferred_name: str) -> ModelFiles | None:
    """The model in the first of the user's folders that has one. Raises `StoreError` for one to be put right."""
    for folder in data_dirs:
        if (checkpoint := _checkpoint_in(folder, preferred_name)) is None:
            continue
        config = folder / CONFIG_NAME
        if not config.is_file():
            raise StoreError(
                f"{checkpoint} has no {CONFIG_NAME} beside it. Put the one it was published with there; "
                f"that of {KOKORO_V1_0.repo_id} fits all Kokoro v1.0 weights."
            )
        is_eight_bit = checkpoint.name == packages.CHECKPOINT_NAME
        return ModelFiles(checkpoint, config, f"the data folder {folder}", is_eight_bit)
    return None


def in_hub_cache(hub: Hub) -> ModelFiles | None:
    """The hub's model, if it has been fetched before."""
    checkpoint, config = hub.cached(hub.release.checkpoint_name), hub.cached(CONFIG_NAME)
    if checkpoint is None or config is None:
        return None
    return ModelFiles(checkpoint, config, f"the hub's cache ({hub.release.repo_id})")


def in_packages(folder: Path) -> ModelFiles | None:
    """The model out of package registries, if it has been fetched."""
    if not packages.is_complete(folder):
        return None
    origin = f"package registries, kept in {folder}"
    return ModelFiles(folder / packages.CHECKPOINT_NAME, folder / CONFIG_NAME, origin, is_eight_bit=True)


def _from_hub(hub: Hub) -> ModelFiles:
    config = hub.config()  # the small one first: a checkpoint in the cache then means that both are there
    return ModelFiles(hub.checkpoint(), config, f"the hub ({hub.release.repo_id})")


def _checkpoint_in(folder: Path, preferred_name: str) -> Path | None:
    """A data folder's checkpoint; None in one that holds voices only, or nothing."""
    if not folder.is_dir():
        raise StoreError(
            f"The data folder {folder} is not there, or no folder. Make it, or leave out --data-dir."
        )
    if (preferred := folder / preferred_name).is_file():
        return preferred
    found = sorted(
        path for path in folder.iterdir() if path.suffix in _CHECKPOINT_SUFFIXES and path.is_file()
    )
    if len(found) > 1:
        raise StoreError(
            f"{folder} holds {len(found)} checkpoints: {', '.join(path.name for path in found)}. "
            f"Leave one, or name it {preferred_name}."
        )
    return found[0] if found else None
