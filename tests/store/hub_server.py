"""A loopback server that speaks as much of the hub's HTTP as its client needs, with faults on order.

Like the hub it answers large files (here: everything under `LARGE_SUFFIXES`) with a redirect whose
headers state the content's SHA-256 and size, and serves the content, with ranges, from another path.
"""

from __future__ import annotations

import hashlib
import re
import socket
import struct
import threading
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

LARGE_SUFFIXES = (".pth", ".pt")
_RESOLVE = re.compile(r"/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<filename>.+)")


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong with one request for a file."""

    status: int | None = None
    """Answer this HTTP status instead."""

    cut_after_bytes: int | None = None
    """Send so many bytes of the content, then end the connection."""

    reset: bool = False
    """End it with a TCP reset rather than an orderly close."""

    hang: bool = False
    """After `cut_after_bytes`, send nothing more until the client leaves."""

    ignore_range: bool = False
    """Send the whole content where a part was asked for."""


@dataclass(frozen=True)
class Request:
    """One request as the server saw it."""

    method: str
    filename: str
    range: str | None
    user_agent: str


@dataclass
class HubServer:
    """What is served, what shall go wrong, and what was asked for."""

    repo_id: str
    revision: str
    files: dict[str, bytes]
    endpoint: str = ""
    head_faults: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    content_faults: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    etags: dict[str, str] = field(default_factory=dict)
    without_size: set[str] = field(default_factory=set)
    requests: list[Request] = field(default_factory=list)
    other_paths: list[str] = field(default_factory=list)
    hanging: threading.Event = field(default_factory=threading.Event)

    def etag(self, filename: str) -> str:
        """The etag the hub would state: SHA-256 for large files, a git hash for others."""
        content = self.files[filename]
        if filename in self.etags:
            return self.etags[filename]
        if filename.endswith(LARGE_SUFFIXES):
            return hashlib.sha256(content).hexdigest()
        return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()

    def content_requests(self, filename: str) -> list[Request]:
        """The requests for a file's content, without those for its facts."""
        return [each for each in self.requests if each.filename == filename and each.method == "GET"]


@contextmanager
def serve(hub: HubServer) -> Iterator[HubServer]:
    """Serves on a free loopback port until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self._answer()

        def do_GET(self) -> None:
            self._answer()

        def _answer(self) -> None:
            path = urlsplit(self.path).path
            if path.startswith("/content/"):
                self._content(path.removeprefix("/content/"))
            elif match := _RESOLVE.fullmatch(path):
                self._resolve(**match.groupdict())
            else:
                hub.other_paths.append(path)
                self._status(404)

        def _resolve(self, repo: str, revision: str, filename: str) -> None:
            large = filename.endswith(LARGE_SUFFIXES)
            if self.command == "HEAD" or not large:
                self._note(filename)
            if self.command == "HEAD" and hub.head_faults[filename]:
                status = hub.head_faults[filename].popleft().status
                assert status is not None
                self._status(status)
                return
            if repo != hub.repo_id or revision != hub.revision or filename not in hub.files:
                self._status(404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": hub.revision})
                return
            if self.command == "GET" and not large:
                self._content(filename)
                return
            etag, size = hub.etag(filename), len(hub.files[filename])
            facts = {"X-Repo-Commit": hub.revision, "ETag": f'"{etag}"', "Accept-Ranges": "bytes"}
            if large:
                # As the hub offers its other way of transfer, which would ask for `/api/...` next.
                facts |= {"X-Xet-Hash": "0" * 64, "X-Xet-Refresh-Route": f"{hub.endpoint}/api/xet-read-token"}
                facts |= {"X-Linked-ETag": f'"{etag}"', "X-Linked-Size": str(size)}
                # To another host, as the hub sends its clients to a content network: they must not look there for facts.
                elsewhere = hub.endpoint.replace("127.0.0.1", "localhost")
                self._status(302, facts | {"Location": f"{elsewhere}/content/{filename}"})
            else:
                self.send_response(200)
                self._headers(facts | ({} if filename in hub.without_size else {"Content-Length": str(size)}))

        def _content(self, filename: str) -> None:
            if filename.endswith(LARGE_SUFFIXES):
                self._note(filename)
            content = hub.files[filename]
            fault = hub.content_faults[filename].popleft() if hub.content_faults[filename] else Fault()
            if fault.status is not None:
                self._status(fault.status)
                return
            start = 0
            wanted = self.headers["Range"]
            if wanted and not fault.ignore_range:
                start = int(wanted.removeprefix("bytes=").removesuffix("-"))
                if start >= len(content):
                    self._status(416, {"Content-Range": f"bytes */{len(content)}"})
                    return
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            else:
                self.send_response(200)
            self._headers({"Content-Length": str(len(content) - start), "ETag": f'"{hub.etag(filename)}"'})
            if fault.cut_after_bytes is None:
                self.wfile.write(content[start:])
                return
            self.wfile.write(content[start : start + fault.cut_after_bytes])
            self.wfile.flush()
            if fault.hang:
                hub.hanging.set()
                self.connection.recv(1)  # returns when the client is gone
            if fault.reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
            self.close_connection = True

        def _note(self, filename: str) -> None:
            agent = self.headers["User-Agent"] or ""
            hub.requests.append(Request(self.command, filename, self.headers["Range"], agent))

        def _status(self, status: int, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            self._headers({"Content-Length": "0"} | (headers or {}))

        def _headers(self, headers: dict[str, str]) -> None:
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

    class Server(ThreadingHTTPServer):
        daemon_threads = False  # joined at the end: no test leaves a thread behind

        def handle_error(self, request: object, client_address: object) -> None:
            pass  # clients that leave half way are what these tests are about

    with Server(("127.0.0.1", 0), Handler) as server:
        hub.endpoint = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield hub
        finally:
            server.shutdown()
            thread.join()
