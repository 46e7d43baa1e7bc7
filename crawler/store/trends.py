"""What was raised when, by what, and by whom most: the figures behind the charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Date, Select, and_, cast, func, select

from crawler.store import tables as t
from crawler.store.players import spelt
from crawler.types import DealType, Review

BREAKDOWNS = ("type", "round", "country")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What was first reported on one day under one heading."""

    day: date
    key: str
    deals: int
    usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One line of a league table."""

    name: str
    deals: int
    usd: float


def daily(conn: Connection, by: str, since: datetime, kinds: Sequence[DealType] = ()) -> list[Cell]:
    """
    Return deals first reported since then, by day and by type, round or country.

    Raises:
        KeyError: `by` is none of BREAKDOWNS.
    """
    c = t.deal.c
    key = {"type": c.type, "round": c.round, "country": c.country}[by]
    day = _day(conn, c.first_at)
    query = select(
        day.label("day"),
        func.coalesce(key, "").label("key"),
        func.count().label("deals"),
        func.coalesce(func.sum(c.amount_usd), 0).label("usd"),
    )
    query = lean(query).where(*_since(since, kinds)).group_by(day, key)
    return [
        Cell(day=date.fromisoformat(str(row.day)), key=row.key, deals=row.deals, usd=row.usd)
        for row in conn.execute(query)
    ]


def lean(query: Select[Any]) -> Select[Any]:
    """Let SQLite answer from `ix_deal_first_at` alone (see `browsing.lean`)."""
    return query.with_hint(t.deal, "INDEXED BY ix_deal_first_at", "sqlite")


def _day(conn: Connection, column: ColumnElement[Any]) -> ColumnElement[Any]:
    if conn.dialect.name == "sqlite":
        return func.date(column)  # kept in UTC
    return cast(func.timezone("UTC", column), Date)


def _since(since: datetime, kinds: Sequence[DealType]) -> list[ColumnElement[bool]]:
    c = t.deal.c
    found = [c.first_at >= since, c.merged_into.is_(None), c.review != Review.REJECTED.value]
    return [*found, c.type.in_([kind.value for kind in kinds])] if kinds else found


def companies(
    conn: Connection, since: datetime, kinds: Sequence[DealType] = (), limit: int = 15
) -> list[Place]:
    """Return who raised most since then."""
    c = t.deal.c
    usd = func.sum(c.amount_usd).label("usd")
    query = select(c.company_fold, func.count().label("deals"), usd).group_by(c.company_fold)
    query = lean(query).where(*_since(since, kinds), c.amount_usd.is_not(None))
    rows = conn.execute(query.order_by(usd.desc(), c.company_fold).limit(limit)).all()
    names = spelt(conn, [row.company_fold for row in rows])
    return [Place(name=names[row.company_fold], deals=row.deals, usd=row.usd) for row in rows]


def parties(
    conn: Connection,
    since: datetime,
    roles: Sequence[str],
    kinds: Sequence[DealType] = (),
    limit: int = 15,
) -> list[Place]:
    """Return who had a part in most dollars since then; each deal counts in full."""
    c, d = t.deal_party.c, t.deal.c
    once = (
        lean(select(d.id, d.amount_usd, c.name))
        .join(t.deal_party, and_(c.deal_id == d.id, c.role.in_(roles)))
        .where(*_since(since, kinds), d.amount_usd.is_not(None))
        .group_by(d.id, d.amount_usd, c.name)
        .subquery()
    )
    usd = func.sum(once.c.amount_usd).label("usd")
    query = select(once.c.name, func.count().label("deals"), usd).group_by(once.c.name)
    rows = conn.execute(query.order_by(usd.desc(), once.c.name).limit(limit))
    return [Place(name=row.name, deals=row.deals, usd=row.usd) for row in rows]
