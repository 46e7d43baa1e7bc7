"""Deals that want a person's look: outlets disagree, a figure is odd, the reader is unsure."""

from __future__ import annotations

from sqlalchemy import Connection, func, select, text

from crawler.store import tables as t
from crawler.types import Deal

UNSURE = 0.8  # confidence below this wants a look
KINDS = ("conflict", "flag", "unsure")
# Literal, so that the partial index answers it.
_OPEN = text("doubt <> '' AND review = 'auto' AND merged_into IS NULL")


def doubt(deal: Deal) -> str:
    """Return the weightiest reason to look at a deal, one of KINDS; "" for none."""
    if deal.conflicts:
        return "conflict"
    if deal.flags:
        return "flag"
    return "unsure" if deal.event.confidence < UNSURE else ""


def queue(conn: Connection, kind: str | None = None, limit: int = 10) -> list[str]:
    """Return the deals that nobody has decided about, the most dollars first."""
    c = t.deal.c
    query = select(c.id).where(_OPEN)
    if kind is not None:
        query = query.where(c.doubt == kind)
    ordered = query.order_by(c.amount_usd.desc().nulls_last(), c.n.desc())
    return list(conn.scalars(ordered.limit(limit)))


def counts(conn: Connection) -> dict[str, int]:
    """Return how many of each kind wait."""
    query = select(t.deal.c.doubt, func.count()).where(_OPEN).group_by(t.deal.c.doubt)
    return {row[0]: row[1] for row in conn.execute(query)}


def waiting(conn: Connection, most: int) -> int:
    """Count what waits, no further than `most`."""
    some = select(t.deal.c.n).where(_OPEN).limit(most).subquery()
    return conn.scalar(select(func.count()).select_from(some)) or 0
