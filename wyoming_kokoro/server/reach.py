"""What keeps others on the network from this server, as far as can be seen from here, and what to do about it.

Knows addresses, interfaces and the marks of containers; knows nothing of speech. What lies on the way, such as a
firewall or a guest network, cannot be seen from here, so finding nothing proves nothing.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wyoming_kokoro.server import discovery
from wyoming_kokoro.settings import DEFAULT_PORT, Settings, StdioUri, UnixUri

_ROOT = Path("/")

# Put there by Docker and Podman. Not LXC and its like: their containers are as a rule on the LAN itself.
_CONTAINER_MARKS = (".dockerenv", "run/.containerenv")

# Of the kernel's kinds of interfaces those that are a container's end of a bridge; most kernels give it no name.
_BRIDGE_ENDS = {"", "veth"}

_APP_VARIABLE = (
    "SUPERVISOR_TOKEN"  # only apps of Home Assistant have it; their Supervisor tells where they are
)


@dataclass(frozen=True)
class Obstacle:
    """One thing in the way."""

    what: str
    """A sentence for people."""

    remedy: str
    """Another, on what to do."""

    is_chosen: bool = False
    """Whether it is there because an option says so, and may well be meant."""

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}"


def obstacles(
    settings: Settings,
    bound: Sequence[tuple[str, int]],
    adapters: discovery.Adapters,
    *,
    root: Path = _ROOT,
    environ: Mapping[str, str] = os.environ,
) -> tuple[Obstacle, ...]:
    """What is in the way of a server that is bound so; nothing for an app of Home Assistant's.

    `bound` has host and port of each listening socket. The last two arguments are for tests.
    """
    if _APP_VARIABLE in environ or isinstance(settings.uri, StdioUri):
        return ()
    if isinstance(settings.uri, UnixUri) or all(ipaddress.ip_address(host).is_loopback for host, _ in bound):
        return (
            Obstacle(
                f"Only programs on this machine can get to {settings.uri}.",
                f"If Home Assistant is on another one, or in a container, give --uri tcp://0.0.0.0:{DEFAULT_PORT}.",
                is_chosen=True,
            ),
        )
    found = [pair for host, _ in bound for pair in discovery.reachable(host, adapters)]
    if not found:
        return (
            Obstacle(
                "This machine has no address on a network just now, so nobody can get here.",
                "Plug in its cable or join its Wi-Fi; the server finds that out by itself.",
            ),
        )
    addresses = [address for _, address in found]
    every = (
        _bridge({name for name, _ in found}, addresses, root),
        _refused(settings, addresses),
        _unannounced(settings),
    )
    return tuple(each for each in every if each is not None)


def _bridge(interfaces: Collection[str], addresses: Iterable[str], root: Path) -> Obstacle | None:
    if not any((root / mark).exists() for mark in _CONTAINER_MARKS):
        return None
    if not all(_is_bridge_end(root / "sys/class/net" / name) for name in interfaces):
        return None
    return Obstacle(
        f"This is a container with a network of its own, so {' and '.join(addresses)} seems to be known on this machine only.",
        "Publish the port (-p 10210:10210) and give Home Assistant the host's address; "
        "it is discovered only with the host's network (--network host).",
    )


def _is_bridge_end(interface: Path) -> bool:
    """Whether an interface, by its folder in sysfs, is neither hardware nor a part of the host's network."""
    if (interface / "device").exists():
        return False
    try:
        lines = (interface / "uevent").read_text(encoding="ascii").splitlines()
    except OSError:  # bound to an address of no interface that can be seen
        return False
    facts = dict(line.partition("=")[::2] for line in lines)
    return facts.get("DEVTYPE", "") in _BRIDGE_ENDS


def _refused(settings: Settings, addresses: Iterable[str]) -> Obstacle | None:
    """An address of ours that --allow-from leaves out is that of a network whose other members it leaves out."""
    outside = [address for address in addresses if not settings.allow_from.has(address)]
    if not outside:
        return None
    return Obstacle(
        f"Clients that come from the network of {' or '.join(outside)} are turned away (--allow-from {settings.allow_from}).",
        f"Add their network, as in --allow-from {settings.allow_from},{_network_of(outside[0])}.",
    )


def _network_of(address: str) -> str:
    """A network that is likely to be the address's."""
    length = 24 if ipaddress.ip_address(address).version == 4 else 64
    return str(ipaddress.ip_network(f"{address}/{length}", strict=False))


def _unannounced(settings: Settings) -> Obstacle | None:
    if settings.is_announced:
        return None
    return Obstacle(
        "Home Assistant will not discover this server, since --no-zeroconf is given.",
        "Type in its host and port, or leave that option out.",
        is_chosen=True,
    )
