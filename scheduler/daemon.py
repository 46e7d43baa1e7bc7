"""
The daemon: one asyncio process that runs until it is told to stop.

    spider ──▶ desk ──▶ database ◀── courier ──▶ channels
       APScheduler: a few in-memory jobs (upkeep, clock, lead); nothing durable is scheduled

SIGTERM and SIGINT end it within `shutdown_grace`: pages in flight are finished, the rest
goes back to the database; the second one ends it at once. SIGHUP reads the config again and
keeps the old one if the new one is broken.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from crawler import metrics
from crawler.app import House
from crawler.config import Config
from crawler.delivery import Courier
from crawler.desk import Errand
from crawler.errors import RaisewireError
from crawler.reading import Reader
from crawler.store import upkeep
from crawler.store.clock import SharedClock
from scheduler import systemd
from scheduler.lead import RENEW, Lead
from scheduler.wallclock import WallClock

log = structlog.get_logger()

LOOK = timedelta(seconds=10)  # between two looks at the clock
CARE = timedelta(seconds=10)  # between two looks at the channels
CUT = 1.0  # seconds that are left after the second signal
SLACK = 2.0  # seconds, over the grace, for giving back what was out
PATIENCE = 8.0  # seconds after a signal until a busy database is waited for no longer


class Daemon:
    """One run. `reload` returns the config as the file has it now."""

    def __init__(self, house: House, reload: Callable[[], Config]) -> None:
        self._house, self._reload = house, reload
        self._stop, self._cut = asyncio.Event(), asyncio.Event()
        self._lead = Lead(house)
        self._reader: Reader | None = None  # nobody reads here where workers do
        self._wall = WallClock(house.clock, time.monotonic)
        self._failed = False
        self._reading_config = asyncio.Lock()
        self._asides: set[asyncio.Task[None]] = set()

    async def run(self) -> int:
        """Run until told to stop; 0 after a clean stop, 1 when the spider ended by itself."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._told_to_stop)
        with self._shown(loop):
            return await self._lead_on(loop)

    @contextmanager
    def _shown(self, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
        """Show metrics meanwhile, if the config wants them."""
        if self._house.config.metrics.listen is None:
            yield
            return
        from scheduler.monitor import Monitor

        monitor = Monitor(self._house, loop)
        try:
            yield
        finally:
            monitor.close()

    async def _lead_on(self, loop: asyncio.AbstractEventLoop) -> int:
        config = self._house.config
        if config.workers == "inline":  # before we lead: who stands by is ready
            self._reader = Reader(config.extract, config.watchlist)
        try:
            return await self._led(loop) if await self._lead.acquire(self._stop) else 0
        finally:
            if self._reader is not None:
                await asyncio.to_thread(self._reader.close)

    async def _led(self, loop: asyncio.AbstractEventLoop) -> int:
        await self._house.writer.run(self._wall.wake)
        back = await self._house.recover(leading=True)
        watched = await asyncio.to_thread(self._house.watched)
        self._courier = self._house.courier("daemon")
        loop.add_signal_handler(signal.SIGHUP, self._aside)
        jobs = self._jobs()
        jobs.start()
        log.info("daemon started", sources=len(watched), taken_over=back, pid=os.getpid())
        systemd.notify("READY=1\nSTATUS=leading")
        try:
            await self._serve(self._courier)
        finally:
            systemd.notify("STOPPING=1")
            jobs.shutdown(wait=False)
            with suppress(RaisewireError):
                await self._lead.give_up()
        log.info("daemon stopped")
        return 1 if self._failed else 0

    def _told_to_stop(self) -> None:
        if self._stop.is_set():
            log.warning("told to stop twice: not waiting for what is under way")
            self._cut.set()
        self._stop.set()
        loop = asyncio.get_running_loop()
        loop.call_later(0 if self._cut.is_set() else PATIENCE, self._house.writer.hurry)

    async def _serve(self, courier: Courier) -> None:
        crawl = asyncio.create_task(self._crawl(), name="crawl")
        deliver = asyncio.create_task(courier.run(self._stop), name="deliver")
        await asyncio.wait({crawl, deliver}, return_when=asyncio.FIRST_COMPLETED)
        self._failed = not self._stop.is_set()
        self._stop.set()
        await self._finish({crawl, deliver})
        for task in (crawl, deliver):
            if task.done() and not task.cancelled() and task.exception():
                log.error("ended by an error", task=task.get_name(), exc_info=task.exception())
                self._failed = True
        with suppress(RaisewireError):
            await courier.release()

    async def _crawl(self) -> None:
        """Do what is due, or let workers do it."""
        if self._reader is not None:
            desk = self._house.desk(self._reader, Errand(role="daemon"))
            await self._house.crawl(desk, self._stop)
            return
        from scheduler.dispatch import Dispatch

        await Dispatch(self._house, self._lead).run(self._stop)

    async def _finish(self, tasks: set[asyncio.Task[object]]) -> None:
        """Let what is under way end within the grace; a second signal shortens it."""
        grace = self._house.config.shutdown_grace.total_seconds() + SLACK
        both = asyncio.ensure_future(asyncio.wait(tasks))
        cut = asyncio.ensure_future(self._cut.wait())
        await asyncio.wait({both, cut}, timeout=grace, return_when=asyncio.FIRST_COMPLETED)
        for waiting in (both, cut):
            waiting.cancel()
        late = {task for task in tasks if not task.done()}
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=CUT)

    # --- the few jobs -----------------------------------------------------------------

    def _jobs(self) -> AsyncIOScheduler:
        scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        scheduler.add_job(self._renew, "interval", seconds=RENEW.total_seconds(), id="lead")
        scheduler.add_job(self._upkeep, "interval", hours=6, id="upkeep")
        care = self._house.caretaker().look
        scheduler.add_job(care, "interval", seconds=CARE.total_seconds(), id="care")
        scheduler.add_job(self._look, "interval", seconds=LOOK.total_seconds(), id="clock")
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
        config, gone = self._house.config, {"articles": 1}
        bodies, kept = now - config.retention.bodies, now - config.archive
        while gone["articles"]:
            gone = await writer.run(upkeep.purge, bodies, now, archived_before=kept)
        if config.retention.alerts is not None:
            await writer.run(upkeep.purge_alerts, now - config.retention.alerts)

    async def _look(self) -> None:
        with suppress(RaisewireError):
            if isinstance(self._house.clock, SharedClock):
                await self._house.writer.run(self._house.clock.look)
            await self._house.writer.run(self._wall.look)

    async def _alive(self) -> None:
        """Tell systemd that loop and database both answer."""
        await self._house.writer.run(upkeep.fact, "alive")
        systemd.notify("WATCHDOG=1")

    # --- reload ---------------------------------------------------------------------

    def _aside(self) -> None:
        task = asyncio.create_task(self._reread(), name="reload")
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)

    async def _reread(self) -> None:
        """Take the config file as it is now, whole or not at all."""
        async with self._reading_config:
            try:
                fresh = await asyncio.to_thread(self._reload)
                count = await asyncio.to_thread(self._house.adopt, fresh)
            except RaisewireError as error:
                log.warning("config not reloaded, the old one stays", reason=str(error))
                metrics.reloaded(well=False)
                return
            except Exception:
                log.exception("config not reloaded, the old one stays")
                metrics.reloaded(well=False)
                return
            self._courier.posts = self._house.posts
            if self._reader is not None:
                self._reader.renew(fresh.extract, fresh.watchlist)
        metrics.reloaded(well=True)
        log.info("config reloaded", sources=count, rules=len(fresh.alerts))
