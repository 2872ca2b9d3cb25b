"""Installs a Home Assistant core from PyPI into a virtual environment of its own, once, outside the clone.

Knows pip and what Home Assistant's integrations say that they need; knows nothing of this project.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

VERSION = "2026.2.3"  # the last that runs on Python 3.13
PYTHONS = ("3.13", "3.14")
_INTEGRATIONS = (
    "wyoming",
    "frontend",
)  # the one that is visited, and without the other Home Assistant gives up
# Integrations that those reach at import import this themselves, and leave saying so to others.
_UNSAID = ("numpy", "zeroconf", "ifaddr")


class InstallError(Exception):
    """What stops the installation, and what to do about it."""


def cache_dir() -> Path:
    """Where environments are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "wyoming-kokoro" / "home-assistant"


def find_python(versions: Iterable[str] = PYTHONS) -> str:
    """The first Python of these versions that starts, on the path or among pyenv's. Raises `InstallError`."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for version in versions:
        name = f"python{version}"
        # pyenv puts a name on the path for all of its Pythons, and starts only those that were chosen.
        for path in (shutil.which(name), *sorted(map(str, pyenv.glob(f"versions/{version}.*/bin/{name}")))):
            if path is not None and _starts(path):
                return path
    raise InstallError(
        f"Home Assistant needs Python {' or '.join(versions)}, and there is none here; name one with --python"
    )


def _starts(python: str) -> bool:
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


def install(version: str, python: str | None, folder: Path) -> Path:
    """The Python of an environment in `folder` that holds this version; makes it where there is none.

    python: makes it; None: the one that is found. Raises `InstallError`.
    """
    if shutil.which("ffmpeg") is None:
        raise InstallError(
            "Home Assistant needs ffmpeg, which is not there; on Debian: apt-get install ffmpeg"
        )
    target = folder / version
    stamp = target / "installed.json"
    if not stamp.exists():
        shutil.rmtree(target, ignore_errors=True)  # one that was begun
        target.parent.mkdir(parents=True, exist_ok=True)
        _run([python or find_python(), "-m", "venv", str(target)])
        pip = [str(_python_of(target)), "-m", "pip", "install", "--quiet", "--ignore-requires-python"]
        _run([*pip, f"homeassistant=={version}"])
        [package] = target.glob("lib/python3*/site-packages/homeassistant")
        needed = sorted(requirements(package, _INTEGRATIONS))
        _run([*pip, "--constraint", str(package / "package_constraints.txt"), *needed, *_UNSAID])
        stamp.write_text(json.dumps({"version": version, "integrations": needed}), encoding="utf-8")
    return _python_of(target)


def requirements(package: Path, integrations: Iterable[str]) -> set[str]:
    """What these integrations and those that they depend on need from PyPI."""
    seen: set[str] = set()
    needed: set[str] = set()
    waiting = list(integrations)
    while waiting:
        if (name := waiting.pop()) in seen:
            continue
        seen.add(name)
        manifest = json.loads((package / "components" / name / "manifest.json").read_text(encoding="utf-8"))
        needed.update(manifest.get("requirements", []))
        waiting += manifest.get("dependencies", [])
    return needed


def _python_of(environment: Path) -> Path:
    return environment / "bin" / "python"


def _run(command: list[str]) -> None:
    print("+", " ".join(command), file=sys.stderr)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise InstallError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
