"""
Does a report tell a deal that is already known? Scored, explained, and with hard separators.

`judge` compares a report with everything a deal's other reports say. A separator (other
maturity, other disclosed round, other form of bond, money that no rate reconciles) wins
over any score. A score alone needs agreement on what was sold, not only on who and when.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from crawler.resolve.amounts import Grade, Match, compare
from crawler.resolve.comparison import Comparison
from crawler.resolve.facts import ANNOUNCED, PLANNED, PRICED, Facts
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
from crawler.types import DealType, Role, Seat

_REMEMBERED = 50_000  # verdicts
WINDOW = {DealType.BOND: 14}
DEFAULT_WINDOW, CHAIN, MEMORY = 21, 120, 1500  # days
_SETTLED, _PAID = 7, 10  # days in which a bond that was sold, a round that was closed, is news

_NEED = {
    SAME: 0.0,
    LINKED: 0.0,
    NEAR: 1.0,
    ALIKE: 1.8,
    WITHIN: 2.6,
    SOUNDS: 1.5,
    VEHICLE: 3.0,
    ACROSS: 2.6,
    MENTIONED: 4.0,
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
_NAMES = {
    LINKED: "names that an article links",
    NEAR: "nearly the same name",
    ALIKE: "a name spelt nearly so",
    WITHIN: "one name holds the other",
    SOUNDS: "names that sound alike",
    VEHICLE: "an issuing vehicle",
    ACROSS: "names in two scripts",
    MENTIONED: "the headline names the company",
}
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
        self._many = {reading for reading, told in self._told.items() if len(told) > 1}

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
        if identity == OTHER:
            return {}
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
        beside: tuple[Facts, ...] = ()
        if fact.reading in self._many:
            beside = tuple(f for f in self._told[fact.reading] if f.key != fact.key)
        rivals = self._rivals(group) if fact.sums and self._many else ()
        marks = tuple(one.mark for one in beside), tuple(one.mark for one in rivals)
        key = fact.mark, group.mark, identity, *marks
        return self._remembered(key, fact, group, identity, beside, rivals)

    def _remembered(self, key: tuple[object, ...], *case: Any) -> Verdict:  # noqa: ANN401 - passed on
        """Return the verdict, given once: the next article puts all on the table again."""
        memory = self._who.names.verdicts
        found = memory.get(key)
        if found is None:
            found = _Case(*case).verdict()
            if key[0]:  # facts without a mark were never remembered
                if len(memory) > _REMEMBERED:
                    memory.clear()
                memory[key] = found
        assert isinstance(found, Verdict)
        return found

    def _rivals(self, group: Group) -> tuple[Facts, ...]:
        """Return what the group's articles tell beside it: other deals, by their own word."""
        told = (self._told[reading] for reading in self._many & group.readings)
        return tuple(f for some in told for f in some if f.key not in group.keys)

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
class _Case(Comparison):
    """One report before one group: does it join?"""

    beside: tuple[Facts, ...] = ()  # other news that the article tells of this company
    rivals: tuple[Facts, ...] = ()  # other news that the group's articles tell of it

    def verdict(self) -> Verdict:
        """Return the answer: one more witness, background to it, or neither."""
        told = self._told()
        if told.joins and not self._borrows():
            return told
        return self._recalled() or told

    def _borrows(self) -> bool:
        """Tell whether it has a form that its article's other news has, and the group has not."""
        form = self.fact.form
        return form not in self.group.forms and any(form == other.form for other in self.beside)

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
        known = (_NAMES[self.identity],) if self.identity in _NAMES else ()
        reasons = (*reasons, f"{gap} days apart", *known, *why)
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
        if self.another():
            return False
        if self._open_chain() and match.grade is not Grade.SILENT:
            return self._resolves(match) and slots >= -0.4
        return slots >= 0 and gap <= 2 if match.grade is not Grade.CLASH else gap <= 7

    def _open_chain(self) -> bool:
        """A rumour or plan with nothing firm yet, then something firm."""
        opened = (
            self.group.top <= PLANNED or self.group.rumour
        ) and self.fact.day >= self.group.first
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
        return self.fact.firm and self.group.firm_sum and not self.group.rumour

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
