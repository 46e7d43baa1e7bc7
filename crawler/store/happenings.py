"""What happened to sources and pages that an operator may want to know: gaps, moves, lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from crawler.store import tables as t


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One line of the operator's log."""

    id: int
    at: datetime
    kind: str
    source_id: str | None
    subject: str
    document: Mapping[str, Any]
    settled_at: datetime | None


def note(  # noqa: PLR0913 - a row of its table
    conn: Connection,
    kind: str,
    now: datetime,
    *,
    source_id: str | None = None,
    subject: str = "",
    document: Mapping[str, Any] | None = None,
) -> None:
    """Write down that something of `kind` happened."""
    row = {"kind": kind, "at": now, "source_id": source_id, "subject": subject}
    conn.execute(t.happening.insert().values(row | {"document": dict(document or {})}))


def happenings(
    conn: Connection,
    *,
    kind: str | None = None,
    source_id: str | None = None,
    open_only: bool = False,
    limit: int = 100,
) -> list[Happening]:
    """Return the latest lines of the log."""
    query = select(t.happening).order_by(t.happening.c.id.desc()).limit(limit)
    if kind is not None:
        query = query.where(t.happening.c.kind == kind)
    if source_id is not None:
        query = query.where(t.happening.c.source_id == source_id)
    if open_only:
        query = query.where(t.happening.c.settled_at.is_(None))
    return [Happening(**row._mapping) for row in conn.execute(query)]  # noqa: SLF001 - SQLAlchemy's public name


def open_gaps(conn: Connection) -> dict[str, int]:
    """Return how many gaps of each source are not filled."""
    c = t.happening.c
    query = select(c.source_id, func.count()).where(c.kind == "gap", c.settled_at.is_(None))
    return {row[0]: row[1] for row in conn.execute(query.group_by(c.source_id))}


def settle(conn: Connection, ident: int, now: datetime) -> bool:
    """Mark a happening as dealt with (a gap that was filled); False if it was already."""
    row = update(t.happening).where(t.happening.c.id == ident, t.happening.c.settled_at.is_(None))
    return conn.execute(row.values(settled_at=now)).rowcount == 1
