"""Announces the server on the LAN, as Home Assistant looks for it, and says where it can be reached.

Knows sockets' addresses and mDNS; knows nothing of Wyoming events or speech.

Home Assistant takes the first IPv4 address of an entry, else the first IPv6 one, passing over
link-local and unspecified ones, in an order that mDNS does not keep. So no address may be announced
that the LAN cannot reach: none of container bridges and VPNs, none of an unplugged interface, no IPv6
address that will be gone tomorrow.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import ifaddr
from zeroconf import (  # type: ignore[attr-defined]  # not all of it is named as exported
    DNSAddress,
    DNSOutgoing,
    DNSQuestion,
    DNSQuestionType,
    IPVersion,
    NonUniqueNameException,
    current_time_millis,
)
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from wyoming_kokoro import __version__
from wyoming_kokoro.settings import DEFAULT_PORT

_LOGGER = logging.getLogger(__name__)

SERVICE_TYPE = "_wyoming._tcp.local."
POLL_INTERVAL_S = 30.0  # how long a changed address may go unannounced; a poll costs microseconds
_QUERY, _INTERNET, _ADDRESS, _ADDRESS_V6 = 0, 1, 1, 28  # RFC 1035 and 3596: flags, class and types
_ANSWER_TIMEOUT_MS = 1500  # responders may save an answer up for more than a second, RFC 6762 section 6
_MAX_NAME_BYTES = 63  # one DNS label, RFC 6763 section 4.1.1

# Interfaces that lead to containers, virtual machines or through a VPN, but not to the LAN.
_NOT_THE_LAN = re.compile(
    r"br-[0-9a-f]{12}$"  # a network of Docker's
    r"|(docker|hassio|podman|cni|veth|virbr|vmnet|vboxnet|lxcbr|lxdbr|incusbr|flannel|cali|kube)"
    r"|(tailscale|nordlynx|zt)|(wg|tun|tap|utun|ppp|ipsec)\d"
)

# Flags in /proc/net/if_inet6: temporary, duplicate, deprecated, not yet known to be unique.
_PASSING_FLAGS = 0x01 | 0x08 | 0x20 | 0x40

Adapters: TypeAlias = Iterable[ifaddr.Adapter]


@dataclass(frozen=True)
class _Presence:
    """Where the server can be found just now, and by which interfaces to tell it."""

    addresses: tuple[str, ...]
    senders: tuple[str, ...]
    """One address per interface and IP version: what is sent from one reaches all on that link."""

    links: frozenset[int] = frozenset()
    """The system's numbers of those interfaces. One that was unplugged and is back has another, perhaps between two looks
    and with the address it had; what was heard through it is heard no more."""


def default_name(port: int) -> str:
    """The name to announce when none was given, the same at every start.

    Home Assistant knows the server by this name, so it holds what tells servers of a home apart, the
    host and a port other than the usual one, and nothing that changes.
    """
    host = socket.gethostname().partition(".")[0] or "localhost"
    return f"Kokoro on {host}" if port == DEFAULT_PORT else f"Kokoro on {host}, port {port}"


def local_adapters() -> list[ifaddr.Adapter]:
    """This machine's interfaces with their addresses, less, on Linux, what will not serve.

    That is: interfaces without a cable or switched off, and IPv6 addresses that are temporary,
    deprecated or not usable yet.
    """
    passing = _passing_ipv6(Path("/proc/net/if_inet6"))
    return [
        ifaddr.Adapter(
            adapter.name,
            adapter.nice_name,
            [ip for ip in adapter.ips if _text(ip) not in passing],
            adapter.index,
        )
        for adapter in ifaddr.get_adapters()
        if not _is_down(adapter.name)
    ]


def reachable_addresses(bound_host: str, adapters: Adapters) -> list[str]:
    """The addresses under which others reach a socket bound to `bound_host`; a loopback one if that is it.

    `bound_host` is an address as `getsockname` gives it. `::` stands for IPv6 alone, because asyncio
    binds it so; a server on both versions has a socket for each.
    """
    return [address for _, address in reachable(bound_host, adapters)]


def places(bound: Iterable[tuple[str, int]], adapters: Adapters) -> list[tuple[str, int]]:
    """Address and port, for each address under which others reach sockets that are bound so."""
    return [(address, port) for host, port in bound for address in reachable_addresses(host, adapters)]


def reachable(bound_host: str, adapters: Adapters) -> list[tuple[str, str]]:
    """The same, in pairs of an interface, or what stands for it, and an address."""
    bound = ipaddress.ip_address(bound_host)
    if not bound.is_unspecified:
        return [] if bound.is_link_local else [(bound_host, bound_host)]
    return [
        (adapter.name, _text(ip))
        for adapter in adapters
        if not _NOT_THE_LAN.match(adapter.name)
        for ip in adapter.ips
        if _is_reachable(ip, bound.version)
    ]


@asynccontextmanager
async def announce(
    name: str | None,
    bound: Sequence[tuple[str, int]],
    *,
    interval_s: float = POLL_INTERVAL_S,
    adapters: Callable[[], Adapters] = local_adapters,
) -> AsyncIterator[None]:
    """Announces the server for as long as the context lasts; enter it once the server can speak.

    Entering returns at once, the announcing goes on beside the body. `bound` has host and port of each
    listening socket; `name` is what people will see, None for `default_name`. Addresses are looked at
    again every `interval_s`. Nothing that fails here reaches the body; it is tried again, and logged
    once. At exit the announcement is withdrawn, which takes a quarter of a second.
    """
    port = bound[0][1]  # an entry has room for one
    hosts = [host for host, its_port in bound if its_port == port]
    announcer = _Announcer(name or default_name(port), port, lambda: _presence(hosts, adapters()), interval_s)
    task = asyncio.create_task(announcer.run(), name="zeroconf announcement")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class _Announcer:
    """Announces, withdraws and announces anew as addresses come and go."""

    def __init__(self, name: str, port: int, look: Callable[[], _Presence], interval_s: float) -> None:
        self._name = name
        self._port = port
        self._look = look
        self._interval_s = interval_s
        self._number = 1
        """Which of the namesakes on the network this is; kept, for Home Assistant to know it by."""
        self._trouble = ""
        """What was warned about last."""

    async def run(self) -> None:
        """Never returns; cancel it, and wait for it to withdraw the announcement."""
        while True:
            await self._stay()

    async def _stay(self) -> None:
        """Announces the server until its addresses change, or tries to for one interval."""
        try:
            presence = self._look()
            if presence.addresses:
                async with self._announced(presence):
                    self._trouble = ""
                    await self._change_from(presence)
            else:
                self._warn("it has no address there")
                await self._change_from(presence)
        except Exception as error:  # whatever is wrong with the network, speech goes on
            self._warn(str(error) or repr(error))
            await asyncio.sleep(self._interval_s)

    async def _change_from(self, presence: _Presence) -> None:
        while True:
            await asyncio.sleep(self._interval_s)
            if self._look() != presence:
                return

    def _warn(self, trouble: str) -> None:
        if trouble != self._trouble:
            _LOGGER.warning(
                "The server is not announced on the network: %s. This is tried again; until it works, "
                "Home Assistant needs to be told the host and port.",
                trouble,
            )
        self._trouble = trouble

    @asynccontextmanager
    async def _announced(self, presence: _Presence) -> AsyncIterator[None]:
        responder = AsyncZeroconf(interfaces=list(presence.senders))
        # A responder whose start is cancelled, or that is closed before, leaves its sockets open.
        starting = asyncio.ensure_future(responder.zeroconf.async_wait_for_start())
        try:
            await asyncio.shield(starting)
            name = await self._register(responder, presence.addresses)
            _LOGGER.info(
                "Announced on the network as %r: %s, port %d", name, ", ".join(presence.addresses), self._port
            )
            yield
        finally:
            await asyncio.gather(starting, return_exceptions=True)
            try:
                await responder.async_close()
            except Exception as error:  # must not take the place of a cancellation
                _LOGGER.warning("The server's announcement could not be withdrawn: %s", error)

    async def _register(self, responder: AsyncZeroconf, addresses: Iterable[str]) -> str:
        """Registers under the name, or the first of "name (2)", "name (3)"… that nobody else has."""
        while True:
            label = _label(self._name, f" ({self._number})" if self._number > 1 else "")
            info = AsyncServiceInfo(
                SERVICE_TYPE,
                f"{label}.{SERVICE_TYPE}",
                port=self._port,
                parsed_addresses=list(addresses),
                properties={"version": __version__},
                # No `server`: the library then makes the name just found to be unique the host's name too.
                # The machine's own would clash with what other responders say of it.
            )
            if await _claim(responder, info):
                return label
            _LOGGER.warning("Another server on the network is called %r already", label)
            self._number += 1


async def _claim(responder: AsyncZeroconf, info: AsyncServiceInfo) -> bool:
    """Announces the service, unless somebody else has its name."""
    # The library's own probe asks for a unicast answer, and on a host with more than one responder
    # (avahi, a second server) only one of them gets that. So ask first so that all hear the answer.
    namesake = AsyncServiceInfo(SERVICE_TYPE, info.name)
    if await namesake.async_request(responder.zeroconf, _ANSWER_TIMEOUT_MS, DNSQuestionType.QM):
        return False
    try:
        announcing = await responder.async_register_service(info)
    except NonUniqueNameException:
        return False
    await announcing
    # Who is busy may answer too late for that, and then two servers go by one name, and one by the other's address.
    if not await _is_shared(responder, info):
        return True
    await (await responder.async_unregister_service(info))
    return False


async def _is_shared(responder: AsyncZeroconf, info: AsyncServiceInfo) -> bool:
    """Whether somebody else answers to the name that has just been announced: with addresses that are not ours."""
    assert info.server is not None
    question = DNSOutgoing(_QUERY)
    for kind in (_ADDRESS, _ADDRESS_V6):
        question.add_question(DNSQuestion(info.server, kind, _INTERNET))
    responder.zeroconf.async_send(question)
    await asyncio.sleep(_ANSWER_TIMEOUT_MS / 1e3)
    ours = set(info.addresses_by_version(IPVersion.All))
    return any(
        isinstance(record, DNSAddress) and record.address not in ours
        for record in responder.zeroconf.cache.entries_with_name(info.server)
        if not record.is_expired(current_time_millis())
    )


def _label(name: str, suffix: str) -> str:
    """The name and the suffix as one DNS label: short enough, and without dots, where the library would cut."""
    kept = name.replace(".", "-").encode()[: _MAX_NAME_BYTES - len(suffix.encode())].decode(errors="ignore")
    return kept.strip() + suffix


def _presence(hosts: Sequence[str], adapters: Adapters) -> _Presence:
    adapters = list(adapters)
    found = [pair for host in hosts for pair in reachable(host, adapters)]
    senders: dict[tuple[str, bool], str] = {}  # by interface and IP version
    for adapter_name, address in found:
        senders.setdefault((adapter_name, ":" in address), address)
    names = {name for name, _ in found}
    links = frozenset(each.index for each in adapters if each.name in names and each.index is not None)
    return _Presence(tuple(address for _, address in found), tuple(senders.values()), links)


def _is_reachable(ip: ifaddr.IP, version: int) -> bool:
    address = ipaddress.ip_address(_text(ip))
    if address.version != version or address.is_loopback or address.is_link_local:
        return False
    # A network of one address is a tunnel's end. IPv6 differs: DHCP gives a /128 on an ordinary LAN.
    return version == 6 or ip.network_prefix < 32


def _text(ip: ifaddr.IP) -> str:
    return ip.ip[0] if isinstance(ip.ip, tuple) else ip.ip


def _is_down(interface: str) -> bool:
    state = Path("/sys/class/net", interface.partition(":")[0], "operstate")  # eth0:1 is eth0 too
    try:
        return state.read_text(encoding="ascii").strip() in {"down", "lowerlayerdown"}
    except OSError:
        return False  # not Linux


def _passing_ipv6(table: Path) -> frozenset[str]:
    try:
        lines = table.read_text(encoding="ascii").splitlines()
    except OSError:
        return frozenset()  # not Linux, or no IPv6
    rows = (line.split() for line in lines)  # address, index, prefix length, scope, flags, interface
    return frozenset(
        str(ipaddress.IPv6Address(bytes.fromhex(row[0]))) for row in rows if int(row[4], 16) & _PASSING_FLAGS
    )
