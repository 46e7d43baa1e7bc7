"""
Many hosts on loopback: every 127.x.y.z is one, with feeds, pages, and a count of who is there.

One server listens on all of them. It knows how many requests each host has under way, so a
second one at the same time is seen, whichever process sent it.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter, defaultdict
from contextlib import suppress
from typing import Self

LINGER = 0.02  # seconds that an answer takes: time for a second request to be caught


class Hosts:
    """`with Hosts(20) as hosts`: `hosts.url(3, "/feed/0")`, `hosts.publish(3, 0, title, text)`."""

    def __init__(self, count: int, *, linger: float = LINGER) -> None:
        self.count, self.linger = count, linger
        self.asked: Counter[str] = Counter()  # requests by host and path
        self.crowded: list[str] = []  # hosts that had two requests at once, and which
        self._busy: dict[str, list[str]] = defaultdict(list)
        self._stories: dict[tuple[int, int], list[tuple[str, str]]] = defaultdict(list)
        self._ready, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def address(self, host: int) -> str:
        """Return the address of a host."""
        return f"127.{10 + host // 62500}.{host // 250 % 250}.{host % 250 + 1}"

    def url(self, host: int, path: str) -> str:
        """Return where `path` is on a host."""
        return f"http://{self.address(host)}:{self.port}{path}"

    def publish(self, host: int, feed: int, title: str, text: str) -> None:
        """Print a story in a host's feed."""
        self._stories[host, feed].append((title, text))

    def sources(self, feeds: int = 1) -> str:
        """Return the `sources:` of a config that watches every host's feeds."""
        lines = [
            f'  - {{name: h{host}-{feed}, kind: feed, url: "{self.url(host, f"/feed/{feed}")}"}}'
            for host in range(self.count)
            for feed in range(feeds)
        ]
        return "sources:\n" + "\n".join(lines) + "\n"

    def polled(self, host: int, feed: int) -> int:
        """Return how often a feed was asked for."""
        return self.asked[f"{self.address(host)} /feed/{feed}"]

    # --- the server -------------------------------------------------------------------

    async def _run(self) -> None:
        server = await asyncio.start_server(self._serve, "0.0.0.0", 0, backlog=1024)
        self.port: int = server.sockets[0].getsockname()[1]
        self._numbers = {self.address(host): host for host in range(self.count)}
        self._ready.set()
        await asyncio.to_thread(self._stop.wait)
        server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = writer.get_extra_info("sockname")[0]
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                await self._answer(host, head.split(b" ", 2)[1].decode(), writer)
        writer.close()

    async def _answer(self, host: str, path: str, writer: asyncio.StreamWriter) -> None:
        self.asked[f"{host} {path}"] += 1
        there = self._busy[host]
        there.append(path)
        if len(there) > 1:
            self.crowded.append(f"{host} {' '.join(there)}")
        try:
            await asyncio.sleep(self.linger)
        finally:
            there.remove(path)
        status, kind, body = self._page(host, path)
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()

    def _page(self, host: str, path: str) -> tuple[str, str, bytes]:
        match path.strip("/").split("/"):
            case ["feed", feed]:
                return "200 OK", "application/rss+xml", self._feed(self._numbers[host], int(feed))
            case ["story", feed, number]:
                title, text = self._stories[self._numbers[host], int(feed)][int(number)]
                return "200 OK", "text/html; charset=utf-8", _article(title, text)
        return "404 Not Found", "text/plain", b"no"

    def _feed(self, host: int, feed: int) -> bytes:
        link = self.url(host, f"/story/{feed}")
        items = "".join(
            f"<item><title>{title}</title><link>{link}/{n}</link></item>"
            for n, (title, _) in enumerate(self._stories[host, feed])
        )
        return f'<rss version="2.0"><channel><title>h</title>{items}</channel></rss>'.encode()


def _article(title: str, text: str) -> bytes:
    paragraphs = "".join(f"<p>{part}</p>" for part in text.split("\n"))
    return (
        f"<html lang=en><head><title>{title}</title></head><body><article><h1>{title}</h1>"
        f"{paragraphs}</article></body></html>"
    ).encode()
