"""Deals: the list, filtered, sorted, summed."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from crawler.store import browsing
from crawler.types import DealType, Round, Status
from crawler.web.filters import asked
from crawler.web.frame import house_of, page

router = APIRouter()


@router.get("/deals")
def deals(request: Request) -> Response:
    """Return a page of the list."""
    house = house_of(request)
    wanted = asked(request.query_params, house.clock())
    with house.store.read() as conn:
        found = browsing.page(conn, wanted.filter, wanted.order)
        totals = browsing.totals(conn, wanted.filter)
    return page(
        request,
        "deals.html",
        asked_for=wanted,
        found=found,
        totals=totals,
        types=list(DealType),
        statuses=list(Status),
        rounds=list(Round),
    )
