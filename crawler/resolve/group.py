"""The reports of one deal while it is being put together, with what they say in sum."""

from __future__ import annotations

from collections.abc import Iterable

from crawler.resolve.copies import Sketches
from crawler.resolve.facts import FAR, WITHDRAWN, Facts
from crawler.types import BondType, Role, Round


class Group:
    """
    Reports of one deal. Grows only by `add`; the sums of what they say are kept beside.

    A report is compared with what a deal says, not with each of its forty articles.
    """

    def __init__(self, found: Iterable[Facts] = ()) -> None:
        self.members: list[Facts] = []
        self.aside: list[Facts] = []  # restatements and denials
        self.mark: object = 0  # equal marks, equal groups
        self.keys: set[str] = set()
        self.readings: set[object] = set()
        self.days: set[int] = set()
        self.companies: dict[str, Facts] = {}
        self.printed: set[str] = set()  # what its company is called
        self.sums: dict[object, Facts] = {}  # distinct amounts, firm or not
        self.firm_sum = False
        self.soft_days: list[int] = []  # of rumours and plans
        self.firm_days: list[int] = []
        self.rounds: set[Round] = set()
        self.forms: set[BondType | None] = set()
        self.said: dict[str, set[object]] = {slot: set() for slot in _SETS}
        self.ranks: set[int] = set()
        self.priced_ranks: set[int] = set()  # of those that give an amount
        self.sketches = Sketches()
        self.cues: set[str] = set()
        self.bare = True
        self.first, self.last, self.top, self.firm_since = FAR, -FAR, -1, FAR
        self.withdrawn: int | None = None  # the day it was denied or called off
        for fact in found:
            self.add(fact)

    def add(self, fact: Facts) -> None:
        """Take in a report; a denial of an open deal ends it."""
        self.mark = hash((self.mark, fact.mark))
        self.keys.add(fact.key)
        if fact.role is Role.REPORT:
            self._report(fact)
        else:
            self.aside.append(fact)
        denied = fact.role is Role.DENIAL and self.open_on(fact.day)
        if denied or (fact.role is Role.REPORT and fact.rank == WITHDRAWN):
            self.withdrawn = min(fact.day, FAR if self.withdrawn is None else self.withdrawn)

    def _report(self, fact: Facts) -> None:
        self.members.append(fact)
        self.readings.add(fact.reading)
        self.days.add(fact.day)
        self.first, self.last = min(self.first, fact.day), max(self.last, fact.day)
        self.top = max(self.top, fact.rank)
        self.firm_since = min(self.firm_since, fact.day if fact.firm else FAR)
        self.ranks.add(fact.rank)
        (self.firm_days if fact.firm else self.soft_days).append(fact.day)
        self.bare = self.bare and fact.bare
        self._slots(fact)

    def _slots(self, fact: Facts) -> None:
        if not fact.alien:
            self.companies.setdefault(fact.company, fact)
            self.printed.update((fact.event.company, *fact.event.aliases))
        self.forms.add(fact.form)
        self.cues |= fact.cues
        if fact.round:
            self.rounds.add(fact.round)
        if fact.sums:
            self.sums.setdefault((fact.sums[0], fact.parts, fact.firm), fact)
            self.firm_sum = self.firm_sum or fact.firm
            self.priced_ranks.add(fact.rank)
        if fact.report.sketch:
            self.sketches.add(fact.report.sketch)
        for slot, known in self.said.items():
            if slot != "names" or not fact.alien:
                known.update(getattr(fact, slot))

    def open_on(self, day: int) -> bool:
        """Tell whether nothing firm had been reported by `day`."""
        return self.firm_since > day

    def gap(self, day: int) -> int:
        """Return days to the nearest report."""
        if day >= self.last:
            return day - self.last
        return min(abs(known - day) for known in self.days)

    @property
    def rumour(self) -> bool:
        """Most tell a rumour or plan, and did so when somebody told it as a fact already."""
        few = 0 < len(self.firm_days) < len(self.soft_days)
        return few and max(self.firm_days) <= max(self.soft_days) + 1

    @property
    def extends(self) -> bool:
        """Money on top of an earlier deal: extension, second close, tap."""
        return bool(self.cues & {"extension", "tap"})


_SETS = ("names", "kinds", "years", "tenors", "coupons", "leads", "investors", "runners")
