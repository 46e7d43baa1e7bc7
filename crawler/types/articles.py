"""What an article says: articles, events and their parts, and one reading's analysis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from crawler.types.sources import SourceClass


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
    doubtful: tuple[Event, ...] = ()  # those of them that are worth a second look
