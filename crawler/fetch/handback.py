"""Hands what came back to the desk, and waits for it: that wait is the back-pressure."""

from __future__ import annotations

import logging
from typing import Any, cast
from urllib.parse import urlsplit

from scrapy.crawler import Crawler

from crawler.errors import RaisewireError
from crawler.types import Desk, Failure, Outcome, Page, Poll, PollResult

Item = PollResult | Page | Failure

log = logging.getLogger(__name__)


class HandBack:
    """An item pipeline of one step: every piece of work is reported exactly once."""

    def __init__(self, crawler: Crawler) -> None:
        spider: Any = crawler.spider
        self.spider, self.desk = spider, cast("Desk", spider.desk)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> HandBack:
        """Build it for a run."""
        return cls(crawler)

    async def process_item(self, item: Item) -> Item:
        """Report `item`; if the desk cannot take it, its lease brings the work back."""
        work = item.poll if isinstance(item, PollResult) else item.fetch
        try:
            await self._hold(item)
            await self._report(item)
        except RaisewireError as error:
            log.error("not recorded, the lease will bring it back: %s", error)  # noqa: TRY400 - told in one line
        finally:
            self.spider.finished(work)
        return item

    async def _report(self, item: Item) -> None:
        match item:
            case PollResult():
                await self.desk.polled(item)
            case Page():
                await self.desk.fetched(item)
            case Failure():
                await self.desk.failed(item)

    async def _hold(self, item: Item) -> None:
        """Tell the desk of a pause that a host asked for just now."""
        if isinstance(item, Page) or not item.retry_after or item.status is None:
            return
        work = item.poll if isinstance(item, PollResult) else item.fetch
        url = work.source.url if isinstance(work, Poll) else work.entry.url
        reason = item.message or Outcome.THROTTLED.value
        host = urlsplit(url).netloc.rpartition("@")[2].lower()
        await self.desk.hold_host(host, item.at + item.retry_after, reason)
