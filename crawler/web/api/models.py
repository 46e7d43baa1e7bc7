"""The shapes of what the API returns, as its OpenAPI description tells them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from crawler.types import (
    BondType,
    DealType,
    Outcome,
    Qualifier,
    Quality,
    Review,
    Role,
    Round,
    SourceClass,
    Status,
    UsdBasis,
)


class Shape(BaseModel):
    """Nothing is in an answer that its description does not name."""

    model_config = ConfigDict(extra="forbid")


class Tranche(Shape):
    """One maturity of a bond."""

    amount: float | None
    currency: str | None
    tenor_years: float | None
    maturity: str | None
    coupon_pct: float | None


class Event(Shape):
    """What a deal says, slot by slot; `docs/json.md` explains each."""

    type: DealType
    status: Status
    company: str
    aliases: list[str]
    amount: float | None
    amount_max: float | None
    qualifier: Qualifier
    currency: str | None
    amount_usd: float | None
    amount_usd_basis: UsdBasis
    round: Round | None
    lead_investors: list[str]
    investors: list[str]
    valuation: float | None
    valuation_currency: str | None
    valuation_basis: str | None
    bond_types: list[BondType]
    tranches: list[Tranche]
    bookrunners: list[str]
    use_of_proceeds: str | None
    evidence: str
    quotes: dict[str, str]
    confidence: float
    why: list[str]


class Change(Shape):
    """One revision of a deal; `changed` has JSON texts, before and after."""

    number: int
    at: datetime
    known_at: datetime
    changed: dict[str, list[str]]
    material: bool
    url: str
    quote: str
    reason: str


class Value(Shape):
    """One side of a conflict."""

    value: str
    quote: str
    url: str


class Conflict(Shape):
    """A slot on which outlets disagree."""

    slot: str
    values: list[Value]


class Witness(Shape):
    """One article that reports a deal."""

    url: str
    title: str
    source: str
    source_class: SourceClass
    lang: str
    published: datetime
    role: Role
    evidence: str
    score: float | None
    why: list[str]


class Deal(Event):
    """A deal, exactly as `raisewire deals --json` prints it."""

    id: str
    revision: int
    first_seen: datetime
    updated: datetime
    history: list[Change]
    conflicts: list[Conflict]
    review: Review
    links: dict[str, str]
    near_misses: dict[str, str]
    flags: list[str]
    articles: list[Witness]


class Listed(Shape):
    """One page of a list."""

    next: str | None


class Deals(Listed):
    """A page of deals."""

    deals: list[Deal]


class Changed(Shape):
    """The deals that a decision changed, as they are now."""

    deals: list[Deal]


class Decision(Shape):
    """What a person decided about a deal."""

    id: int
    at: datetime
    who: str
    action: str
    deal_id: str
    other_id: str | None
    reason: str
    document: Any
    undone_at: datetime | None
    undone_by: str | None


class Decisions(Shape):
    """What was decided about a deal, in order."""

    decisions: list[Decision]


class Article(Shape):
    """A stored article; lists leave its text out."""

    id: int
    url: str
    title: str
    text: str | None = None
    lang: str
    seen_at: datetime
    published: datetime | None
    published_from: str
    canonical_url: str
    author: str
    source: str
    source_class: SourceClass
    country: str | None
    quality: Quality
    body_from: str
    content_hash: str
    restrictions: list[str]
    events: Any = None


class Articles(Listed):
    """A page of articles."""

    articles: list[Article]


class Name(Shape):
    """A company or investor, with what its deals make."""

    name: str
    deals: int
    usd: float
    last: datetime | None


class Companies(Listed):
    """A page of companies."""

    companies: list[Name]


class Investors(Listed):
    """A page of investors."""

    investors: list[Name]


class Source(Shape):
    """A source with its health."""

    id: str
    kind: str
    url: str
    language: str
    group: str
    country: str | None
    source_class: SourceClass
    enabled: bool
    origin: str
    every_seconds: float
    health: str
    line: str
    last_outcome: Outcome | None
    last_polled: datetime | None
    last_success: datetime | None
    last_new_entry: datetime | None
    next_poll_at: datetime | None
    overlap: float | None
    gaps: int
    failures: float


class Sources(Shape):
    """Every source, those in trouble first."""

    sources: list[Source]


class Alert(Shape):
    """A message on its way to a channel, or delivered, or dead."""

    id: int
    key: str
    channel: str
    kind: str
    rule: str
    deal_id: str | None
    revision: int | None
    state: str
    attempts: int
    created: datetime
    due_at: datetime | None
    ended: datetime | None
    reason: str
    code: int | None
    receipt: Any


class Alerts(Listed):
    """A page of alerts, newest first."""

    alerts: list[Alert]


class Attempt(Shape):
    """One try to deliver an alert."""

    n: int
    started: datetime
    ended: datetime | None
    outcome: str | None
    code: int | None
    message: str


class AlertTold(Alert):
    """An alert with every attempt to deliver it."""

    tries: list[Attempt]


class Count(Shape):
    """How many things an action reached."""

    count: int


class Silence(Shape):
    """A silence that was made."""

    id: int
    until: datetime


class Hit(Shape):
    """Something found; `marks` are the places in `snippet` that match."""

    kind: str
    id: str
    title: str
    url: str
    at: datetime
    lang: str
    snippet: str
    marks: list[list[int]]


class Hits(Shape):
    """What was found: deals first."""

    hits: list[Hit]
