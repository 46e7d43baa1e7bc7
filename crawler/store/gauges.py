"""How full the queues are, in numbers that are had by index however large the database is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from crawler.store import ledger
from crawler.store import tables as t
from crawler.store.letters import State

_SETTLED = frozenset({State.DELIVERED, State.SUPPRESSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauges:
    """What the database knows at one moment. Ages in seconds."""

    articles: int  # ever stored
    deals: int  # ever made, merged ones too
    pages_waiting: int
    pages_overdue: float  # age of the one that has waited longest past its time
    outbox: Mapping[tuple[str, str], int]  # by channel and state
    oldest_pending: Mapping[str, float]  # by channel
    held: Mapping[str, bool]  # by channel
    sources: Mapping[str, int]  # enabled ones, by how their last poll ended
    last_success: datetime | None  # of any source


def gauges(conn: Connection, now: datetime) -> Gauges:
    """Return how things stand at `now`."""
    waiting, first = _pages(conn)
    stats = ledger.stats(conn)
    return Gauges(
        articles=conn.scalar(select(func.max(t.article.c.id))) or 0,
        deals=conn.scalar(select(func.max(t.deal.c.n))) or 0,
        pages_waiting=waiting,
        pages_overdue=_age(first, now),
        outbox={
            (one.channel, state.value): number
            for one in stats
            for state, number in one.counts.items()
            if state not in _SETTLED
        },
        oldest_pending={one.channel: _age(one.oldest_pending, now) for one in stats},
        held={one.channel: one.held for one in stats},
        sources=_sources(conn),
        last_success=conn.scalar(select(func.max(t.source.c.last_success))),
    )


def _pages(conn: Connection) -> tuple[int, datetime | None]:
    c = t.page.c
    row = conn.execute(select(func.count(), func.min(c.due_at)).where(c.due_at.is_not(None))).one()
    return row[0], row[1]


def _sources(conn: Connection) -> dict[str, int]:
    c = t.source.c
    query = select(c.last_outcome, func.count()).where(c.enabled.is_(True))
    rows = conn.execute(query.group_by(c.last_outcome))
    return {outcome or "new": number for outcome, number in rows}


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
