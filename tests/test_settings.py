"""Settings: every option from every source, what beats what, and what is said of bad values."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import wyoming_kokoro
from wyoming_kokoro.errors import SettingsError
from wyoming_kokoro.settings import (
    SaySettings,
    Settings,
    StdioUri,
    TcpUri,
    UnixUri,
    Uri,
    parse,
    parse_networks,
    parse_say,
    parse_uri,
    unknown_variables,
)

# field → (flags, variable, the variable's text, value): each option once, never with its default.
OPTIONS: dict[str, tuple[list[str], str, str, Any]] = {
    "voice": (["--voice", "bf_emma"], "VOICE", "bf_emma", "bf_emma"),
    "speed": (["--speed", "1.25"], "SPEED", "1.25", 1.25),
    "volume_db": (["--volume", "-4.5"], "VOLUME", "-4.5", -4.5),
    "espeak": (["--no-espeak"], "ESPEAK", "false", False),
    "normalize": (["--no-normalize"], "NORMALIZE", "false", False),
    "lexicon": (["--lexicon", "/l"], "LEXICON", "/l", Path("/l")),
    "emoji": (["--emoji"], "EMOJI", "true", True),
    "exact": (["--exact"], "EXACT", "true", True),
    "data_dirs": (
        ["--data-dir", "/a", "--data-dir", "/b"],
        "DATA_DIR",
        f"/a{os.pathsep}/b",
        (Path("/a"), Path("/b")),
    ),
    "download_dir": (["--download-dir", "/c"], "DOWNLOAD_DIR", "/c", Path("/c")),
    "local_files_only": (["--local-files-only"], "LOCAL_FILES_ONLY", "1", True),
    "device": (["--device", "cuda:1"], "DEVICE", "cuda:1", "cuda:1"),
    "precision": (["--precision", "int8"], "PRECISION", "int8", "int8"),
    "cpu_threads": (["--cpu-threads", "3"], "CPU_THREADS", "3", 3),
    "debug": (["--debug"], "DEBUG", "yes", True),
    "log_format": (["--log-format", "%(message)s"], "LOG_FORMAT", "%(message)s", "%(message)s"),
    "uri": (["--uri", "tcp://[::]:7"], "URI", "tcp://[::]:7", TcpUri("::", 7)),
    "zeroconf": (["--zeroconf", "Attic"], "ZEROCONF", "Attic", "Attic"),
    "streaming": (["--no-streaming"], "STREAMING", "off", False),
    "samples_per_chunk": (["--samples-per-chunk", "512"], "SAMPLES_PER_CHUNK", "512", 512),
    "allow_from": (
        ["--allow-from", "private,100.64.0.0/10"],
        "ALLOW_FROM",
        "private,100.64.0.0/10",
        parse_networks("private,100.64.0.0/10"),
    ),
    "drain_s": (["--drain", "10"], "DRAIN", "10", 10.0),
    "socket_mode": (["--socket-mode", "660"], "SOCKET_MODE", "660", 0o660),
    "metrics_port": (["--metrics-port", "9100"], "METRICS_PORT", "9100", 9100),
    "web": (["--web", "[::1]:10211"], "WEB", "[::1]:10211", TcpUri("::1", 10_211)),
    "web_hosts": (
        ["--web-hosts", "Kokoro.lan, attic"],
        "WEB_HOSTS",
        "Kokoro.lan, attic",
        ("kokoro.lan", "attic"),
    ),
    "web_ingress": (["--web-ingress"], "WEB_INGRESS", "true", True),
    "idle_unload_s": (["--idle-unload", "600"], "IDLE_UNLOAD", "600", 600.0),
    "max_connections": (["--max-connections", "3"], "MAX_CONNECTIONS", "3", 3),
    "max_client_requests": (["--max-client-requests", "4"], "MAX_CLIENT_REQUESTS", "4", 4),
    "max_requests": (["--max-requests", "5"], "MAX_REQUESTS", "5", 5),
    "max_text_chars": (["--max-text", "600"], "MAX_TEXT", "600", 600),
    "max_held_chars": (["--max-held-text", "700"], "MAX_HELD_TEXT", "700", 700),
    "max_header_bytes": (["--max-header", "800"], "MAX_HEADER", "800", 800),
    "max_data_bytes": (["--max-data", "900"], "MAX_DATA", "900", 900),
    "max_payload_bytes": (["--max-payload", "0"], "MAX_PAYLOAD", "0", 0),
    "idle_timeout_s": (["--idle-timeout", "90.5"], "IDLE_TIMEOUT", "90.5", 90.5),
    "write_timeout_s": (["--write-timeout", "2.5"], "WRITE_TIMEOUT", "2.5", 2.5),
    "sentence_silence_s": (["--sentence-silence", "0.3"], "SENTENCE_SILENCE", "0.3", 0.3),
    "cache_size_mb": (["--cache-size", "12.5"], "CACHE_SIZE", "12.5", 12.5),
    "cache_dir": (["--cache-dir", "/d"], "CACHE_DIR", "/d", Path("/d")),
}


# field → what else has to be given with it, as flags and as fields.
NEEDED: dict[str, tuple[list[str], dict[str, Any]]] = {
    "socket_mode": (["--uri", "unix:///s"], {"uri": UnixUri(Path("/s"))}),
    "web_hosts": (["--web", "10211"], {"web": TcpUri("127.0.0.1", 10_211)}),
    "web_ingress": (["--web", "10211"], {"web": TcpUri("127.0.0.1", 10_211)}),
}


def variable(name: str) -> str:
    return f"WYOMING_KOKORO_{name}"


def test_the_defaults() -> None:
    assert parse([], {}) == Settings()
    assert Settings().uri == TcpUri("0.0.0.0", 10_210)
    assert parse_say([], {}) == SaySettings()


def test_the_table_above_has_every_option() -> None:
    assert set(OPTIONS) == set(vars(Settings()))


@pytest.mark.parametrize("field", OPTIONS)
def test_every_option_is_a_flag_a_variable_and_a_file(field: str, tmp_path: Path) -> None:
    flags, name, text, value = OPTIONS[field]
    file = tmp_path / "value"
    file.write_text(f"{text}\n")
    assert value != getattr(Settings(), field)
    needed, more = NEEDED.get(field, ([], {}))
    for settings in (
        parse([*needed, *flags], {}),
        parse(needed, {variable(name): text}),
        parse(needed, {variable(name): f" {text}\n"}),
        parse(needed, {variable(f"{name}_FILE"): str(file)}),
    ):
        assert getattr(settings, field) == value
        assert settings == Settings(**{field: value, **more})
    assert unknown_variables({variable(name): text, variable(f"{name}_FILE"): str(file)}) == ()


def test_a_flag_beats_a_file_beats_a_variable_and_an_empty_variable_is_none(tmp_path: Path) -> None:
    file = tmp_path / "speed"
    file.write_text("1.2")
    environ = {variable("SPEED"): "1.3", variable("SPEED_FILE"): str(file)}
    assert parse(["--speed", "1.1"], environ).speed == 1.1
    assert parse([], environ).speed == 1.2
    assert parse([], {**environ, variable("SPEED_FILE"): ""}).speed == 1.3
    assert parse([], {variable("SPEED"): " "}).speed == 1.0


def test_a_switch_goes_both_ways_whatever_the_environment_says() -> None:
    assert parse(["--streaming"], {variable("STREAMING"): "no"}).streaming is True
    assert parse(["--no-debug"], {variable("DEBUG"): "1"}).debug is False
    assert parse(["--no-debug", "--debug"], {}).debug is True


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", True), ("TRUE", True), ("yes", True), ("On", True), ("0", False), ("false", False), ("NO", False)],
)
def test_booleans(text: str, value: bool) -> None:
    assert parse([], {variable("DEBUG"): text}).debug is value


def test_folders_are_split_at_line_ends_too_but_a_flags_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert parse([], {variable("DATA_DIR"): "/a\n~/b\n\n"}).data_dirs == (Path("/a"), Path("/home/me/b"))
    assert parse(["--data-dir", "/a:b"], {}).data_dirs == (Path("/a:b"),)


def test_as_many_threads_as_there_are_cores_can_be_asked_for() -> None:
    assert parse(["--cpu-threads", "auto"], {variable("CPU_THREADS"): "2"}).cpu_threads is None


@pytest.mark.parametrize(
    ("arguments", "n_bytes"),
    [
        ([], 64_000_000),
        (["--cache-size", "0"], 0),
        (["--cache-size", "0.5"], 500_000),
        (["--cache-size", "1.001"], 1_001_000),  # a float a little below
        (["--cache-size", "100000"], 100_000_000_000),
    ],
)
def test_the_caches_size_is_in_megabytes(arguments: list[str], n_bytes: int) -> None:
    assert parse(arguments, {}).cache_size_bytes == n_bytes


# Where to listen -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("tcp://0.0.0.0:10210", TcpUri("0.0.0.0", 10_210)),
        ("tcp://[::]:10210", TcpUri("::", 10_210)),
        ("tcp://[fe80::1%eth0]:1", TcpUri("fe80::1%eth0", 1)),
        ("tcp://localhost:0", TcpUri("localhost", 0)),
        ("unix:///run/kokoro.sock", UnixUri(Path("/run/kokoro.sock"))),
        ("stdio://", StdioUri()),
    ],
)
def test_uris_are_read_and_written(text: str, uri: Uri) -> None:
    assert parse_uri(text) == uri
    assert str(uri) == text


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("0.0.0.0:10210", "give tcp://0.0.0.0:10210"),
        ("tcp://0.0.0.0", "give tcp://0.0.0.0:10210"),
        ("tcp://:10210", "give tcp://0.0.0.0:10210"),
        ("tcp://::1:10210", "give tcp://0.0.0.0:10210, tcp://[::]:10210"),
        ("tcp://0.0.0.0:10210/x", "give tcp://0.0.0.0:10210"),
        ("http://0.0.0.0:10210", "give tcp://0.0.0.0:10210"),
        ("tcp://[kitchen]:10210", "no IPv6 address in its brackets: kitchen"),
        ("tcp://0.0.0.0:65536", "at most 65535"),
        ("unix://run/kokoro.sock", "whole path"),
        ("unix:///" + "x" * 107, "at most 107 bytes"),
    ],
)
def test_uris_that_are_none_are_refused_with_what_to_write(text: str, remedy: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        parse(["--uri", text], {})
    assert str(refusal.value).startswith(f"--uri: {text!r} will not do: ")
    assert remedy in str(refusal.value)


@pytest.mark.parametrize(
    ("arguments", "is_announced", "name"),
    [
        ([], True, None),
        (["--no-zeroconf"], False, None),
        (["--uri", "tcp://127.0.0.1:1"], False, None),
        (["--uri", "tcp://[::1]:1"], False, None),
        (["--uri", "tcp://localhost:1"], False, None),
        (["--uri", "tcp://kitchen:1"], True, None),
        (["--uri", "unix:///a"], False, None),
        (["--uri", "stdio://"], False, None),
        (["--uri", "tcp://127.0.0.1:1", "--zeroconf"], True, None),
        (["--zeroconf", "Attic", "--debug"], True, "Attic"),
        (["--uri", "stdio://", "--no-zeroconf"], False, None),
    ],
)
def test_when_the_server_is_announced(arguments: list[str], is_announced: bool, name: str | None) -> None:
    settings = parse(arguments, {})
    assert settings.is_announced is is_announced
    assert settings.announced_name == name


def test_the_environment_switches_the_announcement_too() -> None:
    assert parse([], {variable("ZEROCONF"): "false"}).is_announced is False
    assert parse(["--uri", "tcp://127.0.0.1:1"], {variable("ZEROCONF"): "true"}).is_announced is True
    assert parse(["--no-zeroconf"], {variable("ZEROCONF"): "Attic"}).is_announced is False


# What is refused -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--speed", "3"], "--speed: '3' will not do: give a number from 0.5 to 2"),
        (["--speed", "fast"], "--speed: 'fast' will not do: give a number from 0.5 to 2"),
        (["--speed", "nan"], "--speed: 'nan' will not do: give a number from 0.5 to 2"),
        (["--speed", "-1"], "--speed: '-1' will not do: give a number from 0.5 to 2"),
        (["--volume", "21"], "--volume: '21' will not do: give a number from -40 to 20"),
        (["--volume", "inf"], "--volume: 'inf' will not do: give a number from -40 to 20"),
        (
            ["--samples-per-chunk", "0"],
            "--samples-per-chunk: '0' will not do: give a whole number from 1 to 240000",
        ),
        (["--cpu-threads", "1.5"], "--cpu-threads: '1.5' will not do: give a whole number from 1 to 1024"),
        (["--cache-size", "-1"], "--cache-size: '-1' will not do: give a number from 0 to 100000"),
        (["--cache-size", "64MB"], "--cache-size: '64MB' will not do: give a number from 0 to 100000"),
        (["--cache-size", "nan"], "--cache-size: 'nan' will not do: give a number from 0 to 100000"),
        (["--cache-dir", ""], "--cache-dir: '' will not do: give one line of text that is not empty"),
        (["--device", "gpu"], "--device: 'gpu' will not do: give auto, cpu, cuda, cuda:N or mps"),
        (["--precision", "fp16"], "--precision: 'fp16' will not do: give auto, fp32, bf16, int16 or int8"),
        (["--voice", ""], "--voice: '' will not do: give one line of text that is not empty"),
        (["--zeroconf", "n" * 64], f"--zeroconf: '{'n' * 64}' will not do: give a name of at most 63 bytes"),
        (["--vioce=af_sky"], "there is no option --vioce. Did you mean --voice? (see wyoming-kokoro --help)"),
        (["af_sky"], "unexpected argument 'af_sky' (see wyoming-kokoro --help)"),
        (["--voice"], "argument --voice: expected one argument (see wyoming-kokoro --help)"),
    ],
)
def test_bad_flags_are_refused_in_one_line(arguments: list[str], message: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        parse(arguments, {})
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--web", "kokoro"],
            "--web: 'kokoro' will not do: give 127.0.0.1:10211, [::1]:10211, or 10211 alone",
        ),
        (
            ["--web", "http://x:1"],
            "--web: 'http://x:1' will not do: give 127.0.0.1:10211, [::1]:10211, or 10211 alone",
        ),
        (["--web", "0:70000"], "--web: '0:70000' will not do: a port is at most 65535"),
        (
            ["--web", "1", "--web-hosts", "a:80"],
            "--web-hosts: 'a:80' will not do: give names with commas between them and without ports, as in kokoro.lan,attic",
        ),
        (["--web-hosts", "attic"], "--web-hosts: there is no page; leave it out, or give --web HOST:PORT"),
        (["--web-ingress"], "--web-ingress: there is no page; leave it out, or give --web HOST:PORT"),
        (
            ["--web", "1", "--uri", "stdio://"],
            "--web: stdio:// serves one program and no page; leave it out, or give --uri tcp://host:port",
        ),
    ],
)
def test_a_page_that_nobody_could_see_is_refused(arguments: list[str], message: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        parse(arguments, {})
    assert str(refusal.value) == message


def test_an_announcement_that_nobody_could_follow_is_refused() -> None:
    with pytest.raises(
        SettingsError, match="nobody on the LAN can reach stdio://; leave it out, or give --uri"
    ):
        parse(["--zeroconf", "--uri", "stdio://"], {})


@pytest.mark.parametrize("text", ["%(nonsense)s", "%(message)d", "{message}"])
def test_a_log_format_that_would_fail_at_every_line_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="give a format of Python's logging"):
        parse(["--log-format", text], {})


def test_bad_values_are_refused_naming_the_variable_or_the_file(tmp_path: Path) -> None:
    file = tmp_path / "speed"
    refusals = []
    for environ in (
        {variable("SPEED"): "3"},
        {variable("DEBUG"): "maybe"},
        {variable("SPEED_FILE"): str(file)},
    ):
        with pytest.raises(SettingsError) as refusal:
            parse([], environ)
        refusals.append(str(refusal.value))
    file.write_text("3\n")
    with pytest.raises(SettingsError) as refusal:
        parse([], {variable("SPEED_FILE"): str(file)})
    refusals.append(str(refusal.value))
    file.write_text("\n")
    with pytest.raises(SettingsError) as refusal:
        parse([], {variable("SPEED_FILE"): str(file)})
    refusals.append(str(refusal.value))
    assert refusals == [
        "WYOMING_KOKORO_SPEED: '3' will not do: give a number from 0.5 to 2",
        "WYOMING_KOKORO_DEBUG: 'maybe' will not do: give true or false (or 1, 0, yes, no, on, off)",
        f"WYOMING_KOKORO_SPEED_FILE: cannot read {file}: [Errno 2] No such file or directory: '{file}'",
        f"{file} (of WYOMING_KOKORO_SPEED_FILE): '3' will not do: give a number from 0.5 to 2",
        f"WYOMING_KOKORO_SPEED_FILE: {file} is empty; write the value into it",
    ]


def test_a_home_that_is_nobodys_is_refused() -> None:
    with pytest.raises(SettingsError, match="--data-dir: '~nobody-here/x' will not do: give the whole path"):
        parse(["--data-dir", "~nobody-here/x"], {})


def test_unknown_variables_are_warned_about_with_the_nearest_one() -> None:
    assert unknown_variables({"HOME": "/", variable("VIOCE"): "x", variable("NO_ESPEAK"): "1"}) == (
        "There is no setting WYOMING_KOKORO_NO_ESPEAK, so it has no effect. Did you mean WYOMING_KOKORO_ESPEAK?",
        "There is no setting WYOMING_KOKORO_VIOCE, so it has no effect. Did you mean WYOMING_KOKORO_VOICE?",
    )


# Saying one thing ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "settings"),
    [
        (["Hello there."], SaySettings(text="Hello there.")),
        (["Hello", "there."], SaySettings(text="Hello there.")),
        (["-"], SaySettings(text=None)),
        (["--", "-5 degrees"], SaySettings(text="-5 degrees")),
        (
            ["-o", "a.wav", "--voice", "bf_emma", "Hello"],
            SaySettings(text="Hello", output=Path("a.wav"), voice="bf_emma"),
        ),
        (["Hello", "--output", "-", "--show-phonemes"], SaySettings(text="Hello", show_phonemes=True)),
        (["Hello", "--output", "-", "--show-text"], SaySettings(text="Hello", show_text=True)),
        (["--speed", "1.5", "--no-espeak", "Hi"], SaySettings(text="Hi", speed=1.5, espeak=False)),
    ],
)
def test_say(arguments: list[str], settings: SaySettings) -> None:
    assert parse_say(arguments, {}) == settings


def test_say_reads_the_environment_but_not_the_servers_part_of_it() -> None:
    environ = {variable("VOICE"): "bf_emma", variable("URI"): "nonsense"}
    assert parse_say(["Hi"], environ) == SaySettings(text="Hi", voice="bf_emma")
    with pytest.raises(
        SettingsError, match=r"there is no option --uri\. .*\(see wyoming-kokoro say --help\)"
    ):
        parse_say(["--uri", "stdio://"], {})


# The command's manners -------------------------------------------------------------------------------


def test_help_names_every_option_and_its_default(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        parse(["--help"], {})
    assert left.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    for flags, *_ in OPTIONS.values():
        assert flags[0] in shown
    for default in ("af_heart", "tcp://0.0.0.0:10210", "1024", "15", "%(asctime)s", "auto"):
        assert f"(default: {default}" in shown
    assert "--espeak, --no-espeak" in shown
    assert "WYOMING_KOKORO_STREAMING=false" in shown


@pytest.mark.parametrize("parser", [parse, parse_say])
def test_version(parser: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        parser(["--version"], {})
    assert left.value.code == 0
    assert capsys.readouterr().out == f"wyoming-kokoro {wyoming_kokoro.__version__}\n"


def test_reading_settings_loads_nothing_heavy() -> None:
    code = "import sys, wyoming_kokoro.settings; print(*sys.modules)"
    root = Path(wyoming_kokoro.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.split())
    assert "wyoming_kokoro.settings" in loaded
    assert not loaded & {"torch", "numpy", "wyoming", "zeroconf", "ifaddr", "asyncio"}


# Whom to let in ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("networks", "address", "is_in"),
    [
        ("private", "192.168.1.20", True),
        ("private", "10.1.2.3", True),
        ("private", "172.31.0.1", True),
        ("private", "127.0.0.1", True),
        ("private", "::1", True),
        ("private", "fd12::7", True),
        ("private", "fe80::1%eth0", True),
        ("private", "::ffff:192.168.1.20", True),  # what a socket for both versions says of an IPv4 client
        ("private", "::ffff:8.8.8.8", False),
        ("private", "8.8.8.8", False),
        ("private", "172.32.0.1", False),
        ("private", "100.64.0.1", False),
        ("private", "2001:db8::1", False),
        ("Private, 100.64.0.0/10", "100.64.0.1", True),
        ("192.168.1.7", "192.168.1.7", True),
        ("192.168.1.7", "192.168.1.8", False),
        ("192.168.1.7", "127.0.0.1", False),
        ("any", "8.8.8.8", True),
        ("any", "2001:db8::1", True),
    ],
)
def test_networks(networks: str, address: str, is_in: bool) -> None:
    assert parse_networks(networks).has(address) is is_in


@pytest.mark.parametrize("text", ["everybody", "192.168.1.7/16", "private,", "10.0.0.0/40", "fd00::/8/"])
def test_networks_that_are_none(text: str) -> None:
    with pytest.raises(SettingsError, match=r"--allow-from.*commas"):
        parse(["--allow-from", text], {})


@pytest.mark.parametrize("text", ["rw", "99", "8888", "0o660", "-660", "1777"])
def test_socket_modes_that_are_none(text: str) -> None:
    with pytest.raises(SettingsError, match=r"--socket-mode.*octal"):
        parse(["--uri", "unix:///s", f"--socket-mode={text}"], {})


def test_a_drain_of_standard_input_is_an_error() -> None:
    with pytest.raises(SettingsError, match=r"--drain.*ends with its input"):
        parse(["--uri", "stdio://", "--drain", "10"], {})


def test_a_socket_mode_without_a_socket_file_is_an_error() -> None:
    with pytest.raises(SettingsError, match="--socket-mode"):
        parse(["--socket-mode", "660"], {})
