"""A bond: its kinds, its tranches, who runs its books."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crawler.classify.binding import Fate
from crawler.classify.candidates import Candidate
from crawler.classify.company import Cast
from crawler.classify.money import Money
from crawler.classify.reading import Line
from crawler.classify.terms import Term, facts
from crawler.types import BondType, Tranche


def types_of(scope: Sequence[Line], own: Line) -> tuple[BondType, ...]:
    """Return what the text calls the bond, in the lines about it."""
    found: list[str] = []
    for line in scope:
        if (
            line is not own
            and not line.sentence.title
            and line.has("prior")
            and not line.has("issue")
        ):
            continue
        found += [c.means for c in line.of("bond_type") if c.means]
    if BondType.DIM_SUM in found:
        found.append(BondType.OFFSHORE)
    return tuple(BondType(kind) for kind in dict.fromkeys(found))


def _fields(group: Sequence[Term]) -> dict[str, Any]:
    first: dict[str, Any] = {}
    for term in group:
        first.setdefault(term.kind, term.value)
    return first


def _tranche(one: Money | None, group: Sequence[Term], currency: str | None) -> Tranche:
    found = _fields(group)
    return Tranche(
        amount=one.value if one else None,
        currency=one.currency if one else currency,
        tenor_years=found.get("tenor"),
        maturity=found.get("maturity"),
        coupon_pct=found.get("coupon"),
    )


def _split(parts: Sequence[Money], found: Sequence[Term]) -> list[list[Term]]:
    """Deal the terms out to the sums: to the one before, or after if they all come first."""
    groups: list[list[Term]] = [[] for _ in parts]
    if not parts:
        return groups
    leading = [t for t in found if t.start < parts[0].start and parts[0].start - t.end < 40]
    forward = len(leading) > 0 and not any(
        0 <= t.start - parts[-1].end < 60 and t.kind == leading[0].kind for t in found
    )
    for term in found:
        if forward:
            place = next((i for i, p in enumerate(parts) if term.start < p.start), len(parts) - 1)
        else:
            place = max((i for i, p in enumerate(parts) if p.start <= term.start), default=0)
        groups[place].append(term)
    return groups


def parts_of(one: Candidate, fates: Sequence[Fate], scope: Sequence[Line]) -> list[Money]:
    """Return the sums that add up to the size of a bond, if the text splits it."""
    if one.fate is None or one.fate.sum.value is None:
        return []
    total, lines = one.fate.sum, {line.sentence.index for line in scope}
    sums = [
        f.sum
        for f in fates
        if f.line.sentence.index in lines
        and f.sum.currency == total.currency
        and f.sum.value
        and f.sum.value < (total.value or 0)
        and f.kind not in {"valuation"}
        and not f.prior
    ]
    for size in range(2, 7):
        for first in range(len(sums) - size + 1):
            chosen = sums[first : first + size]
            if sum(s.value or 0 for s in chosen) == total.value:
                return chosen
    return []


def tranches_of(
    one: Candidate, fates: Sequence[Fate], scope: Sequence[Line], lang: str
) -> tuple[Tranche, ...]:
    """Return the tranches; amounts are None where the text does not split the total."""
    total = one.fate.sum if one.fate else None
    parts = parts_of(one, fates, scope)
    lines = [ln for ln in scope if not (ln.has("prior") and ln is not one.line)]
    found = [t for line in lines for t in facts(line, lang)]
    currency = total.currency if total else None
    if parts:
        inside = [t for t in found if parts[0].start - 60 < t.start < parts[-1].end + 90]
        return tuple(
            _tranche(p, g, p.currency) for p, g in zip(parts, _split(parts, inside), strict=True)
        )
    return _unsplit(found, total, currency)


def _distinct(found: Sequence[Term], kind: str) -> list[Any]:
    return list(dict.fromkeys(t.value for t in found if t.kind == kind))


def _unsplit(
    found: Sequence[Term], total: Money | None, currency: str | None
) -> tuple[Tranche, ...]:
    tenors, dates, coupons = (_distinct(found, k) for k in ("tenor", "maturity", "coupon"))
    count = max(len(tenors), 1)
    if not (tenors or dates or coupons):
        return ()
    if count == 1:
        amount = total.value if total else None
        return (
            Tranche(
                amount=amount,
                currency=currency,
                tenor_years=tenors[0] if tenors else None,
                maturity=dates[0] if dates else None,
                coupon_pct=coupons[0] if coupons else None,
            ),
        )
    return tuple(
        Tranche(
            currency=currency,
            tenor_years=tenors[i],
            maturity=dates[i] if len(dates) == count else None,
            coupon_pct=coupons[i] if len(coupons) == count else None,
        )
        for i in range(count)
    )


def bookrunners(scope: Sequence[Line], cast: Cast, company: object) -> tuple[str, ...]:
    """Return the banks that run the books."""
    lines = {line.sentence.index for line in scope}
    found = []
    for part in cast.parts:
        owner = cast.owner(part.mention)
        if (
            part.role != "bookrunner"
            or part.mention.line not in lines
            or owner is None
            or owner is company
        ):
            continue
        if owner.text in cast.places or owner.text in cast.people:
            continue
        found.append(owner.text)
    return tuple(dict.fromkeys(found))
