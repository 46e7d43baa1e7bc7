"""Does a deal meet a rule's conditions? Every "no" is a sentence that a person can act on."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from crawler.config.models import Watch
from crawler.config.rules import Condition
from crawler.types import Deal, Event, Qualifier

_MARKS = re.compile(r"[^\w]+")
_LEGAL = re.compile(
    r"(?: (?:inc|ltd|limited|llc|plc|gmbh|corp|corporation|co|company|holdings?|group"
    r"|ag|sa|spa|srl|bv|nv|ab|oy))+$"
)


def fold(name: str) -> str:
    """Return a name as compared: no case, width, punctuation, spaces or legal form."""
    words = _MARKS.sub(" ", unicodedata.normalize("NFKC", name).casefold()).strip()
    return _LEGAL.sub("", words).replace(" ", "") or words


def same(names: Iterable[str], others: Iterable[str]) -> bool:
    """Tell whether two lists of names share one."""
    return bool({fold(name) for name in names} & {fold(name) for name in others})


def companies(event: Event) -> tuple[str, ...]:
    """Return every name the event's company goes by."""
    return (event.company, *event.aliases)


def watched(event: Event, watch: Sequence[Watch], *, lead_only: bool = False) -> str | None:
    """Return the first watchlist entry that is the event's company or one of its investors."""
    names = (*companies(event), *investors(event, lead_only=lead_only))
    return next((w.name for w in watch if same((w.name, *w.aliases), names)), None)


def investors(event: Event, *, lead_only: bool = False) -> tuple[str, ...]:
    """Return who put the money in; the leads alone if `lead_only`."""
    leads = event.lead_investors
    return leads if lead_only else (*leads, *event.investors)


@dataclass(frozen=True, slots=True)
class Facts:
    """What conditions are asked about."""

    deal: Deal
    watch: Sequence[Watch] = ()

    @property
    def event(self) -> Event:
        """The deal's chosen values."""
        return self.deal.event


def misses(condition: Condition, facts: Facts) -> str | None:
    """Return why `facts` do not meet `condition`, or None when they do."""
    for check in _CHECKS:
        if reason := check(condition, facts):
            return reason
    return None


def _member(name: str, wanted: Sequence[object] | None, got: object) -> str | None:
    if wanted is None or got in wanted:
        return None
    return f"{name} is {got or 'unknown'}, not {_either(wanted)}"


def _overlap(name: str, wanted: Sequence[str] | None, got: Iterable[str | None]) -> str | None:
    have = sorted({str(item) for item in got if item})
    if wanted is None or set(have) & {str(item) for item in wanted}:
        return None
    return f"{name} is {', '.join(have) or 'unknown'}, not {_either(wanted)}"


def _either(wanted: Sequence[object]) -> str:
    return " or ".join(str(item) for item in wanted)


def _type(c: Condition, f: Facts) -> str | None:
    return _member("type", c.type, f.event.type)


def _status(c: Condition, f: Facts) -> str | None:
    if f.event.status in c.status_not:
        return f"status is {f.event.status}, which status_not leaves out"
    return _member("status", c.status, f.event.status)


def usd_range(event: Event) -> tuple[Decimal, Decimal] | None:
    """
    Return the least and the most dollars the printed amount can mean.

    "Over" and "at least" have no upper end and "up to" has no lower one, yet a desk that
    asks for 50 million wants "up to 50 million" too: both ends are then the printed figure.
    """
    low = event.amount_usd
    if low is None:
        return None
    if event.qualifier is Qualifier.RANGE and event.amount and event.amount_max:
        return low, low * event.amount_max / event.amount
    return low, low


def _usd(c: Condition, f: Facts) -> str | None:
    if c.min_usd is None and c.max_usd is None:
        return None
    ends = usd_range(f.event)
    if ends is None:
        return "the amount in US dollars is unknown"
    if c.min_usd is not None and ends[1] < Decimal(str(c.min_usd)):
        return f"US${ends[1]:,.0f} is under min_usd {c.min_usd:,.0f}"
    if c.max_usd is not None and ends[0] > Decimal(str(c.max_usd)):
        return f"US${ends[0]:,.0f} is over max_usd {c.max_usd:,.0f}"
    return None


def _qualifier(c: Condition, f: Facts) -> str | None:
    return _member("qualifier", c.qualifier, f.event.qualifier)


def _round(c: Condition, f: Facts) -> str | None:
    return _member("round", c.round, f.event.round)


def _bond_type(c: Condition, f: Facts) -> str | None:
    return _overlap("bond type", c.bond_type, f.event.bond_types)


def _tenor(c: Condition, f: Facts) -> str | None:
    found = [t.tenor_years for t in f.event.tranches if t.tenor_years is not None]
    return _between("tenor", "years", found, c.min_tenor, c.max_tenor)


def _coupon(c: Condition, f: Facts) -> str | None:
    found = [float(t.coupon_pct) for t in f.event.tranches if t.coupon_pct is not None]
    return _between("coupon", "%", found, c.min_coupon, c.max_coupon)


def _between(
    name: str, unit: str, found: Sequence[float], low: float | None, high: float | None
) -> str | None:
    if low is None and high is None:
        return None
    bottom, top = low or 0, float("inf") if high is None else high
    if any(bottom <= value <= top for value in found):
        return None
    have = ", ".join(f"{value:g}" for value in found) or "unknown"
    return f"{name} is {have}, not {bottom:g} to {top:g} {unit}"


def _currency(c: Condition, f: Facts) -> str | None:
    return _member("currency", c.currency, f.event.currency)


def _country(c: Condition, f: Facts) -> str | None:
    return _overlap("country", c.country, (r.country for r in f.deal.reports))


def _language(c: Condition, f: Facts) -> str | None:
    found = [r.lang for r in f.deal.reports]
    listed = None if c.languages == "any" else c.languages
    return _overlap("language", c.language, found) or _overlap("language", listed, found)


def _company(c: Condition, f: Facts) -> str | None:
    if c.company is None or same(c.company, companies(f.event)):
        return None
    return f"the company is {f.event.company}, not {_either(c.company)}"


def _investor(c: Condition, f: Facts) -> str | None:
    found = investors(f.event, lead_only=c.lead_only)
    role = "lead investor" if c.lead_only else "investor"
    if c.investor is not None and not same(c.investor, found):
        return f"{role} is {', '.join(found) or 'unknown'}, not {_either(c.investor)}"
    return f"no {role} is named" if c.lead_only and not found else None


def _watchlist(c: Condition, f: Facts) -> str | None:
    if not c.watchlist or watched(f.event, f.watch, lead_only=c.lead_only):
        return None
    return f"neither {f.event.company} nor an investor is on the watchlist"


def _confidence(c: Condition, f: Facts) -> str | None:
    if c.min_confidence is None or f.event.confidence >= c.min_confidence:
        return None
    return f"confidence {f.event.confidence:.2f} is under min_confidence {c.min_confidence:.2f}"


def _source_class(c: Condition, f: Facts) -> str | None:
    return _overlap("source class", c.source_class, (r.source_class for r in f.deal.reports))


def _all(c: Condition, f: Facts) -> str | None:
    return next((reason for one in c.all if (reason := misses(one, f))), None)


def _any(c: Condition, f: Facts) -> str | None:
    if c.any is None:
        return None
    reasons = [misses(one, f) for one in c.any]
    return None if None in reasons else "none of any: " + "; ".join(map(str, reasons))


def _not(c: Condition, f: Facts) -> str | None:
    if c.not_ is None or misses(c.not_, f):
        return None
    return "it meets the conditions under not"


_CHECKS: tuple[Callable[[Condition, Facts], str | None], ...] = (
    _type,
    _status,
    _usd,
    _qualifier,
    _round,
    _bond_type,
    _tenor,
    _coupon,
    _currency,
    _country,
    _language,
    _company,
    _investor,
    _watchlist,
    _confidence,
    _source_class,
    _all,
    _any,
    _not,
)
