"""What a list of deals may be asked for: the filters of `raisewire deals`, and some more."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, HTTPException, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from crawler.store.browsing import Order
from crawler.types import DealType, Review, Round, Status
from crawler.web.api.answers import LONGEST, Words
from crawler.web.filters import Asked, asked
from crawler.web.frame import house_of

_Name = Annotated[Words | None, Field(max_length=200)]
_SPAN = "A day (2026-03-31), an instant, or a span back from now (7d, 12h)."
_MONEY = "US dollars: 50000000, 50m or 1.5bn."


class Narrowed(BaseModel):
    """What narrows a list of deals. Repeat `type`, `status`, `round` and `review` for several."""

    model_config = ConfigDict(extra="forbid")

    type: list[DealType] = []
    status: list[Status] = []
    round: list[Round] = []
    review: list[Review] = []
    company: _Name = Field(None, description="Part of a name or alias.")
    investor: _Name = Field(None, description="Part of a lead's, investor's or bookrunner's name.")
    currency: _Name = Field(None, description="ISO 4217.")
    country: _Name = Field(None, description="Of an outlet that reports it, ISO 3166.")
    lang: _Name = Field(None, description="Of an article that reports it, ISO 639-1.")
    min_usd: _Name = Field(None, description=_MONEY)
    max_usd: _Name = Field(None, description=_MONEY)
    since: _Name = Field(None, description=f"Changed since then. {_SPAN}")
    until: _Name = Field(None, description="Changed before the end of that day, or that instant.")


class Listing(Narrowed):
    """What one page of a list is asked for by."""

    sort: Literal["updated", "first_seen", "amount_usd", "company"] = "updated"
    order: Literal["asc", "desc"] | None = Field(
        None, description="Default: desc, and asc by company."
    )
    limit: int = Field(50, ge=1, le=LONGEST)
    cursor: Words = Field("", max_length=500, description="`next` of the page before.")


def narrowed(request: Request, _: Annotated[Narrowed, Query()]) -> Asked:
    """Return what is asked for; what makes no sense is refused."""
    return understood(request)


def listing(request: Request, given: Annotated[Listing, Query()]) -> Asked:
    """Do the same for one page of a list."""
    found = understood(request)
    order = replace(found.order, limit=given.limit)
    if not is_cursor(order):
        raise HTTPException(400, "cursor: not one that a page of this list gave")
    return replace(found, order=order)


def understood(request: Request) -> Asked:
    """
    Read the filters of a query.

    Raises:
        HTTPException: 422 with what makes no sense.
    """
    found = asked(request.query_params, house_of(request).clock())
    if found.wrong:
        raise HTTPException(422, "; ".join(found.wrong))
    return found


def is_cursor(order: Order) -> bool:
    """Tell whether a cursor belongs to a list sorted so."""
    if not order.cursor:
        return True
    try:
        value, ident = json.loads(order.cursor)
    except (ValueError, TypeError, RecursionError):
        return False
    return isinstance(ident, str) and "\0" not in order.cursor and _fits(order.by, value)


def _fits(by: str, value: object) -> bool:
    if by == "amount_usd":
        return value is None or (isinstance(value, int | float) and abs(value) < 1e300)
    if not isinstance(value, str) or by == "company":
        return isinstance(value, str)
    try:
        return datetime.fromisoformat(value).utcoffset() is not None
    except ValueError:
        return False


Narrow = Annotated[Asked, Depends(narrowed)]
Page = Annotated[Asked, Depends(listing)]
