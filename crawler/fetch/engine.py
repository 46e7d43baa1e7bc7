"""
One permanent run for all sources, inside the loop that is already running.

`crawl` and the daemon are this same run: it ends when it is told to stop, or when the desk
has nothing left to do.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Thread
from typing import Any

from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.utils.misc import load_object
from scrapy.utils.reactor import is_reactor_installed

from crawler.config.models import Http
from crawler.fetch.brakes import Brakes
from crawler.fetch.settings import settings
from crawler.fetch.verdict import Verdict
from crawler.types import Desk

SPIDER = "spiders.news.NewsSpider"  # by name: the crawler does not depend on its spiders
ABORT = 3.0  # seconds for aborted requests to unwind
LOOKUPS = 64  # names looked up at once, with Twisted's reactor
TICK = 1.0  # seconds between two looks for due work

log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """Return the time; the one place of this room that reads the clock."""
    return datetime.now(UTC)  # noqa: TID251 - the default of an injected clock


async def run(
    desk: Desk,
    http: Http,
    *,
    stop: asyncio.Event,
    grace: timedelta,
    clock: Callable[[], datetime],
) -> None:
    """Do what `crawler.fetch.crawl` promises."""
    if http.browser is not None:
        from crawler.fetch import browser

        browser.check(http.browser)
    if http.reactor:
        _use_reactor()
    brakes = Brakes(clock)
    runner = AsyncCrawlerRunner(settings(http))
    crawler = runner.create_crawler(load_object(SPIDER))
    going = runner.crawl(
        crawler,
        desk=desk,
        judge=Verdict(brakes),
        clock=clock,
        stopping=lambda: brakes.stopping,
        room=http.concurrency,
        tick=TICK,
    )
    stopped = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({going, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not going.done():
            await _end(runner, crawler, brakes, going, grace)
    finally:
        stopped.cancel()
    if not going.cancelled():
        going.result()
    spider: Any = crawler.spider
    if spider.fault is not None:
        raise spider.fault


async def _end(
    runner: AsyncCrawlerRunner,
    crawler: Crawler,
    brakes: Brakes,
    going: asyncio.Task[None],
    grace: timedelta,
) -> None:
    """Let what is on the wire finish within `grace`, and send nothing more."""
    engine: Any = crawler.engine
    brakes.stop(engine.downloader)
    stopping = asyncio.ensure_future(runner.stop())
    _, late = await asyncio.wait({going, stopping}, timeout=grace.total_seconds())
    if late:
        log.warning("the grace of %s is over; unfinished pages come back by their lease", grace)
        brakes.abort()
        _, stuck = await asyncio.wait(late, timeout=ABORT)
        for task in stuck:
            task.cancel()


def _use_reactor() -> None:
    """Put Twisted's asyncio reactor on the running loop, once."""
    if is_reactor_installed():
        return
    from twisted.internet import asyncioreactor

    asyncioreactor.install(asyncio.get_running_loop())  # type: ignore[no-untyped-call] # Twisted
    from twisted.internet import reactor

    threads: Any = reactor.getThreadPool()
    threads.threadFactory = partial(Thread, daemon=True)  # name look-ups must not hold up an exit
    threads.adjustPoolsize(0, LOOKUPS)  # ten would all wait for the name servers of dead domains
    reactor.startRunning(installSignalHandlers=False)
