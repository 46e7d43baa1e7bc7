"""Who has something out, and giving back what the dead have left behind."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from crawler.store import delivery, frontier
from crawler.store import tables as t
from crawler.store.letters import State


def owners(conn: Connection) -> set[str]:
    """Return everybody who holds a lease on a source, a page or an alert."""
    sending = t.outbox.c.state == State.SENDING.value
    queries = (
        select(t.source.c.lease_owner).where(t.source.c.lease_owner.is_not(None)),
        select(t.page.c.lease_owner).where(t.page.c.lease_owner.is_not(None)),
        select(t.outbox.c.lease_owner).where(sending, t.outbox.c.lease_owner.is_not(None)),
    )
    return {str(name) for query in queries for name in conn.scalars(query.distinct())}


def give_back(
    conn: Connection, owner: str, now: datetime, *, pause: timedelta = timedelta(0)
) -> int:
    """Make everything that `owner` had out due again; return how much that was."""
    return frontier.release(conn, owner, now, pause=pause) + delivery.release(conn, owner, now)
