"""Sources: which answer, what they miss, when they are asked next; add, find, test, pause."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from crawler.app import check_kinds, check_sources
from crawler.config.units import duration
from crawler.errors import RaisewireError, UsageError
from crawler.store import Connection, frontier, happenings, pace
from crawler.types import PollResult, Source
from crawler.web.condition import One, condition, rank
from crawler.web.frame import back, house_of, page, problem

router = APIRouter()
Text = Annotated[str, Form(max_length=2000)]
PATIENCE = 45  # seconds that a reader waits for somebody else's server
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,80}")
SHOWN = 150  # rows; more are found by name
_KINDS = ("feed", "sitemap", "listing")


@router.get("/sources")
def sources(request: Request, show: str = "watched", q: str = "") -> Response:
    """Return every source with its health, those in trouble first."""
    house = house_of(request)
    with house.store.read() as conn:
        watching = [one.id for one, _ in frontier.sources(conn) if one.enabled]
        found = condition(conn, house.clock(), paces=pace.recent(conn, watching))
        log = happenings.happenings(conn, limit=20)
    watched = [one for one in found if one[0].enabled]
    shown = [one for one in (found if show == "all" else watched) if q in one[0].id][:SHOWN]
    trouble = [one for one in watched if rank(one[2]) == 0]
    return page(
        request,
        "sources.html",
        rows=shown,
        watched=len(watched),
        off=len(found) - len(watched),
        trouble=len(trouble),
        log=log,
        kinds=_KINDS,
        everything=show == "all",
        q=q[:80],
    )


@router.get("/sources/{ident}")
def source(request: Request, ident: str) -> Response:
    """Return one source: its health, its pages, what happened to it."""
    house = house_of(request)
    with house.store.read() as conn:
        one = next((o for o in condition(conn, house.clock()) if o[0].id == ident), None)
        pages = frontier.pages(conn, None, 30, source_id=ident)
        log = happenings.happenings(conn, source_id=ident, limit=30)
    if one is None:
        return _unknown(request, ident)
    return page(request, "source.html", one=one, pages=pages, log=log, checked=None)


def _unknown(request: Request, ident: str) -> Response:
    words = f"No source is called {ident[:80]}. Sources lists them all."
    return problem(request, 404, "No such source", words)


# --- asking somebody else's server --------------------------------------------------


async def _ask(request: Request, wanted: Source) -> PollResult | str:
    """Poll a source with nothing stored; return what is wrong if that cannot be done."""
    house = house_of(request)
    try:
        check_kinds([wanted])
        asked = check_sources(house.config, [wanted], house.clock)
        (result,) = await asyncio.wait_for(asked, PATIENCE)
    except TimeoutError:
        return f"no answer within {PATIENCE} seconds"
    except (RaisewireError, ValueError) as error:
        return str(error) or "no answer"
    return result


@router.post("/sources/discover")
async def discover(request: Request, url: Text) -> Response:
    """Look at a homepage for the feeds and sitemaps it announces."""
    if not url.startswith(("http://", "https://")):
        url = f"https://{url}"
    found = await _ask(request, Source(id="homepage", kind="spiders.homepage", url=url))
    entries = found.entries if isinstance(found, PollResult) else ()
    said = found if isinstance(found, str) else found.message or found.outcome.value
    values: dict[str, Any] = {"asked_url": url, "entries": entries, "why": said, "kinds": _KINDS}
    return await run_in_threadpool(partial(page, request, "discover.html", **values))


@router.post("/sources/{ident}/check")
async def check(request: Request, ident: str) -> Response:
    """Poll a source with nothing stored, and show what it brought."""
    one = await run_in_threadpool(_one, request, ident)
    if one is None:
        return _unknown(request, ident)
    found = await _ask(request, one[0])
    values: dict[str, Any] = {"one": one, "pages": [], "log": [], "checked": found}
    return await run_in_threadpool(partial(page, request, "source.html", **values))


def _one(request: Request, ident: str) -> One | None:
    house = house_of(request)
    with house.store.read() as conn:
        return next((o for o in condition(conn, house.clock()) if o[0].id == ident), None)


# --- changing what is watched -------------------------------------------------------


@router.post("/sources")
def add(  # noqa: PLR0913, PLR0917 - the fields of the form
    request: Request,
    name: Text,
    url: Text,
    kind: Text = "feed",
    language: Text = "und",
    every: Text = "15m",
) -> Response:
    """Watch one more source; its first poll is quiet."""
    house = house_of(request)
    try:
        wanted = _wanted(name.strip(), url.strip(), kind, language.strip() or "und", every)
        check_kinds([wanted])
        with house.store.write() as conn:
            if not frontier.add_source(conn, wanted, house.clock()):
                raise UsageError(f"there is a source called {wanted.id} already")
    except (RaisewireError, ValueError) as error:
        return problem(request, 400, "The source was not added", str(error))
    return back(f"/sources/{wanted.id}", "added")


def _wanted(name: str, url: str, kind: str, language: str, every: str) -> Source:
    if not _ID.fullmatch(name):
        raise UsageError(f"{name[:80]!r}: a name has lower-case letters, digits, dots and dashes")
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"{url[:200]}: only http:// and https:// addresses can be polled")
    return Source(id=name, kind=kind, url=url, language=language, every=duration(every))


@router.post("/sources/{ident}/{act}")
def change(request: Request, ident: str, act: str, span: Text = "1d") -> Response:
    """Pause, resume, poll now, switch off or on."""
    house = house_of(request)
    now = house.clock()
    with house.store.write() as conn:
        if not any(one.id == ident for one, _ in frontier.sources(conn)):
            return _unknown(request, ident)
        said = _change(conn, ident, act, now, _until(now, span))
    if not said:
        return RedirectResponse(f"/sources/{ident}", 303)
    return back(f"/sources/{ident}", said)


def _until(now: datetime, span: str) -> datetime:
    try:
        return now + duration(span)
    except (ValueError, OverflowError):
        return now + timedelta(days=1)


def _change(conn: Connection, ident: str, act: str, now: datetime, until: datetime) -> str:
    match act:
        case "pause":
            frontier.pause(conn, ident, until, now)
            return "paused"
        case "resume":
            frontier.pause(conn, ident, None, now)
            return "resumed"
        case "due":
            frontier.make_due(conn, [ident], now)
            return "due"
        case "on" | "off":
            frontier.set_enabled(conn, [ident], enabled=act == "on")
            return "switched"
    return ""
