"""
Which reports tell the same deal: a function of the SET of reports, never of their arrival.

Reports are taken in the order in which they were published; each joins the group that it
agrees with best, or begins one. Groups that turn out to agree are then joined, and what
only recalls or denies is hung on at the end. Restatements never begin a group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from crawler.resolve.entities import Names
from crawler.resolve.facts import Facts
from crawler.resolve.group import Group
from crawler.resolve.match import Judge, Verdict
from crawler.resolve.names import mixed
from crawler.resolve.review import Act, Constraint
from crawler.types import Role

_MANY = 24  # groups beyond which a second look at all pairs costs more than it finds


@dataclass(frozen=True, slots=True)
class Partition:
    """The groups, what belongs to none, and why each report is where it is."""

    groups: tuple[Group, ...]
    orphans: tuple[Facts, ...]  # restatements and denials of deals we do not know
    why: dict[str, Verdict]


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
    ordered = sorted(found, key=lambda fact: (fact.day, fact.report.published, fact.key))
    work = _Work(ordered, names, constraints, fixed)
    for fact in _in_turn(ordered):
        work.place(fact)
    work.join_groups()
    for fact in ordered:
        if fact.role is Role.RESTATEMENT:
            work.recall(fact)
    work.groups.sort(key=lambda group: (group.first, min(fact.key for fact in group.members)))
    return Partition(tuple(work.groups), tuple(work.orphans), work.why)


def _in_turn(ordered: Sequence[Facts]) -> list[Facts]:
    """What says something first; a bare "Acme raises money" cannot found a deal others miss."""
    told = [fact for fact in ordered if fact.role is not Role.RESTATEMENT]
    return sorted(told, key=lambda fact: fact.bare and fact.role is Role.REPORT)


def roots(found: Iterable[Facts]) -> dict[str, str]:
    """
    Return a root for every name key: names that one article pairs have the same.

    Two companies of the table stay two, whatever an article puts in brackets.
    """
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        parent.setdefault(key, key)
        while parent[key] != key:
            key = parent[key]
        return key

    for fact in found:
        for name in sorted(fact.names):
            one, other = sorted((root(fact.company), root(name)))
            if one != other and not (one.startswith("@") and other.startswith("@")):
                parent[other] = one
    return {key: root(key) for key in parent}


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
        self._judge = Judge(names, roots(f for f in ordered if not mixed(f.event.company)))
        decided = [side for c in constraints for side in (c.one, c.other) if side]
        self._together = decided
        self._settle(ordered, fixed)
        self._apart = [(c.one, c.other) for c in constraints if c.act is Act.SPLIT]

    def _settle(self, ordered: Sequence[Facts], fixed: Sequence[frozenset[str]]) -> None:
        home = {key: place for place, side in enumerate(fixed) for key in side}
        groups: dict[int, Group] = {}
        for fact in ordered:
            if fact.key in home and fact.role is not Role.RESTATEMENT:
                groups.setdefault(home[fact.key], Group()).add(fact)
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
            self.why[fact.key] = Verdict(True, 99.0, 99.0, ("it was decided before",))
            return
        ask = self._judge.denies if fact.role is Role.DENIAL else self._judge.judge
        best, verdict = self._best(fact, ask)
        self.why[fact.key] = verdict
        if best:
            best.add(fact)
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
        nearest = Verdict(False, 0.0, 0.0, ("no deal of this company is known",))
        best: Group | None = None
        for group in self.groups:
            if self._forbidden(fact, group):
                continue
            verdict = ask(fact, group)
            better = (verdict.joins, verdict.score) > (nearest.joins, nearest.score)
            if better or (not nearest.score and not nearest.joins):
                nearest, best = verdict, group
        return (best if nearest.joins else None), nearest

    def _decided(self, fact: Facts) -> Group | None:
        for side in self._together:
            if fact.key in side:
                for group in self.groups:
                    if not group.keys.isdisjoint(side):
                        return group
        return None

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
            twin = next(
                (g for g in self.groups[place + 1 :] if self._one(self.groups[place], g)), None
            )
            if twin is None:
                place += 1
                continue
            self.groups.remove(twin)
            for fact in (*twin.members, *twin.aside):
                self.groups[place].add(fact)

    def _one(self, first: Group, second: Group) -> bool:
        if any(self._forbidden(fact, first) for fact in second.members):
            return False
        if first in self._settled and second in self._settled:
            return False
        return self._judge.one(first, second)
