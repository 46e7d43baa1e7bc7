"""
The value of every slot of a deal, chosen from its reports by rule and never averaged.

For each slot, among the reports that give one: the furthest status first (a closing beats a
rumour), a correction before what it corrects, then the class of the source (filing, issuer,
wire, outlet, aggregator), then the more specific value, then the more recent report.
Restatements and denials give no values. `docs/resolution.md` tells it with examples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from crawler.resolve.amounts import Grade, compare
from crawler.resolve.entities import Names
from crawler.resolve.facts import ANNOUNCED, PLANNED, WITHDRAWN, Facts
from crawler.resolve.fx import Fx
from crawler.resolve.names import script
from crawler.types import (
    BondType,
    DealType,
    Event,
    Qualifier,
    Role,
    Round,
    SourceClass,
    Status,
    UsdBasis,
)

TRUST = {source: -place for place, source in enumerate(SourceClass)}
_EXACTNESS = {
    Qualifier.EXACT: 5,
    Qualifier.RANGE: 4,
    Qualifier.OVER: 3,
    Qualifier.ABOUT: 3,
    Qualifier.UP_TO: 2,
    Qualifier.AT_LEAST: 1,
    Qualifier.UNDISCLOSED: 0,
}
_MAX_NAMES = 60
Rank = tuple[Any, ...]


def witnesses(found: Iterable[Facts]) -> list[Facts]:
    """Return the reports that may give values, oldest first."""
    told = [fact for fact in found if fact.role is Role.REPORT]
    return sorted(told, key=lambda fact: (fact.report.published, fact.key))


def tier(fact: Facts) -> int:
    """
    Return the stage: rumoured, planned, announced, and for a bond priced.

    What is called off counts as planned. Announced and completed fundings are one stage.
    """
    if fact.rank == WITHDRAWN:
        return PLANNED
    return min(fact.rank, ANNOUNCED + (fact.event.type is DealType.BOND))


def rank(fact: Facts, specific: float) -> Rank:
    """Return the order of preference of a value; the greatest wins."""
    report = fact.report
    return (
        tier(fact),
        "correction" in fact.cues,
        TRUST[report.source_class],
        specific,
        report.published,
        fact.key,
    )


def pick(
    found: Sequence[Facts], value: Callable[[Event], Any], specific: Callable[[Any], float]
) -> Facts | None:
    """Return the report whose value of a slot is chosen, if any gives one."""
    telling = [fact for fact in found if value(fact.event)]
    return max(telling, key=lambda f: rank(f, specific(value(f.event))), default=None)


def _given(slot: str) -> Callable[[Event], Any]:
    return lambda event: getattr(event, slot)


def _latin(name: str) -> float:
    """Prefer the name most desks can read; the others stay as aliases."""
    return float(script(name) == "Latn")


def _one(_: object) -> float:
    return 1.0


def money(found: Sequence[Facts]) -> Facts | None:
    """
    Return the report whose amount is chosen.

    Of two amounts that are images of one another after exchange, the original is the one
    printed beside its conversion, or else the rounder ("1bn yuan", not "137.22m dollars").
    """
    best: dict[str, tuple[Rank, Facts]] = {}
    for fact in found:
        if fact.sums:
            own = _money_rank(fact), fact
            currency = fact.sums[0].currency
            best[currency] = max(own, best.get(currency, own), key=lambda pair: pair[0])
    if not best:
        return None
    first = max(best.values(), key=lambda pair: pair[0])[1]
    images = [fact for _, fact in best.values() if _image(first, fact)]
    return max(images, key=lambda fact: (tier(fact), _original(fact), rank(fact, 0)))


def _money_rank(fact: Facts) -> Rank:
    upsized = "upsized" in fact.cues
    specific = _EXACTNESS[fact.event.qualifier] + fact.sums[0].digits / 100
    place = rank(fact, specific)
    return (place[0], place[1] or upsized, *place[2:])


def _image(one: Facts, other: Facts) -> bool:
    agreeing = {Grade.EQUAL, Grade.IMAGE, Grade.FITS}
    return one is other or compare(one, other).grade in agreeing


def _original(fact: Facts) -> tuple[int, int]:
    dual = len(fact.sums) == 2 and not fact.sums[1].shadow
    return int(dual), -fact.sums[0].digits


def status(found: Iterable[Facts]) -> Status:
    """
    Return the state of the deal: the furthest it was reported to be.

    Called off ends it, if nothing firm came after; a denial only ends what is not firm.
    """
    best, ended = Status.RUMOURED, False
    ranks = list(Status)
    for fact in sorted(found, key=lambda f: (f.day, f.rank, f.key)):
        if fact.role is Role.REPORT and fact.rank < WITHDRAWN:
            best = max(best, fact.event.status, key=ranks.index)
        ended = ended or _ends(fact, best)
    return Status.WITHDRAWN if ended else best


def _ends(fact: Facts, so_far: Status) -> bool:
    if fact.role is Role.DENIAL:
        return so_far in {Status.RUMOURED, Status.PLANNED}
    return fact.role is Role.REPORT and fact.rank == WITHDRAWN


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen event, and for each slot the report it comes from."""

    event: Event
    source: dict[str, Facts]


def choose(found: Sequence[Facts], names: Names, fx: Fx) -> Choice:
    """Return the best value of each slot over `found` (which holds at least one report)."""
    told = witnesses(found)
    source: dict[str, Facts] = {}

    def take(slot: str, specific: Callable[[Any], float] = _one, *, empty: Any = None) -> Any:  # noqa: ANN401 - any slot
        fact = pick(told, _given(slot), specific)
        if fact is None:
            return empty
        source[slot] = fact
        return getattr(fact.event, slot)

    company = max(told, key=lambda fact: (_latin(fact.event.company), rank(fact, 0)))
    base = replace(
        company.event,
        company=names.shown(company.event.company),
        aliases=_aliases(told, names.shown(company.event.company)),
        status=status(found),
        round=take("round", lambda value: value is not Round.UNSPECIFIED),
        lead_investors=take("lead_investors", len, empty=()),
        valuation=take("valuation"),
        tranches=take("tranches", _tranche_detail, empty=()),
        use_of_proceeds=take("use_of_proceeds"),
        bond_types=_bond_types(told),
        bookrunners=_union(told, "bookrunners", names),
        confidence=max(fact.event.confidence for fact in told),
        quotes={},
    )
    source["company"] = company
    event = _with_money(_with_people(_with_valuation(base, source), told, names), told, source, fx)
    return Choice(_with_proof(event, told, source), source)


def _with_valuation(event: Event, source: dict[str, Facts]) -> Event:
    fact = source.get("valuation")
    return replace(
        event,
        valuation_currency=fact.event.valuation_currency if fact else None,
        valuation_basis=fact.event.valuation_basis if fact else None,
    )


def _with_people(event: Event, told: Sequence[Facts], names: Names) -> Event:
    leads = {names.key(name) for name in event.lead_investors}
    everyone = _union(told, "investors", names)
    others = tuple(name for name in everyone if names.key(name) not in leads)
    return replace(event, investors=others)


def _with_money(event: Event, told: Sequence[Facts], source: dict[str, Facts], fx: Fx) -> Event:
    fact = money(told)
    if fact is None:
        return replace(
            event, amount=None, amount_max=None, qualifier=Qualifier.UNDISCLOSED, currency=None,
            amount_usd=None, amount_usd_basis=UsdBasis.NONE,
        )  # fmt: skip
    source["amount"] = fact
    own = fact.event
    usd, basis = _dollars(fact, told, fx)
    return replace(
        event, amount=own.amount, amount_max=own.amount_max, qualifier=own.qualifier,
        currency=own.currency, amount_usd=usd, amount_usd_basis=basis,
    )  # fmt: skip


def _dollars(fact: Facts, told: Sequence[Facts], fx: Fx) -> tuple[Decimal | None, UsdBasis]:
    """Return dollars as printed by the chosen report, by another that agrees, or by the table."""
    own = fact.event
    if own.amount_usd is not None and own.amount_usd_basis is not UsdBasis.FX_TABLE:
        basis = own.amount_usd_basis
        return own.amount_usd, UsdBasis.PRINTED if basis is UsdBasis.NONE else basis
    if own.currency == "USD":
        return own.amount, UsdBasis.PRINTED
    for other in told:
        printed = _printed_dollars(other)
        if (
            printed is not None
            and other.event.qualifier is not Qualifier.AT_LEAST
            and _image(fact, other)
        ):
            return printed, UsdBasis.PRINTED
    assert own.amount is not None
    assert own.currency is not None
    usd = fx.usd(own.amount, own.currency, fact.report.published)
    return usd, UsdBasis.NONE if usd is None else UsdBasis.FX_TABLE


def _printed_dollars(fact: Facts) -> Decimal | None:
    event = fact.event
    if event.currency == "USD":
        return event.amount
    return event.amount_usd if event.amount_usd_basis is UsdBasis.PRINTED else None


def _with_proof(event: Event, told: Sequence[Facts], source: dict[str, Facts]) -> Event:
    """Let the evidence be the sentence of the amount, else of the furthest report."""
    proof = source.get("amount") or max(told, key=lambda fact: rank(fact, 0))
    quotes = {slot: quote(fact, slot) for slot, fact in source.items()}
    return replace(
        event,
        evidence=proof.event.evidence,
        why=proof.event.why,
        quotes={slot: text for slot, text in quotes.items() if text != proof.event.evidence},
    )


def quote(fact: Facts, slot: str) -> str:
    """Return the sentence that proves a slot in this report."""
    return fact.event.quotes.get(slot) or fact.event.evidence


def _tranche_detail(tranches: Sequence[object]) -> float:
    told = [
        getattr(t, s) for t in tranches for s in ("amount", "tenor_years", "maturity", "coupon_pct")
    ]
    return sum(value is not None for value in told)


def _bond_types(told: Sequence[Facts]) -> tuple[BondType, ...]:
    return tuple(sorted({kind for fact in told for kind in fact.kinds}))


def _aliases(told: Sequence[Facts], shown: str) -> tuple[str, ...]:
    printed = (name for fact in told for name in (fact.event.company, *fact.event.aliases))
    return tuple(name for name in dict.fromkeys(printed) if name != shown)[:_MAX_NAMES]


def _union(told: Sequence[Facts], slot: str, names: Names) -> tuple[str, ...]:
    """Return every name that any report gives, each once, the most trusted spelling first."""
    seen: dict[str, str] = {}
    for fact in sorted(told, key=lambda f: rank(f, 0), reverse=True):
        for name in getattr(fact.event, slot):
            seen.setdefault(names.key(name), name)
    return tuple(seen.values())[:_MAX_NAMES]
