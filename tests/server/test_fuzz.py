"""Whatever comes over the wire, the server answers, goes on, and keeps nothing: inputs made up by hypothesis.

A few thousand in every run, always the same; many times as many where `slow` tests run. The oracle is strict:
what the parts may raise is listed, and whatever the connection went through, a sentence is spoken after it.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from clients import audio, connected, running
from fakes import FakeSynthesizer, piece_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wyoming.event import Event

from wyoming_kokoro.errors import BlendError, ProtocolError, UnknownVoiceError
from wyoming_kokoro.server.framing import read_event, to_bytes
from wyoming_kokoro.server.session import (
    Action,
    Answer,
    Begin,
    Cancel,
    End,
    Refuse,
    Reply,
    Speak,
    SpeechSession,
)
from wyoming_kokoro.settings import Limits
from wyoming_kokoro.store.blends import parse_blend
from wyoming_kokoro.store.voices import VoiceStore
from wyoming_kokoro.text.fences import FenceFilter
from wyoming_kokoro.text.sentences import MAX_SENTENCE_CHARS, SentenceSplitter, split_sentences

LIMITS = Limits(
    max_header_bytes=2_000,
    max_data_bytes=2_000,
    max_payload_bytes=2_000,
    max_text_chars=200,
    max_client_requests=4,
    max_held_chars=300,
)
N_EXAMPLES = 500
N_SLOW_EXAMPLES = 200_000  # of each kind, which makes a million of them all
N_CONNECTIONS = 100  # each is dozens of events, over a real socket
N_SLOW_CONNECTIONS = 2_000


def fuzz(n: int) -> Any:
    """The same made-up inputs in every run, none kept on disk."""
    return settings(
        max_examples=n,
        derandomize=True,
        database=None,
        deadline=None,  # time is judged by the test's own time-out: machines are busy
        suppress_health_check=list(HealthCheck),
    )


def both(check: Callable[..., None], *inputs: st.SearchStrategy[Any]) -> tuple[Any, Any]:
    """A test for every run, and the same one for many more inputs."""
    return (
        fuzz(N_EXAMPLES)(given(*inputs)(check)),
        pytest.mark.timeout(0)(pytest.mark.slow(fuzz(N_SLOW_EXAMPLES)(given(*inputs)(check)))),
    )


# What clients send -----------------------------------------------------------------------------------------

TEXTS = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["Hello there. And more", "gate", "…", "", "a" * 201, "\ud83d", "\x00", "Dr.", "<speak>", "&#0;"]
    ),
    st.text(alphabet="aA.!?… \n*_`'\"()[]{}<>&;#|-1。、", max_size=120),
)
VOICE_NAMES = st.one_of(
    st.sampled_from(
        [
            "af_heart",
            "am_adam",
            "../af_heart",
            "/etc/passwd",
            "af_heart.pt",
            "af_heart(2)+am_adam",
            "af_heart|am_adam@1.2",
            "af_heart(1)-af_heart(1)",
            "af_heart+../am_adam",
            "af_heart\x00",
            "~",
            ".",
            "..",
            "%2e%2e",
        ]
    ),
    st.text(max_size=40),
    st.text(alphabet="/\\.~:%a_\x00", max_size=20),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
VOICES = st.one_of(
    JSON,
    st.fixed_dictionaries(
        {}, optional={"name": VOICE_NAMES | JSON, "language": TEXTS | JSON, "speaker": JSON}
    ),
)
TYPES = st.sampled_from(
    [
        "synthesize",
        "synthesize-start",
        "synthesize-chunk",
        "synthesize-stop",
        "describe",
        "ping",
        "select-program",
    ]
)
EVENTS = st.builds(
    Event,
    TYPES | st.text(max_size=10),
    st.fixed_dictionaries(
        {}, optional={"text": TEXTS | JSON, "voice": VOICES, "name": TEXTS, "context": JSON}
    ),
)


def as_header(header: Any) -> bytes:
    return json.dumps(header).encode() + b"\n"


HEADERS = st.builds(
    as_header,
    JSON
    | st.fixed_dictionaries(
        {"type": TYPES | JSON},
        optional={
            "data": JSON,
            "data_length": st.integers(-2, 4_000) | JSON,
            "payload_length": st.integers(-2, 4_000) | JSON,
        },
    ),
)
RAW = st.one_of(st.binary(max_size=200), HEADERS, st.builds(lambda event: to_bytes(writable(event)), EVENTS))


def writable(event: Event) -> Event:
    """The event as it comes out of the framing, without halves of surrogate pairs."""
    text = json.dumps(event.data).encode("ascii")  # surrogates become escapes
    return Event(event.type.encode("utf-8", "replace").decode(), json.loads(text.replace(b"\\ud", b"\\u0")))


# Framing ---------------------------------------------------------------------------------------------------


LOOP = asyncio.new_event_loop()  # never runs: all there is to read is there


def events_in(raw: bytes) -> list[Event]:
    reader = asyncio.StreamReader(LIMITS.max_header_bytes, LOOP)
    reader.feed_data(raw)
    reader.feed_eof()
    events = []
    while (event := at_once(read_event(reader, LIMITS))) is not None:
        events.append(event)
    return events


def at_once(work: Coroutine[Any, Any, Event | None]) -> Event | None:
    """What a coroutine returns, which is to wait for nothing."""
    try:
        work.send(None)
    except StopIteration as end:
        event: Event | None = end.value
        return event
    pytest.fail("it waits for more, though the client has left")


def framing(raw: bytes) -> None:
    """Bytes are events, or a fatal error of protocol; what is read can be written, and reads the same again."""
    try:
        events = [event for event in events_in(raw) if fits(event)]
    except ProtocolError as error:
        assert error.fatal  # noqa: PT017 - most inputs raise nothing
        return
    again = events_in(b"".join(to_bytes(event) for event in events))
    assert [repr(event) for event in again] == [repr(event) for event in events]


def fits(event: Event) -> bool:
    n_header = len(json.dumps({"type": event.type})) + 80
    return len(json.dumps(event.data)) * 2 < LIMITS.max_data_bytes and n_header < LIMITS.max_header_bytes


test_framing, test_framing_long = both(framing, st.lists(RAW, max_size=8).map(b"".join))


# Sessions --------------------------------------------------------------------------------------------------


class Performer:
    """Does what a handler does with a session's actions, and holds it to its order."""

    def __init__(self) -> None:
        self.is_open = False
        self.n_begun = 0
        self.n_ended = 0
        self.answer = Answer(streamed=False, samples_per_chunk=100)

    def perform(self, action: Action) -> None:
        if isinstance(action, Reply):
            assert to_bytes(action.event)
        elif isinstance(action, Begin):
            assert not self.is_open, "an answer begins inside another"
            self.is_open = True
            self.n_begun += 1
            self.answer = Answer(streamed=action.streamed, samples_per_chunk=100)
        else:
            assert self.is_open, f"{action} without an answer"
            if isinstance(action, Speak):
                for utterance in action.utterances:
                    assert 0 < len(utterance.text) <= 2 * MAX_SENTENCE_CHARS
                    assert utterance.voice in {"af_heart", "am_adam", "ff_siwis"}
            elif isinstance(action, Refuse):
                if not self.answer.has_failed:
                    assert all(to_bytes(event) for event in self.answer.fail(action.error))
            else:
                assert isinstance(action, End | Cancel)
                self.is_open = False
                self.n_ended += 1


def sessions(events: list[Event], streaming: bool) -> None:
    """Every answer that begins ends, in order, and every event that cannot be read is answered."""
    session = SpeechSession(FakeSynthesizer(), lambda: Event("info"), streaming=streaming, limits=LIMITS)
    performer = Performer()
    for event in events:
        actions = session.receive(event)
        for action in [*actions, *session.starving()]:
            performer.perform(action)
        if event.type in {"describe", "ping"}:
            assert len(actions) == 1
            assert isinstance(actions[0], Reply)
    for action in session.end_of_input():
        performer.perform(action)
    assert not performer.is_open
    assert performer.n_begun == performer.n_ended


test_sessions, test_sessions_long = both(sessions, st.lists(EVENTS.map(writable), max_size=30), st.booleans())


# Text ------------------------------------------------------------------------------------------------------


def text_in_pieces(chunks: list[str]) -> None:
    """However a text is cut, it gives sentences of bounded length, and no word is lost or made up but for code's."""
    splitter = SentenceSplitter()
    sentences = [sentence for chunk in chunks for sentence in splitter.feed(chunk)] + splitter.flush()
    assert sentences == split_sentences("".join(chunks))
    assert all(0 < len(sentence) <= 2 * MAX_SENTENCE_CHARS for sentence in sentences)
    said = "".join(char for sentence in sentences for char in sentence if char.isalnum())
    fences = FenceFilter()  # takes blocks of code out, which has tests of its own
    text = "".join(fences.feed(chunk) for chunk in chunks) + fences.flush()
    assert said == "".join(char for char in text if char.isalnum())


test_text_in_pieces, test_text_in_pieces_long = both(text_in_pieces, st.lists(TEXTS, max_size=12))


# Voice names -----------------------------------------------------------------------------------------------


class NoHub:
    """Nothing may be fetched for a name that a client chose."""

    def voice(self, name: str) -> Path:
        raise AssertionError(f"{name!r} was to be fetched")


STORE = VoiceStore((), NoHub())  # type: ignore[arg-type]
KNOWN = {voice.name for voice in STORE.voices()}


def voice_names(name: str, language: str | None) -> None:
    """A name is one of those that are listed, a blend of them or nobody's; none of them leads to a disk or a network."""
    try:
        voice = STORE.resolve(name, language)
    except (UnknownVoiceError, BlendError) as error:
        assert name not in KNOWN
        assert len(str(error)) < 1000  # noqa: PT017 - some inputs raise nothing
        with pytest.raises(type(error)):
            STORE.pack(name)
        return
    assert {part.voice for part in parse_blend(voice).parts} <= KNOWN
    assert voice == name or not name


test_voice_names, test_voice_names_long = both(voice_names, VOICE_NAMES, st.none() | TEXTS)


# Connections -----------------------------------------------------------------------------------------------


class Complaints(logging.Handler):
    """What must never be logged: tasks nobody looked after, connections that failed for a mistake of ours."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


async def converse(port: int, raw: bytes) -> None:
    """Sends bytes, hears the server out, and has a sentence spoken: on another connection, as anybody would."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(raw)
        writer.write_eof()
        while await reader.read(1 << 16):  # to the end, or the test's time is up
            pass
    except ConnectionError:
        pass  # closed with something of ours unread: an answer, too
    finally:
        writer.transport.abort()


def talk(n: int) -> None:
    complaints = Complaints()
    logging.getLogger().addHandler(complaints)
    gc.collect()
    gc.freeze()  # what the other tests have loaded is not looked through at every collection

    async def all_of(inputs: list[bytes]) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: complaints.lines.append(str(context)))
        async with running(FakeSynthesizer(1), **vars(LIMITS)) as port:
            for start in range(0, len(inputs), 4):
                await asyncio.gather(*(converse(port, raw) for raw in inputs[start : start + 4]))
            async with connected(port) as client:
                assert await client.speak("Fine.") == piece_of("Fine.")
        gc.collect()  # a task whose failure nobody asked for says so now
        await asyncio.sleep(0)

    @fuzz(n)
    @given(st.lists(st.lists(RAW, max_size=8).map(b"".join), min_size=4, max_size=4))
    def check(inputs: list[bytes]) -> None:
        run(all_of([raw.replace(b"gate", b"late") for raw in inputs]))
        assert complaints.lines == []

    try:
        check()
    finally:
        gc.unfreeze()
        logging.getLogger().removeHandler(complaints)


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 120))


def test_connections() -> None:
    talk(N_CONNECTIONS)


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_connections_long() -> None:
    talk(N_SLOW_CONNECTIONS)


def test_a_request_after_nonsense_within_the_protocol_is_answered() -> None:
    async def test() -> None:
        async with running(FakeSynthesizer(1)) as port, connected(port) as client:
            for data in ({"text": 3}, {"voice": []}, {"text": "x", "voice": {"name": {}}}, {"text": None}):
                await client.send("synthesize-chunk", **data)
                assert (await client.receive()).type == "error"
            await client.send("synthesize", text="Fine.")
            assert audio(await client.receive_until("audio-stop")) == piece_of("Fine.")

    run(test())
