"""A person's word on deals, from another program: the scope `review`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from crawler import review, wire
from crawler.errors import UsageError
from crawler.review import Reviewer
from crawler.store import Connection
from crawler.types import Deal
from crawler.web.api import models
from crawler.web.api.answers import House_, Ident, Number, Words, is_plain, reply

router = APIRouter(tags=["review"])
CHANGED: dict[int | str, dict[str, Any]] = {200: {"model": models.Changed}}
_Reason = Annotated[Words, Field(max_length=2000, description="Why; kept with the decision.")]
_Id = Annotated[Words, Field(min_length=1, max_length=100)]


class Said(BaseModel):
    """A word on a deal."""

    model_config = ConfigDict(extra="forbid")
    reason: _Reason = ""


class Merge(Said):
    """That another deal is the same one."""

    other: _Id


class Split(Said):
    """That some of its articles tell another deal."""

    urls: list[Annotated[Words, Field(max_length=4000)]] = Field(min_length=1, max_length=500)


class Correction(Said):
    """What some slots' values are, as `docs/json.md` writes them."""

    slots: dict[_Id, JsonValue] = Field(min_length=1, max_length=40)


Word = Annotated[Said, Body(default_factory=Said)]


@router.post("/deals/{ident}/confirm", responses=CHANGED)
def confirm(request: Request, house: House_, ident: Ident, said: Word) -> Response:
    """Say that a deal is right as it stands."""
    return _decide(request, house, lambda r, conn: r.confirm(conn, ident, said.reason))


@router.post("/deals/{ident}/reject", responses=CHANGED)
def reject(request: Request, house: House_, ident: Ident, said: Word) -> Response:
    """Say that these articles tell no deal at all."""
    return _decide(request, house, lambda r, conn: r.reject(conn, ident, said.reason))


@router.post("/deals/{ident}/merge", responses=CHANGED)
def merge(request: Request, house: House_, ident: Ident, said: Merge) -> Response:
    """Say that two deals are one; the one with more articles keeps its id."""
    return _decide(request, house, lambda r, conn: r.merge(conn, ident, said.other, said.reason))


@router.post("/deals/{ident}/split", responses=CHANGED)
def split(request: Request, house: House_, ident: Ident, said: Split) -> Response:
    """Say that some of a deal's articles tell another deal."""
    return _decide(request, house, lambda r, conn: r.split(conn, ident, said.urls, said.reason))


@router.post("/deals/{ident}/correct", responses=CHANGED)
def correct(request: Request, house: House_, ident: Ident, said: Correction) -> Response:
    """Say what some slots' values are; they hold against every later article."""
    slots = {name: json.dumps(value, ensure_ascii=False) for name, value in said.slots.items()}
    known = models.Event.model_fields
    for name, text in slots.items():
        if name not in known or "\\u0000" in text or not is_plain(text):
            raise UsageError(f"there is no slot {name!r}, or its value is no text")
    return _decide(request, house, lambda r, conn: r.correct(conn, ident, slots, said.reason))


@router.post("/decisions/{number}/undo", responses=CHANGED)
def undo(request: Request, house: House_, number: Number) -> Response:
    """Take a decision back; its deals are resolved as if it had never been."""
    return _decide(request, house, lambda r, conn: r.undo(conn, number))


@router.get("/deals/{ident}/decisions", responses={200: {"model": models.Decisions}})
def decisions(request: Request, house: House_, ident: Ident) -> Response:
    """Return what was decided about a deal, by whom and why; undone decisions too."""
    with house.store.read() as conn:
        try:
            found = review.log(conn, ident)
        except UsageError as error:
            raise HTTPException(404, str(error)) from None
    return reply(request, {"decisions": [wire.plain(one) for one in found]})


def _decide(
    request: Request, house: House_, act: Callable[[Reviewer, Connection], list[Deal]]
) -> Response:
    reviewer = Reviewer(house.ingest, request.state.who, house.clock())
    with house.store.write() as conn:
        changed = act(reviewer, conn)
    return reply(request, {"deals": [wire.dump_deal(deal) for deal in changed]})
