"""The scripts of the Home Assistant app, run with `bin/bashio` in place of bashio and with stand-ins for what they start.

They name files of a container's, which nobody should need to be root for; what runs here is a copy that names others.
"""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from wyoming_kokoro import settings

ROOT = Path(__file__).parent.parent.parent
ADDON = ROOT / "addon"
SERVICES = ADDON / "rootfs/etc/s6-overlay/s6-rc.d"
TIMEOUT_S = 60

ALWAYS = ["--uri=tcp://0.0.0.0:10210", "--no-zeroconf", "--web=0.0.0.0:10211", "--web-ingress"]
RESULT = "/run/s6-linux-init-container-results/exitcode"
HALT = "/run/s6/basedir/bin/halt"


class Container:
    """What a container of the app has around its scripts, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.share = folder / "share"
        self.result = folder / "exitcode"
        self.result.write_text("0\n", encoding="utf-8")
        self._folder = folder
        self._calls = folder / "calls"
        self.program("wyoming-kokoro", 'printf \'%s\\0\' "$@" >"$CALLS"')
        self.program("hostname", "echo a0d7b954-kokoro")
        self.program("sleep", "")
        self.program("halt", 'echo halted >>"$CALLS"')

    def program(self, name: str, body: str) -> None:
        """Puts a program first on the scripts' PATH."""
        path = self._folder / name
        path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        path.chmod(0o755)

    def run(
        self, script: str, *arguments: str, options: dict[str, str] | None = None, **variables: str
    ) -> str:
        """Runs one of the scripts to its end; what it said and sent."""
        text = (SERVICES / script).read_text(encoding="utf-8")
        for ours, theirs in (
            (self.share, "/share/kokoro"),
            (self.result, RESULT),
            (self._folder / "halt", HALT),
        ):
            text = text.replace(theirs, shlex.quote(str(ours)))
        copy = self._folder / "script"
        copy.write_text(text, encoding="utf-8")
        given = self._folder / "options"
        words = (f"options[{name}]={shlex.quote(value)}\n" for name, value in (options or {}).items())
        given.write_text("".join(words), encoding="utf-8")
        self._calls.write_text("", encoding="utf-8")
        done = subprocess.run(
            ["bashio", str(copy), *arguments],
            env={
                "PATH": os.pathsep.join(
                    (str(self._folder), str(Path(__file__).parent / "bin"), os.environ["PATH"])
                ),
                "OPTIONS": str(given),
                "CALLS": str(self._calls),
                **variables,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        return self._calls.read_text(encoding="utf-8")

    def flags(self, **options: str) -> list[str]:
        """What the program is started with."""
        return self.run("kokoro/run", options=options).split("\0")[:-1]


@pytest.fixture
def container(tmp_path: Path) -> Container:
    return Container(tmp_path)


# The server's flags --------------------------------------------------------------------------------

FLAGS = {
    ("voice", "bf_emma"): "--voice=bf_emma",
    ("custom_voice", "af_heart(2)+am_puck(1)"): "--voice=af_heart(2)+am_puck(1)",
    ("speed", "1.25"): "--speed=1.25",
    ("volume", "-6.5"): "--volume=-6.5",
    ("lexicon", "names.txt"): "--lexicon={share}/names.txt",
    ("precision", "int8"): "--precision=int8",
    ("cpu_threads", "3"): "--cpu-threads=3",
    ("streaming", "true"): "--streaming",
    ("streaming", "false"): "--no-streaming",
    ("sentence_silence", "0.5"): "--sentence-silence=0.5",
    ("exact", "true"): "--exact",
    ("exact", "false"): "--no-exact",
    ("idle_unload", "900"): "--idle-unload=900",
    ("cache_size", "0"): "--cache-size=0",
    ("log_level", "debug"): "--debug",
}


@pytest.mark.parametrize(("option", "value"), FLAGS)
def test_every_option_reaches_its_flag_which_the_program_knows(
    container: Container, option: str, value: str
) -> None:
    flags = container.flags(**{option: value})
    assert flags == [*ALWAYS, FLAGS[option, value].format(share=container.share)]
    default = settings.parse(ALWAYS, {})
    assert (settings.parse(flags, {}) != default) is (
        (option, value) not in {("streaming", "true"), ("exact", "false")}
    )


def test_no_option_is_left_out_above() -> None:
    schema = yaml.safe_load((ADDON / "config.yaml").read_text(encoding="utf-8"))["schema"]
    assert {option for option, _value in FLAGS} == set(schema)


@pytest.mark.parametrize(
    "odd",
    [
        'say "hi"', "it's", "two  words", " spaces ", "Zoë Müller", "声", "two\nlines", "$(reboot)", "`reboot`", "${PATH}",
        "--exact", "*", "a\\b", "a;b&c|d", "!!",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    ("option", "flag"), [("custom_voice", "--voice="), ("lexicon", "--lexicon={share}/")]
)
def test_odd_values_come_through_unharmed(container: Container, option: str, flag: str, odd: str) -> None:
    assert container.flags(**{option: odd}) == [*ALWAYS, flag.format(share=container.share) + odd]


def test_options_that_are_missing_or_empty_are_left_to_the_program(container: Container) -> None:
    assert container.flags() == ALWAYS
    assert container.flags(voice="", custom_voice="", lexicon="", cpu_threads="", log_level="info") == ALWAYS


def test_as_installed_the_app_starts_the_program_with_its_own_defaults(container: Container) -> None:
    options = yaml.safe_load((ADDON / "config.yaml").read_text(encoding="utf-8"))["options"]
    as_text = {
        name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in options.items()
    }
    assert settings.parse(container.flags(**as_text), {}) == settings.parse(ALWAYS, {})


def test_a_voice_of_ones_own_goes_before_the_list(container: Container) -> None:
    assert container.flags(voice="af_heart", custom_voice="dad") == [*ALWAYS, "--voice=dad"]
    assert container.flags(voice="bf_emma", custom_voice="") == [*ALWAYS, "--voice=bf_emma"]


def test_the_shared_folder_is_handed_on_where_there_is_one(container: Container) -> None:
    container.share.mkdir()
    assert container.flags() == [*ALWAYS, f"--data-dir={container.share}"]


# Discovery -----------------------------------------------------------------------------------------

SENT = 'discovery: wyoming {"uri":"tcp://a0d7b954-kokoro:10210"}'
ASKED = "asked -m wyoming_kokoro.health_check --uri tcp://127.0.0.1:10210"


def test_discovery_waits_for_an_answer_and_is_sent_once(container: Container, tmp_path: Path) -> None:
    tries = tmp_path / "tries"
    container.program(
        "python", f"echo \"asked $*\" >>\"$CALLS\"; echo >>'{tries}'; [ $(wc -l <'{tries}') -gt 3 ]"
    )
    said = container.run("discovery/run").splitlines()
    assert said[:-1] == [*[ASKED] * 4, SENT]
    assert said[-1].startswith("info: Home Assistant has been told")


def test_a_discovery_that_is_refused_says_what_to_do(container: Container) -> None:
    container.program("python", "")
    said = container.run("discovery/run", REFUSED="yes")
    assert "error: Home Assistant could not be told" in said
    assert "a0d7b954-kokoro and port 10210" in said


@pytest.fixture
def server() -> Iterator[int]:
    """The port of a whole server with a fake voice."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    program = ROOT / "tests" / "fake_program.py"
    command = [sys.executable, str(program), f"--uri=tcp://127.0.0.1:{port}", "--no-zeroconf"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(TIMEOUT_S)


def test_a_real_server_is_found_by_the_real_check(container: Container, server: int) -> None:
    real = f"cd {shlex.quote(str(ROOT))} && exec {shlex.quote(sys.executable)}"
    container.program("python", f'echo "asked $*" >>"$CALLS"; {real} "$1" "$2" "$3" tcp://127.0.0.1:{server}')
    said = container.run("discovery/run")
    assert said.count(SENT) == 1
    assert said.index(ASKED) < said.index(SENT)


# The end -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "signal", "result"),
    [("0", "0", 0), ("1", "0", 1), ("2", "0", 2), ("256", "9", 137), ("256", "15", 143)],
)
def test_finish_passes_the_exit_code_on_and_halts(
    container: Container, code: str, signal: str, result: int
) -> None:
    said = container.run("kokoro/finish", code, signal)
    assert container.result.read_text(encoding="utf-8") == f"{result}\n"
    assert said.splitlines()[-1] == "halted"
    assert (f"error: Kokoro ended with exit code {result};" in said) is (result != 0)


def test_what_went_wrong_before_stays_the_containers_result(container: Container) -> None:
    container.result.write_text("3\n", encoding="utf-8")
    container.run("kokoro/finish", "1", "0")
    assert container.result.read_text(encoding="utf-8") == "3\n"


# How s6 finds them ---------------------------------------------------------------------------------


def test_services_are_laid_out_as_s6_wants_them() -> None:
    found = {str(path.relative_to(SERVICES)) for path in SERVICES.rglob("*") if path.is_file()}
    assert found == {
        "kokoro/type", "kokoro/run", "kokoro/finish", "kokoro/dependencies.d/base",
        "discovery/type", "discovery/up", "discovery/run", "discovery/dependencies.d/kokoro",
        "user/contents.d/kokoro", "user/contents.d/discovery",
    }  # fmt: skip
    assert (SERVICES / "kokoro/type").read_text(encoding="utf-8") == "longrun\n"
    assert (SERVICES / "discovery/type").read_text(encoding="utf-8") == "oneshot\n"
    assert (SERVICES / "discovery/up").read_text(
        encoding="utf-8"
    ) == "/etc/s6-overlay/s6-rc.d/discovery/run\n"


@pytest.mark.parametrize("script", ["kokoro/run", "kokoro/finish", "discovery/run"])
def test_scripts_are_started_by_bashio_with_the_containers_variables(script: str) -> None:
    lines = (SERVICES / script).read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["#!/command/with-contenv bashio", "# shellcheck shell=bash"]


@pytest.mark.parametrize("script", ["kokoro/run", "kokoro/finish", "discovery/run", "discovery/up"])
def test_scripts_may_be_executed(script: str) -> None:
    assert os.access(SERVICES / script, os.X_OK)


def test_paths_of_the_container_are_named_as_s6_has_them() -> None:
    finish = (SERVICES / "kokoro/finish").read_text(encoding="utf-8")
    assert f"result={RESULT}\n" in finish
    assert finish.endswith(f"exec {HALT}\n")
