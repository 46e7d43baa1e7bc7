"""
Restatements and denials that mean a deal we do not know (yet).

An article that recalls a round may come in before the one that reported it. It is kept by
the keys of the deal it means, so that the order of arrival does not matter.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select

from crawler.store import tables as t
from crawler.store.deals import report_of
from crawler.store.sql import missing
from crawler.types import DealType, Report


def keep(conn: Connection, report: Report, keys: Collection[str]) -> None:
    """Keep a report that belongs to no deal, under the keys of the deal it means."""
    about = {
        "type": report.event.type.value,
        "published": report.published,
        "report_id": report.id,
    }
    rows = [{"key": key, **about} for key in keys]
    if rows:
        conn.execute(missing(conn, t.orphan_key, ("report_id", "key")), rows)


def find(
    conn: Connection,
    type: DealType,  # noqa: A002 - the noun's own name
    keys: Collection[str],
    since: datetime,
    until: datetime,
) -> list[Report]:
    """Return the kept reports of `type` under any of the keys that still belong to no deal."""
    c = t.orphan_key.c
    ids = select(c.report_id).where(c.key.in_(sorted(keys)), c.type == type.value)
    ids = ids.where(c.published >= since, c.published <= until)
    query = select(t.report).where(t.report.c.id.in_(ids), t.report.c.deal_id.is_(None))
    return [report_of(row) for row in conn.execute(query.order_by(t.report.c.id))]
