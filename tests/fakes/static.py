"""Any pages, as one feed on loopback that knows conditional requests."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


@dataclass(frozen=True)
class Asked:
    path: str
    status: int


class StaticSite:
    """
    Serves `pages` (name -> HTML bytes) under /p/, and /feed.xml with a link to each.

    Those named in `hanging` are never answered.
    """

    def __init__(self, pages: Mapping[str, bytes], hanging: Collection[str] = ()) -> None:
        self._pages = pages
        self.hanging, self.over = hanging, threading.Event()
        self.requests: list[Asked] = []
        handler = type("Handler", (_Handler,), {"site": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def home(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def feed(self) -> str:
        return f"{self.home}/feed.xml"

    def rss(self) -> bytes:
        items = "".join(
            f"<item><title>Page {number}</title><link>{self.home}/p/{name}</link></item>"
            for number, name in enumerate(sorted(self._pages))
        )
        return f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'.encode()

    def answer(self, path: str, etag: str | None) -> tuple[int, bytes, str]:
        if path == "/feed.xml":
            return (304, b"", "") if etag == '"v1"' else (200, self.rss(), "application/rss+xml")
        body = self._pages.get(path.removeprefix("/p/"))
        return (404, b"", "text/plain") if body is None else (200, body, "text/html")


class _Handler(BaseHTTPRequestHandler):
    site: StaticSite
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        status, body, kind = self.site.answer(self.path, self.headers.get("If-None-Match"))
        if self.path not in {"/robots.txt", "/.well-known/tdmrep.json"}:
            self.site.requests.append(Asked(self.path, status))
        if self.path.removeprefix("/p/") in self.site.hanging:
            self.site.over.wait(60)
            self.close_connection = True
            return
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        if self.path == "/feed.xml":
            self.send_header("ETag", '"v1"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
