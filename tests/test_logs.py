"""How the log looks, and which utterance a line is about."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator

import pytest
from clients import connected, running
from fakes import FakeSynthesizer

from wyoming_kokoro import logs
from wyoming_kokoro.errors import SettingsError
from wyoming_kokoro.settings import DEFAULT_LOG_FORMAT, parse
from wyoming_kokoro.speech import Utterance

LOGGER = logging.getLogger("wyoming_kokoro.test")


class Talkative(FakeSynthesizer):
    """Logs while it speaks, as an engine does."""

    def stream(self, utterance: Utterance) -> Iterator[bytes]:
        LOGGER.info("about %s", utterance.text)
        yield from super().stream(utterance)


def logged(log_format: str, voice: FakeSynthesizer, *texts: str) -> list[str]:
    """The lines about texts that two clients have spoken in turns."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.formatter(log_format))
    handler.addFilter(logs.MarkUtterances())
    ours = logging.getLogger("wyoming_kokoro")
    before = ours.level
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)

    async def test() -> None:
        async with running(voice) as port:
            for text in texts:
                async with connected(port) as client:
                    await client.send("synthesize", text=text)
                    await client.receive_until("audio-stop")

    try:
        asyncio.run(asyncio.wait_for(test(), 60))
    finally:
        ours.removeHandler(handler)
        ours.setLevel(before)
    return written.getvalue().splitlines()


def test_every_line_about_an_utterance_has_its_number() -> None:
    lines = logged(DEFAULT_LOG_FORMAT, Talkative(), "One.", "Two fail.", "Three.")
    about = [line.partition(": ")[2] for line in lines if ": #" in line]
    assert about[0] == "#1 about One."
    assert about[1].startswith("#1 af_heart: ")
    assert about[2] == "#2 about Two fail."
    assert about[3] == "#2 An utterance failed: it failed"
    assert about[4] == "#3 about Three."
    assert any(": Ready. " in line for line in lines)  # what is about none has none


def test_json_lines() -> None:
    lines = [json.loads(line) for line in logged("json", Talkative(), "One “two”.", "crash")]
    (spoken,) = [line for line in lines if line["message"].startswith("about One")]
    assert spoken["message"] == "about One “two”."
    assert (spoken["level"], spoken["logger"], spoken["utterance"]) == ("INFO", "wyoming_kokoro.test", 1)
    assert spoken["time"].endswith("+00:00")
    assert all("utterance" not in line for line in lines if line["message"].startswith("Ready"))


def test_json_lines_hold_exceptions() -> None:
    try:
        1 / 0  # noqa: B018 - for what it raises
    except ZeroDivisionError as error:
        record = logging.LogRecord(
            "n", logging.ERROR, "f", 1, "oh", None, (type(error), error, error.__traceback__)
        )
    assert (
        "ZeroDivisionError: division by zero" in json.loads(logs.JsonFormatter().format(record))["exception"]
    )


def test_numbers_do_not_outlast_what_they_are_about() -> None:
    record = logging.LogRecord("n", logging.INFO, "f", 1, "m", None, None)
    formatter = logging.Formatter("%(about)s%(message)s")
    with logs.about(7):
        logs.MarkUtterances().filter(record)
        assert formatter.format(record) == "#7 m"
    logs.MarkUtterances().filter(record)
    assert formatter.format(record) == "m"


@pytest.mark.parametrize("text", ["json", "%(about)s%(message)s", "%(utterance)s %(message)s"])
def test_formats_that_are_some(text: str) -> None:
    assert parse(["--log-format", text], {}).log_format == text


def test_a_format_that_is_none() -> None:
    with pytest.raises(SettingsError, match="--log-format"):
        parse(["--log-format", "%(nonsense)s"], {})
