"""
The daemon: one asyncio process that runs until it is told to stop.

    spider ──▶ desk ──▶ database ◀── courier ──▶ channels
       APScheduler: a few in-memory jobs (upkeep, alive line); nothing durable is scheduled

SIGTERM and SIGINT end it within `shutdown_grace`: pages in flight are finished, the rest
goes back to the database. SIGHUP reads the config again and keeps the old one if the new
one is broken.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from crawler.app import House, policy
from crawler.config import Config, sources
from crawler.delivery import Courier
from crawler.desk import Errand, NewsDesk
from crawler.errors import RaisewireError
from crawler.reading import Reader
from crawler.store import frontier, upkeep
from scheduler import systemd
from scheduler.lead import RENEW, Lead

log = structlog.get_logger()

BODIES = timedelta(days=90)  # how long bodies of articles are kept
ARCHIVE = timedelta(days=7)


class Daemon:
    """One run. `reload` returns the config as the file has it now."""

    def __init__(self, house: House, reload: Callable[[], Config]) -> None:
        self._house, self._reload = house, reload
        self._stop = asyncio.Event()
        self._lead = Lead(house)
        self._failed = False

    async def run(self) -> int:
        """Run until told to stop; 0 after a clean stop, 1 when the spider ended by itself."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._reread)
        if not await self._lead.acquire(self._stop):
            return 0
        watched = self._house.watched()
        reader = Reader(self._house.config.extract, self._house.config.watchlist)
        desk = self._house.desk(reader, Errand())
        jobs = self._jobs()
        jobs.start()
        log.info("daemon started", sources=len(watched), pid=os.getpid())
        systemd.notify("READY=1")
        try:
            await self._serve(desk, self._house.courier())
        finally:
            systemd.notify("STOPPING=1")
            jobs.shutdown(wait=False)
            await asyncio.to_thread(reader.close)
            await self._lead.give_up()
        log.info("daemon stopped")
        return 1 if self._failed else 0

    async def _serve(self, desk: NewsDesk, courier: Courier) -> None:
        crawl = asyncio.create_task(self._house.crawl(desk, self._stop), name="crawl")
        deliver = asyncio.create_task(courier.run(self._stop), name="deliver")
        await asyncio.wait({crawl, deliver}, return_when=asyncio.FIRST_COMPLETED)
        self._failed = not self._stop.is_set()
        self._stop.set()
        grace = self._house.config.shutdown_grace.total_seconds()
        _, late = await asyncio.wait({crawl, deliver}, timeout=grace)
        for task in late:
            task.cancel()
        for task in (crawl, deliver):
            if task.done() and not task.cancelled() and task.exception():
                log.error("ended by an error", task=task.get_name(), exc_info=task.exception())
                self._failed = True

    # --- the few jobs -----------------------------------------------------------------

    def _jobs(self) -> AsyncIOScheduler:
        scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        scheduler.add_job(self._renew, "interval", seconds=RENEW.total_seconds(), id="lead")
        scheduler.add_job(self._upkeep, "interval", hours=6, id="upkeep")
        watchdog = systemd.watchdog_seconds()
        if watchdog:
            scheduler.add_job(self._alive, "interval", seconds=watchdog / 2, id="watchdog")
        return scheduler

    async def _renew(self) -> None:
        if not await self._lead.renew():
            log.error("another daemon has taken over; stopping")
            self._failed = True
            self._stop.set()

    async def _upkeep(self) -> None:
        now, writer = self._house.clock(), self._house.writer
        gone = {"articles": 1}
        while gone["articles"]:
            gone = await writer.run(upkeep.purge, now - BODIES, now, archived_before=now - ARCHIVE)

    async def _alive(self) -> None:
        """Tell systemd that loop and database both answer."""
        await self._house.writer.run(upkeep.fact, "alive")
        systemd.notify("WATCHDOG=1")

    # --- reload ---------------------------------------------------------------------

    def _reread(self) -> None:
        try:
            fresh = self._reload()
            wanted = sources(fresh)
        except RaisewireError as error:
            log.warning("config not reloaded, the old one stays", reason=str(error))
            return
        self._house.ingest.policy = policy(fresh)
        self._house.writer.submit(frontier.sync_sources, wanted, self._house.clock())
        log.info("config reloaded", sources=len(wanted), rules=len(fresh.alerts))
