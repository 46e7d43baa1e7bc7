"""How things stand, in numbers that every page shows: what waits for a person."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Select, and_, func, select

from crawler.store import doubts
from crawler.store import tables as t
from crawler.store.letters import State
from crawler.types import Outcome

_WELL = (Outcome.OK.value, Outcome.UNCHANGED.value)
_MOST = 1000  # a badge need not count further


@dataclass(frozen=True, slots=True, kw_only=True)
class Badges:
    """What waits for a person: deals to review, letters not delivered, sources in trouble."""

    review: int
    alerts: int
    sources: int


def badges(conn: Connection) -> Badges:
    """Return the numbers beside the menu; none is counted further than a thousand."""
    gone = t.outbox.c.state.in_([State.DEAD.value, State.EXPIRED.value])
    c = t.source.c
    bad = and_(c.enabled.is_(True), c.last_outcome.is_not(None), c.last_outcome.not_in(_WELL))
    return Badges(
        review=doubts.waiting(conn, _MOST),
        alerts=_upto(conn, select(t.outbox.c.id).where(gone)),
        sources=_upto(conn, select(c.id).where(bad)),
    )


def _upto(conn: Connection, query: Select[tuple[object]]) -> int:
    some = query.limit(_MOST).subquery()
    return conn.scalar(select(func.count()).select_from(some)) or 0
