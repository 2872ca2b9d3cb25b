"""Sockets that clients come in by: how they are bound and set up, and what to say where that cannot be.

Knows neither Wyoming nor HTTP.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import stat
from pathlib import Path

from wyoming_kokoro.errors import SettingsError
from wyoming_kokoro.settings import UnixUri, Uri

_SEND_BUFFER_BYTES = 128 * 1024
_RECEIVE_BUFFER_BYTES = 128 * 1024  # what a client sends before it is read from waits on its own side


def set_up(client: socket.socket) -> None:
    """Bounds what waits for a client in the system, and has one that lost its power be noticed.

    Linux calls a socket writable again when a third of its buffer is free. Left to grow to megabytes, that takes a
    client that reads as fast as it plays half a minute, and looks like one that stalls.
    """
    with contextlib.suppress(OSError):  # a client that has left already
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


def cannot_listen(place: object, option: str, error: OSError | UnicodeError) -> SettingsError:
    """The error of an address that cannot be listened on; `UnicodeError` comes of a host name that can be none."""
    reason = getattr(error, "strerror", None) or error
    taken = getattr(error, "errno", None) == errno.EADDRINUSE
    remedy = f"choose another with {option}"
    return SettingsError(
        f"Cannot listen on {place}: {reason}; {'end the other program, or ' if taken else ''}{remedy}"
    )


def unix_listener(path: Path, mode: int | None) -> socket.socket:
    """A bound socket with these permissions, which it has before anybody can connect. Raises `OSError`."""
    _remove_stale_socket(path)
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(os.fspath(path))
        if mode is not None:
            path.chmod(mode)
    except OSError:
        listener.close()
        raise
    return listener


def _remove_stale_socket(path: Path) -> None:
    """Removes a socket that nobody listens on any more. Raises `OSError` where somebody does."""
    try:
        is_socket = stat.S_ISSOCK(path.stat().st_mode)
    except FileNotFoundError:
        return
    if not is_socket:
        raise OSError(errno.EEXIST, "there is a file of that name")
    if has_listener(path):
        raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
    path.unlink(missing_ok=True)


def has_listener(path: Path) -> bool:
    """Whether somebody listens on a Unix socket, which may be left over or not there. Raises `OSError`."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(os.fspath(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
    return True


def identity(uri: Uri) -> tuple[int, int] | None:
    """Which file a Unix socket is: another server may have put its own in the same place by now."""
    if not isinstance(uri, UnixUri):
        return None
    try:
        status = uri.path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino
