"""The server over real sockets, with a voice that is quick and obedient."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import struct
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from clients import Client, audio, connected, eventually, n_bytes_until_stop, running, types
from fakes import FakeSynthesizer, piece_of
from wyoming.info import Info

from wyoming_kokoro.errors import SettingsError
from wyoming_kokoro.server import handler
from wyoming_kokoro.server.session import Action, SpeechSession
from wyoming_kokoro.settings import TcpUri, UnixUri


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(test, debug=True)


def test_a_plain_request() -> None:
    async def test() -> None:
        async with running(FakeSynthesizer()) as port, connected(port) as client:
            await client.send("synthesize", text="Hello there.")
            events = await client.receive_until("audio-stop")
            assert types(events) == ["audio-start", "audio-chunk", "audio-stop"]
            assert audio(events) == piece_of("Hello there.") * 2

    run(test())


def test_a_stream_speaks_once_and_plain_requests_follow_on_the_connection() -> None:
    async def test() -> None:
        voice = FakeSynthesizer()
        async with running(voice) as port, connected(port) as client:
            events = await client.stream("One is he", "re. Two is th", "ere.")
            assert types(events) == ["audio-start", "audio-chunk", "audio-stop", "synthesize-stopped"]
            assert audio(events) == piece_of("One is here.") * 2 + piece_of("Two is there.") * 2
            assert await client.speak("Three.") == piece_of("Three.") * 2
            assert voice.texts == ["One is here.", "Two is there.", "Three."]

    run(test())


def test_sentences_are_spoken_while_text_still_arrives() -> None:
    async def test() -> None:
        async with running(FakeSynthesizer()) as port, connected(port) as client:
            await client.send("synthesize-start")
            await client.send("synthesize-chunk", text="One is here. Two")
            assert types(await client.receive_until("audio-chunk")) == ["audio-start", "audio-chunk"]

    run(test())


def test_an_answer_begins_with_a_clause_where_its_first_sentence_is_long_in_coming() -> None:
    async def test() -> None:
        voice = FakeSynthesizer()
        async with running(voice) as port, connected(port) as client:
            await client.send("synthesize-start")
            for chunk in ("When the ", "sun is down,", " the"):
                await client.send("synthesize-chunk", text=chunk)
            events = await client.receive_until("audio-chunk")
            await client.send("synthesize-chunk", text=" shutters close. Then")
            await client.send("synthesize-stop")
            events += await client.receive_until("synthesize-stopped")
            texts = ["When the sun is down,", "the shutters close.", "Then"]
            assert voice.texts == texts
            assert [utterance.is_clause for utterance in voice.spoken] == [True, False, False]
            assert audio(events) == b"".join(piece_of(text) * 2 for text in texts)

    run(test())


def test_a_text_that_comes_at_once_is_spoken_in_whole_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    # Home Assistant's tts.speak: one chunk, and the end right after it, in a packet of its own.
    monkeypatch.setattr(handler, "_GRACE_S", 10.0)

    async def test() -> None:
        voice = FakeSynthesizer()
        async with running(voice) as port, connected(port) as client:
            await client.send("synthesize-start")
            await client.send("synthesize-chunk", text="When the sun is down, the shutters close, I think")
            await asyncio.sleep(0.05)
            await client.send("synthesize-stop")
            await client.receive_until("synthesize-stopped")
            assert voice.texts == ["When the sun is down, the shutters close, I think"]

    run(test())


def test_a_sentence_stays_whole_while_there_is_something_to_play() -> None:
    async def test() -> None:
        voice = FakeSynthesizer(1, 20 * 48_000)
        async with running(voice) as port, connected(port) as client:
            await client.send("synthesize-start")
            await client.send("synthesize-chunk", text="One is here. When the sun is down, the")
            await client.receive_until("audio-chunk")
            await asyncio.sleep(0.2)
            await client.send("synthesize-chunk", text=" shutters close.")
            await client.send("synthesize-stop")
            await client.receive_until("synthesize-stopped")
            assert voice.texts == ["One is here.", "When the sun is down, the shutters close."]

    run(test())


def test_a_clause_is_spoken_before_the_sound_ends_though_no_text_comes() -> None:
    async def test() -> None:
        voice = FakeSynthesizer(1, 48_000)
        async with running(voice) as port, connected(port) as client:
            await client.send("synthesize-start")
            await client.send("synthesize-chunk", text="One is here. When the sun is down, the")
            await eventually(lambda: voice.texts == ["One is here.", "When the sun is down,"])

    run(test())


def test_a_clause_waits_for_the_answers_before_its_own() -> None:
    async def test() -> None:
        voice = FakeSynthesizer(1)
        async with running(voice) as port, connected(port) as client:
            await client.send("synthesize", text="The gate is shut.")
            await client.send("synthesize-start")
            await client.send("synthesize-chunk", text="When the sun is down, the")
            await eventually(lambda: bool(voice.spoken))
            await asyncio.sleep(0.1)
            assert voice.texts == ["The gate is shut."]
            voice.gate.set()
            assert audio(await client.receive_until("audio-stop")) == piece_of("The gate is shut.")
            await client.receive_until("audio-chunk")
            assert voice.texts == ["The gate is shut.", "When the sun is down,"]

    run(test())


def test_a_prompter_that_fails_ends_the_connection_and_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    crashed = asyncio.Event()

    def crash(_session: SpeechSession) -> list[Action]:
        crashed.set()
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(SpeechSession, "starving", crash)

    async def test() -> None:
        async with running(FakeSynthesizer()) as port, connected(port) as client:
            await client.send("synthesize-start")
            await client.send("synthesize-chunk", text="When the sun is down, the")
            await crashed.wait()
            await client.send("synthesize-stop")
            events = await client.receive_until()
            assert audio(events) == piece_of("When the sun is down, the") * 2

    run(test())
    assert "a bug" in caplog.text


def test_samples_per_chunk_and_sentence_silence() -> None:
    async def test() -> None:
        voice = FakeSynthesizer(pieces_per_utterance=1, piece_bytes=1000)
        async with (
            running(voice, samples_per_chunk=200, sentence_silence_s=0.01) as port,
            connected(port) as client,
        ):
            await client.send("synthesize", text="One is here. Two is there.")
            events = await client.receive_until("audio-stop")
            sizes = [len(event.payload or b"") for event in events if event.type == "audio-chunk"]
            assert sizes == [400, 400, 200, 400, 400, 400, 280]
            one, two = piece_of("One is here.", 1000), piece_of("Two is there.", 1000)
            assert audio(events) == one + bytes(480) + two

    run(test())


@pytest.mark.parametrize("text", ["", "   ", "...", "\n\n"])
def test_a_text_with_nothing_to_say_is_one_empty_chunk(text: str) -> None:
    # kokoro-pi hangs here, wyoming-kokoro-torch raises, wyoming-piper sends a lone audio-stop.
    async def test() -> None:
        async with running(FakeSynthesizer()) as port, connected(port) as client:
            await client.send("synthesize", text=text)
            events = await client.receive_until("audio-stop")
            assert types(events) == ["audio-start", "audio-chunk", "audio-stop"]
            assert audio(events) == b""
            stream = await client.stream(text)
            assert types(stream) == ["audio-start", "audio-chunk", "audio-stop", "synthesize-stopped"]
            assert audio(stream) == b""

    run(test())


def test_describe_is_answered_while_another_client_is_spoken_to() -> None:
    # wyoming-piper and wyoming-kokoro-torch synthesize on the event loop: describe waits.
    async def test() -> None:
        voice = FakeSynthesizer()
        async with running(voice) as port, connected(port) as speaking, connected(port) as asking:
            await speaking.send("synthesize", text="gate")
            await eventually(lambda: bool(voice.spoken))
            await asking.send("describe")
            info = Info.from_event(await asking.receive())
            (program,) = info.tts
            assert program.installed
            assert program.supports_synthesize_streaming
            assert [voice.name for voice in program.voices] == ["af_heart", "am_adam", "ff_siwis"]
            await speaking.send("ping", text="and here?")
            assert (await speaking.receive()).data["text"] == "and here?"
            voice.gate.set()
            assert audio(await speaking.receive_until("audio-stop"))

    run(test())


def test_clients_take_turns_by_piece() -> None:
    async def test() -> None:
        voice = FakeSynthesizer(pieces_per_utterance=50)
        async with running(voice) as port, connected(port) as book, connected(port) as sentence:
            await book.send("synthesize", text="gate one. Gate two. Gate three.")
            await eventually(lambda: bool(voice.spoken))
            await sentence.send("synthesize", text="gate Hi.")
            await asyncio.sleep(0.05)
            voice.gate.set()
            await sentence.receive_until("audio-stop")
            # While one says its 50 pieces the other gets about as many, not its whole book of 150 first.
            assert max(index for index, text in enumerate(voice.made) if text == "gate Hi.") < 2 * 50 + 10
            await book.receive_until("audio-stop")

    run(test())


def test_requests_on_one_connection_are_answered_in_order() -> None:
    async def test() -> None:
        async with running(FakeSynthesizer(1)) as port, connected(port) as client:
            for text in ("One.", "Two.", "Three."):
                await client.send("synthesize", text=text)
            for text in ("One.", "Two.", "Three."):
                assert audio(await client.receive_until("audio-stop")) == piece_of(text)

    run(test())


@pytest.mark.parametrize("how", ["fin", "rst"])
def test_a_client_that_leaves_frees_the_worker_at_the_next_piece(how: str) -> None:
    # No peer cancels.
    async def test() -> None:
        voice = FakeSynthesizer(pieces_per_utterance=1000)
        async with running(voice) as port:
            async with connected(port) as client:
                await client.send("synthesize", text="gate one. Gate two. Gate three.")
                await eventually(lambda: bool(voice.spoken))
                if how == "rst":
                    linger = struct.pack("ii", 1, 0)
                    client.writer.get_extra_info("socket").setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER, linger
                    )
            await asyncio.sleep(0.2)  # the server hears of it while the worker stands at the gate
            voice.gate.set()
            async with connected(port) as other:
                assert await other.speak("Next.") == piece_of("Next.") * 1000
            assert voice.texts == ["gate one.", "Next."]
            assert voice.n_pieces <= 1000 + 2
            assert voice.n_closed_early == 1

    run(test())


def test_a_new_start_interrupts_the_open_stream() -> None:
    async def test() -> None:
        voice = FakeSynthesizer(pieces_per_utterance=3)
        async with running(voice) as port, connected(port) as client:
            await client.send("synthesize-start")
            await client.send("synthesize-chunk", text="One is here. The gate is there. Next")
            await client.receive_until("audio-chunk")
            await eventually(lambda: len(voice.spoken) == 2)
            await client.send("synthesize-start")
            await client.send("ping")
            await client.receive_until("pong")
            voice.gate.set()
            await client.send("synthesize-chunk", text="Now this.")
            await client.send("synthesize-stop")
            events = await client.receive_until("synthesize-stopped")
            assert audio(events) == piece_of("Now this.") * 3
            assert types(events).count("synthesize-stopped") == 1
            assert voice.texts == ["One is here.", "The gate is there.", "Now this."]

    run(test())


def test_a_client_far_ahead_of_the_voice_is_still_heard() -> None:
    async def test() -> None:
        voice = FakeSynthesizer(pieces_per_utterance=1)
        async with running(voice) as port, connected(port) as client:
            await client.send("synthesize-start")
            for number in range(300):
                await client.send("synthesize-chunk", text=f"The gate number {number} is shut. ")
            await client.send("ping", text="still there?")
            assert (await client.receive()).type == "pong"
            await client.send("synthesize-start")
            await client.send("synthesize-chunk", text="Enough.")
            await client.send("synthesize-stop")
            await client.send("ping")
            await client.receive_until("pong")
            voice.gate.set()
            assert audio(await client.receive_until("synthesize-stopped")) == piece_of("Enough.")
            assert len(voice.spoken) <= 3

    run(test())


def test_a_client_that_stops_reading_is_dropped_and_others_are_not_held_up() -> None:
    async def test() -> None:
        voice = FakeSynthesizer(pieces_per_utterance=80, piece_bytes=96_000)
        async with (
            running(voice, write_timeout_s=0.5) as port,
            connected(port) as stalled,
            connected(port) as other,
        ):
            await stalled.send("synthesize", text="Long.")
            await eventually(lambda: bool(voice.spoken))
            await other.send("synthesize", text="Other.")
            assert await n_bytes_until_stop(lambda: other.reader.read(1 << 16)) > 80 * 96_000
            await eventually(lambda: voice.n_closed_early == 1)
            assert voice.n_pieces < 160  # the stalled one's speech was never made to the end
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                assert len(audio(await stalled.receive_until())) < 80 * 96_000

    run(test())


def test_a_client_that_reads_slowly_but_steadily_is_not_dropped() -> None:
    # With a send buffer that the kernel lets grow, this one looks stalled for longer than the time-out.
    async def test() -> None:
        voice = FakeSynthesizer(pieces_per_utterance=60, piece_bytes=96_000)
        async with running(voice, write_timeout_s=0.3) as port:
            with socket.create_connection(("127.0.0.1", port)) as client:
                client.setblocking(False)
                loop = asyncio.get_running_loop()
                await loop.sock_sendall(client, b'{"type": "synthesize", "data": {"text": "Long."}}\n')

                async def slowly() -> bytes:
                    await asyncio.sleep(0.025)
                    return await loop.sock_recv(client, 64 * 1024)

                assert await n_bytes_until_stop(slowly) > 60 * 96_000

    run(test())


@pytest.mark.parametrize("text", ["fail", "crash", "no memory", "deadly", "Fine so far. Now fail."])
def test_a_plain_answer_that_fails_is_an_error_and_a_closed_connection(text: str) -> None:
    async def test() -> None:
        async with running(FakeSynthesizer()) as port:
            async with connected(port) as client:
                await client.send("synthesize", text=text)
                events = await client.receive_until()
                assert types(events)[-1] == "error"
                assert "audio-stop" not in types(events)
            async with connected(port) as client:
                assert await client.speak("Fine.") == piece_of("Fine.") * 2

    run(test())


def test_a_stream_that_fails_ends_only_after_the_clients_stop() -> None:
    # Before its 2026.8 Home Assistant hangs on a stream that ends earlier.
    async def test() -> None:
        async with running(FakeSynthesizer()) as port, connected(port) as client:
            await client.send("synthesize-start")
            await client.send("synthesize-chunk", text="Fine so far. Now fail. And more. And")
            assert types(await client.receive_until("audio-stop")) == [
                "audio-start",
                "audio-chunk",
                "error",
                "audio-stop",
            ]
            await client.send("ping")
            assert (await client.receive()).type == "pong"  # still connected, nothing in between
            await client.send("synthesize-stop")
            assert types(await client.receive_until()) == ["synthesize-stopped"]

    run(test())


def test_an_unknown_voice() -> None:
    async def test() -> None:
        async with running(FakeSynthesizer()) as port:
            async with connected(port) as client:
                await client.send("synthesize-start", voice={"name": "af_hart"})
                error = await client.receive()
                assert error.type == "error"
                assert "af_hart" in error.data["text"]
                assert "af_heart" in error.data["text"]
                await client.send("synthesize-chunk", text="Hello.")
                await client.send("synthesize-stop")
                assert (await client.receive()).type == "synthesize-stopped"
                assert await client.speak("Hello.")
            async with connected(port) as client:
                await client.send("synthesize", text="Hello.", voice={"name": "af_hart"})
                assert types(await client.receive_until()) == ["error"]

    run(test())


def test_a_host_name_that_can_be_none_is_an_error() -> None:
    async def test() -> None:
        with pytest.raises(SettingsError, match="Cannot listen"):
            async with running(FakeSynthesizer(), uri=TcpUri("x" * 70, 0)):
                pass

    run(test())


def test_what_is_no_event_is_answered_and_ends_the_connection() -> None:
    async def test() -> None:
        async with running(FakeSynthesizer()) as port:
            for raw in (
                b"GET / HTTP/1.1\r\n\r\n",
                b'{"type": "ping", "data_length": 99999999999}\n',
                b"x" * 200_000,
            ):
                async with connected(port) as client:
                    client.writer.write(raw)
                    (event,) = await client.receive_until()
                    assert event.type == "error"
            async with connected(port) as client:
                assert await client.speak("Fine.")

    run(test())


def test_an_event_cut_into_single_bytes() -> None:
    async def test() -> None:
        async with running(FakeSynthesizer(1)) as port, connected(port) as client:
            for byte in json.dumps({"type": "synthesize", "data": {"text": "Hello."}}).encode() + b"\n":
                client.writer.write(bytes([byte]))
                await client.writer.drain()
            assert audio(await client.receive_until("audio-stop")) == piece_of("Hello.")

    run(test())


def test_ipv6_alone() -> None:
    async def test() -> None:
        async with running(FakeSynthesizer(1), uri=TcpUri("::1", 0)) as port:
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("127.0.0.1", port)
            async with connected(port, "::1") as client:
                assert await client.speak("Hello.") == piece_of("Hello.")

    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    run(test())


def test_a_unix_socket(tmp_path: Path) -> None:
    path = tmp_path / "kokoro.sock"

    async def speak() -> bytes:
        client = Client(*await asyncio.open_unix_connection(path))
        try:
            return await client.speak("Hello.")
        finally:
            client.writer.close()
            await client.writer.wait_closed()

    async def test() -> None:
        async with running(FakeSynthesizer(1), uri=UnixUri(path)):
            assert await speak() == piece_of("Hello.")
            with pytest.raises(SettingsError, match="Cannot listen"):
                async with running(FakeSynthesizer(), uri=UnixUri(path)):
                    pass
        assert not path.exists()
        with socket.socket(socket.AF_UNIX) as stale:
            stale.bind(os.fspath(path))
        async with running(FakeSynthesizer(1), uri=UnixUri(path)):
            assert await speak() == piece_of("Hello.")
        async with running(FakeSynthesizer(1), uri=UnixUri(path)):
            path.unlink()  # somebody else starts in the same place
            path.touch()
        assert path.exists()
        path.write_text("somebody's file")
        with pytest.raises(SettingsError, match="a file of that name"):
            async with running(FakeSynthesizer(), uri=UnixUri(path)):
                pass
        assert path.read_text() == "somebody's file"

    run(test())


def test_a_port_that_is_taken_is_an_error_that_says_so() -> None:
    async def test() -> None:
        async with running(FakeSynthesizer()) as port:
            with pytest.raises(SettingsError, match=f"127.0.0.1:{port}.*another"):
                async with running(FakeSynthesizer(), uri=TcpUri("127.0.0.1", port)):
                    pass

    run(test())


def test_sigterm_stops_the_server_in_the_middle_of_an_answer() -> None:
    async def test() -> None:
        voice = FakeSynthesizer()
        async with running(voice) as port, connected(port) as client:
            await client.send("synthesize", text="gate")
            await eventually(lambda: bool(voice.spoken))
            os.kill(os.getpid(), signal.SIGTERM)
            asyncio.get_running_loop().call_later(0.2, voice.gate.set)
            assert await client.receive_until() == []
            await eventually(lambda: voice.n_closed_early == 1)
            assert voice.n_pieces == 1  # the one in the making

    run(test())
