"""Silences: for a while, alerts that fit are suppressed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, or_, select, update

from crawler.store import tables as t


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Between `starts` and `ends`, alerts that `matcher` fits are suppressed."""

    id: int
    matcher: Mapping[str, Any]
    starts: datetime
    ends: datetime | None
    author: str
    comment: str


def silence(  # noqa: PLR0913 - a row of its table
    conn: Connection,
    matcher: Mapping[str, Any],
    starts: datetime,
    ends: datetime | None,
    *,
    author: str = "",
    comment: str = "",
) -> int:
    """Add a silence; return its number."""
    row = {"matcher": dict(matcher), "starts": starts, "ends": ends}
    made = t.silence.insert().values(row | {"author": author, "comment": comment})
    return int(conn.execute(made.returning(t.silence.c.id)).scalar_one())


def silences(conn: Connection, now: datetime | None = None) -> list[Silence]:
    """Return the silences, or only those in force at `now`."""
    query: Select[Any] = select(t.silence).order_by(t.silence.c.id)
    if now is not None:
        c = t.silence.c
        query = query.where(c.starts <= now, or_(c.ends.is_(None), c.ends > now))
    return [Silence(**row._mapping) for row in conn.execute(query)]  # noqa: SLF001 - SQLAlchemy's public name


def end_silence(conn: Connection, ident: int, now: datetime) -> bool:
    """End a silence now; False if it had ended, or there is none."""
    c = t.silence.c
    over = update(t.silence).where(c.id == ident, or_(c.ends.is_(None), c.ends > now))
    return conn.execute(over.values(ends=now)).rowcount == 1
