"""
The desk: what a spider may ask of the house, answered from the database.

It hands out leased work, takes polls, pages and failures back, and turns each into one
transaction. Nothing durable lives here: a process that dies leaves leases that run out.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from crawler import fetch
from crawler.errors import ExtractError, RaisewireError, StoreError
from crawler.fetch.schedule import next_poll_at
from crawler.owner import owner
from crawler.pipeline import Ingest, Ingested
from crawler.reading import Reader, Reading
from crawler.store import Connection, Store, Writer, frontier
from crawler.types import Deal, Failure, Fetch, Outcome, Page, Poll, PollResult, Quality, Robots

log = structlog.get_logger()

LEASE = timedelta(minutes=10)
TRIES = 3  # a page that kills its reader three times is put aside
FINAL = frozenset({Outcome.GONE, Outcome.ROBOTS, Outcome.REFUSED})  # trying again will not help
RETRIES = 5
RETRY_BASE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What this run is to do: everything for ever, or named sources once."""

    only: Collection[str] | None = None
    force: bool = False  # poll each named source once, due or not
    once: bool = False  # end when nothing is left
    alert_first: bool = False  # let a source's first poll alert too
    role: str = "crawl"  # crawl | daemon: who it is that takes work out


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
    ) -> None:
        self._store, self._writer, self._ingest, self._reader = store, writer, ingest, reader
        self._clock, self._errand, self._rng = clock, errand, rng
        self.owner = owner(errand.role)
        self.tally = Tally()

    async def take(self, limit: int) -> Sequence[Poll | Fetch]:
        """Lease due work."""
        errand = self._errand
        return await self._writer.run(
            frontier.take_due,
            self._clock(),
            limit,
            owner=self.owner,
            lease=LEASE,
            only=errand.only,
            force=errand.force,
        )

    async def drained(self) -> bool:
        """Tell whether a one-off crawl has nothing left to do."""
        if not self._errand.once:
            return False
        errand = self._errand
        left = await self._writer.run(
            frontier.outstanding,
            self._clock(),
            owner=self.owner,
            only=errand.only,
            force=errand.force,
        )
        return left == 0

    async def polled(self, result: PollResult) -> None:
        """Record a poll; queue the pages behind new entries in the same transaction."""
        now = self._clock()
        try:
            queued = await self._writer.run(self._record, result, now)
        except RaisewireError:
            raise
        except Exception as error:
            log.exception("poll not to be stored", source=result.poll.source.id)
            result = _unstorable(result, error)
            queued = await self._writer.run(self._record, result, now)
        source = result.poll.source.id
        self.tally.polls[source] = result
        self.tally.new[source] += queued
        self.tally.queued += queued
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

    def _is_quiet(self, result: PollResult) -> bool:
        first = result.poll.state.polls == 0
        return first and bool(result.entries) and not self._errand.alert_first

    def _record(self, conn: Connection, result: PollResult, now: datetime) -> int:
        poll = result.poll
        keyed = [(fetch.url_key(entry.url), entry) for entry in result.entries]
        fresh = frontier.unknown(conn, poll.source.id, keyed)
        distinct = len({key for key, _ in keyed})
        known = distinct - len(fresh)
        next_at = next_poll_at(
            poll.source, poll.state, result, overlap=_share(known, distinct), now=now, rng=self._rng
        )
        quiet = self._is_quiet(result)
        return frontier.finish_poll(conn, result, next_at, keyed, known, quiet, now)

    async def fetched(self, page: Page) -> None:
        """Read a page in another process, then store all that follows from it at once."""
        try:
            reading = await self._reader.read(page)
        except ExtractError as error:
            await self._poison(page, str(error))
            return
        try:
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

    def _keep(self, conn: Connection, page: Page, reading: Reading, now: datetime) -> Ingested:
        done = self._ingest.store(conn, reading, quiet=page.fetch.quiet, now=now)
        outcome = Outcome.PAYWALLED if _paywalled(reading) else page.outcome
        if not frontier.page_done(conn, page.fetch, outcome, now, article_id=done.article_id):
            raise StaleLeaseError(page.url)
        return done

    def _count(self, page: Page, done: Ingested) -> None:
        self.tally.pages[page.outcome] += 1
        self.tally.articles += done.novelty == "new"
        self.tally.deals.update(done.deals)
        self.tally.new_deals += len(done.new_deals)
        self.tally.alerts += done.alerts
        log.info("article seen", url=page.url, novelty=done.novelty, deals=len(done.deals))

    async def _poison(self, page: Page, message: str) -> None:
        log.warning("page cannot be read", url=page.url, reason=message)
        await self.failed(
            Failure(fetch=page.fetch, outcome=Outcome.POISON, at=page.at, message=message)
        )

    async def failed(self, failure: Failure) -> None:
        """Record a page that could not be had, and when to try again."""
        now = self._clock()
        self.tally.pages[failure.outcome] += 1
        retry_at = retry_page_at(failure, now, self._rng)
        await self._writer.run(frontier.page_failed, failure, retry_at, now)
        log.info(
            "page failed",
            url=failure.fetch.entry.url,
            outcome=failure.outcome.value,
            message=failure.message,
        )

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
        await self._writer.run(frontier.release, self.owner, self._clock())


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


def _share(known: int, total: int) -> float | None:
    return known / total if total else None


def _paywalled(reading: Reading) -> bool:
    return reading.article.quality is Quality.PAYWALLED


def retry_page_at(failure: Failure, now: datetime, rng: random.Random) -> datetime | None:
    """Return when to try a page again; None when that would not help."""
    tried = failure.fetch.attempts + 1
    limit = TRIES if failure.outcome is Outcome.POISON else RETRIES
    if failure.outcome in FINAL or tried >= limit:
        return None
    wait: timedelta = RETRY_BASE * 2**tried * rng.uniform(0.75, 1.25)
    return now + max(wait, failure.retry_after or timedelta())
