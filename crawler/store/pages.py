"""The queue of pages, for people to look at and to put right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from crawler.store import tables as t
from crawler.types import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPage:
    """A line of the queue, for people to look at."""

    id: int
    url: str
    host: str
    source_id: str
    state: str  # queued | leased | done | failed | quarantined
    outcome: Outcome | None
    message: str
    status: int | None
    attempts: int
    quiet: bool
    queued_at: datetime
    due_at: datetime | None


def pages(
    conn: Connection,
    outcome: Outcome | None = None,
    limit: int = 100,
    *,
    state: str | None = None,
    source_id: str | None = None,
) -> list[StoredPage]:
    """Return the latest pages of the queue, narrowed to one outcome, state or source."""
    query = select(t.page).order_by(t.page.c.id.desc()).limit(limit)
    if outcome is not None:
        query = query.where(t.page.c.outcome == outcome.value)
    if state is not None:
        query = query.where(t.page.c.state == state)
    if source_id is not None:
        query = query.where(t.page.c.source_id == source_id)
    return [_stored(row) for row in conn.execute(query)]


def _stored(row: Row[Any]) -> StoredPage:
    return StoredPage(
        id=row.id,
        url=row.url,
        host=row.host,
        source_id=row.source_id,
        state=row.state,
        outcome=Outcome(row.outcome) if row.outcome else None,
        message=row.message,
        status=row.status,
        attempts=row.attempts,
        quiet=row.quiet,
        queued_at=row.queued_at,
        due_at=row.due_at,
    )


def paces(conn: Connection, least: int = 3) -> dict[str, timedelta]:
    """Return the usual time between two new pages of each source, from `least` pages on."""
    c = t.page.c
    query = select(c.source_id, func.min(c.queued_at), func.max(c.queued_at), func.count())
    query = query.where(c.quiet.is_(False)).group_by(c.source_id).having(func.count() >= least)
    return {
        name: (last - first) / (number - 1)
        for name, first, last, number in conn.execute(query)
        if last > first
    }


def requeue_pages(conn: Connection, ids: Sequence[int], now: datetime) -> int:
    """Let pages that ended be fetched again from scratch."""
    ended = update(t.page).where(t.page.c.id.in_(ids), t.page.c.due_at.is_(None))
    fresh = {"state": "queued", "due_at": now, "attempts": 0, "done_at": None}
    return conn.execute(ended.values(fresh)).rowcount


def forget_pages(conn: Connection, before: datetime) -> int:
    """Delete the queue's lines that ended before `before`; their articles stay known."""
    ended = delete(t.page).where(t.page.c.done_at < before, t.page.c.article_id.is_not(None))
    return conn.execute(ended).rowcount
