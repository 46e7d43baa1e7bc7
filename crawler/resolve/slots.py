"""
The value of every slot of a deal, chosen from its reports by rule and never averaged.

For each slot, among the reports that give one: the furthest stage first (a closing beats a
rumour), a correction before what it corrects, then the class of the source (filing, issuer,
wire, outlet, aggregator), then the more specific value, then the more recent report.
Restatements and denials give no values. `docs/resolution.md` tells it with examples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from crawler.resolve.amounts import Grade, compare
from crawler.resolve.entities import Names
from crawler.resolve.facts import ANNOUNCED, PLANNED, RANK, WITHDRAWN, Facts, told_in_order
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

TRUST: Final = {source: -place for place, source in enumerate(SourceClass)}
_EXACTNESS: Final = {
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
    corrects = "correction" in fact.cues
    trust = TRUST[report.source_class]
    return tier(fact), corrects, trust, specific, report.published, fact.key


def _money_rank(fact: Facts) -> Rank:
    specific = _EXACTNESS[fact.event.qualifier] + fact.sums[0].digits / 100
    stage, corrects, *rest = rank(fact, specific)
    return (stage, corrects or "upsized" in fact.cues, *rest)


def _latin(name: str) -> bool:
    """Prefer the name most desks can read; the others stay as aliases."""
    return script(name) == "Latn"


def _one(_: object) -> float:
    return 1.0


def _tranche_detail(tranches: Sequence[object]) -> float:
    slots = ("amount", "tenor_years", "maturity", "coupon_pct")
    return sum(getattr(part, slot) is not None for part in tranches for slot in slots)


_SPECIFIC: Final[Mapping[str, Callable[[Any], float]]] = {
    "lead_investors": len,
    "valuation": _one,
    "tranches": _tranche_detail,
    "use_of_proceeds": _one,
}


class Progress:
    """
    The state of a deal: the furthest it was reported to be.

    Called off ends it; a denial only ends what is not firm yet.
    """

    def __init__(self) -> None:
        self._best, self._ended = Status.RUMOURED, False

    def add(self, fact: Facts) -> None:
        """Take the next report or denial, in order of publication."""
        if fact.role is Role.DENIAL:
            self._ended = self._ended or RANK[self._best] <= PLANNED
        elif fact.rank == WITHDRAWN:
            self._ended = True
        else:
            self._best = max(self._best, fact.event.status, key=RANK.__getitem__)

    @property
    def status(self) -> Status:
        """The state after all that was added."""
        return Status.WITHDRAWN if self._ended else self._best


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen event, and for each slot the report it comes from."""

    event: Event
    source: Mapping[str, Facts]


class Union:
    """Every name that any report gives, each once, in its most trusted spelling."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._known: dict[str, tuple[Rank, str]] = {}

    def add(self, printed: Iterable[str], place: Rank) -> None:
        """Take in the names of one report."""
        for name in printed:
            key = self._names.key(name)
            if key not in self._known or place > self._known[key][0]:
                self._known[key] = place, name

    def listed(self, without: Iterable[str] = ()) -> tuple[str, ...]:
        """Return the names, the most trusted report's first."""
        gone = {self._names.key(name) for name in without}
        kept = [(place, name) for key, (place, name) in self._known.items() if key not in gone]
        kept.sort(key=lambda pair: (pair[0], pair[1]), reverse=True)
        return tuple(name for _, name in kept)[:_MAX_NAMES]


class Sheet:
    """The best value of each slot so far; adding is cheap, so a history is one pass."""

    def __init__(self, names: Names, fx: Fx) -> None:
        self._names, self._fx = names, fx
        self._best: dict[str, tuple[Rank, Facts]] = {}
        self._money: dict[str, tuple[Rank, Facts]] = {}
        self._dollars: list[Facts] = []
        self._investors, self._runners = Union(names), Union(names)
        self._aliases: dict[str, None] = {}
        self._kinds: set[BondType] = set()
        self._progress = Progress()
        self._confidence = 0.0
        self._unspecified: Round | None = None

    def add(self, fact: Facts) -> None:
        """Take in the next report or denial, in order of publication."""
        self._progress.add(fact)
        if fact.role is not Role.REPORT:
            return
        event, place = fact.event, rank(fact, 0)
        for slot, specific in _SPECIFIC.items():
            if value := getattr(event, slot):
                self._offer(self._best, slot, rank(fact, specific(value)), fact)
        if fact.round:
            self._offer(self._best, "round", place, fact)
        self._unspecified = self._unspecified or event.round
        named = (not fact.alien, _latin(event.company), *place)
        self._offer(self._best, "company", named, fact)
        if not fact.alien:
            self._aliases.update(dict.fromkeys((event.company, *event.aliases)))
        self._offer(self._best, "report", place, fact)
        self._add_money(fact)
        self._investors.add(event.investors, place)
        self._runners.add(event.bookrunners, place)
        self._kinds |= fact.kinds
        self._confidence = max(self._confidence, event.confidence)

    def _add_money(self, fact: Facts) -> None:
        if fact.sums:
            self._offer(self._money, fact.sums[0].currency, _money_rank(fact), fact)
        if _printed_dollars(fact) is not None:
            self._dollars.append(fact)

    @staticmethod
    def _offer(best: dict[str, tuple[Rank, Facts]], slot: str, place: Rank, fact: Facts) -> None:
        if slot not in best or place > best[slot][0]:
            best[slot] = place, fact

    def choice(self) -> Choice:
        """Return the event as chosen from what was added (at least one report)."""
        source = {slot: fact for slot, (_, fact) in self._best.items()}
        proof = source.pop("report")
        money = self._chosen_money()
        if money:
            source["amount"] = proof = money
        quotes = {slot: quote(fact, slot) for slot, fact in source.items()}
        event = replace(
            proof.event,
            **self._named(source),
            **self._in_money(money),
            **self._terms(source),
            quotes={slot: text for slot, text in quotes.items() if text != proof.event.evidence},
        )
        return Choice(event, source)

    def _named(self, source: Mapping[str, Facts]) -> dict[str, Any]:
        shown = self._names.shown(source["company"].event.company)
        others = tuple(name for name in self._aliases if name != shown)
        lead = source.get("lead_investors")
        leads = lead.event.lead_investors if lead else ()
        return {
            "company": shown,
            "aliases": others[:_MAX_NAMES],
            "lead_investors": leads,
            "investors": self._investors.listed(without=leads),
            "bookrunners": self._runners.listed(),
        }

    def _terms(self, source: Mapping[str, Facts]) -> dict[str, Any]:
        valued, parts, use = (
            source[slot].event if slot in source else None
            for slot in ("valuation", "tranches", "use_of_proceeds")
        )
        return {
            "status": self._progress.status,
            "round": source["round"].round if "round" in source else self._unspecified,
            "valuation": valued.valuation if valued else None,
            "valuation_currency": valued.valuation_currency if valued else None,
            "valuation_basis": valued.valuation_basis if valued else None,
            "tranches": parts.tranches if parts else (),
            "use_of_proceeds": use.use_of_proceeds if use else None,
            "bond_types": tuple(sorted(self._kinds)),
            "confidence": self._confidence,
        }

    def _chosen_money(self) -> Facts | None:
        """
        Return the report whose amount is chosen.

        Of two amounts that are images of one another after exchange, the original is the one
        printed beside its conversion, or else the rounder ("1bn yuan", not "137.22m dollars").
        """
        if not self._money:
            return None
        first = max(self._money.values(), key=lambda pair: pair[0])[1]
        images = [fact for _, fact in self._money.values() if _image(first, fact)]
        return max(images, key=lambda fact: (tier(fact), _original(fact), rank(fact, 0)))

    def _in_money(self, fact: Facts | None) -> dict[str, Any]:
        own = fact.event if fact else None
        usd, basis = self._in_dollars(fact) if fact else (None, UsdBasis.NONE)
        return {
            "amount": own.amount if own else None,
            "amount_max": own.amount_max if own else None,
            "qualifier": own.qualifier if own else Qualifier.UNDISCLOSED,
            "currency": own.currency if own else None,
            "amount_usd": usd,
            "amount_usd_basis": basis,
        }

    def _in_dollars(self, fact: Facts) -> tuple[Decimal | None, UsdBasis]:
        """Return dollars as printed by the chosen report, by one that agrees, or by the table."""
        own = fact.event
        if own.currency == "USD":
            return own.amount, UsdBasis.PRINTED
        if own.amount_usd is not None and own.amount_usd_basis is not UsdBasis.FX_TABLE:
            printed = own.amount_usd_basis is UsdBasis.NONE
            return own.amount_usd, UsdBasis.PRINTED if printed else own.amount_usd_basis
        agreeing = [other for other in self._dollars if _image(fact, other)]
        if agreeing:
            return _printed_dollars(max(agreeing, key=_money_rank)), UsdBasis.PRINTED
        assert own.amount is not None
        assert own.currency is not None
        usd = self._fx.usd(own.amount, own.currency, fact.report.published)
        return usd, UsdBasis.NONE if usd is None else UsdBasis.FX_TABLE


def _image(one: Facts, other: Facts) -> bool:
    agreeing = {Grade.EQUAL, Grade.IMAGE, Grade.FITS}
    return one is other or compare(one, other).grade in agreeing


def _original(fact: Facts) -> tuple[bool, int]:
    both = len(fact.sums) == 2 and not fact.sums[1].shadow
    return both, -fact.sums[0].digits


def _printed_dollars(fact: Facts) -> Decimal | None:
    event = fact.event
    if not fact.sums or event.qualifier is Qualifier.AT_LEAST:
        return None
    if event.currency == "USD":
        return event.amount
    return event.amount_usd if event.amount_usd_basis is UsdBasis.PRINTED else None


def quote(fact: Facts, slot: str) -> str:
    """Return the sentence that proves a slot in this report."""
    return fact.event.quotes.get(slot) or fact.event.evidence


def witnesses(found: Iterable[Facts]) -> list[Facts]:
    """Return the reports that may give values, oldest first."""
    return [fact for fact in told_in_order(found) if fact.role is Role.REPORT]
