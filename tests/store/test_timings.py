"""What is quicker on this machine is found out once a week, by each machine for itself."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from wyoming_kokoro.store.timings import KeptTimings


def answering(answer: str, asked: list[str]) -> Callable[[], str]:
    def measure() -> str:
        asked.append(answer)
        return answer

    return measure


def test_an_answer_is_found_once(tmp_path: Path) -> None:
    path, asked = tmp_path / "folder" / "timings.json", list[str]()
    for _ in range(2):
        timings = KeptTimings("this machine", path)
        for _ in range(2):
            assert timings.ask("is a quicker than b", answering("yes", asked)) == "yes"
            assert timings.ask("is c quicker", answering("", asked)) == ""
    assert asked == ["yes", ""]


def test_another_machines_are_not_believed(tmp_path: Path) -> None:
    path, asked = tmp_path / "timings.json", list[str]()
    KeptTimings("this machine", path).ask("question", answering("yes", asked))
    assert KeptTimings("that machine", path).ask("question", answering("no", asked)) == "no"
    assert json.loads(path.read_text())["answers"] == {"question": "no"}


@pytest.mark.parametrize("age_s", [8 * 24 * 3600, -3600])
def test_what_is_old_or_from_a_time_to_come_is_found_anew(age_s: float, tmp_path: Path) -> None:
    path, asked = tmp_path / "timings.json", list[str]()
    KeptTimings("this machine", path).ask("question", answering("yes", asked))
    os.utime(path, (time.time() - age_s,) * 2)
    assert KeptTimings("this machine", path).ask("question", answering("no", asked)) == "no"
    assert KeptTimings("this machine", path).ask("question", answering("yes", asked)) == "no"


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "7", '{"machine": "this machine"}', '{"machine": "this machine", "answers": 5}'],
)
def test_a_damaged_file_is_said_and_made_again(
    content: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "timings.json"
    path.write_text(content)
    assert KeptTimings("this machine", path).ask("question", lambda: "yes") == "yes"
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith(f"{path} cannot be read and is made again: ")
    assert KeptTimings("this machine", path).ask("question", lambda: "no") == "yes"


def test_where_nothing_can_be_kept_it_is_measured_each_time(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path, asked = tmp_path / "file" / "timings.json", list[str]()
    for _ in range(2):
        timings = KeptTimings("this machine", path)
        assert timings.ask("question", answering("yes", asked)) == "yes"
        assert timings.ask("question", answering("no", asked)) == "yes"
    assert asked == ["yes", "yes"]


def test_below_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    KeptTimings("this machine").ask("question", lambda: "yes")
    assert (tmp_path / "wyoming-kokoro" / "timings.json").is_file()
