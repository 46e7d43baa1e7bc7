"""Articles: what was read, newest first."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response

from crawler.store import articles as stored
from crawler.store.articles import StoredArticle
from crawler.web.api import models
from crawler.web.api.answers import (
    UNCHANGED,
    Cursor,
    House_,
    Limit,
    Number,
    Words,
    listed,
    missing,
    reply,
)
from crawler.web.api.asking import understood
from crawler.wire import plain

router = APIRouter(tags=["articles"])
_Name = Annotated[Words | None, Query(max_length=200)]


@router.get("/articles", responses={200: {"model": models.Articles}, **UNCHANGED})
def list_articles(  # noqa: PLR0913, PLR0917 - the query's parts
    request: Request,
    house: House_,
    source: _Name = None,
    lang: _Name = None,
    since: Annotated[str | None, Query(max_length=40, description="Seen since: 7d, a day.")] = None,  # noqa: ARG001 - read with the filters
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Response:
    """Return stored articles by the time they were seen, without their text."""
    asked = understood(request)
    with house.store.read() as conn:
        rows = list(
            stored.listing(
                conn,
                since=asked.filter.since,
                source=source,
                lang=lang,
                limit=limit + 1,
                after=_after(cursor),
            )
        )
    more = _cursor(rows[limit - 1]) if len(rows) > limit else ""
    shown = [_shown(row, text=False) for row in rows[:limit]]
    return listed(request, "articles", shown, more)


@router.get("/articles/{number}", responses={200: {"model": models.Article}, **UNCHANGED})
def one_article(request: Request, house: House_, number: Number) -> Response:
    """Return one article; its text is plain text, and a stranger's."""
    with house.store.read() as conn:
        found = stored.get(conn, number)
    if found is None:
        raise missing("article", number)
    return reply(request, _shown(found, text=True))


def _shown(row: StoredArticle, *, text: bool) -> dict[str, Any]:
    shown = {"id": row.id, **plain(row.article), "events": row.events}
    return shown if text else {k: v for k, v in shown.items() if k != "text"}


def _cursor(row: StoredArticle) -> str:
    return json.dumps([row.article.seen_at.isoformat(), row.id], separators=(",", ":"))


def _after(cursor: str) -> tuple[datetime, int] | None:
    if not cursor:
        return None
    try:
        at, number = json.loads(cursor)
        when = datetime.fromisoformat(at)
    except (ValueError, TypeError, RecursionError):
        raise HTTPException(400, "cursor: not one that a page of this list gave") from None
    if when.tzinfo is None or not isinstance(number, int) or not 0 <= number < 2**63:
        raise HTTPException(400, "cursor: not one that a page of this list gave")
    return when, number
