"""What Home Assistant is told of the app, by the rules of its Supervisor, and that all that tells it agrees."""

from __future__ import annotations

import re
import shutil
import subprocess
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

from wyoming_kokoro.settings import DEFAULT_PORT
from wyoming_kokoro.store.catalogue import LANGUAGES, OFFICIAL_VOICES

ROOT = Path(__file__).parent.parent.parent
ADDON = ROOT / "addon"
LANGUAGES_OF_THE_APP = ("en", "de", "es", "fr")


def read(name: str) -> str:
    return (ADDON / name).read_text(encoding="utf-8")


CONFIG: dict[str, Any] = yaml.safe_load(read("config.yaml"))

# The table of what may stand there: each key's type, and its value where it has to be this one.
REQUIRED = {"name": str, "version": str, "slug": "kokoro", "description": str, "arch": ["aarch64", "amd64"]}
OPTIONAL = {
    "url": str,
    "image": str,
    "homeassistant": str,
    "init": False,
    "discovery": ["wyoming"],
    "ingress": True,
    "ingress_port": 10_211,
    "panel_icon": str,
    "map": ["share"],
    "backup_exclude": list,
    "ports": {f"{DEFAULT_PORT}/tcp": None},
    "options": dict,
    "schema": dict,
}
_NUMBER = r"-?\d+(?:\.\d+)?"
KIND = re.compile(
    r"(?:str|password|bool|port|int\(-?\d+,-?\d+\)"
    rf"|float\({_NUMBER},{_NUMBER}\)|match\(.+\)|list\([^|()]+(?:\|[^|()]+)*\))\??"
)


def test_the_configuration_has_the_keys_that_it_must_and_no_others() -> None:
    assert set(REQUIRED) <= set(CONFIG) <= set(REQUIRED) | set(OPTIONAL)
    for key, wanted in (REQUIRED | OPTIONAL).items():
        if isinstance(wanted, type):
            assert isinstance(CONFIG[key], wanted), key
        else:
            assert CONFIG[key] == wanted, key


def test_names_are_as_the_supervisor_takes_them() -> None:
    assert re.fullmatch(r"[a-z0-9_-]+", CONFIG["slug"])
    assert re.fullmatch(r"\d+\.\d+\.\d+", CONFIG["version"])
    assert re.fullmatch(r"\d{4}\.\d{1,2}\.\d+", CONFIG["homeassistant"])
    # One name for all architectures, and the Supervisor puts the version behind it.
    assert re.fullmatch(r"[a-z0-9.]+(?:/[a-z0-9_-]+)+", CONFIG["image"])
    assert re.fullmatch(r"https://\S+", CONFIG["url"])
    assert yaml.safe_load((ROOT / "repository.yaml").read_text(encoding="utf-8"))["url"] == CONFIG["url"]


def test_nothing_deprecated_is_there() -> None:
    assert not (ADDON / "build.yaml").exists()
    assert "BUILD_FROM" not in read("Dockerfile")


@pytest.mark.parametrize(("name", "kind"), CONFIG["schema"].items())
def test_every_default_fits_its_kind_and_what_has_none_may_be_left_out(name: str, kind: str) -> None:
    assert KIND.fullmatch(kind)
    assert (name in CONFIG["options"]) is not kind.endswith("?")
    if name not in CONFIG["options"]:
        return
    default = CONFIG["options"][name]
    if kind.startswith("list("):
        assert default in kind[5:-1].split("|")
    elif kind.startswith(("int(", "float(")):
        low, high = (float(bound) for bound in kind.split("(")[1].rstrip(")").split(","))
        assert type(default).__name__ == kind.split("(", maxsplit=1)[0]
        assert low <= default <= high
    else:
        assert type(default).__name__ == kind


def test_there_is_no_default_without_a_kind() -> None:
    assert set(CONFIG["options"]) <= set(CONFIG["schema"])


def test_all_voices_can_be_chosen() -> None:
    kind = CONFIG["schema"]["voice"]
    assert tuple(kind.removeprefix("list(").removesuffix(")").split("|")) == OFFICIAL_VOICES
    assert len(OFFICIAL_VOICES) == 54


@pytest.mark.parametrize("language", LANGUAGES_OF_THE_APP)
def test_translations_are_complete(language: str) -> None:
    found = yaml.safe_load(read(f"translations/{language}.yaml"))
    assert set(found) == {"configuration", "network"}
    assert list(found["configuration"]) == list(CONFIG["schema"])
    for option, texts in found["configuration"].items():
        assert set(texts) == {"name", "description"}, option
        assert all(isinstance(text, str) and text.strip() == text != "" for text in texts.values()), option
    assert set(found["network"]) == set(CONFIG["ports"])


@pytest.mark.parametrize("language", LANGUAGES_OF_THE_APP)
def test_the_voices_description_tells_of_every_language(language: str) -> None:
    description = yaml.safe_load(read(f"translations/{language}.yaml"))["configuration"]["voice"][
        "description"
    ]
    for each in LANGUAGES:
        assert re.search(rf"[:,] {each.letter} \w", description), each.label


@pytest.mark.parametrize("language", [each for each in LANGUAGES_OF_THE_APP if each != "en"])
def test_translations_are_translated(language: str) -> None:
    english = yaml.safe_load(read("translations/en.yaml"))["configuration"]
    found = yaml.safe_load(read(f"translations/{language}.yaml"))["configuration"]
    assert not [option for option in found if found[option]["description"] == english[option]["description"]]


def test_the_documentation_has_every_option_by_the_name_that_people_see() -> None:
    names = [
        texts["name"] for texts in yaml.safe_load(read("translations/en.yaml"))["configuration"].values()
    ]
    assert re.findall(r"^\| (?!option|---)([^|]+?) \|", read("DOCS.md"), re.MULTILINE) == names


def test_changelogs_and_image_have_the_version() -> None:
    assert re.findall(r"^## (\S+)", read("CHANGELOG.md"), re.MULTILINE)[0] == CONFIG["version"]
    assert f'io.hass.version="{CONFIG["version"]}"' in read("Dockerfile")


def test_what_can_be_fetched_again_is_kept_out_of_backups() -> None:
    folders = re.findall(r"=/data/([a-z]+)", read("Dockerfile"))
    assert {f"*/{folder}" for folder in folders} == set(CONFIG["backup_exclude"])


@pytest.mark.parametrize(("name", "width", "height"), [("icon.png", 128, 128), ("logo.png", 250, 100)])
def test_pictures_have_their_sizes(name: str, width: int, height: int) -> None:
    header = (ADDON / name).read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(header[16:20], "big"), int.from_bytes(header[20:24], "big")) == (width, height)


# What it may do ------------------------------------------------------------------------------------


def server_profile() -> str:
    match = re.search(r"^  profile server .*?\{\n(.*?)^  \}", read("apparmor.txt"), re.MULTILINE | re.DOTALL)
    assert match is not None
    return textwrap.dedent(match[1])


def test_the_profile_has_the_apps_name_once_as_the_supervisor_renames_it() -> None:
    assert re.findall(r"^profile ([^ ]+).*$", read("apparmor.txt"), re.MULTILINE) == [CONFIG["slug"]]


def test_the_server_writes_to_its_own_folder_and_to_passing_ones_only() -> None:
    writable = set()
    for line in server_profile().splitlines():
        match = re.fullmatch(r"(/\S+) ([a-z]+),", line)
        if match and set(match[2]) & set("wal"):
            writable.add(match[1])
    assert writable == {"/data/{,**}", "/tmp/{,**}", "/dev/shm/{,**}"}
    assert "capability" not in server_profile()


def test_the_profile_compiles(tmp_path: Path) -> None:
    parser = shutil.which("apparmor_parser") or "/usr/sbin/apparmor_parser"
    if not Path(parser).exists():
        pytest.skip("apparmor_parser is not installed (Debian: apparmor)")
    command = [parser, "--skip-kernel-load", "--skip-cache", str(ADDON / "apparmor.txt")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
