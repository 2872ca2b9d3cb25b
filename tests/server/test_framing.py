"""Events off the wire: what is one, what is not, and what is too much."""

from __future__ import annotations

import asyncio
import json

import pytest
from wyoming.event import Event

from wyoming_kokoro.errors import LimitError, ProtocolError
from wyoming_kokoro.server.framing import read_event
from wyoming_kokoro.settings import Limits

LIMITS = Limits()


def read_all(raw: bytes) -> list[Event]:
    """Every event in the bytes, up to the end of them."""

    async def run() -> list[Event]:
        reader = asyncio.StreamReader(LIMITS.max_header_bytes)
        reader.feed_data(raw)
        reader.feed_eof()
        events = []
        while (event := await read_event(reader, LIMITS)) is not None:
            events.append(event)
        return events

    return asyncio.run(run(), debug=True)


def frame(header: dict[str, object], data: bytes = b"", payload: bytes = b"") -> bytes:
    return json.dumps(header).encode() + b"\n" + data + payload


def test_header_data_and_payload() -> None:
    raw = frame({"type": "ping", "data": {"text": "a"}})
    data = b'{"text": "b", "more": 1}'
    raw += frame(
        {"type": "ping", "data": {"text": "a"}, "data_length": len(data), "payload_length": 3}, data, b"xyz"
    )
    raw += frame({"type": "describe", "data": None, "data_length": None, "payload_length": 0})
    events = read_all(raw)
    assert [(event.type, event.data) for event in events] == [
        ("ping", {"text": "a"}),
        ("ping", {"text": "b", "more": 1}),
        ("describe", {}),
    ]


def test_a_large_payload_is_read_past() -> None:
    payload = bytes(300_000)
    raw = frame({"type": "audio-chunk", "payload_length": len(payload)}, payload=payload) + frame(
        {"type": "ping"}
    )
    assert [event.type for event in read_all(raw)] == ["audio-chunk", "ping"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b'{"type": "ping"',
        frame({"type": "ping", "data_length": 10}, b"{}"),
        frame({"type": "ping", "payload_length": 10}, payload=b"abc"),
    ],
)
def test_a_client_that_leaves_in_the_middle_has_left(raw: bytes) -> None:
    assert read_all(raw) == []


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (b"GET / HTTP/1.1\r\n", "not JSON"),
        (b"\n", "not JSON"),
        (b"\xff\xfe\n", "not JSON"),
        (b"[" * 50_000 + b"\n", "not JSON"),
        (b"[]\n", "no JSON object"),
        (b'"ping"\n', "no JSON object"),
        (b"{}\n", "without a type"),
        (b'{"type": 3}\n', "without a type"),
        (frame({"type": "ping", "data": [1]}), "no JSON object"),
        (frame({"type": "ping", "data_length": 2}, b"[]"), "no JSON object"),
        (frame({"type": "ping", "data_length": 2}, b"{]"), "not JSON"),
        (frame({"type": "ping", "data_length": -1}), "no number of bytes"),
        (frame({"type": "ping", "data_length": "7"}), "no number of bytes"),
        (frame({"type": "ping", "data_length": True}), "no number of bytes"),
        (frame({"type": "ping", "payload_length": 1.5}), "no number of bytes"),
    ],
)
def test_what_is_no_event_is_an_error_that_says_why(raw: bytes, complaint: str) -> None:
    with pytest.raises(ProtocolError, match=complaint) as caught:
        read_all(raw)
    assert caught.value.fatal


@pytest.mark.parametrize(
    ("raw", "option", "limit"),
    [
        (
            frame({"type": "ping", "data_length": LIMITS.max_data_bytes + 1}),
            "--max-data",
            LIMITS.max_data_bytes,
        ),
        (
            frame({"type": "ping", "payload_length": LIMITS.max_payload_bytes + 1}),
            "--max-payload",
            LIMITS.max_payload_bytes,
        ),
        # Both lengths are looked at before anything is waited for.
        (
            frame({"type": "ping", "data_length": 9, "payload_length": 10**30}),
            "--max-payload",
            LIMITS.max_payload_bytes,
        ),
        (b'{"type": "' + b"x" * LIMITS.max_header_bytes + b'"}\n', "--max-header", LIMITS.max_header_bytes),
    ],
)
def test_what_is_too_large_is_an_error_that_names_the_limit(raw: bytes, option: str, limit: int) -> None:
    with pytest.raises(LimitError, match=f"limit is {limit} \\({option}\\)") as caught:
        read_all(raw)
    assert caught.value.fatal


def test_half_surrogates_become_writable_text() -> None:
    (event,) = read_all(
        b'{"type": "ping", "data": {"text": "a\\ud83d", "list": ["\\udc00"], "ok": "\\ud83d\\ude00"}}\n'
    )
    assert event.data["ok"] == "\U0001f600"
    json.dumps(event.data, ensure_ascii=False).encode()  # what the answer goes through
