"""Aliases learned from articles: suggestions until a person confirms them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from crawler.store import tables as t
from crawler.store.sql import insert


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """`alias` was seen as another name of `company`, `seen` times."""

    id: int
    alias: str
    company: str
    seen: int
    first_at: datetime
    last_at: datetime
    url: str
    quote: str
    state: str  # open | confirmed | refused
    who: str | None


def suggest(  # noqa: PLR0913 - a row of its table
    conn: Connection, alias: str, company: str, *, url: str, quote: str, now: datetime
) -> None:
    """Count one more sighting of a pair of names; what a person decided about it stays."""
    row = {
        "alias": alias,
        "company": company,
        "seen": 1,
        "first_at": now,
        "last_at": now,
        "url": url,
        "quote": quote,
        "state": "open",
    }
    again = {"seen": t.suggestion.c.seen + 1, "last_at": now}
    made = insert(conn, t.suggestion).values(row)
    conn.execute(made.on_conflict_do_update(index_elements=["alias", "company"], set_=again))


def suggestions(conn: Connection, state: str | None = "open") -> list[Suggestion]:
    """Return suggestions, the most seen first."""
    query = select(t.suggestion).order_by(t.suggestion.c.seen.desc(), t.suggestion.c.id)
    if state is not None:
        query = query.where(t.suggestion.c.state == state)
    return [Suggestion(**row._mapping) for row in conn.execute(query)]  # noqa: SLF001 - SQLAlchemy's public name


def judge(conn: Connection, ident: int, state: str, who: str) -> bool:
    """Confirm, refuse or reopen a suggestion; False if there is none."""
    row = update(t.suggestion).where(t.suggestion.c.id == ident)
    return conn.execute(row.values(state=state, who=who)).rowcount == 1
