"""How every source is doing: the same verdict as `raisewire sources health`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from crawler.health import Health, health
from crawler.store import Connection, frontier, happenings
from crawler.types import PollState, Source

One = tuple[Source, PollState, Health]
_FINE = {"well": 3, "new": 3, "off": 4, "stale": 2, "moved": 2, "late": 1, "gap": 1}


def condition(
    conn: Connection, now: datetime, paces: Mapping[str, timedelta] | None = None
) -> list[One]:
    """
    Return every source with its health, those in trouble first.

    Without `paces` only those silent for a month are called stale.
    """
    paces, gaps = paces or {}, happenings.open_gaps(conn)
    found = [
        (s, state, health(s, state, now, pace=paces.get(s.id), gaps=gaps.get(s.id, 0)))
        for s, state in frontier.sources(conn)
    ]
    return sorted(found, key=lambda one: (rank(one[2]), one[0].id))


def rank(one: Health) -> int:
    """Return 0 for trouble, more for what is less urgent."""
    return _FINE.get(one.word, 0)
