"""
The tranches of a bond: which sums are parts of one total, and which terms go with which part.

A total is split where sums that follow each other add up to it exactly. Terms are dealt to the
part they stand beside: all before their sums or all after them, whichever gives more parts a
term of their own. "The 10-year piece pays 3 %" in a later sentence speaks of a tranche met before.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crawler.classify.binding import Fate
from crawler.classify.money import Money
from crawler.classify.reading import Line
from crawler.classify.terms import Term, facts
from crawler.types import DealType, Tranche

if TYPE_CHECKING:
    from crawler.classify.candidates import Candidate

_SPANS = ("tenor", "maturity")
_MOST = 8  # tranches of one bond
_NEVER = frozenset({"order book", "greenshoe", "programme", "net proceeds", "market total"})
# A sum that prints no currency of its own.
_BARE = re.compile(r"[\d.,\s]*[万亿萬億千百]?[元圆圓]|\$? ?[\d.,]+\s?\w*")
_SAID_OF_PARTS = frozenset({"redemption", "price", "no head"})  # "the second, of 800m, expires …"
# a sum that prints no currency
_PIECE = re.compile(
    r"tranche|piece|portion|\bleg\b|slice|series|tramo|serie|série|classe|\bteil|abschnitt|分为|分為"
    r"|档|檔|批|品种|品種|期别|券|本立て|年債|트랜치|년물",
    re.IGNORECASE,
)


_SPEAKS = re.compile(
    rf"{_PIECE.pattern}|coupon|kupon|cup[oó]n|cupom|cedol|zinssatz|verzins|票息|票面|息票|利率|표면|금리"
    r"|クーポン",
    re.IGNORECASE,
)


def _fields(group: Iterable[Term]) -> dict[str, Any]:
    first: dict[str, Any] = {}
    for term in group:
        first.setdefault(term.kind, term.value)
    return first


def _tranche(one: Money | None, group: Iterable[Term], currency: str | None) -> Tranche:
    found = _fields(group)
    return Tranche(
        amount=one.value if one else None,
        currency=currency,
        tenor_years=found.get("tenor"),
        maturity=found.get("maturity"),
        coupon_pct=found.get("coupon"),
    )


def _in(line: Line, start: int) -> bool:
    return line.sentence.start <= start < line.sentence.end


# --- sums ------------------------------------------------------------------------------------


def _like(one: Money, total: Money) -> bool:
    """Tell whether a sum is in the currency of the total, or prints none of its own."""
    if one.currency == total.currency:
        return True
    return _BARE.fullmatch(one.text) is not None


def _pieces(total: Money, fates: Sequence[Fate]) -> list[Fate]:
    """Return the sums that follow each other and add up to a total; none if there are none."""
    small = [
        f
        for f in fates
        if f.sum.value
        and f.sum.value < (total.value or 0)
        and not f.sum.value_max
        and f.kind not in {"valuation", "round", "funding", "loan"}
        and f.reason not in _NEVER
        and not f.prior
        and _like(f.sum, total)
    ]
    for size in range(2, _MOST):
        for first in range(len(small) - size + 1):
            run = small[first : first + size]
            if sum(f.sum.value or 0 for f in run) == total.value:
                return run
    return []


def _dealt(parts: Sequence[Money], found: Sequence[Term]) -> list[list[Term]]:
    """Deal terms to the sum before them or to the one after, whichever leaves fewer bare."""
    after = [max((i for i, p in enumerate(parts) if p.start <= t.start), default=0) for t in found]
    last = len(parts) - 1
    before = [next((i for i, p in enumerate(parts) if t.start < p.start), last) for t in found]

    def worth(homes: Sequence[int]) -> tuple[int, int]:
        spans = [h for h, t in zip(homes, found, strict=True) if t.kind in _SPANS]
        served = sum(spans.count(i) in {1, 2} for i in range(len(parts)))
        gaps = sum(
            max(t.start - parts[h].end, parts[h].start - t.end)
            for h, t in zip(homes, found, strict=True)
        )
        return served, -gaps

    homes = max((after, before), key=worth)
    groups: list[list[Term]] = [[] for _ in parts]
    for home, term in zip(homes, found, strict=True):
        groups[home].append(term)
    return groups


def _spread(groups: list[list[Term]], found: Sequence[Term]) -> list[list[Term]]:
    """Deal out in order what is listed once for each tranche: "at 1.1 %, 1.4 % and 2.0 %"."""
    for kind in (*_SPANS, "coupon"):
        terms = [t for t in found if t.kind == kind]
        uneven = any(sum(t.kind == kind for t in g) != 1 for g in groups)
        if uneven and len(terms) == len(groups):
            groups = [[*(t for t in g if t.kind != kind), terms[i]] for i, g in enumerate(groups)]
    return groups


def _home(term: Term, groups: Sequence[Sequence[Term]]) -> int | None:
    """Return the tranche that has this tenor or maturity already."""
    if term.kind not in _SPANS:
        return None
    met = (
        i
        for i, g in enumerate(groups)
        if any((t.kind, t.value) == (term.kind, term.value) for t in g)
    )
    return next(met, None)


def _recalled(groups: list[list[Term]], found: Sequence[Term]) -> None:
    """Add what a later line says of tranches met before: "the 10-year piece pays 3 %"."""
    homes = [h for t in found if (h := _home(t, groups)) is not None]
    rest = [t for t in found if _home(t, groups) is None]
    if homes and len(rest) == len(homes):  # one each, in the same order
        for place, term in zip(homes, rest, strict=True):
            groups[place].append(term)
        return
    home: int | None = None
    for term in found:
        met = _home(term, groups)
        if met is not None:
            home = met
        elif home is not None:
            groups[home].append(term)


def _with_own_terms(
    parts: Sequence[Fate], told: Sequence[tuple[Line, list[Term]]]
) -> list[list[Term]]:
    """Return the terms of each part."""
    sums = [f.sum for f in parts]
    home = [(ln, ts) for ln, ts in told if any(_in(ln, s.start) for s in sums)]
    beside = [t for _, ts in home for t in ts]
    groups = _spread(_dealt(sums, beside), beside)
    for line, terms in told:
        if line.sentence.title or any(line is ln for ln, _ in home):
            continue
        if any(_home(t, groups) is not None for t in terms):
            _recalled(groups, terms)
        elif any(groups):
            groups = _spread(groups, terms)
    return groups


def whole(one: Candidate, fates: Sequence[Fate], scope: Sequence[Line], lang: str) -> Candidate:
    """
    Return the candidate with its tranches added up, if no total is printed.

    "5年期6亿美元…；10年期4亿美元": sums of one sentence, each with a term of its own, are
    tranches of one bond, unless a bigger sum of the article is the size.
    """
    told = _PIECE.search(one.line.sentence.text) is not None
    parts = [f.sum for f in fates if f.line is one.line and _may_be_part(f, one, told)]
    if one.fate is None or one.fate.sum not in parts or not 2 <= len(parts) <= _MOST:
        return one
    lines = {line.sentence.index for line in scope}
    rest = [f.sum for f in fates if f.line.sentence.index in lines and _may_be_part(f, one, False)]
    most = max(p.value or 0 for p in parts)
    if any((r.value or 0) > most for r in rest):
        return one
    dealt = _dealt(parts, facts(one.line, lang))
    spans = [tuple(t.value for t in g if t.kind in _SPANS) for g in dealt]
    if not all(spans) or len(set(spans)) < len(spans):
        return one
    total = sum((p.value or Decimal(0) for p in parts), Decimal(0))
    return replace(one, fate=replace(one.fate, sum=replace(one.fate.sum, value=total, other=None)))


def _may_be_part(fate: Fate, one: Candidate, pieces: bool) -> bool:
    """Tell whether a sum is new bond money in the currency of a candidate."""
    same = one.fate is not None and fate.sum.currency == one.fate.sum.currency
    refused = fate.reason and not (pieces and fate.reason in _SAID_OF_PARTS)
    return same and bool(fate.sum.value) and not (fate.sum.value_max or refused or fate.prior)


# --- lines -----------------------------------------------------------------------------------

_OLD_DEBT = frozenset({"redemption", "outstanding debt", "programme"})


def is_of_another(line: Line, fates: Sequence[Fate], own: Collection[Decimal | None]) -> bool:
    """Tell whether a line prices another bond than the one of these sums."""
    here = [f for f in fates if f.line is line]
    if any(f.sum.value in own for f in here):
        return False
    return any(
        _is_sizeable(f) and (f.kind in {"bond", "issue"} or f.reason in _OLD_DEBT) for f in here
    )


def _about(line: Line, one: Candidate, fates: Sequence[Fate], own: set[Decimal | None]) -> bool:
    """Tell whether a line's terms can be those of this bond: it prices no other bond."""
    if line is one.line or line.sentence.title:
        return True
    return not is_of_another(line, fates, own) and not line.has("teaser")


_COMMA = re.compile(r"[,;，；、]")
_SIZEABLE = 1_000_000  # below it a sum is a denomination or a price


def _is_sizeable(fate: Fate) -> bool:
    return (fate.sum.value or 0) >= _SIZEABLE


def _of_a_state(term: Term, line: Line) -> bool:
    """Tell whether a term is that of a state's bond: 五年期国债, "the Bund yields 2.7 %"."""
    base, text = line.sentence.start, line.sentence.text
    states = [c for c in line.of("genre", "refuse") if c.means == "sovereign"]
    near = (
        (c.end, term.start) if c.end <= term.start else (term.end, min(c.start, term.end + 7))
        for c in states
        if c.end <= term.start or c.start - term.end <= 6
    )
    return any(not _COMMA.search(text, left - base, right - base) for left, right in near)


def _is_old(term: Term, line: Line) -> bool:
    """Tell whether a term stands in the clause of a word for the past."""
    for cue in line.of("prior"):
        left, right = (cue.end, term.start) if cue.end <= term.start else (term.end, cue.start)
        between = line.sentence.text[left - line.sentence.start : right - line.sentence.start]
        if (
            right - left < (60 if cue.end <= term.start else 20)
            and "," not in between
            and "，" not in between
        ):
            return True
    return False


def _told(
    one: Candidate, fates: Sequence[Fate], scope: Sequence[Line], parts: Sequence[Fate], lang: str
) -> list[tuple[Line, list[Term]]]:
    """Return the lines that speak of this bond with the terms each prints."""
    own = {f.sum.value for f in parts} | ({one.fate.sum.value} if one.fate else set())
    found = []
    for line in scope:
        if not _about(line, one, fates, own):
            continue
        terms = [t for t in facts(line, lang) if not (_is_old(t, line) or _of_a_state(t, line))]
        speaks = line is one.line or line.has("bond", "bond_type")
        speaks = speaks or _SPEAKS.search(line.sentence.text) is not None
        if not speaks and not any(f.line is line for f in parts):
            # "the steepest drop in three years" has no coupon beside it and no word for a bond
            terms = (
                terms if any(t.kind == "coupon" for t in terms) else [t for t in terms if t.sure]
            )
        if terms:
            found.append((line, terms))
    return found


def _chosen(told: Sequence[tuple[Line, list[Term]]], one: Candidate) -> list[Term]:
    """
    Return the terms of a bond that is not split.

    Where its own line prints a tenor, another line adds one only if it speaks of pieces.
    """
    ranked = sorted(told, key=lambda t: (t[0] is not one.line, not t[0].sentence.title))
    first = _distinct(ranked[0][1], "tenor") if ranked else []
    lists = [t for t in ranked if set(first) < set(_distinct(t[1], "tenor"))]
    if first and lists:  # "a 2-year bond", then "maturities of 2 and 3 years"
        ranked = [lists[0], *(t for t in ranked if t is not lists[0])]
    found: list[Term] = []
    for line, terms in ranked:
        has = {t.kind for t in found}
        many = _PIECE.search(line.sentence.text) is not None
        found += [t for t in terms if many or t.kind not in has]
    return found


def _mine(found: list[Term], one: Candidate, fates: Sequence[Fate], lang: str) -> list[Term]:
    """Keep the terms dealt to a bond's own sum where its sentence tells of several bonds."""
    sums = [
        f.sum
        for f in fates
        if f.line is one.line and _is_sizeable(f) and f.kind in {"bond", "issue"}
    ]
    if one.fate is None or len({s.value for s in sums}) < 2 or one.fate.sum not in sums:
        return found
    line = facts(one.line, lang)
    mine = _dealt(sums, line)[sums.index(one.fate.sum)]
    kinds = {term.kind for term in mine}
    inside = {(term.start, term.end) for term in line}
    return mine + [t for t in found if (t.start, t.end) not in inside and t.kind not in kinds]


def tranches_of(
    one: Candidate, fates: Sequence[Fate], scope: Sequence[Line], lang: str
) -> tuple[Tranche, ...]:
    """Return the tranches; amounts are None where the text does not split the total."""
    total = one.fate.sum if one.fate else None
    lines = {line.sentence.index for line in scope}
    near = [f for f in fates if f.line.sentence.index in lines]
    parts = (_pieces(total, near) or _some(total, near, lang)) if total and total.value else []
    currency = total.currency if total else None
    if parts:
        told = _told(one, fates, scope, parts, lang)
        groups = _with_own_terms(parts, told)
        named = all(f.line.has("bond") or _PIECE.search(f.line.sentence.text) for f in parts)
        if all(groups) or named:
            return tuple(_tranche(p.sum, g, currency) for p, g in zip(parts, groups, strict=True))
    told = _told(one, fates, scope, (), lang)
    return _unsplit(_mine(_chosen(told, one), one, fates, lang), total, currency)


def _some(total: Money, fates: Sequence[Fate], lang: str) -> list[Fate]:
    """Return the tranches of a total that a line tells, though not all: each has its own tenor."""
    for line in {f.line.sentence.index: f.line for f in fates}.values():
        here = [f for f in fates if f.line is line and f.kind == "bond" and not f.prior]
        sums = [f.sum for f in here if f.sum.value and f.sum.value < (total.value or 0)]
        if (
            len(sums) < 2
            or len(sums) < len(here)
            or any(s.currency != total.currency for s in sums)
        ):
            continue
        spans = [[t for t in g if t.kind in _SPANS] for g in _dealt(sums, facts(line, lang))]
        if all(spans) and sum(s.value or 0 for s in sums) < (total.value or 0):
            return here
    return []


def parted(found: Sequence[Candidate], fates: Sequence[Fate], lang: str) -> set[int]:
    """Return which candidates are no bonds of their own: their sum is a part of another's."""
    taken: set[int] = set()
    for one in found:
        if one.type is not DealType.BOND or one.fate is None or not one.fate.sum.value:
            continue
        if one.fate.prior or one.fate.reason:
            continue
        parts = _pieces(one.fate.sum, fates)
        sums = {(p.sum.start, p.sum.end) for p in parts}
        lines = {p.line.sentence.index: p.line for p in parts}.values()
        if parts and all(any(t.kind in _SPANS for t in facts(line, lang)) for line in lines):
            taken |= {
                i
                for i, other in enumerate(found)
                if other.fate and (other.fate.sum.start, other.fate.sum.end) in sums
            }
    return taken


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
        return (_tranche(total, found, currency),)
    return tuple(
        Tranche(
            currency=currency,
            tenor_years=tenors[i],
            maturity=dates[i] if len(dates) == count else None,
            coupon_pct=coupons[i] if len(coupons) == count else None,
        )
        for i in range(count)
    )
