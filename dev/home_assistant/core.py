"""A Home Assistant core as a process with a configuration of its own, and a client that has its owner's rights.

Knows Home Assistant's REST and websocket interfaces; knows nothing of speech.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp

_HERE = Path(__file__).parent
_LOG = "core.log"
_CLIENT_ID = "http://127.0.0.1/"
_START_TIMEOUT_S = 240.0  # its first start compiles all it imports
_STOP_TIMEOUT_S = 60.0
_ANSWER_TIMEOUT_S = 120.0
_CONFIGURATION = """\
homeassistant:
  name: Visit
http:
  server_host: 127.0.0.1
  server_port: {port}
frontend:
assist_pipeline:
zeroconf:
kokoro_check:
logger:
  default: warning
"""


class CoreError(Exception):
    """What Home Assistant does not do, in its own words where it has any."""


@contextlib.contextmanager
def running(python: Path, folder: Path) -> Iterator[str]:
    """A core on a free loopback port with its configuration in `folder`; its address. Ends with the context.

    `log_of` tells what it logs.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "configuration.yaml").write_text(_CONFIGURATION.format(port=port), encoding="utf-8")
    check = folder / "custom_components" / "kokoro_check"
    shutil.copytree(_HERE / "kokoro_check", check, ignore=shutil.ignore_patterns("__pycache__"))
    command = [str(python), str(_HERE / "start_core.py"), "--config", str(folder), "--skip-pip"]
    with (folder / _LOG).open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def log_of(folder: Path) -> str:
    """What the core with its configuration in `folder` has logged so far, from warnings on."""
    return (folder / _LOG).read_text(encoding="utf-8", errors="replace")


class Core:
    """A connection to a core, as its owner."""

    def __init__(self, address: str, session: aiohttp.ClientSession) -> None:
        self.address = address
        self._session = session
        self._headers: dict[str, str] = {}
        self._token = ""

    async def onboard(self) -> None:
        """Waits until it is up, makes the owner's account and signs in. Raises `CoreError`."""
        await self._wait_until_up()
        account = {"name": "Visit", "username": "visit", "password": "visit", "language": "en"}
        code = await self.post("/api/onboarding/users", client_id=_CLIENT_ID, **account)
        form = {"grant_type": "authorization_code", "code": code["auth_code"], "client_id": _CLIENT_ID}
        async with self._session.post(f"{self.address}/auth/token", data=form) as answer:
            token = (await answer.json())["access_token"]
        self._headers = {"Authorization": f"Bearer {token}"}
        self._token = token

    async def _wait_until_up(self) -> None:
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + _START_TIMEOUT_S
        while loop.time() < deadline_s:
            with contextlib.suppress(aiohttp.ClientConnectionError):
                async with self._session.get(f"{self.address}/api/onboarding") as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.2)
        raise CoreError(f"Home Assistant was not up after {_START_TIMEOUT_S:g} s")

    async def post(self, path: str, **data: object) -> Any:
        """What it answers. Raises `CoreError` where that is an error."""
        async with self._answer("POST", path, json=data) as answer:
            return await answer.json()

    async def delete(self, path: str) -> None:
        """Deletes something. Raises `CoreError`."""
        async with self._answer("DELETE", path):
            pass

    async def download(self, path: str) -> bytes:
        """What is to be had at one of its addresses, to the end. Raises `CoreError`."""
        return b"".join([chunk async for chunk in self.chunks(path)])

    async def chunks(self, path: str) -> AsyncIterator[bytes]:
        """The same, as it comes."""
        async with self._answer("GET", path) as answer:
            async for chunk in answer.content.iter_any():
                yield chunk

    @contextlib.asynccontextmanager
    async def _answer(self, method: str, path: str, **options: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        try:
            url = self.address + path
            async with self._session.request(method, url, headers=self._headers, **options) as answer:
                if answer.status >= 400:
                    raise CoreError(f"{method} {path}: {answer.status} {await answer.text()}")
                yield answer
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            raise CoreError(f"{method} {path}: {error!r}") from error

    async def ask(self, kind: str, **data: object) -> Any:
        """The result of a websocket command. Raises `CoreError`."""
        async with self._said(kind, data) as said:
            return (await anext(said))["result"]

    async def events(self, kind: str, until: str, **data: object) -> AsyncIterator[dict[str, Any]]:
        """The events of a websocket command, to the one of the type `until`. Raises `CoreError`."""
        async with self._said(kind, data) as said:
            async for message in said:
                if message["type"] != "event":
                    continue
                event: dict[str, Any] = message["event"]
                if event["type"] == "error":
                    raise CoreError(f"{kind}: {event['data']}")
                yield event
                if event["type"] == until:
                    return

    @contextlib.asynccontextmanager
    async def _said(self, kind: str, data: dict[str, object]) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """What is said to a command, on a connection of its own: one that nobody reads from is cut in a minute."""
        try:
            async with self._session.ws_connect(
                f"{self.address}/api/websocket", max_msg_size=0
            ) as connection:
                await connection.receive_json(timeout=_ANSWER_TIMEOUT_S)
                await connection.send_json({"type": "auth", "access_token": self._token})
                await connection.receive_json(timeout=_ANSWER_TIMEOUT_S)
                await connection.send_json({"id": 1, "type": kind, **data})

                async def messages() -> AsyncIterator[dict[str, Any]]:
                    while True:
                        message: dict[str, Any] = await connection.receive_json(timeout=_ANSWER_TIMEOUT_S)
                        if message["type"] == "result" and not message["success"]:
                            raise CoreError(f"{kind}: {message['error']['message']}")
                        yield message

                yield messages()
        except (aiohttp.ClientError, aiohttp.WSMessageTypeError, asyncio.TimeoutError) as error:
            raise CoreError(f"{kind}: {error!r}") from error


@contextlib.asynccontextmanager
async def connected(address: str) -> AsyncIterator[Core]:
    """A core that has been onboarded."""
    timeout = aiohttp.ClientTimeout(total=_ANSWER_TIMEOUT_S)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        core = Core(address, session)
        await core.onboard()
        yield core
