"""One connection: reads events, performs what the session makes of them, writes what the answers say.

Five tasks share the work, so that a client is heard while it is spoken to: the reader reads, the speaker takes
one answer after the other, a feeder hands the answer's text to the worker, a prompter asks for a clause where
a sentence's end comes too late, and a watcher ends a connection on which nothing happens. `run` owns reader,
speaker and watcher, the speaker its feeder and prompter, and none of them outlives its owner.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from wyoming.event import Event

from wyoming_kokoro.errors import KokoroError, LimitError, ProtocolError
from wyoming_kokoro.server.doorkeeper import Load
from wyoming_kokoro.server.framing import read_event, to_bytes
from wyoming_kokoro.server.observing import Observer
from wyoming_kokoro.server.outlet import Outlet
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
    error_event,
)
from wyoming_kokoro.server.stalling import StallWatch
from wyoming_kokoro.server.worker import SpeechStream, SynthesisWorker
from wyoming_kokoro.settings import Limits
from wyoming_kokoro.speech import Utterance

_LOGGER = logging.getLogger(__name__)

# Covers the first piece of a clause on a computer that is barely fast enough; a larger one would cut sentences
# whose end comes in time.
_STARVING_S = 0.5
# Home Assistant says that a text has ended right after its last chunk. A sentence that is there as a whole is not to
# be cut for having come in two packets; nobody hears the delay.
_GRACE_S = 0.03
_CLOSE_TIMEOUT_S = 1.0  # for the goodbye; what is to be read has been flushed before


@dataclass(frozen=True)
class Delivery:
    """How answers are sent."""

    samples_per_chunk: int = 1024
    pause: bytes = b""
    """PCM between two sentences; after a clause a part of it."""


class ConnectionHandler:
    """Serves one client from its first event to its last."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: Outlet,
        make_session: Callable[[Callable[[], None]], SpeechSession],
        worker: SynthesisWorker,
        delivery: Delivery,
        limits: Limits,
        load: Load,
        *,
        observer: Observer,
        outlives_input: bool = False,
    ) -> None:
        """make_session: makes the client's session, which asks what it is given before an answer begins.

        outlives_input: the end of input is no goodbye, as on standard input; what was asked is answered.
        """
        self._reader = reader
        self._writer = writer
        self._session = make_session(self._admit)
        self._worker = worker
        self._delivery = delivery
        self._limits = limits
        self._load = load
        self._observer = observer
        self._outlives_input = outlives_input
        # One more than are admitted: the refusal of another has its place in line, too. Whoever sends still
        # more is read from later.
        self._requests: asyncio.Queue[_Request | None] = asyncio.Queue(limits.max_client_requests + 1)
        self._is_finishing = False
        self._n_requests = 0  # not answered yet, refused ones included
        self._newest: _Request | None = None
        self._speaking: SpeechStream | None = None
        self._active_s = asyncio.get_running_loop().time()  # when something was last sent either way
        self._waiting = _Backlog(limits.max_held_chars)
        self._has_news = asyncio.Event()  # set by every event of the client, cleared by the prompter
        self._write_lock = asyncio.Lock()
        self._stalling = StallWatch(writer.transport, limits.write_timeout_s)

    async def run(self) -> None:
        """Returns when the client has left, has been dropped, or an answer has ended the connection.

        Cancellation ends the connection at once; in every case nothing of it stays behind.
        """
        speaking = asyncio.create_task(self._speak_requests(), name="speaker")
        reading = asyncio.create_task(self._read(), name="reader")
        watching = asyncio.create_task(self._watch(), name="watcher")
        try:
            await asyncio.wait({speaking, reading, watching}, return_when=asyncio.FIRST_COMPLETED)
            if reading.done() and reading.exception() is None and self._outlives_input:
                await speaking
        finally:
            self._load.n_requests -= self._n_requests
            for _ in range(self._n_requests):
                self._observer.cancelled()
            try:
                await _cancel(reading, speaking, watching)
                if self._stalling.has_stalled:
                    timeout_s = self._limits.write_timeout_s
                    _LOGGER.warning("Dropped a client that took no data for %g s", timeout_s)
                for task in (reading, speaking, watching):
                    if not task.cancelled() and (error := task.exception()) is not None:
                        self._log_end(error)
            finally:
                await self._close()

    def finish(self) -> None:
        """Has `run` return once everything asked for so far is answered; what is asked for later is not."""
        self._is_finishing = True
        if self._n_requests == 0:  # else the speaker sees it after the last answer
            self._requests.put_nowait(None)

    async def _read(self) -> None:
        """Reads events until the client closes its side or sends what is no event."""
        try:
            while (event := await read_event(self._reader, self._limits)) is not None:
                self._active_s = asyncio.get_running_loop().time()
                for action in self._session.receive(event):
                    await self._perform(action)
                self._has_news.set()
        except ProtocolError as error:
            await self._write([error_event(error)])
            raise
        if self._outlives_input:
            for action in self._session.end_of_input():
                await self._perform(action)
            await self._requests.put(None)

    async def _watch(self) -> None:
        """Returns, having said so, when nothing has been sent either way for too long, and nothing is to come.

        Never on standard input, whose other end is a program of the same user's.
        """
        loop, timeout_s = asyncio.get_running_loop(), self._limits.idle_timeout_s
        left_s = timeout_s
        while left_s > 0 or self._is_awaited or self._outlives_input:
            await asyncio.sleep(left_s if left_s > 0 else timeout_s)
            left_s = self._active_s + timeout_s - loop.time()
        _LOGGER.info("Closing a connection on which nothing was sent for %g s", timeout_s)
        await self._write(
            [error_event(LimitError("Nothing was sent", "--idle-timeout", timeout_s, fatal=True))]
        )

    @property
    def _is_awaited(self) -> bool:
        """Whether the client waits for speech that is still to be made."""
        return not self._waiting.is_empty or (self._speaking is not None and not self._speaking.has_said_all)

    def _admit(self) -> None:
        """Raises `LimitError` where no other request may begin."""
        limits = self._limits
        if self._n_requests >= limits.max_client_requests:
            raise LimitError(
                "Too many requests of this connection wait",
                "--max-client-requests",
                limits.max_client_requests,
            )
        self._load.admit(limits.max_requests)

    async def _perform(self, action: Action) -> None:
        if isinstance(action, Reply):
            await self._write([action.event])
            return
        if isinstance(action, Begin):
            answer = Answer(streamed=action.streamed, samples_per_chunk=self._delivery.samples_per_chunk)
            self._newest = _Request(answer, self._waiting)
            self._observer.requested(streamed=action.streamed)
            self._n_requests += 1
            self._load.n_requests += 1
            await self._requests.put(self._newest)
            return
        assert self._newest is not None, "the session begins an answer before it goes on with one"
        if isinstance(action, Speak):
            await self._waiting.room()
            self._newest.add(action.utterances)
        elif isinstance(action, Refuse):
            self._newest.add(action.error)
        elif isinstance(action, End):
            self._newest.add(None)
        elif isinstance(action, Cancel):
            self._observer.cancelled()
            self._newest.abandon()

    async def _speak_requests(self) -> None:
        """Answers requests in the order they came, until one ends the connection."""
        while (request := await self._requests.get()) is not None:
            await self._speak(request)
            self._n_requests -= 1
            self._load.n_requests -= 1
            if request.answer.closes_connection and not request.is_abandoned:
                break
            if self._is_finishing and self._n_requests == 0:
                break
        await self._flush()

    async def _speak(self, request: _Request) -> None:
        answer = request.answer
        async with self._worker.open(self._delivery.pause) as stream:
            feeding = asyncio.create_task(request.feed(stream), name="feeder")
            prompting = asyncio.create_task(self._prompt(request, stream), name="prompter")
            request.stream = self._speaking = stream
            if request.is_abandoned:
                stream.close()
            try:
                await self._say_all(stream, answer)
                # After a failure the rest of the text is still coming, and its end ends the request.
                await feeding
                await self._write(answer.abandon() if request.is_abandoned else answer.finish())
            finally:
                self._speaking = None
                await _cancel(feeding, prompting)
            if not prompting.cancelled():
                prompting.result()  # raises what went wrong in it

    async def _prompt(self, request: _Request, stream: SpeechStream) -> None:
        """Has an answer go on with a clause whenever all is said, its player runs dry, and text has come.

        Ends when the answer is the newest no more; on cancellation too, which changes nothing.
        """
        while request is self._newest:
            await self._has_news.wait()
            await asyncio.sleep(_GRACE_S)
            await stream.running_dry(_STARVING_S)
            # The reader acts on what it has read before others have their turn, unless it waits for room for
            # text. So where there is no text the session's next action is the connection's next one, too.
            if request is self._newest and self._waiting.is_empty:
                self._has_news.clear()
                for action in self._session.starving():
                    await self._perform(action)

    async def _say_all(self, stream: SpeechStream, answer: Answer) -> None:
        """Sends a stream's speech to its end, or to its failure, which it closes the stream for."""
        try:
            async with contextlib.aclosing(stream.pieces()) as pieces:
                async for speech in pieces:
                    await self._write(answer.speak(speech))
        except KokoroError as error:
            await self._write(answer.fail(error))
            stream.close()

    async def _write(self, events: Iterable[Event]) -> None:
        """Sends events; a client that takes none of one for too long is cut off, which raises `OSError`."""
        for event in events:
            if event.type == "error":
                self._observer.failed(event.data["code"])
            async with self._write_lock:
                with self._stalling.watching():
                    self._writer.write(to_bytes(event))
                    await self._writer.drain()
                self._active_s = asyncio.get_running_loop().time()
            await asyncio.sleep(0)  # while the client keeps up, nothing above lets others have their turn

    async def _flush(self) -> None:
        """Waits until what was written has left this process."""
        self._writer.transport.set_write_buffer_limits(high=0)
        with self._stalling.watching():
            await self._writer.drain()

    async def _close(self) -> None:
        """Closes the connection, politely if the client listens, at once if it does not."""
        self._writer.close()
        timer = asyncio.get_running_loop().call_later(_CLOSE_TIMEOUT_S, self._writer.transport.abort)
        try:
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()
        finally:
            timer.cancel()

    def _log_end(self, error: BaseException) -> None:
        if isinstance(error, ProtocolError):
            _LOGGER.warning("Dropped a client: %s", error)
        elif isinstance(error, OSError):
            _LOGGER.debug("A client left: %s", error)
        else:
            _LOGGER.error("A connection failed", exc_info=error)


class _Backlog:
    """How much text of a connection waits to be spoken, in characters."""

    def __init__(self, max_chars: int) -> None:
        self._max_chars = max_chars
        self._n_chars = 0
        self._has_room = asyncio.Event()
        self._has_room.set()

    @property
    def is_empty(self) -> bool:
        """Whether no text waits."""
        return self._n_chars == 0

    async def room(self) -> None:
        """Waits until more text may wait."""
        await self._has_room.wait()

    def change(self, utterances: tuple[Utterance, ...], sign: int) -> None:
        """sign: 1 for text that begins to wait, -1 for text that no longer does."""
        self._n_chars += sign * sum(len(utterance.text) for utterance in utterances)
        if self._n_chars < self._max_chars:
            self._has_room.set()
        else:
            self._has_room.clear()


class _Request:
    """An answer in the making: its text comes in batches, an error in place of one, None at the end."""

    def __init__(self, answer: Answer, backlog: _Backlog) -> None:
        self.answer = answer
        self.stream: SpeechStream | None = None
        self.is_abandoned = False
        self._backlog = backlog
        self._text: asyncio.Queue[tuple[Utterance, ...] | KokoroError | None] = asyncio.Queue()

    def add(self, batch: tuple[Utterance, ...] | KokoroError | None) -> None:
        """Adds what comes next; the backlog bounds it."""
        if isinstance(batch, tuple):
            self._backlog.change(batch, 1)
        self._text.put_nowait(batch)

    def abandon(self) -> None:
        """Its client wants it no more: ends its work, and whatever waits for it."""
        self.is_abandoned = True
        while not self._text.empty():
            if isinstance(batch := self._text.get_nowait(), tuple):
                self._backlog.change(batch, -1)
        self._text.put_nowait(None)
        if self.stream is not None:
            self.stream.close()

    async def feed(self, stream: SpeechStream) -> None:
        """Hands the text to the worker as fast as the worker takes it, up to its end."""
        while (batch := await self._text.get()) is not None:
            if isinstance(batch, KokoroError):
                stream.fail(batch)
                continue
            for utterance in batch:
                await stream.say(utterance)
            self._backlog.change(batch, -1)
        stream.finish()


async def _cancel(*tasks: asyncio.Task[None]) -> None:
    """Cancels tasks and waits until they have ended; their results are for their owner to read."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
