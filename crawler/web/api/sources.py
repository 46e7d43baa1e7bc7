"""Sources and their health; pausing and polling them is the scope `admin`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from crawler.app import check_kinds
from crawler.errors import UsageError
from crawler.health import Health
from crawler.store import frontier
from crawler.store.sources import by_id
from crawler.types import PollState, Source
from crawler.web.api import models
from crawler.web.api.answers import UNCHANGED, House_, Ident, Words, missing, reply
from crawler.web.condition import condition
from crawler.wire import plain

router = APIRouter(tags=["sources"])


class New(BaseModel):
    """A source to watch, beside those of the config."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,80}$")
    url: Annotated[Words, Field(pattern=r"^https?://[^\s\x00-\x1f]+$", max_length=2000)]
    kind: Annotated[Words, Field(max_length=100)] = "feed"
    language: str = Field("und", pattern=r"^[a-z]{2,3}$")
    every_seconds: int = Field(900, ge=60, le=7 * 86_400)


class Pause(BaseModel):
    """How long a source is left alone."""

    model_config = ConfigDict(extra="forbid")
    hours: float = Field(24, gt=0, le=24 * 366)


@router.get("/sources", responses={200: {"model": models.Sources}, **UNCHANGED})
def list_sources(request: Request, house: House_) -> Response:
    """Return every source with its health, those in trouble first."""
    with house.store.read() as conn:
        found = condition(conn, house.clock())
    return reply(request, {"sources": [_shown(*one) for one in found]})


@router.get("/sources/{ident}", responses={200: {"model": models.Source}, **UNCHANGED})
def one_source(request: Request, house: House_, ident: Ident) -> Response:
    """Return one source."""
    with house.store.read() as conn:
        found = next((one for one in condition(conn, house.clock()) if one[0].id == ident), None)
    if found is None:
        raise missing("source", ident)
    return reply(request, _shown(*found))


def _shown(source: Source, state: PollState, health: Health) -> dict[str, Any]:
    known, kept = plain(source), plain(state)
    first = ("id", "kind", "url", "language", "group", "country", "source_class", "enabled")
    second = ("last_outcome", "last_polled", "last_success", "last_new_entry", "next_poll_at")
    return {
        **{name: known[name] for name in (*first, "origin")},
        "every_seconds": known["every"],
        "health": health.word,
        "line": health.line,
        **{name: kept[name] for name in (*second, "overlap", "gaps", "failures")},
    }


@router.post("/sources", status_code=201, responses={201: {"model": models.Source}})
def add(request: Request, house: House_, new: New) -> Response:
    """Watch one more source; its first poll is quiet."""
    source = Source(
        id=new.name,
        kind=new.kind,
        url=new.url,
        language=new.language,
        every=timedelta(seconds=new.every_seconds),
        origin="database",
    )
    check_kinds([source])
    with house.store.write() as conn:
        if not frontier.add_source(conn, source, house.clock()):
            raise UsageError(f"there is a source called {new.name!r} already")
    answer = one_source(request, house, new.name)
    answer.status_code = 201
    return answer


@router.post("/sources/{ident}/pause", responses={200: {"model": models.Source}})
def pause(
    request: Request,
    house: House_,
    ident: Ident,
    how: Annotated[Pause, Body(default_factory=Pause)],
) -> Response:
    """Leave a source alone for a while."""
    now = house.clock()
    with house.store.write() as conn:
        _known(conn, ident)
        frontier.pause(conn, ident, now + timedelta(hours=how.hours), now)
    return one_source(request, house, ident)


@router.post("/sources/{ident}/{act}", responses={200: {"model": models.Source}})
def change(
    request: Request, house: House_, ident: Ident, act: Literal["resume", "poll", "on", "off"]
) -> Response:
    """Resume a paused source, poll it as soon as may be, switch it on or off."""
    now = house.clock()
    with house.store.write() as conn:
        _known(conn, ident)
        if act == "resume":
            frontier.pause(conn, ident, None, now)
        elif act == "poll":
            frontier.make_due(conn, [ident], now)
        else:
            frontier.set_enabled(conn, [ident], enabled=act == "on")
    return one_source(request, house, ident)


def _known(conn: Any, ident: str) -> None:  # noqa: ANN401 - a Connection, which is imported late
    if ident not in by_id(conn, [ident]):
        raise missing("source", ident)
