"""More than the server takes: each limit is answered with an error that names it, and nobody else is harmed."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import stat
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from clients import Client, audio, connected, eventually, running, types
from fakes import FakeSynthesizer, piece_of

from wyoming_kokoro.server.doorkeeper import Doorkeeper
from wyoming_kokoro.settings import UnixUri, parse_networks


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 60), debug=True)


def test_one_connection_too_many_is_told_so_and_the_others_go_on() -> None:
    async def test() -> None:
        async with running(FakeSynthesizer(1), max_connections=2) as port, connected(port) as client:
            async with connected(port), connected(port) as third:
                await third.send("describe")
                (error,) = await third.receive_until()
                assert error.data["code"] == "limit"
                assert "2 (--max-connections)" in error.data["text"]
                assert await client.speak("Fine.") == piece_of("Fine.")

            answer = ""
            while answer != "pong":  # as soon as the server has noticed that the second has left
                async with connected(port) as next_one:
                    await next_one.send("ping")
                    answer = (await next_one.receive_until("pong", "error"))[-1].type

    run(test())


def test_more_refusals_than_can_be_told_at_once_are_cut_off() -> None:
    async def test() -> None:
        async with running(FakeSynthesizer(1), max_connections=1) as port, connected(port) as client:
            crowd = [await asyncio.open_connection("127.0.0.1", port) for _ in range(100)]
            answers = await asyncio.gather(*(reader.read() for reader, _ in crowd), return_exceptions=True)
            told = [each for each in answers if isinstance(each, bytes) and b"--max-connections" in each]
            assert 1 <= len(told) <= 100
            assert await client.speak("Fine.") == piece_of("Fine.")
            for _, writer in crowd:
                writer.close()

    run(test())


def test_one_clients_requests_beyond_the_limit_are_refused_in_their_turn() -> None:
    async def test() -> None:
        voice = FakeSynthesizer(1)
        async with running(voice, max_client_requests=3) as port:
            async with connected(port) as client:
                for number in range(20):
                    await client.send("synthesize", text=f"gate {number}")
                await eventually(lambda: bool(voice.spoken))
                voice.gate.set()
                events = await client.receive_until()
                assert types(events) == ["audio-start", "audio-chunk", "audio-stop"] * 3 + ["error"]
                assert "3 (--max-client-requests)" in events[-1].data["text"]
            async with connected(port) as client:
                assert await client.speak("Fine.") == piece_of("Fine.")

    run(test())


def test_all_clients_requests_beyond_the_limit_are_refused() -> None:
    async def test() -> None:
        voice = FakeSynthesizer(1)
        async with running(voice, max_requests=2) as port:
            async with connected(port) as one, connected(port) as two:
                for client in (one, two):
                    await client.send("synthesize", text="gate")
                    await client.send("ping")
                    await client.receive()
                async with connected(port) as plain, connected(port) as streaming:
                    await plain.send("synthesize", text="Hello.")
                    (error,) = await plain.receive_until()
                    assert "2 (--max-requests)" in error.data["text"]
                    events = await streaming.stream("Hello.")
                    assert types(events) == ["error", "synthesize-stopped"]
                voice.gate.set()
                for client in (one, two):
                    assert audio(await client.receive_until("audio-stop")) == piece_of("gate")
                assert await one.speak("Next.") == piece_of("Next.")
            async with connected(port) as three, connected(port) as four:  # the count knows of those who left
                assert await three.speak("Fine.") == piece_of("Fine.")
                assert await four.speak("Fine.") == piece_of("Fine.")

    run(test())


def test_the_count_of_requests_forgets_a_client_that_leaves_in_the_middle() -> None:
    async def test() -> None:
        voice = FakeSynthesizer(1)
        async with running(voice, max_requests=2) as port:
            async with connected(port) as client:
                for _ in range(2):
                    await client.send("synthesize", text="gate")
                await eventually(lambda: bool(voice.spoken))
            voice.gate.set()
            for _ in range(3):
                async with connected(port) as client:
                    assert await client.speak("Fine.") == piece_of("Fine.")

    run(test())


def test_a_text_that_is_too_long_is_refused_plain_and_streamed() -> None:
    async def test() -> None:
        voice = FakeSynthesizer(1)
        async with running(voice, max_text_chars=20) as port:
            async with connected(port) as client:
                await client.send("synthesize", text="x" * 20)
                assert audio(await client.receive_until("audio-stop"))
                await client.send("synthesize", text="x" * 21)
                (error,) = await client.receive_until()
                assert error.data["code"] == "limit"
                assert "21 characters" in error.data["text"]
                assert "20 (--max-text)" in error.data["text"]
            async with connected(port) as client:
                events = await client.stream("y" * 21, "and more")
                assert types(events) == ["error", "synthesize-stopped"]
                assert types(await client.stream("Fine."))[0] == "audio-start"
        assert voice.texts == ["x" * 20, "Fine."]

    run(test())


def test_a_sender_far_ahead_is_read_from_no_further_and_loses_nothing() -> None:
    async def test() -> None:
        voice = FakeSynthesizer(1)
        n_sentences = 2_000  # a megabyte, sent as fast as it is taken
        sent = 0

        async def write(client: Client) -> None:
            nonlocal sent
            await client.send("synthesize-start")
            for number in range(n_sentences):
                text = f"The gate number {number:05d} is open, {'and so it goes on and on, ' * 20}it seems. "
                await client.send("synthesize-chunk", text=text)
                sent += 1
            await client.send("synthesize-stop")

        async with running(voice, max_held_chars=2_000) as port, connected(port) as client:
            own_end = client.writer.get_extra_info("socket")
            own_end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 * 1024)
            writing = asyncio.create_task(write(client))
            before = -1
            while before != sent:
                before = sent
                await asyncio.sleep(0.5)
            assert sent < 0.75 * n_sentences  # the rest waits on the client's side
            assert len(voice.spoken) == 1
            voice.gate.set()
            n_bytes = 0
            while (event := await client.receive()).type != "synthesize-stopped":
                n_bytes += len(event.payload or b"")
            await writing
            assert len(voice.spoken) == n_sentences
            assert n_bytes == n_sentences * voice.piece_bytes

    run(test())


def test_a_connection_on_which_nothing_happens_is_told_so_and_closed() -> None:
    async def test() -> None:
        async with running(FakeSynthesizer(1), idle_timeout_s=0.3) as port, connected(port) as client:
            assert await client.speak("Hello.") == piece_of("Hello.")
            (error,) = await client.receive_until()
            assert "0.3 (--idle-timeout)" in error.data["text"]

    run(test())


@pytest.mark.parametrize("part", [b'{"type": "ping"', b'{"type": "ping", "data_length": 9}\n{'])
def test_an_event_that_never_ends_is_idleness_too(part: bytes) -> None:
    async def test() -> None:
        async with running(FakeSynthesizer(1), idle_timeout_s=0.3) as port, connected(port) as client:
            client.writer.write(part)
            (error,) = await client.receive_until()
            assert "--idle-timeout" in error.data["text"]

    run(test())


def test_a_client_that_waits_for_its_answer_is_not_idle() -> None:
    async def test() -> None:
        voice = FakeSynthesizer(1)
        async with running(voice, idle_timeout_s=0.1) as port, connected(port) as client:
            await client.send("synthesize", text="gate")
            await asyncio.sleep(0.5)
            voice.gate.set()
            assert audio(await client.receive_until("audio-stop")) == piece_of("gate")

    run(test())


# Who may come in -------------------------------------------------------------------------------------------


def test_a_client_from_elsewhere_is_refused_politely() -> None:
    async def test() -> None:
        async with (
            running(FakeSynthesizer(1), allow_from=parse_networks("192.0.2.0/24")) as port,
            connected(port) as client,
        ):
            await client.send("describe")
            (error,) = await client.receive_until()
            assert error.data["code"] == "forbidden"
            assert "127.0.0.1" in error.data["text"]
            assert "--allow-from 192.0.2.0/24" in error.data["text"]

    run(test())


def test_refusals_are_logged_once_a_minute_with_their_number(caplog: pytest.LogCaptureFixture) -> None:
    now_s = 0.0
    keeper = Doorkeeper(parse_networks("private"), 2, lambda: now_s)
    with caplog.at_level(logging.WARNING):
        for _ in range(1000):
            assert keeper.refusal("8.8.8.8", 0) is not None
            assert keeper.refusal("127.0.0.1", 2) is not None
            now_s += 0.01
        assert len(caplog.records) == 1
        now_s = 60.0
        assert keeper.refusal("127.0.0.1", 1) is None
        assert keeper.refusal(None, 1) is None
        assert keeper.refusal("8.8.8.8", 1) is not None
    assert [record.getMessage().partition("(and ")[2] for record in caplog.records] == [
        "",
        "1999 more since the last such line)",
    ]


def test_a_unix_sockets_mode_holds_before_anybody_can_connect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "s"
    seen: list[int] = []
    start = asyncio.start_unix_server

    async def watched(*arguments: Any, **options: Any) -> asyncio.Server:
        seen.append(stat.S_IMODE(path.stat().st_mode))
        return await start(*arguments, **options)

    monkeypatch.setattr(asyncio, "start_unix_server", watched)

    async def test() -> None:
        async with running(FakeSynthesizer(1), uri=UnixUri(path), socket_mode=0o620):
            assert stat.S_IMODE(path.stat().st_mode) == 0o620

    before = os.umask(0o002)
    try:
        run(test())
    finally:
        os.umask(before)
    assert seen == [0o620]
