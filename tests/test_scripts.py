"""The scripts: which Python they take, what they install and when, what they start.

`script/setup` runs for real, with the real pip, in a toy clone: its package needs nothing, and torch is
an empty wheel that an index on loopback has.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import importlib.metadata
import importlib.util
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
SCRIPTS = ROOT / "script"
TIMEOUT_S = 120


def load_script(name: str) -> Any:
    """A Python file of script/ as a module."""
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


_setup = load_script("_setup")


def write_script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def run(
    *command: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


# Which Python -------------------------------------------------------------------------------------


@pytest.fixture
def wrapper(tmp_path: Path) -> Path:
    """script/setup in a folder of its own, with a `bin` beside it that holds no Python yet."""
    script = tmp_path / "a clone" / "script" / "setup"
    script.parent.mkdir(parents=True)
    shutil.copy(SCRIPTS / "setup", script)
    for tool in ("cat", "dirname"):
        found = shutil.which(tool)
        assert found is not None
        (tmp_path / "bin").mkdir(exist_ok=True)
        (tmp_path / "bin" / tool).symlink_to(found)
    return script


def put_python(path: Path, version: str) -> None:
    """A Python that knows its version and its arguments, and nothing else."""
    write_script(
        path, f'#!/bin/sh\n[ "$1" != -c ] || {{ echo {version}; exit; }}\necho "{version} runs $*"\n'
    )


@pytest.mark.parametrize(
    ("pythons", "taken"),
    [
        ({"python3": "3.11"}, "3.11"),
        ({"python3": "3.10", "python3.12": "3.12"}, "3.10"),
        ({"python3": "3.13", "python3.12": "3.12", "python3.11": "3.11"}, "3.12"),
        ({"python3": "3.14", "python3.10": "3.10"}, "3.10"),
        ({"python3": "3.9", "python3.11": "3.11"}, "3.11"),
        ({"python3.11": "3.11"}, "3.11"),
    ],
)
def test_takes_the_first_python_that_fits(wrapper: Path, pythons: dict[str, str], taken: str) -> None:
    search = wrapper.parents[2] / "bin"
    for name, version in pythons.items():
        put_python(search / name, version)
    answer = run(wrapper, "--test", env={"PATH": str(search)})
    assert answer.stdout == f"{taken} runs {wrapper.parent}/_setup.py --test\n"
    assert (answer.returncode, answer.stderr) == (0, "")


def test_passes_by_a_python_that_does_not_start(wrapper: Path) -> None:
    search = wrapper.parents[2] / "bin"
    write_script(search / "python3", "#!/bin/sh\necho 'pyenv: python3: command not found' >&2\nexit 127\n")
    put_python(search / "python3.12", "3.12")
    assert run(wrapper, env={"PATH": str(search)}).stdout.startswith("3.12 runs ")


def test_takes_the_python_of_the_environment_that_is_there(wrapper: Path) -> None:
    search = wrapper.parents[2] / "bin"
    put_python(search / "python3", "3.12")
    put_python(wrapper.parents[1] / ".venv" / "bin" / "python", "3.10")
    assert run(wrapper, env={"PATH": str(search)}).stdout.startswith("3.10 runs ")


@pytest.mark.parametrize(
    ("pythons", "said"),
    [({}, "found none"), ({"python3": "3.13"}, "python3 is 3.13"), ({"python3": "3.8"}, "python3 is 3.8")],
)
def test_refuses_where_no_python_fits(wrapper: Path, pythons: dict[str, str], said: str) -> None:
    search = wrapper.parents[2] / "bin"
    for name, version in pythons.items():
        put_python(search / name, version)
    answer = run(wrapper, env={"PATH": str(search)})
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert "needs Python 3.10, 3.11 or 3.12" in answer.stderr
    assert said in answer.stderr
    assert "sudo apt install python3.12" in answer.stderr


def test_the_pythons_are_those_the_package_asks_for() -> None:
    config = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    assert "python_requires = >=3.10,<3.13\n" in config
    assert "3.10 | 3.11 | 3.12)" in (SCRIPTS / "setup").read_text(encoding="utf-8")


# Which torch --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nvidia_smi", "has_gpu"),
    [
        (None, False),
        ("echo 'GPU 0: NVIDIA GeForce (UUID: GPU-1)'", True),
        ("echo 'No devices were found'", False),
        ("echo 'NVIDIA-SMI has failed'; exit 9", False),
    ],
)
def test_believes_nvidia_smi_where_there_is_no_device_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nvidia_smi: str | None, has_gpu: bool
) -> None:
    monkeypatch.setattr(_setup, "NVIDIA_DEVICES", (tmp_path / "nvidia0",))
    monkeypatch.setenv("PATH", str(tmp_path))
    if nvidia_smi is not None:
        write_script(tmp_path / "nvidia-smi", f"#!/bin/sh\n{nvidia_smi}\n")
    assert _setup.has_nvidia_gpu() is has_gpu


def test_a_device_file_is_a_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_setup, "NVIDIA_DEVICES", (tmp_path / "absent", tmp_path))
    monkeypatch.setenv("PATH", "")
    assert _setup.has_nvidia_gpu() is True


@pytest.mark.parametrize(
    ("build", "reachable", "from_index"), [("cpu", True, True), ("cpu", False, False), ("cuda", True, False)]
)
def test_asks_the_cpu_index_only_without_gpu_and_where_it_answers(
    monkeypatch: pytest.MonkeyPatch, build: str, reachable: bool, from_index: bool
) -> None:
    calls: list[tuple[str, ...]] = []
    monkeypatch.setattr(_setup, "pip_install", lambda *what: calls.append(what))
    monkeypatch.setattr(_setup, "is_reachable", lambda url: reachable and url == _setup.TORCH_CPU_INDEX)
    monkeypatch.setattr(sys, "platform", "linux")
    _setup.install_torch(build)
    index = ("--index-url", _setup.TORCH_CPU_INDEX) if from_index else ()
    assert calls == [(_setup.TORCH, *index)]


# The toy clone ------------------------------------------------------------------------------------

BACKEND = '''
"""The least that makes an editable install."""
import os, zipfile

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    name = "wyoming_kokoro-0.1.0-py3-none-any.whl"
    info = "wyoming_kokoro-0.1.0.dist-info"
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as wheel:
        wheel.writestr("wyoming_kokoro.pth", os.getcwd())
        wheel.writestr(f"{info}/METADATA", """Metadata-Version: 2.1
Name: wyoming_kokoro
Version: 0.1.0
Provides-Extra: packages
Provides-Extra: test
Provides-Extra: reference
Requires-Dist: toy-tool; extra == "test"
""")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return name
'''


def wheel(name: str, version: str) -> tuple[str, bytes]:
    """An empty package's wheel: its file name and its bytes."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"__version__ = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for path, text in files.items():
            file.writestr(path, text)
        file.writestr(f"{info}/RECORD", "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD")))
    return f"{name}-{version}-py3-none-any.whl", content.getvalue()


@dataclass
class Index:
    """Two package indexes on loopback: PyTorch's, and the one that pip is set up to use."""

    folder: Path
    requests: list[str] = field(default_factory=list)
    """The paths asked for, in order."""

    held: threading.Event = field(default_factory=threading.Event)
    """Set once a wheel is asked for while `open` is not."""

    open: threading.Event = field(default_factory=threading.Event)
    """Whether wheels are handed out; who asks for one waits for it."""

    port: int = 0

    def put(self, index: str, name: str, version: str) -> None:
        folder = self.folder / index / name.replace("_", "-")
        folder.mkdir(parents=True, exist_ok=True)
        file_name, content = wheel(name, version)
        (folder / file_name).write_bytes(content)
        links = [f'<a href="{path.name}">{path.name}</a>' for path in sorted(folder.glob("*.whl"))]
        (folder / "index.html").write_text("\n".join(["<!DOCTYPE html>", *links]), encoding="utf-8")

    def wheels(self) -> list[str]:
        """The wheels that were asked for."""
        return [path for path in self.requests if path.endswith(".whl")]


class IndexHandler(SimpleHTTPRequestHandler):
    index: Index

    def __init__(self, index: Index, *args: Any) -> None:
        self.index = index
        super().__init__(*args, directory=str(index.folder))

    def do_GET(self) -> None:
        self.index.requests.append(self.path)
        if self.path.endswith(".whl"):
            if not self.index.open.is_set():
                self.index.held.set()
            self.index.open.wait(TIMEOUT_S)
        super().do_GET()

    def log_message(self, *_: object) -> None:
        pass  # not into the tests' output


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    index = Index(tmp_path_factory.mktemp("index"))
    index.put("cpu", "torch", "2.13.0+cpu")
    index.put("usual", "torch", "2.13.0")
    index.put("usual", "toy_tool", "1.0")
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(IndexHandler, index)) as http:
        index.port = http.server_port
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield index
        http.shutdown()
        thread.join()


@pytest.fixture
def index(server: Index) -> Iterator[Index]:
    """The indexes, as if nobody had asked them anything yet."""
    server.requests.clear()
    server.held.clear()
    server.open.set()
    yield server
    server.open.set()


@dataclass(frozen=True)
class Clone:
    """A clone whose set-up takes seconds."""

    root: Path
    env: dict[str, str]

    def setup(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run(self.root / "script" / "setup", *arguments, env=self.env)

    def start_setup(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.root / "script" / "setup", *arguments],
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @property
    def site_packages(self) -> Path:
        (found,) = (self.root / ".venv" / "lib").glob("python3.*/site-packages")
        return found

    def installed(self) -> dict[str, str]:
        """What is in .venv besides pip and setuptools, name → version."""
        found = importlib.metadata.distributions(path=[str(self.site_packages)])
        packages = {package.name.replace("-", "_"): package.version for package in found}
        return {name: packages[name] for name in packages.keys() - {"pip", "setuptools"}}

    def birth(self) -> tuple[int, int]:
        """Changes exactly when .venv is made anew."""
        found = (self.root / ".venv" / "pyvenv.cfg").stat()
        return found.st_ino, found.st_mtime_ns


@pytest.fixture(scope="module")
def first(server: Index, tmp_path_factory: pytest.TempPathFactory) -> tuple[Clone, str]:
    """A clone that script/setup has just been run in, and what it said."""
    home = tmp_path_factory.mktemp("first")
    root = home / "a clone"
    (root / "script").mkdir(parents=True)
    shutil.copy(SCRIPTS / "setup", root / "script")
    source = (SCRIPTS / "_setup.py").read_text(encoding="utf-8")
    for real, toy in {
        _setup.TORCH_CPU_INDEX: f"http://127.0.0.1:{server.port}/cpu",
        **{str(device): str(home / "absent") for device in _setup.NVIDIA_DEVICES},
    }.items():
        assert source.count(f'"{real}"') == 1
        source = source.replace(f'"{real}"', f'"{toy}"')
    (root / "script" / "_setup.py").write_text(source, encoding="utf-8")
    (root / "wyoming_kokoro").mkdir()
    (root / "wyoming_kokoro" / "__init__.py").touch()
    (root / "setup.cfg").touch()
    (root / "backend.py").write_text(BACKEND, encoding="utf-8")
    (root / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n', encoding="utf-8"
    )
    search = home / "search"
    search.mkdir()
    (search / "python3").symlink_to(Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}"))
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "LD_LIBRARY_PATH") if name in os.environ}
    env = {
        **kept,
        "PATH": f"{search}:/usr/bin:/bin",
        "HOME": str(home / "home"),  # that it does not exist is no obstacle
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": f"http://127.0.0.1:{server.port}/usual",
        "PIP_RETRIES": "0",
    }
    server.open.set()
    clone = Clone(root, env)
    answer = clone.setup()
    assert (answer.returncode, answer.stderr) == (0, "")
    return clone, answer.stdout


@pytest.fixture
def copied(first: tuple[Clone, str], tmp_path: Path) -> Clone:
    """A copy of that clone, elsewhere."""
    root = tmp_path / "another clone"
    shutil.copytree(first[0].root, root, symlinks=True)
    return Clone(root, first[0].env)


@pytest.fixture
def clone(copied: Clone) -> Clone:
    """A clone of its own, as if set up where it lies."""
    stamp = copied.root / ".venv" / "setup.json"
    fields = json.loads(stamp.read_text(encoding="utf-8"))
    fields["location"] = str(stamp.parent.resolve())
    stamp.write_text(json.dumps(fields), encoding="utf-8")
    return copied


def test_the_first_setup_says_a_line_a_step(first: tuple[Clone, str]) -> None:
    clone, said = first
    steps = said.splitlines()
    assert steps[0].startswith("Making .venv with Python 3.")
    assert steps[1].startswith("Installing torch==2.13.0 for the CPU from http://127.0.0.1:")
    assert steps[2] == "Installing wyoming_kokoro[packages] and what it needs."
    assert steps[3].startswith("Set up in ")
    assert len(steps) == 4
    assert clone.installed() == {"torch": "2.13.0+cpu", "wyoming_kokoro": "0.1.0"}


def test_the_second_setup_does_nothing(clone: Clone, index: Index) -> None:
    answer = clone.setup()
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "Already set up.\n", "")
    assert index.requests == []


def test_installs_what_is_newly_wanted(clone: Clone, index: Index) -> None:
    birth = clone.birth()
    assert clone.setup("--test").stdout.startswith("Installing wyoming_kokoro[packages,reference,test]")
    assert index.wheels() == ["/usual/toy-tool/toy_tool-1.0-py3-none-any.whl"]
    assert clone.installed().keys() == {"torch", "toy_tool", "wyoming_kokoro"}
    assert clone.setup().stdout == "Already set up.\n"

    (clone.root / "setup.cfg").write_text("[metadata]\n", encoding="utf-8")
    assert "Installing wyoming_kokoro[packages,reference,test]" in clone.setup().stdout  # keeps what it has
    assert clone.setup("--test").stdout == "Already set up.\n"
    assert clone.birth() == birth


def test_goes_on_after_an_interruption(clone: Clone, index: Index) -> None:
    index.open.clear()
    with clone.start_setup("--test") as process:
        assert index.held.wait(TIMEOUT_S)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=TIMEOUT_S)  # ends only when pip, which has the pipe too, has ended
    assert process.returncode == 128 + signal.SIGTERM

    # What pip leaves when it is ended while it writes or removes a package.
    (clone.site_packages / "torch-2.13.0+cpu.dist-info" / "RECORD").unlink()
    (clone.site_packages / "torch.py").unlink()
    (clone.site_packages / "~orch").mkdir()

    index.open.set()
    birth = clone.birth()
    answer = clone.setup()  # the interrupted one began on extras that this one does not want
    assert (answer.returncode, answer.stderr) == (0, "")
    assert clone.installed() == {"torch": "2.13.0+cpu", "wyoming_kokoro": "0.1.0"}
    assert (clone.site_packages / "torch.py").is_file()
    assert not (clone.site_packages / "~orch").exists()
    assert clone.birth() == birth


def test_two_at_once_install_once(clone: Clone, index: Index) -> None:
    index.open.clear()
    with clone.start_setup("--test") as earlier:
        assert index.held.wait(TIMEOUT_S)
        with clone.start_setup("--test") as later:
            assert later.stdout is not None
            assert "waiting" in later.stdout.readline()
            index.open.set()
            assert "Set up in" in earlier.communicate(timeout=TIMEOUT_S)[0]
            assert later.communicate(timeout=TIMEOUT_S)[0] == "Already set up.\n"
    assert (earlier.returncode, later.returncode) == (0, 0)
    assert len(index.wheels()) == 1


def test_makes_anew_what_lies_elsewhere_now(copied: Clone) -> None:
    birth = copied.birth()
    answer = copied.setup()
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith("Making .venv ")
    assert copied.birth() != birth
    assert copied.installed() == {"torch": "2.13.0+cpu", "wyoming_kokoro": "0.1.0"}
    assert copied.setup().stdout == "Already set up.\n"


def test_says_what_to_do_when_pip_fails(clone: Clone, index: Index) -> None:
    nothing = {"PIP_INDEX_URL": f"http://127.0.0.1:{index.port}/nothing"}
    answer = dataclasses.replace(clone, env={**clone.env, **nothing}).setup("--test")
    assert answer.returncode == 1
    assert "No matching distribution found for toy-tool" in answer.stderr
    assert "script/setup: pip could not install --editable .[packages,reference,test]" in answer.stderr
    assert "goes on from here" in answer.stderr
    assert "toy-tool" in (clone.root / ".venv" / "setup.log").read_text(encoding="utf-8")
    assert "Traceback" not in answer.stderr


# Its parts ----------------------------------------------------------------------------------------


def test_an_index_is_reachable_when_it_has_torch(index: Index) -> None:
    assert _setup.is_reachable(f"http://127.0.0.1:{index.port}/cpu")
    assert not _setup.is_reachable(f"http://127.0.0.1:{index.port}/nothing")
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert not _setup.is_reachable(f"http://127.0.0.1:{port}/cpu")


def test_an_index_that_never_answers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_setup, "REACH_TIMEOUT_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert not _setup.is_reachable(f"http://127.0.0.1:{silent.getsockname()[1]}/cpu")


@pytest.mark.parametrize(
    ("change", "has_gpu", "usable"),
    [
        ({}, False, True),
        ({"torch": "cuda"}, False, True),  # a CUDA build runs on the CPU as well
        ({"torch": "cuda"}, True, True),
        ({}, True, False),
        ({"location": "/elsewhere/.venv"}, False, False),
        ({"python": "3.9"}, False, False),
    ],
)
def test_when_an_environment_can_be_kept(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, str], has_gpu: bool, usable: bool
) -> None:
    monkeypatch.setattr(_setup, "VENV", Path(sys.prefix).resolve())
    stamp = _setup.Stamp(location=str(_setup.VENV), python=_setup.python_version(), torch="cpu")
    assert _setup.is_usable(dataclasses.replace(stamp, **change), has_gpu=has_gpu) is usable


def test_an_environment_whose_python_does_not_start_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp = _setup.Stamp(location=str(_setup.VENV), python=_setup.python_version(), torch="cpu")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))  # that of the Python script/setup found instead
    assert _setup.is_usable(stamp, has_gpu=False) is False


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"extras": 1}', '{"extras": [], "new": 1}'])
def test_a_stamp_it_cannot_read_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(_setup, "STAMP", tmp_path / "setup.json")
    assert _setup.read_stamp() is None
    (tmp_path / "setup.json").write_text(text, encoding="utf-8")
    assert _setup.read_stamp() is None


def test_says_what_to_do_without_ensurepip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_setup.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(_setup.SetupError, match=r"sudo apt install python3\.\d+-venv"):
        _setup.make_venv("cpu")


def test_the_fingerprint_tells_what_is_installed_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_setup, "ROOT", tmp_path)
    for name in _setup.WANTED_BY:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("before", encoding="utf-8")
    seen = {_setup.fingerprint()}
    for name in _setup.WANTED_BY:
        (tmp_path / name).write_text("after", encoding="utf-8")
        seen.add(_setup.fingerprint())
    monkeypatch.setattr(_setup, "TORCH", "torch==0")
    seen.add(_setup.fingerprint())
    assert len(seen) == 2 + len(_setup.WANTED_BY)
    assert all(len(value) == 2 * hashlib.sha256().digest_size for value in seen)


def test_what_is_wanted_is_there() -> None:
    assert all((ROOT / name).is_file() for name in _setup.WANTED_BY)


# What they start ----------------------------------------------------------------------------------


LINTERS = ("shellcheck", "hadolint", "yamllint", "check-jsonschema", "zizmor")
N_CHECKS = 9  # three by Python, and check-jsonschema comes twice


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    """A clone with the real scripts, where set-up and Python only say what they were started with.

    The stand-in Python and linters fail on whatever `FAILS` matches.
    """
    root = tmp_path / "a clone"
    shutil.copytree(SCRIPTS, root / "script", ignore=shutil.ignore_patterns("__pycache__"))
    for folder in (".ci", "addon/rootfs", "tests/addon/bin"):
        shutil.copytree(ROOT / folder, root / folder)
    stand_in = '#!/bin/sh\necho "{} $*, pid $$, threads ${{OMP_NUM_THREADS:-}}, hub ${{HF_ENDPOINT:-}}"\n'
    fails = 'case "$*" in ${FAILS:-nothing}) exit 1 ;; esac\n'
    write_script(root / "script" / "setup", stand_in.format("setup"))
    write_script(root / ".venv" / "bin" / "python", stand_in.format("python") + fails)
    for linter in LINTERS:
        write_script(root / ".venv" / "bin" / linter, stand_in.format(linter) + fails)
    return root


def started(output: str) -> list[str]:
    """What the stand-ins were started with, in order."""
    return [line.partition(", pid ")[0] for line in output.splitlines() if ", pid " in line]


def stage_env(tmp_path: Path, **more: str) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path / "no" / "home"), **more}


def test_run_sets_up_downloads_and_becomes_the_server(stage: Path, tmp_path: Path) -> None:
    with subprocess.Popen(
        [stage / "script" / "run", "--voice", "a b", "--data-dir", "x"],
        cwd=tmp_path,
        env=stage_env(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        out, err = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 0
    assert started(err) == ["setup ", f"python {stage}/script/_download.py --voice a b --data-dir x"]
    assert started(out) == ["python -m wyoming_kokoro --voice a b --data-dir x"]
    assert f", pid {process.pid}," in out  # so that a signal for the script is one for the server


def test_run_ends_where_the_model_cannot_be_had(stage: Path, tmp_path: Path) -> None:
    answer = run(stage / "script" / "run", env=stage_env(tmp_path, FAILS="*_download.py*"))
    assert answer.returncode == 1
    assert started(answer.stdout) == []


@pytest.mark.parametrize("script", ["bench", "profile", "stress", "home-assistant"])
def test_measuring_leaves_standard_output_to_the_report(stage: Path, tmp_path: Path, script: str) -> None:
    answer = run(stage / "script" / script, "--chart", "a b", cwd=tmp_path, env=stage_env(tmp_path))
    assert answer.returncode == 0
    assert started(answer.stdout) == [f"python -m dev.{script.replace('-', '_')} --chart a b"]
    assert started(answer.stderr)[0] == "setup --test"
    assert started(answer.stderr)[1].startswith("python -m wyoming_kokoro.download --source auto")


def test_ci_runs_the_whole_gate_from_anywhere(stage: Path, tmp_path: Path) -> None:
    answer = run("bash", stage / ".ci" / "run", cwd=tmp_path, env=stage_env(tmp_path, CI="true"))
    assert (answer.returncode, answer.stderr) == (0, "")
    lines = started(answer.stdout)
    assert lines[:4] == [
        "setup --test",
        "python -m ruff format --check .",
        "python -m ruff check .",
        "python -m mypy",
    ]
    linters = lines[4 : 1 + N_CHECKS]
    assert {line.split()[0] for line in linters} == set(LINTERS)
    download, tests = lines[1 + N_CHECKS :]
    assert download == "python -m wyoming_kokoro.download --source auto --voices all"
    assert tests.startswith("python -m pytest --cov ")
    assert tests.endswith("-n 2 --dist loadfile --no-loadscope-reorder -m not slow and not gpu")
    assert answer.stdout.splitlines()[-1].endswith("threads 1, hub http://127.0.0.1:9")
    assert not [
        path for path in stage.iterdir() if path.name not in {"script", ".ci", ".venv", "addon", "tests"}
    ]


def test_test_hands_its_arguments_to_pytest(stage: Path, tmp_path: Path) -> None:
    answer = run(stage / "script" / "test", "tests/a b.py", "-m", "gpu", env=stage_env(tmp_path))
    assert started(answer.stdout)[-1].endswith(
        " -n 2 --dist loadfile --no-loadscope-reorder -m not slow and not gpu --cov-fail-under=0 tests/a b.py -m gpu"
    )


def test_test_ends_where_lint_fails(stage: Path, tmp_path: Path) -> None:
    answer = run(stage / "script" / "test", env=stage_env(tmp_path, FAILS="*mypy*"))
    assert answer.returncode == 1
    assert not [line for line in started(answer.stdout) if "pytest" in line]


@pytest.mark.parametrize(
    "failing", ["*ruff?format*", "*ruff?check*", "*mypy*", "*rootfs*", "*.yml*", "*--offline*"]
)
def test_lint_runs_every_check_and_fails_with_any(stage: Path, tmp_path: Path, failing: str) -> None:
    answer = run(stage / "script" / "lint", env=stage_env(tmp_path, FAILS=failing))
    assert answer.returncode == 1
    assert len(started(answer.stdout)) == 1 + N_CHECKS


def test_lint_reads_every_shell_script(stage: Path, tmp_path: Path) -> None:
    answer = run(stage / "script" / "lint", env=stage_env(tmp_path))
    (line,) = [line for line in started(answer.stdout) if line.startswith("shellcheck ")]
    in_shell = {
        path.relative_to(ROOT).as_posix()
        for folder in (SCRIPTS, ROOT / ".ci", ROOT / "addon" / "rootfs", ROOT / "tests" / "addon" / "bin")
        for path in folder.rglob("*")
        if path.is_file()
        and re.match(
            rb"#!/bin/sh|#!/usr/bin/env bash|# shellcheck shell=|#!.*bashio\n# shellcheck", path.read_bytes()
        )
    }
    assert {each for each in line.split()[1:] if not each.startswith("--")} == in_shell


def test_the_scripts_can_be_started() -> None:
    scripts = [
        path
        for path in SCRIPTS.iterdir()
        if path.is_file() and path.name[0] != "_" and path.suffix != ".service"
    ]
    assert {"setup", "run", "test", "lint", "format", "package", "bench", "profile"} <= {
        path.name for path in scripts
    }
    assert all(os.access(path, os.X_OK) and path.read_bytes().startswith(b"#!") for path in scripts)


@pytest.mark.parametrize(
    ("argv", "environ", "order"),
    [
        ([], {}, []),
        (["--voice", "af_sky", "--speed", "1.2"], {}, []),
        (
            ["--data-dir", "/a", "--data-dir=/b", "--download-dir", "/c"],
            {},
            ["--data-dir", "/a", "--data-dir", "/b", "--download-dir", "/c"],
        ),
        (["--local-files-only"], {}, ["--local-files-only"]),
        ([], {"WYOMING_KOKORO_LOCAL_FILES_ONLY": "true"}, ["--local-files-only"]),
        ([], {"WYOMING_KOKORO_LOCAL_FILES_ONLY": "false"}, []),
        (["say", "Hello.", "--data-dir", "/a"], {}, ["--data-dir", "/a"]),
        (["--help"], {}, None),
        (["say", "--help"], {}, None),
        (["--version"], {}, None),
        (["--no-such-option"], {}, None),
        (["doctor"], {}, None),
        (["doctor", "--data-dir", "/a"], {}, None),
    ],
)
def test_the_download_follows_the_servers_options(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    argv: list[str],
    environ: dict[str, str],
    order: list[str] | None,
) -> None:
    module = load_script("_download")
    orders: list[list[str]] = []

    def take(order: list[str]) -> int:
        orders.append(order)
        return 3

    monkeypatch.setattr(module.download, "main", take)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    code = module.main(argv)
    assert orders == ([] if order is None else [["--source", "auto", *order]])
    assert code == (0 if order is None else 3)
    assert capsys.readouterr() == ("", "")


def test_the_systemd_unit_is_one(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd here")
    unit = tmp_path / "wyoming-kokoro.service"
    text = (SCRIPTS / "wyoming-kokoro.service").read_text(encoding="utf-8")
    # The interpreter of the README's installation; here it is the one that runs this.
    assert "ExecStart=/opt/wyoming-kokoro/bin/python " in text
    unit.write_text(text.replace("/opt/wyoming-kokoro/bin/python", sys.executable), encoding="utf-8")
    done = subprocess.run(
        [analyze, "verify", str(unit)], capture_output=True, text=True, check=False, timeout=TIMEOUT_S
    )
    ours = [line for line in done.stderr.splitlines() if "wyoming-kokoro" in line]
    assert ours == []
