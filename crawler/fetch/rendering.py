"""
When a page is shown to the browser: where its source says so, or where it came empty.

A source's option `render` is `shell` (the default: pages whose words are still to be made by
a script), `always` or `never`. The page has been fetched plainly before, with redirects,
robots.txt and walls judged as ever; the browser then asks for it once more, in its turn.
"""

from __future__ import annotations

import asyncio
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.fetch import diagnosis
from crawler.fetch.verdict import lower
from crawler.types import Fetch, Outcome, Source

PAGES = 2  # in the browser at once


class Rendering:
    """A downloader middleware above redirects and decompression."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.room = asyncio.Semaphore(PAGES)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Rendering:
        """Build it for a run that has a browser."""
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        """Return the rendered page in place of one that needs it."""
        if request.meta.get("render") or not _is_wanted(request, response):
            return response
        again = request.replace(url=response.url, meta={**request.meta, "render": True})
        async with self.room:
            rendered: Response = await self.crawler.engine.download_async(again)
        return response.replace(
            body=rendered.body,
            status=rendered.status,
            headers={**response.headers, "Content-Type": "text/html; charset=utf-8"},
        )


def _is_wanted(request: Request, response: Response) -> bool:
    work: Any = request.meta.get("work")
    if work is None or request.meta.get("is_robots_txt") or not _is_page(response):
        return False
    mode = mode_of(work.source)
    can_be = isinstance(work, Fetch) or work.source.kind == "listing"
    return can_be and (mode == "always" or (mode == "shell" and is_shell(response.body)))


def mode_of(source: Source) -> str:
    """Return how a source's pages are to be rendered."""
    return source.options.get("render", "shell")


def _is_page(response: Response) -> bool:
    headers = lower(response)
    found = diagnosis.of_answer(response.status, headers, response.body)
    return found.outcome is Outcome.OK and "html" in headers.get("content-type", "html").lower()


def is_shell(body: bytes) -> bool:
    """Tell whether a page has scripts and next to no words of its own."""
    has_words = b"articleBody" in body or len(diagnosis.visible(body).split()) >= 60
    return b"<script" in body.lower() and not has_words
