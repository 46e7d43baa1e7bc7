"""
From reports to deals: the one entrance of the room.

`resolve` takes a new report and every deal it might belong to, puts all their reports in
one heap, and partitions the heap anew. Nothing is remembered between two calls, so the
same reports give the same deals in whatever order they came; only ids are kept stable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from itertools import count

from crawler.resolve.conflicts import conflicts, flags
from crawler.resolve.entities import Names
from crawler.resolve.facts import Facts, Reader, report_key
from crawler.resolve.fx import Fx
from crawler.resolve.group import Group
from crawler.resolve.history import changes, history, material
from crawler.resolve.links import links
from crawler.resolve.match import CHAIN, Verdict
from crawler.resolve.partition import Partition, kin, partition
from crawler.resolve.review import Constraint
from crawler.resolve.seats import apart, as_before, homes, seated
from crawler.resolve.verdicts import decided
from crawler.types import Deal, Event, Report, Review, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What one report does to the deals we know."""

    deals: tuple[Deal, ...]  # new or changed, to be saved
    touched: str | None  # the deal the report belongs to; None if it belongs to none
    new: bool  # that deal was not known before
    change: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # slot -> before, after
    material: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # worth telling
    score: float = 0.0
    reasons: tuple[str, ...] = ()
    merged: Mapping[str, str] = field(default_factory=dict)  # deal that is no more -> its heir
    split: Mapping[str, str] = field(default_factory=dict)  # new deal -> the one it came out of
    orphans: tuple[Report, ...] = ()  # recall or deny a deal not known (yet): keep them


def resolve(  # noqa: PLR0913 - everything a decision needs comes in by the door
    report: Report | None,
    block: Sequence[Deal],
    *,
    names: Names,
    fx: Fx,
    constraints: Sequence[Constraint] = (),
    orphans: Sequence[Report] = (),
) -> Resolution:
    """
    Return what `report` does to the deals of `block`.

    `block` holds every deal of the same type whose reports share a key with it (see
    `block_keys`), and `orphans` the kept restatements and denials that do. With no report,
    the block is looked at anew, as after a review decision.
    """
    heap = _Heap(report, block, orphans, names, fx)
    found = partition(heap.facts, names, constraints, heap.settled(report))
    made = _deals(found, heap, constraints)
    return _resolution(report, heap, made, found.orphans, found.why)


class _Heap:
    """All reports on the table, and which deal each came from."""

    def __init__(
        self,
        report: Report | None,
        block: Sequence[Deal],
        orphans: Sequence[Report],
        names: Names,
        fx: Fx,
    ) -> None:
        self.names, self.fx = names, fx
        self.known = {deal.id: deal for deal in block if deal.merged_into is None}
        reports: dict[str, Report] = {}
        self.home: dict[str, str] = {}
        self.keys: dict[str, list[str]] = {}  # of a deal's reports, in order
        for deal in self.known.values():
            self.keys[deal.id] = [report_key(one) for one in deal.reports]
            for key, one in zip(self.keys[deal.id], deal.reports, strict=True):
                reports.setdefault(key, one)
                self.home.setdefault(key, deal.id)
        for one in (*orphans, *((report,) if report else ())):
            reports.setdefault(report_key(one), one)
        read = Reader(names, fx)
        self.facts = [read(one) for one in reports.values()]

    def settled(self, report: Report | None) -> tuple[frozenset[str], ...]:
        """
        Return the reports of deals that stay as they are, deal by deal.

        Deals of other companies are here because of their money (`block_keys`), without their
        company's other deals, so nothing can be said of them but whether the new report is
        theirs. Deals long before or after it cannot be moved by it, nor any by a restatement.
        """
        if report is None:
            return ()
        key = report_key(report)
        company = next(fact.company for fact in self.facts if fact.key == key)
        mine = kin(company, self.facts, self.names)
        near = _near(report.published.toordinal(), [f for f in self.facts if f.company in mine])
        sides: dict[str, list[Facts]] = {}
        for fact in self.facts:
            if fact.key in self.home:
                sides.setdefault(self.home[fact.key], []).append(fact)
        return tuple(
            frozenset(fact.key for fact in side)
            for side in sides.values()
            if (report.role is Role.RESTATEMENT and not report.event.aliases)
            or all(fact.company not in mine for fact in side)
            or not (report.event.aliases or any(near[0] <= fact.day <= near[1] for fact in side))
        )


def _near(day: int, found: Sequence[Facts]) -> tuple[int, int]:
    """Return the days around `day` without a silence in which no deal can go on."""
    first = last = day
    for known in sorted({fact.day for fact in found}, key=lambda known: abs(known - day)):
        if first - CHAIN <= known <= last + CHAIN:
            first, last = min(first, known), max(last, known)
    return first, last


def _deals(
    found: Partition, heap: _Heap, constraints: Sequence[Constraint]
) -> list[tuple[Group, Deal]]:
    """Return a deal for every group; what did not change is the very object of the block."""
    ids = _ids(found.groups, heap)
    linked, home = links(found.groups, ids), homes(found, ids)
    made = []
    for group, ident, hangs_on in zip(found.groups, ids, linked, strict=True):
        deal = _deal(group, found, ident, hangs_on, heap, constraints)
        if deal is not heap.known.get(ident):
            deal = replace(deal, apart=apart(group, found, home))
        made.append((group, deal))
    return made


def _ids(groups: Sequence[Group], heap: _Heap) -> list[str]:
    """Keep the id of the deal that gave most reports; a group without one gets its own."""
    claims = []
    for place, group in enumerate(groups):
        homes = Counter(heap.home[f.key] for f in _all(group) if f.key in heap.home)
        for ident, share in homes.items():
            deal = heap.known[ident]
            claims.append((-share, deal.first_seen, ident, place))
    ids: dict[int, str] = {}
    for _, _, ident, place in sorted(claims):
        if place not in ids and ident not in ids.values():
            ids[place] = ident
    taken = set(heap.known)
    return [ids.get(place) or _new_id(group, taken) for place, group in enumerate(groups)]


def _new_id(group: Group, taken: set[str]) -> str:
    first = min(group.members, key=lambda fact: (fact.report.published, fact.key))
    text = f"{first.event.type}|{first.company}|{first.key}"
    tries = (sha256(f"{text}|{salt}".encode()).hexdigest()[:16] for salt in count())
    ident = next(ident for ident in tries if ident not in taken)
    taken.add(ident)
    return ident


def _all(group: Group) -> list[Facts]:
    return [*group.members, *group.aside]


def _deal(  # noqa: PLR0913, PLR0917 - a deal is made of all that is known of it
    group: Group,
    parted: Partition,
    ident: str,
    linked: Mapping[str, str],
    heap: _Heap,
    constraints: Sequence[Constraint],
) -> Deal:
    found = _all(group)
    old = heap.known.get(ident)
    if old:  # what it hangs on may lie outside the block
        linked = {**{i: how for i, how in old.links.items() if i not in heap.known}, **linked}
    undecided = old is not None and old.review is Review.AUTO and not constraints
    if old and undecided and as_before(old, found, heap.keys[old.id]):
        return old if old.links == linked else replace(old, links=linked)
    revisions, choice = history(found, heap.names, heap.fx)
    review, event = decided(choice.event, found, constraints)
    told = (seated(fact, parted) for fact in found)
    reports = sorted(told, key=lambda r: (r.published, r.url, r.role))
    return Deal(
        id=ident,
        revision=_revision(old, event, len(revisions), heap),
        event=event,
        first_seen=min(fact.report.published for fact in group.members),
        updated=revisions[-1].at,
        reports=tuple(reports),
        history=revisions,
        conflicts=conflicts(found),
        review=review,
        links=linked,
        flags=flags(found, heap.fx),
    )


def _revision(old: Deal | None, event: Event, told: int, heap: _Heap) -> int:
    """Count revisions by the history; never back, and one more for every change worth telling."""
    if old is None:
        return told
    weight = material(old.event, event, heap.names, heap.fx, old.updated)
    return max(told, old.revision + bool(weight))


def _resolution(
    report: Report | None,
    heap: _Heap,
    made: Sequence[tuple[Group, Deal]],
    orphans: Sequence[Facts],
    why: Mapping[str, Verdict],
) -> Resolution:
    key = report_key(report) if report else ""
    touched = next((d for g, d in made if any(f.key == key for f in _all(g))), None)
    old = heap.known.get(touched.id) if touched else None
    verdict = why.get(key, Verdict(joins=False, score=0.0))
    change = changes(old.event if old else None, touched.event) if touched else {}
    weight = _weight(old, touched, heap)
    kept = {deal.id for _, deal in made}
    gone = {ident: _heir(ident, made, heap) for ident in heap.known if ident not in kept}
    changed = [deal for _, deal in made if deal is not heap.known.get(deal.id)]
    ended = [
        replace(heap.known[i], merged_into=heir, reports=()) for i, heir in gone.items() if heir
    ]
    return Resolution(
        deals=(*changed, *ended),
        touched=touched.id if touched else None,
        new=touched is not None and old is None,
        change=change,
        material={slot: pair for slot, pair in change.items() if slot in weight},
        score=verdict.score,
        reasons=verdict.reasons,
        merged={ident: heir for ident, heir in gone.items() if heir},
        split={d.id: h for g, d in made if d.id not in heap.known and (h := _parent(g, heap))},
        orphans=tuple(fact.report for fact in orphans),
    )


def _weight(old: Deal | None, touched: Deal | None, heap: _Heap) -> frozenset[str]:
    if touched is None:
        return frozenset()
    before = old.event if old else None
    return material(before, touched.event, heap.names, heap.fx, touched.updated)


def _heir(ident: str, made: Sequence[tuple[Group, Deal]], heap: _Heap) -> str:
    """Return the deal that now holds most reports of one that is no more."""
    shares = Counter(d.id for g, d in made for f in _all(g) if heap.home.get(f.key) == ident)
    return shares.most_common(1)[0][0] if shares else ""


def _parent(group: Group, heap: _Heap) -> str:
    """Return the deal that a new one came out of."""
    homes = Counter(heap.home[f.key] for f in group.members if f.key in heap.home)
    return homes.most_common(1)[0][0] if homes else ""


def as_of(deal: Deal, when: datetime, *, names: Names, fx: Fx) -> Deal | None:
    """Return what was known of `deal` at `when`; None if nothing was."""
    read = Reader(names, fx)
    found = [read(r).seated(r.seat) for r in deal.reports if r.seen_at <= when]
    if not any(fact.role is Role.REPORT for fact in found):
        return None
    revisions, choice = history(found, names, fx)
    return replace(
        deal,
        revision=len(revisions),
        event=choice.event,
        updated=revisions[-1].at,
        reports=tuple(fact.report for fact in found),
        history=revisions,
        conflicts=conflicts(found),
        review=Review.AUTO,
        flags=flags(found, fx),
    )
