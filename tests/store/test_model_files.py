"""Where a model is found, in which order, and what is said where there is none."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from wyoming_kokoro.errors import HashMismatchError, HubError, StorageError, StoreError
from wyoming_kokoro.store.catalogue import OFFICIAL_VOICES
from wyoming_kokoro.store.hub import Hub
from wyoming_kokoro.store.model_files import ModelFiles, find_model_files
from wyoming_kokoro.store.packages import CHECKPOINT_NAME

NOTHING: frozenset[str] = frozenset()
ALL = frozenset({"kokoro-v1_0.pth", "config.json"})


class FakeHub(Hub):
    """A hub with some files on disk and some to be fetched."""

    def __init__(self, folder: Path, cached: frozenset[str], remote: frozenset[str] = NOTHING) -> None:
        super().__init__(cache_dir=folder)
        self._on_disk = cached
        self._remote = remote
        self.error: StoreError = HubError("Cannot reach the hub.")
        self.fetched: list[str] = []

    def cached(self, filename: str) -> Path | None:
        return self.cache_dir / filename if filename in self._on_disk else None

    def fetch(self, filename: str) -> Path:
        self.fetched.append(filename)
        if filename in self._on_disk | self._remote:
            return self.cache_dir / filename
        raise self.error


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def fill(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def fill_packages(folder: Path) -> Path:
    return fill(folder, "config.json", CHECKPOINT_NAME, *(f"voices/{voice}.bin" for voice in OFFICIAL_VOICES))


def test_a_data_folder_comes_first(data_dir: Path, tmp_path: Path) -> None:
    fill(data_dir, "kokoro-v1_0.pth", "config.json", "voices/af_heart.pt")
    hub = FakeHub(tmp_path / "hub", ALL)
    packages = fill_packages(tmp_path / "packages")
    assert find_model_files([data_dir], hub, packages) == ModelFiles(
        data_dir / "kokoro-v1_0.pth",
        data_dir / "config.json",
        f"the data folder {data_dir}",
        is_eight_bit=False,
        voice_folders=(data_dir / "voices", packages / "voices"),
        preset_files=(data_dir / "voices.toml",),
    )
    assert hub.fetched == []


@pytest.mark.parametrize("name", ["other.pth", "other.safetensors", "kokoro-v1_0.pth"])
def test_a_data_folders_only_checkpoint_is_taken_whatever_its_name(
    data_dir: Path, tmp_path: Path, name: str
) -> None:
    fill(data_dir, name, "config.json")
    assert find_model_files([data_dir], FakeHub(tmp_path, ALL), tmp_path).checkpoint == data_dir / name


def test_the_published_name_goes_before_others(data_dir: Path, tmp_path: Path) -> None:
    fill(data_dir, "a.pth", "kokoro-v1_0.pth", "b.safetensors", "config.json")
    files = find_model_files([data_dir], FakeHub(tmp_path, ALL), tmp_path)
    assert files.checkpoint.name == "kokoro-v1_0.pth"


def test_several_other_checkpoints_are_an_error(data_dir: Path, tmp_path: Path) -> None:
    fill(data_dir, "a.pth", "b.safetensors", "config.json")
    with pytest.raises(StoreError, match=r"2 checkpoints: a\.pth, b\.safetensors\. Leave one"):
        find_model_files([data_dir], FakeHub(tmp_path, ALL), tmp_path)


def test_a_checkpoint_without_config_is_an_error(data_dir: Path, tmp_path: Path) -> None:
    fill(data_dir, "kokoro-v1_0.pth")
    with pytest.raises(StoreError, match=r"kokoro-v1_0\.pth has no config\.json beside it"):
        find_model_files([data_dir], FakeHub(tmp_path, ALL), tmp_path)


def test_a_data_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"missing is not there.*--data-dir"):
        find_model_files([tmp_path / "missing"], FakeHub(tmp_path, ALL), tmp_path)


def test_the_first_data_folder_with_a_model_wins_and_all_add_voices(data_dir: Path, tmp_path: Path) -> None:
    voices_only = fill(tmp_path / "voices only", "voices/af_mine.pt")
    empty = tmp_path / "empty"
    empty.mkdir()
    fill(data_dir, "a.pth", "config.json", "voices/af_yours.pt")
    later = fill(tmp_path / "later", "b.pth", "config.json")
    files = find_model_files([voices_only, empty, data_dir, later], FakeHub(tmp_path, ALL), tmp_path)
    assert files.checkpoint == data_dir / "a.pth"
    folders = (voices_only, empty, data_dir, later)
    assert files.voice_folders == (*(folder / "voices" for folder in folders), tmp_path / "voices")
    assert files.preset_files == tuple(folder / "voices.toml" for folder in folders)


def test_data_folders_with_voices_only_leave_the_model_to_the_hub(data_dir: Path, tmp_path: Path) -> None:
    fill(data_dir, "voices/af_mine.pt")
    files = find_model_files([data_dir], FakeHub(tmp_path, ALL), tmp_path)
    assert files.checkpoint == tmp_path / "kokoro-v1_0.pth"
    assert files.voice_folders == (data_dir / "voices", tmp_path / "voices")


def test_the_hubs_cache_comes_before_the_registries(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    hub = FakeHub(tmp_path / "hub", ALL)
    files = find_model_files([], hub, fill_packages(tmp_path / "packages"))
    assert files.checkpoint == tmp_path / "hub" / "kokoro-v1_0.pth"
    assert files.config == tmp_path / "hub" / "config.json"
    assert not files.is_eight_bit
    assert hub.fetched == []
    assert not caplog.records


@pytest.mark.parametrize("cached", [NOTHING, frozenset({"config.json"}), frozenset({"kokoro-v1_0.pth"})])
def test_the_registries_come_before_a_download_with_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, cached: frozenset[str]
) -> None:
    hub = FakeHub(tmp_path / "hub", cached, remote=ALL)
    packages = fill_packages(tmp_path / "packages")
    files = find_model_files([], hub, packages)
    assert files.checkpoint == packages / CHECKPOINT_NAME
    assert files.is_eight_bit
    assert files.voice_folders == (packages / "voices",)
    assert hub.fetched == []
    (warning,) = caplog.records
    assert warning.levelno == logging.WARNING
    assert "8-bit" in warning.getMessage()
    assert "--source hub" in warning.getMessage()


def test_a_data_folder_with_the_registries_weights_is_warned_of_too(
    data_dir: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fill(data_dir, CHECKPOINT_NAME, "config.json")
    assert find_model_files([data_dir], FakeHub(tmp_path, NOTHING), tmp_path).is_eight_bit
    assert "8-bit" in caplog.text


def test_the_hub_is_asked_last(tmp_path: Path) -> None:
    packages = fill_packages(tmp_path / "packages")
    (packages / "voices" / "af_heart.bin").unlink()  # no longer complete, but its voices are good
    hub = FakeHub(tmp_path / "hub", NOTHING, remote=ALL)
    files = find_model_files([], hub, packages)
    assert files.checkpoint == tmp_path / "hub" / "kokoro-v1_0.pth"
    assert not files.is_eight_bit
    assert hub.fetched == ["config.json", "kokoro-v1_0.pth"]


def test_where_there_is_nothing_all_places_and_remedies_are_named(data_dir: Path, tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    with pytest.raises(StoreError) as caught:
        find_model_files([data_dir], FakeHub(tmp_path / "hub", NOTHING), packages)
    message = str(caught.value)
    for part in (str(data_dir), str(tmp_path / "hub"), str(packages), "Cannot reach the hub"):
        assert part in message
    assert "python -m wyoming_kokoro.download" in message
    assert "--data-dir" in message
    assert isinstance(caught.value.__cause__, HubError)


@pytest.mark.parametrize("error", [StorageError("the disk is full"), HashMismatchError("wrong hash")])
def test_errors_with_a_remedy_of_their_own_come_through(tmp_path: Path, error: StoreError) -> None:
    hub = FakeHub(tmp_path, NOTHING)
    hub.error = error
    with pytest.raises(type(error)) as caught:
        find_model_files([], hub, tmp_path)
    assert caught.value is error
