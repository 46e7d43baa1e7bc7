"""
A worker: takes hosts from the queue and does what is due there, on any machine.

    queue ──▶ jobs (a host each) ──▶ desk ◀── spider ──▶ reading processes ──▶ database

It ends as the daemon does: what is on the wire is finished, the rest goes back. One that is
killed is given up by the leader after some seconds without a sign of life, and what it had
is others' then; one that was only frozen finds that out, and stops.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from contextlib import suppress
from typing import Any

import structlog
from procrastinate import App, exceptions

from crawler.app import House
from crawler.desk import Errand
from crawler.errors import RaisewireError
from crawler.reading import Reader
from crawler.store import workers
from crawler.store.clock import SharedClock
from scheduler import systemd
from scheduler.queue import BEAT, QUEUE, STALLED, make, queue
from scheduler.visits import VisitDesk

log = structlog.get_logger()

LOOK = 1.0  # seconds between two looks for jobs; nothing listens, so a pooler may stand between
AGAIN = 2.0  # seconds until the queue is tried again
NEVER = 3600.0  # nobody aborts our jobs
PATIENCE = 8.0  # seconds after a signal until a busy database is waited for no longer
SLACK = 5.0  # seconds over the grace, for jobs to end
SHOWN = 8  # hosts by name in `raisewire workers`


class Worker:
    """One run, of at most `concurrency` hosts at a time; `once` ends it with the queue."""

    def __init__(self, house: House, concurrency: int, *, once: bool = False) -> None:
        self._house, self._concurrency, self._once = house, concurrency, once
        self._stop = asyncio.Event()
        self._failed = False

    async def run(self) -> int:
        """Work until told to stop; 0 after a clean stop, 1 when it was given up or broke."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._told_to_stop)
        await asyncio.to_thread(make, self._house.store)
        await self._house.recover()
        self._reader = Reader(self._house.config.extract, self._house.config.watchlist)
        desk = self._house.desk(self._reader, Errand(role="worker", hosts=set()), VisitDesk)
        assert isinstance(desk, VisitDesk)
        self._desk = desk
        await self._house.writer.run(
            workers.enrol, self._desk.owner, self._about(), self._house.clock()
        )
        log.info("worker started", concurrency=self._concurrency, pid=os.getpid())
        systemd.notify("READY=1")
        try:
            await self._work()
        finally:
            systemd.notify("STOPPING=1")
            await asyncio.to_thread(self._reader.close)
            with suppress(RaisewireError):
                await self._house.writer.run(workers.leave, self._desk.owner)
        log.info("worker stopped", polls=self._desk.polls, pages=self._desk.pages)
        return 1 if self._failed else 0

    def _told_to_stop(self) -> None:
        self._stop.set()
        asyncio.get_running_loop().call_later(PATIENCE, self._house.writer.hurry)

    async def _work(self) -> None:
        crawl = asyncio.create_task(self._house.crawl(self._desk, self._stop), name="crawl")
        jobs = asyncio.create_task(self._jobs(), name="jobs")
        beat = asyncio.create_task(self._beat(), name="beat")
        stopped = asyncio.create_task(self._stop.wait())
        await asyncio.wait({crawl, jobs, stopped}, return_when=asyncio.FIRST_COMPLETED)
        self._failed |= crawl.done() and not self._stop.is_set()
        self._stop.set()
        jobs.cancel()  # it takes no more, and waits for those under way
        await asyncio.wait({crawl})
        self._desk.close()
        await asyncio.wait({jobs})
        for task in (beat, stopped):
            task.cancel()
        self._failed |= _broken(crawl) or _broken(jobs)

    async def _jobs(self) -> None:
        """Do jobs; while the database is away, try again."""
        while not self._stop.is_set():
            app = queue(self._house.store, self._desk.visit)
            try:
                async with app.open_async():
                    await self._listen(app)
            except exceptions.ConnectorException as error:
                log.warning("no jobs to be had", reason=str(error.__cause__ or error)[:200])
            if self._once:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), AGAIN)

    async def _listen(self, app: App) -> None:
        grace = self._house.config.shutdown_grace.total_seconds() + SLACK
        await app.run_worker_async(
            queues=[QUEUE],
            name="raisewire",
            concurrency=self._concurrency,
            wait=not self._once,
            listen_notify=False,
            fetch_job_polling_interval=LOOK,
            abort_job_polling_interval=NEVER,
            update_heartbeat_interval=BEAT,
            stalled_worker_timeout=STALLED,
            shutdown_graceful_timeout=grace,
            delete_jobs="always",
            install_signal_handlers=False,
        )

    # --- signs of life ----------------------------------------------------------------

    async def _beat(self) -> None:
        """Say that we live; stop when others have been given what we had."""
        house = self._house
        while True:
            await asyncio.sleep(BEAT)
            try:
                if isinstance(house.clock, SharedClock):
                    await house.writer.run(house.clock.look)
                alive = await house.writer.run(
                    workers.beat, self._desk.owner, self._about(), house.clock()
                )
            except RaisewireError as error:
                log.warning("no sign of life can be given", reason=str(error))
                continue
            systemd.notify("WATCHDOG=1")
            if not alive:
                log.error("given up for dead; others have what was out here; stopping")
                self._failed = True
                self._stop.set()
                return

    def _about(self) -> dict[str, Any]:
        """Return what `raisewire workers` shows."""
        desk, hosts = self._desk, sorted(self._desk.visits)
        self._since = getattr(self, "_since", self._house.clock().isoformat())
        used = time.process_time() + _children()
        return {
            "since": self._since,
            "concurrency": self._concurrency,
            "hosts": len(hosts),
            "at": hosts[:SHOWN],
            "polls": desk.polls,
            "pages": desk.pages,
            "cpu": round(used, 1),
        }


def _broken(task: asyncio.Task[Any]) -> bool:
    if task.cancelled() or not (error := task.exception()):
        return False
    log.error("ended by an error", task=task.get_name(), exc_info=error)
    return True


def _children() -> float:
    """Return the CPU seconds of reading processes that have ended."""
    times = os.times()
    return times.children_user + times.children_system
