"""
The wire: Scrapy's download handlers, with the guard at the point of connecting.

One inner handler (and so one pool of connections) for each set of private networks that
sources may use: a connection opened under one source's permission is never reused under
another's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Headers, Response

from crawler.errors import SourceError
from crawler.fetch import guard
from crawler.fetch.brakes import Stopped, brakes_of
from crawler.types import Outcome

MAX_HEADERS = 200
MAX_HEADER_BYTES = 64_000
HOSTS = 10_000  # whose last answer is remembered
SLACK = 2.0  # seconds beyond the time-out after which a request is cancelled by force

Check = Callable[[str, int], None]
Send = Callable[[Request], Awaitable[Response]]


class GuardedHandler(BaseDownloadHandler):
    """Sends a request through the handler for its permissions, within its limits."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.brakes = brakes_of(crawler)
        self.allow = tuple(crawler.settings.getlist("RAISEWIRE_ALLOW_PRIVATE"))
        self.reactor = crawler.settings.getbool("TWISTED_REACTOR_ENABLED")
        self._program = crawler.settings.get("RAISEWIRE_BROWSER")
        self._browser: Any = None
        self._inner: dict[tuple[tuple[str, ...], int], BaseDownloadHandler] = {}

    async def download_request(self, request: Request) -> Response:
        """
        Return the answer to `request`.

        Raises:
            SourceError: the guard or a limit refused it, or its host asked for a pause.
            Stopped: the run is ending.
        """
        self.brakes.check(request.url)
        guard.check_url(request.url)
        send = self._sender(request)
        await self._gap(request)
        response = await self._sent(send, request)
        self.brakes.heard(request.url, response)
        _check_headers(response.headers)
        return response

    async def _sent(self, send: Send, request: Request) -> Response:
        """Return the answer, at most `SLACK` later than the time-out, or end with the run."""
        seconds = float(request.meta["download_timeout"]) + SLACK
        flight = asyncio.ensure_future(send(request))
        self.brakes.flights.add(flight)
        try:
            async with asyncio.timeout(seconds):
                return await flight
        except asyncio.CancelledError:
            if self.brakes.is_over:
                raise Stopped from None
            raise
        finally:
            self.brakes.flights.discard(flight)
            self.brakes.ended[request.meta["download_slot"]] = monotonic()

    async def _gap(self, request: Request) -> None:
        """
        Wait out the host's delay, counted from the end of its last answer.

        Scrapy counts from when it took the last request off its queue; what connecting took
        is then missing from the gap that the server sees.
        """
        queue = request.meta["download_slot"]
        slot = self.crawler.engine.downloader.slots.get(queue)
        delay = slot.delay if slot else 0.0
        wait = self.brakes.ended.get(queue, -delay) + delay - monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
            self.brakes.check(request.url)
        if len(self.brakes.ended) > HOSTS:
            self.brakes.ended.clear()

    def _sender(self, request: Request) -> Send:
        """Return what sends a request under its permissions: the wire, or the browser."""
        allow = (*self.allow, *request.meta.get("allow_private", ()))
        port = _own_port(request)

        def check(ip: str, to: int) -> None:
            guard.check_address(ip, allow, port=to, ports=(port,))

        if request.meta.get("render"):
            return partial(self._chromium().render, check=check)
        if (allow, port) not in self._inner:
            self._inner[allow, port] = self._made(check)
        return self._inner[allow, port].download_request

    def _chromium(self) -> Any:  # noqa: ANN401 - an extra's class
        if self._browser is None:
            from crawler.fetch.browser import Browser

            self._browser = Browser(self.crawler, Path(self._program))
        return self._browser

    def _made(self, check: Check) -> BaseDownloadHandler:
        if self.reactor:
            from crawler.fetch.twisted_wire import TwistedWire

            return TwistedWire(self.crawler, check)
        from crawler.fetch.aiohttp_wire import AiohttpWire

        return AiohttpWire(self.crawler, check)

    async def close(self) -> None:
        """Close every pool."""
        for handler in self._inner.values():
            await handler.close()
        if self._browser is not None:
            await self._browser.close()


def _own_port(request: Request) -> int:
    """Return the unusual port that the source's own address names, else 443."""
    work: Any = request.meta.get("work")
    port = urlsplit(work.source.url).port if work is not None else None
    return port or 443


def _check_headers(headers: Headers) -> None:
    values = [value for _, listed in headers.items() for value in listed]
    size = sum(len(value) for value in values)
    if len(values) > MAX_HEADERS or size > MAX_HEADER_BYTES:
        raise SourceError(Outcome.REFUSED, f"refused: {len(values)} headers, {size} bytes of them")
