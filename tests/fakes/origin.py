"""
An HTTP server on loopback that is as good or as bad as each path asks.

Bytes are written by hand: broken answers are the point. A behaviour is bytes, or a
function of the request that returns bytes, or a coroutine that has the connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Self

HOUSE_RULES = {"/robots.txt", "/.well-known/tdmrep.json"}


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    at: float
    raw: bytes = b""


def answer(body: bytes | str = b"", status: str = "200 OK", **headers: str) -> bytes:
    """Return a well-formed HTTP/1.1 answer; `content_type="…"` names a header."""
    data = body.encode() if isinstance(body, str) else body
    named = {"content-length": str(len(data)), "content-type": "text/html; charset=utf-8"}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + data


def rss(*items: str, extra: str = "") -> str:
    """Return an RSS 2.0 feed whose items link to `items`."""
    listed = "".join(
        f"<item><title>{url.rsplit('/', 1)[-1]}</title><link>{url}</link></item>" for url in items
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{extra}{listed}</channel></rss>'


@dataclass
class Origin:
    """`async with Origin() as origin: origin.on("/feed", answer(rss(...)))`."""

    host: str = "127.0.0.1"
    robots: bytes | None = None  # None: 404
    routes: dict[str, Any] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    busy: int = 0
    busiest: int = 0
    ssl: Any = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self.host, 0, ssl=self.ssl)
        self.port: int = self._server.sockets[0].getsockname()[1]
        self._tasks: set[asyncio.Task] = set()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def url(self, path: str, host: str = "") -> str:
        """Return the address of `path`; every 127.0.0.N is another host to a crawler."""
        scheme = "https" if self.ssl else "http"
        return f"{scheme}://{host or self.name}:{self.port}{path}"

    @property
    def name(self) -> str:
        return "127.0.0.1" if self.host in {"", "0.0.0.0"} else self.host

    def on(self, path: str, behaviour: bytes | Callable[..., Any]) -> str:
        self.routes[path] = behaviour
        return self.url(path)

    def paths(self) -> list[str]:
        """Return what was asked, robots.txt and tdmrep.json aside."""
        return [asked.path for asked in self.asked if asked.path not in HOUSE_RULES]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        with contextlib.suppress(OSError, EOFError, asyncio.CancelledError):
            try:
                while await self._one(reader, writer):
                    pass
            finally:
                writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        raw = await reader.readuntil(b"\r\n\r\n")
        first, *lines = raw.decode("utf-8", "surrogateescape").split("\r\n")
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines if line)
        }
        asked = Asked(first.split(" ")[1], headers, monotonic(), raw)
        self.asked.append(asked)
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        try:
            return await self._behave(asked, writer)
        finally:
            self.busy -= 1

    async def _behave(self, asked: Asked, writer: asyncio.StreamWriter) -> bool:
        behaviour = self.routes.get(asked.path)
        if behaviour is None and asked.path == "/robots.txt" and self.robots is not None:
            behaviour = answer(self.robots, content_type="text/plain")
        if behaviour is None:
            behaviour = answer("not here", "404 Not Found")
        if callable(behaviour):
            wants_wire = len(inspect.signature(behaviour).parameters) > 1
            behaviour = behaviour(asked, writer) if wants_wire else behaviour(asked)
            if inspect.isawaitable(behaviour):
                behaviour = await behaviour
        if behaviour is None:
            return False
        writer.write(behaviour)
        await writer.drain()
        return True
