"""
A worker's desk: it hands out the work of those hosts for which a job is waiting.

    job ── visit(host) ──▶ desk ◀── take ── spider
         ◀── done: nothing due, nothing out ──┘

One permanent run serves all jobs of a process, so politeness and connections are as in the
daemon; a job is over when its host has nothing left that may be asked for now.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from crawler.desk import NewsDesk, poll_host
from crawler.store import frontier
from crawler.types import Failure, Fetch, Page, Poll, PollResult

SLICE = 60.0  # seconds after which a host with a long queue lets others have their turn
REST = 1.0  # seconds that the spider is kept waiting for work


@dataclass(slots=True)
class Visit:
    """One job under way."""

    until: float
    over: asyncio.Event = field(default_factory=asyncio.Event)
    out: set[str] = field(default_factory=set)


class VisitDesk(NewsDesk):
    """The desk of a worker process; its errand's `hosts` are those that are visited now."""

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 - as NewsDesk
        super().__init__(*args, **named)
        self.open: set[str] = self._errand.hosts  # type: ignore[assignment] # a worker's is a set
        self.visits: dict[str, Visit] = {}
        self.polls = self.pages = 0
        self._news = asyncio.Event()

    async def visit(self, host: str) -> None:
        """Do what is due at a host; return when nothing is left, or its time is up."""
        visit = self.visits[host] = Visit(time.monotonic() + SLICE)
        self.open.add(host)
        self._news.set()
        try:
            await visit.over.wait()
        finally:
            self.open.discard(host)
            self.visits.pop(host, None)

    def close(self) -> None:
        """End every visit: the run is over, what is left is due again."""
        for visit in self.visits.values():
            visit.over.set()

    async def drained(self) -> bool:
        """Never: jobs come until the worker is told to stop."""
        return False

    async def take(self, limit: int) -> Sequence[Poll | Fetch]:
        """Lease due work of the hosts that are visited; wait a little for some."""
        end = time.monotonic() + REST
        while True:
            self._news.clear()
            work = await self._look(limit)
            left = end - time.monotonic()
            if work or left <= 0:
                return work
            try:
                await asyncio.wait_for(self._news.wait(), left)
            except TimeoutError:
                return work

    async def _look(self, limit: int) -> Sequence[Poll | Fetch]:
        now = time.monotonic()
        self.open -= {host for host, visit in self.visits.items() if visit.until <= now}
        looked_at = set(self.visits)
        work = await super().take(limit) if self.open or self._fills else ()
        for piece in work:
            if visit := self.visits.get(_host(piece)):
                visit.out.add(_key(piece))
        if len(work) < limit:
            self._end_idle(looked_at)
        return work

    def _end_idle(self, looked_at: set[str]) -> None:
        """End the visits that had nothing to do when we looked."""
        for host in looked_at & self.visits.keys():
            if not self.visits[host].out:
                self.visits[host].over.set()

    async def polled(self, result: PollResult) -> None:
        """Record a poll, as the daemon does."""
        try:
            await super().polled(result)
        finally:
            self.polls += 1
            self._back(result.poll)

    async def fetched(self, page: Page) -> None:
        """Read and store a page, as the daemon does."""
        try:
            await super().fetched(page)
        finally:
            self.pages += 1
            self._back(page.fetch)

    async def failed(self, failure: Failure) -> None:
        """Record a failure, as the daemon does."""
        try:
            await super().failed(failure)
        finally:
            self._back(failure.fetch)

    def _back(self, work: Poll | Fetch) -> None:
        if visit := self.visits.get(_host(work)):
            visit.out.discard(_key(work))
        self._news.set()


def _host(work: Poll | Fetch) -> str:
    return poll_host(work) if isinstance(work, Poll) else frontier.host_of(work.entry.url)


def _key(work: Poll | Fetch) -> str:
    return f"{work.source.id if isinstance(work, Poll) else work.page_id} {work.token}"
