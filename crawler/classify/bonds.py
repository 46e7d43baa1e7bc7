"""A bond: its kinds, its tranches, who runs its books."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
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
    home: int | None = None
    for term in found:
        again = _tranche_of(term, groups) if term.start > parts[-1].end else None
        home = again if term.kind == "tenor" else home
        if again is not None and term.kind == "tenor":
            continue  # "the 3-year piece pays 2.81 %": speaks of a tranche already met
        if home is not None and term.start > parts[-1].end:
            place = home
        elif forward:
            place = next((i for i, p in enumerate(parts) if term.start < p.start), len(parts) - 1)
        else:
            place = max((i for i, p in enumerate(parts) if p.start <= term.start), default=0)
        groups[place].append(term)
    return groups


def _tranche_of(term: Term, groups: Sequence[Sequence[Term]]) -> int | None:
    """Return the tranche that has a tenor already."""
    met = (
        i
        for i, g in enumerate(groups)
        if any(t.kind == "tenor" and t.value == term.value for t in g)
    )
    return next(met, None) if term.kind == "tenor" else None


def _respectively(groups: list[list[Term]], found: Sequence[Term]) -> list[list[Term]]:
    """Deal out in order what is listed once for each tranche: "at 1.1 %, 1.4 % and 2.0 %"."""
    for kind in ("tenor", "maturity", "coupon"):
        terms = [t for t in found if t.kind == kind]
        uneven = any(sum(t.kind == kind for t in g) != 1 for g in groups)
        if uneven and len(terms) == len(groups):
            groups = [[*(t for t in g if t.kind != kind), terms[i]] for i, g in enumerate(groups)]
    return groups


_USES = frozenset({"redemption", "capex", "net proceeds", "price", "order book", "greenshoe"})


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
        and f.kind != "valuation"
        and f.reason not in _USES
        and not f.prior
    ]
    for size in range(2, 7):
        for first in range(len(sums) - size + 1):
            chosen = sums[first : first + size]
            if sum(s.value or 0 for s in chosen) == total.value:
                return chosen
    return []


def whole(one: Candidate, fates: Sequence[Fate], scope: Sequence[Line], lang: str) -> Candidate:
    """
    Return the candidate with its tranches added up, if no total is printed.

    "5年期6亿美元…；10年期4亿美元": two sums of one sentence, each with a term of its own, are
    two tranches of one bond, unless a bigger sum of the article is the size.
    """
    parts = [f.sum for f in fates if f.line is one.line and _may_be_part(f, one)]
    if one.fate is None or one.fate.sum not in parts or not 2 <= len(parts) <= 8:
        return one
    lines = {line.sentence.index for line in scope}
    rest = [f.sum for f in fates if f.line.sentence.index in lines and _may_be_part(f, one)]
    most = max(p.value or 0 for p in parts)
    if any((r.value or 0) > most for r in rest):
        return one
    dealt = _split(parts, facts(one.line, lang))
    spans = [tuple(t.value for t in g if t.kind in {"tenor", "maturity"}) for g in dealt]
    if not all(spans) or len(set(spans)) < len(spans):
        return one
    total = sum((p.value or Decimal(0) for p in parts), Decimal(0))
    return replace(one, fate=replace(one.fate, sum=replace(one.fate.sum, value=total, other=None)))


def _may_be_part(fate: Fate, one: Candidate) -> bool:
    """Tell whether a sum is new bond money in the currency of a candidate."""
    same = one.fate is not None and fate.sum.currency == one.fate.sum.currency
    return same and bool(fate.sum.value) and not (fate.sum.value_max or fate.reason or fate.prior)


def _about(line: Line, one: Candidate, fates: Sequence[Fate], parts: Sequence[Money]) -> bool:
    """Tell whether a line's terms can be those of this bond: it prices no other bond."""
    if line is one.line or line.sentence.title:
        return True
    own = {m.value for m in parts} | ({one.fate.sum.value} if one.fate else set())
    others = [
        f
        for f in fates
        if f.line is line
        and (
            f.kind in {"bond", "issue"}
            or f.reason in {"redemption", "outstanding debt", "programme"}
        )
        and f.sum.value not in own
    ]
    return not others and not line.has("teaser")


def _is_old(term: Term, line: Line) -> bool:
    """Tell whether a term stands in the clause of a word for the past."""
    for cue in line.of("prior"):
        left, right = (cue.end, term.start) if cue.end <= term.start else (term.end, cue.start)
        between = line.sentence.text[left - line.sentence.start : right - line.sentence.start]
        if right - left < 60 and "," not in between and "，" not in between:
            return True
    return False


def tranches_of(
    one: Candidate, fates: Sequence[Fate], scope: Sequence[Line], lang: str
) -> tuple[Tranche, ...]:
    """Return the tranches; amounts are None where the text does not split the total."""
    total = one.fate.sum if one.fate else None
    parts = parts_of(one, fates, scope)
    lines = [ln for ln in scope if _about(ln, one, fates, parts)]
    found = [t for line in lines for t in facts(line, lang) if not _is_old(t, line)]
    currency = total.currency if total else None
    if parts:
        inside = [t for t in found if parts[0].start - 60 < t.start < parts[-1].end + 90]
        groups = _respectively(_split(parts, inside), inside)
        return tuple(_tranche(p, g, p.currency) for p, g in zip(parts, groups, strict=True))
    return _unsplit(_own(found, one, fates, lang), total, currency)


def _own(found: list[Term], one: Candidate, fates: Sequence[Fate], lang: str) -> list[Term]:
    """Keep the terms dealt to a bond's own sum where its sentence tells of several bonds."""
    sums = [
        f.sum for f in fates if f.line is one.line and f.sum.value and f.kind in {"bond", "issue"}
    ]
    if one.fate is None or len(sums) < 2 or one.fate.sum not in sums:
        return found
    line = facts(one.line, lang)
    mine = _split(sums, line)[sums.index(one.fate.sum)]
    kinds = {term.kind for term in mine}
    inside = {(term.start, term.end) for term in line}
    return mine + [t for t in found if (t.start, t.end) not in inside and t.kind not in kinds]


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


_BANKLIKE = re.compile(
    r"Bank|Banc|Banque|Banco|Securities|Markets|Sachs|Capital|Partners|银行|銀行|证券|證券|国际|國際|中金|銀|证|은행|증권|証券"
)


# Words that say nothing else: whoever stands beside them runs the books.
_RUNS_BOOKS = re.compile(
    r"colocador|bookrunner|teneur|coordenador|konsortialführer|chefs? de file de l|placeuse"
)


def bookrunners(scope: Sequence[Line], cast: Cast, company: object) -> tuple[str, ...]:
    """Return the banks that run the books; a list counts if it holds one that looks like one."""
    lines = {line.sentence.index for line in scope}
    lists: dict[int, list[str]] = {}
    likely: set[int] = set()
    for part in cast.parts:
        owner = cast.owner(part.mention)
        if part.role == "investor" or part.mention.line not in lines or owner is None:
            continue
        if owner is company or owner.text in cast.places | cast.people:
            continue
        bank = owner.text in cast.banks
        if part.role == "lead" and not bank:
            continue
        lists.setdefault(part.cue.start, []).append(owner.text)
        surely = _RUNS_BOOKS.search(part.cue.text.lower())
        if surely or bank or _BANKLIKE.search(owner.text):
            likely.add(part.cue.start)
    found = [name for start, names in lists.items() if start in likely for name in names]
    return tuple(dict.fromkeys(found or _banks_named(scope, cast, company)))


def _banks_named(scope: Sequence[Line], cast: Cast, company: object) -> list[str]:
    """Return the banks one line names together, if no words say that they run the books."""
    for line in scope:
        if line.sentence.title or line.has("prior", "loan", "person", "teaser"):
            continue
        here = [
            name.text
            for name in cast.names
            if name is not company
            and name.text in cast.banks
            and any(m.line == line.sentence.index for m in name.mentions)
        ]
        if len(here) >= 2:
            return here
    return []
