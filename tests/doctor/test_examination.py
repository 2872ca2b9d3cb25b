"""The doctor as a whole: what it prints, its exit code, and that nothing makes it crash."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeSynthesizer

from wyoming_kokoro import __main__ as program
from wyoming_kokoro.doctor import examination, machine, network, speech
from wyoming_kokoro.doctor.findings import Finding, Level, broken, ok, skipped, warning
from wyoming_kokoro.errors import SettingsError
from wyoming_kokoro.settings import Settings, parse_doctor

NAMES = ["python", "packages", "variables", "torch", "openmp", "cpu", "gpu", "espeak", "model", "folders"]
NAMES += ["memory", "port", "network", "discovery", "sentence"]


@pytest.fixture(autouse=True)
def _logging() -> Iterator[None]:
    """The program sets logging up for its process; other tests want it as it was."""
    root, ours = logging.getLogger(), logging.getLogger("wyoming_kokoro")
    handlers, levels = list(root.handlers), (root.level, ours.level)
    yield
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])


@pytest.fixture
def _all_well(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (machine, network, speech):
        for name in [each for each in vars(module) if each.startswith("check_")]:
            monkeypatch.setattr(module, name, lambda *_, name=name: ok(name))


def load(_: object) -> Any:
    return FakeSynthesizer()


@pytest.mark.usefixtures("_all_well")
def test_every_check_is_made_in_its_order() -> None:
    assert [name for name, _ in examination.examine(Settings(), load)] == NAMES


@pytest.mark.usefixtures("_all_well")
@pytest.mark.parametrize(("part", "name"), [(speech, "torch"), (speech, "model"), (machine, "python")])
def test_nothing_is_spoken_without_what_it_takes(
    part: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part, f"check_{name}", lambda *_: broken("gone", "get it"))
    *_, (last, finding) = examination.examine(Settings(), load)
    assert last == "sentence"
    assert finding == skipped(f"not tried: put right {name} first")


@pytest.mark.usefixtures("_all_well")
def test_nothing_is_spoken_before_the_model_was_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "check_model", lambda *_: warning("none yet", "fetch it"))
    *_, (_, finding) = examination.examine(Settings(), load)
    assert finding.level is Level.SKIPPED


@pytest.mark.usefixtures("_all_well")
def test_a_check_that_fails_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash() -> Finding:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(machine, "check_memory", crash)
    found = dict(examination.examine(Settings(), load))
    assert found["memory"].level is Level.BROKEN
    assert "ZeroDivisionError: a bug" in found["memory"].text
    assert list(found) == NAMES


@pytest.mark.usefixtures("_all_well")
@pytest.mark.parametrize(
    ("finding", "code", "sum_"),
    [
        (ok("fine"), 0, "All is well."),
        (warning("so so", "do that"), 0, "Broken: 0. Warnings: 1."),
        (broken("bad", "do that"), 1, "Broken: 1. Warnings: 0."),
    ],
)
def test_lines_json_and_exit_code(
    finding: Finding,
    code: int,
    sum_: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(machine, "check_memory", lambda: finding)
    assert program.main(["doctor"]) == code
    lines = capsys.readouterr().out.splitlines()
    assert f"{finding.level.value:8} memory     {finding.text}" in lines
    assert [line.strip() for line in lines if "→" in line] == (
        [f"→ {finding.remedy}"] if finding.remedy else []
    )
    assert lines[-1] == sum_
    assert program.main(["doctor", "--json"]) == code
    told = json.loads(capsys.readouterr().out)
    assert told["is_well"] is (code == 0)
    assert [check["name"] for check in told["checks"]] == NAMES
    (memory,) = [check for check in told["checks"] if check["name"] == "memory"]
    assert memory == {
        "name": "memory",
        "level": finding.level.value,
        "text": finding.text,
        "remedy": finding.remedy,
    }


def test_it_takes_the_servers_options() -> None:
    settings = parse_doctor(["--voice", "bf_emma", "--json"], {"WYOMING_KOKORO_URI": "tcp://127.0.0.1:7"})
    assert (settings.voice, str(settings.uri), settings.as_json) == ("bf_emma", "tcp://127.0.0.1:7", True)
    with pytest.raises(SettingsError, match="--zeroconf"):
        parse_doctor(["--uri", "unix:///s", "--zeroconf"], {})
    with pytest.raises(SettingsError, match="Did you mean --json"):
        parse_doctor(["--jsom"], {})


def test_a_bare_machine_is_told_everything_that_it_lacks(tmp_path: Path) -> None:
    """No torch, no model, no folder that can be written: findings, and no crash."""
    code = "import sys; sys.modules['torch'] = None; from wyoming_kokoro.__main__ import main; sys.exit(main(sys.argv[1:]))"
    options = ["doctor", "--json", "--uri", "tcp://127.0.0.1:0", "--download-dir", "/proc/kokoro"]
    done = subprocess.run(
        [sys.executable, "-c", code, *options],
        env={**os.environ, "XDG_CACHE_HOME": "/proc/kokoro"},
        cwd=Path(__file__).parent.parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    levels = {check["name"]: check["level"] for check in json.loads(done.stdout)["checks"]}
    assert list(levels) == NAMES
    assert {name for name, level in levels.items() if level == "broken"} >= {"torch", "cpu", "gpu", "model"}
    assert levels["folders"] == "warning"
    assert levels["python"] == levels["port"] == "ok"
    assert levels["sentence"] == "skipped"


@pytest.mark.weights
def test_this_machine_speaks(capsys: pytest.CaptureFixture[str]) -> None:
    code = program.main(["doctor", "--json", "--uri", "tcp://127.0.0.1:0", "--device", "cpu"])
    found = {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
    assert code == 0, found
    assert found["sentence"]["text"].startswith("af_heart spoke for ")
    assert found["model"]["level"] == "ok"
