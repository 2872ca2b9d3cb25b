"""Two servers behind Debian's HAProxy, as docs/scaling.md has it: who dies loses its own answers, who stops loses none.

Skipped where there is no haproxy; what needs none, the files beside the page, is checked all the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import csv
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from clients import PATIENCE_S, Client, audio, connected, eventually
from test_stress import FAKE

from dev import stress
from wyoming_kokoro import health_check, settings
from wyoming_kokoro.server.worker import STOP_TIMEOUT_S
from wyoming_kokoro.settings import DEFAULT_PORT

ROOT = Path(__file__).parent.parent
CONFIGURATION = ROOT / "deploy" / "haproxy.cfg"
REAL = (sys.executable, "-m", "wyoming_kokoro", "--local-files-only")
FIRST, SECOND = "The lights are on. The door", " is open."
DRAIN_S = 3.0  # thirty times as long as the balancer needs to notice

needs_haproxy = pytest.mark.skipif(
    shutil.which("haproxy") is None, reason="haproxy is not installed; on Debian: apt-get install haproxy"
)


@dataclass(frozen=True)
class Balancer:
    """HAProxy, and what it says of its servers."""

    port: int
    statistics: Path

    def servers(self) -> dict[str, dict[str, str]]:
        """The columns of its statistics, by the server's name."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(os.fspath(self.statistics))
            connection.sendall(b"show stat\n")
            said = b"".join(iter(lambda: connection.recv(1 << 16), b"")).decode()
        rows = csv.DictReader(said.removeprefix("# ").splitlines())
        return {row["svname"]: row for row in rows if row["svname"].startswith("kokoro-")}

    def is_up(self, name: str) -> bool:
        return self.servers()[name]["status"] == "UP"


@contextlib.contextmanager
def balancing(folder: Path, *ports: int) -> Iterator[Balancer]:
    """HAProxy with the configuration that is shipped, in front of two ports."""
    statistics = folder / "statistics"
    (folder / "statistics.cfg").write_text(f"global\n    stats socket {statistics}\n", encoding="ascii")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    places = {f"KOKORO_{number}": f"127.0.0.1:{each}" for number, each in enumerate(ports, 1)}
    process = subprocess.Popen(
        ["haproxy", "-db", "-f", CONFIGURATION, "-f", folder / "statistics.cfg"],
        env={**os.environ, **places, "KOKORO_BIND": f"127.0.0.1:{port}", "KOKORO_CHECK_INTERVAL": "100ms"},
    )
    try:
        yield Balancer(port, statistics)
    finally:
        process.kill()
        process.wait()


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 4 * PATIENCE_S))


async def both_up(balancer: Balancer) -> None:
    """Waits until both have been asked and found well; a new balancer takes that for granted until it has asked."""
    await eventually(balancer.statistics.exists)
    await eventually(
        lambda: all(
            each["check_status"] == "L7OK" and each["status"] == "UP" for each in balancer.servers().values()
        )
    )


async def begin(client: Client) -> None:
    """Has the first half of an answer spoken."""
    await client.send("synthesize-start")
    await client.send("synthesize-chunk", text=FIRST)
    events = await client.receive_until("audio-chunk")
    assert events[-1].type == "audio-chunk", events


@contextlib.asynccontextmanager
async def both_speaking(
    command: Sequence[str], folder: Path
) -> AsyncIterator[tuple[stress.Target, Balancer, Client, Client]]:
    """Two servers behind a balancer, each in the middle of an answer: the first, the balancer, the two clients."""
    with (
        stress.running(command) as one,
        stress.running(command) as other,
        balancing(folder, one.port, other.port) as balancer,
    ):
        await both_up(balancer)
        async with connected(balancer.port) as first, connected(balancer.port) as second:
            await asyncio.gather(begin(first), begin(second))
            yield one, balancer, first, second


async def is_answered(client: Client) -> bool:
    """Has the rest spoken, too; whether that came to its end."""
    with contextlib.suppress(OSError):
        await client.send("synthesize-chunk", text=SECOND)
        await client.send("synthesize-stop")
        events = await client.receive_until("synthesize-stopped")
        return bool(audio(events)) and events[-1].type == "synthesize-stopped"
    return False


async def speaks(port: int) -> bool:
    async with connected(port) as client:
        return bool(await client.speak("Yes."))


@needs_haproxy
@pytest.mark.parametrize(
    "command", [FAKE, pytest.param(REAL, marks=[pytest.mark.slow, pytest.mark.weights])], ids=["fake", "real"]
)
def test_one_that_is_killed_loses_its_own_answer_and_works_again_once_restarted(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    async def test() -> None:
        async with both_speaking(command, tmp_path) as (one, balancer, *clients):
            one.process.kill()
            await asyncio.to_thread(one.process.wait)
            assert [await speaks(balancer.port) for _ in range(8)] == [True] * 8
            assert sorted(await asyncio.gather(*map(is_answered, clients))) == [False, True]
            for client in clients:
                client.writer.transport.abort()
            await eventually(lambda: not balancer.is_up("kokoro-1"))
            with stress.running(command, f"tcp://127.0.0.1:{one.port}"):
                await eventually(lambda: balancer.is_up("kokoro-1"))
                async with connected(balancer.port) as first, connected(balancer.port) as second:
                    await asyncio.gather(begin(first), begin(second))
                    shared = balancer.servers().values()
                    assert [each["scur"] for each in shared] == ["1", "1"]
                    assert await is_answered(first)
                    assert await is_answered(second)

    run(test())


@needs_haproxy
def test_one_that_is_told_to_stop_loses_no_answer(tmp_path: Path) -> None:
    async def test() -> None:
        command = (*FAKE, "--drain", str(DRAIN_S))
        async with both_speaking(command, tmp_path) as (one, balancer, *clients):
            one.process.send_signal(signal.SIGTERM)
            while balancer.is_up("kokoro-1"):
                assert await speaks(balancer.port)
            assert one.process.poll() is None
            assert await asyncio.gather(*map(is_answered, clients)) == [True, True]
            while one.process.poll() is None:
                assert await speaks(balancer.port)
            assert one.process.returncode == 0
            assert await speaks(balancer.port)

    run(test())


@needs_haproxy
def test_the_configuration_is_valid_with_the_names_that_compose_gives() -> None:
    checked = subprocess.run(
        ["haproxy", "-c", "-f", CONFIGURATION], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


# What is beside the page -------------------------------------------------------------------------------------


def documents(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def settings_of(environment: dict[str, str]) -> settings.Settings:
    """What a server makes of these variables, each of which it has to know."""
    assert settings.unknown_variables(environment) == ()
    return settings.parse([], environment)


def is_health_check(command: list[str]) -> bool:
    """Whether it is the health check, with arguments that it takes."""
    assert command[:3] == ["python", "-m", "wyoming_kokoro.health_check"]
    return health_check.main([*command[3:], "--uri", "tcp://127.0.0.1:9", "--timeout", "30"]) == 1


def test_the_servers_of_compose_are_told_and_given_time_to_stop_without_loss() -> None:
    [compose] = documents(ROOT / "compose.scale.yaml")
    services = compose["services"]
    for name in ("kokoro-1", "kokoro-2"):
        service = services[name]
        chosen = settings_of(service["environment"])
        assert not chosen.is_announced
        assert int(service["stop_grace_period"].removesuffix("s")) > 2 * chosen.drain_s + STOP_TIMEOUT_S
        assert service["healthcheck"]["test"][0] == "CMD"
        assert is_health_check(service["healthcheck"]["test"][1:])
        assert services["haproxy"]["depends_on"][name] == {"condition": "service_healthy"}
        number = name.removeprefix("kokoro-")
        assert f"{name}:{DEFAULT_PORT}" in services["haproxy"]["environment"][f"KOKORO_{number}"]
        assert f'"${{KOKORO_{number}-{name}:{DEFAULT_PORT}}}"' in CONFIGURATION.read_text(encoding="ascii")
    [volume] = services["haproxy"]["volumes"]
    assert (ROOT / volume.partition(":")[0]) == CONFIGURATION


def test_the_pods_of_kubernetes_are_told_and_given_time_to_stop_without_loss() -> None:
    deployment, service, budget = documents(ROOT / "deploy" / "kubernetes.yaml")
    assert [each["kind"] for each in (deployment, service, budget)] == [
        *("Deployment", "Service", "PodDisruptionBudget")
    ]
    template = deployment["spec"]["template"]
    labels = template["metadata"]["labels"]
    assert labels == deployment["spec"]["selector"]["matchLabels"]
    assert labels == service["spec"]["selector"] == budget["spec"]["selector"]["matchLabels"]
    pod = template["spec"]
    [container] = pod["containers"]
    chosen = settings_of({each["name"]: each["value"] for each in container["env"]})
    assert pod["terminationGracePeriodSeconds"] > 2 * chosen.drain_s + STOP_TIMEOUT_S
    assert not chosen.is_announced
    [port] = container["ports"]
    assert port["containerPort"] == DEFAULT_PORT
    assert service["spec"]["ports"][0]["targetPort"] == port["name"]
    for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
        probe = container[kind]
        assert is_health_check(probe["exec"]["command"])
        limit_s = float(probe["exec"]["command"][-1])
        assert limit_s < probe["timeoutSeconds"]  # so that what it says of a server that hangs is heard
    mounted = {each["name"] for each in container["volumeMounts"]}
    assert mounted == {each["name"] for each in pod["volumes"]}
    assert set(container["resources"]) == {"requests", "limits"}


def test_the_page_names_what_is_there() -> None:
    page = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#:]+)\)", page):
        assert (ROOT / "docs" / link).exists(), link
    for path in re.findall(r"`([\w/.]+\.(?:py|yaml))`", page):
        assert (ROOT / path).exists(), path
