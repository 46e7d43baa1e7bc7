"""Today: what is new, as cards; what is largest; what wants a look."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request, Response

from crawler.health import Health
from crawler.store import browsing, deals
from crawler.store.deals import Filter
from crawler.types import DealType, Source
from crawler.web import pen
from crawler.web.condition import condition
from crawler.web.frame import house_of, page

router = APIRouter()
CARDS = 30
BROKEN = 5
DAY, WEEK = timedelta(days=1), timedelta(days=7)


@router.get("/")
def today(request: Request) -> Response:
    """Return the start page."""
    house = house_of(request)
    now = house.clock()
    with house.store.read() as conn:
        last = browsing.last_change(conn)
        found = list(deals.listing(conn, Filter(since=now - DAY, limit=CARDS)))
        day = browsing.totals(conn, Filter(since=now - DAY))
        week = browsing.totals(conn, Filter(since=now - WEEK))
        month = pen.month(now)
        kinds = (("Bond", DealType.BOND), ("Funding", DealType.FUNDING))
        largest = [(title, browsing.largest(conn, kind, month)) for title, kind in kinds]
        newest = browsing.page(conn, Filter(), browsing.Order(limit=1)).lines
        bad = [(s, h) for s, _, h in condition(conn, now) if _is_bad(s, h)]
    return page(
        request,
        "today.html",
        deals=found,
        last=last,
        count=sum(one.deals for one in day),
        usd=sum(one.usd for one in day),
        week=week,
        largest=[(title, line.deal if line else None) for title, line in largest],
        quiet=newest[0].deal.updated if newest else None,
        broken=bad[:BROKEN],
        since=pen.stamp(now - DAY).replace(" ", "T"),
        week_since="7d",
        month=f"{month:%Y-%m-%d}",
    )


def _is_bad(source: Source, health: Health) -> bool:
    return source.enabled and health.word not in {"well", "new", "off", "stale", "moved"}
