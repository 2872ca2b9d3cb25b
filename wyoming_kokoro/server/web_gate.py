"""Which requests of browsers are answered, judged by their headers. Knows no sockets, no speech and no HTTP library.

A browser that is in the home's network also runs the pages of strangers. Two things they can try:

what a strange page does                              | why it fails here
------------------------------------------------------+-----------------------------------------------------------
has its own name point to this server (DNS rebinding) | its name is in `Host`, and no name is answered to but ours
sends requests from afar (CSRF)                       | `Sec-Fetch-Site` or `Origin` tell, and JSON needs leave to be sent

Behind Home Assistant's ingress the name is Home Assistant's, whatever that is; there, nobody but the ingress can
connect, and it lets in only who is signed in.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from wyoming_kokoro.errors import AccessError, KokoroError, ProtocolError

_JSON = "application/json"


class WebGate:
    """Judges by headers, whose names may be written in any case where the mapping takes them so."""

    def __init__(self, names: Iterable[str] = (), *, behind_ingress: bool = False) -> None:
        """names: by which browsers may call this server, besides addresses and this machine's own name."""
        host = socket.gethostname().lower()
        short = host.partition(".")[0]
        self._names = {"localhost", host, short, f"{short}.local", *(name.lower() for name in names)}
        self._behind_ingress = behind_ingress

    def page_refusal(self, headers: Mapping[str, str]) -> KokoroError | None:
        """Why the page is not shown; None: it is. Links to it may be anywhere."""
        called = _hostname(headers.get("Host", ""))
        if self._behind_ingress or _is_address(called) or called in self._names:
            return None
        if called.endswith(".localhost"):
            return None
        return AccessError(
            f"This server does not know that it is called {called!r}; call it by its address, or give --web-hosts {called}"
        )

    def request_refusal(self, headers: Mapping[str, str], *, has_body: bool) -> KokoroError | None:
        """Why what only the page itself may ask is not answered; None: it is."""
        if (error := self.page_refusal(headers)) is not None:
            return error
        if not self._is_own(headers):
            return AccessError("Only this server's own page may ask for that")
        if has_body and headers.get("Content-Type", "").partition(";")[0].strip().lower() != _JSON:
            return ProtocolError(f"The request is not marked as {_JSON}")
        return None

    def _is_own(self, headers: Mapping[str, str]) -> bool:
        """Whether a request comes from the page, or from no browser."""
        # Browsers leave it out where the page came by plain HTTP, and proxies may change the host; hence both.
        if (site := headers.get("Sec-Fetch-Site")) is not None:
            return site in {"same-origin", "none"}
        if (origin := headers.get("Origin")) is None:
            return True
        hosts = {headers.get("Host")}
        if self._behind_ingress:
            hosts.add(headers.get("X-Forwarded-Host"))
        return urlsplit(origin).netloc in hosts - {None, ""}


def _hostname(host: str) -> str:
    """`[::1]:80` → `::1`; empty for what is no host."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
