"""
The permanent run: takes due work from the desk, asks politely, hands back what came.

Every piece of work ends in exactly one item (`PollResult`, `Page` or `Failure`), or, when
the run is stopped first, in none: then its lease brings it back.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from scrapy import Request, Spider
from scrapy.http import Response

from crawler.errors import RaisewireError, SourceError
from crawler.types import Desk, Entry, Failure, Fetch, Outcome, Page, Poll, PollResult
from spiders.kinds import MAX_ENTRIES, MAX_PARTS, Found, kind

Work = Poll | Fetch
Item = PollResult | Page | Failure

_BIG = 100_000  # bytes: parsing more than this would hold up every other host
_GZIP = b"\x1f\x8b"
_PAUSE = 5.0  # seconds, when the desk itself is in trouble

log = logging.getLogger(__name__)


class Judge(Protocol):
    """What the wire's answers mean; the fetch room's business, not a spider's."""

    def check(self, url: str) -> None:
        """Raise SourceError for an address that must not be asked."""

    def polled(self, poll: Poll, response: Response, now: datetime) -> PollResult:
        """Return what an answer to a poll says; OK means: parse it."""

    def fetched(self, fetch: Fetch, response: Response, now: datetime) -> Page | Failure:
        """Return the page, or why it is none."""

    def failed(self, work: Work, error: BaseException, now: datetime) -> PollResult | Failure:
        """Return how work ended that got no answer."""

    def released(self, error: BaseException) -> bool:
        """Tell whether `error` only means that the run is stopping."""


@dataclass(slots=True)
class Gathering:
    """One poll whose answers are still coming in, one after another."""

    result: PollResult
    entries: list[Entry] = field(default_factory=list)
    waiting: deque[Request] = field(default_factory=deque)
    notes: list[str] = field(default_factory=list)
    parts: int = 1
    malformed: bool = False


class NewsSpider(Spider):
    """One run for all sources, so that politeness holds across them."""

    name = "news"

    def __init__(  # noqa: PLR0913 - what a run is made of, all by name
        self,
        *,
        desk: Desk,
        judge: Judge,
        clock: Callable[[], datetime],
        stopping: Callable[[], bool],
        room: int = 256,
        tick: float = 1.0,
    ) -> None:
        super().__init__()
        self.desk, self.judge, self.clock = desk, judge, clock
        self.stopping, self.room, self.tick = stopping, room, tick
        self.open: set[str] = set()
        self.news = asyncio.Event()
        self.fault: Exception | None = None

    async def start(self) -> AsyncIterator[Any]:
        """Yield requests for due work until stopped, or until the desk is drained."""
        try:
            async for piece in self._work():
                self.open.add(_key(piece))
                yield self._begin(piece)
        except Exception as error:
            self.fault = error  # Scrapy would only log it, and call the run finished
            raise

    async def _work(self) -> AsyncIterator[Work]:
        while not self.stopping():
            self.news.clear()
            try:
                work = await self._take()
                if not work and not self.open and await self.desk.drained():
                    return
            except RaisewireError as error:
                log.error("no work to be had: %s", error)  # noqa: TRY400 - ours, told in one line
                await asyncio.sleep(_PAUSE)
                continue
            for piece in work:
                yield piece
            if not work:
                await self._rest()

    async def _take(self) -> Sequence[Work]:
        room = self.room - len(self.open)
        return await self.desk.take(room) if room > 0 else ()

    async def _rest(self) -> None:
        """Wait a tick, or until something was handed back (it may have made new work)."""
        try:
            await asyncio.wait_for(self.news.wait(), self.tick)
        except TimeoutError:
            return

    def finished(self, work: Work) -> None:
        """Note that `work` has been handed back to the desk."""
        self.open.discard(_key(work))
        self.news.set()

    # --- asking -------------------------------------------------------------------

    def _begin(self, work: Work) -> Request | Item:
        try:
            if isinstance(work, Poll):
                first, *rest = kind(work.source.kind).requests(work)
                return self._ask(first, work, later=rest)
            return self._ask(Request(work.entry.url), work)
        except (SourceError, ValueError) as error:
            return self.judge.failed(work, error, self.clock())

    def _ask(
        self,
        request: Request,
        work: Work,
        *,
        gathering: Gathering | None = None,
        later: Iterable[Request] = (),
    ) -> Request:
        """Return `request` bound to `work`: whatever happens, one of two callbacks hears of it."""
        self.judge.check(work.entry.url if isinstance(work, Fetch) else request.url)
        heard, missed = (
            (self._page, self._lost) if isinstance(work, Fetch) else (self._part, self._gap)
        )
        meta: dict[str, Any] = {"work": work, "allow_private": work.source.allow_private}
        meta |= {"conditional": gathering is None, "later": tuple(later)}
        return request.replace(
            callback=heard,
            errback=missed,
            dont_filter=True,
            meta={**request.meta, **meta},
            cb_kwargs={"gathering": gathering} if isinstance(work, Poll) else {},
        )

    # --- pages --------------------------------------------------------------------

    def _page(self, response: Response) -> Iterator[Item]:
        fetch: Fetch = response.meta["work"]
        page = self.judge.fetched(fetch, response, self.clock())
        yield _readable(page, response) if isinstance(page, Page) else page

    def _lost(self, fault: Any) -> Iterator[Item]:  # noqa: ANN401 - Scrapy adds .request to Twisted's Failure
        work = fault.request.meta["work"]
        if self.judge.released(fault.value):
            self.finished(work)
            return
        yield self.judge.failed(work, fault.value, self.clock())

    # --- polls --------------------------------------------------------------------

    async def _part(self, response: Response, gathering: Gathering | None) -> AsyncIterator[Any]:
        poll: Poll = response.meta["work"]
        result = self.judge.polled(poll, response, self.clock())
        if gathering is None:
            gathering = Gathering(result, waiting=deque(response.meta["later"]))
            if result.outcome is not Outcome.OK:
                yield result
                return
        if result.outcome is Outcome.OK:
            _add(gathering, await self._parsed(response, poll))
        else:
            gathering.notes.append(f"{response.url}: {result.message}")
        yield self._next(poll, gathering)

    async def _gap(self, fault: Any) -> AsyncIterator[Any]:  # noqa: ANN401 - as above
        poll: Poll = fault.request.meta["work"]
        gathering: Gathering | None = fault.request.cb_kwargs["gathering"]
        if self.judge.released(fault.value):
            self.finished(poll)
            return
        result = self.judge.failed(poll, fault.value, self.clock())
        if gathering is None:
            yield result
            return
        gathering.notes.append(f"{fault.request.url}: {result.message}")
        yield self._next(poll, gathering)

    async def _parsed(self, response: Response, poll: Poll) -> Found:
        """Return what the kind found; big answers are parsed off the loop."""
        parse = kind(poll.source.kind).parse
        try:
            if len(response.body) > _BIG or response.body.startswith(_GZIP):
                return await asyncio.to_thread(parse, response, poll, self.clock())
            return parse(response, poll, self.clock())
        except Exception as error:
            log.warning("kind %s broke on %s", poll.source.kind, response.url, exc_info=True)
            return Found(malformed=True, message=f"the spider broke: {error!r}"[:300])

    def _next(self, poll: Poll, gathering: Gathering) -> Request | PollResult:
        """Return the next request of this poll, or its result when none is left."""
        while gathering.waiting and gathering.parts < MAX_PARTS:
            gathering.parts += 1
            request = gathering.waiting.popleft()
            try:
                return self._ask(request, poll, gathering=gathering)
            except SourceError as error:
                gathering.notes.append(f"{request.url}: {error}")
        return _finished(gathering)


def _readable(page: Page, response: Response) -> Page:
    """Return `page` as its source's kind makes it readable, where that kind does."""
    source = page.fetch.source
    try:
        make = getattr(kind(source.kind), "page", None)
        if make is None or (body := make(response, page.fetch)) == page.body:
            return page
        return replace(page, body=body, headers={**page.headers, "content-type": "text/html"})
    except Exception:
        log.warning("kind %s broke on %s", source.kind, response.url, exc_info=True)
        return page


def _key(work: Work) -> str:
    if isinstance(work, Fetch):
        return f"page {work.page_id} {work.token}"
    return f"poll {work.source.id} {work.token}"


def _add(gathering: Gathering, found: Found) -> None:
    gathering.entries.extend(found.entries)
    gathering.waiting.extend(found.follow)
    gathering.malformed |= found.malformed
    if found.message:
        gathering.notes.append(found.message)
    result = gathering.result
    waits = [wait for wait in (result.min_interval, found.min_interval) if wait]
    gathering.result = replace(result, min_interval=max(waits, default=None))
    if found.index:  # the index may stay the same while the maps it names change
        gathering.result = replace(
            gathering.result, etag=None, last_modified=None, body_hash=None, lied=False
        )


def _finished(gathering: Gathering) -> PollResult:
    entries = tuple(dict.fromkeys(entry for entry in gathering.entries if entry.url))
    outcome = Outcome.OK if entries else Outcome.EMPTY
    if gathering.malformed and not entries:
        outcome = Outcome.MALFORMED
    message = "; ".join(gathering.notes)[:500]
    return replace(
        gathering.result,
        outcome=outcome,
        entries=entries[:MAX_ENTRIES],
        message=message if message or outcome is Outcome.OK else "it holds no entries",
    )
