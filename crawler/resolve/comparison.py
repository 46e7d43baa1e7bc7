"""
What a report and a deal agree on, and why the two can never be one.

A separator (other maturity, other disclosed round, other form of bond, a deal that was
called off before) wins over any score; agreement is what the score is made of.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import cast

from crawler.resolve.amounts import Grade, Match, compare
from crawler.resolve.facts import FORMS, WITHDRAWN, Facts, comparable
from crawler.resolve.group import Group
from crawler.types import BondType, Role, Round

FRESH = 5  # days in which outlets retell a deal
_AGAIN = 2  # days from which "another one" is another one
_AMOUNT = {Grade.EQUAL: 2.0, Grade.IMAGE: 1.6, Grade.FITS: 1.0, Grade.VAGUE: 0.5, Grade.SILENT: 0.0}
_SOFT_ROUNDS = frozenset({Round.STRATEGIC, Round.GROWTH, Round.BRIDGE})


@dataclass(frozen=True)
class Comparison:
    """One report before one group."""

    fact: Facts
    group: Group
    identity: float

    def separator(self) -> str:
        """Return why these can never be one deal, or nothing."""
        return (
            self._same_reading()
            or self._rounds()
            or self._terms()
            or self._coupons()
            or self._forms()
        )

    def _same_reading(self) -> str:
        twin = self.fact.role is Role.REPORT and self.fact.reading in self.group.readings
        return "one article tells both as two" if twin else ""

    def _rounds(self) -> str:
        mine, theirs = self.fact.round, self.group.rounds
        if mine is None or not theirs or mine in theirs or self._corrects():
            return ""
        hard = theirs - _SOFT_ROUNDS
        if mine in _SOFT_ROUNDS or not hard:
            return ""
        return f"other round ({mine}, not {min(hard)})"

    def _terms(self) -> str:
        mine, theirs = self.fact.years, cast("set[int]", self.group.said["years"])
        if not mine or not theirs or mine & theirs or self._corrects():
            return ""
        slack = self._slack()
        near = any(abs(one - other) <= slack for one in mine for other in theirs)
        return "" if near else f"other maturity ({min(mine)}, not {min(theirs)})"

    def _coupons(self) -> str:
        """Two coupons are two bonds, unless the maturity says otherwise (or a correction)."""
        mine, theirs = self.fact.coupons, cast("set[Decimal]", self.group.said["coupons"])
        if not mine or not theirs or mine & theirs or self._corrects() or self._share("years"):
            return ""
        return f"other coupon ({min(mine)}, not {min(theirs)})"

    def _slack(self) -> int:
        """A tenor counted from the turn of the year may be a year off."""
        tenors = self.fact.tenors or self.group.said["tenors"]
        return 1 if tenors and not self._share("tenors") else 0

    def _forms(self) -> str:
        mine, theirs = self.fact.form, self.group.forms
        if {BondType.PANDA} & self.fact.kinds and self._abroad():
            return "panda, not offshore"
        if mine in theirs:
            return ""
        named = theirs - {None}
        if mine and named:
            return f"{mine}, not {min(f for f in named if f)}"
        if self.money.grade in {Grade.EQUAL, Grade.IMAGE}:
            return ""
        other = min((form for form in named if form), default="straight")
        return f"{mine or 'straight'}, not {other}"

    def _abroad(self) -> bool:
        abroad = {BondType.OFFSHORE, BondType.DIM_SUM}
        return bool(self.group.said["kinds"] & abroad)

    def ended(self) -> str:
        """A deal that was called off or denied takes no new life; late echoes of it are its own."""
        end = self.group.withdrawn
        if end is None or self.fact.rank == WITHDRAWN:
            return ""
        late = self.fact.day >= end if self.fact.firm else self.fact.day > end + 3
        return "it was called off before" if late else ""

    @cached_property
    def money(self) -> Match:
        """Return the best agreement with the group; a firm figure is held against firm ones."""
        told = self.group.sums.values() if self.fact.sums else ()
        firm = [other for other in told if other.firm] if self.fact.firm else []
        found = [compare(other, self.fact) for other in firm or told]
        order = list(_AMOUNT)
        known = [match for match in found if match.grade is not Grade.CLASH]
        if known:
            return min(known, key=lambda match: order.index(match.grade))
        return min(found, key=lambda m: (abs(m.ratio - 1), m.ratio), default=Match(Grade.SILENT))

    def clash(self) -> str:
        """Return "other money" for a restatement, which has no excuse."""
        return "other money" if self.money.grade is Grade.CLASH else ""

    def _corrects(self) -> bool:
        return self._cue("correction")

    def _upsized(self) -> bool:
        return self._cue("upsized")

    def _cue(self, cue: str) -> bool:
        return cue in self.fact.cues or cue in self.group.cues

    def _extends_only_one(self) -> bool:
        return bool(self.fact.cues & {"extension", "tap"}) != self.group.extends

    def slots(self) -> tuple[float, tuple[str, ...]]:
        """Return what they agree on, summed, and in words."""
        grade = self.money.grade
        found = [(_AMOUNT.get(grade, 0.0), f"amount {grade}")]
        found += [
            self._round_term(),
            self._people(),
            *self._bond_terms(),
            self._text(),
            *self._traps(),
        ]
        told = [(score, reason) for score, reason in found if score]
        return sum(score for score, _ in told), tuple(f"{r} {s:+.1f}" for s, r in told)

    def _round_term(self) -> tuple[float, str]:
        theirs = self.group.rounds
        if self.fact.round is None or not theirs:
            return 0.0, ""
        return (1.0, "same round") if self.fact.round in theirs else (-0.4, "round named otherwise")

    def _people(self) -> tuple[float, str]:
        if self._share("leads"):
            return 1.2, "same lead"
        if self._share("investors"):
            return 1.0, "shared investors"
        theirs = cast("set[str]", self.group.said["investors"])
        if not comparable(self.fact.investors, theirs):
            return 0.0, ""
        leads = cast("set[str]", self.group.said["leads"])
        late = self.fact.firm and self.group.gap(self.fact.day) > FRESH
        if late and comparable(self.fact.leads, leads):
            return -1.2, "another lead"
        return -0.3, "no shared investor"

    def _bond_terms(self) -> list[tuple[float, str]]:
        return [
            (1.0 * self._share("years"), "same maturity"),
            (0.8 * self._share("coupons"), "same coupon"),
            (0.5 * self._share("runners"), "shared bookrunners"),
            (0.3 * self._share("kinds"), "same kind of bond"),
            (0.7 * (self.fact.form in FORMS and self._share_form()), "same form"),
        ]

    def _text(self) -> tuple[float, str]:
        copied = self.group.sketches.copied(self.fact.report.sketch)
        return (1.5, "copy of a report") if copied else (0.0, "")

    def _traps(self) -> list[tuple[float, str]]:
        gap = self.group.gap(self.fact.day)
        extra = self._extends_only_one()
        return [
            (-1.5 * self.another(), "says it is another one"),
            (-(0.5 if gap <= 2 else 1.6) * extra, "only one is an extension"),
        ]

    def another(self) -> bool:
        """Tell whether one of the two says that it is one more deal, days after the other."""
        mine, theirs = "again" in self.fact.cues, "again" in self.group.cues
        if mine == theirs or not self.fact.firm:
            return False
        later = self.fact.day - self.group.first
        return later >= _AGAIN if mine else -later >= _AGAIN

    def _share(self, slot: str) -> bool:
        return not self.group.said[slot].isdisjoint(getattr(self.fact, slot))

    def _share_round(self) -> bool:
        return self.fact.round in self.group.rounds

    def _share_form(self) -> bool:
        return self.fact.form in self.group.forms
