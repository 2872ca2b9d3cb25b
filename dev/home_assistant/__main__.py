"""Has a real Home Assistant find this server, add it and speak with it, and says how that went; `script/home-assistant`.

Home Assistant comes from PyPI into an environment of its own in the cache folder, once; its configuration is
a temporary one. Everything stays on loopback. What is not as it should be makes the exit code 1.

`--command` starts another program in the server's place; the tests give one with a fake voice.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import functools
import json
import os
import shlex
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from pathlib import Path

from dev import stress
from dev.home_assistant import core, install
from dev.home_assistant.account import Account, VisitOverError
from dev.home_assistant.visit import Visit

_COMMAND = (sys.executable, "-m", "wyoming_kokoro", "--local-files-only")


async def visit(address: str, command: Sequence[str]) -> Account:
    """All of it. Raises `CoreError` where Home Assistant does not come up."""
    account = Account()
    serve = functools.partial(_serve, command)
    with contextlib.suppress(VisitOverError):  # the account says why
        async with core.connected(address) as connection:
            guest = Visit(connection, account)
            await guest.streaming_server(serve, f"Visited {os.getpid()}")
            await guest.app(serve)
            await guest.plain_server(serve)
    return account


@contextlib.asynccontextmanager
async def _serve(
    command: Sequence[str], *options: str, uri: str = "tcp://127.0.0.1:0"
) -> AsyncIterator[stress.Target]:
    """A server of the visit's; Home Assistant is listened to while it loads its model."""
    server = stress.running([*command, *options], uri)
    target = await asyncio.to_thread(server.__enter__)
    try:
        yield target
    finally:
        await asyncio.to_thread(server.__exit__, None, None, None)


def main(argv: Sequence[str] | None = None) -> int:
    """The command: prints the account and one JSON line, returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="script/home-assistant", description="Has a real Home Assistant speak with this server."
    )
    parser.add_argument("--version", default=install.VERSION, help="of Home Assistant (default: %(default)s)")
    parser.add_argument(
        "--python", help="for Home Assistant (default: the first of those it runs on that is here)"
    )
    parser.add_argument(
        "--folder", type=Path, default=install.cache_dir(), help="to install into (default: %(default)s)"
    )
    parser.add_argument("--command", type=shlex.split, default=_COMMAND, help="what to start as the server")
    arguments = parser.parse_args(argv)
    try:
        python = install.install(arguments.version, arguments.python, arguments.folder)
    except install.InstallError as error:
        print(f"script/home-assistant: {error}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="home-assistant-") as configuration:
        print(f"Home Assistant {arguments.version} and this server:", flush=True)
        folder = Path(configuration)
        with core.running(python, folder) as address:
            account = asyncio.run(visit(address, arguments.command))
        if account.failures:
            print("What Home Assistant logged:", core.log_of(folder), sep="\n", file=sys.stderr)
    print(json.dumps(asdict(account)))
    return 1 if account.failures else 0


if __name__ == "__main__":
    sys.exit(main())
