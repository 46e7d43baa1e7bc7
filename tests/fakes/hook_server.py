"""
A receiver on loopback with moods: it answers as told, or hangs, resets, drips.

    with HookServer() as hook:
        hook.moods += [Say(503), Reset()]   # the first two requests; later ones get 200
        ...
        assert hook.requests[0].headers["idempotency-key"] == key
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True)
class Say:
    """Answer with a status."""

    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Hang:
    """Read the request and say nothing."""


@dataclass(frozen=True)
class Reset:
    """Read the request and reset the connection."""


@dataclass(frozen=True)
class Drip:
    """Answer one byte of a header at a time, for ever."""


Mood = Say | Hang | Reset | Drip


@dataclass(frozen=True)
class Got:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class HookServer:
    """Takes everything with 200, unless `moods` says otherwise for the next request."""

    usual: Mood = Say(200)

    def __init__(self) -> None:
        self.requests: list[Got] = []
        self.moods: list[Mood] = []
        self.open = threading.Event()  # set at the end: whoever hangs goes home
        handler = type("Handler", (_Handler,), {"owner": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook/CANARY-PATH"

    def mood(self, got: Got) -> Mood:
        """Take note of a request and choose how to answer it."""
        self.requests.append(got)
        return self.moods.pop(0) if self.moods else self.usual

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.open.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    owner: HookServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        match self.owner.mood(Got(self.path, headers, body)):
            case Say(status, text, extra):
                self._say(status, text, extra)
            case Hang():
                self.owner.open.wait(30)
                self.close_connection = True
            case Reset():
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()
                self.close_connection = True
            case Drip():
                self._drip()

    def do_GET(self) -> None:
        """A redirect that is followed arrives here."""
        self.owner.requests.append(Got("GET " + self.path, {}, b""))
        self._say(200, "ok", {})

    def _say(self, status: int, text: str, extra: dict[str, str]) -> None:
        body = text.encode()
        self.send_response(status)
        for name, value in extra.items():
            self.send_header(name, value)
        if status != 204 and status >= 200:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status != 204:
            self.wfile.write(body)

    def _drip(self) -> None:
        self.close_connection = True
        for letter in b"HTTP/1.1 200 OK\r\nX-Drip: " + b"x" * 10_000:
            if self.owner.open.wait(0.05):
                return
            try:
                self.wfile.write(bytes([letter]))
                self.wfile.flush()
            except OSError:
                return

    def finish(self) -> None:
        try:
            super().finish()
        except (OSError, ValueError):
            return

    def log_message(self, *_: object) -> None:
        pass
