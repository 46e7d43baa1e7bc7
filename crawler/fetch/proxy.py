"""
The only way out of the browser: a proxy on loopback that asks the guard before it connects.

A browser looks names up and connects by itself, so pages could lead it anywhere. Here it may
connect to nothing but this proxy, which resolves each name, has the guard check the very
address it connects to, and cuts a rendering off at its limits.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit

from crawler.errors import SourceError
from crawler.fetch import guard
from crawler.fetch.lookups import LookUps

Check = Callable[[str, int], None]
Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]

CONNECT = 10.0  # seconds until an address has answered
HEAD = 32_000  # bytes of a request's head
CHUNK = 65_536
END = b"\r\n\r\n"
HOPS = frozenset({"proxy-connection", "proxy-authorization", "connection", "keep-alive"})


class GuardedProxy:
    """`async with GuardedProxy(check, most=8_000_000, calls=100) as proxy: proxy.url`."""

    def __init__(self, check: Check, *, most: int, calls: int) -> None:
        self._check, self._left, self._calls = check, most, calls
        self._open: set[asyncio.Task[None]] = set()
        self.refused: list[str] = []  # hosts that the guard has kept it from

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=HEAD)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        with suppress(OSError, EOFError, ValueError, asyncio.LimitOverrunError):
            await self._pass_on((reader, writer))
        writer.close()

    async def _pass_on(self, browser: Wire) -> None:
        method, url, head = _asked(await browser[0].readuntil(END))
        is_tunnel = method == "CONNECT"
        try:
            site = await self._connected(f"https://{url}" if is_tunnel else url)
        except (SourceError, OSError) as error:
            browser[1].write(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
            if isinstance(error, SourceError):
                self.refused.append(url)
            return
        try:
            if is_tunnel:
                browser[1].write(b"HTTP/1.1 200 OK\r\n\r\n")
            else:
                site[1].write(head)
                browser[1].write(_told(await site[0].readuntil(END)))
            await _first(self._pump(browser[0], site[1]), self._pump(site[0], browser[1]))
        finally:
            site[1].close()

    async def _connected(self, url: str) -> Wire:
        """Return a connection to where `url` leads, if the guard lets us."""
        guard.check_url(url)
        self._calls -= 1
        if self._calls < 0:
            raise OSError("too many requests of one page")
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        async with asyncio.timeout(CONNECT):
            found = await LookUps().getaddrinfo(host, port, type=socket.SOCK_STREAM)
            for *_, place in found:
                self._check(place[0], port)
            address = found[0][4][0]
            return await asyncio.open_connection(address, port, limit=HEAD)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(CHUNK):
            self._left -= len(data)
            if self._left < 0:
                return
            sink.write(data)
            await sink.drain()


def _asked(raw: bytes) -> tuple[str, str, bytes]:
    """Return method, address, and the head of a request as the site is to see it."""
    first, *lines = raw.decode("latin-1").split("\r\n")
    method, url, _ = first.split(" ", 2)
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return method, url, _last(f"{method} {path} HTTP/1.1", lines)


def _told(raw: bytes) -> bytes:
    """Return the head of an answer as the browser is to see it."""
    first, *lines = raw.decode("latin-1").split("\r\n")
    return _last(first, lines)


def _last(first: str, lines: list[str]) -> bytes:
    """Return a head that says: this is the only message of this connection."""
    kept = [line for line in lines if line and line.partition(":")[0].lower() not in HOPS]
    return "\r\n".join([first, *kept, "connection: close", "", ""]).encode("latin-1")


async def _first(*ways: object) -> None:
    """Run both ways of a connection until one ends."""
    tasks = [asyncio.ensure_future(way) for way in ways]  # type: ignore[call-overload] # coroutines
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
