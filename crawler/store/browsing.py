"""
Deals as lists show them: a page at a time, from a cursor on, with totals over all of it.

Lists read the narrow index `ix_deal_list` and fetch only the rows of one page; a deal comes
without its reports, which no list shows.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select

from crawler.store import tables as t
from crawler.store.deals import Filter, narrowed
from crawler.store.sql import parts
from crawler.types import Deal, DealType
from crawler.wire import load

SORTS = ("updated", "first_seen", "amount_usd", "company")
_COLUMNS: dict[str, ColumnElement[Any]] = {
    "updated": t.deal.c.updated,
    "first_seen": t.deal.c.first_seen,
    "amount_usd": t.deal.c.amount_usd,
    "company": t.deal.c.company_fold,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of a list: the deal without its reports, and what lists say of those."""

    deal: Deal
    country: str | None  # of an outlet that reports it
    langs: tuple[str, ...]
    reports: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How a list is sorted. A cursor is the `Page.next` of the page before."""

    by: str = "updated"  # one of SORTS
    descending: bool = True
    cursor: str = ""
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some lines, and the cursor behind the last of them ("" at the end)."""

    lines: tuple[Line, ...]
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """How many deals of one type there are, how many name a sum, and what they make."""

    type: str
    deals: int
    disclosed: int
    usd: float


def page(conn: Connection, wanted: Filter, order: Order | None = None) -> Page:
    """
    Return one page of a list. A cursor that cannot be read begins at the start.

    Raises:
        KeyError: `order.by` is none of SORTS.
    """
    order = order or Order()
    column = _COLUMNS[order.by]
    query = narrowed(select(t.deal.c.id, column.label("value")), wanted)
    query = lean(query) if _picks(wanted) else query
    query = _from_cursor(query, column, order)
    ends = (column.desc(), t.deal.c.id.desc()) if order.descending else (column, t.deal.c.id)
    ordered = query.order_by(ends[0].nulls_last(), ends[1])
    rows = conn.execute(ordered.limit(order.limit + 1)).all()
    shown = rows[: order.limit]
    more = _cursor(shown[-1]) if len(rows) > order.limit else ""
    return Page(lines=tuple(lines(conn, [row.id for row in shown])), next=more)


def lean(query: Select[Any]) -> Select[Any]:
    """
    Let SQLite answer from `ix_deal_list` alone.

    It would rather walk an index that is in order already, and read every row on the way.
    """
    return query.with_hint(t.deal, "INDEXED BY ix_deal_list", "sqlite")


def _picks(wanted: Filter) -> bool:
    """Tell whether a filter may let so few through that walking by time reads them all."""
    return replace(wanted, since=None, until=None, after=None) != Filter()


def _cursor(row: Row[Any]) -> str:
    value = row.value.isoformat() if isinstance(row.value, datetime) else row.value
    return json.dumps([value, row.id], ensure_ascii=False, separators=(",", ":"))


def _from_cursor(query: Select[Any], column: ColumnElement[Any], order: Order) -> Select[Any]:
    try:
        value, ident = json.loads(order.cursor)
        timed = order.by in {"updated", "first_seen"}
        value = datetime.fromisoformat(value) if timed else value
    except (ValueError, TypeError):
        return query
    behind = t.deal.c.id < str(ident) if order.descending else t.deal.c.id > str(ident)
    if value is None:
        return query.where(column.is_(None), behind)
    past = column < value if order.descending else column > value
    rest = or_(past, and_(column == value, behind))
    return query.where(or_(rest, column.is_(None)) if order.by == "amount_usd" else rest)


def lines(conn: Connection, ids: Sequence[str]) -> list[Line]:
    """Return deals as lines, in the order of `ids`."""
    c = t.deal.c
    query = select(c.id, c.document, c.country, c.langs, c.reports)
    found = {
        ident: Line(
            deal=load(Deal, document), country=country, langs=tuple(langs.split()), reports=number
        )
        for some in parts(ids)
        for ident, document, country, langs, number in conn.execute(query.where(c.id.in_(some)))
    }
    return [found[ident] for ident in ids if ident in found]


def totals(conn: Connection, wanted: Filter) -> list[Total]:
    """Return what a filter lets through by type, the most dollars first."""
    usd = t.deal.c.amount_usd
    sums = (func.count().label("deals"), func.count(usd).label("named"), func.sum(usd).label("usd"))
    query = lean(narrowed(select(t.deal.c.type, *sums), wanted)).group_by(t.deal.c.type)
    found = [
        Total(type=row.type, deals=row.deals, disclosed=row.named, usd=row.usd or 0.0)
        for row in conn.execute(query)
    ]
    return sorted(found, key=lambda one: (-one.usd, one.type))


# --- what is new --------------------------------------------------------------------


def last_change(conn: Connection) -> int:
    """Return the number of the latest revision of any deal; 0 for none."""
    return conn.scalar(select(func.max(t.deal_revision.c.id))) or 0


def changed_after(conn: Connection, number: int, limit: int = 20) -> tuple[list[str], int]:
    """Return the deals changed after revision `number`, oldest first, and the last number."""
    c = t.deal_revision.c
    query = select(c.id, c.deal_id).where(c.id > number).order_by(c.id).limit(limit)
    rows = conn.execute(query).all()
    return list(dict.fromkeys(row.deal_id for row in rows)), rows[-1].id if rows else number


def largest(conn: Connection, kind: DealType, since: datetime) -> Line | None:
    """Return the deal of a type first reported since then that has the most dollars."""
    c = t.deal.c
    query = narrowed(select(c.id), Filter(types=(kind,)))
    query = query.where(c.first_at >= since, c.amount_usd.is_not(None))
    ident = conn.scalar(query.order_by(c.amount_usd.desc(), c.id.desc()).limit(1))
    return next(iter(lines(conn, [ident])), None) if ident else None
