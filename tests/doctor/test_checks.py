"""Each check against the conditions it is there for: real ones where this machine can have them."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib.metadata
import itertools
import os
import re
import shutil
import socket
import sys
import threading
import warnings
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from clients import running
from fakes import FakeSynthesizer
from wyoming.info import Attribution, Info, TtsProgram

from wyoming_kokoro import loading, threads
from wyoming_kokoro.doctor import machine, network, speech
from wyoming_kokoro.doctor.findings import Finding, Level
from wyoming_kokoro.errors import OfflineError
from wyoming_kokoro.precision import AUTO
from wyoming_kokoro.settings import Settings, StdioUri, TcpUri, UnixUri
from wyoming_kokoro.store.hub import Hub
from wyoming_kokoro.store.package_release import KOKORO_V1_0_PACKAGES
from wyoming_kokoro.store.packages import CHECKPOINT_NAME

ROOT = Path(__file__).parent.parent.parent
NOT_WRITABLE = Path("/proc/kokoro")  # not even by root


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this machine's own caches is looked at."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def settings(tmp_path: Path, **options: Any) -> Settings:
    return Settings(**{"download_dir": tmp_path / "hub", **options})


# Machine ---------------------------------------------------------------------------------------------


def test_this_python_is_one_of_those() -> None:
    assert machine.check_python().level is Level.OK


@pytest.mark.parametrize("version", [(3, 9), (3, 13), (4, 0)])
def test_other_pythons_are_not(version: tuple[int, int]) -> None:
    found = machine.check_python(version)
    assert found.level is Level.BROKEN
    assert f"Python {version[0]}.{version[1]}" in found.text
    assert "3.12" in found.remedy


def test_they_are_those_of_the_metadata() -> None:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    wanted = ">={}.{},<{}.{}".format(*machine._OLDEST, *machine._TOO_NEW)
    assert config["options"]["python_requires"] == wanted


def test_what_this_environment_has_is_all_that_is_needed() -> None:
    found = machine.check_packages()
    assert found.level is Level.OK, found


def test_a_package_that_is_missing_is_named() -> None:
    found = machine.check_packages(
        lambda _: [
            "numpy>=1.26",
            "no-such_package>=2",
            'nor-this; extra == "test"',
            'tomli; python_version < "3"',
        ]
    )
    assert found == Finding(Level.BROKEN, "Not installed: no-such_package.", "pip install no-such_package")


def test_languages_that_take_an_extra_are_told_of() -> None:
    found = machine.check_packages(lambda _: ["numpy>=1.26", 'no-such_package; extra == "ja"'])
    assert found.level is Level.OK
    assert "Japanese (pip install 'wyoming_kokoro[ja]')" in found.text
    assert "Mandarin" not in found.text


def test_without_metadata_nothing_is_known_of_packages() -> None:
    def no(name: str) -> list[str]:
        raise importlib.metadata.PackageNotFoundError(name)

    assert machine.check_packages(no).level is Level.WARNING


def test_a_variable_that_has_no_effect_is_named() -> None:
    assert machine.check_variables({"WYOMING_KOKORO_VOICE": "x", "PATH": "y"}).level is Level.OK
    found = machine.check_variables({"WYOMING_KOKORO_VOICES": "x"})
    assert found.level is Level.WARNING
    assert "Did you mean WYOMING_KOKORO_VOICE?" in found.text


@pytest.mark.parametrize(
    ("kilobytes", "limit", "level", "words"),
    [
        (2_000_000, "max", Level.OK, "2.0 GB free"),
        (1_000_000, "max", Level.WARNING, "1.0 GB free"),
        (2_000_000, "900000000", Level.WARNING, "a limit of the system allows 0.9 GB"),
        (2_000_000, "9223372036854771712", Level.OK, "2.0 GB free"),
    ],
)
def test_memory(kilobytes: int, limit: str, level: Level, words: str, tmp_path: Path) -> None:
    (tmp_path / "meminfo").write_text(f"MemTotal: 9 kB\nMemAvailable:   {kilobytes} kB\n")
    (tmp_path / "memory.max").write_text(f"{limit}\n")
    found = machine.check_memory(tmp_path / "meminfo", [tmp_path / "memory.max", tmp_path / "absent"])
    assert found.level is level
    assert words in found.text


def test_a_system_that_does_not_tell_of_memory_is_no_trouble(tmp_path: Path) -> None:
    assert machine.check_memory(tmp_path / "absent").level is Level.OK


def test_folders_that_can_be_made_are_well(tmp_path: Path) -> None:
    found = machine.check_folders(settings(tmp_path, cache_dir=tmp_path / "a" / "b"))
    assert found.level is Level.OK
    assert str(tmp_path / "a" / "b") in found.text
    assert not (tmp_path / "a").exists()  # it only looks


@pytest.mark.parametrize("option", ["download_dir", "cache_dir"])
def test_a_folder_that_cannot_be_written_is_named(option: str, tmp_path: Path) -> None:
    found = machine.check_folders(settings(tmp_path, **{option: NOT_WRITABLE}))
    assert found.level is Level.WARNING
    assert str(NOT_WRITABLE) in found.text
    assert f"--{option.replace('_', '-')}" in found.remedy


def test_a_file_in_a_folders_place_is_found_out(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert machine.why_not_writable(tmp_path / "file" / "folder") == os.strerror(20)
    assert machine.why_not_writable(tmp_path / "folder") is None


def test_a_disk_that_is_nearly_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=5e8))
    found = machine.check_folders(settings(tmp_path))
    assert found.level is Level.WARNING
    assert "0.5 GB" in found.text


@pytest.mark.parametrize(("is_missing", "level"), [(True, Level.WARNING), (False, Level.OK)])
def test_threads_that_cannot_be_shared(
    is_missing: bool, level: Level, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "is_openmp_missing", lambda: is_missing)
    found = machine.check_openmp()
    assert found.level is level
    assert ("libgomp1" in found.remedy) == is_missing


# Speech ----------------------------------------------------------------------------------------------


def test_torch_is_there() -> None:
    assert speech.check_torch().text.startswith("PyTorch 2.")


def test_torch_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    found = speech.check_torch()
    assert found.level is Level.BROKEN
    assert "script/setup" in found.remedy


def test_the_cpus_precision_is_what_the_program_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def choose(precision: str, _: object) -> Any:
        asked.append(precision)
        return SimpleNamespace(
            reason="int8: this CPU has VNNI",
            backend=SimpleNamespace(faults=("no glue",) if asked[1:] else ()),
        )

    monkeypatch.setattr("wyoming_kokoro.loading.choose_for_cpu", choose)
    assert speech.check_cpu(settings(tmp_path)) == Finding(Level.OK, "int8: this CPU has VNNI")
    slower = speech.check_cpu(settings(tmp_path, precision="int16"))
    assert slower.level is Level.WARNING
    assert "no glue" in slower.text
    assert asked == [AUTO, "int16"]


@pytest.mark.parametrize("check", [speech.check_cpu, speech.check_gpu])
def test_what_was_asked_for_and_is_not_there(
    check: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    nothing = SimpleNamespace(can_convolve=lambda _: False, faults=())
    monkeypatch.setattr(loading, "choose_backend", lambda *_: nothing)
    monkeypatch.setattr(loading, "choose_for_cpu", loading.choose_for_cpu.__wrapped__)  # anew
    found = check(settings(tmp_path, device="cuda", precision="int8"))
    assert found.level is Level.BROKEN
    assert re.search("--(device cuda|precision int8): ", found.text)


def test_a_gpu_that_lies_idle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert speech.check_gpu(settings(tmp_path), tmp_path / "none").level is Level.OK
    (tmp_path / "gpus" / "0000:01:00.0").mkdir(parents=True)
    found = speech.check_gpu(settings(tmp_path), tmp_path / "gpus")
    assert found.level is Level.WARNING
    assert "--gpus all" in found.remedy
    assert speech.check_gpu(settings(tmp_path, device="cpu"), tmp_path / "gpus").level is Level.OK


def test_espeak_reads_a_word(tmp_path: Path) -> None:
    found = speech.check_espeak(settings(tmp_path))
    assert found.level is Level.OK
    assert "k" in found.text.rpartition(" as ")[2]
    assert "--no-espeak" in speech.check_espeak(settings(tmp_path, espeak=False)).text


def test_espeak_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wyoming_kokoro.text.espeak", None)
    assert speech.check_espeak(settings(tmp_path)).level is Level.BROKEN


def test_a_model_that_was_never_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    found = speech.check_model(settings(tmp_path))
    assert found.level is Level.WARNING
    assert "wyoming_kokoro.download" in found.remedy
    forbidden = speech.check_model(settings(tmp_path, local_files_only=True))
    assert forbidden.level is Level.BROKEN
    nowhere = speech.check_model(settings(tmp_path, download_dir=NOT_WRITABLE))
    assert nowhere.level is Level.BROKEN
    assert "--download-dir" in nowhere.remedy


def test_a_model_that_is_not_the_published_one_is_told_and_kept(tmp_path: Path) -> None:
    hub = Hub(cache_dir=tmp_path / "hub")
    folder = tmp_path / "hub" / "models--hexgrad--Kokoro-82M" / "snapshots" / hub.release.revision
    folder.mkdir(parents=True)
    for name in (hub.release.checkpoint_name, "config.json"):
        (folder / name).write_text("{}")
    found = speech.check_model(settings(tmp_path))
    assert found.level is Level.BROKEN
    assert "SHA-256" in found.text
    assert f"rm {folder}" in found.remedy
    assert (folder / "config.json").exists()


def test_a_model_of_ones_own(tmp_path: Path) -> None:
    absent = speech.check_model(settings(tmp_path, data_dirs=(tmp_path / "absent",)))
    assert absent.level is Level.BROKEN
    (tmp_path / "mine.pth").touch()
    (tmp_path / "config.json").touch()
    own = speech.check_model(settings(tmp_path, data_dirs=(tmp_path,)))
    assert own == Finding(Level.OK, f"{tmp_path}/mine.pth, your own")


def test_a_damaged_file_out_of_the_registries(tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "wyoming-kokoro" / "packages-v1.0"
    (folder / "voices").mkdir(parents=True)
    for name in (
        "config.json",
        CHECKPOINT_NAME,
        *(f"voices/{each}.bin" for each in KOKORO_V1_0_PACKAGES.voice_sha256),
    ):
        (folder / name).touch()
    found = speech.check_model(settings(tmp_path))
    assert found.level is Level.BROKEN
    assert str(folder / "config.json") in found.text


class Voice(FakeSynthesizer):
    """Says one long piece."""

    def __init__(self, piece: bytes) -> None:
        super().__init__()
        self.piece = piece

    def stream(self, utterance: Any) -> Iterator[bytes]:
        yield self.piece


def test_a_sentence_is_spoken_without_fetching_anything(tmp_path: Path) -> None:
    asked: list[Any] = []
    found = speech.check_sentence(
        settings(tmp_path), lambda chosen: (asked.append(chosen), Voice(b"\x00\x10" * 240_000))[1]
    )
    assert asked[0].local_files_only
    assert found.level is Level.OK
    assert "af_heart spoke for 10.0 s" in found.text


def test_silence_is_no_speech(tmp_path: Path) -> None:
    for piece in (b"", b"\0\0" * 24_000):
        assert (
            speech.check_sentence(settings(tmp_path), lambda _, piece=piece: Voice(piece)).level
            is Level.BROKEN
        )


def test_speech_slower_than_it_plays_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        speech, "time", SimpleNamespace(monotonic=itertools.count().__next__)
    )  # a second each
    found = speech.check_sentence(settings(tmp_path), lambda _: Voice(b"\x00\x10"))  # plays for 42 µs
    assert found.level is Level.WARNING
    assert "gaps" in found.text


def test_an_engine_that_cannot_be_loaded_says_why(tmp_path: Path) -> None:
    def load(_: object) -> Any:
        raise OfflineError("the voice is not here")

    found = speech.check_sentence(settings(tmp_path), load)
    assert found.level is Level.BROKEN
    assert "the voice is not here" in found.text


# Network ---------------------------------------------------------------------------------------------


def on_loopback(tmp_path: Path, port: int) -> Settings:
    return settings(tmp_path, uri=TcpUri("127.0.0.1", port))


@contextlib.contextmanager
def listening(answer: bytes) -> Iterator[int]:
    """A program on a port that has one answer for all."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                client, _ = listener.accept()
                with client:
                    client.makefile("rb").readline()
                    client.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_a_port_that_is_free(tmp_path: Path) -> None:
    assert network.check_port(on_loopback(tmp_path, 0)).level is Level.OK
    assert network.check_port(settings(tmp_path, uri=StdioUri())).level is Level.OK
    assert network.check_port(settings(tmp_path, uri=UnixUri(tmp_path / "s"))).level is Level.OK


def test_a_port_that_another_program_has(tmp_path: Path) -> None:
    with listening(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        found = network.check_port(on_loopback(tmp_path, port))
    assert found.level is Level.BROKEN
    assert "no Wyoming server" in found.text
    assert "--uri" in found.remedy


def test_a_port_that_another_wyoming_server_has(tmp_path: Path) -> None:
    import io

    from wyoming.event import write_event

    written = io.BytesIO()
    piper = TtsProgram("piper", Attribution("x", "x"), True, None, "1", voices=[])
    write_event(Info(tts=[piper]).event(), written)
    with listening(written.getvalue()) as port:
        found = network.check_port(on_loopback(tmp_path, port))
    assert found.level is Level.BROKEN
    assert "piper" in found.text


def test_a_port_and_a_socket_that_this_server_has(tmp_path: Path) -> None:
    async def test() -> list[Finding]:
        async with running(FakeSynthesizer()) as port:
            tcp = await asyncio.to_thread(network.check_port, on_loopback(tmp_path, port))
        at = UnixUri(tmp_path / "s")
        async with running(FakeSynthesizer(), uri=at):
            return [tcp, await asyncio.to_thread(network.check_port, settings(tmp_path, uri=at))]

    for found in asyncio.run(asyncio.wait_for(test(), 60)):
        assert found.level is Level.OK
        assert "this server runs there already" in found.text
        assert "3 voices" in found.text


@pytest.mark.parametrize(
    "uri", [TcpUri("203.0.113.1", 10210), TcpUri("a..b", 10210), UnixUri(Path("/nowhere/at/all"))], ids=str
)
def test_where_nobody_can_listen(uri: Any, tmp_path: Path) -> None:
    found = network.check_port(settings(tmp_path, uri=uri))
    assert found.level is Level.BROKEN
    assert str(uri) in found.text


def test_the_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Only programs on this machine" in network.check_network(on_loopback(tmp_path, 10210)).text
    for check in (network.check_network, network.check_discovery):
        assert check(settings(tmp_path, uri=TcpUri("a..b", 1))).level is Level.SKIPPED
    monkeypatch.setattr("wyoming_kokoro.server.discovery.local_adapters", list)
    nowhere = network.check_network(settings(tmp_path))
    assert nowhere.level is Level.WARNING
    assert "no address" in nowhere.text
    assert network.check_discovery(settings(tmp_path)).level is Level.SKIPPED


def test_discovery_where_it_is_not_wanted(tmp_path: Path) -> None:
    assert network.check_discovery(on_loopback(tmp_path, 10210)).level is Level.OK


def test_discovery_on_loopback(tmp_path: Path) -> None:
    found = network.check_discovery(settings(tmp_path), ["127.0.0.1"])
    assert found.level is Level.OK, found
    assert "an announcement was seen" in found.text


def test_discovery_through_an_interface_that_is_not_there(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", ResourceWarning
        )  # zeroconf leaves the sockets open that it had before that
        found = network.check_discovery(settings(tmp_path), ["203.0.113.1"])
        gc.collect()
    assert found.level is Level.WARNING
    assert "Multicast does not work here" in found.text


def test_discovery_that_is_heard_by_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(_: object) -> None:
        return None

    monkeypatch.setattr(network, "_seen", nothing)
    found = network.check_discovery(settings(tmp_path), ["127.0.0.1"])
    assert found.level is Level.WARNING
    assert "5353" in found.remedy
