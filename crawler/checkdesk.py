"""A desk that stores nothing: each source is polled once, and what it brought is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from crawler.types import Failure, Fetch, Page, Poll, PollResult, PollState, Robots, Source


class CheckDesk:
    """The `Desk` of `sources check`."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._waiting = [Poll(source=s, state=PollState(), token="") for s in sources]
        self._left = len(self._waiting)
        self._robots: dict[str, Robots] = {}
        self.results: dict[str, PollResult] = {}

    async def take(self, limit: int) -> Sequence[Poll | Fetch]:
        """Give out polls, never pages."""
        taken, self._waiting = self._waiting[:limit], self._waiting[limit:]
        return taken

    async def drained(self) -> bool:
        """Tell whether every source has answered."""
        return self._left == 0

    async def polled(self, result: PollResult) -> None:
        """Keep what a source brought."""
        self._left -= 1
        self.results[result.poll.source.id] = result

    async def fetched(self, page: Page) -> None:
        """No page was asked for."""

    async def failed(self, failure: Failure) -> None:
        """No page was asked for."""

    async def robots(self, origin: str) -> Robots | None:
        """Return what this run has seen."""
        return self._robots.get(origin)

    async def keep_robots(self, origin: str, robots: Robots) -> None:
        """Keep it for this run."""
        self._robots[origin] = robots

    async def hold_host(self, host: str, until: datetime, reason: str) -> None:
        """Each source is asked once; there is nobody to hold back."""
