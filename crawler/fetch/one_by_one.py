"""One request at a time to a host, also where there is no pause between two."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from scrapy import Request
from scrapy.core.downloader import Downloader as ScrapyDownloader
from scrapy.core.downloader import Slot
from twisted.internet.defer import Deferred


class Downloader(ScrapyDownloader):
    """
    Scrapy's, counting a request as under way from the moment it leaves the queue.

    Scrapy 2.19 counts it once its task runs. Of two that wait for one host (for its robots.txt,
    say) the second leaves before that, and both are sent.
    """

    def _wait_for_download(
        self, slot: Slot, request: Request, queue_dfd: Deferred[Any]
    ) -> Coroutine[Any, Any, None]:
        slot.transferring.add(request)
        waiting: Coroutine[Any, Any, None] = super()._wait_for_download(slot, request, queue_dfd)
        return waiting
