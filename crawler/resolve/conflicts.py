"""Where outlets disagree, each value with its witness; and figures that look wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from crawler.resolve.amounts import Grade, compare
from crawler.resolve.copies import Sketches
from crawler.resolve.facts import Facts, comparable
from crawler.resolve.fx import Fx
from crawler.resolve.history import text
from crawler.resolve.names import mixed
from crawler.resolve.slots import quote, rank, tier, witnesses
from crawler.types import Conflict, Event

USD_OFF = 0.03
Same = Callable[[Facts, Facts], bool]


def conflicts(found: Sequence[Facts]) -> tuple[Conflict, ...]:
    """Return the slots on which the furthest reports disagree; copies count as one voice."""
    told = voices(_standing(witnesses(found)))
    slots: tuple[tuple[str, Same], ...] = (
        ("amount", lambda a, b: compare(a, b).grade is not Grade.CLASH),
        ("round", _same_round),
        ("lead_investors", _leads_agree),
        ("valuation", _same_valuation),
        ("tranches", lambda a, b: not (a.years and b.years) or bool(a.years & b.years)),
    )
    found_conflicts = (_conflict(slot, told, same) for slot, same in slots)
    return tuple(conflict for conflict in found_conflicts if conflict)


def voices(told: Sequence[Facts]) -> list[Facts]:
    """Return reports without syndicated copies of others, the most trusted copy kept."""
    kept, sketches = list[Facts](), Sketches()
    for fact in sorted(told, key=lambda f: rank(f, 0), reverse=True):
        if not sketches.copied(fact.report.sketch):
            kept.append(fact)
            sketches.add(fact.report.sketch)
    return kept


def _standing(told: Sequence[Facts]) -> list[Facts]:
    """Return the reports at the furthest stage, without what a later correction replaces."""
    top = max(tier(fact) for fact in told)
    last = max(
        (f.report.published for f in told if f.cues & {"correction", "upsized"}), default=None
    )
    return [
        fact
        for fact in told
        if tier(fact) == top and (last is None or fact.report.published >= last)
    ]


def _value(slot: str, event: Event) -> object:
    if slot != "amount":
        return getattr(event, slot)
    return {"amount": event.amount, "currency": event.currency, "qualifier": event.qualifier}


def _says(slot: str, fact: Facts) -> bool:
    if slot == "amount":
        return bool(fact.sums)
    if slot == "round":
        return fact.round is not None
    return bool(getattr(fact.event, slot))


def _conflict(slot: str, told: Sequence[Facts], same: Same) -> Conflict | None:
    """Return the different values of a slot with their witnesses, if there are two."""
    distinct: list[Facts] = []
    for fact in told:
        if _says(slot, fact) and not any(same(fact, other) for other in distinct):
            distinct.append(fact)
    if len(distinct) < 2:
        return None
    return Conflict(
        slot=slot,
        values=tuple((text(_value(slot, f.event)), quote(f, slot), f.report.url) for f in distinct),
    )


def _same_round(one: Facts, other: Facts) -> bool:
    return one.round == other.round


def _same_valuation(one: Facts, other: Facts) -> bool:
    a, b = one.event, other.event
    if a.valuation_currency != b.valuation_currency or not a.valuation or not b.valuation:
        return True
    return abs(float(a.valuation / b.valuation) - 1) <= 0.03


def _leads_agree(one: Facts, other: Facts) -> bool:
    return bool(one.leads & other.leads) or not comparable(one.leads, other.leads)


def flags(found: Sequence[Facts], fx: Fx) -> tuple[str, ...]:
    """Return what a reader should be wary of, in words."""
    told = witnesses(found)
    return tuple(dict.fromkeys((*_dollar_flags(told, fx), *_name_flags(told))))


def _dollar_flags(told: Sequence[Facts], fx: Fx) -> Iterator[str]:
    for fact in told:
        if len(fact.sums) < 2 or not fact.sums[1].converted or fact.sums[0].vague:
            continue
        own, printed = fact.sums
        day = fact.report.published
        rate = fx.rate(own.currency, day)
        off = abs(printed.value / (own.value * rate) - 1) if rate else 0.0
        if off > USD_OFF:
            yield f"printed USD is {off:.1%} off the rate of {day:%Y-%m-%d}"


def _name_flags(told: Sequence[Facts]) -> Iterator[str]:
    for fact in told:
        if mixed(fact.event.company):
            yield f"the name {fact.event.company!r} mixes alphabets"
