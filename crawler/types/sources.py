"""Where news comes from: sources, entries, polls, pages, and the desk that hands out work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol


class SourceClass(StrEnum):
    """How close a source stands to the deal; the order is the order of trust."""

    FILING = "filing"
    ISSUER = "issuer"
    WIRE = "wire"
    OUTLET = "outlet"
    AGGREGATOR = "aggregator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Somewhere news comes from. `kind` names a module of `spiders` or a user's spider."""

    id: str
    kind: str
    url: str
    every: timedelta = timedelta(minutes=15)
    name: str = ""
    language: str = "und"
    group: str = "own"
    country: str | None = None
    source_class: SourceClass = SourceClass.OUTLET
    enabled: bool = True
    origin: str = "config"  # config | catalogue | database
    allow_private: tuple[str, ...] = ()  # CIDRs, on top of http.allow_private
    options: Mapping[str, str] = field(
        default_factory=dict
    )  # what only this kind understands (CSS selectors …)


@dataclass(frozen=True, slots=True, kw_only=True)
class PollState:
    """What the database remembers of a source between two polls."""

    etag: str | None = None  # given back byte for byte (RFC 9110 section 8.8)
    last_modified: str | None = None
    body_hash: str | None = None
    next_poll_at: datetime | None = None
    polls: int = 0  # successful polls; 0 means the next one is the baseline and stays quiet
    failures: float = 0.0  # weighted: a throttle counts less than a dead host
    last_outcome: Outcome | None = None
    last_message: str = ""
    last_polled: datetime | None = None
    last_success: datetime | None = None
    last_new_entry: datetime | None = None
    unconditional_at: datetime | None = None
    hash_mode: bool = False  # validators were caught lying: compare bodies instead
    patience: timedelta | None = None  # asked for by its last full answer; holds over 304s
    interval: timedelta | None = None  # learned; None until there is something to learn from
    overlap: float | None = None  # share of the last poll's entries that were known before
    gaps: int = 0
    moved_to: str | None = None
    moved_count: int = 0

    def shows_gap(self, overlap: float | None) -> bool:
        """Tell whether a poll with this overlap may have missed entries: none was known."""
        return self.polls > 0 and self.overlap is not None and overlap == 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a feed, sitemap or listing: a lead to a page."""

    url: str
    title: str = ""
    summary: str = ""
    content: str = ""  # full text as the feed carried it, HTML
    guid: str = ""
    published: datetime | None = None
    published_raw: str = ""
    updated: datetime | None = None  # where it says so beside when it was published
    author: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """Work: ask `source` for entries. `token` fences the lease."""

    source: Source
    state: PollState
    token: str

    @property
    def ident(self) -> str:
        """What logs call it; pages that it finds keep the name."""
        return f"{self.token[:8]}-{self.source.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """Work: get the page behind `entry`. `quiet` pages never alert (baseline, backfill)."""

    page_id: int
    source: Source
    entry: Entry
    token: str
    attempts: int = 0
    quiet: bool = False
    poll: str = ""  # which poll found it (`Poll.ident`)
    revisits: int = 0  # looks after the first; the page may have changed
    etag: str | None = None
    last_modified: str | None = None


class Outcome(StrEnum):
    """How a request ended. Every request ends in exactly one of these."""

    OK = "ok"
    UNCHANGED = "unchanged"  # 304, or the same bytes as last time
    EMPTY = "empty"
    MALFORMED = "malformed"
    BLOCKED = "blocked"  # 401/403, bot wall, challenge page
    PAYWALLED = "paywalled"
    THROTTLED = "throttled"  # 429, or 503 with Retry-After
    ROBOTS = "robots"  # robots.txt says no
    REFUSED = "refused"  # our own guard says no: private address, scheme, size
    GONE = "gone"  # 410, 404
    DEAD = "dead"  # no such host
    UNREACHABLE = "unreachable"  # refused, reset, TLS, truncated
    SLOW = "slow"  # time-out
    ERROR = "error"  # 5xx and anything else the server did wrong
    POISON = "poison"  # extraction was killed too often; quarantined

    @property
    def is_good(self) -> bool:
        """Tell whether the source answered as it should, with news or without."""
        return self in {Outcome.OK, Outcome.UNCHANGED, Outcome.EMPTY}

    @property
    def weight(self) -> float:
        """Return how much such a failure counts: busy is not broken, a firm no is."""
        return _WEIGHTS.get(self, 1.0)


_WEIGHTS = {
    Outcome.THROTTLED: 0.25,
    Outcome.SLOW: 0.5,
    Outcome.UNREACHABLE: 0.5,
    Outcome.ERROR: 0.5,
    Outcome.MALFORMED: 0.5,
    Outcome.ROBOTS: 2.0,
    Outcome.REFUSED: 2.0,
    Outcome.GONE: 2.0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PollResult:
    """What one poll of a source brought, good or bad."""

    poll: Poll
    outcome: Outcome
    at: datetime
    entries: tuple[Entry, ...] = ()
    message: str = ""  # one plain line for the operator when the outcome is not OK
    status: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    conditional: bool = False  # validators were sent
    lied: bool = False  # same validator, other body
    retry_after: timedelta | None = None
    min_interval: timedelta | None = None  # ttl, sy:updatePeriod, Cache-Control, Expires
    moved_to: str | None = None
    seconds: float = 0.0
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Bytes off the wire for one `Fetch`."""

    fetch: Fetch
    url: str  # after redirects
    status: int
    body: bytes
    at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)  # lower-case names
    outcome: Outcome = Outcome.OK


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A page that could not be had."""

    fetch: Fetch
    outcome: Outcome
    at: datetime
    message: str = ""
    status: int | None = None
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """What a host's robots.txt said, kept a day (RFC 9309 section 2.4)."""

    body: bytes
    status: int  # 0: unreachable, which RFC 9309 section 2.3.1.4 reads as "disallow all"
    at: datetime
    delay: timedelta | None = None  # its Crawl-delay for us, when it was just asked


class Desk(Protocol):
    """
    What the spider may ask of the house. Spiders know this and the nouns, nothing else.

    Every `Poll` and `Fetch` handed out by `take` comes back through exactly one of
    `polled`, `fetched` and `failed`; work whose process died comes back by its lease.
    """

    async def take(self, limit: int) -> Sequence[Poll | Fetch]:
        """Lease at most `limit` pieces of due work; none when nothing is due now."""

    async def drained(self) -> bool:
        """Tell whether a one-off crawl has nothing left to do (always False in a daemon)."""

    async def polled(self, result: PollResult) -> None:
        """Record what a poll brought, and queue the pages behind entries never seen before."""

    async def fetched(self, page: Page) -> None:
        """Read, classify, resolve and store a page; returns when it is stored."""

    async def failed(self, failure: Failure) -> None:
        """Record a page that could not be had; it is tried again later if that may help."""

    async def robots(self, origin: str) -> Robots | None:
        """Return the kept robots.txt of `scheme://host:port`, if any."""

    async def keep_robots(self, origin: str, robots: Robots) -> None:
        """Keep a robots.txt over restarts."""

    async def hold_host(self, host: str, until: datetime, reason: str) -> None:
        """Give out no work for `host` before `until` (Retry-After)."""
