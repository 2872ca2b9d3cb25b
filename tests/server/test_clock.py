"""What the server does when the system's clock jumps: nothing. Only what is written for people has the time of day."""

from __future__ import annotations

import ast
import asyncio
import itertools
import time
from pathlib import Path

import pytest
from clients import audio, connected, running
from fakes import FakeSynthesizer, piece_of

import wyoming_kokoro
from wyoming_kokoro.phrase_cache import PhraseCache, PhraseKey

PACKAGE = Path(wyoming_kokoro.__file__).parent
# The age of a file that a killed writer left, that of what was measured in an earlier week, and a log's own time.
MAY_ASK = {
    ("phrase_cache.py", "time.time"),
    ("store/timings.py", "time.time"),
    ("logs.py", "datetime.fromtimestamp"),
}
OF_DAY = {
    "time.time",
    "time.time_ns",
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "datetime.fromtimestamp",
}


def asked_of_the_clock(source: str) -> set[str]:
    """The names in a module's code that tell the time of day."""
    attributes = (each for each in ast.walk(ast.parse(source)) if isinstance(each, ast.Attribute))
    return {
        name
        for each in attributes
        if isinstance(each.value, ast.Name) and (name := f"{each.value.id}.{each.attr}") in OF_DAY
    }


def test_nothing_is_timed_by_the_time_of_day() -> None:
    found = {
        (str(path.relative_to(PACKAGE)), name)
        for path in PACKAGE.rglob("*.py")
        for name in asked_of_the_clock(path.read_text(encoding="utf-8"))
    }
    assert found == MAY_ASK


@pytest.fixture
def jumping(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that is a day early and a year late by turns, as one without a battery may be at its start."""
    shifts_s, real = itertools.cycle((-86_400.0, 31_536_000.0)), time.time
    monkeypatch.setattr(time, "time", lambda: real() + next(shifts_s))


@pytest.mark.usefixtures("jumping")
def test_a_clock_that_jumps_changes_nothing() -> None:
    async def test() -> None:
        voice = FakeSynthesizer(2, 48_000)
        async with running(voice, idle_timeout_s=0.3) as port, connected(port) as client:
            assert await client.speak("One is here.") == piece_of("One is here.", 48_000) * 2
            assert audio(await client.stream("Two ", "is there.")) == piece_of("Two is there.", 48_000) * 2
            (error,) = await client.receive_until()  # nothing is said for a while
            assert "--idle-timeout" in error.data["text"]
            async with connected(port) as other:
                assert await other.speak("Fine.")

    asyncio.run(asyncio.wait_for(test(), 60), debug=True)


@pytest.mark.usefixtures("jumping")
def test_phrases_are_kept_whatever_time_it_is(tmp_path: Path) -> None:
    keys = [PhraseKey(str(n), "af_heart", 1.0, "model", "fp32", 0, 1.0, exact=False) for n in range(4)]
    cache = PhraseCache(1_000_000, tmp_path)
    for each in keys:
        cache.put(each, each.text.encode() * 1_000)
    again = PhraseCache(1_000_000, tmp_path)
    assert [again.get(each) for each in keys] == [each.text.encode() * 1_000 for each in keys]
