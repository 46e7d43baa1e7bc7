"""Companies, investors and banks: how many deals each has, and what they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, distinct, func, select

from crawler.store import tables as t
from crawler.store.deals import fold
from crawler.types import Review

ORDERS = ("deals", "usd", "recent", "name")
MOST = 500  # deals of one name that its page looks at
INVESTORS, BANKS = ("lead", "investor"), ("bookrunner",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """One name with its deals in sum."""

    name: str
    deals: int
    usd: float
    leads: int  # of an investor: the deals it led
    last: datetime | None


def _stands() -> ColumnElement[bool]:
    c = t.deal.c
    return and_(c.merged_into.is_(None), c.review != Review.REJECTED.value)


def companies(
    conn: Connection, part: str = "", order: str = "usd", limit: int = 50, offset: int = 0
) -> list[Player]:
    """Return companies, narrowed to names with `part` in them, in one of ORDERS."""
    c = t.deal.c
    deals, usd = func.count().label("deals"), func.coalesce(func.sum(c.amount_usd), 0).label("usd")
    last = func.max(c.updated).label("last")
    query = select(c.company_fold, deals, usd, last).where(_stands()).group_by(c.company_fold)
    if part:
        query = query.where(c.company_fold.contains(fold(part), autoescape=True))
    ends = {"deals": deals.desc(), "usd": usd.desc(), "recent": last.desc()}
    ordered = query.order_by(*([ends[order]] if order in ends else []), c.company_fold)
    rows = conn.execute(ordered.limit(limit).offset(offset)).all()
    names = spelt(conn, [row.company_fold for row in rows])
    return [
        Player(
            name=names.get(row.company_fold, row.company_fold),
            deals=row.deals,
            usd=row.usd,
            leads=0,
            last=row.last,
        )
        for row in rows
    ]


def spelt(conn: Connection, folded: Sequence[str]) -> dict[str, str]:
    """Return companies' folded names as somebody printed them."""
    c = t.deal.c
    query = select(c.company_fold, func.max(c.company)).where(c.company_fold.in_(folded))
    return {row[0]: row[1] for row in conn.execute(query.group_by(c.company_fold))}


def parties(
    conn: Connection,
    roles: Sequence[str] = INVESTORS,
    part: str = "",
    limit: int = 50,
    offset: int = 0,
) -> list[Player]:
    """Return investors or banks by number of deals, narrowed to names with `part` in them."""
    c = t.deal_party.c
    once = select(c.name_fold, c.deal_id).where(c.role.in_(roles)).distinct()
    if part:
        once = once.where(c.name_fold.contains(fold(part), autoescape=True))
    pairs = once.subquery()
    query = select(pairs.c.name_fold).group_by(pairs.c.name_fold)
    ordered = query.order_by(func.count().desc(), pairs.c.name_fold).limit(limit).offset(offset)
    names = [row.name_fold for row in conn.execute(ordered)]
    found = _summed(conn, names, roles)
    return [found[name] for name in names if name in found]


def _summed(conn: Connection, names: Sequence[str], roles: Sequence[str]) -> dict[str, Player]:
    """Return what the deals of some names make; a deal counts once for each name."""
    c, d = t.deal_party.c, t.deal.c
    once = select(
        c.name_fold,
        c.deal_id,
        func.max(c.name).label("name"),
        func.max(c.role).label("last_role"),
    )
    once = once.where(c.name_fold.in_(names), c.role.in_(roles))
    pairs = once.group_by(c.name_fold, c.deal_id).subquery()
    query = (
        select(
            pairs.c.name_fold,
            func.max(pairs.c.name).label("name"),
            func.count().label("deals"),
            func.coalesce(func.sum(d.amount_usd), 0).label("usd"),
            func.count().filter(pairs.c.last_role == "lead").label("leads"),
            func.max(d.updated).label("last"),
        )
        .join(t.deal, d.id == pairs.c.deal_id)
        .where(_stands())
        .group_by(pairs.c.name_fold)
    )
    return {
        row.name_fold: Player(
            name=row.name, deals=row.deals, usd=row.usd, leads=row.leads, last=row.last
        )
        for row in conn.execute(query)
    }


def deals_of(conn: Connection, company: str, limit: int = MOST) -> list[str]:
    """Return the deals of a company by its name or a stored alias of it, newest first."""
    c, name = t.deal.c, fold(company)
    called = select(c.id).where(c.company_fold == name)
    known = select(t.deal_key.c.deal_id).where(t.deal_key.c.key == name)
    query = select(c.id).where(c.id.in_(called.union(known)), _stands())
    return list(conn.scalars(query.order_by(c.updated.desc(), c.id.desc()).limit(limit)))


def deals_with(conn: Connection, name: str, limit: int = MOST) -> list[tuple[str, str]]:
    """Return the deals that a name has a part in, newest first, each with its first role."""
    c, d = t.deal_party.c, t.deal.c
    rank = func.min(c.role)
    query = select(d.id, rank.label("role"), func.max(c.role).label("other"))
    query = query.join(t.deal, d.id == c.deal_id).where(c.name_fold == fold(name), _stands())
    rows = conn.execute(query.group_by(d.id, d.updated).order_by(d.updated.desc()).limit(limit))
    return [(row.id, "lead" if "lead" in {row.role, row.other} else row.role) for row in rows]


def beside(conn: Connection, ids: Sequence[str], but: str = "", limit: int = 20) -> list[Player]:
    """Return who has a part in these deals, the most often first, without one name."""
    c = t.deal_party.c
    deals = func.count(distinct(c.deal_id)).label("deals")
    query = select(func.max(c.name).label("name"), deals).group_by(c.name_fold)
    query = query.where(c.deal_id.in_(ids[:MOST]), c.name_fold != fold(but))
    ordered = query.order_by(deals.desc(), c.name_fold)
    return [_beside(row) for row in conn.execute(ordered.limit(limit))]


def _beside(row: Any) -> Player:  # noqa: ANN401 - a row of `beside`
    return Player(name=row.name, deals=row.deals, usd=0.0, leads=0, last=None)
