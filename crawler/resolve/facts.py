"""
What a report says, reduced to what can be compared: days, dollars, rounds, maturities, names.

Two reports are never compared as texts but as `Facts`; each is computed once per decision.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from itertools import count
from typing import Final, TypeGuard

import ahocorasick

from crawler.resolve import data
from crawler.resolve.entities import Names
from crawler.resolve.fx import Fx
from crawler.resolve.names import script
from crawler.types import (
    BondType,
    Event,
    Qualifier,
    Report,
    Role,
    Round,
    Seat,
    Status,
    Tranche,
    UsdBasis,
)

RANK: Final = {status: place for place, status in enumerate(Status)}  # withdrawn is highest
PLANNED, ANNOUNCED, PRICED, WITHDRAWN = (
    RANK[Status.PLANNED],
    RANK[Status.ANNOUNCED],
    RANK[Status.PRICED],
    RANK[Status.WITHDRAWN],
)
FAR: Final = 1 << 30  # a day that never comes
FORMS = frozenset({BondType.CONVERTIBLE, BondType.EXCHANGEABLE, BondType.ABS, BondType.SUKUK})
_SPREAD: Final = {  # how far below and above the printed figure the true one may lie
    Qualifier.EXACT: (1.0, 1.0),
    Qualifier.OVER: (1.0, 1.35),
    Qualifier.ABOUT: (0.9, 1.1),
    Qualifier.UP_TO: (0.5, 1.02),
    Qualifier.AT_LEAST: (1.0, 1.6),
    Qualifier.RANGE: (0.98, 1.02),
    Qualifier.UNDISCLOSED: (1.0, 1.0),
}


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount as bounds in one currency. `shadow` sums are our own conversion to dollars."""

    currency: str
    value: float  # as printed; the middle of a range
    low: float
    high: float
    digits: int  # significant ones, as printed: 1bn has 1, 137.22m has 5
    exact: bool = True
    vague: bool = False  # "nine-figure", 数亿元: an order of magnitude
    shadow: bool = False
    converted: bool = False  # printed in brackets beside the original


@dataclass(frozen=True, slots=True)
class Facts:
    """A report, ready to be compared."""

    report: Report
    key: str
    reading: tuple[str, datetime]  # of one page: its events are different deals
    day: int
    rank: int
    company: str  # identity key of the company
    names: frozenset[str]  # with its aliases
    sums: tuple[Sum, ...]
    round: Round | None
    kinds: frozenset[BondType]
    form: BondType | None
    years: frozenset[int]
    tenors: frozenset[float]
    coupons: frozenset[Decimal]
    parts: frozenset[tuple[str, float]]  # tranche amounts
    leads: frozenset[str]
    investors: frozenset[str]  # leads too
    runners: frozenset[str]
    cues: frozenset[str]
    recalls: bool = False  # in its deal it is background, whatever its own reading says
    alien: bool = False  # its company's name is not its deal's
    mark: object = 0  # equal marks, equal facts

    def seated(self, seat: Seat | None) -> Facts:
        """Return the facts as they count in the deal they belong to."""
        if seat is None or (seat.recalls, seat.alien) == (self.recalls, self.alien):
            return self
        mark = (self.mark, seat.recalls, seat.alien)
        return replace(self, recalls=seat.recalls, alien=seat.alien, mark=mark)

    @property
    def event(self) -> Event:
        """What the report says, in full."""
        return self.report.event

    @property
    def role(self) -> Role:
        """What the article does for a deal."""
        return Role.RESTATEMENT if self.recalls else self.report.role

    @property
    def firm(self) -> bool:
        """Announced or later: the figures are the company's own."""
        return ANNOUNCED <= self.rank < WITHDRAWN

    @property
    def bare(self) -> bool:
        """Nothing but a company: no figure, round, investor or term."""
        told = self.sums or self.round or self.investors or self.years or self.tenors
        return not (told or self.coupons or self.form)


def report_key(report: Report) -> str:
    """Return a name for a report that does not depend on when or where it was stored."""
    event = report.event
    amount = f"{event.amount.normalize():f}" if sane(event.amount) else event.amount  # no 1E+9
    parts = (
        report.url, report.role, int(report.published.timestamp()), event.type, event.status,
        event.company, amount, event.currency, event.round, event.evidence,
    )  # fmt: skip
    return sha256("|".join(map(str, parts)).encode()).hexdigest()[:24]


def sane(amount: Decimal | None) -> TypeGuard[Decimal]:
    """Tell whether an amount can be money: hostile pages print numbers without end."""
    return amount is not None and amount.is_finite() and 1 <= amount < _MOST


def told_in_order(found: Iterable[Facts]) -> list[Facts]:
    """Return reports and denials in order of publication; restatements tell nothing new."""
    told = (fact for fact in found if fact.role is not Role.RESTATEMENT)
    return sorted(told, key=lambda f: (f.report.published, f.role is Role.DENIAL, f.rank, f.key))


class Reader:
    """Reduces reports to facts, and remembers them: a block is read again and again."""

    def __init__(self, names: Names, fx: Fx) -> None:
        self.names, self.fx = names, fx

    def __call__(self, report: Report) -> Facts:
        """Return the facts of `report`."""
        memory = self.names.memory
        key = _content(report)
        found = memory.get(key)
        if found is None:
            if len(memory) > _REMEMBERED:
                memory.clear()
            found = replace(facts(report, self.names, self.fx), mark=next(_marks))
            memory[key] = found
        assert isinstance(found, Facts)
        return found if found.report is report else replace(found, report=report)


_REMEMBERED = 20_000
_marks = count(1)
_LONGEST = 1000  # years
_MOST = 10**18


def _content(report: Report) -> tuple[object, ...]:
    """Return everything `facts` looks at."""
    event = report.event
    return (
        report.url, report.role, report.published, report.seen_at, report.title, report.sketch,
        event.type, event.status, event.company, event.aliases, event.amount, event.amount_max,
        event.qualifier, event.currency, event.amount_usd, event.amount_usd_basis, event.round,
        event.lead_investors, event.investors, event.bond_types, event.tranches,
        event.bookrunners, event.evidence,
    )  # fmt: skip


def facts(report: Report, names: Names, fx: Fx) -> Facts:
    """Reduce `report` to what can be compared."""
    event = report.event
    leads = frozenset(names.key(name) for name in event.lead_investors)
    company = _company(report, names)
    kinds = frozenset(event.bond_types)
    return Facts(
        report=report,
        key=report_key(report),
        reading=(report.url, report.seen_at),
        day=report.published.toordinal(),
        rank=RANK[event.status],
        company=company,
        names=frozenset({company, *(names.key(a) for a in event.aliases if _telling(a))}),
        sums=_sums(report, fx),
        round=None if event.round in {None, Round.UNSPECIFIED} else event.round,
        kinds=kinds,
        form=min(kinds & FORMS, default=None),
        years=_years(event.tranches, report.published.year),
        tenors=frozenset(t.tenor_years for t in event.tranches if t.tenor_years),
        coupons=frozenset(t.coupon_pct for t in event.tranches if t.coupon_pct is not None),
        parts=_parts(event.tranches),
        leads=leads,
        investors=leads | {names.key(name) for name in event.investors},
        runners=frozenset(names.key(name) for name in event.bookrunners),
        cues=cues(report.title if report.role is Role.REPORT else "", event.evidence),
    )


def _company(report: Report, names: Names) -> str:
    """Return the company's key; a name of nothing but marks is nobody else's."""
    key = names.key(report.event.company)
    return key if len(key) > 1 else f"!{report_key(report)}"


def comparable(some: Collection[str], others: Collection[str]) -> bool:
    """Tell whether two sets of names could be compared: both have one in the same script."""
    return bool({script(name) for name in some} & {script(name) for name in others})


def _telling(alias: str) -> bool:
    """Two Latin letters are nobody's name; two Chinese characters are."""
    return len(alias) > 2 or (len(alias) == 2 and not alias.isascii())


def _years(tranches: tuple[Tranche, ...], printed: int) -> frozenset[int]:
    known = {int(t.maturity[:4]) for t in tranches if t.maturity and t.maturity[:4].isdecimal()}
    tenors = (t.tenor_years for t in tranches if t.tenor_years)
    whole = {
        printed + int(tenor) for tenor in tenors if 1 <= tenor < _LONGEST and tenor == int(tenor)
    }
    return frozenset(known or whole)


def _parts(tranches: tuple[Tranche, ...]) -> frozenset[tuple[str, float]]:
    return frozenset(
        (t.currency or "", float(t.amount)) for t in tranches if t.amount and len(tranches) > 1
    )


def _sums(report: Report, fx: Fx) -> tuple[Sum, ...]:
    event = report.event
    if not event.amount or not event.currency or event.qualifier is Qualifier.UNDISCLOSED:
        return ()
    if not sane(event.amount):
        return ()
    currency = "CNY" if event.currency == "CNH" else event.currency
    own = _sum(event, currency, event.amount)
    if currency == "USD":
        return (own,)
    printed = {UsdBasis.PRINTED, UsdBasis.PRINTED_RATE}
    if sane(event.amount_usd) and event.amount_usd_basis in printed:
        return own, replace(_sum(event, "USD", event.amount_usd), converted=True)
    rate = fx.rate(currency, report.published)
    if rate is None:
        return (own,)
    bounds = own.value * rate, own.low * rate, own.high * rate
    return own, Sum("USD", *bounds, own.digits, own.exact, own.vague, shadow=True)


def _sum(event: Event, currency: str, amount: Decimal) -> Sum:
    value, digits = float(amount), significant(amount)
    below, above = _SPREAD[event.qualifier]
    vague = event.qualifier is Qualifier.AT_LEAST and _power_of_ten(amount)
    top = value
    if event.amount_max and event.amount:
        top = value * float(event.amount_max / event.amount)
    high = value * 10 if vague else top * above
    exact = event.qualifier is Qualifier.EXACT
    return Sum(currency, (value + top) / 2, value * below, high, digits, exact, vague)


def significant(amount: Decimal) -> int:
    """Return how many digits an amount is printed with: 1,000,000,000 has 1."""
    return len(str(int(amount)).rstrip("0")) or 1


def _power_of_ten(amount: Decimal) -> bool:
    return str(int(amount)).rstrip("0") == "1"


@lru_cache(maxsize=1)
def _automaton() -> ahocorasick.Automaton:
    found = ahocorasick.Automaton()
    for line in (files(data) / "cues.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            cue, phrase = line.split("\t")
            found.add_word(phrase, (cue, phrase))
    found.make_automaton()
    return found


@lru_cache(maxsize=16384)
def cues(title: str, evidence: str) -> frozenset[str]:
    """Return which words about the life of a deal (extension, tap, upsized …) the text uses."""
    text = f"{title} \n {evidence}".lower()
    return frozenset(
        cue
        for end, (cue, phrase) in _automaton().iter(text)
        if _stands_alone(text, end - len(phrase) + 1, end + 1, phrase)
    )


def _stands_alone(text: str, start: int, end: int, phrase: str) -> bool:
    """Latin phrases begin and end at a word border; Asian scripts have none."""
    if not phrase[0].isascii() or not phrase[-1].isascii():
        return True
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (before.isalnum() or after.isalnum())
