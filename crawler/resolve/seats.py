"""Why each report is in its deal, and what else it nearly was: kept, so that it can be shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from crawler.resolve.facts import Facts
from crawler.resolve.group import Group
from crawler.resolve.partition import Partition
from crawler.types import Deal, Report

_MISSES = 8  # near misses worth keeping


def seated(fact: Facts, found: Partition) -> Report:
    """Return a report with why it is where it is; what was not asked again keeps its seat."""
    verdict = found.why.get(fact.key)
    return replace(fact.report, seat=verdict.seat) if verdict else fact.report


def as_before(deal: Deal, found: Sequence[Facts], keys: Sequence[str]) -> bool:
    """Tell whether a deal has these reports (under `keys`) already, each in the same part."""
    if len(found) != len(keys):
        return False
    parts = {
        key: (report.seat.recalls, report.seat.alien) if report.seat else (False, False)
        for key, report in zip(keys, deal.reports, strict=True)
    }
    return all(parts.get(fact.key) == (fact.recalls, fact.alien) for fact in found)


def homes(found: Partition, ids: Iterable[str]) -> dict[str, str]:
    """Return the deal of every report in a group."""
    pairs = zip(found.groups, ids, strict=True)
    return {key: ident for group, ident in pairs for key in group.keys}


def apart(group: Group, found: Partition, home: Mapping[str, str]) -> dict[str, str]:
    """Return the deals that this one nearly was, each with what told the two apart."""
    told: dict[str, str] = {}
    for fact in group.members:
        for other, verdict in found.misses.get(fact.key, ()):
            if other.key in home and other.key not in group.keys:
                told.setdefault(home[other.key], "; ".join(verdict.reasons))
    return dict(list(told.items())[:_MISSES])
