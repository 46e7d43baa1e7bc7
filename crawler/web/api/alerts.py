"""Alerts: the outbox; queueing again, dropping and silencing is the scope `admin`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from crawler.store import outbox
from crawler.store.outbox import State
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
from crawler.wire import plain

router = APIRouter(tags=["alerts"])
_Name = Annotated[Words | None, Query(max_length=100)]
_Word = Annotated[Words, Field(max_length=200)]


class Silence(BaseModel):
    """Of what nothing is said for a while; of all if nothing is named."""

    model_config = ConfigDict(extra="forbid")
    hours: float = Field(gt=0, le=24 * 366)
    company: _Word | None = None
    channel: _Word | None = None
    rule: _Word | None = None
    comment: _Word = ""


class Drop(BaseModel):
    """Why an alert is given up."""

    model_config = ConfigDict(extra="forbid")
    reason: _Word = "dropped by hand"


@router.get("/alerts", responses={200: {"model": models.Alerts}, **UNCHANGED})
def list_alerts(  # noqa: PLR0913, PLR0917 - the query's parts
    request: Request,
    house: House_,
    state: Annotated[list[State], Query()] = [],  # noqa: B006 - FastAPI copies it
    channel: _Name = None,
    deal: _Name = None,
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Response:
    """Return alerts, newest first, with their state and its reason."""
    with house.store.read() as conn:
        rows = outbox.listing(
            conn,
            states=state,
            channel=channel,
            deal_id=deal,
            limit=limit + 1,
            before=_before(cursor),
        )
    more = str(rows[limit - 1].id) if len(rows) > limit else ""
    return listed(request, "alerts", [plain(row) for row in rows[:limit]], more)


def _before(cursor: str) -> int | None:
    if not cursor:
        return None
    if not cursor.isascii() or not cursor.isdecimal() or int(cursor) >= 2**63:
        raise HTTPException(400, "cursor: not one that a page of this list gave")
    return int(cursor)


@router.get("/alerts/{number}", responses={200: {"model": models.AlertTold}, **UNCHANGED})
def one_alert(request: Request, house: House_, number: Number) -> Response:
    """Return one alert with every attempt to deliver it."""
    with house.store.read() as conn:
        found, tries = outbox.get(conn, number), outbox.attempts(conn, number)
    if found is None:
        raise missing("alert", number)
    return reply(request, {**plain(found[0]), "tries": [_try(one) for one in tries]})


def _try(one: Any) -> dict[str, Any]:  # noqa: ANN401 - a row
    return {name: plain(one[name]) for name in models.Attempt.model_fields}


@router.post("/alerts/{number}/requeue", responses={200: {"model": models.Count}})
def requeue(request: Request, house: House_, number: Number) -> Response:
    """Send a dead, held or suppressed alert after all."""
    with house.store.write() as conn:
        _known(conn, number)
        count = outbox.requeue(conn, [number], house.clock())
    return reply(request, {"count": count})


@router.post("/alerts/{number}/drop", responses={200: {"model": models.Count}})
def drop(request: Request, house: House_, number: Number, why: Drop) -> Response:
    """Give an alert up for good; the list keeps it, with the reason."""
    with house.store.write() as conn:
        _known(conn, number)
        count = outbox.drop(conn, [number], why.reason, house.clock())
    return reply(request, {"count": count})


@router.post("/silences", status_code=201, responses={201: {"model": models.Silence}})
def silence(request: Request, house: House_, wanted: Silence) -> Response:
    """Say nothing for a while."""
    now = house.clock()
    end = now + timedelta(hours=wanted.hours)
    about = wanted.model_dump(include={"company", "channel", "rule"}, exclude_none=True)
    with house.store.write() as conn:
        ident = outbox.silence(
            conn, about, now, end, author=request.state.who, comment=wanted.comment
        )
    answer = reply(request, {"id": ident, "until": end.isoformat()})
    answer.status_code = 201
    return answer


@router.post("/silences/{number}/end", responses={200: {"model": models.Count}})
def unsilence(request: Request, house: House_, number: Number) -> Response:
    """End a silence now; what it kept back stays back."""
    with house.store.write() as conn:
        ended = outbox.end_silence(conn, number, house.clock())
    if not ended:
        raise missing("silence in force with the number", number)
    return reply(request, {"count": 1})


def _known(conn: Any, number: int) -> None:  # noqa: ANN401 - a Connection, which is imported late
    if outbox.get(conn, number) is None:
        raise missing("alert", number)
