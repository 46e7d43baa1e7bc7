"""
What a site reserves of its words for machines: `/.well-known/tdmrep.json` (TDMRep).

Asked once a day of each host that pages are fetched from, and kept like robots.txt. A page
whose path it reserves is marked; a header of the page's own says more and wins.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler

from crawler.fetch.brakes import Stopped, Throttled, brakes_of
from crawler.fetch.robots import origin_of
from crawler.fetch.rules import Rule, normal, target
from crawler.types import Desk, Fetch, Robots

PATH = "/.well-known/tdmrep.json"
KEEP = timedelta(hours=24)
HOSTS = 5_000
MAX_BYTES, MAX_RULES = 100_000, 1_000

Rights = Sequence[tuple[Rule, bool]]  # a place, and whether it is reserved; the first that fits


class RightsMiddleware:
    """Marks pages whose words are reserved (`meta["tdm"]`); one loader per host."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        spider: Any = crawler.spider
        self.desk: Desk = spider.desk
        self.clock = brakes_of(crawler).clock
        self._known: OrderedDict[str, tuple[Robots, Rights]] = OrderedDict()
        self._locks: dict[str, asyncio.Lock] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RightsMiddleware:
        """Build it for a run."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Look up what the page's site reserves."""
        if not isinstance(request.meta.get("work"), Fetch) or request.meta.get("is_robots_txt"):
            return
        origin = origin_of(request.url)
        lock = self._locks.setdefault(origin, asyncio.Lock())
        async with lock:
            rights = await self._rights(origin, request)
        request.meta["tdm"] = reserved(rights, request.url)

    async def _rights(self, origin: str, request: Request) -> Rights:
        known = self._known.get(origin)
        if known and self._is_fresh(known[0]):
            return known[1]
        kept = await self.desk.robots(origin + PATH)
        if kept is None or not self._is_fresh(kept):
            kept = await self._ask(origin, request)
            await self.desk.keep_robots(origin + PATH, kept)
        self._known[origin] = kept, parse(kept.body)
        while len(self._known) > HOSTS:
            old, _ = self._known.popitem(last=False)
            self._locks.pop(old, None)
        return self._known[origin][1]

    def _is_fresh(self, kept: Robots) -> bool:
        return timedelta() <= self.clock() - kept.at < KEEP

    async def _ask(self, origin: str, request: Request) -> Robots:
        """Return the host's answer; whatever goes wrong reserves nothing."""
        carried = {name: request.meta.get(name) for name in ("allow_private", "work")}
        asked = Request(
            origin + PATH, priority=900, dont_filter=True, meta={**carried, "is_robots_txt": True}
        )
        try:
            response = await self.crawler.engine.download_async(asked)
        except (Stopped, Throttled):
            raise
        except Exception:  # noqa: BLE001 - no answer of any kind says nothing about rights
            return Robots(body=b"", status=0, at=self.clock())
        body = response.body[:MAX_BYTES] if response.status == 200 else b""
        return Robots(body=body, status=response.status, at=self.clock())


def parse(body: bytes) -> Rights:
    """Return the rules of a tdmrep.json in their order; what is not one has none."""
    try:
        said = json.loads(body) if body.strip() else []
    except (ValueError, RecursionError):
        return ()
    rules = said if isinstance(said, list) else [said]
    return tuple(filter(None, map(_rule, rules[:MAX_RULES])))


def _rule(said: object) -> tuple[Rule, bool] | None:
    if not isinstance(said, dict) or not isinstance(said.get("location"), str):
        return None
    path = said["location"] if said["location"].startswith(("/", "*")) else f"/{said['location']}"
    rule = Rule(allow=False, path=normal(path))
    return rule, str(said.get("tdm-reservation")).strip() == "1"


def reserved(rights: Rights, url: str) -> bool:
    """Tell whether the first rule that fits the path of `url` reserves it."""
    path = target(url)
    return next((says for rule, says in rights if rule.matches(path)), False)
