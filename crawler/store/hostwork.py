"""Which hosts have work due: what is handed to workers of other processes, host by host."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, case, exists, func, select

from crawler.store import tables as t
from crawler.store.hosts import asked_by_others, clock, is_free

NOBODY = ""  # owns nothing: to it, everybody who has work out is another


def due(
    conn: Connection, now: datetime, limit: int, *, first: Collection[str] = ()
) -> list[tuple[str, bool]]:
    """
    Return hosts that may be asked now and have a poll or a page due, at most `limit`.

    Those of which a source in `first` has something due come first, and say so.
    """
    found: dict[str, bool] = {}
    for query in (_polls(conn, now, first), _pages(conn, now, first)):
        for name, preferred in conn.execute(query.limit(limit)).all():
            found[name] = found.get(name, False) or bool(preferred)
    ranked = sorted(found.items(), key=lambda pair: not pair[1])
    return ranked[:limit]


def _free(query: Select[Any], conn: Connection, now: datetime) -> Select[Any]:
    h = t.host.c
    others = asked_by_others(NOBODY, now)
    return query.where(is_free(NOBODY, now, clock(conn, now)), h.name.not_in(others))


def _polls(conn: Connection, now: datetime, first: Collection[str]) -> Select[Any]:
    c, h = t.source.c, t.host.c
    preferred = func.max(case((c.id.in_(first), 1), else_=0))
    query = select(h.name, preferred).join(t.source, c.host == h.name)
    query = query.where(c.enabled.is_(True), c.due_at <= now).group_by(h.name)
    return _free(query, conn, now).order_by(preferred.desc(), func.min(c.due_at))


def _pages(conn: Connection, now: datetime, first: Collection[str]) -> Select[Any]:
    c, h = t.page.c, t.host.c
    waiting = select(c.id).where(c.host == h.name, c.due_at <= now)
    preferred = exists(waiting.where(c.source_id.in_(first)))
    query = select(h.name, preferred).where(exists(waiting))
    return _free(query, conn, now).order_by(preferred.desc())
