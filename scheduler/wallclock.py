"""
The clock on the wall may be set back; what waits must not wait the longer for it.

Everything stored says *when*, so an hour back would keep every source and every retry
waiting an hour more. Seen against a clock that only goes forward while we run, and against
the last time we were seen alive when we start.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from crawler.store import Connection, shift, upkeep

log = structlog.get_logger()

FACT = "alive"
SMALL = timedelta(seconds=5)  # clocks are corrected by so much all the time


class WallClock:
    """Compares the wall clock with `steady` (seconds that only grow)."""

    def __init__(self, wall: Callable[[], datetime], steady: Callable[[], float]) -> None:
        self._wall, self._steady = wall, steady
        self._last = (wall(), steady())

    def wake(self, conn: Connection) -> timedelta:
        """Put right what was stored by a clock that ran ahead of today's; say we are alive."""
        kept = upkeep.fact(conn, FACT)
        seen = datetime.fromisoformat(kept) if isinstance(kept, str) else None
        return self._put_right(conn, seen)

    def look(self, conn: Connection) -> timedelta:
        """Do the same while running."""
        wall, steady = self._last
        return self._put_right(conn, wall + timedelta(seconds=self._steady() - steady))

    def _put_right(self, conn: Connection, expected: datetime | None) -> timedelta:
        now = self._wall()
        self._last = (now, self._steady())
        back = expected - now if expected else timedelta(0)
        if back > SMALL:
            log.warning("the clock was set back", by=str(back))
            shift.back(conn, now, back)
        upkeep.keep_fact(conn, FACT, now.isoformat(), now)
        return back
