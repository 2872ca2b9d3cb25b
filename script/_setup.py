"""Makes .venv and installs this project into it, once. Standard library only; knows nothing of models.

script/setup starts this with .venv's own Python where that one works, else with the first that fits:

    .venv                                               what is done
    -------------------------------------------------   ---------------------------------------
    absent, or its Python does not start or fit         made, everything installed
    moved, without pip, of another Python, or built     made anew, everything installed
      for the CPU where there is a GPU now
    an install was interrupted, or something else       pip installs what is missing or changed
      is wanted now
    stamped with all that is wanted                     nothing
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import http.client
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = VENV / "setup.lock"
STAMP = VENV / "setup.json"
PIP_LOG = VENV / "setup.log"

RUN_EXTRAS = ("packages",)  # 18 MB, so that a closed network costs one download step and not a second set-up
TEST_EXTRAS = ("test", "reference")

# One exact version: a plain `torch` takes whatever is newest, with gigabytes of CUDA on most platforms.
TORCH = "torch==2.13.0"
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
REACH_TIMEOUT_S = 4.0
NVIDIA_DEVICES = (Path("/dev/nvidia0"), Path("/proc/driver/nvidia"))

WANTED_BY = ("setup.cfg", "pyproject.toml", "wyoming_kokoro/__init__.py")  # dependencies, build, version
TAIL_LINES = 15


class SetupError(Exception):
    """Something that stops the set-up; the message says what to do about it."""


@dataclass(frozen=True)
class Stamp:
    """What .venv holds. Written without `requirements` when work on it begins, whole when it is done."""

    location: str
    """Where it was made; the programs in it start with this path."""

    python: str
    """The Python it was made with, as `3.11`."""

    torch: str
    """`cpu` or `cuda`: which build was asked for."""

    extras: tuple[str, ...] = ()
    """Which of the package's extras are in."""

    requirements: str = ""
    """SHA-256 over the files that say what to install; empty while that goes on."""


def main(argv: list[str]) -> int:
    """Sets up, and returns the exit code."""
    parser = argparse.ArgumentParser(prog="script/setup", description="Makes .venv and installs into it.")
    parser.add_argument(
        "--test", action="store_true", help="with test tools and the reference implementation"
    )
    arguments = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # takes pip along, as ^C does
    try:
        set_up(RUN_EXTRAS + TEST_EXTRAS if arguments.test else RUN_EXTRAS)
    except (SetupError, OSError) as error:
        print(f"script/setup: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nscript/setup: interrupted; the next one goes on from here.", file=sys.stderr)
        return 128 + signal.SIGINT
    return 0


def set_up(extras: tuple[str, ...]) -> None:
    """Brings .venv to hold the package with these extras at least; does nothing where it does already."""
    stamp = read_stamp()
    has_gpu = has_nvidia_gpu()
    usable = stamp is not None and is_usable(stamp, has_gpu=has_gpu)
    if stamp is not None and usable and is_complete(stamp, extras):
        print("Already set up.")
        return

    with lock():
        if read_stamp() != stamp:  # another one was quicker: what is seen from here is out of date
            os.execv(ROOT / "script" / "setup", sys.argv)  # noqa: S606 - the same command again
        started = time.monotonic()
        if stamp is None or not usable:
            stamp = make_venv("cuda" if has_gpu else "cpu")
        else:
            extras = tuple(sorted({*stamp.extras, *extras}))
            write_stamp(replace(stamp, requirements=""))
            remove_half_installed()
        install(extras, torch=stamp.torch)
        write_stamp(replace(stamp, extras=extras, requirements=fingerprint()))
        print(f"Set up in {time.monotonic() - started:.0f} s.")


def read_stamp() -> Stamp | None:
    """The stamp in .venv, or None where there is none that this version of the file understands."""
    try:
        fields = json.loads(STAMP.read_text(encoding="utf-8"))
        return Stamp(**{**fields, "extras": tuple(fields["extras"])})
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
        return None


def write_stamp(stamp: Stamp) -> None:
    """Puts the stamp in place in one step."""
    half = STAMP.with_suffix(".part")
    half.write_text(json.dumps(asdict(stamp), indent=1), encoding="utf-8")
    half.replace(STAMP)


def is_usable(stamp: Stamp, *, has_gpu: bool) -> bool:
    """Whether pip can work in this .venv; the table above says when it cannot."""
    return (
        Path(sys.prefix).resolve() == VENV
        and stamp.location == str(VENV)
        and stamp.python == python_version()
        and importlib.util.find_spec("pip") is not None
        and not (has_gpu and stamp.torch == "cpu")
    )


def is_complete(stamp: Stamp, extras: tuple[str, ...]) -> bool:
    """Whether everything wanted is in, as far as the stamp knows."""
    return stamp.requirements == fingerprint() and set(extras) <= set(stamp.extras)


def python_version() -> str:
    """The running Python, as `3.11`."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def fingerprint() -> str:
    """SHA-256 over everything that decides what is installed, the extras apart."""
    digest = hashlib.sha256(TORCH.encode())
    for name in WANTED_BY:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def has_nvidia_gpu() -> bool:
    """Whether this machine shows an NVIDIA GPU. Starts nvidia-smi only where no device file answers (WSL)."""
    if any(device.exists() for device in NVIDIA_DEVICES):
        return True
    if shutil.which("nvidia-smi") is None:
        return False
    try:
        answer = subprocess.run(["nvidia-smi", "-L"], capture_output=True, timeout=10, check=False)
    except subprocess.TimeoutExpired:
        return False
    return answer.returncode == 0 and b"GPU" in answer.stdout


def is_reachable(index_url: str) -> bool:
    """Whether a package index answers within a few seconds, proxies included."""
    request = urllib.request.Request(f"{index_url}/torch/", method="HEAD")  # noqa: S310 - a URL of our own
    try:
        with urllib.request.urlopen(request, timeout=REACH_TIMEOUT_S):  # noqa: S310 - a URL of our own
            return True
    except (OSError, http.client.HTTPException):
        return False


@contextmanager
def lock() -> Iterator[None]:
    """Holds .venv for this process; waits, and says so, while another one does."""
    VENV.mkdir(exist_ok=True)
    with LOCK.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another script/setup is at work in this clone; waiting for it.")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def make_venv(torch: str) -> Stamp:
    """Makes .venv from nothing, with pip; works from inside the one it replaces, too."""
    if importlib.util.find_spec("ensurepip") is None:
        raise SetupError(
            f"this Python {python_version()} ({sys.executable}) cannot make virtual environments, "
            "because its ensurepip module is missing.\n"
            f"Debian and Ubuntu have it in a package of its own: sudo apt install python{python_version()}-venv"
        )
    say(f"Making .venv with Python {python_version()}.")
    for child in VENV.iterdir():
        if child.is_dir() and not child.is_symlink():
            shutil.rmtree(child)
        elif child != LOCK:
            child.unlink()
    command = [base_python(), "-m", "venv", "--prompt", ROOT.name, str(VENV)]
    result = subprocess.run(command, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if result.returncode != 0:
        raise SetupError(f"{' '.join(command)} failed:\n{result.stdout}")
    stamp = Stamp(location=str(VENV), python=python_version(), torch=torch)
    write_stamp(stamp)
    return stamp


def base_python() -> str:
    """The Python that virtual environments are made from: this one, or the one behind its environment."""
    if sys.prefix == sys.base_prefix:
        return sys.executable
    return str(Path(sys.base_prefix, "bin", f"python{python_version()}"))


def site_packages() -> Path:
    """Where pip puts packages in .venv."""
    return VENV / "lib" / f"python{python_version()}" / "site-packages"


def remove_half_installed() -> None:
    """Removes what an interrupted pip left: it writes a package's RECORD last, and renames what it removes."""
    for left in (*site_packages().glob("~*"), *site_packages().glob("*.dist-info")):
        if not (left / "RECORD").is_file():
            shutil.rmtree(left)


def install(extras: tuple[str, ...], *, torch: str) -> None:
    """Installs torch, then the package as it lies here, so that an edit needs no new set-up."""
    PIP_LOG.unlink(missing_ok=True)
    if not any(site_packages().glob(f"{TORCH.replace('==', '-')}*.dist-info")):
        install_torch(torch)
    say(f"Installing wyoming_kokoro[{','.join(extras)}] and what it needs.")
    pip_install("--editable", f".[{','.join(extras)}]", TORCH)


def install_torch(build: str) -> None:
    """Installs torch, `cpu` or `cuda`; the usual index has CUDA builds, PyTorch's own has those without."""
    if build == "cuda":
        say(f"Installing {TORCH} with CUDA, for the GPU found here.")
        pip_install(TORCH)
    elif sys.platform == "linux" and is_reachable(TORCH_CPU_INDEX):
        say(f"Installing {TORCH} for the CPU from {TORCH_CPU_INDEX}.")
        pip_install(TORCH, "--index-url", TORCH_CPU_INDEX)
    else:
        say(f"Installing {TORCH} from where pip is set up to find it.")
        pip_install(TORCH)


def pip_install(*what: str) -> None:
    """Runs pip: with its own progress bars on a terminal, else silent unless it fails."""
    command = [str(PYTHON), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    command += ["--log", str(PIP_LOG), *what]
    if sys.stdout.isatty():
        result = subprocess.run(command, cwd=ROOT, text=True, check=False)
    else:
        command += ["--quiet", "--progress-bar", "off"]
        result = subprocess.run(
            command, cwd=ROOT, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
    if result.returncode == 0:
        return
    for line in (result.stdout or "").splitlines()[-TAIL_LINES:]:
        print(f"  {line}", file=sys.stderr)
    raise SetupError(
        f"pip could not install {' '.join(what)}.\n"
        "Most often the network is away (behind a proxy: set HTTPS_PROXY) or the disk is full; then the same\n"
        f"command goes on from here. All that pip said is in {PIP_LOG}."
    )


def say(line: str) -> None:
    """One line about the step that begins."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
