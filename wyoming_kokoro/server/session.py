"""The Wyoming protocol of one connection, without I/O: events in, actions out; PCM in, events out.

`SpeechSession` turns what a client sends into actions; `Answer` turns what the voice says into events.
Neither knows sockets, tasks or models. What they must do, row by row:

state      | synthesize-start      | synthesize-chunk | synthesize        | synthesize-stop            | starving (2)
-----------+-----------------------+------------------+-------------------+----------------------------+-------------
idle       | begin → streaming     | error            | begin, speak, end | error                      | nothing
streaming  | cancel, begin → str.  | speak sentences  | ignored (1)       | speak the rest, end → idle | speak clause
refused    | cancel, begin → str.  | ignored          | ignored           | end → idle                 | nothing
unstreamed | cancel, begin → uns.  | ignored          | speak             | end → idle                 | nothing

(1) Clients send the whole text once more inside a stream, for servers that know no streams.
(2) No event: the player of the answer begun last is about to run out of sound.
A `<speak>` document, or what the client says is SSML, is held to its end: only that tells where it can be cut.
refused: the stream asked for something nobody has, or for too much; its error has been sent. unstreamed: streaming is
switched off, and a client streams all the same. In every state `describe` and `ping` are answered at
once, and what nobody knows is ignored. An event that cannot be read is answered with `error`.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event
from wyoming.ping import Pong
from wyoming.tts import SynthesizeStopped, SynthesizeTextFormat

from wyoming_kokoro import pcm
from wyoming_kokoro.errors import BlendError, KokoroError, LimitError, ProtocolError, UnknownVoiceError
from wyoming_kokoro.reading import utterances
from wyoming_kokoro.server.info import PROGRAM_NAME
from wyoming_kokoro.settings import Limits
from wyoming_kokoro.speech import CHANNELS, SAMPLE_RATE_HZ, SAMPLE_WIDTH_BYTES, Synthesizer, Utterance
from wyoming_kokoro.text.sentences import SentenceSplitter
from wyoming_kokoro.text.ssml import begins_document


@dataclass(frozen=True)
class Reply:
    """Send this event at once, whatever else is being said."""

    event: Event


@dataclass(frozen=True)
class Begin:
    """An answer begins; it is spoken after the ones before it."""

    streamed: bool


@dataclass(frozen=True)
class Speak:
    """Say these as part of the answer begun last."""

    utterances: tuple[Utterance, ...]


@dataclass(frozen=True)
class Refuse:
    """The answer begun last fails with this."""

    error: KokoroError


@dataclass(frozen=True)
class End:
    """The answer begun last has all its text."""


@dataclass(frozen=True)
class Cancel:
    """The answer begun last is wanted no more."""


Action = Reply | Begin | Speak | Refuse | End | Cancel


class _State(enum.Enum):
    IDLE = enum.auto()
    STREAMING = enum.auto()
    REFUSED = enum.auto()
    UNSTREAMED = enum.auto()


class SpeechSession:
    """What one client has asked for so far."""

    def __init__(
        self,
        synthesizer: Synthesizer,
        describe: Callable[[], Event],
        *,
        speed: float = 1.0,
        streaming: bool = True,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        admit: Callable[[], None] = lambda: None,
    ) -> None:
        """describe: makes the answer to `describe`, quickly. admit: is called before an answer begins, and raises `LimitError` where there are too many."""
        self._synthesizer = synthesizer
        self._describe = describe
        self._speed = speed
        self._streaming = streaming
        self._max_text_chars = limits.max_text_chars
        self._admit = admit
        self._state = _State.IDLE
        self._voice = ""
        self._sentences = SentenceSplitter()
        self._held = ""  # of a stream: what is SSML, or may turn out to be
        self._is_ssml: bool | None = None  # None: not known yet
        self._handlers: Mapping[str, Callable[[Event], list[Action]]] = {
            "describe": self._on_describe,
            "ping": self._on_ping,
            "select-program": self._on_select,
            "synthesize": self._on_synthesize,
            "synthesize-start": self._on_start,
            "synthesize-chunk": self._on_chunk,
            "synthesize-stop": self._on_stop,
        }

    def receive(self, event: Event) -> list[Action]:
        """What to do about an event; nothing for one that nobody knows."""
        handle = self._handlers.get(event.type)
        try:
            return handle(event) if handle is not None else []
        except ProtocolError as error:
            return [Reply(error_event(error))]

    def end_of_input(self) -> list[Action]:
        """What to do when no event will follow, but answers are still wanted (standard input has ended)."""
        return self._on_stop() if self._state is not _State.IDLE else []

    def starving(self) -> list[Action]:
        """What to do when the answer begun last has said all it was given, and its player runs dry.

        A sentence that is still being written then begins with the clause that there is of it.
        """
        if self._state is not _State.STREAMING or (clause := self._sentences.take_clause()) is None:
            return []
        return self._speak([clause], is_clause=True)

    def _on_describe(self, _event: Event) -> list[Action]:
        return [Reply(self._describe())]

    @staticmethod
    def _on_ping(event: Event) -> list[Action]:
        text = None if event.data.get("text") is None else _text(event, "text")
        return [Reply(Pong(text=text).event())]

    @staticmethod
    def _on_select(event: Event) -> list[Action]:
        if (name := _text(event, "name")) != PROGRAM_NAME:
            raise ProtocolError(f"There is no program {name!r} here; the only one is {PROGRAM_NAME!r}")
        return []

    def _on_synthesize(self, event: Event) -> list[Action]:
        if self._state in (_State.STREAMING, _State.REFUSED):
            return []
        is_whole_answer = self._state is _State.IDLE
        try:
            if is_whole_answer:
                self._admit()
            text, voice = self._checked_text(event), self._resolve_voice(event)
            speech = self._speak_whole(text, voice, is_ssml=_says_ssml(event))
        except KokoroError as error:
            speech = [Refuse(error)]
        return [Begin(streamed=False), *speech, End()] if is_whole_answer else speech

    def _on_start(self, event: Event) -> list[Action]:
        actions: list[Action] = [Cancel()] if self._state is not _State.IDLE else []
        actions.append(Begin(streamed=True))
        self._sentences = SentenceSplitter()
        self._held, self._is_ssml = "", True if _says_ssml(event) else None
        try:
            self._admit()
            if self._streaming:
                self._voice = self._resolve_voice(event)
            self._state = _State.STREAMING if self._streaming else _State.UNSTREAMED
        except KokoroError as error:
            actions.append(self._refuse_stream(error))
        return actions

    def _on_chunk(self, event: Event) -> list[Action]:
        if self._state is _State.IDLE:
            raise ProtocolError("A synthesize-chunk without a synthesize-start before it")
        text = _text(event, "text")
        if self._state is not _State.STREAMING:
            return []
        try:
            text = self._checked_text(event)
        except LimitError as error:
            return [self._refuse_stream(error)]
        if self._is_ssml is None:
            text, self._held = self._held + text, ""
            self._is_ssml = begins_document(text)
        if self._is_ssml is False:
            return self._speak(self._sentences.feed(text))
        self._held += text
        try:
            self._check_length(self._held)
        except LimitError as error:
            self._held = ""
            return [self._refuse_stream(error)]
        return []

    def _on_stop(self, _event: Event | None = None) -> list[Action]:
        state, self._state = self._state, _State.IDLE
        if state is _State.IDLE:
            raise ProtocolError("A synthesize-stop without a synthesize-start before it")
        held, self._held = self._held, ""
        if state is not _State.STREAMING:
            return [End()]
        if not self._is_ssml:
            return [*self._speak([*self._sentences.feed(held), *self._sentences.flush()]), End()]
        try:
            return [*self._speak_whole(held, self._voice, is_ssml=True), End()]
        except KokoroError as error:
            return [Refuse(error), End()]

    def _refuse_stream(self, error: KokoroError) -> Action:
        self._state = _State.REFUSED
        return Refuse(error)

    def _checked_text(self, event: Event) -> str:
        """An event's text. Raises `ProtocolError` where there is none, or too much."""
        text = _text(event, "text")
        self._check_length(text)
        return text

    def _check_length(self, text: str) -> None:
        if len(text) > self._max_text_chars:
            raise LimitError(f"The text has {len(text)} characters", "--max-text", self._max_text_chars)

    def _speak(self, sentences: list[str], *, is_clause: bool = False) -> list[Action]:
        """Says these as part of the stream."""
        if not sentences:
            return []
        pause_s = self._synthesizer.pause_s(self._voice)
        return [
            Speak(
                tuple(
                    Utterance(sentence, self._voice, self._speed, is_clause=is_clause, pause_s=pause_s)
                    for sentence in sentences
                )
            )
        ]

    def _speak_whole(self, text: str, voice: str, *, is_ssml: bool) -> list[Action]:
        """Says a text that has come to its end. Raises `UnknownVoiceError` for one that SSML asks for."""
        spoken = utterances(text, voice, self._speed, self._synthesizer, is_ssml=is_ssml)
        return [Speak(spoken)] if spoken else []

    def _resolve_voice(self, event: Event) -> str:
        voice = event.data.get("voice") or {}
        if not isinstance(voice, dict):
            raise ProtocolError(f"voice is {voice!r}, which is no JSON object")
        wanted = {key: value for key in ("name", "language", "speaker") if (value := voice.get(key))}
        if not all(isinstance(value, str) for value in wanted.values()):
            raise ProtocolError(f"voice is {voice!r}; its name, language and speaker are texts")
        # A speaker of a one-speaker voice says nothing; without a name it is the best guess at one.
        return self._synthesizer.resolve_voice(
            wanted.get("name") or wanted.get("speaker"), wanted.get("language")
        )


class Answer:
    """What is sent for one request: audio-start once, chunks, one audio-stop, and the stream's own end.

    Home Assistant keeps the first audio-start, ends a plain answer at the first audio-stop, makes a file
    of zero bytes where no chunk came, and ends a stream at synthesize-stopped. Before its 2026.8 it
    ignores `error`, so a failed answer has to end some other way: a stream with synthesize-stopped, and
    only after the client's own synthesize-stop; a plain one with the end of the connection.
    """

    def __init__(self, *, streamed: bool, samples_per_chunk: int) -> None:
        self._streamed = streamed
        self._samples_per_chunk = samples_per_chunk
        self._is_open = False
        self._has_audio = False
        self._failure: KokoroError | None = None

    @property
    def has_failed(self) -> bool:
        """True after `fail`: nothing more is to be said, only the end of the request is awaited."""
        return self._failure is not None

    @property
    def closes_connection(self) -> bool:
        """Whether the connection ends with this answer.

        A failed one does, but for a stream that asked for something nobody has: there
        `synthesize-stopped` tells every client that it is over, and nothing is wrong on this side.
        """
        clients_fault = isinstance(self._failure, UnknownVoiceError | BlendError | ProtocolError)
        return self.has_failed and not (self._streamed and clients_fault)

    def speak(self, speech: bytes) -> Iterator[Event]:
        """speech: PCM."""
        yield from self._open()
        for chunk in pcm.chunks(speech, self._samples_per_chunk):
            self._has_audio = True
            yield _audio_chunk(chunk)

    def fail(self, error: KokoroError) -> Iterator[Event]:
        """Says so at once; `finish` is still to follow."""
        assert not self.has_failed
        self._failure = error
        yield error_event(error)
        if self._streamed:
            yield from self._close()

    def abandon(self) -> Iterator[Event]:
        """The end of an answer that its client has interrupted: no more audio, and no end of a stream."""
        yield from self._close()

    def finish(self) -> Iterator[Event]:
        """The end of an answer whose text has ended."""
        if not self.has_failed:
            yield from self._open()
            if not self._has_audio:
                yield _audio_chunk(b"")
            yield from self._close()
        if self._streamed:
            yield SynthesizeStopped().event()

    def _open(self) -> Iterator[Event]:
        if not self._is_open:
            self._is_open = True
            yield AudioStart(rate=SAMPLE_RATE_HZ, width=SAMPLE_WIDTH_BYTES, channels=CHANNELS).event()

    def _close(self) -> Iterator[Event]:
        if self._is_open:
            self._is_open = False
            yield AudioStop().event()


def error_event(error: KokoroError) -> Event:
    """The one place where errors become protocol."""
    return Error(text=str(error), code=error.code).event()


def _audio_chunk(audio: bytes) -> Event:
    return AudioChunk(rate=SAMPLE_RATE_HZ, width=SAMPLE_WIDTH_BYTES, channels=CHANNELS, audio=audio).event()


def _says_ssml(event: Event) -> bool:
    return event.data.get("text_format") == SynthesizeTextFormat.SSML.value


def _text(event: Event, key: str) -> str:
    value = event.data.get(key)
    if not isinstance(value, str):
        raise ProtocolError(f"{event.type} without a {key}: got {value!r}")
    return value
