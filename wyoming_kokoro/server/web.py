"""The page to try voices on (`--web`): HTTP in, Wyoming events out, through aiohttp (the extra `web`).

Knows neither sessions nor models: a text becomes a `synthesize` event of a connection like any other, and what that
connection answers is the body of the response, event by event. So the page has the limits, the turns and the errors that
every client has.

request            | answer
-------------------+------------------------------------------------------------------------------------------
GET  ./            | the page, and its files beside it
GET  api/voices    | JSON: the voices, the default one, the speed, how long a text may be, the version
POST api/speech    | JSON in: text, voice, speed. Out: `audio-start`, `audio-chunk`…, `audio-stop`, or `error`
POST api/phonemes  | JSON in: text, voice. JSON out: for each sentence what is said, and its phonemes

What is refused before it begins is answered with a status and `{"error": {"code": …, "text": …}}`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from wyoming.event import Event

from wyoming_kokoro import __version__, logs
from wyoming_kokoro.errors import AccessError, KokoroError, LimitError, ProtocolError, SettingsError
from wyoming_kokoro.reading import utterances
from wyoming_kokoro.server import discovery, sockets
from wyoming_kokoro.server.doorkeeper import Doorkeeper, Load
from wyoming_kokoro.server.framing import parse_object, to_bytes
from wyoming_kokoro.server.outlet import Outlet
from wyoming_kokoro.server.web_gate import WebGate
from wyoming_kokoro.server.worker import SynthesisWorker
from wyoming_kokoro.settings import INGRESS_NETWORK, PROGRAM, Settings, TcpUri
from wyoming_kokoro.speech import MAX_SPEED, MIN_SPEED, Synthesizer

try:
    from aiohttp import web
    from aiohttp.http_exceptions import HttpProcessingError
except ImportError as error:
    raise SettingsError("--web needs the extra web: pip install '.[web]'") from error

_LOGGER = logging.getLogger(__name__)
_HTTP_LOGGER = logging.getLogger(f"{__name__}.http")

_FOLDER = Path(__file__).parent / "page"
_CONTENT_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
_SHUTDOWN_S = 1.0  # for requests that are cancelled to end
_STATUS = {AccessError.code: 403, LimitError.code: 503}  # of a refusal; of any other 400

SpeakFor = Callable[[asyncio.StreamReader, Outlet, float], "asyncio.Task[None]"]
"""Answers a reader's events into an outlet at a speed; raises `KokoroError` where that is too much."""


class WebPage:
    """Serves the page for one server."""

    def __init__(
        self,
        settings: Settings,
        address: TcpUri,
        synthesizer: Synthesizer,
        worker: SynthesisWorker,
        load: Load,
        speak_for: SpeakFor,
    ) -> None:
        """address: where to listen."""
        self._settings = settings
        self._address = address
        self._synthesizer = synthesizer
        self._worker = worker
        self._load = load
        self._speak_for = speak_for
        self._speaking: set[asyncio.Task[None]] = set()
        networks, option = settings.allow_from, "--allow-from"
        if settings.web_ingress:
            networks, option = INGRESS_NETWORK, "--web-ingress"
        self._doorkeeper = Doorkeeper(networks, settings.max_connections, option=option)
        self._gate = WebGate((address.host, *settings.web_hosts), behind_ingress=settings.web_ingress)
        self._headers = _headers(
            "'self'" if settings.web_ingress else "'none'"
        )  # it is shown in a frame there

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        """Serves for as long as the context lasts; yields the port. Raises `SettingsError` where it cannot listen."""
        runner = web.AppRunner(
            self._application(),
            handler_cancellation=True,  # a browser that leaves
            access_log=None,
            logger=_HTTP_LOGGER,
            keepalive_timeout=self._settings.idle_timeout_s,
            shutdown_timeout=_SHUTDOWN_S,
        )
        await runner.setup()
        assert runner.server is not None
        protocols = runner.server

        def accept() -> asyncio.Protocol:
            is_full = len(protocols.connections) >= self._settings.max_connections
            return _Refusal() if is_full else protocols()

        server: asyncio.Server | None = None
        try:
            try:
                server = await asyncio.get_running_loop().create_server(
                    accept, self._address.host, self._address.port
                )
            except (OSError, UnicodeError) as error:
                raise sockets.cannot_listen(_url(self._address), "--web", error) from error
            names = [each.getsockname() for each in server.sockets]
            _LOGGER.info("%s", self._invitation([(name[0], name[1]) for name in names]))
            yield names[0][1]
        finally:
            if server is not None:
                server.close()
            for task in self._speaking:
                task.cancel()
            await runner.cleanup()

    def _invitation(self, bound: list[tuple[str, int]]) -> str:
        if self._settings.web_ingress:
            return f"The page is on port {bound[0][1]}, for Home Assistant's ingress"
        places = [_url(TcpUri(*place)) for place in discovery.places(bound, list(discovery.local_adapters()))]
        return f"The page is at {' or '.join(places) or 'no address that others can reach'}"

    def _application(self) -> web.Application:
        application = web.Application(
            middlewares=[self._answer_errors], client_max_size=self._settings.max_data_bytes
        )
        application.on_response_prepare.append(self._add_headers)
        application.router.add_get("/", self._file("index.html"))
        for path in _FOLDER.iterdir():
            application.router.add_get(f"/{path.name}", self._file(path.name))
        application.router.add_get("/api/voices", self._voices)
        application.router.add_post("/api/speech", self._speech)
        application.router.add_post("/api/phonemes", self._phonemes)
        return application

    @web.middleware
    async def _answer_errors(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Lets in who may come in, and tells people what goes wrong before an answer has begun."""
        try:
            refusal = self._doorkeeper.refusal(request.remote, 0)
            if refusal is None and request.path.startswith("/api/"):
                refusal = self._gate.request_refusal(request.headers, has_body=request.method == "POST")
            elif refusal is None:
                refusal = self._gate.page_refusal(request.headers)
            if refusal is not None:
                raise refusal
            return await handler(request)
        except web.HTTPRequestEntityTooLarge:
            limit = self._settings.max_data_bytes
            return _refusal(LimitError("The request is too large", "--max-data", limit), status=413)
        except KokoroError as error:
            return _refusal(error)

    async def _add_headers(self, _request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(self._headers)

    @staticmethod
    def _file(name: str) -> Callable[[web.Request], Awaitable[web.Response]]:
        content = (_FOLDER / name).read_bytes()  # now, so that an update does not mix two versions
        content_type = _CONTENT_TYPES[Path(name).suffix]

        async def answer(_request: web.Request) -> web.Response:
            return web.Response(body=content, content_type=content_type, charset="utf-8")

        return answer

    async def _voices(self, _request: web.Request) -> web.Response:
        return web.json_response(
            {
                "version": __version__,
                "default": self._synthesizer.resolve_voice(None),
                "speed": self._settings.speed,
                "max_text": self._settings.max_text_chars,
                "voices": [
                    {
                        "name": voice.name,
                        "label": voice.label,
                        "language": voice.language,
                    }
                    for voice in self._synthesizer.voices()
                ],
            }
        )

    async def _speech(self, request: web.Request) -> web.StreamResponse:
        asked = await self._asked(request)
        speed = asked.get("speed", self._settings.speed)
        if not isinstance(speed, int | float) or not MIN_SPEED <= speed <= MAX_SPEED:
            raise ProtocolError(f"speed is {speed!r:.40}; give a number from {MIN_SPEED:g} to {MAX_SPEED:g}")
        reader = asyncio.StreamReader(self._settings.max_header_bytes)
        reader.feed_data(
            to_bytes(Event("synthesize", {"text": asked.get("text"), "voice": {"name": asked.get("voice")}}))
        )
        reader.feed_eof()
        assert request.transport is not None
        sockets.set_up(request.transport.get_extra_info("socket"))
        response = web.StreamResponse(headers={"Content-Type": "application/octet-stream"})
        response.force_close()  # what is done to the connection for its sake is nothing for others
        speaking = self._speak_for(reader, _ResponseOutlet(request, response), float(speed))
        self._speaking.add(speaking)
        try:
            await speaking  # which cancels it, where the browser has left
        finally:
            self._speaking.discard(speaking)
        return response

    async def _phonemes(self, request: web.Request) -> web.Response:
        asked = await self._asked(request)
        text, name = asked.get("text"), asked.get("voice")
        if not isinstance(text, str) or not isinstance(name, str | None):
            raise ProtocolError("The request has no text, or a voice that is none")
        if len(text) > self._settings.max_text_chars:
            raise LimitError(
                f"The text has {len(text)} characters", "--max-text", self._settings.max_text_chars
            )
        voice = self._synthesizer.resolve_voice(name)
        with self._load.one_more(self._settings.max_requests):
            spoken = utterances(text, voice, self._settings.speed, self._synthesizer)
            forms = [await self._worker.spoken_form(each) for each in spoken]
        return web.json_response(
            {"sentences": [{"text": form.text, "phonemes": " ".join(form.phonemes)} for form in forms]}
        )

    async def _asked(self, request: web.Request) -> Mapping[str, Any]:
        """The object that a request holds. Raises `ProtocolError`."""
        assert request.transport is not None
        timer = asyncio.get_running_loop().call_later(self._settings.idle_timeout_s, request.transport.abort)
        try:
            return parse_object(await request.read(), "request")
        finally:
            timer.cancel()


class _ResponseOutlet:
    """A response's body, for a connection to write events into."""

    def __init__(self, request: web.Request, response: web.StreamResponse) -> None:
        assert request.transport is not None
        self.transport: asyncio.WriteTransport = request.transport
        self._request = request
        self._response = response
        self._written = bytearray()

    def write(self, data: bytes, /) -> None:
        """See `Outlet`."""
        self._written += data

    async def drain(self) -> None:
        """See `Outlet`."""
        written, self._written = bytes(self._written), bytearray()
        if not self._response.prepared:
            await self._response.prepare(self._request)
        await self._response.write(written)
        await self._request.writer.drain()
        if self.transport.is_closing():  # which a drain that waits for it does not tell
            raise ConnectionResetError("the browser has left")

    def close(self) -> None:
        """Nothing: the response ends when its handler returns."""

    async def wait_closed(self) -> None:
        """Nothing."""


class _Refusal(asyncio.Protocol):
    """A connection above the limit: is told so, and closed."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Answers before anything is read."""
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(
            b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nRetry-After: 5\r\n"
            b"Connection: close\r\n\r\nThere are too many connections (--max-connections).\n"
        )
        transport.close()


class _Discretion(logging.Filter):
    """Keeps from the log what requests that went wrong held: only --debug tells that."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Leaves out what anybody can provoke, and of mistakes of ours keeps the place."""
        error = record.exc_info[1] if record.exc_info else None
        if _LOGGER.isEnabledFor(logging.DEBUG) or error is None:
            return True
        if isinstance(error, HttpProcessingError):  # whatever was sent, it was no HTTP
            return False
        record.msg, record.args, record.exc_info = "A request failed: %s", (logs.where(error),), None
        return True


_HTTP_LOGGER.addFilter(_Discretion())


def _url(address: TcpUri) -> str:
    return f"http{str(address).removeprefix('tcp')}/"


def _refusal(error: KokoroError, status: int | None = None) -> web.Response:
    return web.json_response(
        {"error": {"code": error.code, "text": str(error)}}, status=status or _STATUS.get(error.code, 400)
    )


def _headers(frame_ancestors: str) -> dict[str, str]:
    """What every response says to browsers: run nothing but our files, send nothing elsewhere, keep nothing."""
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "img-src": "data:",  # the empty icon
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": frame_ancestors,
    }
    return {
        "Content-Security-Policy": "; ".join(f"{key} {value}" for key, value in policy.items()),
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "Server": PROGRAM,  # and not which versions of what
    }
