"""The terms of a bond: kinds, tranches with tenor, maturity and coupon, bookrunners."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

import yaml

from crawler.classify.binding import Fate
from crawler.classify.candidates import Candidate
from crawler.classify.company import Cast
from crawler.classify.cues import FOLDER, fold
from crawler.classify.money import Money
from crawler.classify.reading import Line
from crawler.types import BondType, Tranche

_DATE = r"\s*(?:(?P<pre>[^\W\d_]+\.? ?\d{0,2},?|\d{1,2}\.?(?:st|nd|rd|th|º|er)? (?:de )?[^\W\d_]+(?: de)?)\s+)?(?P<year>20\d\d|2[1-9]\d\d)(?:[年년] ?(?P<month>\d{1,2})[月월](?: ?(?P<day>\d{1,2})[日일])?)?"
_PERCENT = re.compile(
    r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,4})?)\s?(?:%|per cent\b|percent\b|per cento\b|por ciento\b|por cento\b|pour cent\b|Prozent\b|厘|퍼센트|パーセント)"
)
_BEFORE = 45  # characters between a coupon word and its figure


@dataclass(frozen=True, slots=True)
class Term:
    """A fact about a tranche and where it stands."""

    kind: str  # tenor | maturity | coupon
    value: Any
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Terms:
    """The compiled words of one language."""

    tenor: re.Pattern[str]
    due: re.Pattern[str]
    coupon: re.Pattern[str]
    zero: re.Pattern[str]
    not_coupon: re.Pattern[str]
    numbers: Mapping[str, int]


@cache
def _book() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((FOLDER / "terms.yaml").read_text("utf-8"))
    return loaded


def _joined(kind: str, lang: str) -> list[str]:
    book = _book()[kind]
    extra = book["en"] if lang not in {"en", "zh", "ja", "ko"} else []
    return [*book.get(lang, book["en"]), *extra]


@cache
def terms(lang: str) -> Terms:
    """Return the terms of a language; the English ones help in every Latin script."""
    book = _book()
    numbers = {**book["numbers"]["en"], **book["numbers"].get(lang, {})}
    words = "|".join(sorted(map(re.escape, numbers), key=len, reverse=True))
    number = rf"((?<!\d)\d{{1,3}}(?:[.,]\d{{1,2}})?(?:\s?\+\s?\d{{1,2}}){{0,2}}|{words})"
    tenor = "|".join(f"(?:{p.replace('N', number)})" for p in _joined("tenor", lang))
    due = "|".join(_joined("due", lang))
    return Terms(
        re.compile(tenor, re.IGNORECASE),
        re.compile(rf"(?:{due}){_DATE}", re.IGNORECASE),
        re.compile(rf"(?:{'|'.join(_joined('coupon', lang))})", re.IGNORECASE),
        re.compile("|".join({book["zero"].get(lang, "$^"), book["zero"]["en"]}), re.IGNORECASE),
        re.compile(book["not_coupon"], re.IGNORECASE),
        numbers,
    )


def _years(text: str, numbers: Mapping[str, int]) -> float | None:
    parts = [p.strip().replace(",", ".") for p in text.split("+")]
    try:
        return sum(float(numbers.get(p.lower(), p)) for p in parts)
    except ValueError:
        return None


def _tenors(text: str, base: int, words: Terms) -> Iterator[Term]:
    for match in words.tenor.finditer(text):
        years = _years(next(g for g in match.groups() if g), words.numbers)
        if years and 0 < years <= 100:
            yield Term("tenor", years, base + match.start(), base + match.end())


def _maturities(text: str, base: int, words: Terms) -> Iterator[Term]:
    for match in words.due.finditer(text):
        value = match["year"]
        if match["month"]:
            value += f"-{int(match['month']):02d}"
        if match["month"] and match["day"]:
            value += f"-{int(match['day']):02d}"
        yield Term("maturity", value, base + match.start(), base + match.end())


def _coupons(text: str, base: int, words: Terms, line: Line) -> Iterator[Term]:
    if zero := words.zero.search(text):
        yield Term("coupon", Decimal(0), base + zero.start(), base + zero.end())
    nouns = [c for c in line.cues if c.kind in {"bond", "bond_type"}]
    for match in _PERCENT.finditer(text):
        start, end = base + match.start(), base + match.end()
        before = text[max(0, match.start() - _BEFORE) : match.start()]
        near = any(0 <= c.start - end <= 14 for c in nouns)
        listed = re.search(
            r"(?:\bat|\bal|\ball[o']|\bà|\bzu|\bmit|\ba|\bpaying|为|為|at a)\s?$", before
        ) is not None and (words.tenor.search(before) or words.due.search(before))
        cue = None
        for cue in words.coupon.finditer(before):
            pass
        if not (near or listed or (cue and "%" not in before[cue.end() :])):
            continue
        tail = text[match.end() : match.end() + 9]
        if words.not_coupon.search(before[cue.end() if cue else -22 :]) or words.not_coupon.search(
            tail
        ):
            continue
        try:
            yield Term("coupon", Decimal(match[1].replace(",", ".")), start, end)
        except InvalidOperation:
            continue


def facts(line: Line, lang: str) -> list[Term]:
    """Return the terms a line prints, from left to right."""
    words, base = terms(lang), line.sentence.start
    text = fold(line.sentence.text)
    found = [
        *_tenors(text, base, words),
        *_maturities(text, base, words),
        *_coupons(text, base, words, line),
    ]
    return sorted(found, key=lambda t: t.start)


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
