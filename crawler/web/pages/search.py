"""Search: deals and articles that have every word, in any script."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from crawler.store import browsing, search
from crawler.web.frame import house_of, page

router = APIRouter()
MOST = 25


@router.get("/search")
def found(request: Request, q: str = "") -> Response:
    """Return what has every term of `q`, highlighted."""
    house = house_of(request)
    asked = q.strip()[:200]
    with house.store.read() as conn:
        hits = search.search(conn, asked, MOST + 1, kinds=("deal",))
        articles = search.search(conn, asked, MOST + 1, kinds=("article",))
        lines = {one.deal.id: one for one in browsing.lines(conn, [hit.id for hit in hits])}
    return page(
        request,
        "search.html",
        asked=asked,
        terms=search.terms(asked),
        deals=[(hit, lines[hit.id]) for hit in hits[:MOST] if hit.id in lines],
        articles=articles[:MOST],
        more=(len(hits) > MOST, len(articles) > MOST),
        most=MOST,
    )
