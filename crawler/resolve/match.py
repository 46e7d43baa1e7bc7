"""
Does a report tell a deal that is already known? Scored, explained, and with hard separators.

`judge` compares a report with everything a deal's other reports say. A separator (other
maturity, other disclosed round, other form of bond, money that no rate reconciles) wins
over any score. A score alone needs agreement on what was sold, not only on who and when.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import cast

from crawler.resolve.amounts import Grade, Match, compare
from crawler.resolve.copies import similarity
from crawler.resolve.facts import ANNOUNCED, FORMS, PLANNED, PRICED, WITHDRAWN, Facts, comparable
from crawler.resolve.group import Group
from crawler.resolve.identity import (
    ACROSS,
    ALIKE,
    LINKED,
    MENTIONED,
    NEAR,
    OTHER,
    SAME,
    SOUNDS,
    VEHICLE,
    WITHIN,
    Identity,
    mentions,
)
from crawler.types import BondType, DealType, Role, Round, Seat

WINDOW = {DealType.BOND: 14}
DEFAULT_WINDOW, CHAIN, MEMORY = 21, 120, 1500  # days
_FRESH = 5  # days in which outlets retell a deal
_SETTLED, _PAID = 7, 10  # days in which a bond that was sold, a round that was closed, is news

_AMOUNT = {Grade.EQUAL: 2.0, Grade.IMAGE: 1.6, Grade.FITS: 1.0, Grade.VAGUE: 0.5, Grade.SILENT: 0.0}
_NEED = {
    SAME: 0.0,
    LINKED: 0.0,
    NEAR: 1.0,
    ALIKE: 1.8,
    WITHIN: 2.6,
    SOUNDS: 1.5,
    VEHICLE: 3.0,
    ACROSS: 2.6,
    MENTIONED: 3.0,
}
NEARBY = {ACROSS: 3, MENTIONED: 3, VEHICLE: 7, SOUNDS: 14, WITHIN: 7}  # days
_PENALTY = {
    SAME: 0.0,
    LINKED: 0.1,
    NEAR: 0.4,
    ALIKE: 0.6,
    WITHIN: 0.6,
    SOUNDS: 0.5,
    VEHICLE: 0.6,
    ACROSS: 0.8,
    MENTIONED: 0.8,
}
_SOFT_ROUNDS = frozenset({Round.STRATEGIC, Round.GROWTH, Round.BRIDGE})
_DATES = ((1, 0.8), (3, 0.5), (7, 0.2), (14, -0.3), (21, -0.6), (45, -1.0), (CHAIN, -1.4))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a report joins, how strongly, and the words for it."""

    joins: bool
    score: float
    slots: float = 0.0
    reasons: tuple[str, ...] = ()
    recalls: bool = False  # it belongs there, as background
    alien: bool = False  # it calls the company otherwise
    stranger: bool = False  # another company: not even a near miss

    @property
    def seat(self) -> Seat:
        """Return what is kept of it beside the report."""
        return Seat(
            score=round(self.score, 3),
            reasons=self.reasons,
            recalls=self.recalls,
            alien=self.alien,
        )


def _refuse(reason: str, score: float = 0.0) -> Verdict:
    return Verdict(joins=False, score=score, reasons=(reason,))


class Judge:
    """Compares reports with groups."""

    def __init__(self, identity: Identity, found: Iterable[Facts] = ()) -> None:
        self._who = identity
        self._told: dict[object, list[Facts]] = {}
        for fact in found:
            if fact.role is Role.REPORT:
                self._told.setdefault(fact.reading, []).append(fact)

    def identity(self, fact: Facts, group: Group) -> float:
        """Return how sure it is that both speak of one company."""
        if fact.company in group.companies:
            return SAME
        known = max(self._who.likeness(fact, other) for other in group.companies.values())
        if known == OTHER and fact.role is Role.REPORT and self._mentions(fact, group):
            return MENTIONED
        return known

    @staticmethod
    def _mentions(fact: Facts, group: Group) -> bool:
        return group.gap(fact.day) <= NEARBY[MENTIONED] and mentions(fact, group.printed)

    def one(self, first: Group, second: Group) -> Mapping[str, Verdict]:
        """Return why each report of `second` joins `first`; nothing if one of them does not."""
        identity = max(self.identity(fact, first) for fact in second.companies.values())
        told: dict[str, Verdict] = {}
        for fact in second.members:
            told[fact.key] = self._judge(fact, first, identity)
            if not told[fact.key].joins:
                return {}
        return told

    def judge(self, fact: Facts, group: Group) -> Verdict:
        """Decide whether `fact` (a report) is one more witness of `group`."""
        return self._judge(fact, group, self.identity(fact, group))

    def _judge(self, fact: Facts, group: Group, identity: float) -> Verdict:
        if identity == OTHER:
            return Verdict(False, 0.0, reasons=("another company",), stranger=True)
        gap = group.gap(fact.day)
        if gap > CHAIN or (identity < LINKED and gap > NEARBY.get(identity, CHAIN)):
            return _refuse(f"{gap} days apart")
        beside = tuple(f for f in self._told.get(fact.reading, ()) if f.key != fact.key)
        rivals = self._rivals(group) if fact.sums else ()
        return _Case(fact, group, identity, beside, rivals).verdict()

    def _rivals(self, group: Group) -> tuple[Facts, ...]:
        """Return what the group's articles tell beside it: other deals, by their own word."""
        told = (self._told.get(reading, ()) for reading in group.readings)
        return tuple(f for some in told if len(some) > 1 for f in some if f.key not in group.keys)

    def recalls(self, fact: Facts, group: Group) -> Verdict:
        """Decide whether a restatement recalls `group`: slots must agree, dates need not."""
        identity = self.identity(fact, group)
        if identity < NEAR:
            return Verdict(False, 0.0, reasons=("another company",), stranger=True)
        if not -1 <= fact.day - group.first <= MEMORY:
            return _refuse("a later deal")
        if fact.reading in group.readings:
            return _refuse("the article's own news")
        case = _Case(fact, group, identity)
        refusal = case.separator() or case.clash()
        if refusal:
            return _refuse(refusal)
        slots, reasons = case.slots()
        recent = 0.3 / (1 + group.gap(fact.day) / 30)
        return Verdict(slots >= 1.0, slots + recent, slots, reasons)

    def denies(self, fact: Facts, group: Group) -> Verdict:
        """Decide whether `fact` (a denial) speaks of `group`, a rumour or plan not yet firm."""
        identity = self.identity(fact, group)
        age = fact.day - group.first
        if identity < NEAR or not -1 <= age <= CHAIN or not group.open_on(fact.day):
            return _refuse("no open rumour of this company")
        case = _Case(fact, group, identity)
        refusal = case.separator()
        if refusal or not 1 / 3 <= case.money.ratio <= 3:
            return _refuse(refusal or "other money")
        slots, reasons = case.slots()
        return Verdict(True, slots + _date_term(group.gap(fact.day)), slots, reasons)


def _without(fact: Facts, beside: Iterable[Facts]) -> Facts:
    """Return a report without the terms of bonds that its article's other news states too."""
    for other in beside:
        fact = replace(
            fact,
            years=fact.years - other.years,
            tenors=fact.tenors - other.tenors,
            coupons=fact.coupons - other.coupons,
            kinds=fact.kinds - other.kinds,
            form=None if fact.form == other.form else fact.form,
        )
    return fact


def _date_term(gap: int) -> float:
    return next((score for days, score in _DATES if gap <= days), -2.0)


@dataclass(frozen=True)
class _Case:
    """One report before one group."""

    fact: Facts
    group: Group
    identity: float
    beside: tuple[Facts, ...] = ()  # other news that the article tells of this company
    rivals: tuple[Facts, ...] = ()  # other news that the group's articles tell of it

    def verdict(self) -> Verdict:
        """Return the answer: one more witness, background to it, or neither."""
        told = self._told()
        return told if told.joins else self._recalled() or told

    def _told(self) -> Verdict:
        refusal = self.separator() or self.ended()
        if refusal:
            return _refuse(refusal)
        match = self.money
        if self._others(match):
            return _refuse("the article's other sum is this deal's")
        if match.grade is Grade.CLASH and not (excuse := self.excuse(match)):
            return _refuse(f"other money (x{match.ratio:.2f})")
        slots, reasons = self.slots()
        if match.grade is Grade.CLASH:
            slots, reasons = slots - 0.3, (*reasons, excuse)
        return self._weigh(slots, reasons, match)

    def _others(self, match: Match) -> bool:
        """Of two sums in one article, only the one that is printed alike is this deal's."""
        if match.grade in {Grade.EQUAL, Grade.SILENT}:
            return False
        pairs = [(one, other) for one in self.beside for other in self.group.sums.values()]
        pairs += [(one, self.fact) for one in self.rivals]
        return any(compare(one, other).grade is Grade.EQUAL for one, other in pairs)

    def _weigh(self, slots: float, reasons: tuple[str, ...], match: Match) -> Verdict:
        gap = self.group.gap(self.fact.day)
        advance, why = self._advance(gap)
        total = slots + _date_term(gap) + advance - _PENALTY[self.identity]
        reasons = (*reasons, f"{gap} days apart", *why)
        if gap > WINDOW.get(self.fact.event.type, DEFAULT_WINDOW) and not self._chain(slots, gap):
            return Verdict(False, total, slots, (*reasons, "outside the window"))
        agreed = slots >= max(self._enough(gap), _NEED[self.identity]) and total >= 0.8
        joins = agreed or (self.identity >= LINKED and self._complements(slots, gap, match))
        return Verdict(joins, total, slots, reasons, alien=self.identity == MENTIONED)

    def _recalled(self) -> Verdict | None:
        """
        Return that the article has other news of the company, and this sum is an older deal's.

        A background sentence is not always told from news; it must not make a deal. Terms that
        the article's news states too ("launched bonds due 2033, after raising ¥3.5bn") are not
        held against it.
        """
        older = self.fact.day > self.group.first + 1 and self.identity >= NEAR
        if not older or not (self.beside or self.fact.report.amid):
            return None
        case = replace(self, fact=_without(self.fact, self.beside))
        if case.separator() or case.money.grade not in {Grade.EQUAL, Grade.IMAGE}:
            return None
        slots, reasons = case.slots()
        gap = self.group.gap(self.fact.day)
        if slots < 1.3 or gap > CHAIN:
            return None
        reasons = (*reasons, f"{gap} days apart", "recalled beside other news")
        return Verdict(True, slots + _date_term(gap), slots, reasons, recalls=True)

    def _enough(self, gap: int) -> float:
        """
        Return the agreement that is enough.

        Companies come back for the same round sum: after some days a sum alone does not tell
        the new deal from the old.
        """
        if self.fact.event.type is DealType.BOND:
            again = self.group.top >= PRICED and self.fact.rank <= PRICED and gap > _SETTLED
        else:
            again = self.fact.firm and self.group.top >= ANNOUNCED and gap > _PAID
        return 2.8 if again else 1.0

    def _complements(self, slots: float, gap: int, match: Match) -> bool:
        """Nothing disagrees, and it is too close to be a second deal, or resolves a rumour."""
        if self.fact.bare or self.group.bare:
            return gap <= 3
        if self._open_chain() and match.grade is not Grade.SILENT:
            return self._resolves(match) and slots >= -0.4
        return slots >= 0 and gap <= 2 if match.grade is not Grade.CLASH else gap <= 7

    def _open_chain(self) -> bool:
        """A rumour or plan with nothing firm yet, then something firm."""
        opened = self.group.top <= PLANNED and self.fact.day >= self.group.first
        return opened and self.fact.rank > PLANNED

    def _resolves(self, match: Match) -> bool:
        return self.group.gap(self.fact.day) <= 60 and 0.4 <= match.ratio <= 2.5

    def _chain(self, slots: float, gap: int) -> bool:
        """A status chain may last months; a late retelling must agree on nearly everything."""
        if self._open_chain():
            return slots >= 1.0 or (gap <= 60 and slots >= -0.4)
        later = self.fact.rank > self.group.top
        return slots >= (2.0 if later else 2.8)

    def _advance(self, gap: int) -> tuple[float, tuple[str, ...]]:
        top = self.group.top
        if self.fact.rank > top and self.fact.day >= self.group.first:
            return 0.5, ("one step further",)
        before = self.fact.firm and top <= PLANNED and self.fact.day < self.group.first
        if gap > 3 and (before or self.fact.rank <= PLANNED < top):
            return -0.8, ("a rumour after the fact",)
        return 0.0, ()

    # --- separators ---

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
        mine, theirs = self.fact.coupons, self.group.said["coupons"]
        if not mine or not theirs or mine & theirs or self._corrects() or self._share("years"):
            return ""
        return f"other coupon ({min(mine)})"

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

    # --- money ---

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

    def excuse(self, match: Match) -> str:
        """Return why two different amounts may still be one deal, or nothing."""
        gap, ratio = self.group.gap(self.fact.day), match.ratio
        if self.identity < LINKED:  # a name that is only near needs a sum that is the same
            return ""
        if self._corrects() and gap <= 7:
            return "a correction"
        if self._extends_only_one():
            return ""
        if self._upsized() and gap <= 14 and 0.5 <= ratio <= 2:
            return "upsized"
        if self._firm_pair():
            return self._priced(gap, ratio) or self._outlets_differ(gap, ratio)
        wide = self._share("leads") or self._share_round()
        low, high = (0.4, 2.5) if wide else (0.6, 2.0)
        early = self.fact.rank <= PLANNED and not self._earlier()
        return "" if early or not low <= ratio <= high else "the figure moved on the way"

    def _earlier(self) -> bool:
        """A rumour among rumours, or one that was printed before anything firm."""
        return self.fact.day <= self.group.firm_since

    def _firm_pair(self) -> bool:
        return self.fact.firm and self.group.firm_sum

    def _priced(self, gap: int, ratio: float) -> str:
        """A bond is often sold bigger or smaller than launched."""
        if self.fact.event.type is not DealType.BOND or gap > 10 or not 0.6 <= ratio <= 1.67:
            return ""
        again = self.fact.rank in self.group.priced_ranks
        return "" if again else "priced at another size"

    def _outlets_differ(self, gap: int, ratio: float) -> str:
        terms = self._share("years") and self._share("coupons")
        sure = terms or (self._share("leads") and self._share_round())
        return "outlets disagree" if sure and gap <= 2 and 0.5 <= ratio <= 2 else ""

    def _corrects(self) -> bool:
        return self._cue("correction")

    def _upsized(self) -> bool:
        return self._cue("upsized")

    def _cue(self, cue: str) -> bool:
        return cue in self.fact.cues or cue in self.group.cues

    def _extends_only_one(self) -> bool:
        return bool(self.fact.cues & {"extension", "tap"}) != self.group.extends

    # --- agreement ---

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
        late = self.fact.firm and self.group.gap(self.fact.day) > _FRESH
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
        near = (similarity(self.fact.report.sketch, other) for other in self.group.sketches)
        return (1.5, "copy of a report") if max(near, default=0) >= 0.7 else (0.0, "")

    def _traps(self) -> list[tuple[float, str]]:
        gap = self.group.gap(self.fact.day)
        again = "again" in self.fact.cues and gap > 3 and self.fact.firm
        extra = self._extends_only_one()
        return [
            (-1.5 * again, "says it is another one"),
            (-(0.5 if gap <= 2 else 1.6) * extra, "only one is an extension"),
        ]

    def _share(self, slot: str) -> bool:
        return not self.group.said[slot].isdisjoint(getattr(self.fact, slot))

    def _share_round(self) -> bool:
        return self.fact.round in self.group.rounds

    def _share_form(self) -> bool:
        return self.fact.form in self.group.forms
