"""Scrapy's aiohttp handler with a guarded socket, for runs without Twisted's reactor."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import aiohttp
from aiohttp.resolver import ThreadedResolver
from scrapy import Request
from scrapy.core.downloader.handlers._aiohttp import AiohttpDownloadHandler, _ClientResponse
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    UnsupportedURLSchemeError,
)
from scrapy.http import Headers

from crawler.fetch.lookups import LookUps

Check = Callable[[str, int], None]
NAMES_KEPT = 60  # seconds

# What aiohttp raises, most special first, and what Scrapy calls it. A ValueError is a header
# that aiohttp cannot read, an OSError a socket's last word: aiohttp wraps neither.
_MEANING: tuple[tuple[type[Exception], type[Exception]], ...] = (
    (TimeoutError, DownloadTimeoutError),
    (aiohttp.InvalidURL, UnsupportedURLSchemeError),
    (aiohttp.ClientConnectorDNSError, CannotResolveHostError),
    (aiohttp.ClientConnectorError, DownloadConnectionRefusedError),
    (aiohttp.ClientError, DownloadFailedError),
    (aiohttp.http_exceptions.HttpProcessingError, DownloadFailedError),
    (ValueError, DownloadFailedError),
    (OSError, DownloadFailedError),
)


class AiohttpWire(AiohttpDownloadHandler):
    """Checks the numbers of every socket before it is connected."""

    experimental = False  # upstream's warning, once for each permission set, helps nobody

    def __init__(self, crawler: Crawler, check: Check) -> None:
        super().__init__(crawler)
        self._unguarded = self._session
        self._session = _session(crawler, check)

    @asynccontextmanager
    async def _make_request(self, request: Request, timeout: float) -> AsyncIterator[Any]:  # noqa: ASYNC109 - Scrapy's signature
        try:
            async with await self._session.request(
                request.method,
                request.url,
                data=request.body or None,  # b"" would put "Content-Length: 0" on every GET
                headers=self._request_headers(request).to_tuple_list(),
                timeout=aiohttp.ClientTimeout(total=timeout),
                ssl=self._ssl_context,
                allow_redirects=False,
            ) as response:
                yield response
        except tuple(kinds for kinds, _ in _MEANING) as error:
            meaning = next(made for kinds, made in _MEANING if isinstance(error, kinds))
            raise meaning(f"{type(error).__name__}: {error}") from error

    @staticmethod
    def _extract_headers(response: _ClientResponse) -> Headers:
        """Return the raw bytes: Latin-1 in one header must not cost the page."""
        headers = Headers()
        for name, value in response.raw_headers:
            headers.appendlist(name, value)
        return headers

    async def close(self) -> None:
        """Close both sessions."""
        await self._unguarded.close()
        await super().close()


def _session(crawler: Crawler, check: Check) -> aiohttp.ClientSession:
    def guarded(info: Any) -> socket.socket:  # noqa: ANN401 - aiohappyeyeballs' AddrInfoType
        family, kind, protocol, _, place = info
        check(place[0], place[1])
        return socket.socket(family=family, type=kind, proto=protocol)

    connector = aiohttp.TCPConnector(
        limit=crawler.settings.getint("CONCURRENT_REQUESTS"),
        limit_per_host=0,
        ttl_dns_cache=NAMES_KEPT,
        resolver=ThreadedResolver(loop=cast("asyncio.AbstractEventLoop", LookUps())),
        socket_factory=guarded,
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        response_class=_ClientResponse,
        skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
        max_line_size=16_384,
        max_field_size=16_384,
        trust_env=False,
    )
