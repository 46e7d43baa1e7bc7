"""What the queue knows of one address: who listed it when, and how far its page has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from crawler.store import tables as t


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """One page of the queue, with all that its row tells."""

    id: int
    url: str
    source_id: str
    poll: str
    title: str
    published: str
    state: str
    outcome: str | None
    message: str
    status: int | None
    attempts: int
    quiet: bool
    queued_at: datetime
    done_at: datetime | None
    due_at: datetime | None
    article_id: int | None
    listed: Sequence[tuple[str, datetime]]  # source, since when, the first one first


def footprint(conn: Connection, key: str) -> Footprint | None:
    """Return the page that goes by `key` (`url_key` of its address); None if nobody listed it."""
    row = conn.execute(select(t.page).where(t.page.c.url_key == key)).first()
    if row is None:
        return None
    c = t.page_source.c
    listed = conn.execute(
        select(c.source_id, c.at).where(c.page_id == row.id).order_by(c.at, c.source_id)
    )
    return Footprint(
        id=row.id,
        url=row.url,
        source_id=row.source_id,
        poll=row.poll,
        title=str(row.entry.get("title", "")),
        published=str(row.entry.get("published") or ""),
        state=row.state,
        outcome=row.outcome,
        message=row.message,
        status=row.status,
        attempts=row.attempts,
        quiet=row.quiet,
        queued_at=row.queued_at,
        done_at=row.done_at,
        due_at=row.due_at,
        article_id=row.article_id,
        listed=[(one.source_id, one.at) for one in listed],
    )
