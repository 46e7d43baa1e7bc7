"""The clock that all processes of a database share: the database server's own."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from crawler.store.engine import Store


class SharedClock:
    """
    Tells the database server's time, between two looks by a clock that only goes forward.

    What one machine stores ("leased until …") another reads. Were each to go by its own clock,
    one that is ahead would take for free what the other still has.
    """

    def __init__(self, store: Store, steady: Callable[[], float] = time.monotonic) -> None:
        self._steady = steady
        with store.read() as conn:
            self.look(conn)

    def look(self, conn: Connection) -> None:
        """Ask the server again: two clocks never go equally fast for ever."""
        asked = self._steady()
        said = server_time(conn)
        self._at = (said, (asked + self._steady()) / 2)

    def __call__(self) -> datetime:
        """Return the time."""
        said, at = self._at
        return said + timedelta(seconds=self._steady() - at)


def server_time(conn: Connection) -> datetime:
    """Return what a PostgreSQL server's clock says."""
    said = conn.scalar(select(func.clock_timestamp()))
    assert isinstance(said, datetime)
    return said
