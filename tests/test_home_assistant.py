"""script/home-assistant: that its parts see what is wrong, and, slowly, the whole visit with a fake voice.

The whole installs Home Assistant from PyPI the first time.
"""

from __future__ import annotations

import asyncio
import json
import math
import shlex
import shutil
import struct
import sys
from pathlib import Path

import pytest
from test_stress import FAKE

from dev.home_assistant import __main__ as program
from dev.home_assistant import install
from dev.home_assistant.account import Account, Finding, VisitOverError
from dev.home_assistant.core import CoreError
from dev.home_assistant.sound import Sound, decode, of_pcm
from wyoming_kokoro.speech import SAMPLE_RATE_HZ


def is_python_there() -> bool:
    try:
        install.find_python()
    except install.InstallError:
        return False
    return True


@pytest.mark.slow
@pytest.mark.timeout(3600)  # most of it for PyPI and pip, the first time
@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="Home Assistant needs ffmpeg")
@pytest.mark.skipif(
    not is_python_there(), reason=f"Home Assistant needs Python {' or '.join(install.PYTHONS)}"
)
def test_home_assistant_finds_adds_and_hears_this_server(capsys: pytest.CaptureFixture[str]) -> None:
    code = program.main(["--command", shlex.join(FAKE)])
    lines = capsys.readouterr().out.splitlines()
    account = json.loads(lines[-1])
    assert (code, account["failures"]) == (0, []), lines
    assert len(account["held"]) == len([line for line in lines if line.startswith("  ✓ ")]) > 25
    assert account["figures"].keys() >= {"first sound of a text in the making, s"}


def test_what_fails_is_told_and_counted_and_ends_no_more_than_itself(
    capsys: pytest.CaptureFixture[str],
) -> None:
    account = Account()
    with account.trying("to be silent"):
        raise Finding("2.00 s of silence")
    with account.trying("to be there"):
        raise CoreError("GET /: 404")
    with account.trying("to speak"):
        pass
    assert account.failures == ["to be silent: 2.00 s of silence", "to be there: GET /: 404"]
    assert account.held == ["to speak"]
    assert [line.strip() for line in capsys.readouterr().out.splitlines()] == [
        *("✗ to be silent", "2.00 s of silence", "✗ to be there", "GET /: 404", "✓ to speak")
    ]


def test_what_nothing_goes_on_without_ends_the_visit() -> None:
    account = Account()
    with pytest.raises(VisitOverError), account.trying("to be found", is_vital=True):
        raise Finding("it was not")
    assert account.failures == ["to be found: it was not"]


def sine(seconds: float, loudness: float = 0.1) -> bytes:
    n_samples = round(seconds * SAMPLE_RATE_HZ)
    peak = loudness * math.sqrt(2) * 32_767
    return struct.pack(f"<{n_samples}h", *(round(peak * math.sin(0.1 * i)) for i in range(n_samples)))


def test_a_sound_is_known_by_its_length_and_loudness() -> None:
    sound = of_pcm(sine(1.5))
    assert sound.seconds == 1.5
    assert sound.loudness == pytest.approx(0.1, rel=0.01)
    assert not sound.is_silent
    assert of_pcm(b"").is_silent
    sound.expect(1.45, 0.0)


@pytest.mark.parametrize(
    ("sound", "complaint"),
    [
        (Sound(1.0, 0.001), "1.00 s of silence"),
        (Sound(1.0, 0.1), "1.00 s long, not 2.00 s"),
        (Sound(3.0, 0.1), "3.00 s long, not 2.00 s"),
    ],
)
def test_silence_and_wrong_lengths_are_findings(sound: Sound, complaint: str) -> None:
    with pytest.raises(Finding, match=complaint):
        sound.expect(2.0, 0.02)


def test_a_file_of_no_bytes_is_a_finding() -> None:
    with pytest.raises(Finding, match="no bytes"):
        asyncio.run(decode(b""))


def manifest(package: Path, domain: str, requirements: list[str], dependencies: list[str]) -> None:
    path = package / "components" / domain / "manifest.json"
    path.parent.mkdir(parents=True)
    path.write_text(
        json.dumps({"requirements": requirements, "dependencies": dependencies}), encoding="utf-8"
    )


def test_needs_what_its_integrations_and_theirs_need(tmp_path: Path) -> None:
    manifest(tmp_path, "wyoming", ["wyoming==1.7.2"], ["tts", "intent"])
    manifest(tmp_path, "tts", ["mutagen==1.47.0"], ["intent"])
    manifest(tmp_path, "intent", [], ["tts"])  # a circle
    manifest(tmp_path, "radio", ["radio==1"], [])
    assert install.requirements(tmp_path, ["wyoming"]) == {"wyoming==1.7.2", "mutagen==1.47.0"}


def test_finds_a_python_that_starts_among_pyenvs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "bin" / "python3.13"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\nexit 127\n")  # as a shim of pyenv's where another version is chosen
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(broken.parent))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    with pytest.raises(install.InstallError, match=r"3\.13 or 3\.14.*--python"):
        install.find_python()
    good = tmp_path / "versions" / "3.13.0" / "bin" / "python3.13"
    good.parent.mkdir(parents=True)
    good.symlink_to(sys.executable)
    assert install.find_python() == str(good)


def test_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert program.main(["--folder", str(tmp_path)]) == 1
    assert "needs ffmpeg" in capsys.readouterr().err


def test_an_installation_that_fails_says_why_and_is_not_taken_for_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ffmpeg = tmp_path / "ffmpeg"
    ffmpeg.write_text("#!/bin/sh\n")
    ffmpeg.chmod(0o755)
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho there is no venv here >&2\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    for _ in range(2):
        with pytest.raises(install.InstallError, match="there is no venv here"):
            install.install("1.0", str(python), tmp_path / "folder")
