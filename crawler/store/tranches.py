"""When bonds fall due: the tranches of every bond, by maturity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select

from crawler.store import tables as t
from crawler.types import Deal, Review, Tranche


@dataclass(frozen=True, slots=True, kw_only=True)
class Maturity:
    """One tranche of a bond: when it falls due, and how much that is in dollars."""

    deal_id: str
    company: str
    status: str
    due: str  # YYYY, YYYY-MM or YYYY-MM-DD
    printed: bool  # False: the year to which its tenor leads
    amount: float | None
    currency: str | None
    usd: float | None
    coupon: float | None


def save(conn: Connection, deal: Deal) -> None:
    """Store the tranches of a deal in place of those it had."""
    c = t.deal_tranche.c
    rows = [_row(deal, n, one) for n, one in enumerate(deal.event.tranches)]
    there = conn.execute(select(t.deal_tranche).where(c.deal_id == deal.id).order_by(c.n)).all()
    if [dict(row._mapping) for row in there] == rows:  # noqa: SLF001 - SQLAlchemy's public name
        return
    if there:
        conn.execute(delete(t.deal_tranche).where(c.deal_id == deal.id))
    if rows:
        conn.execute(t.deal_tranche.insert(), rows)


def _row(deal: Deal, n: int, one: Tranche) -> dict[str, Any]:
    alone = len(deal.event.tranches) == 1
    amount = deal.event.amount if one.amount is None and alone else one.amount
    return {
        "deal_id": deal.id,
        "n": n,
        "due": one.maturity or _year(deal, one.tenor_years),
        "printed": one.maturity is not None,
        "amount": None if amount is None else float(amount),
        "currency": one.currency,
        "coupon": None if one.coupon_pct is None else float(one.coupon_pct),
    }


def _year(deal: Deal, tenor: float | None) -> str:
    first = min((report.published for report in deal.reports), default=deal.first_seen)
    return "" if tenor is None else str(first.year + round(tenor))


def due(conn: Connection, first: str, last: str, limit: int = 500) -> list[Maturity]:
    """Return what falls due from `first` to before `last` (as text), in that order."""
    c, d = t.deal_tranche.c, t.deal.c
    columns = (
        c.deal_id, c.due, c.printed, c.amount, c.currency, c.coupon, d.company, d.status,
        d.amount.label("whole"), d.currency.label("money"), d.amount_usd,
    )  # fmt: skip
    query = select(*columns).join(t.deal, d.id == c.deal_id)
    query = query.where(c.due >= first, c.due < last, d.merged_into.is_(None))
    query = query.where(d.review != Review.REJECTED.value)
    rows = conn.execute(query.order_by(c.due, c.deal_id, c.n).limit(limit))
    return [_maturity(row) for row in rows]


def _maturity(row: Any) -> Maturity:  # noqa: ANN401 - a row of `due`
    same = row.currency in {None, row.money} and row.whole and row.amount and row.amount_usd
    return Maturity(
        deal_id=row.deal_id,
        company=row.company,
        status=row.status,
        due=row.due,
        printed=row.printed,
        amount=row.amount,
        currency=row.currency or row.money,
        usd=row.amount_usd * row.amount / row.whole if same else None,
        coupon=row.coupon,
    )
