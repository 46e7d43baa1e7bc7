"""Companies and investors: what their deals make, and which they are."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response

from crawler.store import browsing, deals, players
from crawler.store.players import Player
from crawler.web.api import models
from crawler.web.api.answers import (
    UNCHANGED,
    Cursor,
    House_,
    Limit,
    Words,
    listed,
    missing,
    reply,
)
from crawler.wire import dump_deal

router = APIRouter(tags=["companies and investors"])
_Part = Annotated[Words, Query(max_length=200, description="Part of a name.")]
_Name = Annotated[Words, Path(min_length=1, max_length=300)]
_FAR = 100_000  # names into a list; narrow it instead
_SHOWN = 100  # deals of one name


@router.get("/companies", responses={200: {"model": models.Companies}, **UNCHANGED})
def list_companies(  # noqa: PLR0913, PLR0917 - the query's parts
    request: Request,
    house: House_,
    q: _Part = "",
    sort: Literal["usd", "deals", "recent", "name"] = "usd",
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Response:
    """Return companies with the number and the dollars of their deals."""
    start = _start(cursor)
    with house.store.read() as conn:
        found = players.companies(conn, q, sort, limit + 1, start)
    more = str(start + limit) if len(found) > limit else ""
    return listed(request, "companies", [_shown(one) for one in found[:limit]], more)


@router.get("/companies/{name:path}", responses={200: {"model": models.Deals}, **UNCHANGED})
def one_company(request: Request, house: House_, name: _Name) -> Response:
    """Return a company's latest deals, by its name or an alias."""
    with house.store.read() as conn:
        ids = players.deals_of(conn, name, _SHOWN)
        found = _full(conn, ids)
    if not found:
        raise missing("company", name)
    return reply(request, {"deals": found, "next": None})


@router.get("/investors", responses={200: {"model": models.Investors}, **UNCHANGED})
def list_investors(
    request: Request, house: House_, q: _Part = "", limit: Limit = 50, cursor: Cursor = ""
) -> Response:
    """Return investors by number of deals, with the dollars of the rounds they took part in."""
    start = _start(cursor)
    with house.store.read() as conn:
        found = players.parties(conn, part=q, limit=limit + 1, offset=start)
    more = str(start + limit) if len(found) > limit else ""
    return listed(request, "investors", [_shown(one) for one in found[:limit]], more)


@router.get("/investors/{name:path}", responses={200: {"model": models.Deals}, **UNCHANGED})
def one_investor(request: Request, house: House_, name: _Name) -> Response:
    """Return the latest deals that an investor or a bank has a part in."""
    with house.store.read() as conn:
        found = _full(conn, [ident for ident, _ in players.deals_with(conn, name, _SHOWN)])
    if not found:
        raise missing("investor", name)
    return reply(request, {"deals": found, "next": None})


def _full(conn: Any, ids: list[str]) -> list[dict[str, Any]]:  # noqa: ANN401 - a Connection
    lines = browsing.lines(conn, ids)
    return [dump_deal(deal) for deal in deals.witnessed(conn, [line.deal for line in lines])]


def _shown(one: Player) -> dict[str, Any]:
    last = one.last.isoformat() if one.last else None
    return {"name": one.name, "deals": one.deals, "usd": one.usd, "last": last}


def _start(cursor: str) -> int:
    if not cursor:
        return 0
    if not cursor.isascii() or not cursor.isdecimal() or int(cursor) > _FAR:
        raise HTTPException(400, "cursor: not one that a page of this list gave")
    return int(cursor)
