"""Starts the server and ends it: sockets, signals, announcement. Knows nothing of models or events' meaning.

A server on TCP or a Unix socket runs until SIGTERM or SIGINT; one on standard input until that ends.

signal                    | what happens
--------------------------+----------------------------------------------------------------------------------
SIGTERM, SIGINT           | no new work, the piece in the making ends or is left after 2 s, exit code 0
the same, with --drain N  | for N s all as before, but described as not installed and announced no more; then no
                          | client is let in, and what is being said is said to its end, for N s at most; then as above
a second one of these     | the process ends at once
SIGHUP                    | voices are looked for anew, as every few seconds where their files have changed
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator

from wyoming.event import Event

from wyoming_kokoro import pcm
from wyoming_kokoro.errors import KokoroError, SettingsError, SynthesisError
from wyoming_kokoro.server import discovery, pipes, sockets, welcome
from wyoming_kokoro.server.doorkeeper import Doorkeeper, Load
from wyoming_kokoro.server.framing import to_bytes
from wyoming_kokoro.server.handler import ConnectionHandler, Delivery
from wyoming_kokoro.server.info import describe
from wyoming_kokoro.server.observing import Observer, Phrases
from wyoming_kokoro.server.outlet import Outlet
from wyoming_kokoro.server.session import SpeechSession, error_event
from wyoming_kokoro.server.worker import SynthesisWorker
from wyoming_kokoro.settings import Settings, StdioUri, TcpUri, UnixUri
from wyoming_kokoro.speech import Synthesizer

_LOGGER = logging.getLogger(__name__)

# For a client to read why it is refused: closed at once, a connection with unread data takes the answer along.
_REFUSAL_S = 1.0
_MAX_REFUSALS = 16  # at a time; above that, whoever knocks is not even told
_REFUSED_BYTES = 64 * 1024

VOICES_LOOKED_AT_EVERY_S = 5.0  # takes a millisecond; Home Assistant asks for them every 30 s

Bound = list[tuple[str, int]]
"""Host and port of each listening TCP socket."""


async def serve(
    settings: Settings,
    synthesizer: Synthesizer,
    on_listening: Callable[[Bound], None] | None = None,
    *,
    phrases: Phrases | None = None,
) -> None:
    """Serves until told to stop. Raises `SettingsError` where it cannot listen.

    `phrases` are for the metrics alone. `on_listening` is called once clients can connect. Cancellation stops the server like a signal does.
    """
    load, connections = Load(), set[asyncio.Task[None]]()
    async with contextlib.AsyncExitStack() as outer:
        observer = Observer()
        if settings.metrics_port:
            from wyoming_kokoro.server.metrics import Metrics, serving

            observer = Metrics(lambda: len(connections), lambda: load.n_requests, phrases)
            host = settings.uri.host if isinstance(settings.uri, TcpUri) else "127.0.0.1"
            outer.enter_context(serving(observer, host, settings.metrics_port, settings.allow_from))
        worker = await outer.enter_async_context(
            SynthesisWorker(synthesizer, unload_after_s=settings.unload_after_s, observer=observer)
        )
        server = _Server(settings, synthesizer, worker, observer, load, connections)
        if isinstance(settings.uri, StdioUri):
            await server.serve_stdio()
            return
        async with contextlib.AsyncExitStack() as stack:
            stopping = stack.enter_context(_stop_signals())
            stack.enter_context(_on_hangup(server.rescan))
            await stack.enter_async_context(server.watching_voices())
            bound = await stack.enter_async_context(server.listen())
            if settings.web is not None:
                from wyoming_kokoro.server.web import WebPage

                page = WebPage(settings, settings.web, synthesizer, worker, load, server.speak_for)
                await stack.enter_async_context(page.listening())
            announcement = await stack.enter_async_context(contextlib.AsyncExitStack())
            if settings.is_announced:
                await announcement.enter_async_context(discovery.announce(settings.announced_name, bound))
            _LOGGER.info("Ready. %s", welcome.invitation(settings, bound))
            welcome.greet(settings, bound, synthesizer)
            if on_listening is not None:
                on_listening(bound)
            await stopping.wait()
            if settings.drain_s:
                server.is_leaving = True
                await announcement.aclose()
                await server.drain(settings.drain_s)
            server.take_no_more()
            worker.stop()


class _Server:
    """The connections that are open, each with its task."""

    def __init__(
        self,
        settings: Settings,
        synthesizer: Synthesizer,
        worker: SynthesisWorker,
        observer: Observer,
        load: Load,
        connections: set[asyncio.Task[None]],
    ) -> None:
        self._settings = settings
        self._synthesizer = synthesizer
        self._worker = worker
        self._info = describe(synthesizer, streaming=settings.streaming)
        self.is_leaving = False
        """Whether whoever asks is told to go elsewhere, while all is answered still."""

        self._takes_more = True
        self._handlers: set[ConnectionHandler] = set()
        self._rescans: set[asyncio.Task[None]] = set()
        self._delivery = Delivery(
            samples_per_chunk=settings.samples_per_chunk,
            pause=pcm.silence(settings.sentence_silence_s),
        )
        self._doorkeeper = Doorkeeper(settings.allow_from, settings.max_connections)
        self._observer = observer
        self._load = load
        self._connections = connections
        self._refusals: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None

    @contextlib.asynccontextmanager
    async def listen(self) -> AsyncIterator[Bound]:
        """Accepts clients for as long as the context lasts; at its end no connection is left."""
        server = self._listener = await self._start()
        socket_file = sockets.identity(self._settings.uri)
        try:
            yield [
                (name[0], name[1])
                for each in server.sockets
                if each.family in (socket.AF_INET, socket.AF_INET6) and (name := each.getsockname())
            ]
        finally:
            server.close()
            await _cancel_all(self._connections | self._refusals | self._rescans)
            if isinstance(uri := self._settings.uri, UnixUri) and sockets.identity(uri) == socket_file:
                uri.path.unlink(missing_ok=True)

    async def drain(self, notice_s: float) -> None:
        """Gives balancers time to notice, then lets nobody in and hears answers out, for as long again at most."""
        assert self._listener is not None
        await asyncio.sleep(notice_s)
        self._listener.close()
        for handler in self._handlers:
            handler.finish()
        if self._connections:
            _LOGGER.info("Waiting for the last answers, on %d connections at most", len(self._connections))
            _, late = await asyncio.wait(self._connections, timeout=notice_s)
            if late:
                _LOGGER.warning(
                    "Not all was said within --drain %g: %d connection(s) cut", notice_s, len(late)
                )

    def speak_for(self, reader: asyncio.StreamReader, outlet: Outlet, speed: float) -> asyncio.Task[None]:
        """Answers what is in a reader, to its end, as one connection among the others. Cancel it, and it has left.

        Raises `LimitError` where there are too many connections, `SynthesisError` where no new ones are taken.
        """
        if self._listener is None or not self._listener.is_serving():
            raise SynthesisError("The server is shutting down")
        if (error := self._doorkeeper.refusal(None, len(self._connections))) is not None:
            raise error
        handler = self._handler(reader, outlet, outlives_input=True, speed=speed)
        return _own(self._connections, handler.run(), "page")

    def take_no_more(self) -> None:
        """From now on no client is let in."""
        self._takes_more = False

    def rescan(self) -> None:
        """Looks for voices anew; who asks from then on is told of those there are."""
        if not self._rescans:  # one that is under way may have looked already; whoever asks again, asks later
            _own(self._rescans, self._rescan(), "rescan")

    @contextlib.asynccontextmanager
    async def watching_voices(self) -> AsyncIterator[None]:
        """Looks for voices anew whenever their files have changed, for as long as the context lasts."""
        watching = asyncio.create_task(self._watch_voices(), name="voices")
        try:
            yield
        finally:
            await _cancel_all({watching})

    async def _watch_voices(self) -> None:
        """Never returns; cancellation leaves the voices as they are."""
        while True:
            await asyncio.sleep(VOICES_LOOKED_AT_EVERY_S)
            if not self._rescans and await asyncio.to_thread(self._synthesizer.have_voices_changed):
                self.rescan()

    async def _rescan(self) -> None:
        before = {voice.name for voice in self._synthesizer.voices()}
        try:
            await asyncio.to_thread(self._synthesizer.rescan)
        except KokoroError as error:
            _LOGGER.warning("The voices are what they were: %s", error)
            return
        after = {voice.name for voice in self._synthesizer.voices()}
        self._info = describe(self._synthesizer, streaming=self._settings.streaming)
        _LOGGER.info(
            "Looked for voices anew: %d, of them new: %s; gone: %s",
            len(after),
            ", ".join(sorted(after - before)) or "none",
            ", ".join(sorted(before - after)) or "none",
        )

    def _describe(self) -> Event:
        """The answer to `describe` as things stand."""
        if self._worker.is_alive and not self.is_leaving:
            return self._info
        return describe(self._synthesizer, streaming=self._settings.streaming, is_working=False)

    async def serve_stdio(self) -> None:
        """Serves the one client on standard input and output until it has all its answers."""
        if sys.stdin is None or sys.stdout is None:
            raise SettingsError("--uri stdio:// needs standard input and output, and one of them is closed")
        loop = asyncio.get_running_loop()
        with (
            pipes.readable(sys.stdin.fileno()) as source,
            pipes.writable(sys.stdout.fileno()) as target,
            _stop_signals() as stop,
        ):
            reader = asyncio.StreamReader(self._settings.max_header_bytes)
            listening, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), source)
            transport, protocol = await loop.connect_write_pipe(
                lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader()), target
            )
            writer = asyncio.StreamWriter(transport, protocol, None, loop)
            serving = asyncio.create_task(self._handler(reader, writer, outlives_input=True).run())
            stopping = asyncio.create_task(_wait_for(stop))
            try:
                await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                await _cancel_all({serving, stopping})
                listening.close()

    async def _start(self) -> asyncio.Server:
        uri, limit = self._settings.uri, self._settings.max_header_bytes
        try:
            if isinstance(uri, UnixUri):
                listener = sockets.unix_listener(uri.path, self._settings.socket_mode)
                return await asyncio.start_unix_server(self._accept, sock=listener, limit=limit)
            assert isinstance(uri, TcpUri)
            return await asyncio.start_server(self._accept, uri.host, uri.port, limit=limit)
        except (OSError, UnicodeError) as error:
            raise sockets.cannot_listen(uri, "--uri", error) from error

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sockets.set_up(writer.get_extra_info("socket"))
        peer = writer.get_extra_info("peername")
        address = peer[0] if isinstance(peer, tuple) else None
        if not self._takes_more:
            writer.transport.abort()
        elif (error := self._doorkeeper.refusal(address, len(self._connections))) is None:
            self._own_connection(self._handler(reader, writer))
        elif len(self._refusals) < _MAX_REFUSALS:
            _own(self._refusals, _refuse(reader, writer, error), "refusal")
        else:
            writer.transport.abort()

    def _own_connection(self, handler: ConnectionHandler) -> None:
        self._handlers.add(handler)
        task = _own(self._connections, handler.run(), "connection")
        task.add_done_callback(lambda _: self._handlers.discard(handler))

    def _handler(
        self,
        reader: asyncio.StreamReader,
        writer: Outlet,
        *,
        outlives_input: bool = False,
        speed: float | None = None,
    ) -> ConnectionHandler:
        settings = self._settings

        def make_session(admit: Callable[[], None]) -> SpeechSession:
            return SpeechSession(
                self._synthesizer,
                self._describe,
                speed=settings.speed if speed is None else speed,
                streaming=settings.streaming,
                limits=settings,
                admit=admit,
            )

        return ConnectionHandler(
            reader,
            writer,
            make_session,
            self._worker,
            self._delivery,
            settings,
            self._load,
            observer=self._observer,
            outlives_input=outlives_input,
        )


async def _read_past(reader: asyncio.StreamReader) -> None:
    while await reader.read(_REFUSED_BYTES):
        pass


def _own(tasks: set[asyncio.Task[None]], work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
    """Does work in a task that `tasks` holds until it is done."""
    task = asyncio.create_task(work, name=name)
    tasks.add(task)
    task.add_done_callback(tasks.discard)
    return task


async def _refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, error: KokoroError) -> None:
    """Tells a client why it may not come in, and closes the connection once it has had time to read that."""
    with contextlib.suppress(OSError):  # it has left, which is all that was wanted
        try:
            writer.write(to_bytes(error_event(error)))
            writer.write_eof()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(_read_past(reader), _REFUSAL_S)
        finally:
            writer.transport.abort()


@contextlib.contextmanager
def _stop_signals() -> Iterator[asyncio.Event]:
    """An event that SIGTERM or SIGINT sets; a second signal does what signals do by themselves."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    signals = (signal.SIGTERM, signal.SIGINT)

    def restore() -> None:
        for each in signals:
            loop.remove_signal_handler(each)

    def on_signal() -> None:
        _LOGGER.info("Stopping")
        stop.set()
        restore()

    for each in signals:
        loop.add_signal_handler(each, on_signal)
    try:
        yield stop
    finally:
        restore()


@contextlib.contextmanager
def _on_hangup(do: Callable[[], None]) -> Iterator[None]:
    """Does something at each SIGHUP, which otherwise would end the process."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, do)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)


async def _wait_for(event: asyncio.Event) -> None:
    await event.wait()


async def _cancel_all(tasks: set[asyncio.Task[None]]) -> None:
    """Cancels tasks and waits for their end. What they failed with they have logged."""
    waiting = list(tasks)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
