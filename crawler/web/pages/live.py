"""Live: deals as server-sent events, until the reader leaves or the server ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from crawler.errors import StoreBusyError
from crawler.store import browsing, deals
from crawler.web import pen
from crawler.web.frame import environment, house_of

router = APIRouter()
PAUSE = 1.0  # seconds between two looks at the database
BEAT = 15  # looks without news after which a comment keeps proxies from hanging up
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@router.get("/events")
async def events(
    request: Request, after: Annotated[int | None, Query(ge=0, le=2**63 - 1)] = None
) -> StreamingResponse:
    """Stream each deal that changes, as its card; a reader who comes back misses none."""
    seen = request.headers.get("last-event-id", "")
    last = int(seen) if seen.isdecimal() and len(seen) < 19 else after
    news = _stream(request, last)
    return StreamingResponse(news, media_type="text/event-stream", headers=HEADERS)


async def _stream(request: Request, last: int | None) -> AsyncIterator[str]:
    number = await run_in_threadpool(_last, request) if last is None else last
    yield f"retry: 3000\nid: {number}\n\n"
    idle = 0
    while not await _over(request):
        try:
            told, number = await run_in_threadpool(_news, request, number)
        except StoreBusyError:
            told = []
        for one in told:
            yield one
        idle = 0 if told else idle + 1
        if idle and idle % BEAT == 0:
            yield ": still here\n\n"


async def _over(request: Request) -> bool:
    """Wait a moment; tell whether the server ends or the reader has gone."""
    closing: asyncio.Event = request.app.state.closing
    try:
        await asyncio.wait_for(closing.wait(), PAUSE)
    except TimeoutError:
        return await request.is_disconnected()
    return True


def _last(request: Request) -> int:
    with house_of(request).store.read() as conn:
        return browsing.last_change(conn)


def _news(request: Request, number: int) -> tuple[list[str], int]:
    house = house_of(request)
    with house.store.read() as conn:
        ids, last = browsing.changed_after(conn, number)
        found = [deal for ident in ids if (deal := deals.get(conn, ident)) and not deal.merged_into]
    reader = pen.reader(request.headers.get("accept-language", ""), house.clock())
    card = environment().get_template("card.html")
    told = [{"id": deal.id, "html": card.render(deal=deal, pen=reader)} for deal in found]
    return [f"id: {last}\nevent: deal\ndata: {json.dumps(one)}\n\n" for one in told], last
