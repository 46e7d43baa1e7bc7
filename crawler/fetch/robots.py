"""Asks robots.txt before anything else of a host, and keeps to it (RFC 9309)."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler

from crawler.errors import SourceError
from crawler.fetch import diagnosis, rules
from crawler.fetch.brakes import Stopped, Throttled, brakes_of
from crawler.fetch.middlewares import TooManyRedirects
from crawler.types import Desk, Outcome, Robots

KEEP = timedelta(hours=24)  # RFC 9309 section 2.4
RETRY = timedelta(minutes=10)  # an error of the server is asked again sooner
HEAL = timedelta(minutes=1)  # and no answer at all soonest: networks heal
HOSTS = 5_000  # parsed rules kept in memory


class RobotsMiddleware:
    """Lets through what the host allows; one loader per host, everyone else waits for it."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        spider: Any = crawler.spider
        self.desk: Desk = spider.desk
        self.brakes = brakes_of(crawler)
        self.agent: str = crawler.settings["USER_AGENT"]
        self.delay: float = crawler.settings.getfloat("DOWNLOAD_DELAY")
        self._known: OrderedDict[str, tuple[Robots, rules.Rules]] = OrderedDict()
        self._locks: dict[str, asyncio.Lock] = {}
        self._faults: dict[str, SourceError] = {}  # why a host's robots.txt cannot be had

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsMiddleware:
        """Build it for a run."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """
        Wait for the host's robots.txt and obey it.

        Raises:
            SourceError: `Outcome.ROBOTS`.
        """
        if request.meta.get("is_robots_txt"):
            return
        self.brakes.check(request.url)
        origin = origin_of(request.url)
        kept, says = await self._rules(origin, request)
        self._slow_down(request.url, says)
        if kept.status == 0:
            raise self._faults.get(origin) or SourceError(
                Outcome.UNREACHABLE, "no answer when asked for robots.txt"
            )
        if not says.allows(request.url):
            raise SourceError(Outcome.ROBOTS, _because(kept))

    async def _rules(self, origin: str, request: Request) -> tuple[Robots, rules.Rules]:
        lock = self._locks.setdefault(origin, asyncio.Lock())
        async with lock:
            known = self._known.get(origin)
            if known and self._is_fresh(known[0]):
                self._known.move_to_end(origin)
                return known
            kept = await self.desk.robots(origin)
            if kept is None or not self._is_fresh(kept):
                kept = await self._ask(origin, request)
                delay = reading(kept, self.agent).crawl_delay or 0.0
                kept = replace(kept, delay=timedelta(seconds=delay))
                await self.desk.keep_robots(origin, kept)
            return self._remember(origin, kept)

    def _remember(self, origin: str, kept: Robots) -> tuple[Robots, rules.Rules]:
        self._known[origin] = kept, reading(kept, self.agent)
        while len(self._known) > HOSTS:
            old, _ = self._known.popitem(last=False)
            if not self._locks[old].locked():
                del self._locks[old]
        return self._known[origin]

    def _is_fresh(self, kept: Robots) -> bool:
        return is_fresh(kept, self.brakes.clock())

    async def _ask(self, origin: str, request: Request) -> Robots:
        """Return the host's robots.txt; status 0 where there was no answer to have."""
        asked = Request(
            f"{origin}/robots.txt",
            priority=1_000,
            dont_filter=True,
            meta={
                "is_robots_txt": True,
                "allow_private": request.meta.get("allow_private", ()),
                "work": request.meta.get("work"),
            },
        )
        try:
            response = await self.crawler.engine.download_async(asked)
        except (Stopped, Throttled):
            raise
        except TooManyRedirects:  # RFC 9309 section 2.3.1.2: as if there were none
            return Robots(body=b"", status=302, at=self.brakes.clock())
        except Exception as error:  # noqa: BLE001 - whatever went wrong, RFC 9309 2.3.1.4 reads it as "unreachable"
            fault = diagnosis.of_fault(error)
            if len(self._faults) > HOSTS:
                self._faults.clear()
            self._faults[origin] = SourceError(fault.outcome, f"robots.txt: {fault.message}")
            return Robots(body=b"", status=0, at=self.brakes.clock())
        self._faults.pop(origin, None)
        body = response.body[: rules.MAX_BYTES] if 200 <= response.status < 300 else b""
        return Robots(body=body, status=response.status, at=self.brakes.clock())

    def _slow_down(self, url: str, says: rules.Rules) -> None:
        """Apply Crawl-delay to the queue of the host."""
        host = urlsplit(url).hostname or ""
        if not says.crawl_delay or says.crawl_delay <= self.delay:
            return
        downloader = self.crawler.engine.downloader
        slots = downloader.per_slot_settings
        slots[host] = {"concurrency": 1, "delay": says.crawl_delay, "jitter": 0}
        if host in downloader.slots:
            downloader.slots[host].delay = says.crawl_delay


def origin_of(url: str) -> str:
    """Return `scheme://host:port`, lower-case, without a default port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def is_fresh(kept: Robots, now: datetime) -> bool:
    """Tell whether a kept robots.txt still speaks for its host."""
    answered = 200 <= kept.status < 500 and kept.status != 429
    lifetime = KEEP if answered else RETRY if kept.status else HEAL
    return timedelta(0) <= now - kept.at < lifetime


def reading(kept: Robots, user_agent: str) -> rules.Rules:
    """
    Return what a robots.txt means (RFC 9309 section 2.3.1).

    4xx: everything is allowed. 5xx, 429 and no answer: nothing is. A redirect that was not
    followed to its end says nothing: everything is allowed.
    """
    if 200 <= kept.status < 300:
        return rules.parse(kept.body, user_agent)
    if kept.status == 0 or kept.status >= 500 or kept.status == 429:
        return rules.NOTHING
    return rules.EVERYTHING


def _because(kept: Robots) -> str:
    if kept.status >= 500 or kept.status == 429:
        return f"robots.txt answers {kept.status}: nothing is allowed for now"
    return "robots.txt forbids it"
