"""Do two printed amounts mean the same money?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from crawler.resolve.facts import Facts, Sum
from crawler.types import DealType

SAME_CURRENCY = 0.01  # "137.2m" and "137.22m"
SAME_DOLLARS = 0.05  # another day's rate, another rounding
NEAR_DOLLARS = 0.12
CONVERTED = 0.08  # two outlets round one conversion: 1.6m and 1.7m
_ISSUED = frozenset({"USD", "EUR", "GBP", "CHF", "AUD", "CAD"})  # told as they are issued


class Grade(StrEnum):
    """How far two amounts agree."""

    EQUAL = "equal"
    IMAGE = "image"  # equal after exchange
    FITS = "fits"  # "more than 1bn" and 1.2bn
    VAGUE = "vague"  # "nine figures" and 250m
    SILENT = "silent"  # one of them is not disclosed
    CLASH = "clash"


@dataclass(frozen=True, slots=True)
class Match:
    """A grade, with the ratio of the second amount to the first (in one currency)."""

    grade: Grade
    ratio: float = 1.0


SILENT = Match(Grade.SILENT)
_ORDER = (Grade.EQUAL, Grade.IMAGE, Grade.FITS, Grade.VAGUE, Grade.CLASH)


def compare(one: Facts, other: Facts) -> Match:
    """Grade two reports' amounts: by the currency both print if there is one, else in dollars."""
    if not one.sums or not other.sums:
        return SILENT
    pairs = [(a, b) for a in one.sums for b in other.sums if a.currency == b.currency]
    printed = [_grade(a, b) for a, b in pairs if not (a.shadow or b.shadow)]
    found = printed or [_grade(a, b) for a, b in pairs]
    if not found:  # no rate for one of them: nothing can be said
        return SILENT
    best = min(found, key=lambda match: _ORDER.index(match.grade))
    if best.grade in {Grade.IMAGE, Grade.FITS} and _two_issues(one, other):
        return Match(Grade.CLASH, best.ratio)
    if best.grade is Grade.CLASH and _is_part(one, other):
        return Match(Grade.FITS)
    return best


def _two_issues(one: Facts, other: Facts) -> bool:
    """€500m and £400m of bonds are two issues, though one is worth the other."""
    a, b = one.sums[0], other.sums[0]
    if one.event.type is not DealType.BOND or a.currency == b.currency:
        return False
    round_sums = max(a.digits, b.digits) == 1 and a.exact and b.exact
    return round_sums and {a.currency, b.currency} <= _ISSUED


def _is_part(one: Facts, other: Facts) -> bool:
    """One outlet gives the whole, the other a single tranche of it."""
    return any(
        (whole.sums[0].currency, part.sums[0].low) in _parts(whole)
        for whole, part in ((one, other), (other, one))
    )


def _parts(whole: Facts) -> set[tuple[str, float]]:
    return {(currency or whole.sums[0].currency, amount) for currency, amount in whole.parts}


def _grade(one: Sum, other: Sum) -> Match:
    ratio = other.value / one.value
    off = abs(ratio - 1)
    if one.vague or other.vague:
        return Match(Grade.VAGUE if _overlap(one, other) else Grade.CLASH, ratio)
    if one.shadow or other.shadow:
        return _by_rate(one, other, off, ratio)
    if (one.converted or other.converted) and off > SAME_CURRENCY:
        return _by_rate(one, other, off, ratio)
    if off <= SAME_CURRENCY or (one.low == other.low and _overlap(one, other)):
        return Match(Grade.EQUAL, ratio)
    if _rounds_to(one, other) or (not (one.exact and other.exact) and _overlap(one, other)):
        return Match(Grade.FITS, ratio)
    return Match(Grade.CLASH, ratio)


def _by_rate(one: Sum, other: Sum, off: float, ratio: float) -> Match:
    low = other.low / one.low
    if (one.converted or other.converted) and off <= CONVERTED:
        return Match(Grade.IMAGE, ratio)
    if off <= SAME_DOLLARS or abs(low - 1) <= SAME_DOLLARS:
        return Match(Grade.IMAGE, ratio)
    if (off <= NEAR_DOLLARS and max(one.digits, other.digits) > 2) or (
        not (one.exact and other.exact) and _overlap(one, other, 0.05)
    ):
        return Match(Grade.FITS, ratio)
    return Match(Grade.CLASH, ratio)


def _overlap(one: Sum, other: Sum, slack: float = 0.0) -> bool:
    return one.low <= other.high * (1 + slack) and other.low <= one.high * (1 + slack)


def _rounds_to(one: Sum, other: Sum) -> bool:
    """$1.37bn is printed as $1.4bn by one outlet, and they differ by less than 5 %."""
    coarse, fine = sorted((one, other), key=lambda amount: amount.digits)
    if coarse.digits == fine.digits or abs(coarse.low / fine.low - 1) > SAME_DOLLARS:
        return False
    places = coarse.digits - len(str(int(fine.low)))
    return round(fine.low, places) == coarse.low and coarse.digits > 1
