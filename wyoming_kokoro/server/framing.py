"""Wyoming events off the wire, with limits checked before anything is allocated. Knows no event's meaning.

An event is a JSON header line, then `data_length` bytes of JSON merged over the header's `data`, then
`payload_length` bytes. The library's own reader trusts those lengths and takes a bad header for a
client that left; this one answers for both.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from wyoming.event import Event
from wyoming.version import __version__ as _WYOMING_VERSION

from wyoming_kokoro.errors import LimitError, ProtocolError
from wyoming_kokoro.settings import Limits

_SKIP_BYTES = 64 * 1024


async def read_event(reader: asyncio.StreamReader, limits: Limits) -> Event | None:
    """The next event, or None where the client has closed its side, mid-event or not.

    The reader's own limit is `limits.max_header_bytes`, which it enforces. Payloads are read past and dropped: nothing that a speech server is sent carries one that it needs.
    Raises a fatal `ProtocolError` for what is no event or beyond the limits.
    """
    try:
        header = parse_object(await reader.readuntil(b"\n"), "header")
        data = header.get("data") or {}
        if not isinstance(data, dict):
            raise ProtocolError("The header's data is no JSON object", fatal=True)
        data_length = _length(header, "data_length", "--max-data", limits.max_data_bytes)
        payload_length = _length(header, "payload_length", "--max-payload", limits.max_payload_bytes)
        if data_length:
            data = {**data, **parse_object(await reader.readexactly(data_length), "data")}
        await _skip(reader, payload_length)
    except asyncio.IncompleteReadError:
        return None
    except asyncio.LimitOverrunError as error:
        raise LimitError(
            "The header line is too long, send long data with data_length",
            "--max-header",
            limits.max_header_bytes,
            fatal=True,
        ) from error
    event_type = header.get("type")
    if not isinstance(event_type, str):
        raise ProtocolError("A header without a type", fatal=True)
    return Event(event_type, data)


def to_bytes(event: Event) -> bytes:
    """An event as it goes over the wire.

    One `bytes`, written in one go: the library's own writer uses `writelines`, which up to Python 3.13 does
    not notice a lost connection and then watches a file descriptor that may be another client's by now
    (python/cpython#136234).
    """
    data = json.dumps(event.data, ensure_ascii=False).encode() if event.data else b""
    payload = event.payload or b""
    header = {
        "type": event.type,
        "version": _WYOMING_VERSION,
        "data_length": len(data),
        "payload_length": len(payload),
    }
    return b"".join((json.dumps(header).encode(), b"\n", data, payload))


def parse_object(raw: bytes, what: str) -> dict[str, Any]:
    """A JSON object. Raises a fatal `ProtocolError` that says what it is that is none."""
    try:
        text = raw.decode("utf-8")
        parsed = _writable(json.loads(text)) if "\\u" in text else json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"The {what} is not JSON: {error}", fatal=True) from error
    if not isinstance(parsed, dict):
        raise ProtocolError(f"The {what} is no JSON object", fatal=True)
    return parsed


def _length(header: dict[str, Any], key: str, option: str, limit: int) -> int:
    value = header.get(key)
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ProtocolError(f"{key} is {value!r:.40}, which is no number of bytes", fatal=True)
    if value > limit:
        raise LimitError(f"{key} is too large", option, limit, fatal=True)
    return value


async def _skip(reader: asyncio.StreamReader, n_bytes: int) -> None:
    while n_bytes > 0:
        n_bytes -= len(await reader.readexactly(min(n_bytes, _SKIP_BYTES)))


def _writable(value: Any) -> Any:
    """Replaces halves of surrogate pairs, which JSON escapes can hold and UTF-8 cannot."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_writable(key): _writable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_writable(item) for item in value]
    return value
