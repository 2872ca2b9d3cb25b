"""The page in a real browser, headless: typing, hearing, blending, stopping, what is shown where something goes wrong.

`CHROMIUM` in the environment names the browser where it is not on the path.
"""

from __future__ import annotations

import array
import asyncio
import contextlib
import wave
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp import web as http
from clients import PATIENCE_S, eventually, free_port, running
from fakes import FakeSynthesizer, piece_of

from dev.page_pictures import CHROMIUM, CHROMIUM_ARGUMENTS
from wyoming_kokoro.errors import UnknownVoiceError
from wyoming_kokoro.server import web
from wyoming_kokoro.settings import TcpUri, parse_networks

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright, of the extra test")
Page = playwright.Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: install it, or name it by CHROMIUM"),
]

# Keeps what is played, and when, by the clock of the sound.
LISTEN = """
window.played = [];
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (when) {
  window.sound = this.context;
  const samples = Array.from(this.buffer.getChannelData(0), (sample) => Math.round(sample * 32768));
  window.played.push({ when, at: this.context.currentTime, samples });
  return start.call(this, when);
};
"""
TWO = "One is here. The gate is shut."
HELD = "The gate is shut."
RATE_HZ = 24_000
PIECE_BYTES = 9_600


class Blender(FakeSynthesizer):
    """Knows every name but those that say otherwise."""

    def resolve_voice(self, name: str | None, language: str | None = None) -> str:
        if name is not None and "hart" in name:
            raise UnknownVoiceError(name, ("af_heart",))
        return name or super().resolve_voice(name, language)


def run(test: Callable[[Page, FakeSynthesizer], Coroutine[Any, Any, None]], **context: Any) -> None:
    """Runs a test on a page that has just been opened, and fails where the browser found something wrong."""

    async def browse() -> None:
        voice = Blender(2, PIECE_BYTES)
        port = free_port()
        async with browser() as chromium, running(voice, web=TcpUri("127.0.0.1", port)):
            async with opened(chromium, f"http://127.0.0.1:{port}/", **context) as page:
                await test(page, voice)
            voice.gate.set()

    asyncio.run(asyncio.wait_for(browse(), 120))


@contextlib.asynccontextmanager
async def browser() -> AsyncIterator[Any]:
    async with playwright.async_playwright() as driver:
        chromium = await driver.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        try:
            yield chromium
        finally:
            await chromium.close()


@contextlib.asynccontextmanager
async def opened(chromium: Any, url: str, **context: Any) -> AsyncIterator[Page]:
    complaints: list[str] = []
    window = await chromium.new_context(**context)
    page = await window.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text))
    await page.add_init_script(LISTEN)
    await page.goto(url)
    await until(page, "document.getElementById('name').value !== ''")
    yield page
    await window.close()
    assert [each for each in complaints if "status of 400" not in each] == []  # those are shown to people


def samples_of(pcm: bytes) -> list[int]:
    samples = array.array("h")
    samples.frombytes(pcm)
    return samples.tolist()


async def wait_for_text(page: Page, selector: str, text: str) -> None:
    await playwright.expect(page.locator(selector)).to_contain_text(text, timeout=30_000)


async def until(page: Page, expression: str) -> None:
    """Waits until something is true in the page, whose policy forbids the driver's own way of waiting for that."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    while not await page.evaluate(expression):
        assert asyncio.get_running_loop().time() < deadline, expression


def test_text_that_is_typed_is_heard_while_the_rest_is_being_made() -> None:
    async def test(page: Page, voice: FakeSynthesizer) -> None:
        await page.fill("#text", "")
        await page.type("#text", TWO)
        await page.select_option("#parts .voice", "am_adam")
        await page.press("#text", "Control+Enter")
        await until(
            page, "window.played.length > 0 && window.sound.currentTime > window.played[0].when + 0.1"
        )
        assert await page.inner_text("#status") == "Speaking."
        assert (await page.inner_text("#first-sound")).endswith(" s")
        assert await page.is_hidden("#wav")
        assert voice.made == ["One is here."] * 2  # the second one waits at its gate
        await eventually(lambda: len(voice.spoken) == 2)
        voice.gate.set()
        await wait_for_text(page, "#status", "Spoken, 0.80 s.")
        pcm = piece_of("One is here.", PIECE_BYTES) * 2 + piece_of(HELD, PIECE_BYTES) * 2
        played = await page.evaluate("window.played")
        assert [sample for piece in played for sample in piece["samples"]] == samples_of(pcm)
        assert {said.voice for said in voice.spoken} == {"am_adam"}
        async with page.expect_download() as download:
            await page.click("#wav")
        file = await download.value
        assert file.suggested_filename == "am_adam.wav"
        with wave.open(str(await file.path())) as wav:
            assert (wav.getframerate(), wav.getsampwidth(), wav.getnchannels()) == (RATE_HZ, 2, 1)
            assert wav.readframes(wav.getnframes()) == pcm

    run(test)


def test_pieces_follow_each_other_to_the_sample() -> None:
    async def test(page: Page, voice: FakeSynthesizer) -> None:
        voice.pieces_per_utterance = 15  # more than the page schedules at once
        await page.click("#speak")
        await wait_for_text(page, "#status", "Spoken, 3.00 s.")
        played = await page.evaluate("window.played.map(({ when, samples }) => [when, samples.length])")
        ahead = await page.evaluate("window.played.map(({ when, at }) => when - at)")
        assert max(ahead) <= 2.1
        ends = [when + n_samples / RATE_HZ for when, n_samples in played]
        n_pauses = sum(abs(when - end) > 1e-6 for (when, _), end in zip(played[1:], ends[:-1], strict=True))
        told = await page.inner_text("#pauses")
        assert told.startswith(
            str(n_pauses) if n_pauses else "none"
        )  # a busy machine may be late, but says so
        assert sum(n_samples for _, n_samples in played) == 15 * PIECE_BYTES // 2

    run(test)


def test_voices_are_blended_with_sliders_and_the_name_is_copied() -> None:
    async def test(page: Page, voice: FakeSynthesizer) -> None:
        assert await page.input_value("#name") == "af_heart"
        assert await page.is_hidden(".weight")
        await page.click("#add")
        assert await page.input_value("#name") == "af_heart(1)+am_adam(1)"  # of the same language first
        await page.focus("li:nth-child(1) .weight")
        await page.keyboard.press("End")
        assert await page.input_value("#name") == "af_heart(2)+am_adam(1)"
        await page.select_option("#manner", "ff_siwis")
        blend = "af_heart(2)+am_adam(1)|ff_siwis"
        assert await page.input_value("#name") == blend
        await page.click("#copy")
        assert await page.evaluate("navigator.clipboard.readText()") == blend
        await page.click("#speak")
        await wait_for_text(page, "#status", "Spoken")
        assert {said.voice for said in voice.spoken} == {blend}
        await page.click("#show")
        await wait_for_text(page, "#phonemes", "<The lights in the kitchen are on")
        assert {name for _, name in voice.questions} == {blend}
        for _ in range(6):
            await page.click("#add")
        assert await page.is_disabled("#add")  # eight voices are as many as a name may have
        for _ in range(6):
            await page.locator(".remove").last.click()
        assert await page.is_enabled("#add")
        assert await page.input_value("#name") == blend
        await page.select_option("#manner", "")
        await page.click("li:nth-child(1) .remove")
        assert await page.input_value("#name") == "am_adam"
        assert await page.evaluate("document.activeElement.className") == "voice"  # the focus is not lost

    run(test, permissions=["clipboard-read", "clipboard-write"])


def test_what_goes_wrong_is_shown_in_words() -> None:
    async def test(page: Page, voice: FakeSynthesizer) -> None:
        await page.fill("#name", "af_hart")
        for button in ("#speak", "#show"):
            await page.click(button)
            await wait_for_text(
                page, "#error[role=alert]", "There is no voice 'af_hart'. Did you mean af_heart?"
            )
            assert await page.get_attribute("#name", "aria-invalid") == "true"
        await page.select_option("#parts .voice", "am_adam")
        assert await page.inner_text("#error") == ""
        await page.fill("#text", "fail")
        await page.click("#speak")
        await wait_for_text(page, "#error", "it failed")
        assert await page.is_disabled("#stop")
        await page.fill("#text", "Hello.")
        await page.click("#speak")
        await wait_for_text(page, "#status", "Spoken")
        assert await page.inner_text("#error") == ""

    run(test)


def test_a_word_is_tried_and_put_into_the_text() -> None:
    async def test(page: Page, voice: FakeSynthesizer) -> None:
        await page.fill("#text", "Nguyen, nguyen and Nguyens.")
        await page.click("summary")
        await page.fill("#word", "Nguyen")
        await page.fill("#word-phonemes", "wˈɪn")
        await page.press("#word-phonemes", "Enter")
        await wait_for_text(page, "#status", "Spoken")
        assert voice.texts == ["[Nguyen](/wˈɪn/)"]
        # Marked once, and then otherwise; plain letters in a way that no link has.
        for phonemes, mark in (
            ("wˈɪn", "/wˈɪn/"),
            ("/nwˈɛn/", "/nwˈɛn/"),
            ("win", "//win//"),
            ("wɪn", "/wɪn/"),
        ):
            await page.fill("#word-phonemes", phonemes)
            await page.click("#put")
            marked = f"[Nguyen]({mark})"
            assert await page.input_value("#text") == f"{marked}, {marked} and Nguyens."
        await page.fill("#word", "Zoë")
        await page.click("#put")
        assert await page.inner_text("#status") == "The text has no “Zoë”."

    run(test)


def test_everything_has_a_name_and_can_be_read_in_light_and_dark_and_on_a_phone() -> None:
    async def test(page: Page, voice: FakeSynthesizer) -> None:
        await page.click("#add")
        await page.click("#speak")
        await wait_for_text(page, "#status", "Spoken")
        await page.fill("#name", "af_hart")
        await page.click("#show")
        await wait_for_text(page, "#error", "af_hart")
        assert (
            await page.evaluate(
                "[...document.querySelectorAll('input, select, textarea, button')].filter((each) =>"
                " !each.ariaLabel && !each.labels?.length && !each.textContent.trim()).length"
            )
            == 0
        )
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            for selector in (
                "#text",
                "#speak",
                "#stop:enabled, #show",
                ".help",
                "#error",
                "dt",
                "dd",
                "#version",
            ):
                assert await page.evaluate(CONTRAST, selector) >= 4.5, (scheme, selector)  # WCAG 2.2, AA
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    run(test, viewport={"width": 340, "height": 640})


# Of an element's text against the first opaque ground behind it, as WCAG defines it.
CONTRAST = """(selector) => {
  const element = document.querySelector(selector);
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  let ground = element;
  while (parts(getComputedStyle(ground).backgroundColor)[3] === 0) ground = ground.parentElement;
  const luminance = (colour) => {
    const [r, g, b] = parts(colour).map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const both = [getComputedStyle(element).color, getComputedStyle(ground).backgroundColor].map(luminance);
  return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
}"""


def test_it_works_below_the_path_of_an_ingress_and_a_browser_that_stops_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(web, "INGRESS_NETWORK", parse_networks("127.0.0.1"))

    async def test() -> None:
        voice = Blender(2, PIECE_BYTES)
        port = free_port()
        async with (
            browser() as chromium,
            running(voice, web=TcpUri("127.0.0.1", port), web_ingress=True),
            ingress(port) as url,
            opened(chromium, url) as page,
        ):
            await page.fill("#text", f"{TWO} It was gone.")
            await page.click("#speak")
            await until(page, "window.played.length > 0")
            await eventually(lambda: HELD in voice.texts)
            await page.press("#text", "Escape")
            assert await page.inner_text("#status") == "Stopped."
            await page.fill("#text", "Hello.")
            voice.gate.set()
            await page.click("#speak")
            await wait_for_text(page, "#status", "Spoken")
            assert "It was gone." not in voice.texts
            assert voice.n_closed_early == 1

    asyncio.run(asyncio.wait_for(test(), 120))


@contextlib.asynccontextmanager
async def ingress(port: int) -> AsyncIterator[str]:
    """Passes requests on to a port as Home Assistant does: with its own name, below a path, and as they come."""
    prefix = "/api/hassio_ingress/token/"

    async def pass_on(request: http.Request) -> http.StreamResponse:
        url = f"http://127.0.0.1:{port}/{request.path_qs.removeprefix(prefix)}"
        kept = {
            name: value
            for name, value in request.headers.items()
            if name not in {"Content-Length", "Connection"}
        }
        async with (
            ClientSession(auto_decompress=False) as session,
            session.request(request.method, url, headers=kept, data=await request.read()) as answer,
        ):
            response = http.StreamResponse(status=answer.status)
            response.content_type = answer.content_type
            response.headers["Content-Security-Policy"] = answer.headers["Content-Security-Policy"]
            await response.prepare(request)
            async for data in answer.content.iter_any():
                await response.write(data)
            return response

    application = http.Application()
    application.router.add_route("*", prefix + "{path:.*}", pass_on)
    runner = http.AppRunner(application, handler_cancellation=True, shutdown_timeout=1.0)
    await runner.setup()
    place = free_port()
    await http.TCPSite(runner, "127.0.0.1", place).start()
    try:
        yield f"http://localhost:{place}{prefix}"
    finally:
        await runner.cleanup()
