"""The page's server: what it answers, to whom, and what becomes of those who leave, stall or ask too much."""

from __future__ import annotations

import asyncio
import configparser
import contextlib
import io
import logging
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession
from clients import Client, connected, eventually, free_port, is_closed, running
from fakes import FakeSynthesizer, piece_of
from wyoming.event import Event, async_read_event

from wyoming_kokoro.errors import SettingsError
from wyoming_kokoro.server import web
from wyoming_kokoro.settings import TcpUri, parse_networks

PAGE = Path(web.__file__).parent / "page"


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 60), debug=True)


class Browser:
    """As much of one as the server sees."""

    def __init__(self, session: ClientSession, port: int, tcp_port: int) -> None:
        self.session = session
        self.port = port
        self.tcp_port = tcp_port

    async def ask(self, path: str, request: object = None, **headers: str) -> ClientResponse:
        if request is None:
            return await self.session.get(path, headers=headers)
        return await self.session.post(path, json=request, headers=headers)

    async def refusal(self, path: str, request: object = None, **headers: str) -> tuple[int, str, str]:
        """Status, code and text."""
        answer = await self.ask(path, request, **headers)
        error = (await answer.json())["error"]
        return answer.status, error["code"], error["text"]

    async def events(self, **request: object) -> list[Event]:
        """All events of a speech."""
        answer = await self.ask("/api/speech", request)
        assert answer.status == 200, await answer.text()
        return await read_events(await answer.read())


@contextlib.asynccontextmanager
async def browsing(voice: FakeSynthesizer, **options: object) -> AsyncIterator[Browser]:
    port = free_port()
    async with (
        running(voice, web=TcpUri("127.0.0.1", port), **options) as tcp_port,
        ClientSession(f"http://127.0.0.1:{port}") as session,
    ):
        yield Browser(session, port, tcp_port)


async def read_events(body: bytes) -> list[Event]:
    reader = asyncio.StreamReader()
    reader.feed_data(body)
    reader.feed_eof()
    events = []
    while (event := await async_read_event(reader)) is not None:
        events.append(event)
    return events


def audio(events: list[Event]) -> bytes:
    return b"".join(event.payload or b"" for event in events)


def test_the_page_and_its_files_are_served_with_what_guards_them() -> None:
    async def test() -> None:
        async with browsing(FakeSynthesizer()) as browser:
            for path, content_type in (
                ("/", "text/html"),
                ("/index.html", "text/html"),
                ("/style.css", "text/css"),
                ("/page.js", "text/javascript"),
            ):
                answer = await browser.ask(path)
                assert answer.status == 200
                assert answer.content_type == content_type
                assert await answer.read() == (PAGE / (path[1:] or "index.html")).read_bytes()
            for path in ("/", "/api/voices", "/nothing"):
                headers = (await browser.ask(path)).headers
                policy = headers["Content-Security-Policy"]
                assert "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'" in policy
                assert "unsafe" not in policy
                assert "frame-ancestors 'none'" in policy
                assert headers["X-Content-Type-Options"] == "nosniff"
                assert "Set-Cookie" not in headers
                assert "Access-Control-Allow-Origin" not in headers
            for path in ("/../web.py", "/%2e%2e/web.py", "/nothing"):
                assert (await browser.ask(path)).status == 404

    run(test())


def test_nothing_in_the_page_needs_another_place_or_an_unsafe_policy() -> None:
    for path in PAGE.iterdir():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?://|[\"']/[a-z]|\son[a-z]+=|\sstyle=|javascript:|eval\(", text), (
            path.name
        )
    html = (PAGE / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"<script[^>]*>[^<]", html) == []
    for place in re.findall(r'(?:src|href)="([^"]+)"', html):
        assert place == "data:," or (PAGE / place).is_file()


def test_the_page_is_part_of_the_package() -> None:
    root = PAGE.parent.parent
    config = configparser.ConfigParser()
    config.read(root.parent / "setup.cfg", encoding="utf-8")
    patterns = config["options.package_data"]["wyoming_kokoro"].split()
    for path in PAGE.iterdir():
        assert any(path.relative_to(root).match(pattern) for pattern in patterns), path


def test_the_voices_are_told() -> None:
    async def test() -> None:
        async with browsing(FakeSynthesizer(), speed=1.25, max_text_chars=500) as browser:
            told = await (await browser.ask("/api/voices")).json()
            assert (told["default"], told["speed"], told["max_text"]) == ("af_heart", 1.25, 500)
            assert told["voices"][1] == {"name": "am_adam", "label": "Adam", "language": "en-US"}

    run(test())


def test_speech_comes_as_it_is_made_and_is_what_every_client_gets() -> None:
    async def test() -> None:
        voice = FakeSynthesizer(2)
        async with browsing(voice) as browser, connected(browser.tcp_port) as client:
            request = {"text": "One is here. The gate is shut.", "voice": "am_adam", "speed": 1.5}
            answer = await browser.ask("/api/speech", request)
            assert [(await async_read_event(answer.content)).type for _ in range(3)] == [
                "audio-start",
                "audio-chunk",
                "audio-chunk",
            ]
            voice.gate.set()
            rest = await read_events(await answer.read())
            assert [event.type for event in rest] == ["audio-chunk", "audio-chunk", "audio-stop"]
            assert audio(rest) == piece_of("The gate is shut.") * 2
            assert {(said.voice, said.speed) for said in voice.spoken} == {("am_adam", 1.5)}
            events = await browser.events(text="One is here.", voice="am_adam")
            assert audio(events) == await client.speak("One is here.", voice={"name": "am_adam"})
            assert voice.spoken[-1].speed == 1.0  # the server's, where none is asked for

    run(test())


def test_phonemes_come_sentence_by_sentence() -> None:
    async def test() -> None:
        voice = FakeSynthesizer()
        async with browsing(voice) as browser:
            answer = await browser.ask("/api/phonemes", {"text": "One is here. Two?", "voice": "ff_siwis"})
            assert await answer.json() == {
                "sentences": [
                    {"text": "ONE IS HERE.", "phonemes": "<One is here.>"},
                    {"text": "TWO?", "phonemes": "<Two?>"},
                ]
            }
            document = '<speak>Three.<voice name="af_heart">Four.</voice></speak>'
            told = await (await browser.ask("/api/phonemes", {"text": document, "voice": "ff_siwis"})).json()
            assert [each["text"] for each in told["sentences"]] == ["THREE.", "FOUR."]
        assert [name for _, name in voice.questions] == ["ff_siwis"] * 3 + ["af_heart"]
        assert not voice.spoken

    run(test())


@pytest.mark.parametrize("path", ["/api/speech", "/api/phonemes"])
def test_a_browser_that_leaves_ends_its_work(path: str) -> None:
    async def test() -> None:
        voice = FakeSynthesizer(2)
        async with browsing(voice, max_requests=1) as browser:
            leaving = asyncio.create_task(browser.ask(path, {"text": "It was at the gate. It was gone."}))
            await eventually(lambda: bool(voice.spoken or voice.questions))
            leaving.cancel()
            await asyncio.gather(leaving, return_exceptions=True)
            next_one = await admitted(browser, {"text": "Two."})  # with the thread still at the gate
            voice.gate.set()
            assert (await next_one).status == 200
            assert voice.n_closed_early == (path == "/api/speech")
        assert voice.made in ([], ["It was at the gate."])
        assert "It was gone." not in [text for text, _ in voice.questions]

    run(test())


async def admitted(browser: Browser, request: object) -> asyncio.Task[ClientResponse]:
    """Asks for phonemes until there is room for the request, which is then waiting for its answer."""
    while True:
        asking = asyncio.create_task(browser.ask("/api/phonemes", request))
        done, _ = await asyncio.wait({asking}, timeout=0.2)
        if not done:
            return asking
        assert (await asking).status == 503


def test_what_goes_wrong_while_speaking_is_an_event() -> None:
    async def test() -> None:
        async with browsing(FakeSynthesizer(), max_text_chars=50) as browser:
            for request, code, part in (
                ({"text": "Hello.", "voice": "af_hart"}, "unknown-voice", "Did you mean af_heart?"),
                ({"text": "fail", "voice": "af_heart"}, "synthesis-failed", "it failed"),
                ({"text": "x" * 51}, "limit", "(--max-text)"),
                ({"text": 5}, "protocol", "without a text"),
                ({"text": "Hello.", "voice": 5}, "protocol", "are texts"),
            ):
                error = (await browser.events(**request))[-1]
                assert (error.type, error.data["code"]) == ("error", code)
                assert part in error.data["text"]

    run(test())


def test_what_is_wrong_with_a_request_is_told_at_once() -> None:
    async def test() -> None:
        async with browsing(FakeSynthesizer(), max_text_chars=50, max_data_bytes=256) as browser:
            for path, request, status, code, part in (
                (
                    "/api/speech",
                    {"text": "a", "speed": 9},
                    400,
                    "protocol",
                    "speed is 9; give a number from 0.5 to 2",
                ),
                ("/api/speech", {"text": "a", "speed": "1"}, 400, "protocol", "speed is '1'"),
                ("/api/speech", ["a"], 400, "protocol", "no JSON object"),
                ("/api/phonemes", {"text": "a", "voice": "af_hart"}, 400, "unknown-voice", "af_heart"),
                ("/api/phonemes", {"text": "fail"}, 400, "synthesis-failed", "it failed"),
                ("/api/phonemes", {"text": "x" * 51}, 503, "limit", "(--max-text)"),
                ("/api/phonemes", {"voice": "af_heart"}, 400, "protocol", "no text"),
                ("/api/phonemes", {"text": "x" * 300}, 413, "limit", "(--max-data)"),
            ):
                told = await browser.refusal(path, request)
                assert told[:2] == (status, code)
                assert part in told[2]
            answer = await browser.session.post(
                "/api/speech", data=b"{", headers={"Content-Type": "application/json"}
            )
            assert "not JSON" in await answer.text()

    run(test())


def test_it_counts_among_the_requests_and_connections_of_all_clients() -> None:
    async def test() -> None:
        voice = FakeSynthesizer()
        async with (
            browsing(voice, max_requests=1, max_connections=2) as browser,
            connected(browser.tcp_port) as client,
        ):
            held = asyncio.create_task(client.speak("gate"))
            await eventually(lambda: bool(voice.spoken))
            error = (await browser.events(text="Hello."))[-1]
            assert "(--max-requests)" in error.data["text"]
            assert "(--max-requests)" in (await browser.refusal("/api/phonemes", {"text": "Hello."}))[2]
            async with connected(browser.tcp_port) as other:
                await other.send("ping")
                await other.receive()
                told = await browser.refusal("/api/speech", {"text": "Hello."})
                assert told[:2] == (503, "limit")
                assert "(--max-connections)" in told[2]
            voice.gate.set()
            await held

    run(test())


def test_connections_to_the_page_are_bounded_and_do_not_last_for_ever() -> None:
    async def test() -> None:
        async with browsing(FakeSynthesizer(), max_connections=2, idle_timeout_s=0.5) as browser:
            idle = [await asyncio.open_connection("127.0.0.1", browser.port) for _ in range(2)]
            reader, writer = await asyncio.open_connection("127.0.0.1", browser.port)
            assert b"503 Service Unavailable" in await reader.read()
            writer.close()
            idle[0][1].write(
                b"POST /api/speech HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            )
            idle[0][1].write(b"Content-Length: 9\r\n\r\n{")  # and the rest never comes
            for each, closing in idle:
                assert await each.read() == b""
                closing.close()
            assert (await browser.ask("/")).status == 200

    run(test())


def test_a_browser_that_takes_nothing_is_dropped(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        voice = FakeSynthesizer(40, 200_000)
        async with browsing(voice, write_timeout_s=0.3) as browser:
            _, writer = await posting(
                browser.port, b'{"text": "Hello."}'
            )  # and reads no more than 2 KB of it
            await eventually(lambda: voice.n_closed_early == 1)
            writer.close()

    run(test())
    assert "Dropped a client that took no data for 0.3 s" in caplog.text


def test_strange_pages_and_strange_names_are_refused() -> None:
    async def test() -> None:
        async with browsing(FakeSynthesizer(), web_hosts=("kokoro.lan",)) as browser:
            assert (await browser.ask("/", Host="kokoro.lan")).status == 200
            assert (await browser.refusal("/", Host="evil.example"))[:2] == (403, "forbidden")
            strange = {"Origin": "http://evil.example"}
            assert (await browser.refusal("/api/voices", **strange))[:2] == (403, "forbidden")
            assert (await browser.refusal("/api/speech", {"text": "Hi."}, **strange))[:2] == (
                403,
                "forbidden",
            )
            answer = await browser.session.options("/api/speech", headers=strange)
            assert answer.status == 403
            assert "Access-Control-Allow-Origin" not in answer.headers
            answer = await browser.session.post("/api/speech", data=b'{"text": "Hi."}')
            assert answer.status == 400

    run(test())


def test_clients_from_outside_are_refused() -> None:
    async def test() -> None:
        async with browsing(FakeSynthesizer(), allow_from=parse_networks("192.0.2.0/24")) as browser:
            assert (await browser.refusal("/"))[:2] == (403, "forbidden")

    run(test())


def test_behind_ingress_nobody_else_is_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        async with browsing(FakeSynthesizer(), web_ingress=True) as browser:
            for path in ("/", "/page.js", "/api/voices"):
                status, code, text = await browser.refusal(path)
                assert (status, code) == (403, "forbidden")
                assert "(--web-ingress 172.30.32.2)" in text
        monkeypatch.setattr(web, "INGRESS_NETWORK", parse_networks("127.0.0.1"))
        async with browsing(
            FakeSynthesizer(), web_ingress=True, allow_from=parse_networks("192.0.2.1")
        ) as browser:
            answer = await browser.ask("/", Host="homeassistant.local:8123")
            assert answer.status == 200
            assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]

    run(test())


def test_a_server_that_is_leaving_hears_the_page_out_and_takes_nothing_new() -> None:
    async def test() -> None:
        voice = FakeSynthesizer(2)
        async with browsing(voice, drain_s=2.0) as browser:
            answer = await browser.ask("/api/speech", {"text": "One is here. The gate is shut."})
            await eventually(lambda: len(voice.spoken) == 2)
            os.kill(os.getpid(), signal.SIGTERM)
            while not await is_closed(browser.tcp_port):
                pass
            told = await browser.refusal("/api/speech", {"text": "Hello."})
            assert told[1:] == ("synthesis-failed", "The server is shutting down")
            voice.gate.set()
            assert audio(await read_events(await answer.read())).endswith(piece_of("The gate is shut."))

    run(test())


def test_ending_the_server_ends_the_page() -> None:
    async def test() -> None:
        voice = FakeSynthesizer(2)
        async with browsing(voice) as browser:
            reader, writer = await posting(browser.port, b'{"text": "One is here. The gate is shut."}')
            await eventually(lambda: len(voice.spoken) == 2)
            asyncio.get_running_loop().call_later(0.1, voice.gate.set)  # or the thread would outlive it
            port = browser.port
        assert b"audio-stop" not in await reader.read()
        writer.close()
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", port)

    run(test())


async def posting(port: int, body: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection on which speech has been asked for."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    head = "POST /api/speech HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    return reader, writer


def test_a_port_that_is_taken_is_said() -> None:
    async def test() -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(
                SettingsError, match=f"Cannot listen on http://127.0.0.1:{port}/: .* with --web"
            ):
                async with running(FakeSynthesizer(), web=TcpUri("127.0.0.1", port)):
                    pass

    run(test())


def test_a_missing_extra_is_said_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        with pytest.raises(SettingsError, match=re.escape("--web needs the extra web: pip install '.[web]'")):
            async with running(FakeSynthesizer(), web=TcpUri("127.0.0.1", free_port())):
                pass
        async with running(FakeSynthesizer()) as port, connected(port) as client:
            assert await client.speak("Hello.")  # without --web nothing needs it

    monkeypatch.setitem(sys.modules, "aiohttp", None)
    monkeypatch.delitem(sys.modules, web.__name__)
    run(test())


SECRET = "xylophone"


@pytest.mark.parametrize("level", ["INFO", "DEBUG"])
def test_no_text_is_logged_above_debug(level: str) -> None:
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    ours = logging.getLogger("wyoming_kokoro")

    async def test() -> None:
        async with browsing(FakeSynthesizer(1), max_text_chars=100) as browser:
            for text in ("Hello", "fail", "crash", "no memory", "x" * 100):
                for path in ("/api/speech", "/api/phonemes"):
                    await (await browser.ask(path, {"text": f"{text} {SECRET}."})).read()
                    await (await browser.ask(path, {"text": "Hello.", "voice": f"{text} {SECRET}"})).read()
                    await (await browser.ask(path, {"text": {SECRET: text}})).read()
            for raw in (
                f"{SECRET}\r\n\r\n",
                f"GET /{SECRET} HTTP/1.1\r\n{SECRET}\r\n\r\n",
                f"GET /\x00{SECRET} HTTP/1.1\r\n\r\n",
            ):
                async with connected(browser.port) as client:
                    client.writer.write(raw.encode())
                    await read_to_end(client)

    before = ours.level
    ours.setLevel(level)
    logging.getLogger().addHandler(handler)
    try:
        run(test())
    finally:
        logging.getLogger().removeHandler(handler)
        ours.setLevel(before)
    assert "An utterance failed" in log.getvalue()
    told = [line for line in log.getvalue().splitlines() if SECRET in line]
    assert bool(told) is (level == "DEBUG")  # with --debug it is what somebody looks for


async def read_to_end(client: Client) -> None:
    with contextlib.suppress(OSError):
        await client.reader.read()
