"""Full-text search over deals and articles, in every script."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from crawler.store import search as index
from crawler.web.api import models
from crawler.web.api.answers import UNCHANGED, House_, Limit, Words, reply
from crawler.wire import plain

router = APIRouter(tags=["search"])
_BOTH: tuple[str, ...] = ("deal", "article")


@router.get("/search", responses={200: {"model": models.Hits}, **UNCHANGED})
def search(
    request: Request,
    house: House_,
    q: Annotated[Words, Query(min_length=1, max_length=200, description="All words must occur.")],
    kind: Literal["deal", "article"] | None = None,
    limit: Limit = 20,
) -> Response:
    """Return what has every word of `q`; words in double quotes stay together."""
    with house.store.read() as conn:
        hits = index.search(conn, q, limit, kinds=(kind,) if kind else _BOTH)
    return reply(request, {"hits": [plain(hit) for hit in hits]})
