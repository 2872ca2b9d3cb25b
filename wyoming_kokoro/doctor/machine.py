"""Checks of what every Python program needs: Python, packages, memory, folders. Knows no model and no network."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from packaging.requirements import Requirement

from wyoming_kokoro import threads
from wyoming_kokoro.doctor.findings import Finding, broken, ok, warning
from wyoming_kokoro.settings import Settings, unknown_variables

_OLDEST, _TOO_NEW = (3, 10), (3, 13)  # misaki does not run on 3.13; as in setup.cfg
_DISTRIBUTION = "wyoming_kokoro"
_EXTRAS = {"ja": "Japanese", "zh": "Mandarin"}

_GIGABYTE = 1e9
# In fp32, which takes the most, a server that had spoken for a while held 1.35 GB (README, "How fast").
_MEMORY_BYTES = 1.4 * _GIGABYTE
_DISK_BYTES = 1.0 * _GIGABYTE  # model, prepared weights, machine code, tables

_MEMINFO = Path("/proc/meminfo")
_MEMORY_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),  # control groups, version 2
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),  # and 1
)


def check_python(version: tuple[int, int] = sys.version_info[:2]) -> Finding:
    """Whether this is a Python that all libraries run on."""
    text = f"Python {version[0]}.{version[1]}, {sys.executable}"
    if _OLDEST <= version < _TOO_NEW:
        return ok(text)
    return broken(f"{text}, is none that this runs on.", "Install with Python 3.10, 3.11 or 3.12.")


def check_packages(
    requirements: Callable[[str], Sequence[str] | None] = importlib.metadata.requires,
) -> Finding:
    """Whether everything that the package asks for is installed."""
    try:
        lines = requirements(_DISTRIBUTION) or ()
    except importlib.metadata.PackageNotFoundError:
        return warning(
            f"{_DISTRIBUTION} is not installed, so what it needs is not known.", "Install it: pip install ."
        )
    if missing := _missing(lines):
        return broken(f"Not installed: {', '.join(missing)}.", f"pip install {' '.join(missing)}")
    silent = [
        f"{language} (pip install 'wyoming_kokoro[{extra}]')"
        for extra, language in _EXTRAS.items()
        if _missing(lines, extra)
    ]
    return ok("all that it needs" + (f", but not what it takes for {' and '.join(silent)}" if silent else ""))


def _missing(requirements: Iterable[str], extra: str = "") -> list[str]:
    """What is not installed of that which this Python needs, with an extra or without any."""
    missing = []
    for each in map(Requirement, requirements):
        if each.marker is not None and not each.marker.evaluate({"extra": extra}):
            continue
        try:
            importlib.metadata.version(each.name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(each.name)
    return missing


def check_variables(environ: Mapping[str, str] = os.environ) -> Finding:
    """Whether every variable that looks like an option is one."""
    if unknown := unknown_variables(environ):
        return warning(
            " ".join(unknown), "Mend or unset it; --help says how options and variables are called."
        )
    return ok("no variable that would have no effect")


def check_memory(meminfo: Path = _MEMINFO, limits: Sequence[Path] = _MEMORY_LIMITS) -> Finding:
    """Whether there is memory for the model now, as far as the system and its containers tell."""
    found = re.search(r"^MemAvailable: +(\d+) kB$", _text(meminfo), flags=re.MULTILINE)
    if found is None:
        return ok("this system does not tell how much memory is free")
    free_bytes = 1024.0 * int(found[1])
    allowed = [int(text) for path in limits if (text := _text(path).strip()).isdigit()]
    text = f"{free_bytes / _GIGABYTE:.1f} GB free"
    if allowed and min(allowed) < free_bytes:
        free_bytes = min(allowed)
        text += f", of which a limit of the system allows {free_bytes / _GIGABYTE:.1f} GB"
    if free_bytes >= _MEMORY_BYTES:
        return ok(text)
    return warning(
        f"{text}; up to {_MEMORY_BYTES / _GIGABYTE:.1f} GB are needed.",
        "End other programs or raise the limit; --idle-unload gives memory back while nobody speaks.",
    )


def check_openmp() -> Finding:
    """Whether the libraries that compute can share their threads."""
    if threads.is_openmp_missing():
        return warning(threads.WITHOUT_OPENMP, threads.GET_OPENMP)
    return ok("the libraries share their threads")


def check_folders(settings: Settings) -> Finding:
    """Whether what is fetched and made can be kept."""
    from wyoming_kokoro.store.disk import cache_home
    from wyoming_kokoro.store.hub import Hub

    folders = {
        Hub(cache_dir=settings.download_dir).cache_dir: "--download-dir or HF_HOME",
        cache_home(): "XDG_CACHE_HOME",
    }
    if settings.cache_dir is not None:
        folders[settings.cache_dir] = "--cache-dir"
    for folder, setting in folders.items():
        if (trouble := why_not_writable(folder)) is not None:
            return warning(
                f"Nothing can be kept in {folder}: {trouble}. Every start will take longer.",
                f"Let the user this runs as write there, or choose another folder with {setting}.",
            )
    free_bytes = min(shutil.disk_usage(_existing(folder)).free for folder in folders)
    names = " and ".join(map(str, folders))
    if free_bytes < _DISK_BYTES:
        return warning(
            f"{names}: only {free_bytes / _GIGABYTE:.1f} GB are free, and up to {_DISK_BYTES / _GIGABYTE:g} GB are needed.",
            "Free some space there, or choose folders on another disk.",
        )
    return ok(f"{names} can be written, {free_bytes / _GIGABYTE:.0f} GB free")


def why_not_writable(folder: Path) -> str | None:
    """Why nothing can be put into a folder, which need not be there yet; None where it can."""
    try:
        with tempfile.TemporaryFile(dir=_existing(folder)):
            return None
    except OSError as error:
        return error.strerror or str(error)


def _existing(folder: Path) -> Path:
    """The folder, or what is there of the way to it."""
    return next(each for each in (folder, *folder.parents) if os.path.lexists(each))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:  # another system than Linux, or another version of it
        return ""
