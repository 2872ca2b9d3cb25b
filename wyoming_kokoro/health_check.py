"""Asks a running server to describe itself, and says in one line and an exit code how that went.

    python -m wyoming_kokoro.health_check [--uri tcp://127.0.0.1:10210] [--timeout 5] [--speak]

Exits with 0 when an installed program of speech with installed voices answers, and with --speak says a word,
with 1 when not. Knows no more of the server than any client does.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from collections.abc import Sequence

from wyoming.audio import AudioChunk, AudioStop
from wyoming.client import AsyncClient, AsyncTcpClient, AsyncUnixClient
from wyoming.error import Error
from wyoming.info import Describe, Info
from wyoming.tts import Synthesize

from wyoming_kokoro.settings import DEFAULT_PORT, TcpUri, UnixUri, parse_uri

_WORD = "Yes."  # the default voice's, whatever its language


class Unhealthy(Exception):  # noqa: N818 - a finding, not a fault of this program
    """What is wrong with the server, for people."""


async def describe(uri: TcpUri | UnixUri) -> Info:
    """What the server at `uri` says of itself. Raises `Unhealthy`; waits as long as the server does."""
    client = _client(uri)
    try:
        await client.connect()
        await client.write_event(Describe().event())
        while (event := await client.read_event()) is not None:
            if Info.is_type(event.type):
                return Info.from_event(event)
    except OSError as error:
        raise Unhealthy(f"{uri} cannot be reached: {error}") from error
    except (AttributeError, EOFError, KeyError, TypeError, ValueError) as error:
        # The library reads whatever comes as an event, and fails on what is none in all these ways.
        raise Unhealthy(f"{uri} does not speak Wyoming: {error!r}") from error
    finally:
        with contextlib.suppress(OSError):  # the verdict is in; how the connection ends adds nothing
            await client.disconnect()
    raise Unhealthy(f"{uri} closed the connection without an answer; is it a Wyoming server?")


async def speak(uri: TcpUri | UnixUri) -> float:
    """Has the server at `uri` say a word; how long that plays, in seconds. Raises `Unhealthy`, waits as `describe`."""
    client = _client(uri)
    seconds = 0.0
    try:
        await client.connect()
        await client.write_event(Synthesize(text=_WORD).event())
        while (event := await client.read_event()) is not None:
            if Error.is_type(event.type):
                raise Unhealthy(f"{uri} cannot speak: {Error.from_event(event).text}")
            if AudioChunk.is_type(event.type):
                seconds += AudioChunk.from_event(event).seconds
            if AudioStop.is_type(event.type):
                break
    except OSError as error:
        raise Unhealthy(f"{uri} cannot be reached: {error}") from error
    except (AttributeError, EOFError, KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise Unhealthy(f"{uri} does not speak Wyoming: {error!r}") from error
    finally:
        with contextlib.suppress(OSError):
            await client.disconnect()
    if not seconds:
        raise Unhealthy(f"{uri} answered without a sound")
    return seconds


def _client(uri: TcpUri | UnixUri) -> AsyncClient:
    match uri:
        case TcpUri():
            return AsyncTcpClient(uri.host, uri.port)
        case UnixUri():
            return AsyncUnixClient(uri.path)


async def check(uri: TcpUri | UnixUri, timeout_s: float, *, is_to_speak: bool = False) -> str:
    """One line on a healthy server. Raises `Unhealthy` otherwise, after `timeout_s` at the latest."""
    try:
        return await asyncio.wait_for(_check(uri, is_to_speak=is_to_speak), timeout_s)
    except asyncio.TimeoutError as error:  # before Python 3.11 not the built-in one
        raise Unhealthy(f"no answer from {uri} within {timeout_s:g} s") from error


async def _check(uri: TcpUri | UnixUri, *, is_to_speak: bool) -> str:
    info = await describe(uri)
    for program in info.tts:
        n_voices = sum(voice.installed for voice in program.voices)
        if program.installed and n_voices:
            spoken = f", spoke for {await speak(uri):.1f} s" if is_to_speak else ""
            return f"{uri} is healthy: {program.name} {program.version}, {n_voices} voices{spoken}"
    found = ", ".join(f"{program.name} ({len(program.voices)} voices)" for program in info.tts)
    raise Unhealthy(
        f"{uri} has no installed program of speech with installed voices, but {found or 'none of speech at all'}"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """The command: prints one line, returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m wyoming_kokoro.health_check",
        description="Asks a Wyoming server whether it can speak.",
    )
    parser.add_argument("--uri", type=_reachable_uri, default=TcpUri("127.0.0.1", DEFAULT_PORT))
    parser.add_argument("--timeout", type=float, default=5.0, metavar="SECONDS")
    parser.add_argument("--speak", action="store_true", help="have it say a word, too")
    arguments = parser.parse_args(argv)
    try:
        print(asyncio.run(check(arguments.uri, arguments.timeout, is_to_speak=arguments.speak)))
    except Unhealthy as finding:
        print(finding, file=sys.stderr)
        return 1
    return 0


def _reachable_uri(text: str) -> TcpUri | UnixUri:
    try:
        uri = parse_uri(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if not isinstance(uri, (TcpUri, UnixUri)):
        raise argparse.ArgumentTypeError("a server on stdio:// has one client already")
    return uri


if __name__ == "__main__":
    sys.exit(main())
