"""Which requests of browsers are answered: a table of headers."""

from __future__ import annotations

import socket

import pytest

from wyoming_kokoro.server.web_gate import WebGate

NAMED = WebGate(("Kokoro.lan", "192.0.2.1"))
INGRESS = WebGate(behind_ingress=True)
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:10211",
        "192.168.1.7",
        "[::1]:10211",
        "[fe80::1]",
        "localhost:10211",
        "LOCALHOST",
        "kokoro.localhost:1",
        "kokoro.lan",
        "KOKORO.LAN.:10211",
        socket.gethostname(),
    ],
)
def test_the_page_is_shown_by_address_and_by_name(host: str) -> None:
    assert NAMED.page_refusal({"Host": host}) is None


@pytest.mark.parametrize(
    "host",
    ["evil.example", "kokoro.lan.evil.example", "localhost.evil.example", "1.2.3.4.evil.example", "[", ""],
)
def test_it_is_not_shown_by_a_name_that_a_stranger_made_up(host: str) -> None:
    refusal = NAMED.page_refusal({"Host": host})
    assert refusal is not None
    assert refusal.code == "forbidden"
    assert "--web-hosts" in str(refusal)
    assert INGRESS.page_refusal({"Host": host}) is None  # there it is Home Assistant's, whatever it is


HERE = {"Host": "127.0.0.1:10211"}
THERE = {"Host": "supervisor", "X-Forwarded-Host": "home.example:8123"}


@pytest.mark.parametrize(
    ("gate", "headers", "is_answered"),
    [
        (NAMED, {**HERE}, True),  # curl
        (NAMED, {**HERE, "Sec-Fetch-Site": "same-origin"}, True),
        (NAMED, {**HERE, "Sec-Fetch-Site": "none"}, True),  # typed into the address bar
        (NAMED, {**HERE, "Sec-Fetch-Site": "same-site"}, False),  # another port of the same machine
        (NAMED, {**HERE, "Sec-Fetch-Site": "cross-site"}, False),
        (NAMED, {**HERE, "Origin": "http://127.0.0.1:10211"}, True),
        (NAMED, {**HERE, "Origin": "http://127.0.0.1:8000"}, False),
        (NAMED, {**HERE, "Origin": "http://evil.example"}, False),
        (NAMED, {**HERE, "Origin": "null"}, False),
        (NAMED, {"Host": "evil.example", "Sec-Fetch-Site": "same-origin"}, False),
        (NAMED, {**HERE, "X-Forwarded-Host": "evil.example", "Origin": "http://evil.example"}, False),
        (INGRESS, {**THERE, "Origin": "https://home.example:8123"}, True),
        (INGRESS, {**THERE, "Origin": "https://evil.example"}, False),
        (INGRESS, {**THERE, "Sec-Fetch-Site": "same-origin"}, True),
        (INGRESS, {**THERE, "Sec-Fetch-Site": "cross-site"}, False),
        (INGRESS, {"Origin": "null"}, False),
    ],
)
def test_only_the_page_itself_may_ask(gate: WebGate, headers: dict[str, str], is_answered: bool) -> None:
    assert (gate.request_refusal(headers, has_body=False) is None) is is_answered
    assert (gate.request_refusal({**headers, **JSON}, has_body=True) is None) is is_answered


@pytest.mark.parametrize(
    ("content_type", "is_answered"),
    [
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("text/plain", False),  # what forms may send anywhere, without asking first
        ("application/x-www-form-urlencoded", False),
        ("", False),
    ],
)
def test_what_is_sent_has_to_be_marked_as_what_browsers_ask_leave_for(
    content_type: str, is_answered: bool
) -> None:
    headers = {**HERE, "Content-Type": content_type}
    assert (NAMED.request_refusal(headers, has_body=True) is None) is is_answered
