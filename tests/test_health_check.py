"""The health check against servers that answer well, badly and not at all."""

from __future__ import annotations

import contextlib
import io
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from wyoming.event import Event, write_event
from wyoming.info import Attribution, Info, TtsProgram, TtsVoice
from wyoming.ping import Pong

import wyoming_kokoro
from wyoming_kokoro.health_check import main


def wire(*events: Event) -> bytes:
    """Events as they go over the wire."""
    written = io.BytesIO()
    for event in events:
        write_event(event, written)
    return written.getvalue()


def info(*, installed: bool = True, voices: tuple[bool, ...] = (True, True, False)) -> Event:
    """The answer of a server with one program, whose voices are installed or not."""
    common: dict[str, Any] = {
        "attribution": Attribution("somebody", "https://example.org"),
        "description": None,
    }
    return Info(
        tts=[
            TtsProgram(
                name="kokoro",
                version="1.2.3",
                installed=installed,
                voices=[
                    TtsVoice(name=f"v{n}", version=None, installed=voice, languages=["en-US"], **common)
                    for n, voice in enumerate(voices)
                ],
                **common,
            )
        ]
    ).event()


@contextlib.contextmanager
def serving(listener: socket.socket, reply: bytes | None) -> Iterator[None]:
    """Answers the first line of the one client with `reply` and closes; with None, stays silent and open."""
    done = threading.Event()

    def serve() -> None:
        client, _ = listener.accept()
        with client:
            if reply is None:
                done.wait()
            else:
                client.makefile("rb").readline()
                client.sendall(reply)

    thread = threading.Thread(target=serve)
    with listener:
        listener.listen()
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


@contextlib.contextmanager
def serving_tcp(reply: bytes | None) -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    with serving(listener, reply):
        yield f"tcp://127.0.0.1:{listener.getsockname()[1]}"


def check(uri: str, capsys: pytest.CaptureFixture[str], *, timeout: float = 30) -> tuple[int, str, str]:
    """Exit code, standard output and standard error; each at most one line."""
    code = main(["--uri", uri, "--timeout", str(timeout)])
    out, err = capsys.readouterr()
    assert (out + err).count("\n") == 1
    return code, out.strip(), err.strip()


def test_a_server_with_voices_is_healthy(capsys: pytest.CaptureFixture[str]) -> None:
    with serving_tcp(wire(info())) as uri:
        assert check(uri, capsys) == (0, f"{uri} is healthy: kokoro 1.2.3, 2 voices", "")


def test_other_events_may_come_before_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    with serving_tcp(wire(Pong().event(), info())) as uri:
        assert check(uri, capsys)[0] == 0


def test_a_unix_socket(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "s"))
    uri = f"unix://{tmp_path / 's'}"
    with serving(listener, wire(info())):
        assert check(uri, capsys) == (0, f"{uri} is healthy: kokoro 1.2.3, 2 voices", "")


@pytest.mark.parametrize(
    ("answer", "finding"),
    [
        (Info().event(), "none of speech at all"),
        (info(installed=False), "kokoro (3 voices)"),
        (info(voices=()), "kokoro (0 voices)"),
        (info(voices=(False,)), "kokoro (1 voices)"),
    ],
)
def test_a_server_that_cannot_speak_is_not_healthy(
    answer: Event, finding: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving_tcp(wire(answer)) as uri:
        code, out, err = check(uri, capsys)
    assert (code, out) == (1, "")
    assert err == f"{uri} has no installed program of speech with installed voices, but {finding}"


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"[1, 2]\n",
        b"{}\n",
        b'{"type": "info", "data_length": 1000}\n{}',
        b'{"type": "info", "data_length": 3}\n[1]',
        wire(Event("info", {"tts": [{"name": "kokoro"}]})),
        wire(Event("info", {"tts": 5})),
        b"x" * 100_000,
    ],
)
def test_what_does_not_speak_wyoming_is_not_healthy(reply: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    with serving_tcp(reply) as uri:
        code, out, err = check(uri, capsys)
    assert (code, out) == (1, "")
    assert err.startswith(uri)
    assert "Wyoming" in err


def test_a_port_where_nobody_listens(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        uri = f"tcp://127.0.0.1:{closed.getsockname()[1]}"
        code, out, err = check(uri, capsys)
    assert (code, out) == (1, "")
    assert err.startswith(f"{uri} cannot be reached: ")


def test_a_socket_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = check(f"unix://{tmp_path}/s", capsys)
    assert (code, out) == (1, "")
    assert "cannot be reached: [Errno 2] No such file or directory" in err


def test_a_server_that_does_not_answer_in_time(capsys: pytest.CaptureFixture[str]) -> None:
    with serving_tcp(None) as uri:
        assert check(uri, capsys, timeout=0.2) == (1, "", f"no answer from {uri} within 0.2 s")


@pytest.mark.parametrize("uri", ["stdio://", "127.0.0.1:10210"])
def test_what_cannot_be_asked_is_an_error_of_usage(uri: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--uri", uri])
    assert left.value.code == 2
    assert "--uri" in capsys.readouterr().err


def test_it_runs_as_a_program_without_the_model() -> None:
    code = (
        "import sys, wyoming_kokoro.health_check as h; assert 'torch' not in sys.modules; sys.exit(h.main())"
    )
    root = Path(wyoming_kokoro.__file__).parents[1]
    with serving_tcp(wire(info())) as uri:
        done = subprocess.run(
            [sys.executable, "-c", code, "--uri", uri],
            env={**os.environ, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stdout) == (0, f"{uri} is healthy: kokoro 1.2.3, 2 voices\n")
