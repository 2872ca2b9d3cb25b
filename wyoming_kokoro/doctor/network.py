"""Checks of how others get here: the port, the network, discovery. Knows no model.

Sends what is needed to see whether multicast works between two sockets of this machine, under a name that nothing
listens for; whether a router passes it on cannot be seen from one machine.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Sequence
from pathlib import Path

from wyoming_kokoro.doctor.findings import Finding, broken, ok, skipped, warning
from wyoming_kokoro.server.sockets import has_listener
from wyoming_kokoro.settings import Settings, StdioUri, TcpUri, UnixUri

_ANSWER_S = 3.0
_TRIAL_TYPE = "_kokoro-doctor._tcp.local."
_UNKNOWN_HOST = "the host of {} is not known: {}"
_CHOOSE = "choose another port with --uri"


def check_port(settings: Settings) -> Finding:
    """Whether the server could listen where it is told to, or who does already."""
    uri = settings.uri
    if isinstance(uri, StdioUri):
        return ok("standard input and output")
    try:
        _try_to_listen(uri)
    except UnicodeError as error:  # a host name that can be none
        return broken(f"{uri}: {error}", "Give another host with --uri.")
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return asyncio.run(_who_listens(uri))
        return broken(
            f"Cannot listen on {uri}: {error.strerror or error}.", "Give another host or port with --uri."
        )
    return ok(f"{uri} is free")


def _try_to_listen(uri: TcpUri | UnixUri) -> None:
    """Raises `OSError` where that cannot be done."""
    if isinstance(uri, UnixUri):
        _try_to_listen_at(uri.path)
        return
    for family, kind, protocol, _, address in socket.getaddrinfo(
        uri.host, uri.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    ):
        with socket.socket(family, kind, protocol) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as asyncio does
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind(address)
            listener.listen()


def _try_to_listen_at(path: Path) -> None:
    """The same for a Unix socket, whose file may be left over from a server that is gone."""
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise OSError(errno.EACCES, f"{path.parent} is not there, or cannot be written")
    if has_listener(path):
        raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))


async def _who_listens(uri: TcpUri | UnixUri) -> Finding:
    from wyoming_kokoro.health_check import Unhealthy, describe
    from wyoming_kokoro.server.info import PROGRAM_NAME

    try:
        info = await asyncio.wait_for(describe(_to_connect(uri)), _ANSWER_S)
    except (Unhealthy, asyncio.TimeoutError):
        return broken(f"{uri} is taken by a program that is no Wyoming server.", f"End it, or {_CHOOSE}.")
    for program in info.tts:
        if program.name == PROGRAM_NAME:
            return ok(
                f"{uri}: this server runs there already, version {program.version}, {len(program.voices)} voices"
            )
    others = ", ".join(each.name for each in (*info.tts, *info.asr, *info.wake)) or "without a name"
    return broken(f"{uri} is taken by another Wyoming server: {others}.", f"End it, or {_CHOOSE}.")


def _to_connect(uri: TcpUri | UnixUri) -> TcpUri | UnixUri:
    """Where to reach what listens on every address."""
    if isinstance(uri, TcpUri) and uri.host in {"0.0.0.0", "::"}:  # noqa: S104 - only compared
        return TcpUri("127.0.0.1" if uri.host == "0.0.0.0" else "::1", uri.port)  # noqa: S104
    return uri


def check_network(settings: Settings) -> Finding:
    """Whether others could get to the server, as far as can be seen from here."""
    from wyoming_kokoro.server import discovery
    from wyoming_kokoro.server.reach import obstacles

    adapters = list(discovery.local_adapters())
    try:
        bound = _bound(settings)
    except (OSError, UnicodeError) as error:
        return skipped(_UNKNOWN_HOST.format(settings.uri, error))
    found = obstacles(settings, bound, adapters)
    if found:
        text = " ".join(each.what for each in found)
        if all(each.is_chosen for each in found):
            return ok(text)
        return warning(text, " ".join(each.remedy for each in found))
    addresses = [address for host, _ in bound for address in discovery.reachable_addresses(host, adapters)]
    return ok(
        f"others get here by {' or '.join(addresses)}, if no firewall is in the way"
        if addresses
        else "not used"
    )


def _bound(settings: Settings) -> list[tuple[str, int]]:
    """Host and port of each socket that the server would have."""
    if not isinstance(settings.uri, TcpUri):
        return []
    found = socket.getaddrinfo(
        settings.uri.host, settings.uri.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    return [(str(address[0]), settings.uri.port) for *_, address in found]


def check_discovery(settings: Settings, interfaces: Sequence[str] | None = None) -> Finding:
    """Whether what is announced here can be seen here; `interfaces` has their addresses, None for all that lead out."""
    from wyoming_kokoro.server import discovery

    if not settings.is_announced:
        return ok("not wanted with these options")
    if interfaces is None:
        adapters = list(discovery.local_adapters())
        try:
            hosts = [host for host, _ in _bound(settings)]
        except (OSError, UnicodeError) as error:
            return skipped(_UNKNOWN_HOST.format(settings.uri, error))
        interfaces = [address for host in hosts for address in discovery.reachable_addresses(host, adapters)]
    if not interfaces:
        return skipped("this machine has no address on a network")
    try:
        seen = asyncio.run(_seen(interfaces))
    except OSError as error:
        return warning(
            f"Multicast does not work here ({error.strerror or error}), so Home Assistant will not discover the server.",
            "Type its host and port into Home Assistant. A container needs the host's network for discovery.",
        )
    if seen is None:
        return warning(
            "What is announced on the network is not seen even on this machine, so Home Assistant may not discover it.",
            "Let a firewall pass UDP port 5353, or type host and port into Home Assistant.",
        )
    servers = f"; Wyoming servers seen: {', '.join(sorted(seen))}" if seen else ""
    return ok(f"an announcement was seen on this machine{servers}")


async def _seen(interfaces: Sequence[str]) -> set[str] | None:
    """The Wyoming servers that are announced; None where not even our own trial is seen. Raises `OSError`."""
    from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

    from wyoming_kokoro.server.discovery import SERVICE_TYPE

    names: set[str] = set()

    def on_change(*, name: str, **_: object) -> None:
        names.add(name.removesuffix(f".{SERVICE_TYPE}"))

    trial = f"{os.getpid()}.{_TRIAL_TYPE}"
    async with (
        AsyncZeroconf(interfaces=list(interfaces)) as speaker,
        AsyncZeroconf(interfaces=list(interfaces)) as listener,
    ):
        browser = AsyncServiceBrowser(listener.zeroconf, SERVICE_TYPE, handlers=[on_change])
        try:
            info = AsyncServiceInfo(_TRIAL_TYPE, trial, port=9, parsed_addresses=list(interfaces))
            await (await speaker.async_register_service(info, cooperating_responders=True))
            is_seen = await AsyncServiceInfo(_TRIAL_TYPE, trial).async_request(
                listener.zeroconf, _ANSWER_S * 1e3
            )
        finally:
            await browser.async_cancel()
    return names if is_seen else None
