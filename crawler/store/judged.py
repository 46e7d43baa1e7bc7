"""Articles about which a person has decided everything they report: rows to learn from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from crawler.store import tables as t
from crawler.types import Review, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One event that an article reports, and what was said of its deal."""

    event: Mapping[str, Any]  # as the reader read it
    review: str
    deal_id: str
    reports: int  # articles that the deal has


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One article with all its verdicts."""

    id: int
    title: str
    text: str
    lang: str
    published: str
    verdicts: tuple[Verdict, ...]


def articles(conn: Connection) -> Iterator[Judged]:
    """Yield the articles whose every reported deal a person has decided about, oldest first."""
    d, r, a = t.deal.c, t.report.c, t.article.c
    decided = select(r.article_id).join(t.deal, d.id == r.deal_id)
    decided = decided.where(d.review != Review.AUTO.value, r.article_id.is_not(None)).distinct()
    query = select(t.article).where(a.id.in_(decided), a.text != "").order_by(a.id)
    for row in conn.execute(query).all():
        verdicts = _verdicts(conn, row.id)
        if verdicts and all(one.review != Review.AUTO.value for one in verdicts):
            yield Judged(
                id=row.id,
                title=row.title,
                text=row.text,
                lang=row.lang,
                published=row.published.isoformat() if row.published else "",
                verdicts=verdicts,
            )


def _verdicts(conn: Connection, article_id: int) -> tuple[Verdict, ...]:
    d, r = t.deal.c, t.report.c
    query = select(r.document, d.review, d.id, d.reports).join(t.deal, d.id == r.deal_id)
    query = query.where(r.article_id == article_id, r.role == Role.REPORT.value).order_by(r.id)
    return tuple(
        Verdict(event=row.document["event"], review=row.review, deal_id=row.id, reports=row.reports)
        for row in conn.execute(query)
    )
