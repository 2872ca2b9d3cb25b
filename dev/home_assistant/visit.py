"""What the owner of a Home Assistant does with this server: finds it, adds it, picks a voice and has it speak.

Knows Home Assistant as its frontend does, and of the server what any client is told.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeAlias

from wyoming.info import TtsProgram

from dev import stress
from dev.home_assistant import sound
from dev.home_assistant.account import Account, Finding
from dev.home_assistant.core import Core, CoreError
from wyoming_kokoro import health_check
from wyoming_kokoro.settings import TcpUri
from wyoming_kokoro.store.catalogue import LANGUAGES

_ENGINE = "tts.kokoro"
_FLOWS = "/api/config/config_entries/flow"
_FOUND_TIMEOUT_S = 60.0
_WAV_HEADER_BYTES = 44
_SAME, _CUT = 0.02, 0.35  # how far lengths may be apart: the same text said, and said in other portions

_SENTENCES = {
    "en": "The lights in the kitchen are on.",
    "es": "Las luces de la cocina están encendidas.",
    "fr": "Les lumières de la cuisine sont allumées.",
    "hi": "रसोई की बत्तियाँ जल रही हैं।",
    "it": "Le luci della cucina sono accese.",
    "ja": "台所の電気がついています。",
    "pt": "As luzes da cozinha estão acesas.",
    "zh": "厨房的灯开着。",
}
_FIRST_PART = "The washing machine has finished. The dishwasher needs ten more minutes."
_SECOND_PART = "The dryer is empty. Nobody has left a window open."

Serve: TypeAlias = Callable[..., AbstractAsyncContextManager[stress.Target]]
"""Starts a server: options of its own, and the URI it serves."""


class Visit:
    """One server in one Home Assistant."""

    def __init__(self, core: Core, account: Account) -> None:
        self._core = core
        self._account = account

    async def streaming_server(self, serve: Serve, name: str) -> None:
        """A server as it is by default, found by its announcement, restarted, removed and found again."""
        account = self._account
        async with serve("--zeroconf", name) as target:
            port = target.port
            with account.trying("found by its announcement, with its name", is_vital=True):
                flow = await self._discovered(name)
            with account.trying("added with one click", is_vital=True):
                entry = await self._finished(flow)
            program = await _described(port)
            await self._lists_voices(program)
            await self._speaks_all_languages(port, program)
            await self._speaks_formats(port)
            await self._speaks_to_many(port)
            await self._is_added_while_it_speaks(port)
            await self._speaks_oddities()
            await self._speaks_while_text_is_written(port, program)
            await self._answers_in_assist(port, program)
        with account.trying("while the server is gone, an error and no hang"):
            await self._refuses(_SENTENCES["en"] + " Gone.")
        async with serve("--zeroconf", name, uri=f"tcp://127.0.0.1:{port}"):
            with account.trying(
                "restarted on the same port, it speaks again with nothing done in Home Assistant"
            ):
                await self._speaks(port, "I am back again.", "mp3")
            with account.trying("restarted, it is the one that is there, and not offered as another"):
                if await self._offers(name):
                    raise Finding("it is offered a second time")
            with account.trying("removed, it is found again"):
                await self._core.delete(f"/api/config/config_entries/entry/{entry}")
                await self._discovered(name)

    async def app(self, serve: Serve) -> None:
        """A server that the Supervisor says is an app of its own, as ours does through `bashio::discovery`."""
        async with serve("--no-zeroconf") as target:
            with self._account.trying("as an app, offered by the Supervisor and added with one click"):
                uri = f"tcp://127.0.0.1:{target.port}"
                answer = await self._core.post(
                    "/api/services/kokoro_check/discover_app?return_response", uri=uri
                )
                entry = await self._finished(answer["service_response"]["flow_id"])
            with self._account.trying("as an app, it speaks"):
                await self._speaks(target.port, "This is the app.", "mp3")
                await self._core.delete(f"/api/config/config_entries/entry/{entry}")

    async def plain_server(self, serve: Serve) -> None:
        """A server that does not stream, added by host and port."""
        account = self._account
        async with serve("--no-streaming") as target:
            with account.trying("without streaming, added by host and port", is_vital=True):
                await self._added(target.port)
            program = await _described(target.port)
            with account.trying("without streaming, it speaks, in MP3 and WAV"):
                await self._speaks(target.port, "Whole, and in one go.", "mp3")
                await self._speaks(target.port, "Whole, and in one go, as WAV.", "wav")
            with account.trying("without streaming, a voice that nobody has is an error and no hang"):
                await self._refuses("Nobody says this.", voice="nobody")
            with account.trying("without streaming, an answer of Assist is spoken once it is written"):
                await self._assist(target.port, program)

    # Adding it ------------------------------------------------------------------------------------------------

    async def _offers(self, name: str) -> list[str]:
        """The flows that wait for a click, for the server of this name."""
        flows = await self._core.ask("config_entries/flow/progress")
        wanted = f"{name}._wyoming._tcp.local._kokoro"  # Home Assistant's unique id, made of both our names
        return [
            flow["flow_id"]
            for flow in flows
            if flow["handler"] == "wyoming" and flow["context"].get("unique_id") == wanted
        ]

    async def _discovered(self, name: str) -> str:
        deadline_s = time.monotonic() + _FOUND_TIMEOUT_S
        while time.monotonic() < deadline_s:
            if flows := await self._offers(name):
                return flows[0]
            await asyncio.sleep(0.2)
        raise Finding(f"not found within {_FOUND_TIMEOUT_S:g} s")

    async def _added(self, port: int) -> str:
        """The entry of the server that is added by host and port."""
        flow = await self._core.post(_FLOWS, handler="wyoming", show_advanced_options=False)
        return await self._finished(flow["flow_id"], host="127.0.0.1", port=port)

    async def _finished(self, flow_id: str, **answers: object) -> str:
        """The entry that a flow ends with."""
        result = await self._core.post(f"{_FLOWS}/{flow_id}", **answers)
        if result["type"] != "create_entry":
            raise Finding(f"the flow goes on with {result}")
        if result["result"]["state"] != "loaded":
            raise Finding(f"the entry is {result['result']}")
        entry: str = result["result"]["entry_id"]
        return entry

    # What there is to choose ----------------------------------------------------------------------------------

    async def _lists_voices(self, program: TtsProgram) -> None:
        """All languages with all of their voices, the default first: a new pipeline takes the first."""
        voices = {
            tag: [v for v in program.voices if tag in v.languages]
            for v in program.voices
            for tag in v.languages
        }
        with self._account.trying(f"lists {len(program.voices)} voices in {len(voices)} languages"):
            engines = (await self._core.ask("tts/engine/list"))["providers"]
            [languages] = [each["supported_languages"] for each in engines if each["engine_id"] == _ENGINE]
            if sorted(languages) != sorted(voices):
                raise Finding(f"languages are {languages}")
            for tag, wanted in voices.items():
                listed = await self._voices(tag)
                if sorted(listed) != sorted(voice.name for voice in wanted):
                    raise Finding(f"in {tag} there are {listed}")
        with self._account.trying("a new assistant gets each language's default voice"):
            for language in LANGUAGES:
                if (
                    language.tag in voices
                    and (first := (await self._voices(language.tag))[0]) != language.default_voice
                ):
                    raise Finding(f"in {language.tag} it would get {first}")

    async def _voices(self, tag: str) -> list[str]:
        answer = await self._core.ask("tts/engine/voices", engine_id=_ENGINE, language=tag)
        return [voice["voice_id"] for voice in answer["voices"]]

    # Speaking a text that is there ----------------------------------------------------------------------------

    async def _speaks_all_languages(self, port: int, program: TtsProgram) -> None:
        for tag in sorted({tag for voice in program.voices for tag in voice.languages}):
            with self._account.trying(f"speaks {tag}"):
                text, voice = _SENTENCES[tag.partition("-")[0]], (await self._voices(tag))[0]
                await self._speaks(port, text, "mp3", tag, voice=voice)

    async def _speaks_formats(self, port: int) -> None:
        for file_format in ("mp3", "wav", "flac", "ogg"):
            with self._account.trying(f"speaks as {file_format}, in the voice of who chooses none"):
                await self._speaks(port, f"This is for {file_format}.", file_format)
        for name, rate_hz in (("a satellite", 16_000), ("a Voice PE", 48_000)):
            with self._account.trying(f"speaks as {name} wants it, at {rate_hz} Hz"):
                rate: dict[str, Any] = {
                    "preferred_sample_rate": rate_hz,
                    "preferred_sample_channels": 1,
                    "preferred_sample_bytes": 2,
                }
                await self._speaks(
                    port, f"This is for {name}.", "flac" if rate_hz > 16_000 else "wav", **rate
                )

    async def _speaks_to_many(self, port: int) -> None:
        with self._account.trying("speaks to three rooms at once"):
            texts = [f"This is for room {number}." for number in ("one", "two", "three")]
            heard = await asyncio.gather(*(self._say(text) for text in texts))
            for text, each in zip(texts, heard, strict=True):
                each.expect(await _length(port, text), _SAME)

    async def _is_added_while_it_speaks(self, port: int) -> None:
        """Home Assistant gives a description a second, and tries three times more; here once has to do."""
        with self._account.trying("added once more, by host and port, while it speaks"):
            speaking = asyncio.create_task(self._say(f"{_FIRST_PART} {_SECOND_PART} {_FIRST_PART}"))
            started_s = time.monotonic()
            try:
                entry = await self._added(port)
                self._account.figures["adding a server that speaks, s"] = time.monotonic() - started_s
            finally:
                heard = await speaking
            await self._core.delete(f"/api/config/config_entries/entry/{entry}")
            if heard.is_silent:
                raise Finding("meanwhile it fell silent")

    async def _speaks_oddities(self) -> None:
        with self._account.trying("a voice that nobody has is an error and no hang"):
            await self._refuses("Nobody says this.", voice="nobody")
        with self._account.trying("a text with nothing to say in it does no harm"):
            await self._core.download(await self._url("***", preferred_format="wav"))
        with self._account.trying("after that it speaks as before"):
            (await self._say("All is well.")).expect((await self._say("All is well.")).seconds, _SAME)

    async def _speaks(
        self, port: int, text: str, file_format: str, language: str = "en-US", **options: Any
    ) -> None:
        heard = await self._say(text, file_format, language, **options)
        heard.expect(await _length(port, text, options.get("voice")), _SAME)

    async def _say(
        self, text: str, file_format: str = "mp3", language: str = "en-US", **options: Any
    ) -> sound.Sound:
        url = await self._url(text, language, preferred_format=file_format, **options)
        return await sound.decode(await self._core.download(url))

    async def _url(self, text: str, language: str = "en-US", **options: Any) -> str:
        answer = await self._core.post(
            "/api/tts_get_url",
            engine_id=_ENGINE,
            message=text,
            language=language,
            cache=False,
            options=options,
        )
        url: str = answer["path"]
        return url

    async def _refuses(self, text: str, **options: str) -> None:
        try:
            file = await self._core.download(await self._url(text, **options))
        except CoreError:
            return
        if file:
            raise Finding(f"{len(file)} bytes of something")

    # Speaking a text that is being written --------------------------------------------------------------------

    async def _speaks_while_text_is_written(self, port: int, program: TtsProgram) -> None:
        """The second part is written only when sound of the first has come."""
        voice = program.voices[0]
        with self._account.trying("speaks the beginning of a text whose end is not written yet"):
            answer = await self._core.post(
                "/api/services/kokoro_check/write?return_response",
                engine=_ENGINE,
                language=voice.languages[0],
                voice=voice.name,
                first=_FIRST_PART,
                second=_SECOND_PART,
            )
            file, begun_s, is_written = b"", time.monotonic(), False
            async for chunk in self._core.chunks(answer["service_response"]["url"]):
                file += chunk
                heard = sound.of_pcm(file[_WAV_HEADER_BYTES : len(file) // 2 * 2])
                if not is_written and not heard.is_silent:
                    self._account.figures["first sound of a text in the making, s"] = (
                        time.monotonic() - begun_s
                    )
                    await self._core.post("/api/services/kokoro_check/go_on")
                    is_written = True
            if not is_written:
                raise Finding("silence, to the end")
            whole = await _length(port, f"{_FIRST_PART} {_SECOND_PART}", voice.name)
            sound.of_pcm(file[_WAV_HEADER_BYTES:]).expect(whole, _CUT)

    async def _answers_in_assist(self, port: int, program: TtsProgram) -> None:
        with self._account.trying("an answer of Assist is spoken while it is being written"):
            if not await self._assist(port, program):
                raise Finding("Assist did not stream it")

    async def _assist(self, port: int, program: TtsProgram) -> bool:
        """Whether Assist streamed an answer. Raises `Finding` where what it said was not that answer."""
        voice = program.voices[0]
        pipeline = await self._core.ask(
            "assist_pipeline/pipeline/create",
            name=f"Visit {port}",
            language="en",
            conversation_engine="conversation.kokoro_check",
            conversation_language="en",
            tts_engine=_ENGINE,
            tts_language=voice.languages[0],
            tts_voice=voice.name,
            stt_engine=None,
            stt_language=None,
            wake_word_entity=None,
            wake_word_id=None,
        )
        text = f"{_FIRST_PART} {_SECOND_PART}"
        run = {
            "start_stage": "intent",
            "end_stage": "tts",
            "input": {"text": text},
            "pipeline": pipeline["id"],
        }
        has_streamed, fetching = False, None
        async for event in self._core.events("assist_pipeline/run", "run-end", **run):
            if event["type"] == "run-start":  # as a satellite does that streams
                fetching = asyncio.create_task(self._core.download(event["data"]["tts_output"]["url"]))
            has_streamed |= bool((event["data"] or {}).get("tts_start_streaming"))
        if fetching is None:
            raise Finding("Assist announced no speech")
        (await sound.decode(await fetching)).expect(await _length(port, text, voice.name), _CUT)
        return has_streamed


async def _described(port: int) -> TtsProgram:
    return (await health_check.describe(TcpUri("127.0.0.1", port))).tts[0]


async def _length(port: int, text: str, voice: str | int | None = None) -> float:
    """How long the server itself says this text, in seconds."""
    chosen: dict[str, Any] = {"voice": {"name": voice}} if voice else {}
    heard = await stress.ask(port, stress.plain(text, **chosen))
    if heard.error:
        raise Finding(f"asked for it directly, the server says {heard.error}")
    return heard.audio_s
