"""
Which reports tell the same deal: a function of the SET of reports, never of their arrival.

Reports are taken in the order in which they were published; each joins the group that it
agrees with best, or begins one. Groups that turn out to agree are then joined, and what
only recalls or denies is hung on at the end. Restatements never begin a group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from crawler.resolve.amounts import Grade, compare
from crawler.resolve.entities import Names
from crawler.resolve.facts import Facts
from crawler.resolve.group import Group
from crawler.resolve.identity import ACROSS, Identity
from crawler.resolve.match import NEARBY, Judge, Verdict
from crawler.resolve.review import Act, Constraint
from crawler.types import Role

_MANY = 24  # groups beyond which a second look at all pairs costs more than it finds


@dataclass(frozen=True, slots=True)
class Partition:
    """The groups, what belongs to none, and why each report is where it is."""

    groups: tuple[Group, ...]
    orphans: tuple[Facts, ...]  # restatements and denials of deals we do not know
    why: dict[str, Verdict]
    misses: dict[str, tuple[tuple[Facts, Verdict], ...]]  # what nearly was a report's deal


def partition(
    found: Iterable[Facts],
    names: Names,
    constraints: Sequence[Constraint] = (),
    fixed: Sequence[frozenset[str]] = (),
) -> Partition:
    """
    Group reports into deals. Equal sets give equal groups, in order of first report.

    `fixed` are sets of report keys that are not to be looked at again: they stay together.
    """
    told = sorted(found, key=lambda fact: (fact.day, fact.report.published, fact.key))
    ordered = _own_terms(told)
    work = _Work(ordered, names, constraints, fixed)
    for fact in _in_turn(ordered):
        work.place(fact)
    work.join_groups()
    for fact in ordered:
        if fact.role is Role.RESTATEMENT:
            work.recall(fact)
    work.groups.sort(key=lambda group: (group.first, min(fact.key for fact in group.members)))
    return Partition(tuple(work.groups), tuple(work.orphans), work.why, work.misses)


def _own_terms(told: Sequence[Facts]) -> list[Facts]:
    """
    Take away the terms that an article gives both of two bonds in two currencies.

    "€600m due 2032 at 4 % and $500m due 2033 at 5.5 %" may have been read as 2032 twice.
    """
    both: dict[object, list[Facts]] = {}
    for fact in told:
        if fact.years and fact.role is Role.REPORT:
            both.setdefault((fact.reading, fact.years), []).append(fact)
    shaky = {
        fact.key: frozenset.intersection(*(fact.coupons for fact in facts))
        for facts in both.values()
        if len({fact.event.currency for fact in facts}) > 1
        for fact in facts
    }
    return [_less(fact, shaky[fact.key]) if fact.key in shaky else fact for fact in told]


def _less(fact: Facts, coupons: frozenset[Decimal]) -> Facts:
    none = frozenset[Any]()
    mark = (fact.mark, coupons)
    return replace(fact, years=none, tenors=none, coupons=fact.coupons - coupons, mark=mark)


def _in_turn(ordered: Sequence[Facts]) -> list[Facts]:
    """
    What says something first; a bare "Acme raises money" cannot found a deal others miss.

    A denial waits a day: outlets print it before others print the rumour.
    """
    told = [fact for fact in ordered if fact.role is not Role.RESTATEMENT]
    told.sort(key=lambda fact: (fact.day + (fact.role is Role.DENIAL), fact.role is Role.DENIAL))
    return sorted(told, key=lambda fact: fact.bare and fact.firm and fact.role is Role.REPORT)


def kin(company: str, found: Sequence[Facts], names: Names) -> frozenset[str]:
    """
    Return the keys of all companies whose names lead to `company`'s, step by step.

    A name in another script does if the money is the same and the days are.
    """
    who = Identity(found, names)
    left: dict[str, list[Facts]] = {}
    for fact in found:
        left.setdefault(fact.company, []).append(fact)
    near, new = {company}, [left.pop(company)]
    while new:
        some = new.pop()
        for key in [key for key, others in left.items() if _leads(some, others, who)]:
            near.add(key)
            new.append(left.pop(key))
    return frozenset(near)


def _leads(some: Sequence[Facts], others: Sequence[Facts], who: Identity) -> bool:
    likeness = who.likeness(some[0], others[0])
    if likeness != ACROSS:
        return likeness > ACROSS
    return any(
        abs(one.day - other.day) <= NEARBY[ACROSS] and compare(one, other).grade in _SAME_MONEY
        for one in some
        for other in others
    )


_FIRST = Verdict(False, 0.0, reasons=("the first to report it",))
_NOWHERE = Verdict(False, 0.0, reasons=("no such deal is known",))
_SAME_MONEY = {Grade.EQUAL, Grade.IMAGE, Grade.FITS}


_Joined = tuple[Group, Group, Mapping[str, Verdict]]  # who takes in whom, and why


class _Work:
    """Groups while they grow."""

    def __init__(
        self,
        ordered: Sequence[Facts],
        names: Names,
        constraints: Sequence[Constraint],
        fixed: Sequence[frozenset[str]],
    ) -> None:
        self.groups: list[Group] = []
        self.orphans: list[Facts] = []
        self.why: dict[str, Verdict] = {}
        self.misses: dict[str, tuple[tuple[Facts, Verdict], ...]] = {}
        self._judge = Judge(Identity(ordered, names), ordered)
        decided = [side for c in constraints for side in (c.one, c.other) if side]
        self._together = decided
        self._settle(ordered, fixed)
        self._apart = [(c.one, c.other) for c in constraints if c.act is Act.SPLIT]

    def _settle(self, ordered: Sequence[Facts], fixed: Sequence[frozenset[str]]) -> None:
        home = {key: place for place, side in enumerate(fixed) for key in side}
        groups: dict[int, Group] = {}
        for fact in ordered:
            if fact.key in home and fact.role is not Role.RESTATEMENT:
                groups.setdefault(home[fact.key], Group()).add(fact.seated(fact.report.seat))
        self.groups = [group for group in groups.values() if group.members]
        self._settled = list(self.groups)
        self._done = {key for group in self.groups for key in group.keys}

    def place(self, fact: Facts) -> None:
        """Put a report or denial where it belongs; only a report may begin a group."""
        if fact.key in self._done:
            return
        decided = self._decided(fact)
        if decided:
            decided.add(fact)
            self.why[fact.key] = Verdict(True, 99.0, 99.0, ("a person decided it",))
            return
        ask = self._judge.denies if fact.role is Role.DENIAL else self._judge.judge
        best, verdict = self._best(fact, ask)
        self.why[fact.key] = verdict
        if best:
            best.add(fact.seated(verdict.seat))
        elif fact.role is Role.REPORT:
            self.groups.append(Group([fact]))
        else:
            self.orphans.append(fact)

    def recall(self, fact: Facts) -> None:
        """Hang a restatement on the deal it recalls."""
        best, verdict = self._best(fact, self._judge.recalls)
        self.why[fact.key] = verdict
        if best:
            best.add(fact)
        else:
            self.orphans.append(fact)

    def _best(
        self, fact: Facts, ask: Callable[[Facts, Group], Verdict]
    ) -> tuple[Group | None, Verdict]:
        """Return the group that a report agrees with best; what it nearly joined is kept."""
        told = [(ask(fact, group), group) for group in self._open_to(fact)]
        joined = [(verdict, group) for verdict, group in told if verdict.joins]
        if joined:
            verdict, best = max(joined, key=lambda pair: pair[0].score)
            return best, verdict
        near = [(group.members[0], verdict) for verdict, group in told if not verdict.stranger]
        self.misses[fact.key] = tuple(near)
        return None, _FIRST if fact.role is Role.REPORT else _NOWHERE

    def _open_to(self, fact: Facts) -> Sequence[Group]:
        if not self._apart and fact.role is not Role.DENIAL:
            return self.groups
        shut = (self._forbidden, self._closed)
        return [group for group in self.groups if not any(no(fact, group) for no in shut)]

    def _decided(self, fact: Facts) -> Group | None:
        for side in self._together:
            if fact.key in side:
                for group in self.groups:
                    if not group.keys.isdisjoint(side):
                        return group
        return None

    def _closed(self, fact: Facts, group: Group) -> bool:
        """A denial that was kept aside has been held against the settled deals before."""
        return fact.role is Role.DENIAL and group in self._settled

    def _forbidden(self, fact: Facts, group: Group) -> bool:
        return any(
            (fact.key in one and group.keys & other) or (fact.key in other and group.keys & one)
            for one, other in self._apart
        )

    def join_groups(self) -> None:
        """Join groups that later reports have brought together."""
        if len(self.groups) > _MANY:
            return
        place = 0
        while place < len(self.groups):
            first = self.groups[place]
            found = (self._one(first, other) for other in self.groups[place + 1 :])
            joined = next((one for one in found if one), None)
            if joined is None:
                place += 1
            else:
                self._pour(*joined)

    def _pour(self, kept: Group, gone: Group, told: Mapping[str, Verdict]) -> None:
        self.groups.remove(gone)
        for fact in (*gone.members, *gone.aside):
            if fact.key in told:
                self.why[fact.key] = told[fact.key]
                kept.add(fact.seated(told[fact.key].seat))
            else:
                kept.add(fact)

    def _one(self, first: Group, second: Group) -> _Joined | None:
        """Return which of two groups takes in the other, with why; None if they are two deals."""
        if any(self._forbidden(fact, first) for fact in second.members):
            return None
        if first in self._settled and second in self._settled:
            return None
        for kept, gone in ((first, second), (second, first)):
            told = self._judge.one(kept, gone)
            if told and not self._compared(kept, gone, told):
                return kept, gone, told
        return None

    @staticmethod
    def _compared(kept: Group, gone: Group, told: Mapping[str, Verdict]) -> bool:
        """Two single reports were compared when the second came, but for whom the first names."""
        single = len(kept.members) == len(gone.members) == 1
        return single and not any(verdict.alien for verdict in told.values())
