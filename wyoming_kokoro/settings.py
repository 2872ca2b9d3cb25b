"""What is chosen at run time, from flags, files and the environment. Standard library only.

Knows names, ranges and defaults; knows neither voices nor devices, and reads no file but those that
`WYOMING_KOKORO_<OPTION>_FILE` names.

The table of options is the dataclasses themselves. A field whose annotation holds an `_Option` is one
flag, one environment variable and one `_FILE` variable, and that option's help is its documentation.
All three sources deliver text, which the option's one parser reads:

    --speed 1.2                        a flag, which beats
    WYOMING_KOKORO_SPEED_FILE=/run/x   a file that holds the value, which beats
    WYOMING_KOKORO_SPEED=1.2           the environment, which beats the default

An empty variable counts as unset: that is what compose files make of a value left blank.
"""

from __future__ import annotations

import argparse
import difflib
import enum
import ipaddress
import logging
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeAlias, TypeVar, get_type_hints

from wyoming_kokoro import __version__
from wyoming_kokoro.errors import SettingsError
from wyoming_kokoro.logs import MarkUtterances, formatter
from wyoming_kokoro.precision import AUTO, Precision

PROGRAM = "wyoming-kokoro"
ENV_PREFIX = "WYOMING_KOKORO_"
DEFAULT_PORT = 10_210  # 10200 is Piper's
DEFAULT_WEB_PORT = 10_211  # for examples only: there is no page unless it is asked for
DEFAULT_VOICE = "af_heart"
DEFAULT_LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(about)s%(message)s"

_MAX_UNIX_PATH_BYTES = 107  # sun_path is 108 bytes, one of them the closing zero
_MAX_INSTANCE_NAME_BYTES = 63  # one DNS label, RFC 6763 section 4.1.1
_MAX_CHUNK = 240_000  # samples: ten seconds at 24 kHz
_MEGABYTE = 1_000_000  # as everywhere here

# Where to listen ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class TcpUri:
    """`tcp://host:port`."""

    host: str
    """A name or an address; an IPv6 address stands here without its brackets."""

    port: int
    """0 lets the system choose."""

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can get there."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost" or self.host.endswith(".localhost")

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"tcp://{host}:{self.port}"


@dataclass(frozen=True)
class UnixUri:
    """`unix:///path/of/the/socket`."""

    path: Path

    def __str__(self) -> str:
        return f"unix://{self.path}"


@dataclass(frozen=True)
class StdioUri:
    """`stdio://`: one client, on standard input and output."""

    def __str__(self) -> str:
        return "stdio://"


Uri: TypeAlias = TcpUri | UnixUri | StdioUri


# Whom to let in ------------------------------------------------------------------------------------

PRIVATE = "private"
ANY = "any"
_RANGES = {
    # RFC 1918, RFC 4193, link-local and loopback: what a home's own devices have.
    PRIVATE: (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8",
        "fc00::/7", "fe80::/10", "::1/128",
    ),
    ANY: ("0.0.0.0/0", "::/0"),
}  # fmt: skip


@dataclass(frozen=True)
class Networks:
    """IP networks, as text and as numbers."""

    text: str
    """As it was given: `private,100.64.0.0/10`."""

    ranges: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
    """What that stands for."""

    def has(self, address: str) -> bool:
        """Whether an address lies in one of them; an IPv4 address also in the guise of IPv6."""
        ip = ipaddress.ip_address(address)
        if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        return any(ip in each for each in self.ranges)

    def __str__(self) -> str:
        return self.text


def parse_networks(text: str) -> Networks:
    """Reads `private`, `any` and networks, with commas between them. Raises `ValueError`."""
    words = [word.strip() for word in text.split(",")]
    try:
        ranges = [ipaddress.ip_network(each) for word in words for each in _RANGES.get(word.lower(), (word,))]
    except ValueError as error:
        raise ValueError(
            f"give networks with commas between them, as in private,100.64.0.0/10, or any ({error})"
        ) from error
    return Networks(text, tuple(ranges))


HOME_NETWORKS = parse_networks(PRIVATE)
INGRESS_NETWORK = parse_networks("172.30.32.2")  # Home Assistant's, in the network of its apps


_TCP = re.compile(r"tcp://(?:\[(?P<v6>[^\]]+)\]|(?P<host>[^\s:/?#@\[\]]+)):(?P<port>\d{1,5})/?")


def parse_uri(text: str) -> Uri:
    """Reads an address to listen on or to connect to. Raises `ValueError`, saying what would be right."""
    if text == "stdio://":
        return StdioUri()
    if text.startswith("unix://"):
        path = text.removeprefix("unix://")
        if not path.startswith("/"):
            raise ValueError("give the socket's whole path, as in unix:///run/kokoro.sock")
        if len(os.fsencode(path)) > _MAX_UNIX_PATH_BYTES:
            raise ValueError(f"a socket's path has at most {_MAX_UNIX_PATH_BYTES} bytes")
        return UnixUri(Path(path))
    match = _TCP.fullmatch(text)
    if match is None:
        raise ValueError(
            f"give tcp://0.0.0.0:{DEFAULT_PORT}, tcp://[::]:{DEFAULT_PORT}, unix:///path or stdio://"
        )
    if match["v6"] is not None:
        try:
            ipaddress.IPv6Address(match["v6"])
        except ValueError:
            raise ValueError(f"there is no IPv6 address in its brackets: {match['v6']}") from None
    port = int(match["port"])
    if port > 65_535:
        raise ValueError("a port is at most 65535")
    return TcpUri(match["v6"] or match["host"], port)


_WEB = re.compile(r"(?:(?P<uri>[^\s/]+:\d{1,5})|(?P<port>\d{1,5}))")


def parse_web(text: str) -> TcpUri:
    """Reads `HOST:PORT`, or a port alone, which is on this machine's own address. Raises `ValueError`."""
    reason = f"give 127.0.0.1:{DEFAULT_WEB_PORT}, [::1]:{DEFAULT_WEB_PORT}, or {DEFAULT_WEB_PORT} alone"
    match = _WEB.fullmatch(text)
    if match is None:
        raise ValueError(reason)
    uri = parse_uri(f"tcp://{match['uri'] or f'127.0.0.1:{text}'}")
    assert isinstance(uri, TcpUri)
    return uri


def parse_hosts(text: str) -> tuple[str, ...]:
    """Reads names with commas between them: `kokoro.lan,tts.example.org`. Raises `ValueError`."""
    names = tuple(word.strip().lower().rstrip(".") for word in text.split(","))
    for name in names:
        if not re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", name):
            raise ValueError("give names with commas between them and without ports, as in kokoro.lan,attic")
    return names


# The parsers of single values: text in, value out, `ValueError` with the remedy ------------------------

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


def _boolean(text: str) -> bool:
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise ValueError("give true or false (or 1, 0, yes, no, on, off)")


def _line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("give one line of text that is not empty")
    return text


_N = TypeVar("_N", bound=float)
_NUMBERS: dict[type, str] = {int: "whole number", float: "number"}


def _within(number: type[_N], low: _N, high: _N) -> Callable[[str], _N]:
    """A parser of numbers, `int` or `float`, from `low` to `high`, both included."""

    def parse(text: str) -> _N:
        reason = f"give a {_NUMBERS[number]} from {low:g} to {high:g}"
        try:
            value = number(text)
        except ValueError:
            raise ValueError(reason) from None
        if not low <= value <= high:  # so written that NaN is refused too
            raise ValueError(reason)
        return value

    return parse


def _socket_mode(text: str) -> int:
    if not re.fullmatch(r"0?[0-7]{3}", text):
        raise ValueError("give three octal digits, as in 660")
    return int(text, 8)


def _cpu_threads(text: str) -> int | None:
    return None if text == "auto" else _within(int, 1, 1024)(text)


def _path(text: str) -> Path:
    try:
        return Path(_line(text)).expanduser()  # a compose file's ~ has seen no shell
    except RuntimeError as error:
        raise ValueError(f"give the whole path ({error})") from error


def _device(text: str) -> str:
    if not re.fullmatch(r"auto|cpu|cuda(:\d{1,3})?|mps", text):
        raise ValueError("give auto, cpu, cuda, cuda:N or mps")
    return text


_PRECISIONS = (AUTO, *(each.value for each in Precision))


def _precision(text: str) -> str:
    if text not in _PRECISIONS:
        raise ValueError(f"give {', '.join(_PRECISIONS[:-1])} or {_PRECISIONS[-1]}")
    return text


def _zeroconf(text: str) -> bool | str:
    """True, False, or the name to announce."""
    if text.lower() in _TRUE | _FALSE:
        return _boolean(text)
    if len(_line(text).encode()) > _MAX_INSTANCE_NAME_BYTES:
        raise ValueError(f"give a name of at most {_MAX_INSTANCE_NAME_BYTES} bytes")
    return text


def _log_format(text: str) -> str:
    record = logging.LogRecord("name", logging.INFO, "file.py", 1, "message", None, None)
    MarkUtterances().filter(record)
    try:
        formatter(text).format(record)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"give a format of Python's logging, as in {DEFAULT_LOG_FORMAT!r} ({error})"
        ) from error
    return text


# The table ---------------------------------------------------------------------------------------


class _Takes(enum.Enum):
    """What a flag is followed by."""

    VALUE = enum.auto()  # --speed 1.2
    VALUES = enum.auto()  # --data-dir a --data-dir b; in a variable, split at os.pathsep and line ends
    SWITCH = enum.auto()  # --debug, --no-debug
    SWITCH_OR_VALUE = enum.auto()  # --zeroconf, --zeroconf NAME, --no-zeroconf


class _Group(enum.Enum):
    """The sections of `--help`, in their order there."""

    SERVER = "server"
    LIMITS = "limits"
    SPEECH = "speech"
    FILES = "model and voices"
    DEVICE = "device"
    LOGGING = "logging"


@dataclass(frozen=True)
class _Option:
    """One option, wherever its value comes from; stands in the annotation of the field it fills."""

    flag: str
    parse: Callable[[str], object]
    group: _Group
    help: str
    metavar: str | None = None
    takes: _Takes = _Takes.VALUE

    @property
    def variable(self) -> str:
        """`--data-dir` → `WYOMING_KOKORO_DATA_DIR`."""
        return ENV_PREFIX + self.flag.removeprefix("--").replace("-", "_").upper()

    @property
    def file_variable(self) -> str:
        """The variable that holds the path of a file with the value."""
        return f"{self.variable}_FILE"


def _switch(flag: str, group: _Group, text: str) -> _Option:
    return _Option(flag, _boolean, group, text, takes=_Takes.SWITCH)


@dataclass(frozen=True, kw_only=True)
class EngineSettings:
    """What serving and `say` have in common. A field's meaning is its option's help."""

    voice: Annotated[
        str, _Option("--voice", _line, _Group.SPEECH, "voice of requests that name none", "NAME")
    ] = DEFAULT_VOICE

    speed: Annotated[
        float, _Option("--speed", _within(float, 0.5, 2.0), _Group.SPEECH, "from 0.5, slow, to 2, fast")
    ] = 1.0

    volume_db: Annotated[
        float,
        _Option(
            "--volume",
            _within(float, -40.0, 20.0),
            _Group.SPEECH,
            "louder or softer, from -40 to 20; what would get too loud is turned down, never clipped",
            "DB",
        ),
    ] = 0.0

    espeak: Annotated[
        bool, _switch("--espeak", _Group.SPEECH, "use espeak-ng where no lexicon knows a word or a language")
    ] = True

    normalize: Annotated[
        bool,
        _switch("--normalize", _Group.SPEECH, "say in words what is written in figures, signs and markup"),
    ] = True

    lexicon: Annotated[
        Path | None,
        _Option(
            "--lexicon",
            _path,
            _Group.SPEECH,
            "words and how they are said, a line each as in Nguyen = win or Nguyen = /wɪn/; read anew when it changes "
            "(default: none)",
            "FILE",
        ),
    ] = None

    emoji: Annotated[
        bool, _switch("--emoji", _Group.SPEECH, "say emoji by their names instead of leaving them out")
    ] = False

    exact: Annotated[
        bool,
        _switch("--exact", _Group.SPEECH, "decode every sentence whole before its first sound is sent"),
    ] = False

    data_dirs: Annotated[
        tuple[Path, ...],
        _Option(
            "--data-dir",
            _path,
            _Group.FILES,
            "folder with a checkpoint, config.json or voices/, tried before any download; may be repeated",
            "DIR",
            _Takes.VALUES,
        ),
    ] = ()

    download_dir: Annotated[
        Path | None,
        _Option(
            "--download-dir",
            _path,
            _Group.FILES,
            "folder that the hub's files are put into (default: the Hugging Face cache)",
            "DIR",
        ),
    ] = None

    local_files_only: Annotated[
        bool, _switch("--local-files-only", _Group.FILES, "never download; use what is on disk")
    ] = False

    device: Annotated[
        str,
        _Option(
            "--device",
            _device,
            _Group.DEVICE,
            "auto, cpu, cuda, cuda:N or mps (Apple's GPU, never tested); auto is CUDA or the CPU",
        ),
    ] = "auto"

    precision: Annotated[
        str,
        _Option(
            "--precision",
            _precision,
            _Group.DEVICE,
            "arithmetic of the model on the CPU: auto, fp32, bf16, int16 or int8; auto takes what this CPU is quickest at",
        ),
    ] = AUTO

    cpu_threads: Annotated[
        int | None,
        _Option(
            "--cpu-threads",
            _cpu_threads,
            _Group.DEVICE,
            "threads of the model on the CPU (default: auto, the physical cores this process may keep busy)",
            "N",
        ),
    ] = None

    debug: Annotated[
        bool, _switch("--debug", _Group.LOGGING, "log everything, the text that is spoken included")
    ] = False

    log_format: Annotated[
        str,
        _Option(
            "--log-format",
            _log_format,
            _Group.LOGGING,
            "json, or a line as Python's logging has it, with %(about)s for the utterance's number",
            "FORMAT",
        ),
    ] = DEFAULT_LOG_FORMAT


_MAX_BYTES = 1 << 30  # of one event; a gigabyte is nobody's text
_MAX_COUNT = 1_000_000
_DAY_S = 86_400.0


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much of everything the server takes. A field's meaning is its option's help."""

    max_connections: Annotated[
        int,
        _Option(
            "--max-connections", _within(int, 1, _MAX_COUNT), _Group.LIMITS, "connections at a time", "N"
        ),
    ] = 64

    max_client_requests: Annotated[
        int,
        _Option(
            "--max-client-requests",
            _within(int, 1, _MAX_COUNT),
            _Group.LIMITS,
            "requests of one connection that are not answered yet",
            "N",
        ),
    ] = 100

    max_requests: Annotated[
        int,
        _Option(
            "--max-requests",
            _within(int, 1, _MAX_COUNT),
            _Group.LIMITS,
            "requests of all connections that are not answered yet",
            "N",
        ),
    ] = 500

    max_text_chars: Annotated[
        int,
        _Option(
            "--max-text",
            _within(int, 1, _MAX_BYTES),
            _Group.LIMITS,
            "characters of text in one event; 100000 are two hours of speech",
            "N",
        ),
    ] = 100_000

    max_held_chars: Annotated[
        int,
        _Option(
            "--max-held-text",
            _within(int, 1, _MAX_BYTES),
            _Group.LIMITS,
            "characters of a connection that wait to be spoken; who sends more is read from later",
            "N",
        ),
    ] = 100_000

    max_header_bytes: Annotated[
        int,
        _Option(
            "--max-header",
            _within(int, 256, _MAX_BYTES),
            _Group.LIMITS,
            "length of an event's header line",
            "BYTES",
        ),
    ] = 64 * 1024

    max_data_bytes: Annotated[
        int,
        _Option("--max-data", _within(int, 256, _MAX_BYTES), _Group.LIMITS, "an event's data", "BYTES"),
    ] = 1024 * 1024

    max_payload_bytes: Annotated[
        int,
        _Option(
            "--max-payload",
            _within(int, 0, _MAX_BYTES),
            _Group.LIMITS,
            "an event's payload, which is read past",
            "BYTES",
        ),
    ] = 16 * 1024 * 1024

    idle_timeout_s: Annotated[
        float,
        _Option(
            "--idle-timeout",
            _within(float, 0.1, 365 * _DAY_S),
            _Group.LIMITS,
            "after so long a connection is closed on which nothing is sent either way",
            "SECONDS",
        ),
    ] = 3600.0

    write_timeout_s: Annotated[
        float,
        _Option(
            "--write-timeout",
            _within(float, 0.1, 3600.0),
            _Group.LIMITS,
            "after so long a client that stopped reading is dropped",
            "SECONDS",
        ),
    ] = 15.0


@dataclass(frozen=True, kw_only=True)
class Settings(Limits, EngineSettings):
    """What the server is told at start. A field's meaning is its option's help."""

    uri: Annotated[
        Uri, _Option("--uri", parse_uri, _Group.SERVER, "tcp://host:port, unix:///path or stdio://")
    ] = TcpUri("0.0.0.0", DEFAULT_PORT)  # noqa: S104 - a server for the home's network

    zeroconf: Annotated[
        bool | str | None,
        _Option(
            "--zeroconf",
            _zeroconf,
            _Group.SERVER,
            "announce the server on the LAN, for Home Assistant to find, under this name or one made of "
            "the host's (default: on where others can reach the server)",
            "NAME",
            _Takes.SWITCH_OR_VALUE,
        ),
    ] = None

    streaming: Annotated[
        bool, _switch("--streaming", _Group.SERVER, "offer to speak text while it is still being written")
    ] = True

    samples_per_chunk: Annotated[
        int,
        _Option("--samples-per-chunk", _within(int, 1, _MAX_CHUNK), _Group.SERVER, "in one audio event", "N"),
    ] = 1024

    allow_from: Annotated[
        Networks,
        _Option(
            "--allow-from",
            parse_networks,
            _Group.SERVER,
            "networks whose clients are let in, with commas between them; private is a home's own "
            "(RFC 1918, fc00::/7, link-local and loopback), any is everybody",
            "NETWORKS",
        ),
    ] = HOME_NETWORKS

    metrics_port: Annotated[
        int,
        _Option(
            "--metrics-port",
            _within(int, 0, 65_535),
            _Group.SERVER,
            "port that serves counts to Prometheus, on the server's host; needs the extra metrics; 0 serves none",
            "PORT",
        ),
    ] = 0

    drain_s: Annotated[
        float,
        _Option(
            "--drain",
            _within(float, 0.0, 3600.0),
            _Group.SERVER,
            "after SIGTERM, go on for so long, described as not installed for a balancer to notice, and then as long again "
            "at most to finish what is being said; 0 stops at once",
            "SECONDS",
        ),
    ] = 0.0

    socket_mode: Annotated[
        int | None,
        _Option(
            "--socket-mode",
            _socket_mode,
            _Group.SERVER,
            "permissions of a unix:// socket, as in 660 (default: what the umask leaves)",
            "MODE",
        ),
    ] = None

    web: Annotated[
        TcpUri | None,
        _Option(
            "--web",
            parse_web,
            _Group.SERVER,
            "address of a page to try voices on in a browser; PORT alone is on 127.0.0.1; needs the extra web "
            "(default: none)",
            "HOST:PORT",
        ),
    ] = None

    web_hosts: Annotated[
        tuple[str, ...],
        _Option(
            "--web-hosts",
            parse_hosts,
            _Group.SERVER,
            "names by which browsers may call that page, with commas between them; IP addresses, localhost and "
            "this machine's own name always may",
            "NAMES",
        ),
    ] = ()

    web_ingress: Annotated[
        bool,
        _switch(
            "--web-ingress",
            _Group.SERVER,
            "show that page to nobody but Home Assistant's ingress, which knows who is signed in",
        ),
    ] = False

    sentence_silence_s: Annotated[
        float,
        _Option(
            "--sentence-silence", _within(float, 0.0, 60.0), _Group.SPEECH, "after each sentence", "SECONDS"
        ),
    ] = 0.0

    idle_unload_s: Annotated[
        float,
        _Option(
            "--idle-unload",
            _within(float, 0.0, 365 * _DAY_S),
            _Group.DEVICE,
            "after so long without speech the model leaves memory until the next request; 0 keeps it",
            "SECONDS",
        ),
    ] = 0.0

    cache_size_mb: Annotated[
        float,
        _Option(
            "--cache-size",
            _within(float, 0.0, 100_000.0),
            _Group.SPEECH,
            "speech that is kept, to say the same again at once; 0 keeps none",
            "MB",
        ),
    ] = 64.0

    cache_dir: Annotated[
        Path | None,
        _Option(
            "--cache-dir",
            _path,
            _Group.SPEECH,
            "folder that keeps as much again, through restarts (default: none, memory only)",
            "DIR",
        ),
    ] = None

    @property
    def is_announced(self) -> bool:
        """Whether to announce the server: as asked for, else where others can reach it."""
        if self.zeroconf is None:
            return isinstance(self.uri, TcpUri) and not self.uri.is_loopback
        return self.zeroconf is not False

    @property
    def announced_name(self) -> str | None:
        """The name asked for; None leaves it to the announcement."""
        return self.zeroconf if isinstance(self.zeroconf, str) else None

    @property
    def unload_after_s(self) -> float | None:
        """When to unload the model; None: never."""
        return self.idle_unload_s or None

    @property
    def cache_size_bytes(self) -> int:
        """How much speech to keep; 0: none."""
        return round(self.cache_size_mb * _MEGABYTE)


@dataclass(frozen=True, kw_only=True)
class SaySettings(EngineSettings):
    """What `wyoming-kokoro say` is told. The fields of its own have flags only."""

    text: str | None = None
    """What to say; None: read it from standard input."""

    output: Path | None = None
    """The WAV file; None: standard output."""

    show_text: bool = False
    """Print the spoken form too."""

    show_phonemes: bool = False
    """Print the phonemes too."""


@dataclass(frozen=True, kw_only=True)
class VoicesSettings(EngineSettings):
    """What `wyoming-kokoro voices` is told. The fields of its own have flags only."""

    names: tuple[str, ...] = ()
    """Which voices; none: all that are listed."""

    as_json: bool = False
    """Print JSON instead of a table."""

    sample_dir: Path | None = None
    """Instead of a list, write what each says into this folder."""


@dataclass(frozen=True, kw_only=True)
class DoctorSettings(Settings):
    """What `wyoming-kokoro doctor` is told: what a server would be. The field of its own has a flag only."""

    as_json: bool = False
    """Print the findings for programs."""


def _options(kind: type[EngineSettings]) -> dict[str, _Option]:
    """The options of one settings class by field name, in their order there."""
    hints = get_type_hints(kind, include_extras=True)
    return {
        each.name: extra
        for each in fields(kind)
        for extra in getattr(hints[each.name], "__metadata__", ())
        if isinstance(extra, _Option)
    }


# From the command line and the environment to settings ------------------------------------------------

_EPILOG = f"""\
Each option has a variable too, and one for a file that holds the value:
  {ENV_PREFIX}SPEED=1.2                  --speed 1.2
  {ENV_PREFIX}STREAMING=false            --no-streaming
  {ENV_PREFIX}VOICE_FILE=/run/x/voice    --voice and what that file says
A flag beats a file, a file beats a variable, a variable beats the default.
"""


class _Parser(argparse.ArgumentParser):
    """Raises `SettingsError` where argparse would print its usage and exit; knows near misses."""

    def __init__(self, prog: str, usage: str, description: str) -> None:
        super().__init__(
            prog=prog,
            usage=usage,
            description=description,
            epilog=_EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,  # the epilog keeps its lines
            allow_abbrev=False,
        )
        self.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")

    def error(self, message: str) -> NoReturn:
        raise SettingsError(f"{message} (see {self.prog} --help)")

    def parse(self, argv: Sequence[str]) -> argparse.Namespace:
        """Like `parse_args`, but says which option was probably meant."""
        known, unknown = self.parse_known_args(argv)
        if unknown:
            self.error(_unknown_argument(unknown[0], self._option_string_actions))
        return known


def _unknown_argument(argument: str, flags: Iterable[str]) -> str:
    if not argument.startswith("-"):
        return f"unexpected argument {argument!r}"
    flag = argument.partition("=")[0]
    return f"there is no option {flag}.{_did_you_mean(flag, flags)}"


def _did_you_mean(word: str, words: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, sorted(words), n=1)
    return f" Did you mean {near[0]}?" if near else ""


def _add_options(parser: argparse.ArgumentParser, kind: type[EngineSettings]) -> None:
    """Adds the options of a settings class to a parser, which leaves their values as text."""
    groups = {group: parser.add_argument_group(group.value) for group in _Group}
    defaults = {each.name: each.default for each in fields(kind)}
    for name, option in _options(kind).items():
        group = groups[option.group]
        off = option.flag.replace("--", "--no-", 1)
        text = (option.help + _default_text(defaults[name])).replace("%", "%%")
        match option.takes:
            case _Takes.VALUE:
                group.add_argument(option.flag, dest=name, metavar=option.metavar, help=text)
            case _Takes.VALUES:
                group.add_argument(option.flag, dest=name, metavar=option.metavar, help=text, action="append")
            case _Takes.SWITCH:
                group.add_argument(option.flag, off, dest=name, help=text, action=_Switch)
            case _Takes.SWITCH_OR_VALUE:
                group.add_argument(
                    option.flag, dest=name, metavar=option.metavar, help=text, nargs="?", const="true"
                )
                group.add_argument(
                    off, dest=name, action="store_const", const="false", help=f"the opposite of {option.flag}"
                )


def _default_text(default: object) -> str:
    """What `--help` says of a default; nothing where it has no short name, and the help text names it."""
    if default is None or default == ():
        return ""
    if isinstance(default, bool):
        return f" (default: {'on' if default else 'off'})"
    return f" (default: {f'{default:g}' if isinstance(default, float) else default})"


class _Switch(argparse.Action):
    """`--x` and `--no-x`, leaving the text that a variable would hold."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str) -> None:  # noqa: A002 - argparse's name
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002 - argparse's signature
        namespace: argparse.Namespace,
        values: object,  # noqa: ARG002 - argparse's signature
        option_string: str | None = None,
    ) -> None:
        assert option_string is not None
        setattr(namespace, self.dest, "false" if option_string.startswith("--no-") else "true")


def parse(argv: Sequence[str], environ: Mapping[str, str]) -> Settings:
    """The server's settings. Raises `SettingsError`; `--help` and `--version` print and exit as usual."""
    parser = _Parser(
        PROGRAM,
        usage=f"{PROGRAM} [options]\n       {PROGRAM} say [options] [TEXT]\n       {PROGRAM} voices [options] [NAME ...]\n"
        f"       {PROGRAM} doctor [options]",
        description="Speaks with Kokoro-82M to clients of the Wyoming protocol, such as Home Assistant.",
    )
    _add_options(parser, Settings)
    settings = Settings(**_values(Settings, parser.parse(argv), environ))
    _check_together(settings)
    return settings


def _check_together(settings: Settings) -> None:
    """Raises `SettingsError` for options that do not go together."""
    if settings.zeroconf and not isinstance(settings.uri, TcpUri):
        raise SettingsError(
            f"--zeroconf (or {ENV_PREFIX}ZEROCONF): nobody on the LAN can reach {settings.uri}; "
            "leave it out, or give --uri tcp://host:port"
        )
    if settings.drain_s and isinstance(settings.uri, StdioUri):
        raise SettingsError(
            f"--drain (or {ENV_PREFIX}DRAIN): a server on stdio:// has one client and ends with its input; leave it out"
        )
    if settings.socket_mode is not None and not isinstance(settings.uri, UnixUri):
        raise SettingsError(
            f"--socket-mode (or {ENV_PREFIX}SOCKET_MODE): {settings.uri} is no file; "
            "leave it out, or give --uri unix:///path"
        )
    if settings.web is None and (settings.web_ingress or settings.web_hosts):
        flag = "--web-ingress" if settings.web_ingress else "--web-hosts"
        raise SettingsError(f"{flag}: there is no page; leave it out, or give --web HOST:PORT")
    if settings.web is not None and isinstance(settings.uri, StdioUri):
        raise SettingsError(
            f"--web: {settings.uri} serves one program and no page; leave it out, or give --uri tcp://host:port"
        )


def parse_doctor(argv: Sequence[str], environ: Mapping[str, str]) -> DoctorSettings:
    """The settings of `doctor`, from the arguments after that word. Raises `SettingsError`, exits as `parse`."""
    parser = _Parser(
        f"{PROGRAM} doctor",
        usage=f"{PROGRAM} doctor [options]",
        description="Checks whether a server with these options would work on this machine, and says what to do where not.",
    )
    parser.add_argument("--json", action="store_true", help="print what is found as JSON")
    _add_options(parser, DoctorSettings)
    arguments = parser.parse(argv)
    settings = DoctorSettings(as_json=arguments.json, **_values(DoctorSettings, arguments, environ))
    _check_together(settings)
    return settings


def parse_say(argv: Sequence[str], environ: Mapping[str, str]) -> SaySettings:
    """The settings of `say`, from the arguments after that word. Raises `SettingsError`, exits as `parse`."""
    parser = _Parser(
        f"{PROGRAM} say",
        usage=f"{PROGRAM} say [options] [TEXT]",
        description="Says one text without a server, into a WAV file or to standard output.",
    )
    parser.add_argument(
        "text", nargs="*", metavar="TEXT", help="what to say; - or nothing reads standard input"
    )
    parser.add_argument(
        "-o", "--output", default="-", metavar="FILE", help="WAV file to write (default: standard output)"
    )
    parser.add_argument(
        "--show-text", action="store_true", help="print what is said for the text too, in words"
    )
    parser.add_argument("--show-phonemes", action="store_true", help="print the text's phonemes too")
    _add_options(parser, SaySettings)
    arguments = parser.parse(argv)
    return SaySettings(
        text=None if arguments.text in ([], ["-"]) else " ".join(arguments.text),
        output=None if arguments.output == "-" else Path(arguments.output),
        show_text=arguments.show_text,
        show_phonemes=arguments.show_phonemes,
        **_values(SaySettings, arguments, environ),
    )


def parse_voices(argv: Sequence[str], environ: Mapping[str, str]) -> VoicesSettings:
    """The settings of `voices`, from the arguments after that word. Raises `SettingsError`, exits as `parse`."""
    parser = _Parser(
        f"{PROGRAM} voices",
        usage=f"{PROGRAM} voices [options] [NAME ...]",
        description="Lists the voices, or writes a sample of each into WAV files.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="voices or blends (default: all voices)")
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument("--json", action="store_true", help="print the list as JSON")
    ways.add_argument(
        "--sample",
        metavar="DIR",
        help="write a sentence of each, and a page to compare them, into this folder",
    )
    _add_options(parser, VoicesSettings)
    arguments = parser.parse(argv)
    return VoicesSettings(
        names=tuple(arguments.names),
        as_json=arguments.json,
        sample_dir=None if arguments.sample is None else Path(arguments.sample),
        **_values(VoicesSettings, arguments, environ),
    )


def unknown_variables(environ: Mapping[str, str]) -> tuple[str, ...]:
    """A warning for each `WYOMING_KOKORO_*` variable that nothing here reads, naming the nearest one.

    Aside of `parse`, because logging is set up by what `parse` returns.
    """
    known = {
        variable
        for option in _options(Settings).values()
        for variable in (option.variable, option.file_variable)
    }
    return tuple(
        f"There is no setting {variable}, so it has no effect.{_did_you_mean(variable, known)}"
        for variable in sorted(environ)
        if variable.startswith(ENV_PREFIX) and variable not in known
    )


def _values(
    kind: type[EngineSettings], arguments: argparse.Namespace, environ: Mapping[str, str]
) -> dict[str, Any]:
    """The fields of a settings class that any source gives a value to."""
    values: dict[str, Any] = {}
    for name, option in _options(kind).items():
        given = _from_flag(option, getattr(arguments, name)) or _from_environment(option, environ)
        if given is not None:
            source, texts = given
            parsed = tuple(_parsed(option, source, text) for text in texts)
            values[name] = parsed if option.takes is _Takes.VALUES else parsed[0]
    return values


_Given: TypeAlias = tuple[str, list[str]]  # where the value stands, for errors; the value as text


def _from_flag(option: _Option, argument: str | list[str] | None) -> _Given | None:
    if argument is None:
        return None
    return option.flag, argument if isinstance(argument, list) else [argument]


def _from_environment(option: _Option, environ: Mapping[str, str]) -> _Given | None:
    if path := environ.get(option.file_variable, "").strip():
        try:
            text = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{option.file_variable}: cannot read {path}: {error}") from error
        if not text:
            raise SettingsError(f"{option.file_variable}: {path} is empty; write the value into it")
        return f"{path} (of {option.file_variable})", _split(option, text)
    if text := environ.get(option.variable, "").strip():
        return option.variable, _split(option, text)
    return None


def _split(option: _Option, text: str) -> list[str]:
    if option.takes is not _Takes.VALUES:
        return [text]
    return [part.strip() for part in re.split(rf"[\n{re.escape(os.pathsep)}]", text) if part.strip()]


def _parsed(option: _Option, source: str, text: str) -> object:
    try:
        return option.parse(text)
    except ValueError as error:
        raise SettingsError(f"{source}: {text!r} will not do: {error}") from error
