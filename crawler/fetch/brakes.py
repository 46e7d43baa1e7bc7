"""Who must wait: hosts that asked for a pause, and everybody once the run is stopping."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import Response

from crawler.errors import SourceError
from crawler.fetch.manners import retry_after
from crawler.types import Outcome


class Stopped(Exception):  # noqa: N818 - no error: the run is ending, the lease brings it back
    """The run is stopping; this request was never sent."""


class Throttled(SourceError):  # noqa: N818 - named like its outcome
    """A host asked for a pause that is not over."""

    def __init__(self, wait: timedelta) -> None:
        self.retry_after = wait
        super().__init__(Outcome.THROTTLED, f"the host asked for a pause of {wait.seconds} s more")


class Brakes:
    """Asked before every request, told of every answer; both at the wire itself."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.stopping = False
        self.is_over = False
        self.flights: set[asyncio.Future[Response]] = set()  # requests on the wire
        self.ended: dict[str, float] = {}  # when each host's last answer ended (monotonic)
        self._until: dict[str, datetime] = {}

    def check(self, url: str) -> None:
        """
        Hold a request back.

        Raises:
            Stopped: the run is ending.
            Throttled: its host asked for a pause.
        """
        if self.stopping:
            raise Stopped
        host = urlsplit(url).hostname or ""
        wait = self._until.get(host, self.clock()) - self.clock()
        if wait > timedelta(0):
            raise Throttled(wait)
        self._until.pop(host, None)

    def heard(self, url: str, response: Response) -> None:
        """Remember a pause the host asked for, before its next request can leave."""
        now = self.clock()
        wait = retry_after(response.status, _headers(response), now)
        if wait:
            self._until[urlsplit(url).hostname or ""] = now + wait

    def stop(self, downloader: Any) -> None:  # noqa: ANN401 - Scrapy's downloader is untyped here
        """Send nothing more: requests that wait in their host's queue end as `Stopped`."""
        self.stopping = True
        for slot in downloader.slots.values():
            while slot.queue:
                _, waiting = slot.queue.popleft()
                waiting.errback(Stopped())

    def abort(self) -> None:
        """End what is still on the wire, as `Stopped`."""
        self.is_over = True
        for flight in tuple(self.flights):
            flight.cancel()


def brakes_of(crawler: Any) -> Brakes:  # noqa: ANN401 - Scrapy's crawler is untyped here
    """Return the brakes of a run: its spider's judge holds them."""
    brakes: Brakes = crawler.spider.judge.brakes
    return brakes


def _headers(response: Response) -> dict[str, str]:
    return {
        name.decode("latin-1").lower(): values[-1].decode("latin-1")
        for name, values in response.headers.items()
        if values
    }
