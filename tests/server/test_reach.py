"""What is in the way of clients, seen from the machine's interfaces and files, and what a server says once ready."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import ifaddr
import pytest
from clients import running
from fakes import FakeSynthesizer

from wyoming_kokoro.server import discovery
from wyoming_kokoro.server.reach import Obstacle, obstacles
from wyoming_kokoro.settings import Settings, TcpUri, UnixUri, parse_networks

ALL = [("0.0.0.0", 10210)]
PUBLIC = "203.0.113.7"


def adapters(*addresses: str, name: str = "eth0") -> list[ifaddr.Adapter]:
    return [ifaddr.Adapter(name, name, [ifaddr.IP(address, 24, name) for address in addresses], 1)]


def found(
    bound: list[tuple[str, int]] = ALL,
    machine: list[ifaddr.Adapter] | None = None,
    root: Path = Path("/nowhere"),
    environ: dict[str, str] | None = None,
    **options: object,
) -> tuple[Obstacle, ...]:
    settings = Settings(**options)  # type: ignore[arg-type]
    machine = adapters("192.168.1.5") if machine is None else machine
    return obstacles(settings, bound, machine, root=root, environ=environ or {})


def container(root: Path, mark: str, uevent: str, *, is_hardware: bool = False) -> Path:
    """The root of a container with one interface."""
    interface = root / "sys/class/net/eth0"
    interface.mkdir(parents=True)
    (interface / "uevent").write_text(uevent, encoding="ascii")
    if is_hardware:
        (interface / "device").mkdir()
    (root / mark).parent.mkdir(exist_ok=True)
    (root / mark).touch()
    return root


def test_nothing_is_in_the_way_on_a_home_network() -> None:
    assert found() == ()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "127.0.1.1"])
def test_a_loopback_address_is_for_this_machine_only(host: str) -> None:
    (only,) = found([(host, 10210)], uri=TcpUri(host, 10210))
    assert str(TcpUri(host, 10210)) in only.what
    assert "--uri tcp://0.0.0.0:10210" in only.remedy
    assert only.is_chosen


def test_a_unix_socket_is_for_this_machine_only() -> None:
    (only,) = found([], uri=UnixUri(Path("/run/k")))
    assert "unix:///run/k" in only.what


def test_one_loopback_socket_among_others_is_no_obstacle() -> None:
    assert found([*ALL, ("127.0.0.1", 10210)]) == ()


@pytest.mark.parametrize(
    "machine",
    [adapters("127.0.0.1", name="lo"), adapters("169.254.7.7"), adapters("172.17.0.1", name="docker0")],
)
def test_a_machine_without_an_address_on_a_network(machine: list[ifaddr.Adapter]) -> None:
    (only,) = found(machine=machine)
    assert "no address" in only.what
    assert not only.is_chosen


@pytest.mark.parametrize("mark", [".dockerenv", "run/.containerenv"])
@pytest.mark.parametrize("uevent", ["INTERFACE=eth0\n", "DEVTYPE=veth\nINTERFACE=eth0\n"])
def test_the_inside_of_a_bridge_is_told_from_the_network(mark: str, uevent: str, tmp_path: Path) -> None:
    (only,) = found(machine=adapters("172.17.0.2"), root=container(tmp_path, mark, uevent))
    assert "172.17.0.2" in only.what
    assert "-p 10210:10210" in only.remedy
    assert "--network host" in only.remedy


@pytest.mark.parametrize(
    ("uevent", "is_hardware"), [("INTERFACE=eth0\n", True), ("DEVTYPE=macvlan\n", False)]
)
def test_a_container_on_the_network_itself_is_no_obstacle(
    uevent: str, is_hardware: bool, tmp_path: Path
) -> None:
    root = container(tmp_path, ".dockerenv", uevent, is_hardware=is_hardware)
    assert found(root=root) == ()


def test_a_bridge_outside_a_container_is_no_obstacle(tmp_path: Path) -> None:
    root = container(tmp_path, ".dockerenv", "INTERFACE=eth0\n")
    (root / ".dockerenv").unlink()
    assert found(root=root) == ()


def test_an_app_of_home_assistant_is_told_of_by_its_supervisor(tmp_path: Path) -> None:
    root = container(tmp_path, ".dockerenv", "INTERFACE=eth0\n")
    assert found(root=root, zeroconf=False, environ={"SUPERVISOR_TOKEN": "x"}) == ()


def test_a_network_that_is_not_let_in_is_named() -> None:
    (only,) = found(machine=adapters(PUBLIC))
    assert PUBLIC in only.what
    assert "--allow-from private,203.0.113.0/24" in only.remedy
    assert found(machine=adapters(PUBLIC), allow_from=parse_networks("private,203.0.113.0/24")) == ()


def test_without_zeroconf_it_has_to_be_typed_in() -> None:
    (only,) = found(zeroconf=False)
    assert "--no-zeroconf" in only.what
    assert only.is_chosen


# What is said --------------------------------------------------------------------------------------


def greeting(caplog: pytest.LogCaptureFixture, **options: object) -> list[tuple[int, str]]:
    async def test() -> None:
        async with running(FakeSynthesizer(), **options):
            pass

    with caplog.at_level(logging.INFO, logger="wyoming_kokoro"):
        asyncio.run(asyncio.wait_for(test(), 60))
    return [(record.levelno, record.getMessage()) for record in caplog.records]


def test_once_ready_it_says_where_what_and_how(caplog: pytest.LogCaptureFixture) -> None:
    lines = greeting(caplog)
    texts = [text for _, text in lines]
    ready = next(i for i, text in enumerate(texts) if text.startswith("Ready. In Home Assistant add"))
    assert "host 127.0.0.1 port " in texts[ready]
    assert texts[ready + 1 : ready + 3] == [
        "Voice: af_heart, (default) Heart; one of 3",
        "Device: nothing at all; precision: no precision",
    ]
    clicks = texts[ready + 3 : ready + 6]
    assert [text[:25] for text in clicks] == [f"In Home Assistant, {n} of 3" for n in (1, 2, 3)]
    assert "host 127.0.0.1 port " in clicks[1]
    assert "discovered" not in clicks[1]  # nobody is told of a server on loopback
    assert '"(default) Heart"' in clicks[2]
    assert "Only programs on this machine" in texts[ready + 6]
    assert max(level for level, _ in lines) == logging.INFO  # loopback was asked for


def test_what_was_not_asked_for_is_a_warning(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = (Obstacle("Nobody gets here.", "Move."),)
    monkeypatch.setattr("wyoming_kokoro.server.reach.obstacles", lambda *_, **__: nowhere)
    assert (logging.WARNING, "Nobody gets here. Move.") in greeting(caplog)


def test_over_a_unix_socket_there_is_nothing_to_click(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    texts = [text for _, text in greeting(caplog, uri=UnixUri(tmp_path / "s"))]
    assert f"Ready. Clients connect to unix://{tmp_path}/s" in texts
    assert not any(" of 3: " in text for text in texts)


def test_a_discovered_server_is_looked_for_under_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from wyoming_kokoro.server import welcome

    clicks = welcome._clicks(Settings(zeroconf="Parrot"), ALL, adapters("192.168.1.5"), "Heart")
    assert 'Add beside "Parrot" if it is shown as discovered' in clicks[1]
    assert "host 192.168.1.5 port 10210" in clicks[1]
    unnamed = welcome._clicks(Settings(), ALL, adapters("192.168.1.5"), "Heart")
    assert discovery.default_name(10210) in unnamed[1]
