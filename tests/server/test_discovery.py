"""Discovery against a real browser: on loopback, and across two network namespaces joined by a cable.

Run as a program, this file is one end of such a network: `announce` or `browse`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import queue
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import ifaddr
import pytest
from zeroconf import InterfaceChoice, IPVersion, NonUniqueNameException, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

import wyoming_kokoro
from wyoming_kokoro.server import discovery
from wyoming_kokoro.server.discovery import (
    SERVICE_TYPE,
    announce,
    default_name,
    local_adapters,
    reachable_addresses,
)

PATIENCE_S = 30.0  # for what takes two or three seconds on an idle machine
Seen = dict[str, list[Any]]  # instance name → [port, [address, …]]


# A browser, as Home Assistant has one --------------------------------------------------------------


class Browser:
    """What can be seen on the network."""

    def __init__(self, responder: AsyncZeroconf) -> None:
        self._zeroconf = responder.zeroconf
        self._names: set[str] = set()

    def on_change(
        self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
    ) -> None:
        (self._names.discard if state_change is ServiceStateChange.Removed else self._names.add)(name)

    def seen(self) -> Seen:
        found: Seen = {}
        for name in self._names:
            info = AsyncServiceInfo(SERVICE_TYPE, name)
            if info.load_from_cache(self._zeroconf):
                found[name.removesuffix(f".{SERVICE_TYPE}")] = [info.port, sorted(info.parsed_addresses())]
        return found

    async def until(self, expected: Seen) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while self.seen() != expected:
            assert time.monotonic() < deadline, f"{self.seen()} instead of {expected}"
            await asyncio.sleep(0.02)


@asynccontextmanager
async def browsing(interfaces: Any, ip_version: IPVersion | None = None) -> AsyncIterator[Browser]:
    responder = AsyncZeroconf(interfaces=interfaces, ip_version=ip_version)
    browser = Browser(responder)
    async with responder, AsyncServiceBrowser(responder.zeroconf, SERVICE_TYPE, handlers=[browser.on_change]):
        yield browser


def run(test: Callable[[], Any]) -> None:
    asyncio.run(test(), debug=True)


# On loopback ---------------------------------------------------------------------------------------


def test_a_browser_finds_the_port_and_sees_the_goodbye() -> None:
    async def test() -> None:
        async with browsing(["127.0.0.1"]) as browser:
            async with announce("Kokoro in a test", [("127.0.0.1", 10_999)]):
                await browser.until({"Kokoro in a test": [10_999, ["127.0.0.1"]]})
            await browser.until({})

    run(test)


def test_the_second_of_two_namesakes_gets_a_number_and_both_names_fit_a_dns_label() -> None:
    name = "v1.0" + "é" * 40  # 84 bytes
    first, second = "v1-0" + "é" * 29, "v1-0" + "é" * 27 + " (2)"

    async def test() -> None:
        async with browsing(["127.0.0.1"]) as browser, announce(name, [("127.0.0.1", 10_998)]):
            await browser.until({first: [10_998, ["127.0.0.1"]]})
            async with announce(name, [("127.0.0.1", 10_999)]):
                await browser.until({first: [10_998, ["127.0.0.1"]], second: [10_999, ["127.0.0.1"]]})
            await browser.until({first: [10_998, ["127.0.0.1"]]})

    run(test)


def test_leaving_before_anything_was_announced_leaves_nothing_behind() -> None:
    async def test() -> None:
        async with announce("Kokoro in haste", [("127.0.0.1", 10_999)]):
            await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(test)


def test_a_network_that_refuses_is_warned_about_once_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    refusals = iter([OSError("no multicast here")] * 3)

    def refusing(**arguments: Any) -> AsyncZeroconf:
        for error in refusals:
            raise error
        return AsyncZeroconf(**arguments)

    monkeypatch.setattr(discovery, "AsyncZeroconf", refusing)

    async def test() -> None:
        async with (
            browsing(["127.0.0.1"]) as browser,
            announce("Kokoro at last", [("127.0.0.1", 10_999)], interval_s=0.01),
        ):
            await browser.until({"Kokoro at last": [10_999, ["127.0.0.1"]]})

    run(test)
    (warning,) = (record for record in caplog.records if record.name == discovery.__name__)
    assert warning.levelno == logging.WARNING
    assert "not announced on the network: no multicast here." in warning.getMessage()


# Without a network: what is sent from where as addresses come and go -----------------------------------


class FakeResponder:
    """Stands for `AsyncZeroconf` and notes what is asked of it."""

    def __init__(self, log: list[Any], **arguments: Any) -> None:
        self.zeroconf = self
        self._log = log
        log.append(("open", arguments["interfaces"]))

    async def async_wait_for_start(self) -> None:
        pass

    async def async_register_service(self, info: AsyncServiceInfo) -> asyncio.Future[None]:
        self._log.append(("announce", info.get_name(), info.port, info.parsed_addresses()))
        announced: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        announced.set_result(None)
        return announced

    async def async_close(self) -> None:
        self._log.append("withdraw")


class LonelyInfo(AsyncServiceInfo):
    """Finds no namesake, and asks no network for one."""

    async def async_request(self, *arguments: Any, **options: Any) -> bool:
        return False


def adapter(name: str, *addresses: str, index: int = 2) -> ifaddr.Adapter:
    """`adapter("eth0", "192.168.1.5/24", "fd00::5/64")`."""
    ips = []
    for text in addresses:
        address, _, prefix = text.partition("/")
        ips.append(ifaddr.IP((address, 0, 0) if ":" in address else address, int(prefix), name))
    return ifaddr.Adapter(name, name, ips, index=index)


async def is_never_shared(*_arguments: object) -> bool:
    return False


async def until_long(log: list[Any], length: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while len(log) < length:
        assert time.monotonic() < deadline, log
        await asyncio.sleep(0.001)


def test_changed_addresses_are_announced_anew_and_the_wait_for_the_first_is_warned_about(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    log: list[Any] = []
    monkeypatch.setattr(discovery, "AsyncZeroconf", lambda **arguments: FakeResponder(log, **arguments))
    monkeypatch.setattr(discovery, "AsyncServiceInfo", LonelyInfo)
    monkeypatch.setattr(discovery, "_is_shared", is_never_shared)
    at_first = [adapter("eth0", "192.168.1.5/24", "192.168.1.6/24")]
    later = [*at_first, adapter("wlan0", "192.168.1.7/24", "fd00::7/64", "fd00::8/64")]
    looks = iter([[], [], [], at_first, at_first, at_first, later])

    def look() -> list[ifaddr.Adapter]:
        return next(looks, later)

    async def test() -> None:
        async with announce("Kokoro", [("0.0.0.0", 1234), ("::", 1234)], interval_s=0.001, adapters=look):
            await until_long(log, 5)

    run(test)
    assert log == [
        ("open", ["192.168.1.5"]),
        ("announce", "Kokoro", 1234, ["192.168.1.5", "192.168.1.6"]),
        "withdraw",
        ("open", ["192.168.1.5", "192.168.1.7", "fd00::7"]),
        ("announce", "Kokoro", 1234, ["192.168.1.5", "192.168.1.6", "192.168.1.7", "fd00::7", "fd00::8"]),
        "withdraw",
    ]
    assert caplog.text.count("it has no address there") == 1


def test_an_interface_that_was_away_between_two_looks_is_announced_on_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log: list[Any] = []
    monkeypatch.setattr(discovery, "AsyncZeroconf", lambda **arguments: FakeResponder(log, **arguments))
    monkeypatch.setattr(discovery, "AsyncServiceInfo", LonelyInfo)
    monkeypatch.setattr(discovery, "_is_shared", is_never_shared)
    index = 2

    def look() -> list[ifaddr.Adapter]:
        return [adapter("lo", "127.0.0.1/8", index=1), adapter("eth0", "192.168.1.5/24", index=index)]

    async def test() -> None:
        nonlocal index
        async with announce("Kokoro", [("0.0.0.0", 1234)], interval_s=0.001, adapters=look):
            await until_long(log, 2)
            index = 7  # unplugged and plugged in again
            await until_long(log, 5)

    run(test)
    once = [("open", ["192.168.1.5"]), ("announce", "Kokoro", 1234, ["192.168.1.5"]), "withdraw"]
    assert log == [*once, *once]


def test_a_withdrawal_that_fails_is_logged_and_does_not_keep_the_server_from_leaving(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    log: list[Any] = []

    class Stuck(FakeResponder):
        async def async_close(self) -> None:
            raise OSError("network is unreachable")

    monkeypatch.setattr(discovery, "AsyncZeroconf", lambda **arguments: Stuck(log, **arguments))
    monkeypatch.setattr(discovery, "AsyncServiceInfo", LonelyInfo)

    async def test() -> None:
        async with announce("Kokoro", [("127.0.0.1", 1234)]):
            await until_long(log, 2)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(test)
    assert "could not be withdrawn: network is unreachable" in caplog.text


def test_a_name_that_the_librarys_own_probe_finds_taken_gets_a_number(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    log: list[Any] = []

    class Contested(FakeResponder):
        async def async_register_service(self, info: AsyncServiceInfo) -> asyncio.Future[None]:
            if info.get_name() in {"Kokoro", "Kokoro (2)"}:
                raise NonUniqueNameException
            return await super().async_register_service(info)

    monkeypatch.setattr(discovery, "AsyncZeroconf", lambda **arguments: Contested(log, **arguments))
    monkeypatch.setattr(discovery, "AsyncServiceInfo", LonelyInfo)

    async def test() -> None:
        async with announce("Kokoro", [("127.0.0.1", 1234)]):
            await until_long(log, 2)

    run(test)
    assert log[1] == ("announce", "Kokoro (3)", 1234, ["127.0.0.1"])
    assert "Another server on the network is called 'Kokoro (2)' already" in caplog.text


def test_only_the_first_sockets_port_is_announced_with_its_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    log: list[Any] = []
    monkeypatch.setattr(discovery, "AsyncZeroconf", lambda **arguments: FakeResponder(log, **arguments))
    monkeypatch.setattr(discovery, "AsyncServiceInfo", LonelyInfo)

    async def test() -> None:
        async with announce("Kokoro", [("192.168.1.5", 1234), ("10.0.0.5", 1234), ("192.168.1.6", 4321)]):
            await until_long(log, 2)

    run(test)
    assert log[:2] == [
        ("open", ["192.168.1.5", "10.0.0.5"]),
        ("announce", "Kokoro", 1234, ["192.168.1.5", "10.0.0.5"]),
    ]


# Names and addresses -------------------------------------------------------------------------------


def test_the_default_name_tells_hosts_and_ports_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "attic.example.org")
    assert default_name(10_210) == "Kokoro on attic"
    assert default_name(10_300) == "Kokoro on attic, port 10300"


ADAPTERS = [
    adapter("lo", "127.0.0.1/8", "::1/128"),
    adapter("eth0", "192.168.1.5/24", "169.254.3.4/16", "fe80::1/64", "fd00::5/64", "2001:db8::5/128"),
    adapter("docker0", "172.17.0.1/16"),
    adapter("br-0123456789ab", "172.18.0.1/16", "fd01::1/64"),
    adapter("br-lan", "10.0.0.1/24"),
    adapter("wg0", "10.6.0.1/24"),
    adapter("tailscale0", "100.64.0.9/32", "fd7a::9/128"),
    adapter("mesh", "10.7.0.1/32"),
]


@pytest.mark.parametrize(
    ("bound_host", "addresses"),
    [
        ("0.0.0.0", ["192.168.1.5", "10.0.0.1"]),
        ("::", ["fd00::5", "2001:db8::5"]),
        ("192.168.1.5", ["192.168.1.5"]),
        ("127.0.0.1", ["127.0.0.1"]),
        ("::1", ["::1"]),
        ("169.254.3.4", []),
        ("fe80::1%eth0", []),
    ],
)
def test_reachable_addresses(bound_host: str, addresses: list[str]) -> None:
    assert reachable_addresses(bound_host, ADAPTERS) == addresses


def test_passing_ipv6_addresses_are_read_from_the_kernels_table(tmp_path: Path) -> None:
    table = tmp_path / "if_inet6"
    row = "fd0000000000000000000000000000{:02x} 02 40 00 {:02x}     eth0\n"
    flags = [0x00, 0x80, 0x01, 0x08, 0x20, 0x40]
    table.write_text("".join(row.format(number, flag) for number, flag in enumerate(flags)))
    assert discovery._passing_ipv6(table) == {"fd00::2", "fd00::3", "fd00::4", "fd00::5"}
    assert discovery._passing_ipv6(tmp_path / "absent") == frozenset()


def test_this_machines_adapters_have_its_loopback_address() -> None:
    assert "127.0.0.1" in {ip.ip for each in local_adapters() for ip in each.ips}


# Across a cable ------------------------------------------------------------------------------------


class Lan:
    """Two machines, "a" and "b", with one network interface each, `lan0`, and a cable between them."""

    def __init__(self, cleanup: contextlib.ExitStack) -> None:
        self._spaces = {machine: f"kokoro-{os.getpid()}-{machine}" for machine in "ab"}
        for space in self._spaces.values():
            made = subprocess.run(["ip", "netns", "add", space], capture_output=True, text=True, check=False)
            if made.returncode:
                pytest.skip(f"no network namespaces here: {made.stderr.strip()}")
            cleanup.callback(subprocess.run, ["ip", "netns", "delete", space], check=True)
        self.ip("a", f"link add lan0 type veth peer name lan0 netns {self._spaces['b']}")
        for machine in self._spaces:
            self.ip(machine, "link set lo up")
            self.ip(machine, "link set lan0 up")

    def ip(self, machine: str, command: str) -> None:
        subprocess.run(["ip", "-n", self._spaces[machine], *command.split()], check=True)

    @contextlib.contextmanager
    def process(self, machine: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """This file as a program on that machine, which ends when its standard input does."""
        with subprocess.Popen(
            ["ip", "netns", "exec", self._spaces[machine], sys.executable, __file__, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(wyoming_kokoro.__file__).parents[1])},
        ) as process:
            try:
                yield process
                process.stdin.close()
                assert process.wait(PATIENCE_S) == 0
            finally:
                process.kill()

    def announcing(
        self, machine: str, name: str, bound: list[tuple[str, int]]
    ) -> contextlib.AbstractContextManager[object]:
        return self.process(machine, "announce", json.dumps([name, bound]))

    @contextlib.contextmanager
    def browsing(self, machine: str) -> Iterator[Callable[[Seen], None]]:
        """Yields a function that waits until just these servers can be seen from that machine."""
        with self.process(machine, "browse") as process:
            lines: queue.SimpleQueue[str] = queue.SimpleQueue()
            reader = threading.Thread(target=lambda: [lines.put(line) for line in process.stdout])
            reader.start()

            def until(expected: Seen) -> None:
                deadline = time.monotonic() + PATIENCE_S
                seen = None
                with contextlib.suppress(queue.Empty):
                    while seen != expected:
                        seen = json.loads(lines.get(timeout=max(0.0, deadline - time.monotonic())))
                assert seen == expected

            try:
                yield until
            finally:
                process.stdin.close()
                reader.join()


@pytest.fixture
def lan() -> Iterator[Lan]:
    if shutil.which("ip") is None:
        pytest.skip("there is no `ip` command to make network namespaces with")
    with contextlib.ExitStack() as cleanup:
        yield Lan(cleanup)


DUAL = [("0.0.0.0", 10_210), ("::", 10_210)]


def test_lan_real_addresses_of_both_kinds_are_found_and_go(lan: Lan) -> None:
    lan.ip("a", "addr add 192.0.2.1/24 dev lan0")
    lan.ip("a", "addr add 2001:db8::1/64 dev lan0 nodad")
    lan.ip("a", "addr add 2001:db8::dead/64 dev lan0 nodad preferred_lft 0")  # deprecated
    lan.ip("a", "link add docker0 type veth peer name docker1")
    lan.ip("a", "addr add 172.17.0.1/16 dev docker0")
    lan.ip("a", "link set docker0 up")
    lan.ip("a", "link set docker1 up")
    lan.ip("a", "link add lan1 type veth peer name unplugged")
    lan.ip("a", "addr add 198.51.100.1/24 dev lan1")
    lan.ip("a", "link set lan1 up")
    lan.ip("b", "addr add 192.0.2.2/24 dev lan0")
    lan.ip("b", "addr add 2001:db8::2/64 dev lan0 nodad")
    with lan.browsing("b") as until:
        with lan.announcing("a", "Kokoro", DUAL):
            until({"Kokoro": [10_210, ["192.0.2.1", "2001:db8::1"]]})
        until({})
        with lan.announcing("a", "Kokoro", [("0.0.0.0", 10_300)]):
            until({"Kokoro": [10_300, ["192.0.2.1"]]})


def test_lan_with_ipv6_alone(lan: Lan) -> None:
    lan.ip("a", "addr add 2001:db8::1/64 dev lan0 nodad")
    lan.ip("b", "addr add 2001:db8::2/64 dev lan0 nodad")
    with lan.browsing("b") as until:
        with lan.announcing("a", "Kokoro", DUAL):
            until({"Kokoro": [10_210, ["2001:db8::1"]]})
        until({})


def test_lan_namesakes_on_two_machines_are_both_found(lan: Lan) -> None:
    lan.ip("a", "addr add 192.0.2.1/24 dev lan0")
    lan.ip("b", "addr add 192.0.2.2/24 dev lan0")
    with lan.browsing("b") as until, lan.announcing("a", "Kokoro", DUAL):
        until({"Kokoro": [10_210, ["192.0.2.1"]]})
        with lan.announcing("b", "Kokoro", DUAL):
            until({"Kokoro": [10_210, ["192.0.2.1"]], "Kokoro (2)": [10_210, ["192.0.2.2"]]})
        until({"Kokoro": [10_210, ["192.0.2.1"]]})


def test_lan_addresses_that_come_and_go_are_followed(lan: Lan) -> None:
    lan.ip("b", "addr add 192.0.2.2/24 dev lan0")
    with lan.browsing("b") as until, lan.announcing("a", "Kokoro", DUAL):
        until({})
        lan.ip("a", "addr add 192.0.2.1/24 dev lan0")
        until({"Kokoro": [10_210, ["192.0.2.1"]]})
        lan.ip("a", "addr add 192.0.2.77/24 dev lan0")
        until({"Kokoro": [10_210, ["192.0.2.1", "192.0.2.77"]]})
        lan.ip("a", "addr delete 192.0.2.1/24 dev lan0")
        lan.ip("a", "addr replace 192.0.2.77/24 dev lan0")  # a secondary address goes with the first
        until({"Kokoro": [10_210, ["192.0.2.77"]]})


async def _announce_until_told(name: str, bound: list[tuple[str, int]]) -> None:
    async with announce(name, bound, interval_s=0.1):
        await asyncio.to_thread(sys.stdin.read)


async def _browse_until_told() -> None:
    async with browsing(InterfaceChoice.All, IPVersion.All) as browser:
        told = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
        shown = None
        while not told.done():
            if (seen := browser.seen()) != shown:
                print(json.dumps(seen), flush=True)
                shown = seen
            await asyncio.sleep(0.02)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    match sys.argv[1:]:
        case ["announce", arguments]:
            asyncio.run(_announce_until_told(*json.loads(arguments)))
        case ["browse"]:
            asyncio.run(_browse_until_told())
