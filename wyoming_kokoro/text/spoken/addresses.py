"""What is typed and not written: URLs, e-mail and IP addresses, file names, entities of Home Assistant, versions, codes.

For languages in another script than Latin, where letters with a dot between them are such a thing and never the end
of a sentence. Says every sign that has to be typed; what nobody types (`https://www.`) is left out. English, which
cannot tell so easily, has its own. Knows no language.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from wyoming_kokoro.text.spoken.rules import Rule, rule

_MAX_PATH = 60  # what is longer behind a host is nothing to be remembered from hearing: its query is left out
_TAIL = r"[A-Za-z0-9._~/?#@!$&*+,;=%:-]"
_TAIL_END = r"(?<![.,;:!?])"  # a stop or comma at the end belongs to the sentence
_LABEL = r"[A-Za-z0-9_-]{1,63}"


@dataclass(frozen=True)
class AddressWords:
    """How one language says them."""

    digits: Callable[[str], str]
    """Figures one by one, as on a telephone."""

    number: Callable[[str], str]
    """Figures as a number."""

    dot: str
    slash: str
    at: str
    dash: str
    colon: str
    equals: str
    question: str
    port: str
    """Before the number of a port."""

    point: str
    """Between the numbers of a version."""

    space: str
    """Between words."""

    version_words: str
    """Pattern of words beside which 2026.11.1 is a version and no day."""


def address_rules(words: AddressWords) -> tuple[Rule, ...]:
    """In the order they have to be applied, before all that read figures."""
    signs = {
        ".": words.dot, "/": words.slash, "@": words.at, "-": words.dash, ":": words.colon, "=": words.equals, "?": words.question,
        "_": " ", "&": " ", "#": " ", "%": " ", "+": " ", "~": " ", "!": " ", "$": " ", "*": " ", ",": " ", ";": " ",
    }  # fmt: skip

    def spelled(address: str) -> str:
        said: list[str] = []
        for part in re.findall(r"[A-Za-z]+|\d+|.", address):
            if part.isdecimal():
                said.append(words.number(part) if len(part) <= 2 else words.digits(part))
            else:
                said.append(signs.get(part, part))
        return joined(said)

    def joined(parts: list[str]) -> str:
        """Words in a row: two that are Latin keep apart, whatever the language puts between its own."""
        text = ""
        for part in filter(None, parts):
            is_latin = bool(text) and text[-1].isascii() and part[0].isascii()
            text += f"{' ' if is_latin else words.space}{part}" if text else part
        return " ".join(text.split())

    def host(name: str, port: str | None, path: str | None) -> str:
        said = spelled(name.removeprefix("www."))
        if port:
            said = joined([said, words.port, words.digits(port[1:])])
        path = (path or "").rstrip("/")
        if len(path) > _MAX_PATH:
            path = path.partition("?")[0].partition("#")[0]
        return joined([said, spelled(path)]) if path else said

    def url(match: re.Match[str]) -> str:
        return host(match["host"], match["port"], match["path"])

    def dotted(match: re.Match[str]) -> str | None:
        """`light.living_room`, `example.com/help`, `config.yaml`; not "U.S." and "p.m."."""
        name = match["host"]
        parts = name.split(".")
        if max(map(len, parts[:-1])) < 2 or len(parts[-1]) < 2:
            return None
        return host(name, match["port"], match["path"])

    def ip(match: re.Match[str]) -> str | None:
        octets = match["ip"].split(".")
        if any(int(octet) > 255 for octet in octets):
            return None
        said = f"{words.space}{words.dot}{words.space}".join(words.digits(octet) for octet in octets)
        if match["port"]:
            said = joined([said, words.port, words.digits(match["port"][1:])])
        return joined([said, words.slash, words.number(match["net"][1:])]) if match["net"] else said

    def version(match: re.Match[str]) -> str:
        figures = match["figures"].split(".")
        said = f"{words.space}{words.point}{words.space}".join(words.number(part) for part in figures)
        lead = match["lead"]
        return f"{lead} {said}" if lead[-1:].isascii() and len(lead) > 1 else joined([lead, said])

    figures = r"(?P<figures>\d{1,4}(?:\.\d{1,4}){%s})(?!\d|\.\d|[ ]?[%%°℃])"
    return (
        rule(rf"(?<![A-Za-z])(?:https?|ftp)://(?P<host>{_LABEL}(?:\.{_LABEL}){{0,8}})(?P<port>:\d{{1,5}})?(?P<path>/{_TAIL}{{0,400}}{_TAIL_END})?", url, needs=":"),
        rule(rf"(?<![A-Za-z0-9._%+-])(?:mailto:)?(?P<mail>[A-Za-z0-9._%+-]{{1,64}}@{_LABEL}(?:\.{_LABEL}){{1,8}})(?![A-Za-z0-9-])", lambda m: spelled(m["mail"]), needs="@"),
        rule(r"(?<![A-Za-z\d.])(?P<ip>\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?P<port>:\d{1,5})?(?P<net>/\d{1,2})?(?![A-Za-z\d]|\.\d)", ip, needs="."),
        rule(rf"(?<![A-Za-z\d./@_-])(?P<host>[A-Za-z][A-Za-z0-9_-]{{0,62}}(?:\.[A-Za-z0-9_-]{{1,63}}){{0,7}}\.[A-Za-z][A-Za-z0-9_]{{1,62}})(?P<port>:\d{{1,5}}(?!\d))?(?P<path>/{_TAIL}{{0,400}}{_TAIL_END})?(?![A-Za-z\d@])", dotted, needs="."),
        rule(r"(?<![A-Za-z\d_])(?P<id>[A-Za-z][A-Za-z0-9]{0,40}(?:_[A-Za-z0-9]{1,40}){1,20})(?![A-Za-z\d_])", lambda m: spelled(m["id"]), needs="_"),
        # 2026.11.1 behind a Latin name is no day
        rule(rf"(?<![A-Za-z])(?P<lead>[vV]|(?:{words.version_words})[ ]?[vV]?)[ ]?{figures % '1,4'}", version, needs="."),
        rule(rf"(?<![A-Za-z])(?P<lead>[A-Z][A-Za-z]{{2,20}})[ ]{figures % '2,4'}", version, needs="."),
        rule(r"(?<![A-Za-z])(?P<lead>HA|[A-Z][A-Za-z]{2,20})[ ](?P<figures>20[12]\d\.(?:1[0-2]|0?[1-9]))(?!\d|\.\d|[ ]?[%°℃])", version, needs="."),
        rule(rf"(?<![\d.])(?P<lead>){figures % '2,4'}(?=[ ]?(?:{words.version_words}))", version, needs="."),
    )  # fmt: skip
