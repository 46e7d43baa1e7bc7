"""The leader's part where workers do the asking: it queues hosts, and rescues what was lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta

import structlog
from procrastinate import App, exceptions

from crawler.app import House
from crawler.config import Watch
from crawler.errors import RaisewireError
from crawler.store import Connection, frontier, workers
from crawler.types import Source
from scheduler.lead import NAME, Lead
from scheduler.queue import STALLED, enqueue, make, queue, rescue

log = structlog.get_logger()

TICK = 1.0  # seconds between two looks for hosts with due work
ROUND = 5  # ticks between two looks for workers that are gone


class Dispatch:
    """One leader's run."""

    def __init__(self, house: House, lead: Lead) -> None:
        self._house, self._lead = house, lead
        self._first: frozenset[str] = frozenset()

    async def run(self, stop: asyncio.Event) -> None:
        """Queue what is due until `stop` is set, or until another leads."""
        await asyncio.to_thread(make, self._house.store)
        app, ticks = queue(self._house.store, connections=2), 0
        while not stop.is_set():
            try:
                async with app.open_async():
                    while not stop.is_set():
                        if ticks % ROUND == 0:
                            await self._rescue(app)
                        await self._tick()
                        ticks += 1
                        await _pause(stop)
            except (RaisewireError, exceptions.ProcrastinateException) as error:
                log.warning("nothing can be queued just now", reason=str(error)[:200])
                await _pause(stop)

    async def _tick(self) -> None:
        house = self._house
        queued = await house.writer.run(
            enqueue, (NAME, self._lead.token), house.clock(), self._first
        )
        if queued:
            log.debug("hosts queued", hosts=queued)

    async def _rescue(self, app: App) -> None:
        self._first = await self._house.writer.run(_first, self._house.ingest.policy.watch)
        silent = await self._house.writer.run(self._give_up)
        for owner in silent:
            log.warning("a worker is gone; what it had is due again", worker=owner)
        if jobs := await rescue(app):
            log.warning("jobs rescued", jobs=jobs)

    def _give_up(self, conn: Connection) -> list[str]:
        now, pause = self._house.clock(), self._house.config.http.per_host_delay
        return workers.give_up(conn, now - timedelta(seconds=STALLED), now, pause=pause)


def _first(conn: Connection, watch: Sequence[Watch]) -> frozenset[str]:
    return followed((source for source, _ in frontier.sources(conn)), watch)


def followed(sources: Iterable[Source], watch: Sequence[Watch]) -> frozenset[str]:
    """
    Return the sources that are a watched company's own: their name says whose they are.

    >>> followed([Source(id="x", kind="feed", url="", name="Zhipu AI newsroom")], [zhipu])
    frozenset({'x'})
    """
    names = [name.casefold() for one in watch for name in (one.name, *one.aliases)]
    return frozenset(
        source.id for source in sources if any(name in source.name.casefold() for name in names)
    )


async def _pause(stop: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), TICK)
