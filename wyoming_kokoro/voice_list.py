"""All voices with what is known of each, as a table for people or JSON for programs. Loads no model, asks no network."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from wyoming_kokoro.errors import KokoroError, UnknownVoiceError
from wyoming_kokoro.store.catalogue import GRADES, OFFICIAL_VOICES, gender_of
from wyoming_kokoro.store.hub import Hub
from wyoming_kokoro.store.model_files import preset_files, voice_folders
from wyoming_kokoro.store.packages import packages_dir
from wyoming_kokoro.store.voices import VoiceStore

_TITLES = ("NAME", "LANGUAGE", "GENDER", "GRADE", "KB", "ON DISK", "WHAT IT IS")


@dataclass(frozen=True)
class Entry:
    """One voice of the list."""

    name: str
    label: str
    language: str
    """BCP-47."""

    is_default: bool
    """Whether it speaks when only its language is asked for."""

    gender: str | None
    grade: str | None
    """What its makers think of it, from A to F."""

    bytes_on_disk: int | None
    """None: it is not on disk, or has no file of its own."""

    is_on_disk: bool
    """Whether it speaks without a network: of a preset, all that it is made of."""

    blend: str | None
    """Of which voices a preset or a blend is made."""

    is_own: bool
    """Whether it did not come with the model."""

    speed: float
    gain_db: float
    pause_s: float | None
    """What a preset sets, as `Manner` has it."""

    fault: str | None
    """Why it cannot speak, though it is on disk."""


def find_store(data_dirs: Sequence[Path], download_dir: Path | None, default_voice: str) -> VoiceStore:
    """The voices that a server with these options would have, without its model. Raises `KokoroError`."""
    hub = Hub(cache_dir=download_dir, local_files_only=True)
    folders = voice_folders(data_dirs, packages_dir())
    return VoiceStore(folders, hub, default_voice, preset_files(data_dirs))


def entries(store: VoiceStore, names: Sequence[str] = ()) -> list[Entry]:
    """The voices by these names, blends too, or all that are listed. Raises `UnknownVoiceError` or `BlendError`."""
    listed = {info.name: info for info in store.voices()}
    found = []
    for name in [store.resolve(name) for name in names] or listed:
        parts = store.parts(name)
        files = [store.file(part) for part in parts]
        is_on_disk = None not in files
        manner = store.manner(name)
        info = listed.get(name)
        found.append(
            Entry(
                name=name,
                label=info.label if info else name,
                language=store.language(name),
                is_default=info is not None and info.is_language_default,
                gender=gender_of(name) if parts == (name,) else None,
                grade=GRADES.get(name),
                bytes_on_disk=files[0].n_bytes() if parts == (name,) and files[0] is not None else None,
                is_on_disk=is_on_disk,
                blend=None if parts == (name,) else store.recipe(name),
                is_own=name not in OFFICIAL_VOICES,
                speed=manner.speed,
                gain_db=manner.gain_db,
                pause_s=manner.pause_s,
                fault=_fault(store, name) if is_on_disk else None,
            )
        )
    return found


def as_table(found: Sequence[Entry]) -> str:
    """A line for each, in columns; what is not known is a dash."""
    lines = [_TITLES, *map(_cells, found)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_TITLES))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def as_json(found: Sequence[Entry]) -> str:
    """A list of objects."""
    return json.dumps([asdict(each) for each in found], indent=2, ensure_ascii=False)


def _cells(entry: Entry) -> tuple[str, ...]:
    manner = [f"speed {entry.speed:g}"] * (entry.speed != 1) + [f"{entry.gain_db:+g} dB"] * (
        entry.gain_db != 0
    )
    if entry.pause_s is not None:
        manner.append(f"pause {entry.pause_s:g} s")
    what = entry.blend or (
        "a voice of yours" if entry.is_own else "default of its language" * entry.is_default
    )
    return (
        entry.name,
        entry.language,
        entry.gender or "-",
        entry.grade or "-",
        "-" if entry.bytes_on_disk is None else str(round(entry.bytes_on_disk / 1000)),
        "broken" if entry.fault else "yes" if entry.is_on_disk else "no",
        ", ".join([what] * bool(what) + manner),
    )


def _fault(store: VoiceStore, name: str) -> str | None:
    try:
        store.pack(name)
    except UnknownVoiceError:
        raise
    except KokoroError as error:
        return str(error)
    return None
