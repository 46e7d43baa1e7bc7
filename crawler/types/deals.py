"""What happened in the world: deals, the reports that witness them, their revisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from crawler.types.articles import Event
from crawler.types.sources import SourceClass


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
class Seat:
    """Why a report belongs to its deal, and as what."""

    score: float = 0.0
    reasons: tuple[str, ...] = ()
    recalls: bool = False  # background beside other news: it gives the deal no values
    alien: bool = False  # it calls the company by a name that is not the company's


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
    amid: bool = False  # its article has other news of the company
    seat: Seat | None = None  # in the deal it belongs to

    @property
    def part(self) -> Role:
        """What it does for its deal: a report that only recalls it is a restatement."""
        return Role.RESTATEMENT if self.seat and self.seat.recalls else self.role


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
    apart: Mapping[str, str] = field(default_factory=dict)  # near miss: deal id -> why it is two
    flags: tuple[str, ...] = ()  # "printed USD is 4.1 % off the dated rate" …
