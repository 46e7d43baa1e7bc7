"""
What people decided, as constraints on reports: kept for ever, undone by dropping one.

A decision names reports (`facts.report_key`), not deals, so it holds whatever deals the
reports would form without it, and in whatever order they came.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from crawler.resolve.facts import report_key
from crawler.types import Deal


class Act(StrEnum):
    """What a person can decide of deals."""

    MERGE = "merge"
    SPLIT = "split"
    CONFIRM = "confirm"
    CORRECT = "correct"
    REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """One decision. `one` belong together; of a split, no `other` belongs to `one`."""

    act: Act
    one: frozenset[str]
    other: frozenset[str] = frozenset()
    slots: Mapping[str, str] = field(default_factory=dict)  # slot -> value as JSON text
    reason: str = ""


def _keys(deal: Deal) -> frozenset[str]:
    return frozenset(report_key(report) for report in deal.reports)


def merge(kept: Deal, gone: Deal, reason: str = "") -> Constraint:
    """Return the decision that two deals are one."""
    return Constraint(act=Act.MERGE, one=_keys(kept) | _keys(gone), reason=reason)


def split(deal: Deal, urls: Collection[str], reason: str = "") -> Constraint:
    """Return the decision that the reports at `urls` tell another deal than the rest."""
    out = frozenset(report_key(report) for report in deal.reports if report.url in urls)
    return Constraint(act=Act.SPLIT, one=_keys(deal) - out, other=out, reason=reason)


def confirm(deal: Deal, reason: str = "") -> Constraint:
    """Return the decision that a deal is right as it stands."""
    return Constraint(act=Act.CONFIRM, one=_keys(deal), reason=reason)


def reject(deal: Deal, reason: str = "") -> Constraint:
    """Return the decision that these reports tell no deal at all."""
    return Constraint(act=Act.REJECT, one=_keys(deal), reason=reason)


def correct(deal: Deal, slots: Mapping[str, str], reason: str = "") -> Constraint:
    """Return the decision that some slots have these values (JSON text), whoever says what."""
    return Constraint(act=Act.CORRECT, one=_keys(deal), slots=slots, reason=reason)
