"""
One daemon per database. On SQLite a lock on a file beside it, which the kernel frees when
its holder dies; elsewhere a lease in the database: others stand by and take over.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import IO
from uuid import uuid4

import structlog

from crawler.app import House
from crawler.errors import StoreError
from crawler.store import upkeep
from scheduler import systemd

log = structlog.get_logger()

NAME = "daemon"
LEASE = timedelta(seconds=15)  # a leader that died keeps others waiting no longer
RENEW = timedelta(seconds=4)
LOOK = timedelta(seconds=2)  # between two looks of those who stand by


class Lead:
    """The right to be the daemon of a database."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._owner = f"{os.uname().nodename}:{os.getpid()}:{uuid4().hex[:8]}"
        self._file: IO[str] | None = None
        self.token = 0  # of our leadership; asked for in every transaction that relies on it

    async def acquire(self, stop: asyncio.Event) -> bool:
        """
        Become the daemon; elsewhere than on SQLite wait for it. False if told to stop first.

        Raises:
            StoreError: another daemon has this SQLite database.
        """
        path = self._house.store.path
        if path is not None:
            self._lock(path.with_name(path.name + ".lock"))
        elif not await self.renew():
            log.info("another daemon leads; standing by")
            systemd.notify("READY=1\nSTATUS=standing by: another daemon leads")
            while not await self.renew():
                systemd.notify("WATCHDOG=1")
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), LOOK.total_seconds())
                if stop.is_set():
                    return False
        return True

    def _lock(self, path: Path) -> None:
        self._file = path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.seek(0)
            pid = self._file.read().strip() or "?"
            self._file.close()
            message = f"another daemon (process {pid}) has this database; it takes one at a time"
            raise StoreError(message) from error
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    async def renew(self) -> bool:
        """Stay the daemon; False when another has taken over."""
        if self._file is not None:
            return True
        token = await self._house.writer.run(
            upkeep.take_lead, NAME, self._owner, self._house.clock(), LEASE
        )
        self.token = token or 0
        return token is not None

    async def give_up(self) -> None:
        """Let the next one lead at once."""
        if self._file is not None:
            self._file.close()
            return
        await self._house.writer.run(upkeep.give_up_lead, NAME, self._owner, self._house.clock())
