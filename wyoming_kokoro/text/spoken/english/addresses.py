"""English words for what computers are given: URLs, e-mail, IP and MAC addresses, paths, identifiers, versions, handles.

Says every sign that has to be typed; what nobody types (`https://www.`) is left out. Knows no other text.
"""

from __future__ import annotations

import re

from wyoming_kokoro.text.spoken.english.numbers import Numbers, digits
from wyoming_kokoro.text.spoken.rules import Rule, rule

_SIGNS = {
    ".": "dot", "/": "slash", "\\": "backslash", ":": "colon", "-": "dash", "_": "underscore", "@": "at",
    "?": "question mark", "=": "equals", "&": "and", "#": "hash", "+": "plus", "%": "percent", "~": "tilde",
    "$": "dollar", "*": "star", "!": "exclamation mark", ",": "comma", ";": "semicolon", "'": "", "(": "", ")": "",
    "|": "pipe", "^": "caret", "[": "", "]": "", "{": "", "}": "", "²": "squared", "³": "cubed",
}  # fmt: skip
_LETTERS = frozenset(
    ["www", "tty", "http", "https", "ftp", "ssh", "html", "htm", "css", "xml", "csv", "pdf", "jpg", "png", "svg", "mp3", "mp4", "wav", "php", "io", "uk", "de", "fr", "es", "jp", "cn", "tv", "eu", "ip", "id", "api", "url", "ha", "mqtt", "zha", "co2", "pm25", "uv", "ac", "tv", "usb", "led", "vpn", "lan", "wan", "cpu", "gpu", "ram", "ssd", "hdd", "nas", "ups", "ev", "pv", "hvac", "js", "ts", "py", "sh", "md", "txt", "exe", "dll", "ini", "cfg", "toml", "yml", "sql", "db", "ini", "iso", "zip"]
) - {"ram", "lan", "wan", "ini", "sh", "zip"}  # fmt: skip
_NAMES = {
    "pct": "percent", "gcode": "G code", "json": "Jason", "yaml": "yammel", "yml": "Y M L", "toml": "tommel", "png": "P N G", "jpg": "J peg", "jpeg": "J peg",
    "gif": "gif", "txt": "text", "cfg": "config", "sh": "S H", "md": "M D", "zip": "zip", "exe": "E X E",
    "io": "I O", "co": "co", "ai": "A I", "tv": "T V", "etc": "et cetera", "usr": "user", "tmp": "temp", "dev": "dev",
    "hass": "hass", "temp": "temp", "bin": "bin", "src": "source", "lib": "lib", "var": "var", "opt": "opt",
}  # fmt: skip
# Names that are the front of an entity in Home Assistant: "light.kitchen" is one, "house.then" a missing space.
_DOMAINS = (
    "alarm_control_panel|automation|binary_sensor|button|calendar|camera|climate|cover|device_tracker|event|fan|"
    "group|homeassistant|humidifier|image|input_boolean|input_button|input_datetime|input_number|input_select|"
    "input_text|lawn_mower|light|lock|media_player|notify|number|person|persistent_notification|remote|scene|"
    "schedule|script|select|sensor|siren|stt|sun|switch|tag|text|timer|todo|tts|update|vacuum|valve|water_heater|"
    "weather|zone"
)
_TLD = (
    "com|org|net|edu|gov|mil|int|io|ai|app|dev|co|me|tv|info|biz|local|lan|home|internal|localhost|uk|us|de|fr|es|it|nl|be|"
    "ch|at|eu|jp|cn|in|br|ca|au|nz|se|no|dk|fi|pl|cz|ru|pt|ie|gr|tr|mx|ar|cl|za|kr|sg|hk|tw|xyz|online|site|cloud|tech|"
    "store|page|blog|news|gg|fm|ly|to"
)
_EXTENSION = (
    "py|pyc|js|ts|tsx|jsx|json|yaml|yml|toml|cfg|ini|conf|txt|md|rst|csv|tsv|xml|html|htm|css|sh|bash|zsh|bat|ps1|exe|dll|so|"
    "zip|tar|gz|tgz|bz2|xz|7z|rar|iso|img|bin|deb|rpm|apk|dmg|pdf|doc|docx|xls|xlsx|ppt|pptx|odt|jpg|jpeg|png|gif|svg|webp|"
    "mp3|mp4|wav|flac|ogg|mkv|avi|mov|log|db|sqlite|sql|c|h|cpp|hpp|rs|go|java|kt|rb|php|lua|swift|onnx|pt|pth|safetensors|"
    "gcode|stl|3mf|ipynb|lock|env|service|local"
)
_HOST = rf"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{{0,62}})\.){{1,8}}(?:{_TLD})"
_TAIL = r"[^\s<>\"'“”‘’()\[\]{}|]"
# A stop or comma at the end belongs to the sentence.
_TAIL_END = r"(?<![.,;:!?])"


# What has versions, so that V2 is one behind it.
_VERSIONED_RE = re.compile(
    r"\b(?:firmware|software|app|update|release|draft|edition|hardware|API|protocol|specification|revision|model)[ ]\Z",
    re.IGNORECASE,
)


class Addresses:
    """Reads addresses and identifiers, with numbers as one of the two Englishes says them."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers

    def rules(self) -> tuple[Rule, ...]:
        """In the order they have to be applied."""
        return (
            rule(rf"\b(?P<scheme>https?|ftps?|sftp|wss?|rtsps?|file|ssh|smb|mqtts?|tcp|udp|unix|git)://(?P<rest>{_TAIL}{{1,400}}){_TAIL_END}", self._url, needs=":"),
            rule(r"\b(?:mailto:)?(?P<user>[A-Za-z0-9._%+-]{1,64})@(?P<host>[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}|localhost)\b", lambda m: f"{self.spelled(m['user'])} at {self.spelled(m['host'])}", needs="@"),
            rule(r"(?<![\w:.])(?P<mac>[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5})(?![\w:-])", lambda m: ", ".join(_hex(pair) for pair in re.split("[:-]", m["mac"])), needs=":-"),
            rule(r"(?<![\w:.])(?P<ip>(?:[0-9A-Fa-f]{1,4}:){2,7}(?::?[0-9A-Fa-f]{1,4}){0,7}(?:::)?|::1|(?:[0-9A-Fa-f]{1,4}:){1,7}:[0-9A-Fa-f]{0,4})(?P<net>/\d{1,3})?(?![\w:])", self._ipv6, needs=":"),
            rule(r"(?<![\w.])(?P<ip>\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?P<port>:\d{1,5})?(?P<net>/\d{1,2})?(?P<path>/[\w./-]{1,100}(?<![.]))?(?![\w]|\.\d)", self._ipv4, needs="."),
            rule(r"\b(?P<id>[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})\b", lambda m: ", ".join(_hex(part) for part in m["id"].split("-")), needs="-"),
            rule(rf"(?<![\w@./-])(?P<host>www\.[A-Za-z0-9.-]{{1,200}}[A-Za-z0-9]|{_HOST})(?P<port>:\d{{1,5}})?(?P<path>/{_TAIL}{{0,400}})?{_TAIL_END}(?![\w@-])", self._host, needs="."),
            rule(r"(?<![\w.@/-])(?P<host>localhost|homeassistant|raspberrypi):(?P<port>\d{2,5})(?![\w:])", lambda m: f"{self.spelled(m['host'])} port {self._port(m['port'])}", needs=("localhost:", "homeassistant:", "raspberrypi:")),
            rule(rf"(?<![\w.])(?P<domain>{_DOMAINS})\.(?P<name>[a-z0-9_*]{{2,100}})(?![\w(])", self._entity, needs="."),
            rule(r"(?<![\w])(?P<path>[A-Za-z]:\\(?:[\w.()-]{1,60}(?:[ ][\w.()-]{1,60}){0,3}\\){0,20}[\w.()-]{0,60}[\w)]|[A-Za-z]:\\|\\\\[\w\\.-]{1,200}\w)", lambda m: self.spelled(m["path"]), needs="\\"),
            rule(r"(?<![\w<>)\]/.])(?P<path>(?:~|\.{1,2})?(?:/[A-Za-z0-9_.@+~-]{1,100}){2,20}/?|(?:~|\.{1,2})/[A-Za-z0-9_.-]{1,100}|/(?:etc|usr|var|tmp|home|config|dev|opt|bin|boot|mnt|media|root|srv|sys|proc|share|ssl|data|addons|backup|api|lib|run)\b)(?<![.])(?![\w])", lambda m: self.spelled(m["path"]), needs="/"),
            rule(r"(?<![\w/.])(?P<path>[a-z0-9_][\w.-]{0,60}(?:/[a-z0-9_][\w.-]{0,60}){1,20}/?)(?<![.])(?![\w/])", self._relative, needs="/"),
            rule(rf"(?<![\w/.])(?P<file>[A-Za-z0-9_][\w-]{{0,80}}(?:\.[\w-]{{1,40}}){{0,3}}\.(?:{_EXTENSION}))(?![\w/]|\.\w)", self._file, needs="."),
            rule(r"(?<![\w.])\.(?P<file>(?:env|venv|git|github|gitignore|bashrc|profile|ssh|config|local|cache|storage|vimrc|dockerignore|[a-z0-9]{2,6}(?=\s(?:file|files|extension|format)\b)))\b", lambda m: f"dot {self.spelled(m['file'])}", needs="."),
            rule(r"(?<!\w)(?P<id>[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+){1,20}|_[A-Za-z0-9_]{2,40})(?![\w])", lambda m: self._identifier(m["id"]), needs="_"),
            rule(r"(?<![\w&])\#(?P<hex>(?=[0-9A-Fa-f]*\d)[0-9A-Fa-f]{6})\b", lambda m: f"hash {_hex(m['hex'])}", needs="#"),
            rule(r"\b0[xX](?P<hex>[0-9A-Fa-f]{1,16})\b", lambda m: f"zero X {_hex(m['hex'])}", needs="xX"),
            rule(r"(?<![\w&])\#(?=[A-Z]{1,4}-?\d)", lambda _: "number ", needs="#"),
            rule(r"(?<![\w&])\#(?P<tag>[A-Za-z]\w{1,60})", self._hashtag, needs="#"),
            rule(r"(?<![\w.])@(?P<name>[A-Za-z_]\w{1,40})", lambda m: f"at {self.spelled(m['name'])}", needs="@"),
            rule(r"(?<![\w.,])(?P<v>[vV]ersion[ ][vV]?|[vV]\.?[ ]?)?(?!\d\d?\.\d\d?\.(?:19|20)\d\d(?!\.?\d))(?P<figures>\d{1,4}(?:\.\d{1,5}){2,4})(?P<tail>[-.]?(?:alpha|beta|rc|dev|post|[ab])\.?\d*|-\d{1,3})?(?!\w|\.\d|-\d)", self._version, needs="."),
            rule(r"\b(?P<lead>[vV]ersions?|[rR]elease|[fF]irmware|[pP]ython|Android|iOS|macOS|Windows|Ubuntu|Debian|USB|HDMI|Bluetooth|Zigbee|Matter|HTTP|TLS|Thread|ESPHome|Node|Core|OS|CUDA|PyTorch|Kernel|DisplayPort)[ ](?P<v>v)?(?P<figures>\d{1,4}\.\d{1,4})(?P<tail>[-.]?(?:alpha|beta|rc|dev|[ab])\d*)?(?!\w|\.\d|[ ]?%)", self._named_version, needs="."),
            rule(r"(?<![\w.,$€£-])(?P<figures>\d{1,2}\.\d{2})(?!\w|\.\d|[ ]?[%°$€£×x*/]|[ ][a-zA-Zµ]{1,3}\b(?<!or)(?<!and)(?<!is)(?<!to)(?<!in)(?<!on))", lambda m: " point ".join(self._numbers.label(part) for part in m["figures"].split(".")), needs=(" point ",), behind=r"\b(?:python|ubuntu|ios|android|macos|node|kernel|esphome|postgres|postgresql|php|ruby|rust|go|kubernetes)[ ](?:version[ ])?[a-z-]+[ ]point[ ][^!?;]{0,44}\b(?:to|and|or|than|versus|vs\.?|from|with|through|like|on)[ ]"),
            rule(r"(?<![\w.,$€£])(?P<v>)(?P<figures>20[12]\d\.(?:1[0-2]|[1-9]))(?P<tail>)(?![\w%]|\.\d|[ ]?[°%€$£]|[ ](?:kWh|W|kW|m|kg|km)\b)", self._version, needs="."),
            rule(r"\b802\.(?P<a>\d{1,2})(?P<b>[a-z]{0,2})\b(?!\.\d)", lambda m: " ".join(["eight oh two", self._numbers.cardinal(m["a"]), *m["b"].upper()]), needs=("802.",)),
            rule(r"(?<![\w.])(?P<v>[vV]ersion[ ][vV]|[vV])(?P<figures>\d{1,4}(?:\.\d{1,4})?)(?P<tail>[-.]?(?:alpha|beta|rc|dev|[ab])\d*)?(?!\w|\.\d)", self._version, needs="vV"),
        )  # fmt: skip

    def spelled(self, address: str) -> str:
        """An address sign by sign: words as words, numbers as labels, signs by name."""
        words = []
        for part in re.findall(r"[A-Za-z]+|\d+|.", address):
            if part.isdecimal():
                words.append(self._figures(part))
            elif part.isalpha() and part.isascii():
                words.extend(self._word(each) for each in _humps(part))
            else:
                words.append(_SIGNS.get(part, part))
        return " ".join(word for word in words if word)

    def _word(self, word: str) -> str:
        lower = word.lower()
        if lower in _NAMES:
            return _NAMES[lower]
        if lower in _LETTERS or (len(word) > 1 and not re.search("[aeiouy]", lower)):
            return " ".join(word.upper())
        if len(word) == 1:
            return word.upper()
        return word

    def _figures(self, figures: str) -> str:
        return self._numbers.label(figures)

    def _url(self, match: re.Match[str]) -> str:
        scheme = match["scheme"]
        rest = match["rest"].removesuffix("/")
        if scheme in ("http", "https"):
            return self._without_www(rest)
        return f"{' '.join(scheme.upper()) if scheme != 'file' else 'file'} colon slash slash {self.spelled(rest)}"

    def _without_www(self, rest: str) -> str:
        rest = rest.removeprefix("www.")
        host, slash, path = rest.partition("/")
        path = path.partition("?")[0].partition("#")[0].rstrip("/") if len(path) > 60 else path
        ip = re.fullmatch(r"(\d+\.\d+\.\d+\.\d+)(?::(\d+))?", host)
        words = self._ip(ip[1], ip[2]) if ip else self._spelled_host(host)
        return f"{words} slash {self.spelled(path)}" if slash and path else words

    def _spelled_host(self, host: str) -> str:
        name, colon, port = host.partition(":")
        words = self.spelled(name)
        return f"{words} port {self._port(port)}" if colon and port.isdigit() else words

    def _host(self, match: re.Match[str]) -> str | None:
        host = match["host"]
        name, _, tld = host.rpartition(".")
        if not match["path"] and not host.startswith("www."):
            # "the house.It is", "e.g.in", "etc.in": a sentence that lacks its space. Figures: "5.in".
            if tld in ("in", "it", "me", "to", "no", "at", "us", "be", "is", "so") and not match["port"]:
                return None
            if not re.search("[A-Za-z]{2}", name):
                return None
        return self._without_www(host + (match["port"] or "") + (match["path"] or "").rstrip("/"))

    def _ip(self, ip: str, port: str | None) -> str:
        words = " dot ".join(self._octet(octet) for octet in ip.split("."))
        return f"{words} port {self._port(port)}" if port else words

    def _octet(self, octet: str) -> str:
        """192 → "one ninety-two", 168 → "one sixty-eight", 10 → "ten", 100 → "one hundred"."""
        return self._numbers.label(octet)

    def _port(self, port: str) -> str:
        return self._numbers.label(port)

    def _ipv4(self, match: re.Match[str]) -> str | None:
        octets = match["ip"].split(".")
        if any(int(octet) > 255 for octet in octets) and sum(len(octet) == 3 for octet in octets) < 2:
            return None  # a version
        words = self._ip(match["ip"], (match["port"] or "")[1:] or None)
        if match["net"]:
            words += f" slash {self._numbers.cardinal(match['net'][1:])}"
        return f"{words} {self.spelled(match['path'].rstrip('/'))}" if match["path"] else words

    def _ipv6(self, match: re.Match[str]) -> str | None:
        ip = match["ip"]
        if "::" not in ip and (ip.count(":") < 7 or ip.endswith(":")):
            return None
        words = " colon ".join(_hex(part) if part else "" for part in ip.split(":"))
        words = " ".join(words.split())
        return f"{words} slash {self._numbers.cardinal(match['net'][1:])}" if match["net"] else words

    def _entity(self, match: re.Match[str]) -> str | None:
        name = match["name"]
        domain = match["domain"]
        # "Lock the door.then leave": prose has no underscore on either side and such a word before it.
        if (
            "_" not in name
            and "_" not in domain
            and name in ("it", "the", "then", "and", "is", "now", "this", "that", "i", "you", "we")
        ):
            return None
        return f"{self._identifier(domain)} dot {self._identifier(name)}"

    def _identifier(self, name: str) -> str:
        """snake_case and SHOUTING_CASE as words: whoever writes them between backticks means the thing, not its spelling."""
        words = [self.spelled(part) for part in name.split("_") if part]
        return " ".join(words)

    def _relative(self, match: re.Match[str]) -> str | None:
        """a/b/c.py is a path, and/or and km/h are not."""
        path = match["path"]
        is_path = re.search(
            rf"\.(?:{_EXTENSION})$|_|^(?:src|lib|custom_components|config|www|home|tests?|docs?)/", path
        )
        return self.spelled(path) if is_path else None

    def _file(self, match: re.Match[str]) -> str | None:
        name = match["file"]
        stem, _, extension = name.rpartition(".")
        if stem.isdigit() or (len(extension) == 1 and len(stem) < 2):
            return None
        if name in ("Node.js", "node.js"):
            return "Node J S"
        return self.spelled(name)

    def _hashtag(self, match: re.Match[str]) -> str:
        words = " ".join(self._word(word) for word in _humps(match["tag"].replace("_", " ")))
        return f"hashtag {words}"

    def _version(self, match: re.Match[str]) -> str | None:
        figures = match["figures"]
        lead = match["v"] or ""
        if lead == "V" and "." not in figures and not match["tail"]:
            before = match.string[max(0, match.start() - 16) : match.start()]
            if not _VERSIONED_RE.search(before):
                return f"V {self._numbers.label(figures)}"  # the Dyson V15
        if lead:
            lead = "Version " if lead.startswith("Version") else "version "
        words = " point ".join(
            self._numbers.label(part) if len(part) != 4 else self._numbers.year(part)
            for part in figures.split(".")
        )
        return lead + words + self._suffix(match["tail"])

    def _named_version(self, match: re.Match[str]) -> str:
        words = " point ".join(
            self._numbers.label(part) if len(part) != 4 else self._numbers.year(part)
            for part in match["figures"].split(".")
        )
        return f"{match['lead']} {'version ' if match['v'] else ''}{words}{self._suffix(match['tail'])}"

    def _suffix(self, tail: str | None) -> str:
        if not tail:
            return ""
        if tail[0] == "-" and tail[1:].isdigit():
            return f" dash {self._numbers.label(tail[1:])}"
        found = re.fullmatch(r"[-.]?([a-z]+)\.?(\d*)", tail)
        assert found is not None, tail
        name = {"a": "alpha", "b": "beta", "rc": "release candidate"}.get(found[1], found[1])
        return f" {name} {self._numbers.cardinal(found[2])}" if found[2] else f" {name}"


def _hex(figures: str) -> str:
    """Hexadecimal, sign by sign: "a4" → "A four"."""
    return " ".join(digits(char) if char.isdigit() else char.upper() for char in figures)


def _humps(word: str) -> list[str]:
    """livingRoomTV → living, Room, TV."""
    return re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^A-Za-z\d\s]+", word)
