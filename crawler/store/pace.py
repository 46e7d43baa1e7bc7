"""How often a source has something new, by its latest pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import Connection, bindparam, false, func, select

from crawler.store import tables as t

LATEST, LEAST = 30, 3
_some = (
    select(t.page.c.queued_at, t.page.c.quiet)
    .where(t.page.c.source_id == bindparam("source"))
    .order_by(t.page.c.id.desc())
    .limit(LATEST)
    .subquery()
)
_QUERY = select(func.min(_some.c.queued_at), func.max(_some.c.queued_at), func.count()).where(
    _some.c.quiet == false()
)


def recent(conn: Connection, sources: Iterable[str]) -> dict[str, timedelta]:
    """Return the usual time between two new pages, of the latest thirty, where that is known."""
    found = {}
    for ident in sources:
        first, last, number = conn.execute(_QUERY, {"source": ident}).one()
        if number >= LEAST and last > first:
            found[ident] = (last - first) / (number - 1)
    return found
