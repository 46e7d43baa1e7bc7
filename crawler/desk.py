"""
The desk: what a spider may ask of the house, answered from the database.

It hands out leased work, takes polls, pages and failures back, and turns each into one
transaction. Nothing durable lives here: a process that dies leaves leases that run out.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from structlog.contextvars import bound_contextvars as log_as

from crawler import backfill, fetch, metrics, revisit
from crawler.errors import ExtractError, RaisewireError, StoreError
from crawler.fetch.schedule import learned_interval, next_poll_at
from crawler.owner import owner
from crawler.pipeline import Ingest, Ingested
from crawler.reading import Reader, Reading
from crawler.second import SecondReader
from crawler.store import Connection, Store, Writer, archive, frontier, revisits
from crawler.types import (
    Deal,
    Entry,
    Failure,
    Fetch,
    Outcome,
    Page,
    Poll,
    PollResult,
    Quality,
    Robots,
)

log = structlog.get_logger()

LEASE = timedelta(minutes=10)
TRIES = 3  # a page that kills its reader three times is put aside
FINAL = frozenset({Outcome.GONE, Outcome.ROBOTS, Outcome.REFUSED})  # trying again will not help
RETRIES = 12  # over a day and a half: an outage of hours loses no page
RETRY_BASE = timedelta(minutes=2)
LONGEST_RETRY = timedelta(hours=6)
FILLS = 3  # tries to fill one gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What this run is to do: everything for ever, or named sources once."""

    only: Collection[str] | None = None
    force: bool = False  # poll each named source once, due or not
    once: bool = False  # end when nothing is left
    alert_first: bool = False  # let a source's first poll alert too
    role: str = "crawl"  # crawl | daemon | worker: who it is that takes work out
    hosts: Collection[str] | None = None  # ask only these; may change while we run


@dataclass(slots=True)
class Tally:
    """What this run has done so far; a screen may watch it grow."""

    polls: dict[str, PollResult] = field(default_factory=dict)
    new: Counter[str] = field(default_factory=Counter)  # entries never seen before, by source
    queued: int = 0
    pages: Counter[Outcome] = field(default_factory=Counter)
    articles: int = 0
    deals: dict[str, Deal] = field(default_factory=dict)
    new_deals: int = 0
    alerts: int = 0
    quiet: set[str] = field(default_factory=set)  # sources whose first poll this was
    gaps: dict[str, int | None] = field(default_factory=dict)  # pages that filled each, if any did


def _told_of(fetch_: Fetch) -> AbstractContextManager[object]:
    """Name the page, and the poll that found it, in every line logged meanwhile."""
    return log_as(page=fetch_.page_id, poll=fetch_.poll, source=fetch_.source.id)


class StaleLeaseError(StoreError):
    """Somebody else has this work by now; what was done for it is rolled back."""


class NewsDesk:
    """The `Desk` of one process."""

    def __init__(  # noqa: PLR0913 - the wiring of the street's first half
        self,
        store: Store,
        writer: Writer,
        ingest: Ingest,
        reader: Reader,
        clock: Callable[[], datetime],
        *,
        errand: Errand,
        rng: random.Random,
        keep_raw: bool = False,
        pause: timedelta = timedelta(0),
        second: SecondReader | None = None,
    ) -> None:
        self._store, self._writer, self._ingest, self._reader = store, writer, ingest, reader
        self._clock, self._errand, self._rng = clock, errand, rng
        self._keep_raw, self._pause, self._second = keep_raw, pause, second
        self._fills: dict[str, Poll] = {}  # polls that fill gaps, by source; the log has the gaps
        self._filling: Counter[str] = Counter()  # how often each was tried
        self.owner = owner(errand.role)
        self.tally = Tally()

    async def take(self, limit: int) -> Sequence[Poll | Fetch]:
        """Lease due work, and hand out what fills gaps where the host is ours to ask."""
        fills = dict(list(self._fills.items())[:limit])
        ours, work = await self._writer.run(self._take, fills, limit, self._clock())
        return [*(self._fills.pop(name) for name in ours), *work]

    def _take(
        self, conn: Connection, fills: dict[str, Poll], limit: int, now: datetime
    ) -> tuple[list[str], list[Poll | Fetch]]:
        errand, wanted = self._errand, {poll_host(poll) for poll in fills.values()}
        free = frontier.lease_hosts(conn, wanted, self.owner, now, span=LEASE)
        ours = [name for name, poll in fills.items() if poll_host(poll) in free]
        work = frontier.take_due(
            conn,
            now,
            limit - len(ours),
            owner=self.owner,
            lease=LEASE,
            only=errand.only,
            force=errand.force,
            done=self._done(),
            hosts=None if errand.hosts is None else tuple(errand.hosts),
        )
        return ours, work

    def _done(self) -> Collection[str]:
        return tuple(self.tally.polls) if self._errand.once else ()

    async def drained(self) -> bool:
        """Tell whether a one-off crawl has nothing left to do."""
        if not self._errand.once or self._fills:
            return False
        errand = self._errand
        left = await self._writer.run(
            frontier.outstanding,
            self._clock(),
            owner=self.owner,
            only=errand.only,
            force=errand.force,
            done=self._done(),
        )
        return left == 0

    async def polled(self, result: PollResult) -> None:
        """Record a poll; queue the pages behind new entries in the same transaction."""
        with log_as(poll=result.poll.ident):
            await self._polled(result)

    async def _polled(self, result: PollResult) -> None:
        now = self._clock()
        if backfill.is_backfill(result.poll):
            await self._filled(result, now)
            return
        try:
            queued, fill = await self._writer.run(self._record, result, now)
        except RaisewireError:
            raise
        except Exception as error:
            log.exception("poll not to be stored", source=result.poll.source.id)
            result = _unstorable(result, error)
            queued, fill = await self._writer.run(self._record, result, now)
        source = result.poll.source.id
        self._plan_fill(source, fill)
        self.tally.polls[source] = result
        self.tally.new[source] += queued
        self.tally.queued += queued
        metrics.polled(result, queued)
        if self._is_quiet(result):
            self.tally.quiet.add(source)
        log.info(
            "source polled",
            source=source,
            outcome=result.outcome.value,
            entries=len(result.entries),
            new=queued,
            message=result.message,
        )

    def _plan_fill(self, source: str, fill: Poll | None) -> None:
        if fill is not None and self._filling[fill.token] < FILLS:
            self._filling[fill.token] += 1
            self._fills[source] = fill
            self.tally.gaps.setdefault(source, None)

    async def _filled(self, result: PollResult, now: datetime) -> None:
        """Queue what slipped through a source's window, found where its site still lists it."""
        source = result.poll.source
        queued = await self._writer.run(self._fill, result, now)
        if result.outcome.is_good:
            self.tally.gaps[source.id] = (self.tally.gaps.get(source.id) or 0) + queued
        self.tally.queued += queued
        log.info(
            "gap asked for",
            source=source.id,
            url=source.url,
            new=queued,
            outcome=result.outcome.value,
            message=result.message,
        )

    def _fill(self, conn: Connection, result: PollResult, now: datetime) -> int:
        self._asked(conn, poll_host(result.poll), now)
        return backfill.filled(conn, result, now)

    def _asked(self, conn: Connection, host: str, now: datetime) -> None:
        frontier.asked(conn, [host], self.owner, self._pause, now)

    def _is_quiet(self, result: PollResult) -> bool:
        first = result.poll.state.polls == 0
        return first and bool(result.entries) and not self._errand.alert_first

    def _record(
        self, conn: Connection, result: PollResult, now: datetime
    ) -> tuple[int, Poll | None]:
        poll = result.poll
        self._asked(conn, poll_host(poll), now)
        keyed = list({fetch.url_key(e.url): e for e in reversed(result.entries)}.items())[::-1]
        result = replace(result, entries=tuple(entry for _, entry in keyed))
        known = len(keyed) - len(frontier.unknown(conn, poll.source.id, keyed))
        result = replace(result, lied=result.lied or _hid_news(result, len(keyed) - known))
        overlap = _share(known, len(keyed))
        next_at = next_poll_at(
            poll.source, poll.state, result, overlap=overlap, now=now, rng=self._rng
        )
        good = result.outcome.is_good
        pace = learned_interval(poll.source, poll.state, result, overlap) if good else None
        quiet = self._is_quiet(result)
        queued = frontier.finish_poll(
            conn, result, next_at, keyed, known, quiet, now, interval=pace
        )
        if good and poll.state.polls:
            _look_again(conn, poll.source.id, dict(keyed), now)
        return queued, backfill.due(conn, result, now)

    async def fetched(self, page: Page) -> None:
        """Read a page in another process, then store all that follows from it at once."""
        with _told_of(page.fetch):
            await self._fetched(page)

    async def _fetched(self, page: Page) -> None:
        try:
            reading = await self._read(page)
        except ExtractError as error:
            await self._poison(page, str(error))
            return
        try:
            with metrics.STORE_SECONDS.time():
                done = await self._writer.run(self._keep, page, reading, self._clock())
        except StaleLeaseError:
            log.info("lease lost", url=page.url)
            return
        except RaisewireError:
            raise
        except Exception as error:
            log.exception("page not to be stored", url=page.url)
            await self._poison(page, f"not to be stored: {error!r}"[:300])
            return
        self._count(page, done)

    async def _read(self, page: Page) -> Reading:
        """Read a page; ask the second reader, if there is one, about news only."""
        reading = await self._reader.read(page)
        if self._second is None or page.fetch.quiet:
            return reading
        return await self._second.reread(reading)

    def _keep(self, conn: Connection, page: Page, reading: Reading, now: datetime) -> Ingested:
        self._asked(conn, frontier.host_of(page.fetch.entry.url), now)
        done = self._ingest.store(conn, reading, quiet=page.fetch.quiet, now=now)
        outcome = Outcome.PAYWALLED if _paywalled(reading) else page.outcome
        reserved = bool(reading.article.restrictions)
        fetched = _without_words(page.fetch) if reserved else page.fetch
        if not frontier.page_done(conn, fetched, outcome, now, article_id=done.article_id):
            raise StaleLeaseError(page.url)
        revisits.keep_validators(conn, page)
        if done.deals and not page.fetch.quiet:
            revisits.look_later(conn, page.fetch, now + revisit.LATER)
        if self._keep_raw and not reserved:
            archive.keep(conn, page)
        return done

    def _count(self, page: Page, done: Ingested) -> None:
        new, deals = len(done.new_deals), len(done.deals)
        metrics.stored(page.outcome, done.novelty, new, deals, done.alerts)
        self.tally.pages[page.outcome] += 1
        self.tally.articles += done.novelty == "new"
        if self._errand.once:  # a daemon's tally must not grow
            self.tally.deals.update(done.deals)
        self.tally.new_deals += len(done.new_deals)
        self.tally.alerts += done.alerts
        log.info(
            "article seen",
            url=page.url,
            novelty=done.novelty,
            deals=sorted(done.deals),
            alerts=done.alerts,
        )

    async def _poison(self, page: Page, message: str) -> None:
        log.warning("page cannot be read", url=page.url, reason=message)
        metrics.UNREADABLE.inc()
        if self._keep_raw:
            await self._writer.run(archive.keep, page)
        await self.failed(
            Failure(fetch=page.fetch, outcome=Outcome.POISON, at=page.at, message=message)
        )

    async def failed(self, failure: Failure) -> None:
        """Record a page that could not be had, and when to try again."""
        with _told_of(failure.fetch):
            await self._failed(failure)

    async def _failed(self, failure: Failure) -> None:
        now = self._clock()
        metrics.PAGES.labels(failure.outcome.value).inc()
        self.tally.pages[failure.outcome] += 1
        retry_at = retry_page_at(failure, now, self._rng)
        await self._writer.run(self._fail, failure, retry_at, now)
        log.info(
            "page failed",
            url=failure.fetch.entry.url,
            outcome=failure.outcome.value,
            message=failure.message,
        )

    def _fail(
        self, conn: Connection, failure: Failure, retry_at: datetime | None, now: datetime
    ) -> None:
        self._asked(conn, frontier.host_of(failure.fetch.entry.url), now)
        if failure.outcome is Outcome.UNCHANGED and failure.fetch.revisits:
            revisits.unchanged(conn, failure.fetch, now)
        else:
            frontier.page_failed(conn, failure, retry_at, now)

    async def robots(self, origin: str) -> Robots | None:
        """Return the kept robots.txt of an origin."""
        return await self._writer.run(frontier.robots, origin)

    async def keep_robots(self, origin: str, robots: Robots) -> None:
        """Keep a robots.txt over restarts."""
        await self._writer.run(frontier.keep_robots, origin, robots)

    async def hold_host(self, host: str, until: datetime, reason: str) -> None:
        """Give out no work for a host before `until`."""
        log.info("host held", host=host, until=until.isoformat(), reason=reason)
        await self._writer.run(frontier.hold_host, host, until, reason)

    async def release(self) -> None:
        """Give back everything that is still out, as if it had never been taken."""
        await self._writer.run(frontier.release, self.owner, self._clock(), pause=self._pause)


def _look_again(conn: Connection, source: str, keyed: Mapping[str, Entry], now: datetime) -> None:
    """Queue known pages once more whose entries say that they have changed."""
    there = revisits.listed_again(
        conn,
        source,
        keyed,
        seen_since=now - revisit.YOUNG,
        ended_before=now - revisit.PAUSE,
        most=revisit.MOST,
    )
    found = revisits.look_again(conn, revisit.changed(there), now)
    if found:
        log.info("pages changed", source=source, pages=found)


def poll_host(poll: Poll) -> str:
    """Return the host that a poll asks."""
    return frontier.host_of(poll.source.url)


def _unstorable(result: PollResult, error: Exception) -> PollResult:
    """Return a poll as one that brought nothing: it is told and backed off, never stuck."""
    return replace(
        result,
        outcome=Outcome.MALFORMED,
        entries=(),
        etag=None,
        last_modified=None,
        body_hash=None,
        message=f"its entries cannot be stored: {type(error).__name__}",
    )


def _hid_news(result: PollResult, fresh: int) -> bool:
    """Tell whether news came under the very validator that has just said "not modified"."""
    state = result.poll.state
    same = bool(result.etag) and result.etag == state.etag
    return same and fresh > 0 and not result.conditional and not state.hash_mode


def _share(known: int, total: int) -> float | None:
    return known / total if total else None


def _without_words(piece: Fetch) -> Fetch:
    """Return work without what the feed printed of an article whose words are not ours to keep."""
    return replace(piece, entry=replace(piece.entry, summary="", content=""))


def _paywalled(reading: Reading) -> bool:
    return reading.article.quality is Quality.PAYWALLED


def retry_page_at(failure: Failure, now: datetime, rng: random.Random) -> datetime | None:
    """Return when to try a page again; None when that would not help."""
    tried = failure.fetch.attempts + 1
    limit = TRIES if failure.outcome is Outcome.POISON else RETRIES
    if failure.outcome in FINAL or tried >= limit:
        return None
    wait: timedelta = min(RETRY_BASE * 2**tried, LONGEST_RETRY) * rng.uniform(0.75, 1.25)
    return now + max(wait, failure.retry_after or timedelta())
