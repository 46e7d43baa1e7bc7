"""
The nouns of the house: what travels down the street from a source to an alert.

Every value is frozen; the clock is always an argument. Amounts are `Decimal` in full
currency units, instants are timezone-aware UTC, and text is what the outlet printed
(hostile until `crawler.safe` has cleaned it for the place where it is shown).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

# --- where news comes from ----------------------------------------------------------


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
    author: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """Work: ask `source` for entries. `token` fences the lease."""

    source: Source
    state: PollState
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """Work: get the page behind `entry`. `quiet` pages never alert (baseline, backfill)."""

    page_id: int
    source: Source
    entry: Entry
    token: str
    attempts: int = 0
    quiet: bool = False


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


# --- what an article says -----------------------------------------------------------


class Quality(StrEnum):
    """A verdict on body text."""

    OK = "ok"
    SHORT = "short"
    PAYWALLED = "paywalled"
    GARBLED = "garbled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """The words of one page (or of one imported record)."""

    url: str
    title: str
    text: str
    lang: str  # ISO 639-1, or "und"
    seen_at: datetime
    published: datetime | None = None
    published_from: str = ""  # feed | json-ld | meta | text | import | first-seen
    canonical_url: str = ""
    author: str = ""
    source: str = ""
    source_class: SourceClass = SourceClass.OUTLET
    country: str | None = None  # of the outlet: decides what a bare "$" means
    quality: Quality = Quality.OK
    body_from: str = ""  # trafilatura | json-ld | feed | summary | import
    content_hash: str = ""
    restrictions: frozenset[str] = frozenset()  # noarchive, tdm


class DealType(StrEnum):
    """Kinds of event. The first two are deals; the rest are known so as not to be mistaken."""

    FUNDING = "funding"
    BOND = "bond"
    LOAN = "loan"
    IPO = "ipo"
    ACQUISITION = "acquisition"
    FUND_CLOSE = "fund_close"


class Status(StrEnum):
    """Life of a deal, in order; `withdrawn` ends it from anywhere."""

    RUMOURED = "rumoured"
    PLANNED = "planned"
    ANNOUNCED = "announced"
    PRICED = "priced"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"


class Qualifier(StrEnum):
    """How exact a printed amount is."""

    EXACT = "exact"
    OVER = "over"
    ABOUT = "about"
    UP_TO = "up_to"
    AT_LEAST = "at_least"
    RANGE = "range"
    UNDISCLOSED = "undisclosed"


class Round(StrEnum):
    """Name of a funding round, normalised (People Data Labs' canonical rounds, shortened)."""

    PRE_SEED = "pre_seed"
    SEED = "seed"
    PRE_SERIES_A = "pre_series_a"
    SERIES_A = "series_a"
    SERIES_B = "series_b"
    SERIES_C = "series_c"
    SERIES_D = "series_d"
    SERIES_E = "series_e"
    SERIES_F = "series_f"
    SERIES_G = "series_g"
    SERIES_H = "series_h"
    SERIES_I = "series_i"
    SERIES_J = "series_j"
    SERIES_K = "series_k"
    BRIDGE = "bridge"
    GROWTH = "growth"
    STRATEGIC = "strategic"
    CONVERTIBLE_NOTE = "convertible_note"
    VENTURE_DEBT = "venture_debt"
    GRANT = "grant"
    SECONDARY = "secondary"
    UNSPECIFIED = "unspecified"


class BondType(StrEnum):
    """What the text calls a bond; a bond may be several at once."""

    SENIOR = "senior"
    SUBORDINATED = "subordinated"
    CONVERTIBLE = "convertible"
    EXCHANGEABLE = "exchangeable"
    GREEN = "green"
    OFFSHORE = "offshore"
    DIM_SUM = "dim_sum"
    PANDA = "panda"
    HIGH_YIELD = "high_yield"
    PERPETUAL = "perpetual"
    PRIVATE_PLACEMENT = "private_placement"
    SUKUK = "sukuk"
    SAMURAI = "samurai"
    SCHULDSCHEIN = "schuldschein"
    ABS = "abs"
    MEDIUM_TERM_NOTE = "medium_term_note"


class UsdBasis(StrEnum):
    """Where `amount_usd` comes from."""

    PRINTED = "printed"
    PRINTED_RATE = "printed_rate"
    FX_TABLE = "fx_table"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tranche:
    """One maturity of a bond. Floating coupons are None, zero coupons 0."""

    amount: Decimal | None = None
    currency: str | None = None
    tenor_years: float | None = None
    maturity: str | None = None  # YYYY, YYYY-MM or YYYY-MM-DD, as precise as printed
    coupon_pct: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What ONE article reports, or (for a deal) the best value of each slot over its reports."""

    type: DealType
    status: Status
    company: str
    aliases: tuple[str, ...] = ()
    amount: Decimal | None = None
    amount_max: Decimal | None = None
    qualifier: Qualifier = Qualifier.UNDISCLOSED
    currency: str | None = None
    amount_usd: Decimal | None = None
    amount_usd_basis: UsdBasis = UsdBasis.NONE
    round: Round | None = None  # funding only
    lead_investors: tuple[str, ...] = ()
    investors: tuple[str, ...] = ()
    valuation: Decimal | None = None
    valuation_currency: str | None = None
    valuation_basis: str | None = None  # pre | post | unspecified
    bond_types: tuple[BondType, ...] = ()
    tranches: tuple[Tranche, ...] = ()
    bookrunners: tuple[str, ...] = ()
    use_of_proceeds: str | None = None
    evidence: str = ""  # the exact sentence of the article
    quotes: Mapping[str, str] = field(
        default_factory=dict
    )  # slot -> the sentence that proves it, where not `evidence`
    confidence: float = 0.0  # calibrated probability, 0-1
    why: tuple[str, ...] = ()  # the words and features that decided


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One sum of money seen in an article, and what became of it."""

    text: str
    sentence: str
    amount: Decimal | None
    currency: str | None
    fate: str  # taken | refused | converted (the bracketed other currency of a taken one)
    reason: str  # "revenue", "prior round", "valuation" …; for taken ones the slot it fills


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What the classifier is given: words, and the little that is known about them."""

    title: str
    text: str
    lang: str | None = None
    published: datetime | None = None
    url: str = ""
    country: str | None = None
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """Everything one reading of a document yields."""

    lang: str
    events: tuple[Event, ...] = ()  # the article's news
    restatements: tuple[Event, ...] = ()  # earlier deals it recalls; these never make a deal
    denials: tuple[Event, ...] = ()  # deals it says are not happening; these only withdraw one
    figures: tuple[Figure, ...] = ()
    refused: tuple[str, ...] = ()  # candidate events that were refused, with the reason


# --- what happened in the world -----------------------------------------------------


class Role(StrEnum):
    """What an article does for a deal."""

    REPORT = "report"
    RESTATEMENT = "restatement"
    DENIAL = "denial"


class Review(StrEnum):
    """What a person has said of a deal."""

    AUTO = "auto"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One article's event, as a witness of a deal."""

    id: int  # 0 before it is stored
    event: Event
    role: Role
    url: str
    title: str
    source: str
    source_class: SourceClass
    lang: str
    published: datetime
    seen_at: datetime
    sketch: tuple[int, ...] = ()  # MinHash of the text: syndicated copies are one voice
    article_id: int = 0
    country: str | None = None  # of the outlet


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One change of a deal: append-only."""

    number: int
    at: datetime  # when the article that caused it was published
    known_at: datetime  # when we knew
    changed: Mapping[str, tuple[str, str]]  # slot -> (before, after), as JSON text
    material: bool  # amount, status or lead changed: worth telling
    url: str
    quote: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A slot on which outlets disagree: each value with its witness. Never averaged."""

    slot: str
    values: tuple[tuple[str, str, str], ...]  # (value as JSON text, quote, url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """One deal in the world, however many articles report it."""

    id: str
    revision: int
    event: Event  # the chosen value of every slot
    first_seen: datetime
    updated: datetime
    reports: tuple[Report, ...] = ()
    history: tuple[Revision, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    review: Review = Review.AUTO
    links: Mapping[str, str] = field(
        default_factory=dict
    )  # deal id -> extension_of | other_currency_of …
    merged_into: str | None = None
    flags: tuple[str, ...] = ()  # "printed USD is 4.1 % off the dated rate" …


# --- who is told --------------------------------------------------------------------


class AlertKind(StrEnum):
    """What a message is about."""

    NEW = "new"
    UPDATE = "update"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One deal revision on its way to one channel. `key` is equal on every repeat."""

    key: str
    kind: AlertKind
    channel: str
    rule: str
    deal: Deal
    created: datetime
    changed: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    not_before: datetime | None = None  # quiet hours and digests wait; None goes at once
    earlier: tuple[Deal, ...] = ()  # the company's previous deals, newest first
    digest: str = ""  # "" | hourly | daily | weekly | quiet: the window that gathers it
