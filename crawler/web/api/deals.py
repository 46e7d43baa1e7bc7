"""Deals: a list by the filters of `raisewire deals`, and one with all its proof."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response

from crawler.store import Connection, browsing, deals
from crawler.store.browsing import Order
from crawler.store.deals import Filter
from crawler.types import Deal
from crawler.web.api import models
from crawler.web.api.answers import UNCHANGED, House_, Ident, listed, missing, reply
from crawler.web.api.asking import Page
from crawler.web.filters import instant
from crawler.wire import dump_deal

router = APIRouter(tags=["deals"])


@router.get("/deals", responses={200: {"model": models.Deals}, **UNCHANGED})
def list_deals(request: Request, house: House_, asked: Page) -> Response:
    """Return deals, newest first unless asked otherwise."""
    with house.store.read() as conn:
        found, following = batch(conn, asked.filter, asked.order)
    return listed(request, "deals", [dump_deal(deal) for deal in found], following)


def batch(conn: Connection, wanted: Filter, order: Order) -> tuple[list[Deal], str]:
    """Return one page of deals with their reports, and the cursor of the next."""
    page = browsing.page(conn, wanted, order)
    return deals.witnessed(conn, [line.deal for line in page.lines]), page.next


@router.get("/deals/{ident}", responses={200: {"model": models.Deal}, **UNCHANGED})
def one_deal(
    request: Request,
    house: House_,
    ident: Ident,
    as_of: Annotated[
        str | None,
        Query(max_length=40, description="What was known then; a day means its end (UTC)."),
    ] = None,
) -> Response:
    """Return one deal by its id or the start of it, as it is or as it was known at `as_of`."""
    at = _then(as_of)
    with house.store.read() as conn:
        deal = deals.get(conn, ident) or deals.by_prefix(conn, ident)
        found = deals.get(conn, deal.id, at) if deal and at else deal
    if found is None:
        raise missing("deal", ident)
    return reply(request, dump_deal(found))


def _then(text: str | None) -> datetime | None:
    if text is None:
        return None
    at = instant(text)
    if at is None:
        raise HTTPException(422, "as_of: write a day such as 2026-03-31, or an instant")
    return at


def every(conn: Connection, wanted: Filter, cursor: str) -> tuple[list[Deal], str]:
    """Return the next deals of an export: oldest first, so that no change reorders them."""
    order = Order(by="first_seen", descending=False, cursor=cursor, limit=EXPORTED)
    return batch(conn, replace(wanted, limit=None), order)


EXPORTED = 250  # deals of one transaction: a slow reader holds none open
